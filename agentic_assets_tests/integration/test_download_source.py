"""A download as a system of record, from a real HTTP server with every fault that one can have."""

import gzip
import hashlib
import io
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.errors import ConfigInvalid, SourceUnreadable
from agentic_assets.sources import Csv, Download, Parquet
from agentic_assets_tests.integration.faulty_server import FaultyServer, answer, running

AB = Csv(("a", "b"))
CONTENT = b"a,b\n1,x\n2,y\n"
OTHER = b"a,b\n1,x\n2,z\n"
SHA = hashlib.sha256(CONTENT).hexdigest()
OLD, NOW = "Wed, 01 May 2024 11:00:00 GMT", "Wed, 01 May 2024 12:00:00 GMT"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with running() as made:
        yield made


def download(url: str, **options: Any) -> Download:
    return Download(url, options.pop("format", AB), **{"silence": 5.0, "seconds": 10.0, "pause": 0.01, **options})


def refused(source: Download) -> str:
    with pytest.raises(SourceUnreadable) as error:
        source.read()
    assert str(error.value).startswith(source.location)
    assert len(str(error.value)) < 700
    return str(error.value)


def files(folder: Path) -> list[str]:
    return sorted(path.suffix or "file" for path in folder.iterdir())


def test_a_file_is_downloaded_with_its_digest_as_version(server: FaultyServer) -> None:
    snapshot = download(server.at("/x.csv", answer(CONTENT))).read()
    assert snapshot.frame.rows() == [("1", "x", 1), ("2", "y", 2)]
    assert snapshot.version == SHA


def test_parquet_is_downloaded_as_well(server: FaultyServer) -> None:
    out = io.BytesIO()
    pl.DataFrame({"n": [7]}).write_parquet(out)
    url = server.at("/x.parquet", answer(out.getvalue()))
    assert download(url, format=Parquet({"n": pl.Int64()})).read().frame.rows() == [(7, 1)]


def test_a_body_in_chunks_is_read(server: FaultyServer) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (CONTENT[:5], CONTENT[5:])) + b"0\r\n\r\n"
    url = server.at("/x.csv", answer(body, length=-1, headers={"Transfer-Encoding": "chunked"}))
    assert download(url).read().version == SHA


def test_a_file_that_the_server_packs_unasked_is_unpacked(server: FaultyServer) -> None:
    packed = gzip.compress(CONTENT)
    url = server.at("/x.csv", answer(packed, headers={"Content-Encoding": "gzip"}))
    assert download(url).read().frame.height == 2
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


def test_an_encoding_that_nobody_asked_for_is_refused(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(CONTENT, headers={"Content-Encoding": "br"}))
    assert "sends the encoding 'br'" in refused(download(url))


# What passes when it is tried again


def test_a_server_in_trouble_is_asked_again(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(status=500), answer(status=503), answer(CONTENT))
    assert download(url).read().version == SHA
    assert len(server.asked) == 3


def test_a_server_that_stays_in_trouble_is_given_up_and_how_often_it_was_tried_is_said(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(status=502))
    assert "the server answers 502 (tried 3 times)" in refused(download(url, tries=3))
    assert len(server.asked) == 3


def test_a_body_that_ends_early_is_noticed_and_read_anew_from_its_beginning(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(OTHER[:-5], length=len(OTHER)), answer(CONTENT))
    assert download(url).read().version == SHA
    assert "Range" not in server.asked[1][1]


def test_a_body_that_always_ends_early_is_refused(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(CONTENT[:8], length=len(CONTENT)))
    assert "the download ended after 8 of 12 bytes (tried 2 times)" in refused(download(url, tries=2))


def test_chunks_that_end_early_are_refused(server: FaultyServer) -> None:
    for body in (b"c\r\na,b\n1", b"4\r\na,b\n\r\n"):
        url = server.at("/x.csv", answer(body, length=-1, headers={"Transfer-Encoding": "chunked"}))
        assert "in the middle of a chunk" in refused(download(url, tries=1))


def test_a_body_of_unknown_length_that_ends_early_is_refused_by_the_format(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(CONTENT[:-1], length=-1))
    assert "line 3: the last line does not end" in refused(download(url))


def test_a_connection_that_is_reset_is_tried_again(server: FaultyServer) -> None:
    def reset(handler: Any) -> None:
        # Closing with a linger of 0 seconds sends RST.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    url = server.at("/x.csv", reset, answer(CONTENT))
    assert download(url).read().version == SHA


def test_a_connection_that_is_closed_without_an_answer_is_tried_again(server: FaultyServer) -> None:
    assert download(server.at("/x.csv", lambda handler: None, answer(CONTENT))).read().version == SHA


def test_a_server_that_falls_silent_is_given_up(server: FaultyServer) -> None:
    def silent(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "12")
        handler.end_headers()
        handler.wfile.write(CONTENT[:4])
        server.stopping.wait(20)

    url = server.at("/x.csv", silent)
    assert "the server is silent" in refused(download(url, silence=0.2, tries=1))


def test_a_server_that_trickles_is_given_up_when_the_time_is_over(server: FaultyServer) -> None:
    def trickling(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not server.stopping.wait(0.05):
            handler.wfile.write(b"a,b\n")
            handler.wfile.flush()

    url = server.at("/x.csv", trickling)
    assert "the download takes longer than 0.4 s" in refused(download(url, silence=5.0, seconds=0.4, tries=1))


def test_a_port_on_which_nobody_listens_is_said(server: FaultyServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "the connection fails (Connection refused)" in refused(download(f"http://127.0.0.1:{port}/x.csv", tries=2))


# What does not pass


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, "has no such file"), (410, "no more"), (401, "wants a password"), (403, "forbids it"), (418, "does not")],
)
def test_a_refusal_is_believed_at_once(server: FaultyServer, status: int, message: str) -> None:
    assert message in refused(download(server.at("/x.csv", answer(b"no", status))))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [204, 206, 304])
def test_an_answer_that_is_not_the_whole_file_is_refused(server: FaultyServer, status: int) -> None:
    body = CONTENT[:4] if status == 206 else b""
    assert f"does not deliver the file ({status})" in refused(download(server.at("/x.csv", answer(body, status))))


def test_something_that_is_not_http_is_refused(server: FaultyServer) -> None:
    def ftp(handler: Any) -> None:
        handler.wfile.write(b"220 ftp.example ready\r\n\r\n")

    url = server.at("/x.csv", ftp)
    assert "does not speak HTTP" in refused(download(url))


def test_a_page_in_the_place_of_the_file_is_refused(server: FaultyServer) -> None:
    assert "line 1: the header lacks" in refused(download(server.at("/x.csv", answer(b"<html>log in</html>\n"))))


def test_a_file_that_says_to_be_too_large_is_not_even_begun(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(CONTENT, length=10**12))
    assert "the file is larger than 1,000 bytes" in refused(download(url, largest=1_000))


def test_a_file_that_turns_out_too_large_is_stopped(server: FaultyServer) -> None:
    url = server.at("/x.csv", answer(b"a,b\n" * 100_000, length=-1))
    assert "the file is larger than 1,000 bytes" in refused(download(url, largest=1_000))


def test_a_small_file_that_unpacks_to_a_large_one_is_stopped(server: FaultyServer) -> None:
    bomb = gzip.compress(b"a,b\n" + b"0,0\n" * 1_000_000)
    url = server.at("/x.csv", answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert "the archive holds more than 100,000 bytes" in refused(download(url, largest=100_000))
    plain = download(server.at("/x.csv.gz", answer(bomb)), format=Csv(("a", "b"), largest=100_000))
    assert "the archive holds more than 100,000 bytes" in refused(plain)


def test_another_file_than_the_one_required_is_refused(server: FaultyServer, tmp_path: Path) -> None:
    url = server.at("/x.csv", answer(OTHER))
    assert f"but {SHA} is required" in refused(download(url, sha256=SHA, keep=tmp_path))
    assert files(tmp_path) == []


# Redirects


def to(place: str, status: int = 302) -> Any:
    return answer(status=status, headers={"Location": place})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: FaultyServer, status: int) -> None:
    server.at("/new/x y.csv".replace(" ", "%20"), answer(CONTENT))
    assert download(server.at("/x.csv", to("/new/x y.csv", status))).read().version == SHA


def test_a_redirect_in_a_circle_is_left(server: FaultyServer) -> None:
    url = server.at("/x.csv", to("/y.csv"))
    server.at("/y.csv", to("/x.csv"))
    assert "redirects more than 5 times" in refused(download(url))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "place", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:text/csv,a", "//u:p@127.0.0.1/x", ""]
)
def test_a_redirect_to_anything_but_a_web_server_is_refused(server: FaultyServer, place: str) -> None:
    assert "the server redirects" in refused(download(server.at("/x.csv", to(place))))
    assert len(server.asked) == 1


def test_the_authorization_goes_to_the_first_server_only(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATES_AUTHORIZATION", "Bearer secret")
    server.at("/x.csv", answer(CONTENT))
    url = server.at("/here", to("/there"))
    server.at("/there", to(server.url.replace("127.0.0.1", "localhost") + "/x.csv"))
    download(url, authorization_from="RATES_AUTHORIZATION").read()
    assert [headers.get("Authorization") for _, headers in server.asked] == ["Bearer secret", "Bearer secret", None]


@pytest.mark.parametrize("value", [None, "", "two\r\nlines: secret"])
def test_an_authorization_that_is_no_header_is_refused_and_not_repeated(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("RATES_AUTHORIZATION", value)
    message = refused(download(server.at("/x.csv", answer(CONTENT)), authorization_from="RATES_AUTHORIZATION"))
    assert "RATES_AUTHORIZATION holds no header" in message
    assert "secret" not in message


# Keeping a download, and asking whether it has changed


def conditional(body: bytes, **headers: str) -> Any:
    """Answer 304 to whoever names the ETag or the date of this answer."""

    def given(handler: Any) -> None:
        known = handler.headers.get("If-None-Match") or handler.headers.get("If-Modified-Since")
        same = known is not None and known in (headers.get("ETag"), headers.get("Last-Modified"))
        # The library sends its own Date, so these answers are written by hand.
        lines = [f"{name}: {value}" for name, value in {"Date": NOW, **headers}.items()]
        status, content = ("304 Not Modified", b"") if same else ("200 OK", body)
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *lines])
        handler.wfile.write(f"{head}\r\n\r\n".encode() + content)

    return given


def asked_about(server: FaultyServer) -> list[str | None]:
    return [headers.get("If-None-Match") or headers.get("If-Modified-Since") for _, headers in server.asked]


@pytest.mark.parametrize(
    ("mark", "trusted"),
    [
        ({"ETag": '"v1"'}, '"v1"'),
        ({"ETag": 'W/"v1"'}, None),
        ({"Last-Modified": OLD}, OLD),
        ({"Last-Modified": NOW}, None),
        ({"Last-Modified": "yesterday"}, None),
        ({"ETag": 'W/"v1"', "Last-Modified": OLD}, OLD),
        ({}, None),
    ],
)
def test_only_a_mark_that_cannot_stay_while_the_bytes_change_spares_a_download(
    server: FaultyServer, tmp_path: Path, mark: dict[str, str], trusted: str | None
) -> None:
    source = download(server.at("/x.csv", conditional(CONTENT, **mark)), keep=tmp_path)
    assert [source.version(), source.read().version, source.version()] == [SHA, SHA, SHA]
    assert asked_about(server) == [None, trusted, trusted]


def test_bytes_that_change_under_a_weak_etag_are_a_new_version(server: FaultyServer, tmp_path: Path) -> None:
    weak = {"ETag": 'W/"same"'}
    source = download(server.at("/x.csv", conditional(CONTENT, **weak), conditional(OTHER, **weak)), keep=tmp_path)
    assert source.version() != source.version()


def test_a_new_file_takes_the_place_of_the_old_one(server: FaultyServer, tmp_path: Path) -> None:
    url = server.at("/x.csv", conditional(CONTENT, ETag='"1"'), conditional(OTHER, ETag='"2"'))
    source = download(url, keep=tmp_path)
    assert source.read().frame.item(1, "b") == "y"
    assert source.read().frame.item(1, "b") == "z"
    assert files(tmp_path) == [".json", "file"]


def test_the_version_that_was_planned_may_be_older_than_the_one_that_is_read(
    server: FaultyServer, tmp_path: Path
) -> None:
    """A file that changes between two looks is read as one state, and named by that state."""
    source = download(server.at("/x.csv", answer(CONTENT), answer(OTHER)), keep=tmp_path)
    assert source.version() == SHA
    snapshot = source.read()
    assert snapshot.version == hashlib.sha256(OTHER).hexdigest()
    assert snapshot.frame.item(1, "b") == "z"


@pytest.mark.parametrize("damage", [lambda f: f.write_bytes(b"a,b\n9,9\n"), lambda f: f.unlink()])
def test_a_kept_file_that_was_changed_is_not_believed(server: FaultyServer, tmp_path: Path, damage: Any) -> None:
    source = download(server.at("/x.csv", conditional(CONTENT, ETag='"1"')), keep=tmp_path)
    source.read()
    [kept] = [path for path in tmp_path.iterdir() if not path.suffix]
    damage(kept)
    assert source.read().version == SHA
    assert asked_about(server) == [None, None]


@pytest.mark.parametrize("note", [b"", b"[1]", b'{"sha256": 1}', b"\xff"])
def test_a_damaged_note_about_what_is_kept_costs_a_download_only(
    server: FaultyServer, tmp_path: Path, note: bytes
) -> None:
    source = download(server.at("/x.csv", conditional(CONTENT, ETag='"1"')), keep=tmp_path)
    source.read()
    next(tmp_path.glob("*.json")).write_bytes(note)
    assert source.read().version == SHA


def test_a_required_file_that_is_kept_is_not_asked_for_again(server: FaultyServer, tmp_path: Path) -> None:
    source = download(server.at("/x.csv", answer(CONTENT)), keep=tmp_path, sha256=SHA)
    assert source.version() == source.read().version == SHA
    assert len(server.asked) == 1


def test_a_download_that_fails_leaves_what_was_kept_and_nothing_half_written(
    server: FaultyServer, tmp_path: Path
) -> None:
    url = server.at("/x.csv", conditional(CONTENT, ETag='"1"'), answer(OTHER[:4], length=len(OTHER)))
    source = download(url, keep=tmp_path, tries=2)
    source.read()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    refused(source)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_two_urls_may_be_kept_in_one_folder(server: FaultyServer, tmp_path: Path) -> None:
    one = download(server.at("/x.csv", answer(CONTENT)), keep=tmp_path)
    two = download(server.at("/x.csv?of=2", answer(OTHER)), keep=tmp_path)
    assert [one.read().version == SHA, two.read().version == SHA, one.read().version == SHA] == [True, False, True]


def test_without_a_folder_nothing_stays(server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    download(server.at("/x.csv", answer(CONTENT))).read()
    assert os.listdir(tmp_path) == []


# What is refused when it is written, and what is never said


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/hostname", "goes over http or https to a host, not over 'file'"),
        ("x.csv", "goes over http or https to a host, not over 'nothing'"),
        ("https://", "to a host"),
        ("https://me:secret@h/x.csv", "the URL of h holds a user or password"),
        ("http://h:banana/secret", "has no valid URL"),
    ],
)
def test_a_url_that_could_never_be_downloaded_is_refused_when_it_is_written(url: str, message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message) as error:
        Download(url, AB)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("options", [{"sha256": "abc"}, {"sha256": SHA.upper()}, {"tries": 0}, {"largest": 0}])
def test_options_that_leave_no_way_to_succeed_are_refused_when_they_are_written(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigInvalid):
        Download("https://h/x.csv", AB, **options)


def test_the_query_of_a_url_is_never_shown(server: FaultyServer) -> None:
    source = download(server.at("/x.csv?token=secret", answer(status=404)))
    assert source.location == f"{server.url}/x.csv"
    assert "secret" not in refused(source)
