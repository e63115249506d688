"""A report for people, which keeps its shape on a narrow terminal."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agentic_assets.cli.formats.report import Remark, Report

__all__ = ["print_report"]

_STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_SHOWN: Final = 200


def print_report(report: Report, console: Console) -> None:
    """Print the remarks under their files, and the summary last; what holds is not mentioned."""
    shown = sorted(report.found[:_SHOWN], key=lambda remark: list(report.by_path).index(remark.path))
    for path, remarks in groupby(shown, key=lambda remark: remark.path):
        if path:
            console.print(Text(path, style="bold"), soft_wrap=True)
        console.print(Padding(_remarks(list(remarks)), (0, 0, 0, 2)), highlight=False)
    left = len(report.found) - len(shown)
    if left:
        console.print(f"and {left:,} more; --format json has all of them", highlight=False)
    console.print(Text(report.summary, style="bold"))


def _remarks(remarks: list[Remark]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    numbered = any(remark.line for remark in remarks)
    if numbered:
        grid.add_column(no_wrap=True, justify="right")
    grid.add_column(overflow="fold")
    for remark in remarks:
        said = Text(_printable(remark.message))
        if remark.hint:
            said.append(f"\nhint: {_printable(remark.hint)}", style="dim")
        severity = Text(remark.severity, style=_STYLES[remark.severity])
        line = [Text(f"line {remark.line}" if remark.line else "", style="dim")] if numbered else []
        grid.add_row(severity, *line, said)
    return grid


def _printable(text: str) -> str:
    # Control characters of hostile files stay out of the terminal.
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
