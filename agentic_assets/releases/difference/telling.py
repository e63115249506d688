"""Tell in words how what a version says differs from what another says: plain JSON values on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from agentic_assets.features.compatibility import Change

__all__ = ["told"]

_LONGEST: Final = 80
_NAMES: Final = ("id", "name")
_CODE: Final = "code"
_DIGESTS: Final = frozenset({"definition", "digest"})


def told(old: Any, new: Any, path: str = "") -> tuple[Change, ...]:
    """List what differs, place by place; the definitions of code by their names."""
    return tuple(_told(old, new, path))


def _told(old: Any, new: Any, path: str) -> Iterator[Change]:
    if old == new:
        return
    before, after = _members(old), _members(new)
    if before is None or after is None:
        yield Change(path or "it", "values", _from_to(old, new, path))
        return
    for name in dict.fromkeys((*before, *after)):
        place = f"{path}.{name}" if path else str(name)
        if path == _CODE:
            if before.get(name) != after.get(name):
                yield Change(str(name), "values", f"its code {_state(name, before, after)}")
        elif name not in after:
            yield Change(place, "values", f"is gone; it was {_short(before[name])}")
        elif name not in before:
            yield Change(place, "values", f"is new: {_short(after[name])}")
        else:
            yield from _told(before[name], after[name], place)
    if [*before] != [*after] and {*before} == {*after} and not isinstance(old, Mapping):
        yield Change(path or "it", "values", f"comes in another order: {_short([*after])}")


def _members(value: Any) -> Mapping[Any, Any] | None:
    """Give the parts of a value by name; None for one that has none."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        for key in _NAMES:
            if all(isinstance(one, Mapping) and isinstance(one.get(key), str) for one in value):
                named = {one[key]: {name: held for name, held in one.items() if name != key} for one in value}
                return named if len(named) == len(value) else None
    return None


def _from_to(old: Any, new: Any, path: str) -> str:
    if path.rpartition(".")[2] in _DIGESTS:
        return "another digest: it says something else"
    return f"was {_short(old)} and is {_short(new)}"


def _state(name: Any, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    return "differs" if name in before and name in after else "is new" if name in after else "is gone"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    plain = " ".join(text.split())
    shown = plain if plain.isprintable() else ascii(plain)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
