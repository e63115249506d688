"""The version of code: a digest of a module and of everything of its own package that it imports."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from agentic_assets.versions import fingerprint, memory
from agentic_assets.versions.fingerprint import of_bytes, of_json, of_tree
from agentic_assets.versions.memory import Memory, remembered_in

__all__ = ["forget", "of_code", "of_rooms"]

# What carries data and records it without shaping it: a change there makes nothing anew. That it shapes nothing is
# held by the data versions themselves, which are digests of the rows.
_CARRIES = frozenset(f"agentic_assets.{room}" for room in ("errors", "home", "lake", "pipeline", "store", "versions"))


Import = tuple[str | None, int, tuple[str, ...]]
"""What an import statement says: the module, None for a plain `import`; how many dots before it; the names."""


class Module(NamedTuple):
    """What is remembered of one file."""

    digest: str
    imports: tuple[Import, ...]


def of_code(*parts: ModuleType | Callable[..., Any]) -> str:
    """Digest the modules of the parts and all that they import of their package, directly or not.

    A function stands for its whole module, a package for every module that its `__init__` reaches; imports inside
    functions count. Layout, comments and docstrings do not, nor do the rooms that only carry data. Nothing is imported
    to find this out.
    """
    names = {part.__name__ if isinstance(part, ModuleType) else part.__module__ for part in parts}
    return _version(frozenset((name, _file(name)) for name in names))


def of_rooms(folder: Path, rooms: Iterable[str]) -> str:
    """Digest the syntax trees of every module in some folders of a package, by their places in it."""
    files = sorted(file for room in rooms for file in (folder / room).rglob("*.py"))
    found = [(file.relative_to(folder).as_posix(), _digest(file)) for file in files]
    _memory(_place()).write()
    return of_json(found)


def forget() -> None:
    """Forget what this process has read: files have changed since."""
    for known in (_version, _within, _digest, _imports, _known, _memory):
        known.cache_clear()


@cache
def _version(parts: frozenset[tuple[str, Path | None]]) -> str:
    # With their files, for two versions of a domain have modules of the same names.
    found = sorted((name, _digest(file)) for name, file in _reached(name for name, _ in parts).items())
    _memory(_place()).write()
    return of_json(found)


def _reached(names: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(names)
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        file = None if _carries(name) else _file(name)
        if file is not None:
            found[name] = file
            new = [imported for imported in _imports(name, file) if imported not in seen]
            seen.update(new)
            waiting += new
    return found


def _carries(name: str) -> bool:
    return ".".join(name.split(".")[:2]) in _CARRIES


def _file(name: str) -> Path | None:
    """Find a module of a package that is loaded; None for what is no module, or a name that a module holds.

    The innermost loaded package around it says where it lies: users' domains have folders of their own.
    """
    around, rest = name, ""
    while around:
        folders = getattr(sys.modules.get(around), "__path__", None)
        if folders is not None:
            return _within(tuple(folders), rest)
        around, _, last = around.rpartition(".")
        rest = os.path.join(last, rest) if rest else last
    return None


@cache
def _within(folders: tuple[str, ...], rest: str) -> Path | None:
    for place in (os.path.join(folder, rest) if rest else folder for folder in folders):
        # Joined as texts: a path for each name that is tried would cost every command a tenth of a second.
        for file in (os.path.join(place, "__init__.py"), *([f"{place}.py"] if rest else [])):
            if os.path.isfile(file):
                return Path(file)
    return None


@cache
def _digest(file: Path) -> str:
    return _known(file).digest


@cache
def _imports(name: str, file: Path) -> tuple[str, ...]:
    top = name.split(".", 1)[0]
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return tuple(sorted({imported for said in _known(file).imports for imported in _named(said, package, top)}))


def _named(statement: Import, package: str, top: str) -> Iterator[str]:
    """Give the modules of the package `top` that an import statement names."""
    origin, level, names = statement
    if origin is None:
        yield from (name for name in names if name.split(".", 1)[0] == top)
        return
    above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
    module = ".".join([*above, *([origin] if origin else [])])
    for name in names if module.split(".", 1)[0] == top else ():
        # `from package import module` rests on that module, not on what else the package offers.
        below = f"{module}.{name}"
        yield below if _file(below) is not None else module


@cache
def _known(file: Path) -> Module:
    """Digest a file, or remember it: parsing a whole package would cost every command two seconds."""
    source = file.read_bytes()
    key, remembered = of_bytes(source), _memory(_place())
    said = remembered.get(key)
    if said is None:
        tree = ast.parse(source)
        said = [of_tree(tree), _statements(tree)]
        remembered.put(key, said)
    digest, imports = said
    return Module(digest, tuple((origin, level, tuple(names)) for origin, level, names in imports))


def _statements(tree: ast.Module) -> tuple[Import, ...]:
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.append((None, 0, tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.level, tuple(alias.name for alias in node.names)))
    return tuple(found)


@cache
def _method() -> str:
    """Digest how digests are made: what was remembered by another method, or another Python, does not count."""
    files = (Path(fingerprint.__file__), Path(__file__), Path(memory.__file__))
    return of_bytes(sys.version.encode() + b"".join(file.read_bytes() for file in files))


def _place() -> Path:
    """Give the file of what is remembered; its name says by which method that was found."""
    return remembered_in(f"code-{_method()[:16]}")


@cache
def _memory(file: Path) -> Memory:
    return Memory(file)
