"""What Dagster is given: every node once, with what people look for on its page."""

from pathlib import Path

import dagster as dg
import pytest

import agentic_assets.definitions
from agentic_assets.domains import load_domain, load_domains
from agentic_assets.errors import NotFound
from agentic_assets.orchestration import definitions_of
from agentic_assets.orchestration.load import LOAD_JOB

DEFS = agentic_assets.definitions.defs


def specs() -> dict[str, dg.AssetSpec]:
    found = list(DEFS.resolve_all_asset_specs())
    named = {spec.key.to_user_string(): spec for spec in found}
    assert len(named) == len(found), "an asset key is defined twice"
    return named


def test_every_node_every_system_of_record_and_what_is_in_force_is_one_asset() -> None:
    graph = load_domain("departures").graph
    expected = {node.asset for node in graph.nodes} | {s.asset for node in graph.nodes for s in node.externals}
    assert set(specs()) == {*expected, "releases/departures"}


def test_every_asset_has_an_owner_a_group_a_description_kinds_and_a_column_schema() -> None:
    graph = load_domain("departures").graph
    for node in graph.nodes:
        spec = specs()[node.asset]
        assert spec.owners, node.asset
        assert spec.group_name == node.group
        assert spec.description, node.asset
        assert spec.kinds, node.asset
        schema = spec.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == list(node.schema)
        assert spec.code_version == node.code_version[:16]


def test_every_contracted_asset_names_its_contract_and_has_a_blocking_check_for_it() -> None:
    checks = {key.asset_key.to_user_string() for key in DEFS.resolve_asset_graph().asset_check_keys}
    for node in load_domain("departures").graph.nodes:
        if node.contract is not None:
            assert node.asset in checks
            assert Path(str(specs()[node.asset].metadata["contract"].value)).is_file()


def test_column_lineage_names_only_columns_that_exist_upstream() -> None:
    graph = load_domain("departures").graph
    columns = {node.asset: set(node.schema) for node in graph.nodes}
    for node in graph.nodes:
        upstream = {read.asset for read in node.inputs}
        for column, sources in node.lineage.items():
            assert column in node.schema, f"{node.asset}.{column}"
            for asset, source in sources:
                assert asset in upstream, f"{node.asset}.{column} is said to come from {asset}"
                assert source in columns[asset], f"{node.asset}.{column} is said to come from {asset}.{source}"


def test_the_wiring_stays_in_one_short_place() -> None:
    assert len(Path(str(agentic_assets.definitions.__file__)).read_text().splitlines()) < 60


def test_an_unknown_domain_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match=r"no domain 'arrivals'[\s\S]*departures"):
        load_domain("arrivals")


def test_the_folder_of_domains_is_walked() -> None:
    assert [domain.name for domain in load_domains()] == ["departures"]


def test_each_domain_has_the_sensors_that_tell_people() -> None:
    named = {sensor.name for sensor in DEFS.sensors or ()}
    assert named >= {f"{domain.name}_{what}" for domain in load_domains() for what in ("alerts", "failed_runs")}


def test_a_domain_of_ones_own_has_jobs_of_its_own_name_beside_those_of_the_library() -> None:
    made = definitions_of(load_domain("departures"), f"departures_{LOAD_JOB}")
    jobs = {job.name for job in made.get_repository_def().get_all_jobs()}
    wanted = {"historical_load", "activate", "rollback", "sweep", "reconciliation"}
    assert jobs >= {f"departures_{name}" for name in wanted}
