"""Small deliveries: the first days of the real files, which a test may then damage."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from agentic_assets.domains.departures.landing import DELIVERIES, delivered_folder

__all__ = ["Deliveries"]

Rows = list[dict[str, str]]


class Deliveries:
    """A folder with the files of the system of record, cut to the first days of January."""

    def __init__(self, folder: Path, *, days: int = 3) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("planes", "airports", "airlines"):
            shutil.copy(delivered_folder() / DELIVERIES[name].file, folder)
        for name in ("flights", "weather"):
            self.write_text(name, _first_days(name, days))

    def path(self, name: str) -> Path:
        """Where a delivered file lies."""
        return self.folder / DELIVERIES[name].file

    def text(self, name: str) -> str:
        """The text of a delivered file."""
        return _text(self.path(name))

    def write_text(self, name: str, text: str) -> None:
        """Deliver a file with this text."""
        path = self.path(name)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(path.stem, text)
        else:
            path.write_text(text)

    def change(self, name: str, change: Callable[[Rows], Rows]) -> None:
        """Deliver a file whose rows went through `change`."""
        header, rows = _read(self.path(name))
        self._write(name, header, change(rows))

    def without_column(self, name: str, column: str) -> None:
        """Deliver a file that lacks a column."""
        header, rows = _read(self.path(name))
        self._write(name, [other for other in header if other != column], rows)

    def _write(self, name: str, header: list[str], rows: Rows) -> None:
        out = io.StringIO()
        writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.write_text(name, out.getvalue())


@cache  # the year is read once a process
def _first_days(name: str, days: int) -> str:
    lines = csv.reader(io.StringIO(_text(delivered_folder() / DELIVERIES[name].file)))
    header = next(lines)
    month, day = header.index("month"), header.index("day")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(row for row in lines if row[month] == "1" and int(row[day]) <= days)
    return out.getvalue()


def _text(path: Path) -> str:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(path.stem).decode()
    return path.read_text(encoding="utf-8", errors="replace")


def _read(path: Path) -> tuple[list[str], Rows]:
    reader = csv.DictReader(io.StringIO(_text(path)))
    rows = list(reader)
    return list(reader.fieldnames or ()), rows
