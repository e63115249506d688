"""`agentic contract diff`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from agentic_assets.cli.contract.changes import Downstream, as_report, print_changes
from agentic_assets.cli.contract.pairs import Pair, pairs_of
from agentic_assets.cli.contract.revision import at_revision
from agentic_assets.cli.formats import Format, emit, format_option
from agentic_assets.cli.options import DAYS, screen

if TYPE_CHECKING:
    from agentic_assets.evidence import Backtest, Hit

__all__ = ["diff"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="The old file or folder, such as contracts/ in a checkout of main; then name at most the new one.",
)
@click.option(
    "--since",
    metavar="REVISION",
    help="A revision of git, such as origin/main or v1.2: the old contracts are those that it has at the same path.",
)
@click.option(
    "--impact/--no-impact", default=True, help="Whether to list whom breaking changes hit.  [default: impact]"
)
@click.option(
    "--backtest",
    "days",
    type=DAYS,
    help="Also hold the stored partitions of these days (such as 2013-02-01..2013-02-28) against both versions, and "
    "count what the new one would refuse or release. Nothing is changed.",
)
@format_option
def diff(
    paths: tuple[Path, ...],
    against: Path | None,
    since: str | None,
    impact: bool,
    days: tuple[date, date] | None,
    format_name: Format,
) -> None:
    """Say what changed between two versions of a contract, whom it breaks, and which version it demands.

    Give the OLD and the NEW file, or two folders: then every contract is compared with the one of the same dataset.
    With --against OLD or --since REVISION, the new one is contracts/ unless you name another.

    \b
    compatible    nobody has to do anything
    forward-only  readers go on as before; who delivers the data has to follow first
    breaking      readers have to be changed: the version needs a new first number

    For each breaking change the assets, feature sets and agents that read the data are listed. Exit code 1 when a
    new version number is too small for its changes.
    """
    pairs = _pairs(paths, against, since)
    found = Downstream(
        {pair.name: _hits(pair) for pair in pairs if pair.comparison.breaking} if impact else {},
        _backtests(pairs, days) if days else {},
    )
    if format_name == "text":
        print_changes(pairs, found, screen())
    else:
        emit(as_report(pairs, found), format_name)
    if not all(pair.comparison.verdict.enough for pair in pairs):
        raise click.exceptions.Exit(1)


def _pairs(paths: tuple[Path, ...], against: Path | None, since: str | None) -> list[Pair]:
    if against is None and since is None and len(paths) == 2:
        return pairs_of(*paths)
    if (against is None) == (since is None) or len(paths) > 1:
        raise click.UsageError("give OLD and NEW, or at most NEW with one of --against OLD and --since REVISION")
    new = paths[0] if paths else Path("contracts")
    if since is None:
        assert against is not None
        return pairs_of(against, new)
    with at_revision(new, since) as old:
        return pairs_of(old, new, known_as=new)


def _hits(pair: Pair) -> Sequence[Hit]:
    from agentic_assets.domains import load_domains
    from agentic_assets.evidence import impact

    columns = pair.columns_hit
    return [hit for domain in load_domains() for hit in impact(domain, pair.name, columns)]


def _backtests(pairs: Sequence[Pair], days: tuple[date, date]) -> dict[str, Sequence[Backtest]]:
    from agentic_assets.domains import load_domains
    from agentic_assets.evidence import Reading, backtest, has_contract
    from agentic_assets.home import Home

    home = Home.from_environment()
    domains = load_domains()
    found: dict[str, Sequence[Backtest]] = {}
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        for pair in pairs:
            old, new = pair.comparison.old, pair.comparison.new
            domain = next((one for one in domains if has_contract(one, pair.name)), None)
            if domain is None or old is None or new is None or not pair.comparison.changes:
                continue
            task = bar.add_task(pair.name, total=None)
            advanced = partial(_advanced, bar, task)
            reading = Reading(domain, home)
            try:
                found[pair.name] = backtest(reading, old, new, domain.graph.calendar.days(*days), advanced)
            finally:
                reading.close()
    return found


def _advanced(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)
