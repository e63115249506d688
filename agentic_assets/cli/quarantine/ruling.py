"""`agentic quarantine release`, `drop` and `withdraw`."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console

from agentic_assets.cli.identity import LONGEST_NAME, identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import named, safe, span
from agentic_assets.errors import RulingRefused

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home
    from agentic_assets.pipeline import Choice, Verdict

__all__ = ["drop", "release", "withdraw"]

F = TypeVar("F", bound=Callable[..., Any])


def _choosing(command: F) -> F:
    """Add what says which rows are meant, and who rules why."""
    options = (
        click.argument("asset"),
        click.argument("partition", default=""),
        click.option("--row", "rows", type=int, multiple=True, metavar="N", help="This row; may be given again."),
        click.option("--rule", help="Every waiting row that breaks this rule."),
        click.option("--all", "everything", is_flag=True, help="Every waiting row of the partition."),
        click.option("--reason", default="", help="Why. It is kept with the ruling, and shown wherever it matters."),
        click.option("--by", "who", help="Who rules. Default: AGENTIC_USER, or the user of this computer."),
        click.option("--yes", is_flag=True, help="Rule on many rows without being asked."),
        click.option("--downstream", is_flag=True, help="Make again what rests on the partition, too."),
        domain_option,
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_choosing
@click.option("--set", "sets", multiple=True, metavar="COLUMN=VALUE", help="Correct a value; may be given again.")
@click.option("--set-null", "nulls", multiple=True, metavar="COLUMN", help="Correct a value to none.")
def release(sets: tuple[str, ...], nulls: tuple[str, ...], **given: Any) -> None:
    """Let quarantined rows pass the gate again, corrected if you say so, and publish their partition anew.

    Nothing is recorded when a row would break a rule still: exit code 1, and the rule is named. A value that other
    columns were derived from is not derived again: correct those, too.

    \b
        agentic quarantine release sources/schedule 2013-02-08 --row 11 --set distance=733 --reason "typing error"
    """
    from agentic_assets.pipeline import Verdict

    _rule(Verdict.RELEASE, _correction(sets, nulls), **given)


@click.command()
@_choosing
def drop(**given: Any) -> None:
    """Confirm that quarantined rows are rightly refused.

    They are taken out before the gate, so that they count no more against the partition, which may then pass. They
    stay in the quarantine with your ruling.
    """
    from agentic_assets.pipeline import Verdict

    _rule(Verdict.DROP, {}, **given)


@click.command()
@_choosing
def withdraw(**given: Any) -> None:
    """Take rulings back: the rows are again as if nobody had ruled on them. The record of both is kept."""
    from agentic_assets.pipeline import Verdict

    _rule(Verdict.WITHDRAW, {}, **given)


def _rule(
    verdict: Verdict,
    correction: Mapping[str, str | None],
    *,
    asset: str,
    partition: str,
    rows: tuple[int, ...],
    rule: str | None,
    everything: bool,
    reason: str,
    who: str | None,
    yes: bool,
    downstream: bool,
    domain_name: str,
    as_json: bool,
) -> None:
    reason, identity = reason_of(reason), identity_of(who)
    errors = Console(stderr=True)
    with errors.status("trying the ruling"):
        from agentic_assets.domains import governed_domain
        from agentic_assets.home import Home
        from agentic_assets.orchestration import rule_and_run
        from agentic_assets.pipeline import Choice, Said

        home = Home.from_environment()
        domain = governed_domain(domain_name, home)
        choice = _choice(Choice, rows, rule, everything)
    if len(set(rows)) != 1 and not yes:
        _confirm(domain, home, asset, partition, choice, verdict)
    from agentic_assets.cli.progress import watching

    said = Said(verdict, reason, identity, correction, socket.gethostname()[:LONGEST_NAME])
    with watching(errors, quiet=as_json) as observer:
        done = rule_and_run(domain, home, asset, partition, choice, said, downstream=downstream, observer=observer)
    if as_json:
        emit_json(done.to_dict(), ascii_only=True)
        return
    console = screen()
    where = named(asset, partition)
    past = {"release": "released", "drop": "dropped", "withdraw": "rulings withdrawn"}[verdict.value]
    console.print(
        safe(f"{where}: {len(done.numbers):,} {past} by {identity} (ruling {done.numbers[-1]}): {reason}", most=600),
        highlight=False,
    )
    if done.state == "refused":
        console.print(safe(f"the partition is refused still:\n{done.message}", most=3_000, lines=True))
    else:
        console.print(
            f"published {done.published:,} rows, {done.waiting:,} wait in quarantine, {done.dropped:,} dropped; "
            f"run {done.run_id[:8]}",
            highlight=False,
        )
    for name, parts in done.remade.items():
        console.print(f"made again: {name}, {span(parts)}", highlight=False)
    if done.stale:
        console.print("what rests on it is now out of date; --downstream or `agentic run` makes it again:")
        for name, parts in done.stale.items():
            console.print(f"  {name}: {span(parts)}", highlight=False)


def _choice(made: type[Choice], rows: tuple[int, ...], rule: str | None, everything: bool) -> Choice:
    if sum((bool(rows), rule is not None, everything)) != 1:
        raise click.UsageError("say which rows: --row N (again for more), or --rule RULE, or --all")
    return made(tuple(sorted(set(rows))), rule, everything)


def _confirm(domain: Domain, home: Home, asset: str, partition: str, choice: Choice, verdict: Verdict) -> None:
    from agentic_assets.orchestration import chosen_rows

    with Console(stderr=True).status("counting"):
        count = chosen_rows(domain, home, asset, partition, choice, verdict)
    if count == 1:
        return
    if not sys.stdin.isatty():
        raise RulingRefused(
            f"{count:,} rows of {named(asset, partition)} are meant; nothing was recorded",
            hint="add --yes when you mean all of them",
        )
    click.confirm(f"{verdict.value} {count:,} rows of {named(asset, partition)}?", abort=True, err=True)


def _correction(sets: tuple[str, ...], nulls: tuple[str, ...]) -> dict[str, str | None]:
    correction: dict[str, str | None] = dict.fromkeys(nulls)
    for given in sets:
        column, equals, value = given.partition("=")
        if not equals or not column:
            raise click.UsageError(f"--set takes COLUMN=VALUE, for example --set distance=733, not {given[:60]!r}")
        if column in correction:
            raise click.UsageError(f"the column {column[:60]!r} is corrected twice")
        correction[column] = value
    return correction
