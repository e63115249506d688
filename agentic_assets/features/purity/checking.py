"""Refuse a feature set whose code reaches what nobody could know at the decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.purity.impure import impurity
from agentic_assets.features.purity.walking import reached

if TYPE_CHECKING:
    from agentic_assets.features.definition import FeatureSet

__all__ = ["check_code"]


def check_code(definition: FeatureSet) -> None:
    """Refuse views by code, and kinds of the user's own, that close over a frame or name files, the clock or chance."""
    for view, code in _codes(definition):
        found: dict[str, tuple[tuple[FunctionType, ...], str]] = {}
        for way, named in reached(code).uses:
            if (told := impurity(named)) is not None:
                found.setdefault(named.name, (way, told))
        if not found:
            continue
        name, (way, told) = next(iter(found.items()))
        others = ", ".join(f"`{other}`" for other in [*found][1:4])
        raise PointInTimeViolation(
            f"feature set {definition.name}@{definition.version}: the code of view {view!r} reaches `{name}`: {told}"
            f"{_where(way)}{f'; also {others}' if others else ''}",
            hint="declare a Source with its known_at, and take facts and entities from what the view is given; give "
            "constants as numbers, texts or tuples of them",
        )


def _codes(definition: FeatureSet) -> Iterator[tuple[str, Any]]:
    for view in definition.views:
        name = getattr(view, "name", getattr(view, "__name__", type(view).__name__))
        make: Callable[..., Any] | None = getattr(view, "make", None)
        yield name, make or view
        for part in getattr(view, "parts", ()):
            yield name, part
            yield from ((name, aggregate) for aggregate in getattr(part, "aggregates", ()))


def _where(way: tuple[FunctionType, ...]) -> str:
    if not way:
        return ""
    code = way[-1].__code__
    through = " -> ".join(function.__qualname__.replace("<locals>.", "") for function in way)
    return f" ({through:.120}, {Path(code.co_filename).name} line {code.co_firstlineno})"
