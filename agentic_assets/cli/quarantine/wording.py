"""Word the quarantine for a terminal, whatever hostile data lies in it."""

from __future__ import annotations

from typing import Any

from rich.text import Text

__all__ = ["named", "safe", "span"]

_LONGEST = 200


def safe(value: Any, *, most: int = _LONGEST, lines: bool = False) -> Text:
    """Write a value so that it cannot steer a terminal: no escapes, no markup, no invisible characters, bounded."""
    text = "null" if value is None else str(value)
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    shown = "".join(char if char.isprintable() or (lines and char == "\n") else f"\\x{ord(char):02x}" for char in text)
    return Text(shown)


def named(asset: str, partition: str) -> str:
    """Name a partition as commands do."""
    return f"{asset} {partition}".strip()


def span(partitions: tuple[str, ...]) -> str:
    """Say which partitions, by their number and their first and last."""
    if partitions == ("",):
        return "whole"
    if len(partitions) == 1:
        return partitions[0]
    return f"{len(partitions)} partitions, {partitions[0]} to {partitions[-1]}"
