"""From a home to a file: what is read, and how it comes to its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts.gating.quarantine import SCHEMA as QUARANTINE
from agentic_assets.evidence import Domain, Reading, Subject
from agentic_assets.evidence.report import write_report
from agentic_assets.evidence.report.gathering import gather
from agentic_assets.evidence.report.writing import publish
from agentic_assets.features import Entities, FeatureSet
from agentic_assets.home import Home
from agentic_assets.ledger import Ledger
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Node, by_day
from agentic_assets.versions import Pins
from agentic_assets_tests.unit.evidence.report_material import POLICY, SPEC, material, summary

# January has no model in it, so that its scores count for nothing.
_WHOLE = material(12, first=date(2013, 1, 25))
_PINS = Pins.of(SPEC.pin, POLICY.pin)
_CALENDAR = Calendar("America/New_York", _WHOLE.days[0], _WHOLE.days[-1])


class _Plant:
    """A real home with a real graph, whose nodes give the rows of the made-up agent."""

    def __init__(self, root: Path) -> None:
        self.home = Home.at(root)
        decided = _WHOLE.decided.with_columns(pl.col("score_bp").fill_null(0), pl.lit(_PINS.digest).alias("pins"))
        outcomes = decided.select(
            pl.col("entity").alias("machine_id"), "day", pl.col("bad").alias("failed"), "loss_cents"
        )
        self.frames = {
            "sources/readings": decided.select("entity", "day"),
            "decisions/risk": decided.drop("bad", "loss_cents"),
            "outcomes/machines": outcomes,
            "outcomes/scorecard": _WHOLE.scorecard,
            "outcomes/kpis": _WHOLE.kpis,
            "actions/outbox": decided.select("day", "decision_id").with_columns(state=pl.lit("done")),
        }
        models = _WHOLE.models.with_columns(payload=pl.lit("secret text of a model"))
        nodes = [self._node(asset, Cut.DAY, frame) for asset, frame in self.frames.items()]
        nodes.append(self._node("models/risk", Cut.MONTH, models))
        self.graph = Graph(_CALENDAR, tuple(nodes))
        self.domain = Domain(
            name="plant",
            title="Plant",
            description="A made-up plant.",
            owner="plant-operations",
            graph=self.graph,
            subjects=(_subject(),),
            entries="sources/readings",
        )
        self.engine = Engine(self.graph, self.home)
        self.reading = Reading(self.domain, self.home)

    def _node(self, asset: str, cut: Cut, frame: pl.DataFrame) -> Node:
        def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
            if asset == "sources/readings":
                first = batch.partitions[0]
                batch.aside[first] = pl.DataFrame(
                    [[7, "in_range", "temperature", "1048", "in_range", '{"name":"a secret"}']],
                    schema=QUARANTINE,
                    orient="row",
                )
            if cut is Cut.MONTH:
                return {month: frame.filter(pl.col("month") == month) for month in batch.partitions}
            return by_day(frame, batch.partitions)

        return Node(
            asset=asset,
            group=asset.partition("/")[0],
            cut=cut,
            contract=None,
            raw_schema=dict(frame.schema),
            compute=compute,
            code_version="1",
            pins=(SPEC.pin, POLICY.pin),
        )

    def run(self, days: tuple[date, ...]) -> None:
        for node in self.graph.nodes:
            wanted = _CALENDAR.partitions(node.cut, [day.isoformat() for day in days])
            self.engine.run(node, wanted, run_id="run")

    def close(self) -> None:
        self.engine.store.close()
        self.reading.close()


def _subject() -> Subject:
    entities = Entities("sources/readings", "machine_id", "at", timedelta(hours=2), ("machine_id",))
    return Subject(
        agent=SPEC,
        feature_set=FeatureSet("readings", "1.0.0", "test", entities, (), (), (), (), "UTC"),
        policy=POLICY,
        features="features/readings",
        model="models/risk",
        proposals="proposals/risk",
        decisions="decisions/risk",
        ledger="governance/ledger",
        log="example.com/plant",
        outbox="actions/outbox",
        outcomes="outcomes/machines",
        scorecard="outcomes/scorecard",
        kpis="outcomes/kpis",
        lookups=(),
    )


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[_Plant]:
    """A plant in which nothing ran yet."""
    made = _Plant(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Plant]:
    """A plant in which every day ran, shared by tests that only read it."""
    made = _Plant(tmp_path_factory.mktemp("plant") / "home")
    made.run(_WHOLE.days)
    yield made
    made.close()


def test_what_is_read_from_a_home_is_what_was_published_in_it(ran: _Plant) -> None:
    found = gather(ran.reading, summary(_WHOLE))
    expected = _WHOLE.decided.with_columns(pl.lit(_PINS.digest).alias("pins"))
    assert found.decided.equals(expected)
    assert found.scorecard.equals(_WHOLE.scorecard)
    assert (found.noun, found.label) == ("machine", "failed")
    assert {use.pin for use in found.pins} == set(_PINS)
    assert all(use.decisions == expected.height for use in found.pins)
    assert found.missing == ()


def test_a_score_that_no_model_gave_is_not_taken_for_one(ran: _Plant) -> None:
    found = gather(ran.reading, summary(_WHOLE)).decided
    without = found.filter(pl.col("day") < date(2013, 2, 1))
    assert without.get_column("score_bp").null_count() == without.height > 0
    assert found.filter(pl.col("day") >= date(2013, 2, 1)).get_column("score_bp").null_count() == 0


def test_a_part_of_the_days_is_read_alone_and_the_absent_ones_are_known(plant: _Plant) -> None:
    plant.run(_WHOLE.days[:5])
    part = replace(_WHOLE, days=_WHOLE.days[2:8])
    found = gather(plant.reading, summary(part))
    assert found.decided.get_column("day").unique().sort().to_list() == list(_WHOLE.days[2:5])
    assert found.missing == _WHOLE.days[5:8]


def test_the_report_lies_in_the_reports_of_its_home_under_domain_and_days(ran: _Plant) -> None:
    path = write_report(ran.reading, summary(_WHOLE))
    assert path == ran.home.reports / "plant-2013-01-25-2013-02-05.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_writing_it_again_gives_the_same_bytes(ran: _Plant) -> None:
    first = write_report(ran.reading, summary(_WHOLE)).read_bytes()
    assert write_report(ran.reading, summary(_WHOLE)).read_bytes() == first


def test_neither_a_refused_row_nor_the_text_of_a_model_is_in_the_report(ran: _Plant) -> None:
    page = write_report(ran.reading, summary(_WHOLE)).read_text(encoding="utf-8")
    assert "1048" in page
    assert "secret" not in page


def test_a_home_in_which_nothing_ran_gets_a_report_that_says_so(plant: _Plant) -> None:
    empty = summary(replace(_WHOLE, decided=_WHOLE.decided.clear(), scorecard=_WHOLE.scorecard.clear()))
    page = write_report(plant.reading, empty).read_text(encoding="utf-8")
    assert "No decision is recorded" in page


def test_the_key_of_a_sealed_log_is_given(plant: _Plant) -> None:
    ledger = Ledger(plant.reading.store, plant.home.keys, "example.com/plant")
    ledger.seal("2013-01-20", [b"{}"], ["ab" * 16])
    assert gather(plant.reading, summary(_WHOLE)).verifier == str(ledger.verifier)


def test_a_page_that_cannot_be_written_leaves_the_old_one_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "report.html"
    publish(path, "old")
    with pytest.raises(UnicodeEncodeError):
        publish(path, "half \ud800")
    assert path.read_text() == "old"
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]
