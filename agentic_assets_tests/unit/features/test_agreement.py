"""What a feature set declares against what the contracts of its tables say: each disagreement is refused, by itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from agentic_assets.contracts import Contract, load
from agentic_assets.errors import AgenticError, ConfigInvalid, PointInTimeViolation
from agentic_assets.features import AsOf, Coded, Declared, FeatureSet, Lookup, Published, Source, View, feature_set
from agentic_assets.features.agreement import check_agreement
from agentic_assets.features.kinds import Awaited, Count, CountIf, Kind, Mean, Newest, Value, Windowed
from agentic_assets.testing import assert_proved
from agentic_assets_tests.unit.features.shop import PARCELS, feature, shop
from agentic_assets_tests.unit.features.test_proofs import DAYS, INPUTS

HOUR = timedelta(hours=1)
Tables = dict[str, dict[str, dict[str, Any]]]

# Each table, its columns, and what the contract says of them beside the type.
TABLES: Tables = {
    "orders": {
        "order": {"type": "string"},
        "shop": {"type": "string"},
        "due_at": {"type": "timestamp"},
        "day": {"type": "date"},
        "courier": {"type": "string", "afterTheFact": True},
    },
    "parcels": {
        "shop": {"type": "string"},
        "weight": {"type": "int32", "afterTheFact": True, "knownAt": "sent_at"},
        "broken": {"type": "boolean", "knownAt": ["sent_at", "rated_at"]},
        "due_at": {"type": "timestamp"},
        "sent_at": {"type": "timestamp"},
        "rating": {"type": "int32", "knownAt": "rated_at"},
        "rated_at": {"type": "timestamp"},
        "number": {"type": "int32"},
        "day": {"type": "date"},
    },
}
LOGICAL = {"int32": "integer"}
COUNTED = Windowed("parcels", ("shop",), HOUR, (Count("n", "parcels", "All."), Mean("m", "weight", "g", "Mean.")))
RATED = Newest("parcels", ("shop",), HOUR, (Value("rating", "rating", pl.Int32(), "stars", "Once given."),))
AWAITED = Awaited("late", "awaited", ("shop",), "due_at", HOUR, "parcels", "late parcels", "they were due")


def contracts(folder: Path, tables: Tables, properties: dict[str, Any] | None = None) -> dict[str, Contract | None]:
    """Load contracts as files say them; `properties` are custom properties of both tables."""
    found: dict[str, Contract | None] = {}
    for table, columns in tables.items():
        path = folder / f"{table}.odcs.yaml"
        listed = [_property(name, words) for name, words in columns.items()]
        file = {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": f"shop-{table}",
            "name": table,
            "version": "1.0.0",
            "status": "active",
            "domain": "shop",
            "customProperties": [{"property": name, "value": value} for name, value in (properties or {}).items()],
            "schema": [{"name": table, "logicalType": "object", "properties": listed}],
        }
        path.write_text(yaml.safe_dump(file))
        found[f"shop/{table}"] = load(path)
    return found


def _property(name: str, said: dict[str, Any]) -> dict[str, Any]:
    own = [{"property": key, "value": value} for key, value in said.items() if key != "type"]
    logical = LOGICAL.get(said["type"], said["type"])
    physical = {"physicalType": said["type"]} if logical != said["type"] else {}
    return {"name": name, "logicalType": logical, **physical, "customProperties": own}


def defined(*parts: Kind, source: dict[str, Any] | None = None, entities: dict[str, Any] | None = None) -> FeatureSet:
    """Define orders over parcels, which are awaited too, by a source that reads nothing but when they are due."""
    own = shop(lambda at: View("seen", {}, at.decided), feature("x", pl.Int32())).entities
    awaited = Source("awaited", "shop/parcels", "sent_at", ("shop", "due_at"))
    return feature_set(
        name="shop",
        version="1.0.0",
        description="Orders of a shop.",
        entities=replace(own, **(entities or {})),
        sources=(replace(PARCELS, **(source or {})), awaited),
        views=(Declared("seen", parts or (COUNTED, RATED, AWAITED)),),
        zone="UTC",
        lookback=5,
        reach=3,
    )


def said(table: str, column: str, **words: Any) -> Callable[[Tables], None]:
    return lambda tables: tables[table].setdefault(column, {"type": "string"}).update(words)


def both(*changes: Callable[[Tables], None]) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        for one in changes:
            one(tables)

    return change


def test_a_set_that_reads_everything_when_it_is_known_agrees(tmp_path: Path) -> None:
    check_agreement(defined(), contracts(tmp_path, TABLES))


PUBLISHED = Published("due_at", timedelta(days=1))
COURIER = Lookup("shop/orders", "order", ("courier",))
PLAIN = {"columns": ("shop", "number"), "later": {}}
ONE = Windowed("parcels", ("shop",), HOUR, (Count("n", "parcels", "All."),))

# What disagrees: (a change of the contracts, the definition, the error and its words)
LEAKS: dict[str, tuple[Callable[[Tables], object], Callable[[], FeatureSet], str]] = {
    "a column read with the fact that becomes known later": (
        said("parcels", "weight", knownAt="rated_at"),
        defined,
        "source 'parcels' .* reads `weight` as known at `sent_at`, but .* known from `rated_at` on",
    ),
    "a column put off to an instant that the contract does not name": (
        said("parcels", "number", type="timestamp"),
        lambda: defined(source={"later": {"rating": "number"}}),
        "takes facts as known at `number`, but its contract declares that they become known at `rated_at` or `sent_at`",
    ),
    "facts known at their label": (
        said("parcels", "weight"),
        lambda: defined(ONE, source={**PLAIN, "known_at": "due_at"}),
        "takes facts as known at `due_at`, but its contract declares",
    ),
    "facts of instants, declared as published": (
        said("parcels", "weight"),
        lambda: defined(ONE, source={**PLAIN, "known_at": PUBLISHED}),
        "takes facts as known ahead of `due_at`, but its contract declares",
    ),
    "a published column that is known after the fact only": (
        lambda tables: _forget(tables, "parcels", weight={"afterTheFact": True}),
        lambda: defined(ONE, source={**PLAIN, "columns": ("shop", "weight"), "known_at": PUBLISHED}),
        "reads `weight` as known ahead of `due_at`, but its contract declares it to be known only after the fact",
    ),
    "published by an instant that is known after the fact only": (
        lambda tables: _forget(tables, "parcels", due_at={"afterTheFact": True}),
        lambda: defined(ONE, source={**PLAIN, "known_at": PUBLISHED}),
        "reads `due_at` as known ahead of `due_at`, but its contract declares it to be known only after the fact",
    ),
    "the day of a fact that is known later than the fact": (
        said("parcels", "day", knownAt="rated_at"),
        defined,
        "reads `day` as known at `sent_at`, but its contract declares it to be known from `rated_at` on",
    ),
    "entities named by what is known after the fact": (
        said("orders", "order", afterTheFact=True),
        defined,
        "`order` of",
    ),
    "entities whose moment is known after the fact": (
        said("orders", "due_at", afterTheFact=True),
        defined,
        "its entities are told by `due_at` of shop/orders, which its contract declares to be known only after the fact",
    ),
    "entities that read what is known after the fact": (
        said("orders", "shop"),
        lambda: defined(entities={"columns": ("shop", "courier"), "after_the_fact": ()}),
        "told by `courier` of shop/orders, .* known only after the fact",
    ),
    "entities that read what is known from an instant on": (
        said("orders", "shop", knownAt="due_at"),
        defined,
        "told by `shop` of shop/orders, .* known from `due_at` on",
    ),
    "entities whose day is known after the fact": (
        said("orders", "day", afterTheFact=True),
        defined,
        "told by `day` of",
    ),
    "a looked up column that waits for an instant": (
        both(said("orders", "courier", knownAt="due_at"), said("parcels", "order")),
        lambda: defined(COUNTED, source={"look_up": COURIER}),
        "looks up `courier` in shop/orders, .* known from `due_at` on: a looked up column counts as known with the",
    ),
    "a looked up column of what is published, known after the fact only": (
        lambda tables: _forget(tables, "parcels", order={}),
        lambda: defined(
            ONE, source={**PLAIN, "known_at": PUBLISHED, "look_up": COURIER}, entities={"after_the_fact": ()}
        ),
        "looks up `courier` in shop/orders, .* known only after the fact: a looked up column counts",
    ),
    "looked up by what becomes known later": (
        said("parcels", "order", knownAt="rated_at"),
        lambda: defined(COUNTED, source={"look_up": COURIER}),
        "reads `order` as known at `sent_at`, but its contract declares it to be known from `rated_at` on",
    ),
    "awaited by what is known with the fact": (
        said("parcels", "due_at", knownAt="sent_at"),
        defined,
        "is awaited by `due_at`, .* known from `sent_at` on: while a fact is awaited that is not known",
    ),
    "awaited by a key that is known with the fact": (
        said("parcels", "shop", knownAt="sent_at"),
        defined,
        "source 'awaited' .* is awaited by `shop`, .* known from `sent_at` on",
    ),
    "awaited by a looked up key that is known after the fact": (
        said("parcels", "order"),
        lambda: awaited_by(COURIER),
        "source 'awaited' .* is awaited by `courier`, .* known only after the fact",
    ),
}


def _forget(tables: Tables, table: str, **columns: dict[str, Any]) -> None:
    """Leave of all that a contract says the types, and what is given."""
    for name, words in tables[table].items():
        tables[table][name] = {"type": words["type"]}
    for name, words in columns.items():
        tables[table][name] = {"type": "string", **tables[table].get(name, {}), **words}


def awaited_by(look_up: Lookup) -> FeatureSet:
    source = Source("awaited", "shop/parcels", "sent_at", ("order", "due_at"), look_up=look_up)
    by_courier = replace(AWAITED, by=look_up.columns)
    own = defined()
    return feature_set(
        name="shop",
        version="1.0.0",
        description="Orders of a shop.",
        entities=own.entities,
        sources=(source,),
        views=(Declared("seen", (by_courier,)),),
        zone="UTC",
        lookback=5,
        reach=3,
    )


@pytest.mark.parametrize("what", LEAKS)
def test_what_would_be_read_before_its_contract_says_that_it_is_known_is_refused(tmp_path: Path, what: str) -> None:
    change, define, words = LEAKS[what]
    tables = copy.deepcopy(TABLES)
    change(tables)
    with pytest.raises(PointInTimeViolation, match=words) as refused:
        check_agreement(define(), contracts(tmp_path, tables))
    assert refused.value.what.startswith("feature set shop@1.0.0")
    assert refused.value.hint
    assert len(str(refused.value)) < 600


def test_a_table_taken_in_the_future_of_its_rows_is_refused_however_it_is_read(tmp_path: Path) -> None:
    for table in TABLES:
        known = contracts(tmp_path, TABLES) | contracts(tmp_path, {table: TABLES[table]}, {"futureSnapshot": True})
        with pytest.raises(PointInTimeViolation, match=f"reads shop/{table}, which .* the future of its rows"):
            check_agreement(defined(), known)


# What cannot be built, or means nothing: (a change of the contracts, the definition, the words of the error)
MISTAKES: dict[str, tuple[Callable[[Tables], object], Callable[[], FeatureSet], str]] = {
    "a column that is not delivered": (
        lambda tables: tables["parcels"].pop("broken"),
        defined,
        "reads `broken` of shop/parcels, which .*parcels.odcs.yaml does not deliver",
    ),
    "a key that is not delivered": (
        lambda tables: tables["orders"].pop("order"),
        defined,
        "reads `order` of shop/orders",
    ),
    "an instant that no column holds": (
        said("parcels", "rating", knownAt="reviewed_at"),
        defined,
        "`rating` is known at `reviewed_at`, which is no column of shop/parcels",
    ),
    "an instant that is a number": (
        said("parcels", "rating", knownAt=5),
        defined,
        "is known at `5`, which is no col",
    ),
    "a yes that is text": (
        said("orders", "courier", afterTheFact="true"),
        defined,
        "afterTheFact of `courier` is 'true', which is neither true nor false",
    ),
    "a sum over text": (
        said("parcels", "weight", type="string"),
        defined,
        "over the types of its contracts: `weight` of source 'parcels' .* is String: sums are formed over integers",
    ),
    "a rate over numbers": (
        said("parcels", "broken", type="int32"),
        lambda: defined(Windowed("parcels", ("shop",), HOUR, (CountIf("n", "broken", "parcels", "All."),))),
        "over the types of its contracts: `broken` .* is Int32: a rate and a CountIf count where a Boolean",
    ),
    "a value of another type than its feature": (
        said("parcels", "rating", type="string"),
        defined,
        "over the types of its contracts: .*`rating` is declared as Int32 and made as String",
    ),
    "keys of two types": (
        said("parcels", "shop", type="int32"),
        defined,
        "over the types of its contracts: key `shop` is Int32 in source",
    ),
    "an instant without a time": (
        said("parcels", "sent_at", type="date"),
        defined,
        "over the types of its contracts: `sent_at` of shop/parcels is Date, so it cannot say when a fact",
    ),
    "a moment as text": (
        said("orders", "due_at", type="string"),
        defined,
        "over the types of its contracts: `due_at` of shop/orders is String, so it cannot say when to decide",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_what_cannot_be_built_from_what_contracts_deliver_is_named_before_there_is_data(
    tmp_path: Path, what: str
) -> None:
    change, define, words = MISTAKES[what]
    tables = copy.deepcopy(TABLES)
    change(tables)
    with pytest.raises(AgenticError, match=words) as refused:
        check_agreement(define(), contracts(tmp_path, tables))
    assert refused.value.hint


def test_a_yes_about_a_table_that_is_text_is_refused_as_well(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="futureSnapshot of orders is 'yes', which is neither true nor false"):
        check_agreement(defined(), contracts(tmp_path, TABLES, {"futureSnapshot": "yes"}))


def test_a_view_by_code_that_fails_on_a_day_without_rows_is_named(tmp_path: Path) -> None:
    def first(at: AsOf) -> View:
        weight = at.facts("parcels").column("weight").to_list()[0]
        return View("first", {"n": pl.Series([weight] * len(at.decided), dtype=pl.Int32)}, at.decided)

    view = Coded("first", first, (feature("n", pl.Int32(), view="first"),))
    definition = replace(defined(), views=(view,), features=view.described)
    with pytest.raises(ConfigInvalid, match="a view fails on a day without entities and facts: IndexError"):
        check_agreement(definition, contracts(tmp_path, TABLES))


# What may be read though a contract says something of it: (a change of the contracts, the definition)
ALLOWED: dict[str, tuple[Callable[[Tables], object], Callable[[], FeatureSet]]] = {
    "a later column in a source that waits for it": (
        said("parcels", "weight", knownAt="rated_at"),
        lambda: defined(COUNTED, source={"known_at": "rated_at", "columns": ("shop", "weight"), "later": {}}),
    ),
    "one of several instants": (said("parcels", "broken", knownAt=["rated_at", "sent_at"]), defined),
    "what is after the fact, to select facts": (
        lambda tables: _forget(tables, "parcels", courier={}),
        lambda: defined(replace(ONE, by=("courier",)), source={"columns": ("courier",), "later": {}}),
    ),
    "a looked up column after the fact, with facts that have come": (
        said("parcels", "order"),
        lambda: defined(COUNTED, source={"look_up": COURIER}),
    ),
    "columns that no set reads": (said("orders", "outcome", afterTheFact=True, knownAt="due_at"), defined),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_contracts_say_of_other_ways_to_read_does_not_stand_in_the_way(tmp_path: Path, what: str) -> None:
    change, define = ALLOWED[what]
    tables = copy.deepcopy(TABLES)
    change(tables)
    check_agreement(define(), contracts(tmp_path, tables))


def test_of_a_table_without_a_contract_nothing_is_said(tmp_path: Path) -> None:
    tables = copy.deepcopy(TABLES)
    said("parcels", "weight", type="string")(tables)
    known = contracts(tmp_path, tables)
    check_agreement(defined(), {**known, "shop/orders": None, "shop/parcels": None})
    check_agreement(defined(), {})
    said("orders", "shop", afterTheFact=True)(tables)
    one = {"shop/orders": contracts(tmp_path, tables)["shop/orders"]}
    with pytest.raises(PointInTimeViolation, match="`shop` of shop/orders"):
        check_agreement(defined(), one)


def test_a_users_test_fails_for_a_table_whose_contract_it_does_not_give(tmp_path: Path) -> None:
    known = contracts(tmp_path, TABLES)
    assert_proved(defined(), INPUTS, DAYS, contracts=known)
    assert_proved(defined(), INPUTS, DAYS, contracts={**known, "shop/orders": None})
    words = "breaks 1 laws:\n  - agrees_with_contracts: no contract is given of shop/orders; give it, or None"
    with pytest.raises(AssertionError, match=words):
        assert_proved(defined(), INPUTS, DAYS, contracts={"shop/parcels": known["shop/parcels"]})


def test_a_users_test_fails_for_tables_of_other_types_than_their_contracts_deliver(tmp_path: Path) -> None:
    narrow = INPUTS["shop/parcels"].with_columns(pl.col("weight").cast(pl.Int64))
    words = "`weight` of shop/parcels is Int64 in the inputs, and Int32 by its contract"
    with pytest.raises(AssertionError, match=words):
        assert_proved(defined(), {**INPUTS, "shop/parcels": narrow}, DAYS, contracts=contracts(tmp_path, TABLES))


def test_a_users_test_names_a_leak_beside_the_laws(tmp_path: Path) -> None:
    tables = copy.deepcopy(TABLES)
    said("parcels", "weight", knownAt="rated_at")(tables)
    with pytest.raises(AssertionError, match=r"agrees_with_contracts: .* reads `weight` as known at `sent_at`"):
        assert_proved(defined(), INPUTS, DAYS, contracts=contracts(tmp_path, tables))
