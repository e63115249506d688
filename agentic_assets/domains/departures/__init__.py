"""The reference domain: departures from New York in 2013, judged two hours before they are to leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain

__all__ = ["domain"]


def domain(folder: Path | None = None) -> Domain:
    """Put the domain together; `folder` holds the delivered files, those of the installed package when None."""
    from agentic_assets.domains.departures import graph  # its parts can be used without loading all of it

    return graph.domain(folder)
