"""Serve the pages that a home holds, read-only, beside the UI."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from agentic_assets.errors import ConfigInvalid

__all__ = ["FOLDERS", "beside", "listening", "serve"]

FOLDERS: Final = ("data_docs", "reports", "catalog")

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "text/plain; charset=utf-8",
}
# Pages bring their own styles and scripts; whatever is in one may neither reach another host nor be framed by one.
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' "
    "'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def listening(host: str, port: int) -> socket.socket:
    """Take the port, so that a taken one is known before anything starts; raise ConfigInvalid when it cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, OverflowError) as error:
        raise ConfigInvalid(
            f"the pages cannot be served on {host}:{port}: {getattr(error, 'strerror', None) or error}",
            hint="choose another port with --docs-port",
        ) from error


def beside(taken: socket.socket, root: Path, hosts: frozenset[str]) -> subprocess.Popen[bytes]:
    """Serve on a listening socket in a process of its own, which ends when this one does, whatever ends it."""
    os.set_inheritable(taken.fileno(), True)
    program = "import sys; from agentic_assets.cli.pages import serve_inherited; serve_inherited(*sys.argv[1:])"
    arguments = [str(taken.fileno()), str(os.getpid()), str(root), *sorted(hosts)]
    return subprocess.Popen([sys.executable, "-c", program, *arguments], pass_fds=[taken.fileno()])


def serve_inherited(descriptor: str, parent: str, root: str, *hosts: str) -> None:
    """Serve on an inherited socket until the process that started this one is gone."""
    server = serve(socket.socket(fileno=int(descriptor)), Path(root), frozenset(hosts))
    try:
        while os.getppid() == int(parent):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass  # Ctrl-C reaches everything in the terminal; whoever started this one says goodbye
    server.shutdown()


def serve(taken: socket.socket, root: Path, hosts: frozenset[str] = frozenset()) -> ThreadingHTTPServer:
    """Serve the folders of pages below `root` on a listening socket, in a thread; give the running server.

    Only GET and HEAD, only files below those folders, only under the names of `hosts` and of this machine: a page of
    another site that points its name here gets nothing.
    """
    allowed = hosts | _LOCAL

    class Pages(BaseHTTPRequestHandler):
        server_version, sys_version = "pages", ""
        timeout = 30

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            status, kind, content = _found(root, self.path, self.headers.get("Host", ""), allowed)
            self.send_response(status)
            if status == HTTPStatus.FOUND:
                self.send_header("Location", content.decode())
                content = b""
            headers = {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(content))}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass  # the terminal belongs to the UI

    server = ThreadingHTTPServer(taken.getsockname()[:2], Pages, bind_and_activate=False)
    server.socket.close()
    server.socket = taken
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _found(root: Path, target: str, host: str, allowed: frozenset[str]) -> tuple[HTTPStatus, str, bytes]:
    if _name(host) not in allowed:
        return _said(
            HTTPStatus.FORBIDDEN, "this server is not known under that name; AGENTIC_DOCS_URL gives it another"
        )
    path = unquote(urlsplit(target).path)
    parts = path.split("/")[1:]
    if path == "/":
        return HTTPStatus.OK, _TYPES[".html"], _home(root)
    if not path.startswith("/") or parts[0] not in FOLDERS or any(_hidden(part) for part in parts[:-1]):
        return _said(HTTPStatus.NOT_FOUND, "there is no such page")
    try:
        # The folder may be a pointer to the newest site; nothing in it may point out of it.
        folder = (root / parts[0]).resolve(strict=True)
        file = folder.joinpath(*parts[1:]).resolve(strict=True)
        if not file.is_relative_to(folder) or _hidden(parts[-1] or "index.html"):
            return _said(HTTPStatus.NOT_FOUND, "there is no such page")
        if file.is_dir():
            if parts[-1]:
                return HTTPStatus.FOUND, _TYPES[".txt"], f"/{'/'.join(parts)}/".encode()
            file = (file / "index.html").resolve(strict=True)
        if file.suffix not in _TYPES or not file.is_relative_to(folder):
            return _said(HTTPStatus.NOT_FOUND, "there is no such page")
        return HTTPStatus.OK, _TYPES[file.suffix], file.read_bytes()
    except (OSError, ValueError, RuntimeError):
        return _said(HTTPStatus.NOT_FOUND, "there is no such page; it may not have been made yet")


def _hidden(part: str) -> bool:
    return not part or part.startswith(".") or "\\" in part or "\0" in part


def _name(host: str) -> str:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.strip("[]").lower()


def _home(root: Path) -> bytes:
    names = {"data_docs": "Data Docs: statistics, expected and found", "reports": "Reports", "catalog": "Contracts"}
    items = []
    for folder in FOLDERS:
        if (root / folder / "index.html").is_file():
            items.append(f'<li><a href="/{folder}/">{names[folder]}</a></li>')
        elif (root / folder).is_dir():
            pages = sorted(page.name for page in (root / folder).glob("*.html"))
            items += [f'<li><a href="/{folder}/{page}">{page}</a></li>' for page in pages if page.isascii()]
    listed = f"<ul>{''.join(items)}</ul>" if items else "<p>Nothing was made yet: run <code>agentic run</code>.</p>"
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pages</title><style>body{font:16px/1.5 system-ui;'
        f"max-width:50rem;margin:2rem auto;padding:0 1rem}}</style><h1>Pages of this home</h1>{listed}</html>\n"
    ).encode()


def _said(status: HTTPStatus, words: str) -> tuple[HTTPStatus, str, bytes]:
    return status, _TYPES[".txt"], f"{status.value} {words}\n".encode()
