"""`agentic escalation resolve` and `expire`."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console

from agentic_assets.cli.identity import LONGEST_NAME, identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe, span

if TYPE_CHECKING:
    from agentic_assets.orchestration.answering import Answered

__all__ = ["expire", "resolve"]


@click.command()
@click.argument("decision_id")
@click.option("--approve/--deny", "approve", default=None, help="Let the proposed action happen, or refuse it.")
@click.option("--action", help="Approve another action of the agent instead, e.g. notify.")
@click.option("--role", default="", help="In which role you answer; it must be the one that the policy names.")
@click.option("--reason", default="", help="Why. It is kept with the decision that takes the place of this one.")
@click.option("--by", "who", help="Who answers. Default: AGENTIC_USER, or the user of this computer.")
@domain_option
@json_option
def resolve(
    decision_id: str,
    approve: bool | None,
    action: str | None,
    role: str,
    reason: str,
    who: str | None,
    domain_name: str,
    as_json: bool,
) -> None:
    """Answer one escalated decision: a new decision takes its place, is sealed beside it and carried out at once.

    \b
        agentic escalation resolve 0f5e2c7a9b1d --approve --role duty_manager --reason "the crew is here anyway"
    """
    if approve is None:
        raise click.UsageError("say --approve or --deny")
    if not role.strip():
        raise click.UsageError("say in which role you answer, with --role NAME")
    reason, identity = reason_of(reason), identity_of(who)
    from agentic_assets.cli.progress import watching
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration.answering import answer_and_run
    from agentic_assets.policy import Verdict

    home = Home.from_environment()
    with watching(Console(stderr=True), quiet=as_json) as observer:
        done = answer_and_run(
            governed_domain(domain_name, home),
            home,
            decision_id,
            Verdict.ALLOW if approve else Verdict.DENY,
            identity=identity,
            role=role.strip(),
            reason=reason,
            now=datetime.now(UTC),
            action=action,
            host=socket.gethostname()[:LONGEST_NAME],
            observer=observer,
        )
    _tell(done, as_json)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask before days are made again.")
@domain_option
@json_option
def expire(yes: bool, domain_name: str, as_json: bool) -> None:
    """Record the policy's default for every escalation that nobody answered in time, and carry it out."""
    if not yes:
        click.confirm("the days of expired escalations are made again; go on?", abort=True, err=True)
    from agentic_assets.cli.progress import watching
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration.answering import expire_and_run

    home = Home.from_environment()
    with watching(Console(stderr=True), quiet=as_json) as observer:
        done = expire_and_run(
            governed_domain(domain_name, home),
            home,
            now=datetime.now(UTC),
            host=socket.gethostname()[:LONGEST_NAME],
            observer=observer,
        )
    _tell(done, as_json)


def _tell(done: Answered, as_json: bool) -> None:
    if as_json:
        emit_json(done.to_dict(), ascii_only=True)
        return
    console = screen()
    if not done.resolutions:
        console.print("no escalation has expired", highlight=False)
        return
    for one in done.resolutions[:10]:
        console.print(
            safe(f"{one.entity}: {one.verdict}, {one.action}, by {one.identity} ({one.role}): {one.reason}", most=600),
            highlight=False,
        )
    if len(done.resolutions) > 10:
        console.print(f"and {len(done.resolutions) - 10:,} more", highlight=False)
    for name, parts in done.remade.items():
        console.print(f"made again: {name}, {span(parts)}", highlight=False)
