"""Which change demands which version, for what nobody breaks in the real domain; and numbers that are wrong as such."""

from collections.abc import Mapping
from typing import Any

import pytest

from agentic_assets.domains import load_domain
from agentic_assets.releases import Declared, declared
from agentic_assets.releases.lock import Locked, changes_between, demanded, judge
from agentic_assets.versions import Pin, of_json

Says = Mapping[str, Any]


@pytest.fixture(scope="module")
def says() -> dict[str, Says]:
    return {f"{one.pin.kind} {one.pin.name}": one.says for one in declared(load_domain("departures"))}


def _one(kind: str, name: str, version: str, said: Says, *, follows: bool = False) -> Declared:
    return Declared(Pin(kind, name, version, of_json(said)), ("an/asset",), said, follows)


def _lock(*declared: Declared) -> list[Locked]:
    return [Locked.of(one) for one in declared]


def _least(kind: str, name: str, before: Says, after: Says) -> tuple[str, str]:
    (old,), (new,) = _lock(_one(kind, name, "1.2.3", before)), _lock(_one(kind, name, "1.2.3", after))
    changes = changes_between(old, new)
    return demanded(changes, "1.2.3"), "; ".join(f"{change.subject}: {change.what}" for change in changes)


def _features(said: Says, change: Mapping[str, Any]) -> Says:
    features = [{**each, **change} if each["name"] == "origin" else each for each in said["features"]]
    return {**said, "features": features, "definition": "another"}


def test_a_feature_set_breaks_who_reads_what_is_gone_or_means_something_else(says: dict[str, Says]) -> None:
    said = says["feature_set departure_delay"]
    gone = {**said, "features": said["features"][1:], "definition": "another"}
    assert _least("feature_set", "s", said, gone)[0] == "2.0.0"
    assert "carrier: was removed" in _least("feature_set", "s", said, gone)[1]
    assert _least("feature_set", "s", said, _features(said, {"type": "Int32"}))[0] == "2.0.0"
    assert _least("feature_set", "s", said, _features(said, {"unit": "name"}))[0] == "2.0.0"
    assert _least("feature_set", "s", gone, said)[0] == "1.3.0"
    assert _least("feature_set", "s", said, {**said, "definition": "another"})[0] == "1.3.0"


def test_an_agent_breaks_who_feeds_it_or_reads_its_proposals(says: dict[str, Says]) -> None:
    said = says["agent delay_risk"]
    for change, least in (
        ({"actions": [*said["actions"], "divert"]}, "2.0.0"),
        ({"feature_set": "departure_delay@2.0.0"}, "2.0.0"),
        ({"output": {name: figure for name, figure in said["output"].items() if name != "score_bp"}}, "2.0.0"),
        ({"resources": {}}, "1.3.0"),
        ({"parameters": {**said["parameters"], "standby_from_bp": 7001}}, "1.3.0"),
        ({"code": {**said["code"], "agent:context": "0" * 12}}, "1.3.0"),
        ({"owner": "somebody_else"}, "1.2.4"),
    ):
        assert _least("agent", "a", said, {**said, **change})[0] == least, change


def test_a_contract_is_judged_by_the_rules_of_contracts(says: dict[str, Says]) -> None:
    said = says["contract departures/mornings"]
    table = said["table"]
    properties = table["properties"]
    wider = [{**each, "required": False} if each["name"] == "opens_at" else each for each in properties]
    more = [*properties, {"name": "note", "logicalType": "string"}]
    for changed, least in ((wider, "2.0.0"), (properties[1:], "2.0.0"), (more, "1.3.0")):
        after = {**said, "table": {**table, "properties": changed}}
        assert _least("contract", "departures/mornings", said, after)[0] == least


def test_a_policy_breaks_who_feeds_it_or_proposes_what_it_does_not_judge(says: dict[str, Says]) -> None:
    said = says["policy departures"]
    rules = said["rules"]
    for change, least in (
        ({"reads": {**said["reads"], "wx_visib": "number"}}, "2.0.0"),
        ({"actions": said["actions"][:-1]}, "2.0.0"),
        ({"actions": [*said["actions"], "divert"]}, "1.3.0"),
        ({"rules": rules[1:]}, "1.3.0"),
        ({"rules": rules[::-1]}, "1.3.0"),
        ({"authorization": "0" * 12}, "1.3.0"),
    ):
        assert _least("policy", "p", said, {**said, **change})[0] == least, change


def test_a_recipe_breaks_who_must_give_it_another_feature(says: dict[str, Says]) -> None:
    said = says["recipe delay_risk"]
    assert _least("recipe", "r", said, {**said, "features": [*said["features"], "wx_new"]})[0] == "2.0.0"
    assert _least("recipe", "r", said, {**said, "features": said["features"][::-1]})[0] == "1.3.0"
    assert _least("recipe", "r", said, {**said, "rounds": 10}) == ("1.3.0", "rounds: was 80 and is 10")


def test_before_the_first_major_version_the_second_number_says_what_breaks() -> None:
    assert demanded((), "0.3.1") == "0.3.1"
    (old,), (new,) = _lock(_one("new_kind", "x", "0.3.1", {"a": 1})), _lock(_one("new_kind", "x", "0.3.1", {"a": 2}))
    assert demanded(changes_between(old, new), "0.3.1") == "0.3.2"


def test_a_version_that_is_lower_than_the_locked_one_went_back() -> None:
    locked = _lock(_one("recipe", "r", "1.2.0", {"a": 1}))
    (back, behind) = judge([_one("recipe", "r", "1.1.0", {"a": 2})], locked)
    assert (back.rule, back.refuses) == ("version-went-back", True)
    assert "make it more than 1.2.0" in back.hint
    assert behind.rule == "lock-behind"


def test_versions_of_one_name_stand_side_by_side() -> None:
    old, new = _one("agent", "a", "1.0.0", {"a": 1}), _one("agent", "a", "2.0.0", {"a": 2})
    assert judge([old, new], _lock(old, new)) == ()
    assert [finding.rule for finding in judge([old, new], _lock(new))] == ["lock-behind"]
    (gone,) = judge([new], _lock(old, new))
    assert "agent a@1.0.0: locked and not declared any more" in gone.what


def test_what_follows_from_something_else_needs_no_number_and_is_locked_again() -> None:
    before, after = ({"answers": count} for count in (1, 2))
    (finding,) = judge([_one("recordings", "r", "-", after, follows=True)], _lock(_one("recordings", "r", "-", before)))
    assert (finding.rule, finding.refuses) == ("lock-behind", False)
    assert "recordings r: other content than is locked" in finding.what


def test_long_lists_are_cut() -> None:
    many = [_one("recipe", f"r{number:02}", "1.0.0", {}) for number in range(40)]
    (finding,) = judge(many, ())
    assert "r04@1.0.0 and 35 more: not locked yet" in finding.what
