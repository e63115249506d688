"""Load a domain that its author is still writing: what is in the way is a remark, with its line."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.cli.formats import Remark
from agentic_assets.cli.versions.finding import Place
from agentic_assets.errors import AgenticError

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain

__all__ = ["loaded", "shown"]


def loaded(place: Place) -> Domain | Remark:
    """Load a domain, or say why that fails: what is declared does not fit together, or its code does not run."""
    from agentic_assets.domains import load_domain

    try:
        return load_domain(place.name)
    except AgenticError as refused:
        what = f"the domain {place.name} cannot be put together: {refused.what}"
        return Remark("domain", "error", what, hint=refused.hint)
    except Exception as error:  # noqa: BLE001  (unfinished code fails in any way)
        path, line = next(_lines(error, place.package.resolve()), (place.package / "__init__.py", 1))
        said = (str(error).strip() or "no reason given").splitlines()[0][:240]
        what = f"the domain {place.name} cannot be loaded: {type(error).__name__}: {said}"
        return Remark("domain", "error", what, shown(path), line, "what the line says, or calls, fails")


def _lines(error: Exception, package: Path) -> Iterator[tuple[Path, int]]:
    """Give the lines of the package that were on the way to an error, the nearest first."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(package):
        yield Path(error.filename), error.lineno or 1
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(package):
            yield Path(frame.filename), frame.lineno or 1


def shown(path: Path) -> str:
    """Give a path from where one stands, if it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
