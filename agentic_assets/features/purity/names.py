"""The names that code uses, and what stands behind them now, found in its instructions without running it."""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import getattr_static
from types import CodeType, ModuleType
from typing import Any, Final

__all__ = ["UNKNOWN", "Named", "names_in"]

UNKNOWN: Final = object()
"""Stands for what cannot be known before the code runs."""

_VARIABLES: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_CELLS: Final = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_CLOSURE"})
_PARTS: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


@dataclass(frozen=True)
class Named:
    """One use: the name with its dots as it is written, and the value; `kept` when the code assigns a global."""

    name: str
    value: Any
    kept: bool = False


def names_in(code: CodeType, names: Mapping[str, Any], cells: Mapping[str, Any]) -> Iterator[Named]:
    """Give what code names, and the code inside of it, each name with all its prefixes.

    `names` are the globals, `cells` what the code closes over. An attribute is followed through modules and classes,
    and read elsewhere only where reading runs no code.
    """
    yield from _names_in(code, names, {name: Named(name, value) for name, value in cells.items()})


def _names_in(code: CodeType, names: Mapping[str, Any], cells: Mapping[str, Named]) -> Iterator[Named]:
    local: dict[str, Named] = {}
    module = at = Named("", UNKNOWN)
    # A variable that inner code captures is this code's own, whatever a global or an outer one of that name is.
    held = {name: named for name, named in cells.items() if name not in code.co_cellvars}
    for step in dis.get_instructions(code):
        name = str(step.argval)
        if step.opname in _VARIABLES:
            value = _variable(name, names)
            at = Named("" if value is UNKNOWN else name, value)
        elif step.opname in _CELLS:
            at = held.get(name, Named("", UNKNOWN))
        elif step.opname in _PARTS:
            at = _part(at, name)
        elif step.opname == "IMPORT_NAME":
            # `import a.b` binds a, and `import a.b as c` takes b from it: the full name is told by both.
            yield Named(name, sys.modules.get(name, UNKNOWN))
            module = at = Named(name, sys.modules.get(name, UNKNOWN))
        elif step.opname == "IMPORT_FROM":
            at = _part(module, name)
        elif step.opname in ("STORE_FAST", "STORE_DEREF"):
            (local if step.opname == "STORE_FAST" else held)[name] = at
            at = Named("", UNKNOWN)
            continue
        elif step.opname == "LOAD_FAST":
            at = local.get(name, Named("", UNKNOWN))
            continue
        elif step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            yield Named(name, UNKNOWN, kept=True)
            continue
        else:
            at = Named("", UNKNOWN)
            continue
        yield at
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant, names, held)


def _variable(name: str, names: Mapping[str, Any]) -> Any:
    return names[name] if name in names else getattr(builtins, name, UNKNOWN)


def _part(whole: Named, name: str) -> Named:
    full = f"{whole.name}.{name}"
    if isinstance(whole.value, ModuleType | type):
        return Named(full, getattr(whole.value, name, UNKNOWN))
    found = UNKNOWN if whole.value is UNKNOWN else getattr_static(whole.value, name, UNKNOWN)
    return Named(full, UNKNOWN if hasattr(type(found), "__get__") else found)
