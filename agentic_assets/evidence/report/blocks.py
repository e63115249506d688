"""What a section of the report is made of; the template knows how each looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "Block",
    "Cell",
    "Facts",
    "Figure",
    "Figures",
    "Listing",
    "Note",
    "Section",
    "Table",
    "bar",
    "chip",
    "code",
    "digest",
    "number",
    "prose",
    "text",
]


@dataclass(frozen=True)
class Cell:
    """One cell of a table: text, prose with code, a right-aligned number, code, a hash, a coloured word, or a bar.

    `share` is the length of the bar, 0 to 1; a negative one leaves the bar out, and keeps its number in line with those
    that have one. `below` is code that stands on a line of its own.
    """

    text: str
    kind: str = "text"
    tone: str = ""
    share: float = 0.0
    below: str = ""
    measured: bool = False
    href: str = ""
    """Where it leads: a page beside this one, or a link that `link` has found to be safe."""
    anchor: str = ""
    """In the first cell of a row: the name under which other pages link to the row."""


def text(words: str) -> Cell:
    """Give a cell of words."""
    return Cell(words)


def prose(words: str) -> Cell:
    """Give a cell of words in which code stands between backticks."""
    return Cell(words, "prose")


def number(words: str) -> Cell:
    """Give a right-aligned cell."""
    return Cell(words, "number")


def code(words: str) -> Cell:
    """Give a cell that is to be copied as it stands."""
    return Cell(words, "code")


def digest(words: str) -> Cell:
    """Give a cell with a digest: code that may break anywhere."""
    return Cell(words, "hash")


def chip(words: str, tone: str) -> Cell:
    """Give a word in a colour; the word says it too."""
    return Cell(words, "chip", tone=tone)


def bar(words: str, share: float, tone: str = "agent") -> Cell:
    """Give a number with a bar of its share of the widest."""
    return Cell(words, "bar", tone=tone, share=share)


@dataclass(frozen=True)
class Table:
    """A table with its caption; `folded` hides it behind its caption, `stacked` breaks rows up on a phone."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    stacked: bool = False


@dataclass(frozen=True)
class Figure:
    """A chart: what it shows, what follows from it in one sentence, and the drawing for a page and for a phone.

    `legend` pairs names with colour classes. `numbers` is the same as a table, for those who do not see it.
    """

    kind: ClassVar[str] = "figure"
    title: str
    takeaway: str
    wide: str
    narrow: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    numbers: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """Small charts side by side."""

    kind: ClassVar[str] = "figures"
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Note:
    """A paragraph; `tone` is `plain`, `caution` or `empty` (where a chart would stand if there were data)."""

    kind: ClassVar[str] = "note"
    words: str
    tone: str = "plain"


@dataclass(frozen=True)
class Listing:
    """Text to be shown as it is, such as a signed checkpoint."""

    kind: ClassVar[str] = "listing"
    caption: str
    content: str


@dataclass(frozen=True)
class Facts:
    """Names with what they stand for."""

    kind: ClassVar[str] = "facts"
    items: tuple[tuple[str, Cell], ...]


Block = Table | Figure | Figures | Note | Listing | Facts


@dataclass(frozen=True)
class Section:
    """One part of the report: `takeaway` is the sentence to remember, `short` the name in the navigation."""

    id: str
    short: str
    title: str
    takeaway: str
    blocks: tuple[Block, ...]
