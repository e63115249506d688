"""`agentic agent stop`, `resume`, `reset` and `stage`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentic_assets.cli.agent.finding import find_agent
from agentic_assets.cli.identity import LONGEST_NAME, identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe
from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.evidence import Reading
    from agentic_assets.oversight import Given, Word
    from agentic_assets.oversight.ordering import Order
    from agentic_assets.policy.rollout import Control, Stage

__all__ = [
    "MOMENT",
    "opened",
    "order_options",
    "percent_of",
    "recorded",
    "reset",
    "resume",
    "stage",
    "stage_of",
    "stop",
    "tell",
    "word_of",
]

_LONGEST_ROLE = 120
_SHOWN = 6


class _Moment(click.ParamType[date | datetime]):
    name = "DAY|MOMENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date | datetime:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(
                f"{value!r} is no day and no moment with a time zone; write 2013-02-08 or 2013-02-08T14:00Z", param, ctx
            )
        return moment.astimezone(UTC)


MOMENT = _Moment()
F = TypeVar("F", bound=Callable[..., Any])


def order_options(command: F) -> F:
    """Add the options of every order: who, in which role, why, from when."""
    for option in (
        click.option("--reason", default="", help="Why. It is kept with the order and told to whom it concerns."),
        click.option("--role", default="", help="In which role you order it, e.g. duty_manager."),
        click.option("--by", "who", help="Who orders it. Default: AGENTIC_USER, or the user of this computer."),
        click.option(
            "--from",
            "since",
            type=MOMENT,
            help="From which day, or moment of the data, on. Default: just after the newest decision on record, so "
            "that it acts from the next batch on and changes no decision that was made.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask before days that were decided are to be made again."),
        domain_option,
        json_option,
    ):
        command = option(command)
    return command


@click.command()
@click.argument("agent", default="")
@click.option("--all", "everybody", is_flag=True, help="Every agent of the domain.")
@click.option("--action", default="*", help="Only this action, e.g. standby. Default: all it may do.")
@order_options
def stop(agent: str, everybody: bool, action: str, **said: Any) -> None:
    """Stop an agent, an action, or everything: from the next batch on, the rule before takes over.

    AGENT is a name, for all its versions, or name@version. What it proposes is still recorded.

    \b
        agentic agent stop delay_risk --role duty_manager --reason "the weather feed is wrong"
        agentic agent stop --all --action standby --role duty_manager --reason "no aircraft left"
    """
    from agentic_assets.oversight import stop as order

    _scoped(agent, everybody, action, order, said)


@click.command()
@click.argument("agent", default="")
@click.option("--all", "everybody", is_flag=True, help="Lift the stop of every agent; those of single ones stay.")
@click.option("--action", default="*", help="Lift the stop of this action.")
@order_options
def resume(agent: str, everybody: bool, action: str, **said: Any) -> None:
    """Lift a stop, in the scope in which it was given.

    \b
        agentic agent resume delay_risk --role duty_manager --reason "the weather feed is right again"
    """
    from agentic_assets.oversight import resume as order

    _scoped(agent, everybody, action, order, said)


@click.command()
@click.argument("agent")
@click.option("--percent", help="Come back as a canary for this share of the entities, e.g. 10 or 2.5.")
@order_options
def reset(agent: str, percent: str | None, **said: Any) -> None:
    """Let an agent act again whose circuit breaker has tripped: as before, or first as a canary.

    AGENT is a name, for its newest version, or name@version. Days before the reset are not held against it again.
    """
    from agentic_assets.oversight import reset as order
    from agentic_assets.policy.rollout import Phase, Stage

    to = None if percent is None else Stage(Phase.CANARY, percent_of(percent))
    with opened(said["domain_name"]) as reading:
        wanted = find_agent(reading.domain, agent).id  # a breaker judges a version
        word = word_of(reading, wanted, said)
        tell(recorded(reading, word, order(word, wanted, to), said), said)


@click.command()
@click.argument("agent")
@click.argument("phase", type=click.Choice(["shadow", "canary", "live"]))
@click.option("--percent", help="The share of the entities of a canary, e.g. 10 or 2.5.")
@click.option("--action", default="*", help="Only this action.")
@order_options
def stage(agent: str, phase: str, percent: str | None, action: str, **said: Any) -> None:
    """Move an agent back: to a smaller canary, or into shadow. `promote` moves it forward.

    In shadow the rule before acts, and what the agent would have done is recorded beside it.

    \b
        agentic agent stage delay_risk canary --percent 10 --role duty_manager --reason "complaints from JFK"
    """
    from agentic_assets.evidence.overseeing import staged, subjects_of
    from agentic_assets.oversight import stage as order

    to = stage_of(phase, percent)
    with opened(said["domain_name"]) as reading:
        subject = subjects_of(reading.domain, agent)[-1]
        _refuse_action(action, subject.agent.actions)
        word = word_of(reading, subject.agent.id, said)
        given = recorded(
            reading,
            word,
            order(word, subject.agent.id, to, lambda held: staged(held, subject, word.effective_from), action),
            said,
        )
    tell(given, said)


def stage_of(phase: str, percent: str | None) -> Stage:
    """Read a stage; UsageError for a canary without a share, and for a share of anything else."""
    from agentic_assets.policy.rollout import Phase, Stage

    if (phase == Phase.CANARY) != (percent is not None):
        raise click.UsageError("a canary, and nothing else, takes --percent, e.g. --percent 10")
    return Stage(Phase(phase), -1 if percent is None else percent_of(percent))


def percent_of(text: str) -> int:
    """Read a share in percent, with up to two decimals, as basis points."""
    whole, _, part = text.strip().removesuffix("%").strip().partition(".")
    if not whole.isascii() or not whole.isdigit() or len(part) > 2 or (part and not part.isdigit()):
        raise click.UsageError(f"{text[:20]!r} is no share; write a percentage such as 10 or 2.5")
    found = int(whole) * 100 + int(part.ljust(2, "0"))
    if not 0 < found <= 10_000:
        raise click.UsageError(f"{text[:20]!r} is no share; it lies above 0 and up to 100")
    return found


@contextmanager
def opened(domain_name: str) -> Iterator[Reading]:
    """Open a domain on the home of the environment."""
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.home import Home

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        yield reading
    finally:
        reading.close()


def word_of(reading: Reading, agent: str, said: dict[str, Any]) -> Word:
    """Put the options of an order together; without an agent it concerns all of the domain."""
    from agentic_assets.evidence.overseeing import next_moment, orders_of, subjects_of
    from agentic_assets.oversight import Word

    reason, identity, role = reason_of(said["reason"]), identity_of(said["who"]), said["role"].strip()
    if not role or len(role) > _LONGEST_ROLE or not role.isprintable():
        raise click.UsageError("say in which role you order it, with --role NAME, e.g. --role duty_manager")
    subjects = subjects_of(reading.domain, agent) if agent else reading.domain.subjects
    since = said["since"]
    if since is None:
        moment = next_moment(reading, subjects)
    elif isinstance(since, datetime):
        moment = since
    else:
        moment = min(orders_of(reading.domain, one).window(since.isoformat())[0] for one in subjects)
    host = socket.gethostname()[:LONGEST_NAME]
    return Word(reading.domain.name, identity, role, reason, moment, host)


def recorded(reading: Reading, word: Word, order: Order, said: dict[str, Any]) -> tuple[Given, dict[str, Any]]:
    """Say which decided days an order would make again, ask, and give it."""
    from agentic_assets.evidence.overseeing import remade
    from agentic_assets.oversight import give
    from agentic_assets.policy.rollout import Controls

    standing = Controls(reading.store).of(word.domain)
    wanted = order(standing)
    touched = {} if wanted is None else remade(reading, standing, wanted)
    if touched and not said["yes"]:
        for asset, days in touched.items():
            listed = ", ".join(days[:_SHOWN]) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
            click.echo(f"{asset} was decided already on {len(days)} days that this changes: {listed}", err=True)
        click.confirm(
            "the next run over them makes them anew, and seals them beside what was sealed; go on?",
            abort=True,
            err=True,
        )
    given = give(reading.home, reading.store, word.domain, order)
    assert given is not None
    return given, {asset: list(days) for asset, days in touched.items()}


def _scoped(
    agent: str, everybody: bool, action: str, order: Callable[[Word, str, str], Order], said: dict[str, Any]
) -> None:
    from agentic_assets.evidence.overseeing import subjects_of

    if bool(agent) == everybody:
        raise click.UsageError("name an agent, or say --all")
    with opened(said["domain_name"]) as reading:
        concerned = reading.domain.subjects if everybody else subjects_of(reading.domain, agent)
        _refuse_action(action, {name for one in concerned for name in one.agent.actions})
        word = word_of(reading, agent, said)
        given = recorded(reading, word, order(word, "*" if everybody else agent, action), said)
        if everybody:
            _lead_up(reading, word, given[0].control, said)
    tell(given, said)


def _lead_up(reading: Reading, word: Word, control: Control, said: dict[str, Any]) -> None:
    """Stop each agent that decides before the moment of a stop of all from its own next decision on, or resume it.

    Agents do not decide about a day at the same moments: without it, the earlier ones would act a little longer.
    """
    from dataclasses import replace

    from agentic_assets.evidence.overseeing import next_moment
    from agentic_assets.oversight import give, resume, stop
    from agentic_assets.policy.rollout import Controls, Kind, in_force

    standing = Controls(reading.store).of(word.domain)
    held = in_force(standing, word.effective_from).stops
    orders = []
    if control.kind is Kind.RESUME:
        orders = [resume(word, *scope) for scope, one in held.items() if _leads_up(one, control.action)]
    elif said["since"] is None:
        for subject in reading.domain.subjects:
            moment, agent = next_moment(reading, [subject]), subject.agent.id
            if moment < word.effective_from and (agent, control.action) not in held:
                own = replace(word, effective_from=moment)
                orders.append(stop(own, agent, control.action, with_all=control.id))
    for order in orders:
        give(reading.home, reading.store, word.domain, order)


def _leads_up(control: Control, action: str) -> bool:
    return "with_all" in control.details and control.action == action


def _refuse_action(action: str, known: Any) -> None:
    if action != "*" and action not in known:
        raise NotFound(f"no agent here takes the action {action[:60]!r}", hint=f"choose of {', '.join(sorted(known))}")


def tell(given: tuple[Given, dict[str, Any]], said: dict[str, Any]) -> None:
    """Print what was ordered, what it makes anew, and who could not be told."""
    from agentic_assets.oversight import alert_of

    made, touched = given
    control = made.control
    if said["as_json"]:
        emit_json(
            {"control": {"id": control.id, **control.content}, "remakes": touched, "unreached": made.unreached},
            ascii_only=True,
        )
        return
    console = screen()
    for line in alert_of(control).text.splitlines():
        console.print(safe(line, most=600), highlight=False)
    for asset, days in touched.items():
        console.print(
            f"`agentic run --from {days[0]} --to {days[-1]}` makes {len(days)} days of {asset} anew", highlight=False
        )
    for name, why in made.unreached.items():
        click.echo(safe(f"not told: {name}: {why}", most=300), err=True)
