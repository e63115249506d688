"""Everything that a function reaches without being run: values it closes over, names it uses, functions it calls."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType, MethodType
from typing import Any, Final

from agentic_assets.features.purity.names import Named, names_in
from agentic_assets.versions.closures import closed_over

__all__ = ["Reached", "reached"]

_DEEP: Final = 6
_LIBRARY: Final = __name__.partition(".")[0]
_OWN_ROOMS: Final = frozenset({"domains"})
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")
_INSTALLED: Final = ("site-packages", "dist-packages")


@dataclass
class Reached:
    """What was reached: each use with the functions on the way to it, and the functions in the order of the walk."""

    uses: list[tuple[tuple[FunctionType, ...], Named]] = field(default_factory=list)
    functions: list[FunctionType] = field(default_factory=list)


def reached(code: Any) -> Reached:
    """Walk from a function, or from whatever can be called, through all that can be seen of it.

    Other libraries and the standard library are named and not looked into, and neither is this library itself, whose
    code comes with the set's digest.
    """
    walk = _Walk(_package(code))
    walk.value(Named("", code), (), 0)
    return walk.found


class _Walk:
    def __init__(self, package: str) -> None:
        self.found = Reached()
        self._package = package
        self._seen: dict[int, Any] = {}  # holds on to what was seen, so that no number is given twice

    def value(self, named: Named, way: tuple[FunctionType, ...], deep: int) -> None:
        value = named.value
        if way or named.name:
            self.found.uses.append((way, named))
        if deep > _DEEP or id(value) in self._seen or isinstance(value, str | bytes | int | float | None):
            return
        self._seen[id(value)] = value
        for inner in self._inside(value, named.name):
            self.value(inner, way, deep + 1)
        if isinstance(value, FunctionType) and self._ours(value):
            self._function(value, (*way, value))

    def _inside(self, value: Any, name: str) -> Iterator[Named]:
        """Give what a value holds, with a name that leads there."""
        if isinstance(value, partial):
            yield Named(name, value.func)
            yield from (Named(f"{name}({place})", held) for place, held in enumerate(value.args))
            yield from (Named(f"{name}({key}=)", held) for key, held in value.keywords.items())
        elif isinstance(value, MethodType):
            yield Named(name, value.__func__)
            yield Named(f"{name}.__self__", value.__self__)
        elif isinstance(value, Mapping):
            yield from (Named(f"{name}[{key!r:.40}]", held) for key, held in value.items())
        elif isinstance(value, list | tuple | set | frozenset):
            # A set is in another order in every process.
            ordered = sorted(value, key=_place) if isinstance(value, set | frozenset) else value
            yield from (Named(f"{name}[{place}]", held) for place, held in enumerate(ordered))
        elif isinstance(value, type):
            if self._ours(value):
                yield from (Named(f"{name}.{key}", held) for key, held in vars(value).items() if not _is_dunder(key))
        elif isinstance(value, classmethod | staticmethod):
            yield Named(name, value.__func__)
        elif isinstance(value, property):
            yield Named(name, value.fget)
        elif isinstance(inner := getattr(value, "__wrapped__", None), FunctionType):  # as `functools.cache` gives it
            yield Named(name, inner)
        elif self._ours(type(value)):
            yield from (Named(f"{name}.{key}", held) for key, held in getattr(value, "__dict__", {}).items())
            yield from (Named(f"{name}.{kind.__name__}", kind) for kind in type(value).__mro__ if self._ours(kind))

    def _function(self, function: FunctionType, way: tuple[FunctionType, ...]) -> None:
        self.found.functions.append(function)
        if isinstance(inner := getattr(function, "__wrapped__", None), FunctionType):
            self.value(Named(inner.__name__, inner), way, 0)
        cells = closed_over(function)
        for name, held in cells.items():
            self.value(Named(name, held), way, 0)
        for held in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self.value(Named("a default value", held), way, 0)
        for named in names_in(function.__code__, function.__globals__, cells):
            self.value(named, way, 0)

    def _ours(self, code: Any) -> bool:
        """Say whether a function or class is of the set's makers, so that it is to be looked into."""
        package = _package(code)
        if package == _LIBRARY:
            return f"{code.__module__}.".split(".")[1] in _OWN_ROOMS
        if package == self._package:
            return True
        if package in sys.stdlib_module_names or package in sys.builtin_module_names:
            return package == "__main__"
        file = getattr(sys.modules.get(str(code.__module__)), "__file__", None) or ""
        return not any(folder in file for folder in _INSTALLED)


def _package(code: Any) -> str:
    while isinstance(code, partial | MethodType):
        code = code.func if isinstance(code, partial) else code.__func__
    found = getattr(code, "__module__", None) or type(code).__module__
    return str(found).partition(".")[0]


def _place(value: Any) -> tuple[str, ...]:
    """Give what sorts the members of a set: their kind and words, never where they lie in memory."""
    if isinstance(value, set | frozenset):
        words = [" ".join(_place(held)) for held in sorted(value, key=_place)]
    elif isinstance(value, tuple):
        words = [" ".join(_place(held)) for held in value]
    else:
        words = [_ADDRESS.sub("", repr(value))]
    return (type(value).__qualname__, str(getattr(value, "__module__", "")), *words)


def _is_dunder(name: str) -> bool:
    """Say whether a part of a class is there for Python, and runs only when something else of the class does."""
    return name.startswith("__") and name.endswith("__") and name != "__call__"
