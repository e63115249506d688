"""Reading delivered CSV files; the refusals of the reference domain's files are in unit/departures/test_landing."""

import gzip
import io
import zipfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ConfigInvalid, SourceUnreadable
from agentic_assets.sources import Csv

AB = Csv(("a", "b"))
ROWS = b"a,b\n1,x\n2,y\n"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def test_every_value_is_text_and_nothing_is_missing_unless_it_is_said_so() -> None:
    read = AB.parse(b"a,b\nNA,\n01,NULL\n", "x.csv")
    assert read.rows() == [("NA", ""), ("01", "NULL")]
    assert read.schema == {"a": pl.String(), "b": pl.String()}


def test_what_means_missing_becomes_null() -> None:
    assert Csv(("a", "b"), missing=("NA", "-")).parse(b"a,b\nNA,\n-,x\n", "x.csv").rows() == [(None, ""), (None, "x")]


def test_an_empty_cell_can_mean_missing_and_a_quoted_one_still_does_not() -> None:
    assert Csv(("a", "b"), missing=("",)).parse(b'a,b\n,x\n"",y\n', "x.csv").rows() == [(None, "x"), ("", "y")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_read_and_commas_are_text_then(delimiter: str) -> None:
    content = f"a{delimiter}b\n1,5{delimiter}x\n".encode()
    assert Csv(("a", "b"), delimiter=delimiter).parse(content, "x.csv").rows() == [("1,5", "x")]


def test_a_file_without_a_header_takes_the_declared_columns_in_their_order() -> None:
    assert Csv(("a", "b"), header=False).parse(b"1,x\n2,y\n", "x.csv").rows() == [("1", "x"), ("2", "y")]


def test_a_ragged_line_without_a_header_is_named_by_its_own_number() -> None:
    with pytest.raises(SourceUnreadable, match=r"x\.csv, line 2: 3 fields where 2 are declared"):
        Csv(("a", "b"), header=False).parse(b"1,x\n2,y,z\n", "x.csv")


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-8", "utf-8-sig"])
def test_another_encoding_is_read(encoding: str) -> None:
    content = "a,b\n1,Aeroméxico\n".encode(encoding)
    assert Csv(("a", "b"), encoding=encoding).parse(content, "x.csv").item(0, "b") == "Aeroméxico"


def test_gzip_and_zip_are_known_by_their_first_bytes_whatever_the_name() -> None:
    assert AB.parse(gzip.compress(ROWS), "download").equals(AB.parse(ROWS, "x.csv"))
    assert AB.parse(zipped(x_csv=ROWS), "download").equals(AB.parse(ROWS, "x.csv"))


def test_the_member_of_a_larger_archive_is_chosen_by_its_name() -> None:
    archive = zipped(x_csv=ROWS, y_csv=b"c\n1\n", readme_txt=b"hello")
    assert Csv(("a", "b"), member="x.csv").parse(archive, "all.zip").height == 2
    with pytest.raises(SourceUnreadable, match="the archive holds 2 CSV files where 1 is expected"):
        AB.parse(archive, "all.zip")


@pytest.mark.parametrize("kept", [5, 20, -9, -1])
def test_a_truncated_gzip_is_refused(kept: int) -> None:
    with pytest.raises(SourceUnreadable, match=r"x\.csv\.gz: the archive is truncated or damaged"):
        AB.parse(gzip.compress(ROWS)[:kept], "x.csv.gz")


def test_a_gzip_with_flipped_bits_is_refused() -> None:
    content = bytearray(gzip.compress(ROWS * 50))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(SourceUnreadable, match="the archive is truncated or damaged"):
        AB.parse(bytes(content), "x.csv.gz")


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(x_csv=content)], ids=["gzip", "zip"])
def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused_before_it_fills_the_memory(pack: object) -> None:
    bomb = pack(b"a,b\n" + b"0,0\n" * 1_000_000)  # type: ignore[operator]
    assert len(bomb) < 20_000
    with pytest.raises(SourceUnreadable, match="the archive holds more than 1,000,000 bytes"):
        Csv(("a", "b"), largest=1_000_000).parse(bomb, "x")


def test_a_zip_that_lies_about_its_size_is_not_believed() -> None:
    content = zipped(x_csv=b"a,b\n" + b"0,0\n" * 100_000)
    lying = content.replace((400_004).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(SourceUnreadable):
        Csv(("a", "b"), largest=1_000).parse(lying, "x.zip")


def test_a_quote_that_is_never_closed_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match="a quote is opened and never closed"):
        AB.parse(b'a,b\n1,"x\n2,y\n', "x.csv")


def test_a_long_file_with_quotes_is_counted_across_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    from agentic_assets.sources import csv

    content = b"a,b\n" + b'1,"x,\ny"\n22,z\n' * 40
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr(csv, "_CHUNK", size)
        assert AB.parse(content, "x.csv").height == 80
        with pytest.raises(SourceUnreadable, match=r"line 82: 3 fields where the header has 2 \(and so on 1 further"):
            AB.parse(content + b"1,2,3\n4\n", "x.csv")


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)] * 2), min_size=1
    )
)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_whatever_was_written_as_csv_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    import csv

    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("a", "b"), *rows])
    assert AB.parse(out.getvalue().encode(), "x.csv").rows() == rows


@given(st.binary(max_size=200))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_any_bytes_are_read_or_refused_and_never_anything_else(content: bytes) -> None:
    for form in (AB, Csv(("a", "b"), header=False)):
        told = "x.csv"
        try:
            form.parse(content, "x.csv")
        except SourceUnreadable as error:
            told = str(error)
        assert told.startswith("x.csv")
        assert len(told) < 700


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Csv(()), "needs columns"),
        (lambda: Csv(("a", "a")), "each named once"),
        (lambda: Csv(("a", "source_row")), "none of them `source_row`"),
        (lambda: Csv(("a",), delimiter="||"), "not one ASCII character"),
        (lambda: Csv(("a",), delimiter='"'), "not one ASCII character"),
        (lambda: Csv(("a",), encoding="klingon"), "there is no encoding 'klingon'"),
    ],
)
def test_options_that_cannot_be_read_with_are_refused_when_they_are_written(make: object, message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message):
        make()  # type: ignore[operator]


def test_the_version_of_the_code_counts_the_options_that_shape_the_rows() -> None:
    assert AB.code_version == Csv(("a", "b")).code_version
    assert AB.code_version != Csv(("a", "b"), missing=("NA",)).code_version
