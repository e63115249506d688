"""Write comparisons of contracts: for people, and as a report for CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    from agentic_assets.evidence import Backtest, Hit, Refusal

__all__ = ["Downstream", "as_report", "print_changes"]


@dataclass(frozen=True)
class Downstream:
    """What changes mean outside of the contracts, by dataset: whom they hit, and what they do to stored partitions."""

    hits: Mapping[str, Sequence[Hit]]
    backtests: Mapping[str, Sequence[Backtest]]


_STYLES: Final = {"breaking": "bold red", "forward-only": "yellow", "compatible": "green"}
_SHOWN: Final = 60


def print_changes(pairs: Sequence[Pair], found: Downstream, console: Console) -> None:
    """Print, for each contract that changed, every change with its reason, the verdict, and whom it hits."""
    for pair in pairs:
        if pair.comparison.changes or not pair.comparison.verdict.enough:
            _print_pair(pair, found, console)
    console.print(Text(_summary(pairs), style="bold"))


def as_report(pairs: Sequence[Pair], found: Downstream) -> Report:
    """Give the comparisons as remarks: errors where the version is too small for them."""
    remarks = [remark for pair in pairs for remark in _remarks(pair, found)]
    data = {"contracts": [_data(pair, found) for pair in pairs]}
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


def _print_pair(pair: Pair, found: Downstream, console: Console) -> None:
    comparison = pair.comparison
    head = Text.assemble((pair.name, "bold"), f" {_versions(pair)}: ")
    head.append(str(comparison.class_) if comparison.changes else "unchanged", style=_STYLES[comparison.class_])
    console.print(head)
    console.print(Text(pair.path, style="dim"), soft_wrap=True)
    console.print(Padding(_changes(pair), (0, 0, 0, 2)), highlight=False)
    left = len(_alike(comparison.changes)) - _SHOWN
    if left > 0:
        console.print(f"  and {left} more; --format json has all of them")
    style = "" if comparison.verdict.enough else "bold red"
    console.print(Padding(Text(f"version: {comparison.verdict.message}", style=style), (0, 0, 0, 2)))
    if found.hits.get(pair.name):
        console.print(Padding(_hits(found.hits[pair.name]), (0, 0, 0, 2)), highlight=False)
    for tested in found.backtests.get(pair.name, ()):
        console.print(Padding(Text(f"backtest of {_backtest(tested)}"), (0, 0, 0, 2)))
        for refusal in tested.refusals[:8]:
            console.print(Padding(Text(f"- {_refusal(refusal)}"), (0, 0, 0, 4)), highlight=False)
    console.print()


def _changes(pair: Pair) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(overflow="fold")
    for alike in _alike(pair.comparison.changes)[:_SHOWN]:
        change = alike[0]
        said = Text(_printable(change.what))
        if len(alike) > 1:
            said.append(f"; so for {', '.join(f'`{other.spot.column}`' for other in alike[1:])}")
        said.append(f"\nreaders: {change.for_consumers}\nwriters: {change.for_producers}", style="dim")
        if change.hint:
            said.append(f"\nhint: {change.hint}", style="dim")
        name = str(change.class_)
        grid.add_row(Text(name, style=_STYLES[name]), Text(f"line {pair.line(change)}", style="dim"), said)
    return grid


def _alike(changes: Sequence[Change]) -> list[list[Change]]:
    """Put changes together that say the same of several columns."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        own = (change.spot.column is None, change.spot.rule, change.hint)
        key = (change.kind, change.before, change.after, own) if own == (False, None, None) else (id(change),)
        groups.setdefault(key, []).append(change)
    return list(groups.values())


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


def _remarks(pair: Pair, found: Downstream) -> list[Remark]:
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
    hits = found.hits.get(pair.name, ())
    if hits:
        said = "; ".join(f"{hit.kind} {hit.name} ({_why(hit)})" for hit in hits[:20])
        remarks.append(Remark("impact", "note", f"breaking changes hit {len(hits)} readers: {said}", pair.path))
    for tested in found.backtests.get(pair.name, ()):
        mildly: Severity = "warning" if tested.refused_rows else "note"
        said = "; ".join([_backtest(tested), *(_refusal(refusal) for refusal in tested.refusals[:8])])
        remarks.append(Remark("backtest", mildly, said, pair.path, count=tested.refused_rows, total=tested.rows))
    return remarks


def _backtest(tested: Backtest) -> str:
    """Word what a new version does to what is stored."""
    rows = (
        f"the new version would refuse {tested.refused_rows:,} of {tested.rows:,} rows that the old one let pass, "
        f"in {tested.touched_partitions:,} of {tested.partitions:,} partitions"
        if tested.refused_rows
        else f"the new version lets all {tested.rows:,} rows of {tested.partitions:,} partitions pass"
    )
    whole = f" ({len(tested.refused_partitions):,} refused as a whole)" if tested.refused_partitions else ""
    released = (
        f", and release {tested.released_rows:,} of {tested.quarantined_rows:,} quarantined rows"
        if tested.quarantined_rows
        else ""
    )
    span = f"{tested.first} to {tested.last}" if tested.first else "all"
    return f"{tested.asset} ({span}): {rows}{whole}{released}"


def _refusal(refusal: Refusal) -> str:
    partitions = f"{refusal.partitions:,} partition{'' if refusal.partitions == 1 else 's'}"
    return f"{refusal.rule}: {refusal.rows:,} rows in {partitions}, e.g. {refusal.example}"


def _severity(change: Change, *, enough: bool) -> Severity:
    if change.class_ == "breaking":
        return "warning" if enough else "error"
    return "warning" if change.class_ == "forward-only" else "note"


def _data(pair: Pair, found: Downstream) -> dict[str, Any]:
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
            for hit in found.hits.get(pair.name, ())
        ],
        "backtest": [asdict(tested) for tested in found.backtests.get(pair.name, ())],
    }


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
