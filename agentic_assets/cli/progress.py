"""A progress bar over the assets of a load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agentic_assets.orchestration import Observer
from agentic_assets.pipeline import PartitionResult, State

__all__ = ["watching"]


class _Bar(Observer):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=None)

    def started(self, asset: str, position: int, assets: int, partitions: int) -> None:
        what = f"{asset} ({partitions:,} partition{'s' if partitions != 1 else ''})"
        self._progress.update(self._task, description=what, completed=position - 1, total=assets)

    def settled(self, asset: str, results: list[PartitionResult]) -> None:
        self._progress.advance(self._task)
        fallen = sum(not result.stands for result in results)
        if fallen:
            self._progress.console.print(f"{asset}: {fallen} of {len(results)} partitions refused or blocked")


class _Lines(Observer):
    """Where there is no terminal: one line an asset, so that a log shows how far it got."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._of = ""

    def started(self, asset: str, position: int, assets: int, partitions: int) -> None:
        self._of = f"[{position}/{assets}]"

    def settled(self, asset: str, results: list[PartitionResult]) -> None:
        counts = {state: sum(result.state is state for result in results) for state in State}
        said = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count)
        self._console.print(f"{self._of} {asset}: {said}", highlight=False, markup=False)


@contextmanager
def watching(console: Console, *, quiet: bool) -> Iterator[Observer]:
    """Show how far a load got: a bar on a terminal, a line an asset elsewhere, nothing when quiet."""
    if quiet:
        yield Observer()
    elif not console.is_terminal:
        yield _Lines(console)
    else:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            yield _Bar(progress)
