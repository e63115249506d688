"""Read a delivered CSV file as it is: every value text, nothing dropped, nothing guessed, refused when not whole."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from agentic_assets.errors import ConfigInvalid, SourceUnreadable
from agentic_assets.sources.archive import unpacked
from agentic_assets.sources.source import SOURCE_ROW, require_columns
from agentic_assets.versions import of_code, of_json

__all__ = ["Csv"]

_NEWLINE, _QUOTE = 10, 34
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 24
_HINT = "deliver the file again, whole; nothing of it was landed"


@dataclass(frozen=True)
class Csv:
    """The CSV files of one delivery: their columns, in any order, and how they are written.

    Every column is landed as String. A text in `missing` becomes null; an empty cell stays an empty text unless the
    empty text is `missing` too, and a quoted one stays even then. Bytes that the encoding does not know become the
    replacement character. A zip archive must hold one `member`; gzip is read as well. `largest` bounds the bytes
    unpacked. Without a `header` the columns stand in the declared order.
    """

    names: tuple[str, ...]
    delimiter: str = ","
    missing: tuple[str, ...] = ()
    header: bool = True
    encoding: str = "utf-8"
    member: str = "*.csv"
    largest: int = 1 << 32

    def __post_init__(self) -> None:
        if not self.names or len(set(self.names)) != len(self.names) or SOURCE_ROW in self.names:
            raise ConfigInvalid(f"a CSV needs columns, each named once, none of them `{SOURCE_ROW}`")
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '\r\n"':
            raise ConfigInvalid(f"the delimiter {self.delimiter[:10]!r} is not one ASCII character besides the quote")
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise ConfigInvalid(f"there is no encoding {self.encoding[:40]!r}", hint="use utf-8, cp1252 ...") from error

    @property
    def kinds(self) -> tuple[str, ...]:
        """CSV."""
        return ("csv",)

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The declared columns, all String."""
        return dict.fromkeys(self.names, pl.String())

    @property
    def code_version(self) -> str:
        """Digest this code and the options."""
        return of_json([of_code(Csv), asdict(self)])

    def parse(self, content: bytes, where: str) -> pl.DataFrame:
        """Give the data rows as text, in the declared order of columns.

        Raises SourceUnreadable, naming file and line, for a file that is empty, truncated, ragged or damaged, or whose
        header is not the declared one: such a file is refused whole, because what it lacks cannot be known.
        """
        content = self._text(unpacked(content, where, member=self.member, largest=self.largest))
        rows = self._checked_rows(content, where)
        try:
            frame = pl.read_csv(
                content,
                separator=self.delimiter,
                has_header=self.header,
                new_columns=None if self.header else list(self.names),
                infer_schema=False,
                null_values=[text for text in self.missing if text] or None,
                empty_string_is_null="" in self.missing,
                encoding="utf8-lossy",
            )
        except pl.exceptions.PolarsError as error:
            raise _refusal(where, None, str(error).partition("\n")[0][:200]) from error
        if frame.height != rows:
            raise _refusal(where, None, f"{rows} rows were counted but {frame.height} could be read")
        return frame.select(self.names)

    def _text(self, content: bytes) -> bytes:
        """Give UTF-8 without a byte order mark; UTF-8 itself is not decoded here, the reader does."""
        if codecs.lookup(self.encoding).name not in ("utf-8", "utf-8-sig"):
            content = content.decode(self.encoding, "replace").encode()
        return content.removeprefix(_BYTE_ORDER_MARK)

    def _checked_rows(self, content: bytes, where: str) -> int:
        """Count the data rows, after checking the header and that each line has as many fields as there are columns."""
        if not content.strip():
            raise _refusal(where, None, "the file is empty")
        if self.header:
            line = content[: content.find(b"\n")] if b"\n" in content else content
            header = [
                name.strip().strip('"') for name in line.decode("utf-8", "replace").strip("\r\n").split(self.delimiter)
            ]
            require_columns(header, list(self.names), f"{where}, line 1", "the header", _HINT)
        lines = _lines(content, ord(self.delimiter), len(self.names))
        if lines.open_quote:
            raise _refusal(where, None, "a quote is opened and never closed")
        if content[-1:] != b"\n":
            raise _refusal(where, lines.count + 1, "the last line does not end: the file is truncated")
        if self.header and lines.count < 2:
            raise _refusal(where, 1, "the file is empty below its header")
        if lines.ragged:
            expected = f"the header has {len(self.names)}" if self.header else f"{len(self.names)} are declared"
            more = f" (and so on {lines.ragged - 1} further lines)" if lines.ragged > 1 else ""
            raise _refusal(where, lines.first_ragged, f"{lines.fields_there} fields where {expected}{more}")
        return lines.count - 1 if self.header else lines.count


@dataclass(frozen=True)
class _Lines:
    count: int
    ragged: int
    first_ragged: int
    fields_there: int
    open_quote: bool


def _lines(content: bytes, delimiter: int, width: int) -> _Lines:
    """Count lines, and those of another width, in chunks, so that memory does not grow with the file."""
    symbols, has_quotes = np.frombuffer(content, dtype=np.uint8), b'"' in content
    count = ragged = first_ragged = fields_there = quotes = before = 0
    for start in range(0, len(symbols), _CHUNK):
        chunk = symbols[start : start + _CHUNK]
        is_delimiter, is_newline = chunk == delimiter, chunk == _NEWLINE
        if has_quotes:  # delimiters and line ends inside quotes are text
            is_quote = chunk == _QUOTE
            outside = (np.cumsum(is_quote, dtype=np.int64) + quotes) % 2 == 0
            is_delimiter &= outside
            is_newline &= outside
            quotes += int(is_quote.sum())
        delimiters, ends = np.flatnonzero(is_delimiter), np.flatnonzero(is_newline)
        if len(ends):
            fields = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
            fields[0] += before
            wrong = np.flatnonzero(fields != width)
            if len(wrong) and not ragged:
                first_ragged, fields_there = count + int(wrong[0]) + 1, int(fields[wrong[0]])
            ragged += len(wrong)
            before = len(delimiters) - int(np.searchsorted(delimiters, ends[-1]))
            count += len(ends)
        else:
            before += len(delimiters)
    return _Lines(count, ragged, first_ragged, fields_there, quotes % 2 == 1)


def _refusal(where: str, line: int | None, what: str) -> SourceUnreadable:
    return SourceUnreadable(f"{where if line is None else f'{where}, line {line}'}: {what}", hint=_HINT)
