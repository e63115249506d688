"""What the catalogue reads of feature sets: who uses what, what may be shown, and what changed between versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.domains import load_domain
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.catalog.feature_sets.gathering import changes_between, masked_features
from agentic_assets.evidence.catalog.feature_sets.using import agents, consumers
from agentic_assets.evidence.catalog.feature_sets.watching import drift_of, read_drift
from agentic_assets.features.card import card
from agentic_assets.home import Home
from agentic_assets.pipeline import Graph

ASSET = "features/departure_delay"


@pytest.fixture(scope="module")
def domain() -> Domain:
    return load_domain("departures")


def classed(domain: Domain, asset: str, **classes: str | None) -> Graph:
    """Give the graph with other classes for some columns of an asset's contract."""

    def other(column: Any) -> Any:
        return replace(column, classification=classes[column.name]) if column.name in classes else column

    nodes = []
    for node in domain.graph.nodes:
        if node.asset == asset and node.contract:
            contract = replace(node.contract, columns=tuple(other(column) for column in node.contract.columns))
            nodes.append(replace(node, contract=contract))
        else:
            nodes.append(node)
    return Graph(domain.graph.calendar, tuple(nodes))


def test_nothing_is_masked_where_the_contract_opens_every_feature(domain: Domain) -> None:
    assert masked_features(DEPARTURE_DELAY, domain.graph[ASSET].contract, domain.graph) == frozenset()


def test_a_feature_that_its_contract_closes_is_masked(domain: Domain) -> None:
    graph = classed(domain, ASSET, wx_temp="confidential", carrier="restricted")
    assert masked_features(DEPARTURE_DELAY, graph[ASSET].contract, graph) == {"wx_temp", "carrier"}


def test_a_feature_without_a_class_is_as_closed_as_what_it_is_made_of(domain: Domain) -> None:
    graph = classed(domain, "sources/weather", temp="confidential")
    assert masked_features(DEPARTURE_DELAY, None, graph) == {"wx_temp"}
    assert masked_features(DEPARTURE_DELAY, graph[ASSET].contract, graph) == frozenset()
    without = classed(domain, ASSET, wx_temp=None)[ASSET].contract
    assert masked_features(DEPARTURE_DELAY, without, graph) == {"wx_temp"}


def test_assets_are_named_with_the_features_that_they_read(domain: Domain) -> None:
    read = {consumer.asset: consumer for consumer in consumers(domain, ASSET, DEPARTURE_DELAY)}
    assert read["models/legacy_table"].features == ("carrier", "origin", "hour")
    assert len(read["models/delay_risk"].features) == len(DEPARTURE_DELAY.features)
    assert not read["features/departure_delay_proofs"].named
    assert "governance/ledger" not in read


def test_an_agent_is_reached_by_the_features_of_its_model_and_its_decisions(domain: Domain) -> None:
    read = consumers(domain, ASSET, DEPARTURE_DELAY)
    agent, rules = agents(domain, ASSET, DEPARTURE_DELAY, read)
    assert (rules.id, rules.reads) == ("turnaround@1.0.0", ("inbound_slack_minutes",))
    assert (agent.id, agent.wants, len(agent.reads)) == ("delay_risk@1.1.0", "departure_delay@1.0.0", 60)
    few = [replace(one, features=one.features[:2]) for one in read if one.asset == "models/delay_risk"]
    agent, _ = agents(domain, ASSET, DEPARTURE_DELAY, tuple(few))
    assert agent.reads == ("carrier", "origin")


def older(**changes: Any) -> dict[str, Any]:
    return {**card(DEPARTURE_DELAY), "version": "0.9.0", "digest": "0" * 64, **changes}


def test_a_published_version_that_is_what_is_defined_changed_nothing() -> None:
    assert changes_between([("1.0.0", card(DEPARTURE_DELAY))], DEPARTURE_DELAY) == ()


def test_each_version_is_compared_with_the_next_and_the_last_with_the_definition() -> None:
    fewer = older(features=card(DEPARTURE_DELAY)["features"][1:])
    first = older(version="0.8.0", digest="1" * 64, features=fewer["features"][1:])
    one, two = changes_between([("0.8.0", first), ("0.9.0", fewer)], DEPARTURE_DELAY)
    assert (one.old, one.new) == ("0.8.0", "0.9.0")
    assert ("compatible", "origin", "was added (String, code)") in one.changes
    assert (two.old, two.new) == ("0.9.0", "1.0.0")
    assert ("compatible", "carrier", "was added (String, code)") in two.changes


def test_content_that_changed_under_one_number_is_told_as_what_it_is_now() -> None:
    [change] = changes_between([("1.0.0", older(version="1.0.0", lookback_days=30))], DEPARTURE_DELAY)
    assert change.new == "1.0.0 as it is now"
    assert change.changes[0][:2] == ("values", "lookback_days")


@pytest.mark.parametrize("broken", [{"digest": "0"}, {"features": None}, {"features": [{}]}, {"sources": 3}])
def test_a_record_that_cannot_be_compared_is_said_to_be_so(broken: dict[str, Any]) -> None:
    told = broken if "digest" in broken else older(**broken)
    [change] = changes_between([("0.9.0", told)], DEPARTURE_DELAY)
    assert (change.changes, bool(change.problem)) == ((), True)


def test_the_watch_over_a_set_is_found_whether_or_not_an_agent_names_it(domain: Domain, tmp_path: Path) -> None:
    reading = Reading(replace(domain, subjects=()), Home.at(tmp_path))
    try:
        found = drift_of(reading.domain, ASSET, DEPARTURE_DELAY, reading.manifest, reading.lake)
        assert drift_of(reading.domain, "sources/weather", DEPARTURE_DELAY, reading.manifest, reading.lake) is None
    finally:
        reading.close()
    assert found is not None
    assert found.asset == "features/departure_delay_drift"
    assert "an incident" in found.policy


def test_drift_is_read_by_day_and_by_statistic() -> None:
    first, second = date(2013, 2, 8), date(2013, 2, 9)
    told = {"view": "origin", "history": 60, "threshold": 2.0, "verdict": "steady", "reason": "as usual"}
    rows = pl.DataFrame(
        [
            {**told, "day": second, "measure": "mean", "feature": "late", "times": 2.0, "over": True},
            {**told, "day": second, "measure": "psi", "feature": "late", "times": 0.5, "over": False},
            {**told, "day": first, "measure": "psi", "feature": "late", "times": 1.5, "over": True},
            {**told, "day": first, "measure": "psi", "feature": "new", "threshold": None, "times": None, "over": False},
            {
                **told,
                "day": second,
                "measure": "mean",
                "feature": "never",
                "threshold": 0.0,
                "times": None,
                "over": True,
            },
        ]
    ).with_columns(pl.when(day=second).then(pl.lit("drift")).otherwise("verdict").alias("verdict"))
    found = read_drift("features/watched", "Drift warns.", rows)
    assert found.verdicts == {first: "steady", second: "drift"}
    assert found.reasons == {second: "as usual"}
    assert found.over == {first: (1, 1), second: (0, 1)}
    assert found.moved == {
        ("psi", "late"): ((first, 1.5), (second, 0.5)),
        ("mean", "late"): ((second, 2.0),),
        ("mean", "never"): ((second, float("inf")),),
    }
