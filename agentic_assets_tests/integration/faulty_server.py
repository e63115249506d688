"""A real HTTP server on a port of its own, whose answers a test writes, faults included."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Answer", "FaultyServer", "answer", "running"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        owner: FaultyServer = self.server.owner
        owner.asked.append((self.path, dict(self.headers)))
        answers = owner.answers[self.path]
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        try:
            given(self)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough, as it should

    def log_message(self, *arguments: Any) -> None:
        pass


Answer = Callable[[_Handler], None]


class FaultyServer:
    """What it was asked, and what it answers to each path: one after the other, the last one for ever."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.stopping = threading.Event()

    def at(self, path: str, *answers: Answer) -> str:
        """Answer so at a path; give its URL."""
        self.answers[path] = list(answers)
        return self.url + path


def answer(
    body: bytes = b"", status: int = 200, *, length: int | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Give an answer; another `length` than that of the body is a lie, below 0 it is not told."""

    def given(handler: _Handler) -> None:
        handler.send_response(status)
        told = len(body) if length is None else length
        for name, value in {**({"Content-Length": str(told)} if told >= 0 else {}), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return given


@contextmanager
def running() -> Iterator[FaultyServer]:
    """Run the server in a thread, on a port that was free."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    made = FaultyServer(f"http://127.0.0.1:{server.server_port}")
    server.owner = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
