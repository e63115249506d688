"""The domains: one folder each, found by walking, never by a list.

Those of the library lie beside this file, a user's own in `domains/` where the command is run; AGENTIC_DOMAINS names
another folder, or several as PATH does. A user's domain is imported as if it lay here: `agentic_assets.domains.NAME`.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.errors import ConfigInvalid, NotFound
from agentic_assets.versions import sources_of

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home

__all__ = [
    "FOLDERS",
    "domain_names",
    "folder_of",
    "folders",
    "governed_domain",
    "governed_domains",
    "load_domain",
    "load_domains",
]

FOLDERS = "AGENTIC_DOMAINS"
"""The variable that names the folders of users' domains."""

_OWN = str(Path(__file__).parent)

_IMPORTED: dict[str, tuple[Path, str]] = {}
"""Module -> the folder from which this process imported it, and the digest of its sources then."""


def folders() -> tuple[Path, ...]:
    """Give the folders that hold domains: the library's, then the user's; ConfigInvalid for one that is not there."""
    given = [Path(name).expanduser() for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name]
    for folder in given:
        if not folder.is_dir():
            raise ConfigInvalid(f"{FOLDERS} names {folder}, which is no folder", hint="name the folder that holds them")
    if not given and Path("domains").is_dir():
        given = [Path("domains")]
    found = dict.fromkeys([_OWN, *(str(folder.resolve()) for folder in given)])
    return tuple(Path(name) for name in found)


def domain_names() -> tuple[str, ...]:
    """Name the domains there are, sorted; ConfigInvalid for a name that two folders hold."""
    return tuple(sorted(_places()))


def _places() -> dict[str, Path]:
    places: dict[str, Path] = {}
    for folder in folders():
        for found in pkgutil.iter_modules([str(folder)]):
            if not found.ispkg:
                continue
            if found.name in places:
                raise ConfigInvalid(
                    f"two folders hold a domain {found.name!r}: {places[found.name]} and {folder}",
                    hint="give one of the two another name",
                )
            places[found.name] = folder
    return places


def load_domains() -> tuple[Domain, ...]:
    """Import every domain there is, in the order of their names; ConfigInvalid for an asset that two of them make."""
    return _apart(tuple(load_domain(name) for name in domain_names()))


def load_domain(name: str) -> Domain:
    """Import one domain; NotFound names those that exist."""
    package = folder_of(name)
    from agentic_assets.evidence import Domain  # importing one domain's parts must not load the auditor's view

    __path__[:] = [str(folder) for folder in folders()]
    importlib.invalidate_caches()
    full, sources = f"{__name__}.{name}", sources_of(name, package)
    place = getattr(sys.modules.get(full), "__file__", None)
    known = _IMPORTED.get(full, (Path(place).parent if place else package, sources.digest))
    if known != (package, sources.digest):
        _forget(full)
    module = importlib.import_module(full)
    _IMPORTED[full] = package, sources.digest
    if not callable(getattr(module, "domain", None)):
        raise ConfigInvalid(f"{module.__file__} offers no domain()", hint="a domain's package has a function domain()")
    domain = module.domain()
    if not isinstance(domain, Domain):
        raise TypeError(f"{module.__name__}.domain() gave {type(domain).__name__}, not a Domain")
    if domain.name != name:
        raise ConfigInvalid(
            f"the folder {name} holds a domain that is called {domain.name[:60]!r}",
            hint="call both the same: contracts, versions and releases are found by the name",
        )
    return domain.loaded_from(sources)


def governed_domain(name: str, home: Home) -> Domain:
    """Give the version of a domain that is in force in a home: that of its active release, else as it lies there.

    What lies there is imported only where it is in force. Raises what `load_domain` does, and ReleaseBroken when the
    active release cannot be loaded.
    """
    from agentic_assets.releases import Releases
    from agentic_assets.store import Store

    store = Store(home.store_url)
    try:
        releases = Releases(store, home.keys)
        release = releases.in_force(name).release
        if release is None or releases.snapshots.same(release.sources, sources_of(name, folder_of(name))):
            return load_domain(name)
        return releases.snapshots.load(release.sources, home)
    finally:
        store.close()


def governed_domains(home: Home | None = None) -> tuple[Domain, ...]:
    """Give the version in force of every domain there is; the home of the environment unless one is given."""
    from agentic_assets.home import Home

    place = home or Home.from_environment()
    return _apart(tuple(governed_domain(name, place) for name in domain_names()))


def _apart(found: tuple[Domain, ...]) -> tuple[Domain, ...]:
    makers: dict[str, str] = {}
    for domain in found:
        for node in domain.graph.nodes:
            other = makers.setdefault(node.asset, domain.name)
            if other != domain.name:
                raise ConfigInvalid(
                    f"the domains {other} and {domain.name} both make {node.asset}",
                    hint="they share a lake: give the dataset another name in one of them",
                )
    return found


def folder_of(name: str) -> Path:
    """Find the package of a domain; NotFound names those that exist."""
    places = _places()
    if name not in places:
        raise NotFound(
            f"there is no domain {name!r}",
            hint=f"choose one of: {', '.join(sorted(places))}; your own lie in domains/ where you stand, or in "
            f"{FOLDERS}",
        )
    return places[name] / name


def _forget(module: str) -> None:
    """Forget what this process imported of a domain: it lies in another folder now, or its files have changed.

    What is recorded as its sources is then what runs, also in a process that lives long.
    """
    from agentic_assets.versions.code import forget

    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        compiled = sys.modules.pop(name).__dict__.get("__cached__")
        if compiled:  # Python cannot tell two files of one size and one second apart
            with suppress(OSError):
                Path(compiled).unlink(missing_ok=True)
    forget()
