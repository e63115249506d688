"""Make a page of Great Expectations work offline: nothing of it is fetched, nothing of it runs."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

__all__ = ["framed", "offline"]

_STYLE: Final = Path(__file__).with_name("style.css")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

# The page is made of 14 files of other hosts, and looks broken without them.
_GONE: Final = (
    re.compile(r"<script\b.*?</script>", re.S | re.I),
    re.compile(r"<style\b.*?</style>", re.S | re.I),
    re.compile(r"<link\b[^>]*>", re.S | re.I),
    re.compile(r"<img\b[^>]*>", re.S | re.I),
    re.compile(r"<footer\b.*?</footer>", re.S | re.I),
    re.compile(r"\son\w+=(\"[^\"]*\"|'[^']*')", re.I),
)
_BODY: Final = re.compile(r"<body\b[^>]*>(.*)</body>", re.S | re.I)
_BAR: Final = re.compile(r"<nav class=\"navbar navbar-expand.*?</nav>.*?</nav>", re.S | re.I)
_AWAY: Final = re.compile(r"<a\b[^>]*href=\"(?!#)[^\"]*\"[^>]*>(.*?)</a>", re.S | re.I)


def offline(html: str, *, title: str, crumbs: str, lead: str = "") -> str:
    """Give a page with the same content, in a frame of its own: no script, no link out, one small style sheet.

    `crumbs` is markup that stands on top, to find the way back; `lead` is markup before the content.
    """
    found = _BODY.search(html)
    body = found[1] if found else html
    for gone in _GONE:
        body = gone.sub("", body)
    body = _AWAY.sub(r"\1", _BAR.sub("", body))
    return framed(lead + body, title=title, crumbs=crumbs)


def framed(body: str, *, title: str, crumbs: str) -> str:
    """Put markup into a page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n"
        f'<nav class="crumbs">{crumbs}</nav>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n'
    )


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")
