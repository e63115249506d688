"""The definitions that functions rest on, found in the source of one package without running any of it.

A module is too coarse to say what shapes one thing of several that live in it. So the walk goes from definition to
definition: what a function names at the top of its module, what that names in turn, across the package's modules.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple, cast

from agentic_assets.versions.fingerprint import of_json, of_tree

__all__ = ["Slice", "slice_of"]

_DIGITS: Final = 12
_DEEP: Final = 12
_PLAIN: Final = (bool, int, float, str, bytes, type(None))
_VARIABLES: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_PARTS: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Slice(NamedTuple):
    """The definitions that something rests on, `module:name` -> 12 digits, and the versioned values on the way."""

    definitions: dict[str, str]
    met: tuple[Any, ...]


def slice_of(parts: Iterable[Any], package: str, versioned: tuple[type, ...] = ()) -> Slice:
    """Digest each definition of the package that the parts rest on.

    Parts are functions, or values that hold some: closures, partials, tuples, records. What is of one of the types
    `versioned` has a version of its own and is not looked into, and neither is code outside of the package. Layout,
    comments and docstrings do not count. Classes count whole; so does a module that is used as a value.
    """
    walk = _Walk(package, versioned)
    for part in parts:
        walk.value(part)
    return Slice(dict(sorted(walk.found.items())), tuple(walk.met.values()))


class _Used(NamedTuple):
    """A name that code uses, and the first part of it that is asked for."""

    name: str
    part: str | None


class _Source(NamedTuple):
    """A module: the statements behind each name at its top, and where imported names come from."""

    tree: ast.Module
    bound: Mapping[str, tuple[ast.stmt, ...]]
    imports: Mapping[str, tuple[str, str | None]]


class _Walk:
    def __init__(self, package: str, versioned: tuple[type, ...]) -> None:
        self.found: dict[str, str] = {}
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
            if self._ours(value.__module__):
                self._function(value)
        elif self._ours((kind := value if isinstance(value, type) else type(value)).__module__):
            self._name(kind.__module__, kind.__qualname__.partition(".")[0])

    def _function(self, function: FunctionType) -> None:
        module, file = function.__module__, Path(function.__code__.co_filename)
        own = function.__globals__.get("__builtins__", builtins)
        # An older version of a package has an import statement of its own.
        self._import = own["__import__"] if isinstance(own, dict) else own.__import__
        steps = module[len(self._package) + 1 :].split(".") if module != self._package else []
        place = file.parent if file.name == "__init__.py" else file.with_suffix("")
        self._root = place.parents[len(steps) - 1] if steps else place
        top, _, inner = function.__qualname__.partition(".<locals>.")
        if not inner:
            self._name(module, top.partition(".")[0])
            return
        source = self._source(module)
        for node in [] if source is None else _made_at(source.tree, function):
            held = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            plain = [[name, repr(kept)] for name, cell in held if isinstance(kept := _kept(cell), _PLAIN)]
            self.found[f"{self._short(module)}:{function.__qualname__}"] = of_json([_digest(node), plain])[:_DIGITS]
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
            self.found[f"{self._short(module)}:{name}"] = of_json([_digest(each) for each in statements])[:_DIGITS]
            for statement in statements:
                self._used_by(module, statement)
        elif name in source.imports:
            self._imported(*source.imports[name], None)

    def _used_by(self, module: str, node: ast.AST) -> None:
        source = self._source(module)
        for used in _used(node):
            if source is not None and used.name in source.imports:
                if not self._has_version(self._live(module).get(used.name)):
                    self._imported(*source.imports[used.name], used.part)
            else:
                self._name(module, used.name)
        for statement in _importing(node):
            for origin, name in _imports(statement, module, self._is_package(module)).values():
                self._imported(origin, name, None)

    def _imported(self, module: str, name: str | None, part: str | None) -> None:
        """Follow `from module import name`, or for no name the module, of which a part may be used."""
        if not self._ours(module):
            return
        if name is not None and self._file(f"{module}.{name}") is not None:
            module, name = f"{module}.{name}", None
        source = self._source(module)
        if source is None:
            return
        wanted = name or part
        if wanted is None:
            for each in source.bound:
                self._name(module, each)
        elif self._file(f"{module}.{wanted}") is not None and wanted not in source.bound:
            self._imported(f"{module}.{wanted}", None, None)
        else:
            self._name(module, wanted)

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

    def _source(self, module: str) -> _Source | None:
        file = self._file(module)
        return None if file is None else _read(file, file.stat().st_mtime_ns, module)


def _inside(value: Any) -> Iterator[Any]:
    """Give what a value holds that may be, or hold, a function."""
    if isinstance(value, FunctionType):
        yield from (_kept(cell) for cell in value.__closure__ or ())
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


def _kept(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _made_at(tree: ast.Module, function: FunctionType) -> Iterator[ast.AST]:
    """Give the code that made an inner function; more than one where a line holds several of its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if node.name == function.__name__ and first == function.__code__.co_firstlineno:
                yield node
        elif isinstance(node, ast.Lambda) and (node.lineno, "<lambda>") == (
            function.__code__.co_firstlineno,
            function.__name__,
        ):
            yield node


@cache
def _digest(node: ast.AST) -> str:
    return of_tree(node)


@cache
def _importing(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom))


@cache
def _used(node: ast.AST) -> frozenset[_Used]:
    """Name what code takes from the top of its module, by the rules of Python's own compiler."""
    body = node if isinstance(node, ast.stmt) else ast.Expr(cast("ast.expr", node))
    module = ast.Module([body], [])
    return frozenset(_loads(compile(ast.fix_missing_locations(module), "<definition>", "exec", dont_inherit=True)))


def _loads(code: CodeType) -> Iterator[_Used]:
    steps = list(dis.get_instructions(code))
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step.opname in _VARIABLES:
            part = str(after.argval) if after is not None and after.opname in _PARTS else None
            yield _Used(str(step.argval), part)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loads(constant)


@cache
def _read(file: Path, _changed: int, module: str) -> _Source:
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
            imports |= _imports(each, module, inside)
        for name in names:
            bound.setdefault(name, []).append(statement)
        loose += [] if names else [statement]
    # A statement that binds nothing, such as `TABLE["x"] = 3`, belongs to whatever it names.
    for statement in loose:
        for name in {used.name for used in _used(statement)} & bound.keys():
            bound[name].append(statement)
    return _Source(tree, {name: tuple(statements) for name, statements in bound.items()}, imports)


def _is_kept(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store | ast.Del)


def _imports(node: ast.AST, module: str, is_package: bool) -> dict[str, tuple[str, str | None]]:
    """Give where the names of an import statement come from: the module, and the name in it."""
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.partition(".")[0]: (alias.name, None) for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return {}
    origin = node.module or ""
    if node.level:
        steps = module.split(".")
        above = steps[: len(steps) - node.level + is_package]
        origin = ".".join([*above, *([origin] if origin else [])])
    return {alias.asname or alias.name: (origin, alias.name) for alias in node.names}
