"""Lateness, owners and what else of a contract Dagster shows, on a domain of today and on one of history."""

import warnings
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from dagster._core.definitions.observe import observe

from agentic_assets.contracts import Contract
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration import HomeResource
from agentic_assets.orchestration.assets import asset_of, external_assets
from agentic_assets.orchestration.delivery import freshness_policy, is_live
from agentic_assets.orchestration.people import owners
from agentic_assets.orchestration.promises import contract_metadata, table_schema
from agentic_assets.pipeline import Batch, Calendar, Cut, External, Graph, Node
from agentic_assets_tests.unit.contracts.written import contract

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
LIVE = Calendar("America/New_York", date(2024, 1, 1), date(2024, 5, 10))
HISTORY = Calendar("America/New_York", date(2013, 1, 1), date(2013, 12, 31))
LATENCY = {"property": "latency", "value": 1, "unit": "d"}
DAILY = {"property": "frequency", "value": 1, "unit": "d"}
COLUMNS = [{"name": "meter", "logicalType": "string", "primaryKey": True}]


def promised(folder: Path, *levels: dict[str, Any], **more: Any) -> Contract:
    return contract(folder, COLUMNS, slaProperties=list(levels), **more)


def node(promises: Contract, cut: Cut = Cut.DAY) -> Node:
    def compute(batch: Batch) -> dict[str, pl.DataFrame]:
        return {name: pl.DataFrame({"meter": ["a"]}) for name in batch.partitions}

    return Node("sources/things", "sources", cut, promises, compute, "1")


def policy(promises: Contract, calendar: Calendar = LIVE, cut: Cut = Cut.DAY) -> dg.FreshnessPolicy | None:
    return freshness_policy(node(promises, cut), calendar, now=NOW)


def window(**length: float) -> dg.FreshnessPolicy:
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(**length))


def test_a_frequency_allows_the_latency_on_top(tmp_path: Path) -> None:
    assert policy(promised(tmp_path, DAILY)) == window(days=1)
    assert policy(promised(tmp_path, DAILY, LATENCY)) == window(days=2)


def test_freshness_counts_before_frequency(tmp_path: Path) -> None:
    fresh = {"property": "freshness", "value": 30, "unit": "h"}
    assert policy(promised(tmp_path, DAILY, LATENCY, fresh)) == window(hours=30)


def test_no_table_is_fresher_than_its_partitions_are_long(tmp_path: Path) -> None:
    hourly = promised(tmp_path, {"property": "frequency", "value": 1, "unit": "h"})
    assert policy(hourly) == window(days=1)
    assert policy(hourly, cut=Cut.MONTH) == window(days=31)


def test_a_deadline_by_the_clock_becomes_a_cron_policy_in_the_zone_of_the_domain(tmp_path: Path) -> None:
    expected = dg.FreshnessPolicy.cron("30 6 * * *", timedelta(days=1), timezone="America/New_York")
    assert policy(promised(tmp_path, {"property": "timeOfAvailability", "value": "06:30"})) == expected
    assert policy(promised(tmp_path, {**DAILY, "scheduler": "cron", "schedule": "30 6 * * *"})) == expected


def test_history_is_never_late(tmp_path: Path) -> None:
    assert policy(promised(tmp_path, DAILY, LATENCY), HISTORY) is None
    assert not is_live(HISTORY, timedelta(days=30), now=NOW)


def test_what_comes_once_has_no_policy(tmp_path: Path) -> None:
    assert policy(promised(tmp_path, {"property": "frequency", "value": "once"}), cut=Cut.STATIC) is None
    assert policy(promised(tmp_path)) is None


def test_the_domain_of_2013_has_no_policy_that_would_stay_red() -> None:
    from agentic_assets.definitions import defs

    assert [spec.key for spec in defs.resolve_all_asset_specs() if spec.freshness_policy] == []


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
@pytest.mark.parametrize(("back", "passed"), [(1, True), (3, False)])
def test_a_partition_that_comes_late_warns_and_stands(tmp_path: Path, back: int, passed: bool) -> None:
    today = datetime.now(UTC).date()
    calendar = Calendar("UTC", today - timedelta(days=5), today)
    made = node(promised(tmp_path, LATENCY))
    domain = Domain("toy", "Toy", "A toy.", "team", Graph(calendar, (made,)), (), "sources/things")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asset = asset_of(made, domain)
        result = dg.materialize(
            [asset],
            partition_key=(today - timedelta(days=back)).isoformat(),
            resources={"home": HomeResource(root=str(Home.at(tmp_path / "home").root))},
        )
    assert result.success
    [found] = [check for check in result.get_asset_check_evaluations() if check.check_name == "delivery"]
    assert (found.passed, found.severity) == (passed, dg.AssetCheckSeverity.WARN)
    assert "first published" in (found.description or "")


def test_the_team_owns_and_members_with_an_address_stand_beside_it(tmp_path: Path) -> None:
    team = {
        "name": "meters",
        "members": [
            {"username": "ann@example.org"},
            {"username": "bob"},
            {"username": "eve@example.org", "dateOut": "2020-01-01"},
        ],
    }
    assert owners(promised(tmp_path, team=team), "fallback") == ["team:meters", "ann@example.org"]
    assert owners(promised(tmp_path), "fallback") == ["team:fallback"]


def test_roles_channels_residency_and_masked_columns_stand_on_the_page(tmp_path: Path) -> None:
    made = contract(
        tmp_path,
        [*COLUMNS, {"name": "mail", "logicalType": "string", "classification": "Höchst geheim!", "unique": True}],
        roles=[{"role": "reader", "access": "read", "firstLevelApprovers": "meters"}],
        support=[
            {"channel": "help", "url": "https://example.org/help"},
            {"channel": "evil", "url": "javascript:alert(1)", "tool": "other"},
        ],
        customProperties=[{"property": "residency", "value": "eu"}],
        slaProperties=[{"property": "throughput", "value": 1}],
    )
    metadata = contract_metadata(made)
    assert metadata["support help"] == dg.MetadataValue.url("https://example.org/help")
    assert metadata["support evil"] == "other"
    assert metadata["residency"] == "eu"
    assert metadata["masked_columns"] == "mail"
    assert metadata["roles"].records[0].data["approvers"] == "meters"
    assert [record.data["rule"] for record in metadata["rules"].records] == [rule.id for rule in made.rules]
    assert "throughput" in str(metadata["not_enforced"].records[0].data)
    meter, mail = table_schema(replace(node(made))).columns
    assert (meter.constraints.nullable, mail.constraints.nullable) == (False, True)
    assert mail.constraints.unique
    assert mail.tags == {"classification": "H-chst-geheim", "masked": ""}


@pytest.mark.parametrize(("region", "seen"), [("eu-west-1", True), ("us-east-1", False), ("", False)])
def test_a_system_of_record_is_observed_only_where_its_data_may_be_read(
    tmp_path: Path, region: str, seen: bool
) -> None:
    limited = promised(tmp_path, customProperties=[{"property": "residency", "value": "eu"}])
    looked: list[str] = []

    def version() -> str:
        looked.append("read")
        return "1"

    made = replace(node(limited), externals=(External("outside/things", "Things.", version),))
    domain = Domain("toy", "Toy", "A toy.", "team", Graph(HISTORY, (made,)), (), "sources/things")
    resources = {"home": HomeResource(root=str(Home.at(tmp_path / "home").root), region=region)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = observe(external_assets([made], domain), resources=resources, raise_on_error=False)
    assert (result.success, bool(looked)) == (seen, seen)
