"""The version of code: a digest of a module and of everything of its own package that it imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from agentic_assets.versions.fingerprint import of_json, of_tree

__all__ = ["of_code"]

# What carries data and records it without shaping it: a change there makes nothing anew. That it shapes nothing is
# held by the data versions themselves, which are digests of the rows.
_CARRIES = frozenset(f"agentic_assets.{room}" for room in ("errors", "home", "lake", "pipeline", "store", "versions"))


def of_code(*parts: ModuleType | Callable[..., Any]) -> str:
    """Digest the modules of the parts and all that they import of their package, directly or not.

    A function stands for its whole module, a package for every module that its `__init__` reaches; imports inside
    functions count. Layout, comments and docstrings do not, nor do the rooms that only carry data. Nothing is imported
    to find this out.
    """
    names = {part.__name__ if isinstance(part, ModuleType) else part.__module__ for part in parts}
    return of_json(sorted((name, _digest(file)) for name, file in _reached(names).items()))


def _reached(names: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        file = None if name in found or _carries(name) else _file(name)
        if file is not None:
            found[name] = file
            waiting += _imports(name, file)
    return found


def _carries(name: str) -> bool:
    return ".".join(name.split(".")[:2]) in _CARRIES


@cache
def _file(name: str) -> Path | None:
    """Find a module of a package that is loaded; None for what is no module, or a name that a module holds."""
    top, *rest = name.split(".")
    root = getattr(sys.modules.get(top), "__path__", None)
    if root is None:
        return None
    place = Path(next(iter(root))).joinpath(*rest)
    candidates = (place / "__init__.py", place.with_suffix(".py")) if rest else (place / "__init__.py",)
    return next((file for file in candidates if file.is_file()), None)


@cache
def _digest(file: Path) -> str:
    return of_tree(_parsed(file))


@cache
def _imports(name: str, file: Path) -> tuple[str, ...]:
    top = name.split(".", 1)[0]
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    named = (imported for node in ast.walk(_parsed(file)) for imported in _named(node, package))
    return tuple(sorted({imported for imported in named if imported.split(".", 1)[0] == top}))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            # `from package import module` rests on that module, not on what else the package offers.
            below = f"{module}.{alias.name}"
            yield below if _file(below) is not None else module


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
