"""The definitions that functions rest on, found in the source of one package without running any of it.

A module is too coarse to say what shapes one thing of several that live in it. So the walk goes from definition to
definition: what a function names at the top of its module, what that names in turn, across the package's modules. What
is reached by a name that is computed, as with `getattr`, cannot be seen, nor what is read from a file.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

import polars as pl

from agentic_assets.versions.closures import closed_over
from agentic_assets.versions.fingerprint import of_bytes, of_json
from agentic_assets.versions.syntax import (
    Source,
    digest_of,
    import_statements,
    imports_of,
    made_at,
    read_source,
    used_by,
)

__all__ = ["Slice", "slice_of"]

_DIGITS: Final = 12
_DEEP: Final = 12
_PLAIN: Final = (bool, int, float, str, bytes, type(None), date, time, timedelta, Decimal, pl.DataType)


class Slice(NamedTuple):
    """The definitions that something rests on, `module:name` -> 12 digits, and the versioned values on the way."""

    definitions: dict[str, str]
    met: tuple[Any, ...]


def slice_of(parts: Iterable[Any], package: str, versioned: tuple[type, ...] = ()) -> Slice:
    """Digest each definition of the package that the parts rest on.

    Parts are functions, or values that hold some: closures, partials, tuples, records. Constants that a function of the
    package closes over, or that an instance of one of its classes holds, count with it. What is of one of the types
    `versioned` has a version of its own and is not looked into, and neither is code outside of the package. Layout,
    comments and docstrings do not count. Classes count whole; so does a module that is used as a value.
    """
    walk = _Walk(package, versioned)
    for part in parts:
        walk.value(part)
    found = walk.found | {name: of_json(sorted(held))[:_DIGITS] for name, held in walk.held.items()}
    found |= {
        name: (of_json(sorted(made)) if len(made) > 1 else min(made))[:_DIGITS] for name, made in walk.made.items()
    }
    return Slice(dict(sorted(found.items())), tuple(walk.met.values()))


class _Walk:
    def __init__(self, package: str, versioned: tuple[type, ...]) -> None:
        self.found: dict[str, str] = {}
        self.held: dict[str, set[str]] = {}
        self.made: dict[str, set[str]] = {}  # several inner functions may have one name
        self.met: dict[int, Any] = {}
        self._package = package
        self._versioned = versioned
        self._seen: dict[int, Any] = {}  # holds on to what was seen, so that no number is given twice
        self._named: set[tuple[str, str]] = set()
        self._root: Path | None = None
        self._import: Callable[..., ModuleType] = builtins.__import__

    def value(self, value: Any, deep: int = 0) -> None:
        """Start from a value: from the package's functions in it, wherever they stand."""
        if id(value) in self._seen or deep > _DEEP or isinstance(value, _PLAIN) or self._has_version(value):
            return
        self._seen[id(value)] = value
        for inner in _inside(value):
            self.value(inner, deep + 1)
        if isinstance(value, FunctionType):
            if self._ours(_module_of(value)):
                self._function(value)
        elif isinstance(value, partial):
            made = getattr(value.func, "__wrapped__", value.func)
            if isinstance(made, FunctionType) and self._ours(_module_of(made)):
                self._hold(_module_of(made), made.__code__.co_qualname, [value.args, value.keywords])
        elif isinstance(value, type):
            if self._ours(value.__module__):
                self._class(value)
        elif self._ours(type(value).__module__):
            self._class(type(value))
            self._hold(type(value).__module__, type(value).__qualname__, _attributes(value))

    def _class(self, kind: type) -> None:
        """Follow a class; where it lies, one of its functions knows."""
        functions = (each for each in vars(kind).values() if isinstance(each, FunctionType))
        for function in [each for each in functions if _module_of(each) == kind.__module__][:1]:
            self._locate(function)
        self._name(kind.__module__, kind.__qualname__.partition(".")[0])

    def _hold(self, module: str, name: str, values: Any) -> None:
        """Note the constants that come with a function or with an instance of a class."""
        label = f"{self._short(module)}:{name}(...)"
        self.held.setdefault(label, set()).add(of_json(_constant(values)))

    def _locate(self, function: FunctionType) -> None:
        """Learn from a function where the package lies, and how its modules are imported."""
        module, known = _module_of(function), function.__globals__
        file = Path(known.get("__file__") or function.__code__.co_filename)
        own = known.get("__builtins__", builtins)
        # An older version of a package has an import statement of its own.
        self._import = own["__import__"] if isinstance(own, dict) else own.__import__
        steps = module[len(self._package) + 1 :].split(".") if module != self._package else []
        place = file.parent if file.name == "__init__.py" else file.with_suffix("")
        self._root = place.parents[len(steps) - 1] if steps else place

    def _function(self, function: FunctionType) -> None:
        module, name = _module_of(function), function.__code__.co_qualname
        self._locate(function)
        top, _, inner = name.partition(".<locals>.")
        if not inner and not top.startswith("<"):  # what a lambda at the top is called, if anything, it does not know
            self._name(module, top.partition(".")[0])
            return
        source = self._source(module)
        for node in [] if source is None else made_at(source.tree, function):
            held = closed_over(function).items()
            plain = [[free, told] for free, each in held if (told := _constant(each)) is not None]
            self.made.setdefault(f"{self._short(module)}:{name}", set()).add(of_json([digest_of(node), plain]))
            self._used_by(module, node)

    def _name(self, module: str, name: str) -> None:
        """Follow one name at the top of a module of the package."""
        if (module, name) in self._named:
            return
        self._named.add((module, name))
        source = self._source(module)
        if source is None or self._has_version(self._live(module).get(name)):
            return
        if name in source.bound:
            statements = source.bound[name]
            self.found[f"{self._short(module)}:{name}"] = of_json([digest_of(each) for each in statements])[:_DIGITS]
            for statement in statements:
                self._used_by(module, statement)
        elif name in source.imports:
            self._imported(*source.imports[name], ())
        else:
            for origin in source.stars:
                self._imported(origin, name, ())

    def _used_by(self, module: str, node: ast.AST) -> None:
        source = self._source(module)
        imports = {} if source is None else source.imports
        for used in used_by(node):
            if used.name in imports:
                if not self._has_version(self._live(module).get(used.name)):
                    self._imported(*imports[used.name], used.parts)
            elif any(name.startswith(f"{used.name}.") for name in imports):
                self._imported(used.name, None, used.parts)
            else:
                self._name(module, used.name)
        for statement in import_statements(node):
            for origin, name in imports_of(statement, module, self._is_package(module)).values():
                self._imported(origin, name, ())

    def _imported(self, module: str, name: str | None, parts: tuple[str, ...]) -> None:
        """Follow `from module import name`, or for no name the module, of which parts may be used."""
        steps = parts if name is None else (name, *parts)
        while steps and self._holds(module, steps[0], named=name is not None and len(steps) > len(parts)):
            module, steps = f"{module}.{steps[0]}", steps[1:]
        source = self._source(module)
        if source is None:
            return
        for each in steps[:1] or source.bound:
            self._name(module, each)

    def _holds(self, package: str, name: str, *, named: bool) -> bool:
        """Say whether a part of a package is a module of ours, or the way to one."""
        module = f"{package}.{name}"
        if f"{self._package}.".startswith(f"{module}."):
            return True
        source = self._source(package)
        return self._file(module) is not None and (named or source is None or name not in source.bound)

    def _has_version(self, value: Any) -> bool:
        if not isinstance(value, self._versioned):
            return False
        self.met[id(value)] = value
        return True

    def _ours(self, module: str | None) -> bool:
        return module is not None and (module == self._package or module.startswith(f"{self._package}."))

    def _short(self, module: str) -> str:
        return module[len(self._package) + 1 :] or "__init__"

    def _live(self, module: str) -> Mapping[str, Any]:
        try:
            return vars(self._import(module, fromlist=["_"]))
        except ImportError:  # it needs what is not installed: nothing of it is known to have a version
            return {}

    def _file(self, module: str) -> Path | None:
        if self._root is None or not self._ours(module):
            return None
        place = self._root.joinpath(*module[len(self._package) + 1 :].split("."))
        found = (
            (place / "__init__.py", place.with_suffix(".py")) if module != self._package else (place / "__init__.py",)
        )
        return next((file for file in found if file.is_file()), None)

    def _is_package(self, module: str) -> bool:
        file = self._file(module)
        return file is not None and file.name == "__init__.py"

    def _source(self, module: str) -> Source | None:
        file = self._file(module)
        return None if file is None else read_source(file, file.stat().st_mtime_ns, module)


def _module_of(function: FunctionType) -> str:
    """Give the module that a function's code lies in, though `functools.wraps` lets it pass for another's."""
    return str(function.__globals__.get("__name__", function.__module__))


def _inside(value: Any) -> Iterator[Any]:
    """Give what a value holds that may be, or hold, a function."""
    if isinstance(value, FunctionType):
        yield from closed_over(value).values()
    elif isinstance(value, partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, MethodType):
        yield from (value.__func__, value.__self__)
    elif isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, each.name, None) for each in fields(value))
    if isinstance(inner := getattr(value, "__wrapped__", None), FunctionType):  # as `functools.cache` gives it
        yield inner


def _attributes(value: Any) -> dict[str, Any]:
    """Give what an instance was made with; what it remembers of its own work does not count."""
    if is_dataclass(value):
        return {each.name: getattr(value, each.name, None) for each in fields(value)}
    own = getattr(value, "__dict__", {})
    return {
        name: held for name, held in own.items() if not isinstance(getattr(type(value), name, None), cached_property)
    }


def _constant(value: Any) -> Any:
    """Tell a constant as JSON; null for what is told by its code, or cannot be told."""
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, _PLAIN):
        return [type(value).__name__, repr(value)]
    if isinstance(value, pl.Expr):
        return of_bytes(value.meta.serialize())
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if isinstance(value, Mapping):
        return sorted([str(key), of_json(_constant(held))] for key, held in value.items())
    if isinstance(value, set | frozenset):
        return sorted(of_json(_constant(held)) for held in value)
    return [_constant(held) for held in value] if isinstance(value, list | tuple) else None
