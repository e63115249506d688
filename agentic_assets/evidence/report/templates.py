"""The templates' surroundings: every value is escaped, code in prose is marked, long names may break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "environment"]

FOLDER = Path(__file__).parent
_CODE = re.compile(r"`([^`<>&]+)`")
_JOINT = re.compile(r"([_/])(?=\w)")


def environment(folders: Sequence[Path] = ()) -> Any:
    """Give a jinja2 environment over the templates of this folder and of others; an unknown name is an error."""
    import jinja2
    from markupsafe import Markup, escape

    def prose(words: str) -> Markup:
        return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words))))

    def breakable(name: str) -> Markup:
        # A long name may go on to the next line after a separator; copied, it is still whole.
        return Markup(_JOINT.sub(r"\1<wbr>", str(escape(name))))

    made = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader([*folders, FOLDER]),
    )
    made.filters |= {"prose": prose, "breakable": breakable}
    # The drawings escape every text themselves; the style sheet is a file of this package.
    made.globals |= {"drawing": Markup, "style": Markup((FOLDER / "style.css").read_text(encoding="utf-8"))}
    return made
