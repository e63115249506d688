"""The domains: one folder each, found by walking, never by a list."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain

__all__ = ["load_domain", "load_domains"]


def load_domains() -> tuple[Domain, ...]:
    """Import every folder beside this file that offers a `domain()`, in the order of their names."""
    return tuple(load_domain(name) for name in _names())


def load_domain(name: str) -> Domain:
    """Import one domain; NotFound names those that exist."""
    if name not in _names():
        raise NotFound(f"there is no domain {name!r}", hint=f"choose one of: {', '.join(_names())}")
    from agentic_assets.evidence import Domain  # importing one domain's parts must not load the auditor's view

    module = importlib.import_module(f"{__name__}.{name}")
    domain = module.domain()
    if not isinstance(domain, Domain):
        raise TypeError(f"{module.__name__}.domain() gave {type(domain).__name__}, not a Domain")
    return domain


def _names() -> tuple[str, ...]:
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg))
