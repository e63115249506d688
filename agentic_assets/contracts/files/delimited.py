"""Read delimited text strictly: every cell text, every record as long as the header, every row with its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.files.content import refusal

__all__ = ["Dialect", "read_delimited"]

_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 200
_BLOCK: Final = 2**24
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written; None is found out from the file.

    `nulls` are the unquoted texts that mean null; `header` is False for a file whose first line is data, whose
    columns are then named column_1, column_2 and so on, or by `names`.
    """

    delimiter: str | None = None
    encoding: str | None = None
    nulls: tuple[str, ...] = ("",)
    header: bool = True
    names: tuple[str, ...] = ()


def read_delimited(content: bytes, path: Path, dialect: Dialect) -> tuple[pl.DataFrame, pl.Series, Dialect]:
    """Read every column as String; give the frame, each row's line in the file (from 1) and the dialect found.

    An unquoted cell in `nulls` is null, a quoted one is text. Raises SourceUnreadable, naming file and line, for bytes
    that are not of the encoding, NUL bytes, a header that lacks or repeats a name, and records longer or shorter than
    the header: such a file is refused whole, because what it lacks cannot be known.
    """
    text, encoding = _as_utf8(content, path, dialect.encoding)
    dialect = replace(dialect, encoding=encoding, delimiter=dialect.delimiter or _delimiter(text))
    first, skipped, start = _first_record(text, dialect)
    names = _header(first, path, skipped, dialect)
    frame = _parsed(text[start:] if dialect.header else text, names, path, dialect)
    return frame, _lines(frame, text, start, dialect), dialect


def _as_utf8(content: bytes, path: Path, encoding: str | None) -> tuple[bytes, str]:
    for mark, named in _MARKS:
        if encoding is None and content.startswith(mark):
            content, encoding = (content[len(mark) :] if named == "utf-8" else content), named
    encoding = encoding or "utf-8"
    try:
        known = codecs.lookup(encoding).name
        if known not in ("utf-8", "ascii"):
            content = content.decode(encoding).encode()
    except LookupError as error:
        raise refusal(path, f"there is no encoding {encoding!r:.60}", hint="e.g. utf-8, utf-16, cp1252") from error
    except UnicodeError as error:
        raise refusal(
            path, f"is not {encoding}: {str(error)[:120]}", hint="say which encoding it has, e.g. cp1252"
        ) from error
    if b"\n" not in content and b"\r" in content:
        content = content.replace(b"\r", b"\n")  # as old Macs end their lines
    at = content.find(b"\0")
    if at >= 0:
        raise refusal(
            path,
            f"byte {at + 1:,} is NUL: the file is binary, damaged, or UTF-16 without its mark",
            line=content.count(b"\n", 0, at) + 1,
            hint="if it is UTF-16, say that its encoding is utf-16-le or utf-16-be",
        )
    return content, encoding


def _records(text: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the number of lines read so far, as tolerant of stray quotes as the parser is."""
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field of more than 128 kB
            return
        yield reader.line_num, record


def _delimiter(text: bytes) -> str:
    """Find the delimiter that cuts the first records into the most, and equally many, fields."""
    sample = text[: 2**18]
    if len(sample) < len(text):
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        counts = [len(record) for _, record in islice(_records(sample, delimiter), _SAMPLE) if record]
        fields = counts[0] if counts else 0
        # One broken record shall not hide the delimiter: most of them have to agree, not all.
        if fields > most and counts.count(fields) * 10 >= len(counts) * 9:
            best, most = delimiter, fields
    if most == 1:
        header = text.partition(b"\n")[0].decode("utf-8", "replace")
        best = max(_DELIMITERS, key=lambda delimiter: (header.count(delimiter), delimiter == ","))
    return best


def _first_record(text: bytes, dialect: Dialect) -> tuple[list[str], int, int]:
    """Give the first record that is not blank, the lines before it, and the byte at which the next one begins."""
    assert dialect.delimiter is not None
    before = 0
    for lines, record in _records(text, dialect.delimiter):
        if record:
            at = 0
            for _ in range(lines):
                end = text.find(b"\n", at)
                at = len(text) if end < 0 else end + 1
            return record, before, at
        before = lines
    return [], 0, len(text)


def _header(first: list[str], path: Path, skipped: int, dialect: Dialect) -> list[str]:
    line = skipped + 1
    if not dialect.header:
        if dialect.names and len(dialect.names) != len(first):
            raise refusal(
                path,
                f"{_fields(len(first))} where {len(dialect.names)} columns are expected",
                line=line,
                hint=f"the columns are {', '.join(dialect.names)[:300]}",
            )
        return list(dialect.names) or [f"column_{number}" for number in range(1, len(first) + 1)]
    names = [name.strip() for name in first]
    unnamed = [str(position) for position, name in enumerate(names, start=1) if not name]
    if unnamed:
        raise refusal(
            path,
            f"the header gives no name to column {', '.join(unnamed[:8])} of {len(names)}",
            line=line,
            hint="name every column; where the first line is data, say that there is no header",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refusal(
            path,
            f"the header repeats {', '.join(repr(name[:40]) for name in twice[:8])}",
            line=line,
            hint="give each column its own name; where the first line is data, say that there is no header",
        )
    return names


def _parsed(text: bytes, names: list[str], path: Path, dialect: Dialect) -> pl.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow

    if not text.strip(b"\r\n"):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    places = [str(position) for position in range(len(names))]

    def parse(block: int) -> Any:
        return arrow.read_csv(
            pa.py_buffer(text),
            read_options=arrow.ReadOptions(column_names=places, block_size=block),
            parse_options=arrow.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=b'"' in text,
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()),
                null_values=list(dialect.nulls),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    try:
        try:
            table = parse(_BLOCK)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or len(text) >= 2**31:
                raise
            table = parse(len(text))  # one record is longer than a block
    except pa.ArrowInvalid as error:
        raise _why_not(text, names, path, dialect, str(error)) from error
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    frame.columns = names
    return frame


def _why_not(text: bytes, names: list[str], path: Path, dialect: Dialect, reason: str) -> Exception:
    """Find the line on which a file went wrong; only a refused file pays for the look."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return refusal(
            path,
            f"byte {error.object[error.start]:#04x} is not {dialect.encoding}",
            line=text.count(b"\n", 0, error.start) + 1 + int(dialect.header),
            hint="say which encoding it has, e.g. cp1252",
        )
    assert dialect.delimiter is not None
    end, first, ragged = 0, None, 0
    for lines, record in _records(text, dialect.delimiter):
        if len(record) != len(names) and (record or len(names) == 1):
            first = first or (end + 1 + int(dialect.header), len(record))
            ragged += 1
        end = lines
    if first is None:
        return refusal(path, f"cannot be read as CSV: {reason[:160]}", hint="check its quotes")
    more = f" (and {ragged - 1:,} more such records)" if ragged > 1 else ""
    return refusal(
        path,
        f"{_fields(first[1])} where the header has {len(names)}{more}",
        line=first[0],
        hint=f"deliver the file again, whole; or say its delimiter, it was cut at {dialect.delimiter!r}",
    )


def _fields(count: int) -> str:
    return f"{count} field{'' if count == 1 else 's'}"


def _lines(frame: pl.DataFrame, text: bytes, start: int, dialect: Dialect) -> pl.Series:
    """Number the line on which each row begins, counting line ends within quotes and blank lines."""
    before = text.count(b"\n", 0, start) if dialect.header else 0
    height = frame.height
    breaks = text.count(b"\n") + (not text.endswith(b"\n"))
    if breaks == before + height:
        return pl.int_range(before + 1, before + height + 1, dtype=pl.Int64, eager=True).alias("line")
    within = frame.select(
        pl.sum_horizontal(pl.col(name).str.count_matches("\n", literal=True).fill_null(0) for name in frame.columns)
        .cast(pl.Int64)
        .alias("line")
    ).to_series()
    if breaks == before + height + int(within.sum()):
        return (within.cum_sum() - within + pl.int_range(before + 1, before + height + 1, eager=True)).alias("line")
    assert dialect.delimiter is not None
    starts: list[int] = []
    end = 0
    for lines, record in _records(text, dialect.delimiter):
        if record or frame.width == 1:
            starts.append(end + 1)
        end = lines
    starts = starts[int(dialect.header) :]
    if len(starts) != height:  # stray quotes, read differently: at least the order is right
        return pl.int_range(before + 1, before + height + 1, dtype=pl.Int64, eager=True).alias("line")
    return pl.Series("line", starts, dtype=pl.Int64)
