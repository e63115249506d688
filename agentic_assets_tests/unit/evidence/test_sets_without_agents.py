"""A feature set that no agent decides on is published all the same: so it is found, listed, shown and checked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.contracts import Contract
from agentic_assets.domains import load_domain
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.errors import PointInTimeViolation
from agentic_assets.evidence import Domain
from agentic_assets.evidence.catalog import build, gather
from agentic_assets.features import FeatureSet
from agentic_assets.features.node import feature_node
from agentic_assets.pipeline import Graph

ALONE = replace(DEPARTURE_DELAY, name="for_analysts", version="0.1.0")


def with_set(domain: Domain, definition: FeatureSet) -> Domain:
    """Give the domain with one more feature set, which only people read."""
    contract = domain.graph["features/departure_delay"].contract
    assert isinstance(contract, Contract)
    nodes = (
        *domain.graph.nodes,
        feature_node("features/for_analysts", definition, contract=replace(contract, name="departures/for_analysts")),
    )
    return replace(domain, graph=Graph(domain.graph.calendar, nodes))


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Domain:
    found = with_set(load_domain("departures"), ALONE)
    monkeypatch.setattr("agentic_assets.domains.load_domain", lambda name: found)
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    return found


def features(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["features", *arguments])


def test_it_is_listed_after_the_others_with_nobody_who_uses_it(domain: Domain) -> None:
    used, *_, alone = json.loads(features("list", "--json").stdout)["feature_sets"]
    assert used["name"] == f"departure_delay@{DEPARTURE_DELAY.version}"
    assert used["used_by"] == ["delay_risk@1.1.0", "turnaround@1.0.0"]
    assert (alone["name"], alone["asset"], alone["used_by"]) == ("for_analysts@0.1.0", "features/for_analysts", [])
    assert "for_analysts@0.1.0" in features("list").output


def test_it_is_shown_and_linted_by_its_name(domain: Domain) -> None:
    assert "for_analysts@0.1.0" in features("show", "for_analysts").output
    assert features("lint").exit_code == 0, features("lint").output


def test_the_catalogue_has_a_page_of_it_that_says_that_nothing_reads_it(domain: Domain) -> None:
    pages = build(gather((domain,)))
    assert "Nothing reads it." in pages["departures-features-for_analysts.html"]
    assert 'href="departures-features-for_analysts.html"' in pages["index.html"]
    assert "for_analysts@0.1.0" in pages["departures-schedule.html"]


def test_it_is_held_against_the_contracts_of_what_it_reads() -> None:
    [looked] = [source for source in ALONE.sources if source.name == "weather"]
    extra = replace(looked, name="at its label", known_at="observed_at")
    with pytest.raises(PointInTimeViolation, match=r"feature set for_analysts@0\.1\.0: source 'at its label'"):
        with_set(load_domain("departures"), replace(ALONE, sources=(*ALONE.sources, extra)))
