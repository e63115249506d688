"""The bids behind a decision, told with the bid to which they lost."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import polars as pl

from agentic_assets.coordination import sweep
from agentic_assets.coordination.node import GROUP
from agentic_assets.evidence.bids import bids_behind
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry
from agentic_assets_tests.unit.coordination.cases import bid, frame

_DAY = "2013-02-08"


@dataclass
class _Graph:
    """Two inputs of a decision, of which one settles bids."""

    settled: pl.DataFrame

    @property
    def domain(self) -> Any:
        groups = {"coordination/r": GROUP, "proposals/a": "proposals"}
        return SimpleNamespace(graph={name: SimpleNamespace(group=group) for name, group in groups.items()})

    def at(self, asset: str, versions: dict[str, str]) -> pl.DataFrame:
        assert (asset, versions) == ("coordination/r", {_DAY: "v"})
        return self.settled


def _behind(entity: str, agent: str, *bids: Any) -> list[dict[str, Any]]:
    reading = cast(Reading, _Graph(sweep(frame(*bids), {"r": 1})))
    inputs = {"proposals/a": {_DAY: "u"}, "coordination/r": {_DAY: "v"}}
    entry = cast(Entry, SimpleNamespace(partition=_DAY, inputs=inputs))
    return bids_behind(reading, entry, {"entity": entity, "agent": agent})


def test_a_lost_bid_names_who_got_the_unit() -> None:
    (told,) = _behind("e-low", "a@1.0.0", bid("low", 5), bid("high", 9, 1, agent="b@1.0.0"))
    assert (told["asset"], told["reason"], told["lost_to_cents"]) == ("coordination/r", "preempted", 9)
    assert told["rival"] == {"agent": "b@1.0.0", "entity": "e-high"}


def test_bids_of_other_agents_for_the_same_entity_are_not_its_own_but_those_of_the_rule_before_are() -> None:
    offered = [bid("one", 5, entity="x"), bid("two", 9, 1, entity="x", agent="b@1.0.0")]
    offered += [bid("three", 1, 2, entity="x", agent="fallback:a@1.0.0")]
    assert [told["bid_id"] for told in _behind("x", "a@1.0.0", *offered)] == ["one", "three"]


def test_a_decision_without_a_bid_tells_of_none() -> None:
    assert _behind("nobody", "a@1.0.0", bid("one", 5)) == []
