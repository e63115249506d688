"""Whom a change hits, by the lineage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.evidence import Domain, Hit, impact
from agentic_assets.pipeline import Batch, Calendar, Cut, Graph, Input, Node
from agentic_assets_tests.unit.contracts.written import contract


def _node(folder: Path, asset: str, reads: tuple[str, ...] = (), **lineage: list[tuple[str, str]]) -> Node:
    names = lineage or {"x": [], "y": []}
    columns = [{"name": name, "logicalType": "integer"} for name in (*names, *(("rest",) if lineage else ()))]
    return Node(
        asset=asset,
        group="g",
        cut=Cut.DAY,
        contract=_named(contract(folder, columns), asset),
        compute=_nothing,
        code_version="1",
        inputs=tuple(Input(name) for name in reads),
        lineage=lineage,
    )


def _named(found: Contract, asset: str) -> Contract:
    from dataclasses import replace

    return replace(found, name=f"tests/{asset}", dataset=asset)


def _nothing(_batch: Batch) -> Mapping[str, pl.DataFrame]:
    return {}


def _domain(*nodes: Node) -> Domain:
    graph = Graph(Calendar("UTC", date(2013, 1, 1), date(2013, 1, 2)), nodes)
    return Domain("tests", "t", "d", "o", graph, (), entries=nodes[0].asset)


def _said(hits: tuple[Hit, ...]) -> dict[str, tuple[tuple[str, ...], bool]]:
    return {hit.name: (hit.columns, hit.sure) for hit in hits}


def test_a_column_is_followed_through_every_step(tmp_path: Path) -> None:
    domain = _domain(
        _node(tmp_path, "a"),
        _node(tmp_path, "b", ("a",), p=[("a", "x")], q=[("a", "y")]),
        _node(tmp_path, "c", ("b",), r=[("b", "q")], s=[("b", "p"), ("b", "q")]),
    )
    hits = impact(domain, "tests/a", {"x"})
    assert _said(hits) == {"b": (("p",), True), "c": (("s",), True)}
    assert [hit.through for hit in hits] == ["a", "b"]


def test_where_only_tables_are_known_a_reader_may_be_hit(tmp_path: Path) -> None:
    domain = _domain(_node(tmp_path, "a"), _node(tmp_path, "b", ("a",)), _node(tmp_path, "c", ("b",)))
    assert _said(impact(domain, "tests/a", {"x"})) == {"b": ((), False), "c": ((), False)}


def test_who_reads_something_else_is_not_hit(tmp_path: Path) -> None:
    domain = _domain(_node(tmp_path, "a"), _node(tmp_path, "b"), _node(tmp_path, "c", ("b",), p=[("b", "x")]))
    assert impact(domain, "tests/a", {"x"}) == ()


def test_a_change_of_the_whole_dataset_hits_whatever_is_made_from_it(tmp_path: Path) -> None:
    domain = _domain(_node(tmp_path, "a"), _node(tmp_path, "b", ("a",), p=[("a", "x")], q=[]))
    assert _said(impact(domain, "tests/a", None)) == {"b": (("p",), True)}


def test_a_contract_of_no_asset_hits_nobody(tmp_path: Path) -> None:
    assert impact(_domain(_node(tmp_path, "a")), "tests/unknown", None) == ()


def test_a_feature_set_is_hit_only_by_the_columns_that_it_reads() -> None:
    from agentic_assets.domains.departures import domain

    read = impact(domain(), "departures/movements", {"dep_delay"})
    assert {hit.kind for hit in read} == {"asset", "feature set", "agent"}
    unread = impact(domain(), "departures/movements", {"dep_time"})
    assert "features/departure_delay" not in {hit.name for hit in unread}
