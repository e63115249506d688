"""What changed between two versions of an agent, in words: for who feeds it and for who consumes its proposals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentic_assets.features.compatibility import ORDER, Change

__all__ = ["agent_changes"]

Card = Mapping[str, Any]

# What people say of an agent; nobody who feeds or consumes it notices.
_WORDS: Final = {
    "owner": "another owner answers for it",
    "author": "another author made it, who may not validate it",
    "purpose": "its purpose is said in other words",
    "responsibilities": "its responsibilities are said in other words",
    "decision_boundaries": "its boundaries are said in other words",
    "failure_modes": "its failure modes are said in other words",
    "risk_tier": "its risk is rated otherwise",
    "review_by": "it is to be reviewed at another time",
}


def agent_changes(old: Card, new: Card) -> tuple[Change, ...]:
    """List what differs between two cards, the heaviest first.

    breaking: who feeds it or consumes its proposals must change with it; values: it proposes otherwise in the same
    form; compatible: it asks for less; words. `features.compatibility.demanded` says which version that demands.
    """
    changes = [*_of_input(old, new), *_of_output(old, new), *_of_behaviour(old, new)]
    changes += [Change(key, "words", why) for key, why in _WORDS.items() if old[key] != new[key]]
    return tuple(sorted(changes, key=lambda change: (ORDER.index(change.weight), change.subject)))


def _of_input(old: Card, new: Card) -> Iterator[Change]:
    if old["name"] != new["name"]:
        yield Change("name", "breaking", f"{old['name']} became {new['name']}: it is another agent")
    for key, why in (("feature_set", "it is fed from another set"), ("entity", "it decides about something else")):
        if old[key] != new[key]:
            yield Change(key, "breaking", f"{old[key]} became {new[key]}: {why}")
    before, after = old["columns"], new["columns"]
    if after and not before:
        yield Change("columns", "compatible", "are named now: it reads no others of the set")
        return
    if before and not after:
        yield Change("columns", "breaking", "are not named any more: it reads the whole set")
        return
    for name in sorted(before.keys() - after.keys()):
        yield Change(name, "compatible", "is not read any more")
    for name in sorted(after.keys() - before.keys()):
        yield Change(name, "breaking", f"is read ({after[name]}), and was not: whoever feeds it must give it")
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield Change(name, "breaking", f"was read as {before[name]} and is read as {after[name]}")


def _of_output(old: Card, new: Card) -> Iterator[Change]:
    for action in [action for action in new["actions"] if action not in old["actions"]]:
        yield Change(action, "breaking", "can be proposed, and could not: whoever consumes it must know it")
    for action in [action for action in old["actions"] if action not in new["actions"]]:
        yield Change(action, "values", "is never proposed any more")
    before, after = old["output"], new["output"]
    for name in sorted(before.keys() - after.keys()):
        yield Change(name, "breaking", "is always 0 now: whoever reads it is told nothing")
    for name in sorted(after.keys() - before.keys()):
        yield Change(name, "breaking", f"was always 0 and now means: {after[name]['means']}")
    for name in sorted(before.keys() & after.keys()):
        was, now = before[name], after[name]
        if was["means"] != now["means"]:
            yield Change(name, "breaking", f"meant `{was['means']}` and means `{now['means']}`")
        if now["at_most"] > was["at_most"]:
            yield Change(name, "breaking", f"was at most {was['at_most']:,} and can be {now['at_most']:,}")
        if now["at_most"] < was["at_most"]:
            yield Change(name, "values", f"was at most {was['at_most']:,} and is at most {now['at_most']:,}")
    for name in sorted(old["resources"].keys() | new["resources"].keys()):
        was, now = (card["resources"].get(name, "nothing") for card in (old, new))
        if was != now:
            yield Change(name, "values", f"was bid for by {was} and is by {now}: others get other shares")


def _of_behaviour(old: Card, new: Card) -> Iterator[Change]:
    if old["kind"] != new["kind"]:
        yield Change("kind", "values", f"{old['kind']} became {new['kind']}: it proposes on other grounds")
    if old["phase"] != new["phase"]:
        yield Change("phase", "values", f"it is born in {new['phase']}, and was in {old['phase']}")
    before, after = old["parameters"], new["parameters"]
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Change(name, "values", f"the parameter was {_told(before, name)} and is {_told(after, name)}")


def _told(parameters: Mapping[str, Any], name: str) -> str:
    return repr(parameters[name])[:60] if name in parameters else "not there"
