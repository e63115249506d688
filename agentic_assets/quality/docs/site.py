"""The site: a page a dataset and month, pages of the latest rows, an index; replaced as a whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from agentic_assets.errors import ConfigInvalid
from agentic_assets.quality import library
from agentic_assets.quality.docs.offline import framed, offline

__all__ = ["Page", "publish", "written"]

_KEY: Final = "<!-- validation {} -->\n"


@dataclass(frozen=True)
class Page:
    """One page: where it stands, what it is about, and how the validation that it shows went.

    `key` digests what was validated: a page with the same key is not rendered again.
    """

    path: str
    dataset: str
    title: str
    first: str
    last: str
    partitions: int
    expectations: int
    broken: int
    held: int
    key: str
    meaning: tuple[tuple[str, str, str, str], ...] = ()
    """For each expectation its name, severity, what it says, and why it is there."""


def written(page: Page, result: Any, earlier: Path) -> str:
    """Render the result of a validation, or take over the page of an earlier site that shows the same."""
    key = _KEY.format(page.key)
    try:
        kept = (earlier / page.path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        kept = ""
    if kept.endswith(key):
        return kept
    crumbs = f'<a href="../index.html">Data Docs</a> / {escape(page.dataset)}'
    return offline(library.rendered(result()), title=page.title, crumbs=crumbs, lead=_lead(page)) + key


def _lead(page: Page) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in page.meaning)
    heads = "".join(f"<th>{head}</th>" for head in ("name", "severity", "what is expected", "why"))
    return f"<h2>What is expected of each partition</h2><table><tr>{heads}</tr>{rows}</table><h2>What was found</h2>"


def publish(folder: Path, pages: Mapping[str, str], index: Sequence[Page], *, run_id: str) -> None:
    """Write the site into a folder of its own and let `folder` point at it; readers see the old or the new one.

    Raises ConfigInvalid when there is something at `folder` that is no such pointer, or it cannot be written.
    """
    sites = folder.with_name(f".{folder.name}")
    site = sites / (re.sub(r"[^A-Za-z0-9-]", "", run_id) or "site")
    try:
        if folder.exists() and not folder.is_symlink():
            raise ConfigInvalid(f"{folder} is not a site that was written here", hint="move it away; it is made anew")
        shutil.rmtree(site, ignore_errors=True)
        for path, text in {**pages, "index.html": _index(index)}.items():
            target = site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        pointer = sites / "pointer"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(Path(sites.name) / site.name)
        os.replace(pointer, folder)
        for other in sites.iterdir():
            if other != site:
                shutil.rmtree(other, ignore_errors=True)
    except OSError as error:
        raise ConfigInvalid(
            f"the docs cannot be written to {folder}: {error.strerror}", hint="free space, or check its rights"
        ) from error


def _index(pages: Sequence[Page]) -> str:
    datasets = list(dict.fromkeys(page.dataset for page in pages))
    parts = [_dataset(name, [page for page in pages if page.dataset == name]) for name in datasets]
    about = (
        "<p>What was expected of the statistics of published partitions, and what was found. A broken expectation "
        "warns; one of severity error holds its partition back.</p>"
    )
    return framed(about + "".join(parts), title="Data Docs", crumbs=f"{len(pages)} pages")


def _dataset(name: str, pages: Iterable[Page]) -> str:
    rows = "".join(
        f'<tr{" class=bad" if page.broken else ""}><td><a href="{escape(page.path)}">{escape(page.title)}</a></td>'
        f"<td>{escape(page.first)}{f' to {escape(page.last)}' if page.last != page.first else ''}</td>"
        f"<td class=number>{page.partitions}</td><td class=number>{page.expectations}</td>"
        f"<td class=number>{page.broken or ''}</td><td class=number>{page.held or ''}</td></tr>"
        for page in pages
    )
    heads = "".join(f"<th>{head}</th>" for head in ("page", "partitions", "count", "expectations", "broken", "holding"))
    return f"<h2>{escape(name)}</h2><table><tr>{heads}</tr>{rows}</table>"
