"""`agentic gc`."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from agentic_assets.cli.identity import identity_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

if TYPE_CHECKING:
    from agentic_assets.releases.retention import Cleaned, Cleaning

__all__ = ["gc"]

_LISTED = 40


@click.command()
@click.option("--apply", "applied", is_flag=True, help="Remove what the plan names; else it is only shown.")
@click.option("--keep-days", type=int, help="How long decisions stay explainable. Default: 183, six months.")
@click.option(
    "--forget", "forgotten", multiple=True, metavar="rN", help="A release that is no reason any more to keep anything."
)
@click.option("--by", "who", help="Who cleans up. Default: AGENTIC_USER, or the user of this computer.")
@click.option("--now", "moment", hidden=True, help="As if it were this moment, e.g. 2027-06-01T00:00:00+00:00.")
@domain_option
@json_option
def gc(
    applied: bool,
    keep_days: int | None,
    forgotten: tuple[str, ...],
    who: str | None,
    moment: str | None,
    domain_name: str,
    as_json: bool,
) -> None:
    """Show which stored files nothing needs any more, and remove them with --apply.

    What stays: all that is published now, what people set back to, what was decided, sealed or done within --keep-days,
    what was made under a release, and everything that all these were made from, so that it can be explained and
    computed again. The history itself is never removed: it says of each version when it was vacuumed. A removal that
    was cut off is finished by the next one. --forget names releases of --domain; all else is about the whole home.

    \b
        agentic gc
        agentic gc --apply
        agentic gc --keep-days 730 --forget r1 --forget r2 --apply
    """
    errors = Console(stderr=True)
    now = _moment(moment)
    with errors.status("reading what there is") if errors.is_terminal and not as_json else nullcontext():
        from agentic_assets.domains import folder_of, load_domains
        from agentic_assets.home import Home
        from agentic_assets.releases import Releases
        from agentic_assets.releases.retention import FLOOR_DAYS, clean, plan_cleaning
        from agentic_assets.store import Store

        home = Home.from_environment()
        store = Store(home.store_url)
        try:
            domains = load_domains()
            if forgotten:
                folder_of(domain_name)  # else one that is not there would be said to have no releases
            record = Releases(store, home.keys)
            plan = plan_cleaning(
                domains,
                home,
                store,
                now=now,
                keep_days=FLOOR_DAYS if keep_days is None else keep_days,
                forget=[record.get(domain_name, one) for one in forgotten],
            )
            done = clean(plan, home, store, identity=identity_of(who), now=now) if applied and not plan.empty else None
        finally:
            store.close()
    if as_json:
        emit_json({**plan.to_dict(), "removed": None if done is None else done.to_dict()}, ascii_only=True)
        return
    _print(plan, done, screen(), applied=applied)


def _print(plan: Cleaning, done: Cleaned | None, console: Console, *, applied: bool) -> None:
    kept = Table(title=f"stays: {plan.kept_files:,} files, {_size(plan.kept_bytes)}", title_justify="left")
    kept.add_column("why")
    kept.add_column("versions", justify="right")
    for why, count in plan.kept.items():
        kept.add_row(str(why), f"{count:,}")
    console.print(kept)
    for name, said in list(plan.alone.items())[:_LISTED]:
        console.print(safe(f"left alone: {name}: {said}", most=400))
    if plan.forgotten:
        console.print(f"forgotten: {', '.join(plan.forgotten)}", highlight=False)
    if plan.empty:
        console.print("nothing can go: everything is needed")
        return
    table = Table(title=f"needed by nothing: {len(plan.files):,} files, {_size(plan.bytes)}", title_justify="left")
    table.add_column("asset", overflow="fold")
    for column in ("files", "size"):
        table.add_column(column, justify="right")
    for name, (files, size) in list(plan.by_table.items())[:_LISTED]:
        table.add_row(name, f"{files:,}", _size(size))
    console.print(table)
    if len(plan.by_table) > _LISTED:
        console.print(f"and {len(plan.by_table) - _LISTED} more assets; --json names all")
    if plan.snapshots:
        console.print(f"and {len(plan.snapshots):,} kept sources of code that made none of what stays", highlight=False)
    if done is not None:
        spared = f"; {done.spared:,} were gone or published again meanwhile" if done.spared else ""
        console.print(f"removed: {done.files:,} files, {_size(done.bytes)}{spared}", highlight=False)
    elif not applied:
        console.print("nothing was removed: --apply does it")


def _size(count: int) -> str:
    size, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{count:,} bytes" if unit == "bytes" else f"{size:,.1f} {unit}"


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now takes a moment such as 2027-06-01T00:00:00+00:00, not {text[:60]!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
