"""The modules of a package as syntax: what each binds at its top, imports, and what a piece of code names."""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice, takewhile
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final, NamedTuple, cast

from agentic_assets.versions.fingerprint import of_tree

__all__ = ["Source", "Used", "digest_of", "import_statements", "imports_of", "made_at", "read_source", "used_by"]

_VARIABLES: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_PARTS: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Used(NamedTuple):
    """A name that code uses, and what is asked for of it, as in `name.part.part`."""

    name: str
    parts: tuple[str, ...]


class Source(NamedTuple):
    """A module: the statements behind each name at its top, and where imported names come from."""

    tree: ast.Module
    bound: Mapping[str, tuple[ast.stmt, ...]]
    imports: Mapping[str, tuple[str, str | None]]
    """Name -> module and name in it; `import a.b` stands under `a.b`, though it binds `a`."""
    stars: tuple[str, ...]
    """The modules of which all names are imported."""


def made_at(tree: ast.Module, function: FunctionType) -> Iterator[ast.AST]:
    """Give the code that made an inner function; more than one where a line holds several of its name."""
    wanted = (function.__code__.co_name, function.__code__.co_firstlineno)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = (node.name, min([node.lineno, *(each.lineno for each in node.decorator_list)]))
        elif isinstance(node, ast.Lambda):
            found = ("<lambda>", node.lineno)
        else:
            continue
        if found == wanted:
            yield node


@cache
def digest_of(node: ast.AST) -> str:
    return of_tree(node)


@cache
def import_statements(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom))


@cache
def used_by(node: ast.AST) -> frozenset[Used]:
    """Name what code takes from the top of its module, by the rules of Python's own compiler."""
    body = node if isinstance(node, ast.stmt) else ast.Expr(cast("ast.expr", node))
    module = ast.Module([body], [])
    return frozenset(_loads(compile(ast.fix_missing_locations(module), "<definition>", "exec", dont_inherit=True)))


def _loads(code: CodeType) -> Iterator[Used]:
    steps = list(dis.get_instructions(code))
    for place, step in enumerate(steps):
        if step.opname in _VARIABLES:
            asked = takewhile(lambda after: after.opname in _PARTS, islice(steps, place + 1, None))
            yield Used(str(step.argval), tuple(str(part.argval) for part in asked))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loads(constant)


@cache
def read_source(file: Path, _changed: int, module: str) -> Source:
    tree = ast.parse(file.read_bytes())
    inside = file.name == "__init__.py"
    bound: dict[str, list[ast.stmt]] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    loose: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.setdefault(statement.name, []).append(statement)
            continue
        names = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name) and _is_kept(each)}
        names |= {
            each.name
            for each in ast.walk(statement)
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        for each in ast.walk(statement):
            imports |= imports_of(each, module, inside)
        for name in names:
            bound.setdefault(name, []).append(statement)
        loose += [] if names else [statement]
    # A statement that binds nothing, such as `TABLE["x"] = 3`, belongs to whatever it names.
    for statement in loose:
        for name in {used.name for used in used_by(statement)} & bound.keys():
            bound[name].append(statement)
    stars = [
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom) and [name.name for name in each.names] == ["*"]
    ]
    origins = tuple(origin for each in stars for origin, _ in imports_of(each, module, inside).values())
    return Source(tree, {name: tuple(statements) for name, statements in bound.items()}, imports, origins)


def _is_kept(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store | ast.Del)


def imports_of(node: ast.AST, module: str, is_package: bool) -> dict[str, tuple[str, str | None]]:
    """Give where the names of an import statement come from: the module, and the name in it."""
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name: (alias.name, None) for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return {}
    origin = node.module or ""
    if node.level:
        steps = module.split(".")
        above = steps[: len(steps) - node.level + is_package]
        origin = ".".join([*above, *([origin] if origin else [])])
    return {alias.asname or alias.name: (origin, alias.name) for alias in node.names}
