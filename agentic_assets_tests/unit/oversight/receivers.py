"""Real receivers of alerts on this machine: an HTTP server, and an SMTP server spoken to line by line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Hook", "Post", "hook", "post_office"]


@dataclass
class Hook:
    """What an HTTP server was sent: method, path, headers and body of each request."""

    url: str = ""
    status: int = 204
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def hook() -> Iterator[Hook]:
    """Serve HTTP on a free port of this machine; answers with `status`, and a redirect where that is 302."""
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append(("POST", self.path, dict(self.headers), body))
            self.send_response(told.status)
            if told.status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            told.requests.append(("GET", self.path, dict(self.headers), b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/hooks/secret"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Post:
    """What an SMTP server was sent: sender, recipients and content of each message."""

    server: str = ""
    refuses: bool = False
    messages: list[tuple[str, list[str], str]] = field(default_factory=list)


@contextmanager
def post_office() -> Iterator[Post]:
    """Serve SMTP (RFC 5321, without extensions) on a free port of this machine."""
    post = Post()
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda reader, writer: _talk(post, reader, writer), "127.0.0.1", 0)
        post.server = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            await stopped.wait()

    stopped = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _talk(post: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()

    sender, recipients = "", list[str]()
    await say("220 here")
    while line := (await reader.readline()).decode().strip():
        command = line.upper()
        if command.startswith(("EHLO", "HELO")):
            await say("250 here")
        elif command.startswith("MAIL FROM:"):
            sender, recipients = line[10:].split(" ")[0].strip("<>"), []
            await say("250 ok")
        elif command.startswith("RCPT TO:"):
            recipients.append(line[8:].strip("<>"))
            await say("550 nobody of that name" if post.refuses else "250 ok")
        elif command == "DATA":
            await say("354 go on")
            content = (await reader.readuntil(b"\r\n.\r\n")).decode()
            post.messages.append((sender, recipients, content.removesuffix(".\r\n").replace("\r\n..", "\r\n.")))
            await say("250 taken")
        elif command == "QUIT":
            await say("221 bye")
            break
        else:
            await say("250 ok")
    writer.close()
