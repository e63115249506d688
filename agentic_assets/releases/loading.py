"""Import an older version of a domain beside today's: the same names, other modules.

The modules of a domain call each other by the one name under which every version of it is imported. So each version
has a table of modules of its own, which stands in for `sys.modules` while one of its import statements runs.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import resolve_name, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from agentic_assets.contracts.registry import Predicate, put, standing
from agentic_assets.errors import ReleaseBroken
from agentic_assets.evidence.domain import Domain

__all__ = ["PACKAGE", "load_version"]

PACKAGE = "agentic_assets.domains"
"""The package in which every domain is imported, wherever its folder lies."""

_TOP = PACKAGE.partition(".")[0]
_ONE_AT_A_TIME = threading.RLock()  # sys.modules belongs to the whole process


def load_version(name: str, package: Path) -> Domain:
    """Import the domain `name` whose package lies in the folder `package`, and put it together.

    What this process imported under the same name before stays as it is. Import statements find this version whenever
    they run, `importlib.import_module` only while it is loaded. Raises ReleaseBroken when it cannot be
    loaded, such as after a change of the library.
    """
    version = _Version(f"{PACKAGE}.{name}", package)
    try:
        with version.in_force():
            module = builtins.__import__(version.name, fromlist=["domain"])
            domain = module.domain()
    except Exception as error:
        raise ReleaseBroken(
            f"the domain {name} in {package} does not load: {type(error).__name__}: {str(error)[:300]}",
            hint="it was made for another version of the library: install the one that its release names",
        ) from error
    if not isinstance(domain, Domain):
        raise ReleaseBroken(
            f"{name} in {package} gave {type(domain).__name__}, not a Domain", hint="see domain() there"
        )
    return domain


class _Version(MetaPathFinder):
    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._modules: dict[str, ModuleType] = {}
        self._predicates: dict[str, Predicate] = {}
        self._entered = False

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Have this version's modules stand under their names, and nobody else's, until left."""
        with _ONE_AT_A_TIME:
            if self._entered:  # one module of this version imports another
                yield
                return
            self._entered = True
            parent, own = importlib.import_module(PACKAGE), self.name.rpartition(".")[2]
            before = {name: module for name, module in sys.modules.items() if self._mine(name)}
            offered = parent.__dict__.get(own)
            predicates = dict(standing())
            others = {name: each for name, each in predicates.items() if not self._mine(each.__module__)}
            put(others | self._predicates)
            self._put(before, self._modules)
            self._offer(parent, own, self._modules.get(self.name))
            sys.meta_path.insert(0, self)
            try:
                yield
            finally:
                sys.meta_path.remove(self)
                self._modules = {name: module for name, module in sys.modules.items() if self._mine(name)}
                self._put(self._modules, before)
                self._offer(parent, own, offered)
                self._predicates = {name: each for name, each in standing() if self._mine(each.__module__)}
                put(predicates)
                self._entered = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not self._mine(fullname):
            return None
        place = self._folder.joinpath(*fullname.split(".")[len(self.name.split(".")) :])
        file = place / "__init__.py"
        if file.is_file():
            loader = _Loader(fullname, str(file), self)
            return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=[str(place)])
        file = place.with_suffix(".py")
        return (
            spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file), self))
            if file.is_file()
            else None
        )

    def importing(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what an import statement in a module of this version says, also long after it was loaded."""
        wanted = resolve_name("." * level + name, (globals or {}).get("__package__")) if level else name
        if wanted not in (PACKAGE, _TOP) and not self._mine(wanted):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        known = self._known(wanted, fromlist or ())
        if known is not None:
            return known
        with self.in_force():
            found = builtins.__import__(name, globals, locals, fromlist or (), level)
            return self._as_seen(found, sys.modules.get(self.name))

    def _known(self, wanted: str, names: Sequence[str]) -> ModuleType | None:
        """Give what an import statement asks for if it was loaded before; other threads then see nothing of it."""
        own, module = self._modules.get(self.name), self._modules.get(wanted)
        if own is None or (module is None and self._mine(wanted)):
            return None
        found = self._as_seen(sys.modules[wanted], own) if module is None else module
        if not names:
            return self._as_seen(sys.modules[_TOP], own)
        return found if all(name == "*" or hasattr(found, name) for name in names) else None

    @staticmethod
    def _as_seen(found: ModuleType, own: ModuleType | None) -> ModuleType:
        """Give a package above this version as this version sees it, for names are taken from it later."""
        if own is None or found.__name__ not in (PACKAGE, _TOP):
            return found
        seen = _View(sys.modules[PACKAGE], {own.__name__.rpartition(".")[2]: own})
        return seen if found.__name__ == PACKAGE else _View(found, {PACKAGE.rpartition(".")[2]: seen})

    def _mine(self, name: str) -> bool:
        return name == self.name or name.startswith(f"{self.name}.")

    @staticmethod
    def _put(off: Mapping[str, ModuleType], on: Mapping[str, ModuleType]) -> None:
        for name in off:
            sys.modules.pop(name, None)
        sys.modules.update(on)

    @staticmethod
    def _offer(parent: ModuleType, name: str, module: ModuleType | None) -> None:
        if module is None:
            parent.__dict__.pop(name, None)
        else:
            parent.__dict__[name] = module


class _View(ModuleType):
    """A package in which some names stand for other modules than everybody else finds there."""

    def __init__(self, real: ModuleType, own: Mapping[str, ModuleType]) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(own, _real=real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_real"], name)


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, version: _Version) -> None:
        super().__init__(fullname, path)
        self._version = version

    def exec_module(self, module: ModuleType) -> None:
        # Import statements look up `__import__` here, so that those inside functions find this version too.
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._version.importing}
        super().exec_module(module)

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write no compiled code beside the sources: they are kept as they were released."""
