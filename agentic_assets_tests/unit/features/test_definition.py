from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features import AsOf, FeatureSet, View
from agentic_assets_tests.unit.features.shop import NOON, feature, orders, parcels, shop

FEATURES = (feature("parcels", pl.Int32()),)


def counted(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(timedelta(hours=2))
    return View("seen", {"parcels": window.count()}, window.known_at)


def counted_otherwise(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(timedelta(hours=3))
    return View("seen", {"parcels": window.count()}, window.known_at)


def defined() -> FeatureSet:
    return shop(counted, *FEATURES, code=(counted,))


def test_a_source_that_does_not_say_when_its_facts_are_known_is_refused() -> None:
    with pytest.raises(PointInTimeViolation, match=r"'parcels' .* does not declare when its facts become known"):
        shop(counted, *FEATURES, source={"known_at": None})


def test_a_feature_of_a_forbidden_column_is_refused() -> None:
    registry = feature("parcels", pl.Int32(), sources=("shop/parcels.weight", "shop/parcels.rating"))
    with pytest.raises(PointInTimeViolation, match=r"rests on `shop/parcels\.rating`, which is forbidden"):
        shop(counted, registry, forbidden=("shop/parcels.rat*",))


def test_a_feature_of_a_table_that_is_not_read_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="a table it does not read"):
        shop(counted, feature("parcels", pl.Int32(), sources=("shop/planes.seats",)))


def test_two_features_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"two columns share a name: \['parcels'\]"):
        shop(counted, *FEATURES, *FEATURES)


def test_a_version_that_is_no_semantic_version_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="not of the form"):
        shop(counted, *FEATURES, version="banana")


def test_a_reach_that_leaves_no_room_for_late_facts_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="needs a longer lookback"):
        shop(counted, *FEATURES, lookback=3, reach=3)


def test_the_schema_lists_entity_day_decision_features_and_one_proof_a_view() -> None:
    assert [*defined().schema] == ["order", "day", "decided_at", "parcels", "seen_known_at"]


def test_the_digest_does_not_change_between_two_readings() -> None:
    assert defined().digest == defined().digest


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "1.0.1"},
        {"lookback": 6},
        {"zone": "America/New_York"},
        {"code": (counted_otherwise,)},
        {"features": (feature("parcels", pl.Int64()),)},
        {"entities": replace(defined().entities, lead=timedelta(hours=2))},
        {"sources": (replace(defined().sources[0], known_at="due_at"),)},
        {"sources": (replace(defined().sources[0], where=pl.col("shop").is_in(["a"])),)},
        {"sources": (replace(defined().sources[0], derive={"more": pl.col("weight").is_in([*range(29), 98])}),)},
        {"entities": replace(defined().entities, derive={"more": pl.lit(1)})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with_whatever_shapes_a_value(changed: dict[str, object]) -> None:
    assert replace(defined(), **changed).digest != defined().digest  # type: ignore[arg-type]


def test_the_digest_sees_every_value_of_a_long_list_in_an_expression() -> None:
    source = defined().sources[0]
    one, other = (
        replace(defined(), sources=(replace(source, where=pl.col("weight").is_in([*range(29), last])),))
        for last in (98, 99)
    )
    assert one.digest != other.digest


def test_the_digest_does_not_change_with_words() -> None:
    said = replace(defined(), description="In other words.", features=(replace(FEATURES[0], description="Else."),))
    assert said.digest == defined().digest


def test_the_pin_names_the_version_by_its_digest() -> None:
    assert str(defined().pin).startswith("feature_set shop@1.0.0 (")


def test_facts_that_are_not_declared_cannot_be_used() -> None:
    def undeclared(at: AsOf) -> View:
        return View("seen", {"parcels": at.by("planes", "shop").window(timedelta(hours=1)).count()}, at.decided)

    inputs = {"shop/orders": orders(("one", "A", NOON)), "shop/parcels": parcels()}
    with pytest.raises(PointInTimeViolation, match="uses facts 'planes' that it does not declare"):
        shop(undeclared, *FEATURES).compute(inputs, (NOON.date(), NOON.date()))
