"""Two mornings of the storm of February on a real lake, with a copy of the recordings that a test may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from agentic_assets.agents.llm import LlmAgent, Recordings, llm_node
from agentic_assets.contracts import load_folder
from agentic_assets.domains.departures import station_brief
from agentic_assets.domains.departures.feature_sets import STATION_MORNING
from agentic_assets.domains.departures.mornings import mornings
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Node, PartitionResult, by_day
from agentic_assets_tests.unit.departures.year import tables

__all__ = ["Desk", "year"]

DAYS = ("2013-02-09", "2013-02-10")
CONTRACTS = Path(__file__).parents[3] / "contracts" / "departures"
FEATURES, PROPOSALS = "features/station_morning", "proposals/station_brief"


@cache
def year() -> pl.DataFrame:
    """Give what was known of every morning of 2013."""
    inputs = tables() | {"sources/mornings": mornings(tables()["sources/schedule"])}
    return STATION_MORNING.compute(inputs, (date(2013, 1, 1), date(2013, 12, 31)))


class Desk:
    """Two days of mornings, and the file of recordings, which a test may change."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "station_brief.jsonl"
        self.path.write_bytes(station_brief.agent().recordings.path.read_bytes())
        contracts = load_folder(CONTRACTS)
        rows = year().filter(pl.col("day").cast(pl.String).is_in(DAYS))

        def made(batch: Batch) -> dict[str, pl.DataFrame]:
            return by_day(rows, batch.partitions)

        features = Node(
            asset=FEATURES,
            group="features",
            cut=Cut.DAY,
            # Its rules about the sources are not what is tested here.
            contract=contracts["station_morning"],
            compute=made,
            code_version="1",
        )
        proposals = llm_node(
            PROPOSALS,
            self.agent,
            feature_set=STATION_MORNING,
            features=FEATURES,
            contract=contracts["station_brief_proposals"],
            code=(station_brief.situations,),
            context=station_brief.context,
        )
        calendar = Calendar("America/New_York", date(2013, 2, 9), date(2013, 2, 10))
        self.engine = Engine(Graph(calendar, (features, proposals)), Home.at(folder / "home"))

    def agent(self) -> LlmAgent:
        """Give the agent with what the file holds now."""
        return replace(station_brief.agent(), recordings=Recordings(self.path))

    def run(self) -> list[PartitionResult]:
        """Make both assets, and give what became of the proposals."""
        self.engine.run(self.engine.graph[FEATURES], DAYS, run_id="run")
        return self.engine.run(self.engine.graph[PROPOSALS], DAYS, run_id="run")

    def forget(self, morning: str) -> str:
        """Take the recording for a morning out of the file; gives its line."""
        rows = year().filter(pl.col("morning_id") == morning)
        [asked] = self.agent().answers(rows)
        lines = self.path.read_text().splitlines(keepends=True)
        self.path.write_text("".join(line for line in lines if asked.answer.key not in line))
        return next(line for line in lines if asked.answer.key in line)
