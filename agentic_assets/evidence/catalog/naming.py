"""Names of pages and of places in them, whatever the things themselves are called."""

from __future__ import annotations

import re
from urllib.parse import quote

from agentic_assets.versions import of_text

__all__ = ["fragment", "page_name"]


def page_name(wanted: str, key: str, taken: set[str]) -> str:
    """Give the file name of a page and note it in `taken`; `key` tells things of one name apart."""
    plain = re.sub(r"[^a-z0-9_]+", "-", wanted.lower()).strip("-")[:80]
    odd = plain != wanted.replace("/", "-") or not plain or plain == "index" or plain in taken
    name = f"{plain}-{of_text(f'{wanted} {key} {len(taken)}')[:8]}".strip("-") if odd else plain
    taken.add(name)
    return f"{name}.html"


def fragment(kind: str, name: str) -> str:
    """Give the part of an address that leads to a column or a feature in its page."""
    return f"#{kind}-{quote(name, safe='')}"
