"""What changed between two versions of a feature set, and which number that demands."""

from copy import deepcopy
from typing import Any

import pytest

from agentic_assets.features.card import card
from agentic_assets.features.compatibility import Change, compare, demanded
from agentic_assets_tests.unit.features.test_proofs import honest

CARD = card(honest())


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    told: Any = deepcopy(CARD)
    inner = told
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = to
    told["digest"] = "another"
    return told  # type: ignore[no-any-return]


def test_a_card_says_everything_in_plain_data() -> None:
    assert (CARD["name"], CARD["version"], CARD["entity"], CARD["decided"]) == (
        "shop",
        "1.0.0",
        "order",
        "1 h before due_at",
    )
    assert CARD["sources"] == [{"name": "parcels", "table": "shop/parcels", "known_at": "sent_at"}]
    assert [feature["name"] for feature in CARD["features"]][:2] == ["sent_today", "broken_today"]


def test_nothing_changed_between_a_version_and_itself() -> None:
    assert compare(CARD, CARD) == ()
    assert demanded((), "1.2.3") == "1.2.3"


@pytest.mark.parametrize(
    ("new", "weight", "version"),
    [
        (changed("features", 0, "type", to="Int64"), "breaking", "2.0.0"),
        (changed("features", 0, "unit", to="boxes"), "breaking", "2.0.0"),
        (changed("features", 0, "name", to="posted_today"), "breaking", "2.0.0"),
        (changed("entity", to="parcel"), "breaking", "2.0.0"),
        (changed("zone", to="Europe/Berlin"), "breaking", "2.0.0"),
        (changed("decided", to="2 h before due_at"), "breaking", "2.0.0"),
        (changed("views", to=[]), "breaking", "2.0.0"),
        (changed("features", 0, "sources", to=["shop/parcels.shop"]), "values", "1.1.0"),
        (changed("sources", 0, "known_at", to="due_at"), "values", "1.1.0"),
        (changed("lookback_days", to=6), "values", "1.1.0"),
        (changed("features", to=CARD["features"][::-1]), "values", "1.1.0"),
        (changed("digest", to="another"), "values", "1.1.0"),
    ],
)
def test_each_change_has_its_weight_and_demands_its_number(new: dict[str, Any], weight: str, version: str) -> None:
    changes = compare(CARD, new)
    assert changes[0].weight == weight
    assert demanded(changes, "1.0.0") == version


def test_an_added_feature_is_compatible() -> None:
    more = changed("features", to=[*CARD["features"], {**CARD["features"][0], "name": "more"}])
    assert ("more", "compatible") in [(change.subject, change.weight) for change in compare(CARD, more)]


def test_other_words_demand_a_patch_only() -> None:
    said = changed("features", 0, "description", to="In other words.") | {"digest": CARD["digest"]}
    changes = compare(CARD, said)
    assert [change.weight for change in changes] == ["words"]
    assert demanded(changes, "1.0.0") == "1.0.1"


@pytest.mark.parametrize(
    ("what", "said"),
    [("was removed", "`a` was removed"), ("`a`: column removed", "`a`: column removed"), ("its code changed", None)],
)
def test_a_change_names_what_it_is_about_once(what: str, said: str | None) -> None:
    assert str(Change("a", "breaking", what)) == (said or what)
