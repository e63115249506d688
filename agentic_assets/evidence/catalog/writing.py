"""Write the catalogue into a folder, page by page, each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agentic_assets.errors import ConfigInvalid
from agentic_assets.evidence.catalog.material import Catalog
from agentic_assets.evidence.catalog.page import GENERATOR, build
from agentic_assets.evidence.report.writing import publish

__all__ = ["write_catalog"]

_MARK = f'<meta name="generator" content="{GENERATOR}">'
_HEAD_BYTES = 4_096


def write_catalog(catalog: Catalog, folder: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write the pages and give the path of the index; a page of a contract that is gone is removed.

    Nothing else in the folder is touched. Raises ConfigInvalid for a folder that cannot be written.
    """
    pages = build(catalog, progress)
    try:
        # The index last: it never leads to a page that is not there yet.
        for name, page in sorted(pages.items(), key=lambda item: item[0] == "index.html"):
            publish(folder / name, page)
        for path in folder.glob("*.html"):
            if path.name not in pages and _is_ours(path):
                path.unlink()
    except OSError as error:
        raise ConfigInvalid(
            f"the catalogue cannot be written to {folder}: {error.strerror or error}",
            hint="name a folder that you may write to",
        ) from error
    return folder / "index.html"


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return _MARK.encode() in file.read(_HEAD_BYTES)
