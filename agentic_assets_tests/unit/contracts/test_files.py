"""Reading one file: what is there, on which line, or why the file is refused whole."""

import csv
import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts.files import Dialect, Rows, read_file
from agentic_assets.contracts.files.content import content_of
from agentic_assets.errors import SourceUnreadable


def rows(folder: Path, content: bytes, name: str = "x.csv", dialect: Dialect | None = None) -> Rows:
    path = folder / name
    path.write_bytes(content)
    return read_file(path, dialect)


@pytest.mark.parametrize(
    ("content", "cells", "lines"),
    [
        (b'a,b\n1,2\n"",\nx,y', [("1", "2"), ("", None), ("x", "y")], [2, 3, 4]),
        (b"a;b\n1,5;2\n3;4,2\n", [("1,5", "2"), ("3", "4,2")], [2, 3]),
        (b"a\tb\n1\t2\n", [("1", "2")], [2]),
        (b"a|b\n1|2\n", [("1", "2")], [2]),
        (b"a\n1\n\n3\n", [("1",), (None,), ("3",)], [2, 3, 4]),
        (
            b'a,b\n1,"x\ny"\n3,4\n5,"p\r\nq"\n7,8\n',
            [("1", "x\ny"), ("3", "4"), ("5", "p\r\nq"), ("7", "8")],
            [2, 4, 5, 7],
        ),
        (b"\n\na,b\n1,2\n\n3,4\n\n", [("1", "2"), ("3", "4")], [4, 6]),
        (b'a,b\n1,"x\ny"\n\n3,4\n', [("1", "x\ny"), ("3", "4")], [2, 5]),
        (b'a,b\n5" pipe,2\n', [('5" pipe', "2")], [2]),
        (b"a,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")], [2, 3]),
        (b"a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")], [2, 3]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [("1", "2")], [2]),
        ("a,b\n1,é\n".encode("utf-16"), [("1", "é")], [2]),
        (b'a,b\n007,"NA"\n', [("007", "NA")], [2]),
    ],
)
def test_every_cell_is_text_and_every_row_knows_its_line(
    tmp_path: Path, content: bytes, cells: list[tuple[str | None, ...]], lines: list[int]
) -> None:
    read = rows(tmp_path, content)
    assert read.frame.rows() == cells
    assert read.numbers.to_list() == lines
    assert set(read.frame.dtypes) == {pl.String()}
    assert (read.kind, read.counted, read.texts) == ("csv", "line", "anything")


def test_a_record_longer_than_a_block_is_read(tmp_path: Path) -> None:
    long = "x" * 2**25
    read = rows(tmp_path, f'a,b\n1,"{long}"\n2,y\n'.encode())
    assert read.frame["b"].to_list() == [long, "y"]


def test_null_is_what_the_dialect_says_unless_it_stands_in_quotes(tmp_path: Path) -> None:
    read = rows(tmp_path, b'a,b\nNA,1\n"NA",2\n,3\n', dialect=Dialect(nulls=("NA",)))
    assert read.frame["a"].to_list() == [None, "NA", ""]


def test_without_a_header_columns_are_numbered_or_named(tmp_path: Path) -> None:
    assert rows(tmp_path, b"1,2\n3,4\n", dialect=Dialect(header=False)).frame.columns == ["column_1", "column_2"]
    named = rows(tmp_path, b"1,2\n3,4\n", dialect=Dialect(header=False, names=("x", "y")))
    assert (named.frame.columns, named.numbers.to_list()) == (["x", "y"], [1, 2])


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"a,b\n1,2\n1\n3,4\n5\n", "line 3", "1 field where the header has 2 (and 1 more such records)"),
        (b"a,b\n1,2,3\n3,4\n", "line 2", "3 fields where the header has 2"),
        (b'a,b\n1,2\n"5 pipe,2\n3,4\n', "line 3", "1 field where the header has 2"),
        (b"a,a,b\n1,2,3\n", "line 1", "the header repeats 'a'"),
        (b"a,,\n1,2,3\n", "line 1", "no name to column 2, 3 of 3"),
        (b"a,b\n1,2\n1,\xe9\n", "line 3", "byte 0xe9 is not utf-8"),
        (b"a,b\n1,2\n1,\x002\n", "line 3", "byte 11 is NUL"),
        ("a,b\n1,é\n".encode("utf-16-le"), "line 1", "UTF-16 without its mark"),
        (b"", "", "the file is empty"),
        (b" \n\n", "", "the file is empty"),
        (b"PK\x03\x04aaa", "", "a zip archive"),
        (b"\x1f\x8baaa", "", "packed with gzip"),
    ],
)
def test_a_damaged_text_file_is_refused_with_its_line(tmp_path: Path, content: bytes, where: str, what: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        rows(tmp_path, content)
    assert what in str(refused.value)
    assert f"x.csv{', ' + where if where else ''}:" in str(refused.value)
    assert refused.value.hint


def test_an_encoding_is_taken_as_said(tmp_path: Path) -> None:
    assert rows(tmp_path, b"a\n\xe9\n", dialect=Dialect(encoding="cp1252")).frame["a"].to_list() == ["é"]
    with pytest.raises(SourceUnreadable, match="no encoding 'klingon'"):
        rows(tmp_path, b"a\n1\n", dialect=Dialect(encoding="klingon"))
    with pytest.raises(SourceUnreadable, match="is not utf-16-le"):
        rows(tmp_path, b"a\n1", dialect=Dialect(encoding="utf-16-le", delimiter=","))


def packed(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    assert rows(tmp_path, gzip.compress(b"a,b\n1,2\n"), "x.csv.gz").frame.rows() == [("1", "2")]
    assert rows(tmp_path, packed("y.csv", b"a,b\n1,2\n"), "x.csv.zip").frame.rows() == [("1", "2")]
    assert rows(tmp_path, packed("y.jsonl", b'{"a":1}\n'), "x.zip").frame.rows() == [(1,)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv.gz", gzip.compress(b"a,b\n1,2\n" * 100)[:-20]),
        ("x.csv.gz", b"a,b\n"),
        ("x.csv.zip", b"a,b\n"),
        ("x.csv.zip", packed("y.csv", b"a,b\n1,2\n" * 100)[:-30]),
        ("x.parquet", b"PAR1aaaaaaa"),
        ("x.parquet", b"a,b\n1,2\n"),
        ("x.jsonl", b'{"a":1}\n{"a":'),
        ("x.json", b'[{"a":1}]'),
    ],
    ids=["cut gzip", "no gzip", "no zip", "cut zip", "cut Parquet", "no Parquet", "cut JSON lines", "no JSON lines"],
)
def test_a_damaged_binary_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match=name):
        rows(tmp_path, content, name)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": range(1000)}).write_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    for end in (len(content) - 1, len(content) // 2, 8):
        with pytest.raises(SourceUnreadable, match="truncated or damaged Parquet"):
            rows(tmp_path, content[:end], "x.parquet")


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * 2**22))
    with pytest.raises(SourceUnreadable, match="holds more than"):
        content_of(tmp_path / "bomb.csv.gz", limit=2**20)


def test_folders_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="is a folder"):
        read_file(tmp_path)
    with pytest.raises(SourceUnreadable, match="no such file"):
        read_file(tmp_path / "none.csv")


def test_parquet_keeps_its_types_and_its_odd_names(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, None], "b*": ["1", "x"]})
    frame.write_parquet(tmp_path / "odd [1]*.parquet")
    read = read_file(tmp_path / "odd [1]*.parquet")
    assert read.frame.equals(frame)
    assert (read.texts, read.counted, read.numbers.to_list()) == ("nothing", "row", [1, 2])


CELLS = st.text(st.sampled_from('ab ,;"\n\r7é\t'), max_size=6)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=8)))
def test_what_the_csv_module_wrote_is_read_back_with_the_lines_it_stands_on(records: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([f"c{number}" for number in range(len(records[0]))])
    lines = []
    for record in records:
        lines.append(buffer.getvalue().count("\n") + 1)
        writer.writerow(record)
    with tempfile.TemporaryDirectory() as folder:
        read = rows(Path(folder), buffer.getvalue().encode(), dialect=Dialect(delimiter=","))
    assert [list(row) for row in read.frame.rows()] == records
    assert read.numbers.to_list() == lines
