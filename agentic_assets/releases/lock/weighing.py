"""What changed between two contents under one name, and the version that this demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentic_assets.agents import agent_changes
from agentic_assets.contracts.change import Change as ContractChange
from agentic_assets.contracts.change import Class, Level, differences
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.odcs.document import Document
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.table import contract_of
from agentic_assets.features.compatibility import ORDER, Change, Weight, compare
from agentic_assets.releases.content import AGENT_WORDS, ROLLOUT
from agentic_assets.releases.lock.entry import Locked, number_of

__all__ = ["changes_between", "demanded"]

_LEVELS: Final[Mapping[Weight, Level]] = {
    "breaking": Level.MAJOR,
    "values": Level.MINOR,
    "compatible": Level.MINOR,
    "words": Level.PATCH,
}


def changes_between(old: Locked, new: Locked) -> tuple[Change, ...]:
    """List what differs in content, the heaviest first; never none when the contents differ."""
    if old.digest == new.digest:
        return ()
    told = [*_COMPARED.get(old.kind, _of_keys)(old, new), *_of_code(old.says.get("code", {}), new.says.get("code", {}))]
    if not told:
        told = [Change(new.name, "values", "says something else")]
    return tuple(sorted(told, key=lambda change: ORDER.index(change.weight)))


def demanded(changes: tuple[Change, ...], old: str) -> str:
    """Give the least version that may carry these changes, after `old`.

    breaking demands a major version, other values or more of them a minor one, words a patch. Before 1.0.0 the second
    number says what breaks, and the third all else.
    """
    if not changes:
        return old
    order = (Level.PATCH, Level.MINOR, Level.MAJOR)
    level = max((_LEVELS[change.weight] for change in changes), key=order.index)
    return str(number_of(old).raised(level))


def _of_contract(old: Locked, new: Locked) -> Iterator[Change]:
    for change in differences(_contract(old), _contract(new)):
        yield Change(change.spot.column or change.aspect, _weight(change), change.what)


def _weight(change: ContractChange) -> Weight:
    if change.class_ is Class.BREAKING:
        return "breaking"
    return "words" if change.documentation else "compatible"


def _contract(one: Locked) -> Contract:
    """Compile a locked contract as the file that it came from was."""
    said = {key: value for key, value in one.says.items() if key not in ("code", "table")}
    value = {**said, "kind": "DataContract", "version": one.version, "schema": [one.says["table"]]}
    return contract_of(Document("versions.lock", value, {}), 0, one.name.partition("/")[0], Reading(at=("schema", 0)))


def _of_feature_set(old: Locked, new: Locked) -> Iterator[Change]:
    yield from compare(_card(old), _card(new))


def _card(one: Locked) -> dict[str, Any]:
    features = [{**feature, "description": ""} for feature in one.says["features"]]
    head = {"name": one.name, "version": one.version, "digest": one.says["definition"], "description": ""}
    return {**one.says, **head, "features": features}


def _of_agent(old: Locked, new: Locked) -> Iterator[Change]:
    unsaid = dict.fromkeys([*AGENT_WORDS, *ROLLOUT])
    yield from agent_changes({**old.says, **unsaid, "name": old.name}, {**new.says, **unsaid, "name": new.name})


def _of_policy(old: Locked, new: Locked) -> Iterator[Change]:
    before, after = old.says["reads"], new.says["reads"]
    for name in sorted(after.keys() - before.keys()):
        yield Change(name, "breaking", f"is read ({after[name]}), and was not: whoever feeds it must give it")
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield Change(name, "breaking", f"was read as {before[name]} and is read as {after[name]}")
    for name in sorted(before.keys() - after.keys()):
        yield Change(name, "compatible", "is not read any more")
    for name in [name for name in old.says["actions"] if name not in new.says["actions"]]:
        yield Change(name, "breaking", "is no action of it any more: who proposes it cannot be judged")
    for name in [name for name in new.says["actions"] if name not in old.says["actions"]]:
        yield Change(name, "compatible", "is an action that it can judge now")
    for part in ("rules", "resources", "quotas"):
        yield from _of_listed(part, old.says.get(part, []), new.says.get(part, []))
    yield from _of_keys(old, new, besides=("reads", "actions", "rules", "resources", "quotas"))


def _of_recipe(old: Locked, new: Locked) -> Iterator[Change]:
    before, after = old.says["features"], new.says["features"]
    for name in [name for name in after if name not in before]:
        yield Change(name, "breaking", "is a feature that it was not: whoever feeds it must give it")
    for name in [name for name in before if name not in after]:
        yield Change(name, "compatible", "is not a feature any more")
    if sorted(before) == sorted(after) and before != after:
        yield Change("features", "values", "stand in another order: models are trained on columns in order")
    one, other = old.says["parameters"], new.says["parameters"]
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield Change(name, "values", f"the parameter was {_told(one, name)} and is {_told(other, name)}")
    yield from _of_keys(old, new, besides=("features", "parameters"))


def _of_rules(old: Locked, new: Locked) -> Iterator[Change]:
    yield from _of_listed("rules", old.says["rules"], new.says["rules"])
    yield from _of_keys(old, new, besides=("rules",))


def _of_rollout(old: Locked, new: Locked) -> Iterator[Change]:
    for change in _of_keys(old, new):
        yield Change(change.subject, "words" if change.subject == "review_by" else "values", change.what)


def _of_listed(what: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    """Compare what has ids and an order: rules, quotas, resources."""
    before, after = ({item["id"]: item for item in items} for items in (old, new))
    one = what.removesuffix("s")
    for name in after:
        if name not in before:
            yield Change(name, "values", f"is a new {one}")
        elif before[name] != after[name]:
            keys = sorted(key for key in before[name].keys() | after[name].keys() if _differs(before, after, name, key))
            told = ", ".join(f"`{key}` was {_told(before[name], key)} and is {_told(after[name], key)}" for key in keys)
            yield Change(name, "values", f"the {one} changed: {told[:300]}")
    for name in before:
        if name not in after:
            yield Change(name, "values", f"the {one} was removed")
    shared = [name for name in before if name in after]
    if shared != [name for name in after if name in before]:
        yield Change(what, "values", "stand in another order: the first that holds decides")


def _differs(before: Mapping[str, Any], after: Mapping[str, Any], name: str, key: str) -> bool:
    return bool(before[name].get(key) != after[name].get(key))


def _of_keys(old: Locked, new: Locked, besides: tuple[str, ...] = ()) -> Iterator[Change]:
    for name in sorted(old.says.keys() | new.says.keys()):
        if name not in (*besides, "code") and old.says.get(name) != new.says.get(name):
            yield Change(name, "values", f"was {_told(old.says, name)} and is {_told(new.says, name)}")


def _of_code(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    if changed:
        said = ", ".join(f"`{name.partition(':')[2]}` in {_file(name)}" for name in changed[:4])
        more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
        yield Change("code", "values", f"its code changed: {said}{more}")


def _file(name: str) -> str:
    return f"{name.partition(':')[0].replace('.', '/')}.py"


def _told(values: Mapping[str, Any], name: str) -> str:
    return repr(values[name])[:60] if name in values else "not there"


_COMPARED: Final = {
    "agent": _of_agent,
    "contract": _of_contract,
    "feature_set": _of_feature_set,
    "policy": _of_policy,
    "recipe": _of_recipe,
    "rollout": _of_rollout,
    "rules": _of_rules,
}
