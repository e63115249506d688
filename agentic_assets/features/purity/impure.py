"""What a view may not reach: data that is there whatever was known, files, the clock, chance, and hidden code."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from datetime import date
from types import ModuleType
from typing import Any, Final

import numpy as np
import polars as pl

from agentic_assets.features.purity.names import UNKNOWN, Named

__all__ = ["impurity"]

_FRAMES: Final = (pl.DataFrame, pl.LazyFrame, pl.Series, np.ndarray)
_FRAME_LIBRARIES: Final = frozenset({"pandas", "pyarrow", "geopandas", "dask", "modin", "duckdb", "ibis"})
_OUTSIDE: Final = frozenset(
    {
        *("fileinput", "fsspec", "glob", "io", "os", "pathlib", "pickle", "posixpath", "shelve", "shutil", "tempfile"),
        *("aiohttp", "boto3", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib", "urllib3"),
        *("psycopg", "psycopg2", "redis", "sqlalchemy", "sqlite3", "subprocess"),
    }
)
_BY_MODULE: Final[Mapping[str, str]] = {
    **dict.fromkeys(_OUTSIDE, "a file, a database or the network"),
    **dict.fromkeys(("random", "secrets", "uuid", "numpy.random"), "chance"),
    "time": "the clock",
    "polars.io": "a file or a database",
    "polars.sql": "whatever frames have that name",
    **dict.fromkeys(("ctypes", "gc", "importlib", "inspect", "sys"), "code that cannot be looked into"),
}
_BY_BUILTIN: Final[Mapping[Any, str]] = {
    builtins.open: "a file",
    builtins.input: "a terminal",
    **dict.fromkeys(
        (builtins.eval, builtins.exec, builtins.compile, builtins.__import__, builtins.globals),
        "code that cannot be looked into",
    ),
    **dict.fromkeys((builtins.hash, builtins.id), "a number that differs from run to run"),
}
_CLOCKS: Final = frozenset({"now", "utcnow", "today"})
_READERS: Final = frozenset({"fromfile", "genfromtxt", "load", "loadtxt", "memmap"})
_SHUFFLING: Final = frozenset({"sample", "shuffle"})


def impurity(named: Named) -> str | None:
    """Say in words what stands behind a name that a view may not reach; None for all else."""
    value, last = named.value, named.name.rpartition(".")[2]
    if named.kept:
        return "a global that it changes: what is kept from one build shapes the next"
    if isinstance(value, _FRAMES) or (value is not UNKNOWN and _root(type(value)) in _FRAME_LIBRARIES):
        return f"a {_root(type(value))} {type(value).__name__}, which is there whatever was known at the decision"
    if value is UNKNOWN:
        return _by_name(named.name)
    if _is_one_of(value, _BY_BUILTIN):
        return _BY_BUILTIN[value]
    owner = getattr(value, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, date) and last in _CLOCKS:
        return "the clock"
    for module in (_module(value), _module(owner), _module(type(value)), _module(type(owner))):
        if (told := _by_module(module)) is not None:
            return told
    if callable(value) and _module(value).partition(".")[0] in _FRAME_LIBRARIES | {"numpy"}:
        return "a file" if last in _READERS or last.startswith(("read_", "scan_")) else None
    return "chance" if last in _SHUFFLING and _root(value) == "polars" else None


def _by_name(name: str) -> str | None:
    """Judge what could not be found by how it is written."""
    first, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if not first:  # a part of something that the code itself has made
        return "chance" if last in _SHUFFLING else None
    if first in _FRAME_LIBRARIES and last.startswith(("read_", "scan_")):
        return "a file or a database"
    return _by_module(name) if first in _OUTSIDE or not rest else None  # imported, and not loaded yet


def _by_module(name: str) -> str | None:
    parts = name.split(".")
    return next((_BY_MODULE[part] for part in (".".join(parts[:2]), parts[0]) if part in _BY_MODULE), None)


def _module(value: Any) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    found = getattr(value, "__module__", None)
    return found.lstrip("_") if isinstance(found, str) else ""


def _root(value: Any) -> str:
    return _module(value).partition(".")[0]


def _is_one_of(value: Any, known: Mapping[Any, str]) -> bool:
    return any(value is one for one in known)
