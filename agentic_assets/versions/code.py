"""The version of code: a digest of a module and of everything of its own package that it imports."""

from __future__ import annotations

import ast
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from agentic_assets.versions import fingerprint
from agentic_assets.versions.fingerprint import of_bytes, of_json, of_tree

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
    return of_json(sorted((name, _digest(file)) for name, file in _reached(names).items()))


def of_rooms(folder: Path, rooms: Iterable[str]) -> str:
    """Digest the syntax trees of every module in some folders of a package, by their places in it."""
    files = sorted(file for room in rooms for file in (folder / room).rglob("*.py"))
    return of_json([(file.relative_to(folder).as_posix(), _digest(file)) for file in files])


def forget() -> None:
    """Forget what this process has read: files have changed since."""
    for known in (_within, _digest, _imports, _known):
        known.cache_clear()


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
    named = (imported for statement in _known(file).imports for imported in _named(statement, package))
    return tuple(sorted({imported for imported in named if imported.split(".", 1)[0] == top}))


def _named(statement: Import, package: str) -> Iterator[str]:
    origin, level, names = statement
    if origin is None:
        yield from names
        return
    above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
    module = ".".join([*above, *([origin] if origin else [])])
    for name in names:
        # `from package import module` rests on that module, not on what else the package offers.
        below = f"{module}.{name}"
        yield below if _file(below) is not None else module


@cache
def _known(file: Path) -> Module:
    """Digest a file, or remember it: parsing a whole package would cost every command two seconds."""
    source = file.read_bytes()
    key = of_bytes(_method() + source)
    try:
        memo = _cache() / f"{key}.json"
    except RuntimeError:  # nobody knows whose home this is
        memo = Path(os.devnull) / key
    known = _remembered(memo, key)
    if known is None:
        tree = ast.parse(source)
        known = Module(of_tree(tree), _statements(tree))
        _remember(memo, key, known)
    return known


def _statements(tree: ast.Module) -> tuple[Import, ...]:
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.append((None, 0, tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.level, tuple(alias.name for alias in node.names)))
    return tuple(found)


@cache
def _method() -> bytes:
    """Digest how digests are made: what was remembered by another method, or another Python, does not count."""
    files = (Path(fingerprint.__file__), Path(__file__))
    return of_bytes(sys.version.encode() + b"".join(file.read_bytes() for file in files)).encode()


def _cache() -> Path:
    """Give the folder of what this user's processes remember; a name there is a digest of what it is about."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agentic_assets" / "code"


def _remembered(memo: Path, key: str) -> Module | None:
    try:
        said = json.loads(memo.read_bytes())
        if said["seal"] != of_json([key, said["digest"], said["imports"]]):
            return None
        imports = tuple((origin, level, tuple(names)) for origin, level, names in said["imports"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Module(said["digest"], imports)


def _remember(memo: Path, key: str, known: Module) -> None:
    seal = of_json([key, known.digest, known.imports])
    said = {"digest": known.digest, "imports": known.imports, "seal": seal}
    own = memo.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    try:
        memo.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(json.dumps(said), encoding="utf-8")
        own.replace(memo)
    except OSError:
        # A folder that cannot be written is no error: the file is parsed again.
        with suppress(OSError):
            own.unlink()
