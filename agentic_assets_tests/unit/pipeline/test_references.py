from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import Contract
from agentic_assets.errors import ContractInvalid
from agentic_assets.home import Home
from agentic_assets.pipeline import STATIC, Calendar, Cut, Engine, Graph, Node, PartitionResult, State
from agentic_assets.pipeline.references import unresolved
from agentic_assets_tests.unit.contracts.written import contract, document, share

CALENDAR = Calendar("America/New_York", date(2013, 1, 1), date(2013, 1, 3))
DAYS = CALENDAR.days()


def promised(folder: Path, name: str, *properties: dict[str, Any]) -> Contract:
    (folder / name).mkdir(parents=True, exist_ok=True)
    value = document(properties, customProperties=share(1))["schema"]
    value[0]["name"] = name
    return contract(folder / name, [], schema=value, customProperties=share(1))


class Shop:
    """Customers, whole and daily; orders that refer to the whole; payments that refer to the orders of their day."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.at(folder / "home")
        self.customers = pl.DataFrame({"id": ["c1", "c2"]})
        self.orders = {day: pl.DataFrame({"order": [f"{day}/1"], "customer": ["c1"]}) for day in DAYS}
        self.payments = {day: pl.DataFrame({"order": [f"{day}/1"]}) for day in DAYS}
        text = {"logicalType": "string"}
        to_customers = [{"to": "customers.id"}]
        self.contracts = {
            "customers": promised(folder, "customers", {"name": "id", **text}),
            "orders": promised(
                folder, "orders", {"name": "order", **text}, {"name": "customer", **text, "relationships": to_customers}
            ),
            "payments": promised(
                folder, "payments", {"name": "order", **text, "relationships": [{"to": "orders.order"}]}
            ),
        }
        self.engines: list[Engine] = []

    def nodes(self) -> tuple[Node, ...]:
        def node(name: str, cut: Cut, frames: dict[str, pl.DataFrame]) -> Node:
            return Node(
                asset=f"sources/{name}",
                group="sources",
                cut=cut,
                contract=self.contracts[name],
                compute=lambda batch: {part: frames[part] for part in batch.partitions},
                code_version=str([frame.rows() for frame in frames.values()]),
            )

        return (
            node("customers", Cut.STATIC, {STATIC: self.customers}),
            node("orders", Cut.DAY, self.orders),
            node("payments", Cut.DAY, self.payments),
        )

    def run(self, days: tuple[str, ...] = DAYS, nodes: tuple[Node, ...] | None = None) -> dict[str, Any]:
        engine = Engine(Graph(CALENDAR, nodes or self.nodes()), self.home)
        self.engines.append(engine)
        results: dict[str, list[PartitionResult]] = {}
        fallen: dict[str, frozenset[str]] = {}
        for node in engine.graph.nodes:
            parts = CALENDAR.partitions(node.cut, days)
            results[node.asset] = engine.run(node, parts, run_id="r", fallen=fallen)
            fallen[node.asset] = frozenset(result.partition for result in results[node.asset] if not result.stands)
        return results


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    for engine in made.engines:
        engine.store.close()


def quarantined(results: dict[str, Any], asset: str) -> list[int]:
    return [result.entry.quarantined if result.entry else -1 for result in results[asset]]


def test_what_a_contract_refers_to_becomes_an_input(shop: Shop) -> None:
    graph = Graph(CALENDAR, shop.nodes())
    assert [read.asset for read in graph["sources/orders"].inputs] == ["sources/customers"]
    assert [read.asset for read in graph["sources/payments"].inputs] == ["sources/orders"]


def test_a_row_that_refers_to_nobody_goes_to_quarantine(shop: Shop) -> None:
    second = DAYS[1]
    shop.orders[second] = pl.DataFrame({"order": [f"{second}/1", f"{second}/2"], "customer": ["c9", "c2"]})
    results = shop.run()
    assert quarantined(results, "sources/orders") == [0, 1, 0]
    # The payment refers to the order that was refused: only published rows count.
    assert quarantined(results, "sources/payments") == [0, 1, 0]


def test_rows_of_another_day_do_not_count_however_many_days_run_at_once(shop: Shop) -> None:
    first, second, _ = DAYS
    shop.payments[second] = pl.DataFrame({"order": [f"{first}/1", f"{second}/1"]})
    assert quarantined(shop.run(), "sources/payments") == [0, 1, 0]
    assert quarantined(shop.run((second,)), "sources/payments") == [1]


def test_a_corrected_customer_reopens_exactly_what_refers_to_it(shop: Shop) -> None:
    shop.orders[DAYS[2]] = pl.DataFrame({"order": ["x"], "customer": ["c3"]})
    shop.payments[DAYS[2]] = pl.DataFrame({"order": ["x"]})
    assert quarantined(shop.run(), "sources/orders") == [0, 0, 1]
    shop.customers = pl.DataFrame({"id": ["c1", "c2", "c3"]})
    results = shop.run()
    assert quarantined(results, "sources/orders") == [0, 0, 0]
    # The orders of the first days came out the same, so that nothing of theirs was made again.
    assert [result.state for result in results["sources/payments"]] == [
        State.UNCHANGED,
        State.UNCHANGED,
        State.PUBLISHED,
    ]


def test_without_such_an_asset_the_promise_is_named_in_a_warning(shop: Shop) -> None:
    orders = shop.nodes()[1]
    results = shop.run(nodes=(orders,))
    [finding] = results["sources/orders"][0].findings
    assert (finding["severity"], finding["rule"]) == ("warning", "foreignKey(customer)")
    assert "was not checked: no rows of `customers` were given" in finding["message"]
    assert unresolved(Graph(CALENDAR, (orders,)).nodes[0]) == ("customers",)


def test_a_key_that_the_other_contract_does_not_have_is_refused_before_anything_runs(
    shop: Shop, tmp_path: Path
) -> None:
    wrong = promised(
        tmp_path, "orders", {"name": "customer", "logicalType": "integer", "relationships": [{"to": "customers.id"}]}
    )
    customers, orders, _ = shop.nodes()
    with pytest.raises(ContractInvalid, match="give both columns one type"):
        Graph(CALENDAR, (customers, replace(orders, contract=wrong)))
