"""A small domain of three nodes on a real lake and a real store: readings -> daily totals -> a running sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import Contract, load
from agentic_assets.home import Home
from agentic_assets.pipeline import STATIC, Batch, Calendar, Cut, Engine, Graph, Input, Node, Window, by_day

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: toy-{name}
name: {name}
version: 1.0.0
status: active
domain: toy
schema:
  - name: {name}
    logicalType: object
    properties:
      - {{name: day, logicalType: date, required: true, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: meter, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2}}
      - {{name: value, logicalType: integer, required: true, logicalTypeOptions: {{minimum: 0, maximum: 1000}}}}
"""

CALENDAR = Calendar("America/New_York", date(2013, 1, 1), date(2013, 1, 10))


class Toy:
    """The graph, and the rows that its source delivers, which a test may change."""

    def __init__(self, tmp_path: Path) -> None:
        self.home = Home.at(tmp_path / "home")
        self.contracts = {name: _contract(tmp_path, name) for name in ("readings", "totals")}
        self.rows = pl.DataFrame(
            {
                "day": [day for day in CALENDAR.days() for _ in range(40)],
                "meter": [f"m{number:02d}" for _ in CALENDAR.days() for number in range(40)],
                "value": ["7"] * 40 * 10,
            }
        )
        self.computed: list[tuple[str, tuple[str, ...]]] = []
        self.engines: list[Engine] = []

    def engine(
        self, *, code: str = "code-1", compute: Callable[[Batch], Mapping[str, pl.DataFrame]] | None = None
    ) -> Engine:
        """Open an engine, as another process would."""
        landed = Node(
            asset="raw/readings",
            group="raw",
            cut=Cut.STATIC,
            contract=None,
            raw_schema={"day": pl.String(), "meter": pl.String(), "value": pl.String()},
            compute=self._watch("raw/readings", lambda batch: {STATIC: self.rows}),
            code_version="code-1",
        )
        readings = Node(
            asset="sources/readings",
            group="sources",
            cut=Cut.DAY,
            contract=self.contracts["readings"],
            compute=self._watch("sources/readings", _readings),
            code_version="code-1",
            inputs=(Input("raw/readings"),),
        )
        totals = Node(
            asset="features/totals",
            group="features",
            cut=Cut.DAY,
            contract=self.contracts["totals"],
            compute=self._watch("features/totals", compute or _totals),
            code_version=code,
            inputs=(Input("sources/readings", Window(back=2)),),
        )
        # The source has no version of its own here: a changed frame is a changed delivery.
        landed = replace(landed, code_version=str(hash(tuple(self.rows.rows()))))
        engine = Engine(Graph(CALENDAR, (landed, readings, totals)), self.home)
        self.engines.append(engine)
        return engine

    def retype(self, name: str, old: str, new: str) -> None:
        """Change the type of a contract's columns."""
        path = self.home.root.parent / f"{name}.odcs.yaml"
        text = path.read_text()
        assert f"logicalType: {old}" in text
        path.write_text(text.replace(f"logicalType: {old}", f"logicalType: {new}"))
        self.contracts[name] = load(path)

    def _watch(
        self, asset: str, compute: Callable[[Batch], Mapping[str, pl.DataFrame]]
    ) -> Callable[[Batch], Mapping[str, pl.DataFrame]]:
        def watched(batch: Batch) -> Mapping[str, pl.DataFrame]:
            self.computed.append((asset, batch.partitions))
            return compute(batch)

        return watched


def _readings(batch: Batch) -> Mapping[str, pl.DataFrame]:
    return {name: batch.read("raw/readings").filter(pl.col("day") == name) for name in batch.partitions}


def _totals(batch: Batch) -> Mapping[str, pl.DataFrame]:
    read = batch.read("sources/readings")
    made = {}
    for name in batch.partitions:
        day = date.fromisoformat(name)
        near = read.filter(pl.col("day").is_between(date.fromordinal(day.toordinal() - 2), day))
        total = near.group_by("meter").agg(pl.col("value").sum()).sort("meter")
        made[name] = total.select(pl.lit(day).alias("day"), "meter", "value")
    return made


def _contract(tmp_path: Path, name: str) -> Contract:
    path = tmp_path / f"{name}.odcs.yaml"
    path.write_text(CONTRACT.format(name=name))
    return load(path)


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """Give a fresh home with nothing in it."""
    made = Toy(tmp_path)
    yield made
    for engine in made.engines:
        engine.store.close()


__all__ = ["CALENDAR", "Toy", "by_day"]
