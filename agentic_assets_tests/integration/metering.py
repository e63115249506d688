"""A domain of meters, small enough to be ruled on in processes: a delivered CSV, daily readings, running totals."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from agentic_assets.contracts import load
from agentic_assets.evidence import Domain
from agentic_assets.pipeline import (
    STATIC,
    Batch,
    Calendar,
    Check,
    Cut,
    External,
    Graph,
    Input,
    Node,
    Window,
    by_day,
)
from agentic_assets.versions import of_bytes

__all__ = ["DAYS", "FOLDER", "READINGS", "TOTALS", "deliver", "metering", "read_rows"]

FOLDER = "METERING_FOLDER"
READINGS, TOTALS = "sources/readings", "features/totals"
CALENDAR = Calendar("America/New_York", date(2013, 1, 1), date(2013, 1, 6))
DAYS = CALENDAR.days()
COLUMNS = ("day", "meter", "value", "owner")

_CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: {name}
name: {name}
version: 1.0.0
status: active
domain: metering
customProperties:
  - {{property: maxRefusedShare, value: 0.1}}
schema:
  - name: {name}
    properties:
      - {{name: day, logicalType: date, required: true, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: meter, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2}}
      - {{name: value, logicalType: integer, required: true, logicalTypeOptions: {{minimum: 0, maximum: 1000}}}}
{more}
"""
_MORE = """      - {name: owner, logicalType: string, classification: confidential, logicalTypeOptions: {maxLength: 20}}
      - {name: source_row, logicalType: integer}
"""


def read_rows(folder: Path) -> pl.DataFrame:
    """Read the delivered file as text."""
    return pl.read_csv(folder / "readings.csv", infer_schema=False, empty_string_is_null=True)


def deliver(
    folder: Path, cells: Mapping[tuple[str, str], str] | None = None, more: Sequence[Sequence[str]] = ()
) -> None:
    """Deliver 20 meters a day, each with the value 7, but for some cells (day, meter) and with more rows at the end."""
    rows = [
        (day, f"m{number:02d}", (cells or {}).get((day, f"m{number:02d}"), "7"), f"owner {number}")
        for day in DAYS
        for number in range(20)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    given = [*rows, *(tuple(row) for row in more)]
    pl.DataFrame(given, schema=dict.fromkeys(COLUMNS, pl.String), orient="row").write_csv(folder / "readings.csv")


def metering(folder: Path | None = None) -> Domain:
    """Put the domain together over the file in a folder."""
    place = folder or Path(os.environ[FOLDER])
    contracts = {}
    for name, more in (("readings", _MORE), ("totals", "")):
        path = place / f"{name}.odcs.yaml"
        text = _CONTRACT.format(name=name, more=more)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        contracts[name] = load(path)

    def land(batch: Batch) -> Mapping[str, pl.DataFrame]:
        frame = read_rows(place).with_row_index("source_row", offset=1)
        frame = frame.select(*COLUMNS, pl.col("source_row").cast(pl.Int64))
        lost = frame.filter(pl.col("day").str.to_date(strict=False).is_null())
        batch.check("dated", STATIC, passed=lost.is_empty(), description=f"{lost.height} rows without a day")
        batch.set_aside(STATIC, lost, rule="dated", column="day")
        return {STATIC: frame}

    def readings(batch: Batch) -> Mapping[str, pl.DataFrame]:
        landed = batch.read("raw/readings").with_columns(pl.col("day").str.to_date(strict=False))
        wanted = pl.Series(batch.partitions).str.to_date()
        return by_day(landed.filter(pl.col("day").is_in(wanted.implode())), batch.partitions)

    def totals(batch: Batch) -> Mapping[str, pl.DataFrame]:
        made = {}
        for name in batch.partitions:
            total = batch.read(READINGS, name).group_by("meter").agg(pl.col("value").sum()).sort("meter")
            made[name] = total.select(pl.lit(name).str.to_date().alias("day"), "meter", "value")
        return made

    nodes = (
        Node(
            asset="raw/readings",
            group="raw",
            cut=Cut.STATIC,
            contract=None,
            raw_schema={**dict.fromkeys(COLUMNS, pl.String()), "source_row": pl.Int64()},
            compute=land,
            code_version="1",
            externals=(
                External(
                    "meters/readings",
                    "the readings as they came",
                    lambda: of_bytes((place / "readings.csv").read_bytes()),
                    location="readings.csv",
                ),
            ),
            checks=(Check("dated", "Every row has a day.", blocking=False),),
        ),
        Node(
            asset=READINGS,
            group="sources",
            cut=Cut.DAY,
            contract=contracts["readings"],
            compute=readings,
            code_version="1",
            inputs=(Input("raw/readings"),),
        ),
        Node(
            asset=TOTALS,
            group="features",
            cut=Cut.DAY,
            contract=contracts["totals"],
            compute=totals,
            code_version="1",
            inputs=(Input(READINGS, Window(back=1)),),
        ),
    )
    return Domain("metering", "Meters", "Made-up meters.", "meters", Graph(CALENDAR, nodes), (), entries=READINGS)
