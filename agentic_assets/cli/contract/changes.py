"""Write comparisons of contracts: for people, and as a report for CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agentic_assets.cli.formats import Remark, Report

if TYPE_CHECKING:
    from agentic_assets.cli.contract.pairs import Pair
    from agentic_assets.cli.formats import Severity
    from agentic_assets.contracts.change import Change
    from agentic_assets.evidence import Hit

__all__ = ["as_report", "print_changes"]

Hits = Mapping[str, Sequence["Hit"]]

_STYLES: Final = {"breaking": "bold red", "forward-only": "yellow", "compatible": "green"}
_SHOWN: Final = 60


def print_changes(pairs: Sequence[Pair], hits: Hits, console: Console) -> None:
    """Print, for each contract that changed, every change with its reason, the verdict, and whom it hits."""
    for pair in pairs:
        if pair.comparison.changes or not pair.comparison.verdict.enough:
            _print_pair(pair, hits.get(pair.name, ()), console)
    console.print(Text(_summary(pairs), style="bold"))


def as_report(pairs: Sequence[Pair], hits: Hits) -> Report:
    """Give the comparisons as remarks: errors where the version is too small for them."""
    remarks = [remark for pair in pairs for remark in _remarks(pair, hits.get(pair.name, ()))]
    data = {"contracts": [_data(pair, hits.get(pair.name, ())) for pair in pairs]}
    return Report("contract diff", tuple(remarks), _summary(pairs), data)


def _summary(pairs: Sequence[Pair]) -> str:
    changed = [pair for pair in pairs if pair.comparison.changes]
    short = [pair.name for pair in pairs if not pair.comparison.verdict.enough]
    of = f"{len(changed)} of {len(pairs)} contract{'' if len(pairs) == 1 else 's'} changed"
    classes = [str(pair.comparison.class_) for pair in changed]
    counted = ", ".join(f"{classes.count(name)} {name}" for name in _STYLES if name in classes)
    verdict = f"the version is too small in {', '.join(short[:5])}" if short else "every version is high enough"
    return f"{of}{f' ({counted})' if counted else ''}; {verdict}"


def _versions(pair: Pair) -> str:
    old, new = pair.comparison.old, pair.comparison.new
    return f"{old.version if old else 'new'} -> {new.version if new else 'gone'}"


def _print_pair(pair: Pair, hits: Sequence[Hit], console: Console) -> None:
    comparison = pair.comparison
    head = Text.assemble((pair.name, "bold"), f" {_versions(pair)}: ")
    head.append(str(comparison.class_) if comparison.changes else "unchanged", style=_STYLES[comparison.class_])
    console.print(head)
    console.print(Text(pair.path, style="dim"), soft_wrap=True)
    console.print(Padding(_changes(pair), (0, 0, 0, 2)), highlight=False)
    left = len(comparison.changes) - _SHOWN
    if left > 0:
        console.print(f"  and {left} more; --format json has all of them")
    style = "" if comparison.verdict.enough else "bold red"
    console.print(Padding(Text(f"version: {comparison.verdict.message}", style=style), (0, 0, 0, 2)))
    if hits:
        console.print(Padding(_hits(hits), (0, 0, 0, 2)), highlight=False)
    console.print()


def _changes(pair: Pair) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(overflow="fold")
    for change in pair.comparison.changes[:_SHOWN]:
        said = Text(_printable(change.what))
        said.append(f"\nreaders: {change.for_consumers}\nwriters: {change.for_producers}", style="dim")
        if change.hint:
            said.append(f"\nhint: {change.hint}", style="dim")
        name = str(change.class_)
        grid.add_row(Text(name, style=_STYLES[name]), Text(f"line {pair.line(change)}", style="dim"), said)
    return grid


def _hits(hits: Sequence[Hit]) -> Table:
    table = Table(title="whom the breaking changes hit", title_justify="left", title_style="bold", box=None)
    table.add_column("", overflow="fold")
    table.add_column("", overflow="fold")
    for hit in hits:
        table.add_row(Text(f"{hit.kind} {hit.name}"), Text(_why(hit)))
    return table


def _why(hit: Hit) -> str:
    columns = ", ".join(hit.columns[:6]) + (f" and {len(hit.columns) - 6} more" if len(hit.columns) > 6 else "")
    may = "" if hit.sure else "may be hit: "
    return f"{may}{columns + ', ' if columns else ''}through {hit.through}"


def _remarks(pair: Pair, hits: Sequence[Hit]) -> list[Remark]:
    verdict = pair.comparison.verdict
    if not pair.comparison.changes and verdict.enough:
        return [Remark("unchanged", "pass", f"{pair.name} says what it said", pair.path)]
    remarks = [
        Remark(
            change.kind,
            _severity(change, enough=verdict.enough),
            f"{change.class_}: {change.what}. Readers: {change.for_consumers}. Writers: {change.for_producers}.",
            pair.path,
            pair.line(change),
            change.hint,
            details={"class": str(change.class_)},
        )
        for change in pair.comparison.changes
    ]
    hint = f"write `version: {verdict.least}`" if verdict.least else None
    if not verdict.enough:
        remarks.append(Remark("version-too-small", "error", verdict.message, pair.path, pair.version_line, hint))
    else:
        remarks.append(Remark("version", "pass", verdict.message, pair.path, pair.version_line))
    if hits:
        said = "; ".join(f"{hit.kind} {hit.name} ({_why(hit)})" for hit in hits[:20])
        remarks.append(Remark("impact", "note", f"breaking changes hit {len(hits)} readers: {said}", pair.path))
    return remarks


def _severity(change: Change, *, enough: bool) -> Severity:
    if change.class_ == "breaking":
        return "warning" if enough else "error"
    return "warning" if change.class_ == "forward-only" else "note"


def _data(pair: Pair, hits: Sequence[Hit]) -> dict[str, Any]:
    comparison = pair.comparison
    verdict = comparison.verdict
    return {
        "name": pair.name,
        "path": pair.path,
        "old": comparison.old.version if comparison.old else None,
        "new": comparison.new.version if comparison.new else None,
        "class": str(comparison.class_),
        "version": {
            "enough": verdict.enough,
            "level": verdict.level and str(verdict.level),
            "least": verdict.least,
            "message": verdict.message,
        },
        "changes": [
            {
                "kind": change.kind,
                "class": str(change.class_),
                "level": str(change.level),
                "column": change.spot.column,
                "rule": change.spot.rule,
                "line": pair.line(change),
                "before": change.before,
                "after": change.after,
                "consumers": {"safe": change.direction.safe.consumers, "why": change.for_consumers},
                "producers": {"safe": change.direction.safe.producers, "why": change.for_producers},
                "hint": change.hint,
            }
            for change in comparison.changes
        ],
        "impact": [
            {
                "kind": hit.kind,
                "name": hit.name,
                "asset": hit.asset,
                "columns": list(hit.columns),
                "through": hit.through,
                "sure": hit.sure,
            }
            for hit in hits
        ],
    }


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
