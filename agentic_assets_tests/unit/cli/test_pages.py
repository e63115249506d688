"""The pages beside the UI: what a home holds for readers, and nothing else of it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.cli.pages import listening, serve
from agentic_assets.errors import ConfigInvalid


@pytest.fixture
def root(tmp_path: Path) -> Path:
    site = tmp_path / "home" / ".data_docs" / "run-1"
    (site / "movements").mkdir(parents=True)
    (site / "index.html").write_text("the index")
    (site / "movements" / "2013-02.html").write_text("February")
    (site / ".secret.html").write_text("hidden")
    (site / "key.pem").write_text("key")
    home = tmp_path / "home"
    (home / "data_docs").symlink_to(".data_docs/run-1")
    (home / "reports").mkdir()
    (home / "reports" / "year.html").write_text("the year")
    (home / "reports" / "away.html").symlink_to(home / "store.sqlite")
    (home / "store.sqlite").write_text("rows")
    (home / "keys").mkdir()
    (home / "keys" / "ledger.html").write_text("key")
    return home


@pytest.fixture
def port(root: Path) -> Iterator[int]:
    taken = listening("127.0.0.1", 0)
    server = serve(taken, root)
    yield int(taken.getsockname()[1])
    server.shutdown()
    server.server_close()


def ask(port: int, path: str, *, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", f"{host}:{port}")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/data_docs/", "the index"),
        ("/data_docs/index.html", "the index"),
        ("/data_docs/movements/2013-02.html", "February"),
        ("/reports/year.html?x=1#y", "the year"),
        ("/", "Data Docs"),
    ],
)
def test_pages_are_served(port: int, path: str, said: str) -> None:
    status, body, headers = ask(port, path)
    assert (status, said in body) == (200, True)
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["content-type"].startswith("text/html")


def test_a_folder_without_its_slash_leads_to_its_index(port: int) -> None:
    status, _, headers = ask(port, "/data_docs")
    assert (status, headers["location"]) == (302, "/data_docs/")


@pytest.mark.parametrize(
    "path",
    [
        "/store.sqlite",
        "/keys/ledger.html",
        "/data_docs/../store.sqlite",
        "/data_docs/../../home/keys/ledger.html",
        "/data_docs/%2e%2e/keys/ledger.html",
        "/data_docs/..%2fkeys%2fledger.html",
        "/data_docs/%5c..%5ckeys/ledger.html",
        "/data_docs//index.html",
        "/data_docs/.secret.html",
        "/.data_docs/run-1/index.html",
        "/data_docs/key.pem",
        "/reports/away.html",
        "/reports/",
        "/catalog/",
        "/data_docs/index.html%00.html",
        "/data_docs/" + "x" * 5_000,
        "data_docs/index.html",
        "http://127.0.0.1/store.sqlite",
    ],
)
def test_nothing_else_of_the_home_is_reached(port: int, path: str) -> None:
    status, body, _ = ask(port, path)
    assert status == 404
    assert "rows" not in body
    assert "key" not in body


def test_a_site_that_points_its_own_name_here_gets_nothing(port: int) -> None:
    assert ask(port, "/data_docs/", host="evil.example")[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(port: int, method: str) -> None:
    assert ask(port, "/data_docs/", method=method)[0] == 501


def test_a_taken_port_is_said_before_anything_starts() -> None:
    with listening("127.0.0.1", 0) as taken, pytest.raises(ConfigInvalid, match="--docs-port"):
        listening("127.0.0.1", int(taken.getsockname()[1]))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked at under /proc")
def test_the_server_ends_with_the_process_that_started_it(root: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from agentic_assets.cli.pages import beside, listening\n"
        "taken = listening('127.0.0.1', 0)\n"
        "child = beside(taken, Path(sys.argv[1]), frozenset())\n"
        "print(child.pid, taken.getsockname()[1], flush=True)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child, port = map(int, parent.stdout.readline().split())
    assert ask(port, "/data_docs/")[0] == 200
    parent.kill()
    parent.communicate(timeout=30)
    deadline = time.monotonic() + 30
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(child)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except OSError:
        return False
