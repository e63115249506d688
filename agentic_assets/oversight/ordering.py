"""Give orders about agents: checked against what stands, recorded, sealed, and told to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from agentic_assets.errors import ControlRefused
from agentic_assets.home import Home
from agentic_assets.oversight.delivering import deliver
from agentic_assets.oversight.log import ControlLog
from agentic_assets.oversight.notifying import Notifier, notifiers_of
from agentic_assets.policy.rollout import ANY, Control, Controls, Kind, Stage, in_force
from agentic_assets.policy.rollout.resolving import State
from agentic_assets.store import Store

__all__ = ["Given", "Word", "give", "reset", "resume", "stage", "stop"]

Order = Callable[[tuple[Control, ...]], Control | None]
"""(what stands) -> the control to record, or None; it may raise ControlRefused."""


@dataclass(frozen=True)
class Word:
    """Who orders it, in which role, why, and from which moment of the data on."""

    domain: str
    identity: str
    role: str
    reason: str
    effective_from: datetime
    host: str = ""

    def control(self, kind: Kind, agent: str, action: str = ANY, stage: Stage | None = None) -> Control:
        """Put the word into a control, not recorded yet."""
        return Control(
            domain=self.domain,
            kind=kind,
            effective_from=self.effective_from,
            identity=self.identity,
            role=self.role,
            reason=self.reason,
            agent=agent,
            action=action,
            stage=stage,
            host=self.host,
        )


@dataclass(frozen=True)
class Given:
    """A recorded control, and which notifiers could not be reached, with why."""

    control: Control
    unreached: dict[str, str]


def give(
    home: Home, store: Store, domain: str, order: Order, notifiers: Sequence[Notifier] | None = None
) -> Given | None:
    """Record what `order` gives, seal it in the ledger of controls, and tell people; None where there is nothing to do.

    It holds as soon as it is recorded: what cannot be sealed or told then is made up for by the next call, and shown by
    `agentic verify` until it is.
    """
    made = Controls(store).record(domain, order)
    if made is None:
        return None
    ControlLog(store, home.keys, domain).seal()
    return Given(made, deliver(store, domain, notifiers_of(home) if notifiers is None else notifiers))


def stop(word: Word, agent: str, action: str = ANY, *, with_all: str = "") -> Order:
    """Order that an agent (or every one) acts no more, or takes an action no more: the rule before takes over.

    `with_all` is the id of the stop of every agent that this one leads up to; it is lifted together with that.
    """

    def order(standing: tuple[Control, ...]) -> Control:
        held = in_force(standing, word.effective_from).stops.get((agent, action))
        if held is not None:
            raise ControlRefused(
                f"{_scope(agent, action)} is stopped already, by {held.identity}: {held.reason[:200]}",
                hint=f"it is control {held.number}, from {held.effective_from:%Y-%m-%d %H:%M:%S} UTC of the data on",
            )
        made = word.control(Kind.STOP, agent, action)
        return replace(made, details={"with_all": with_all}) if with_all else made

    return order


def resume(word: Word, agent: str, action: str = ANY) -> Order:
    """Lift the stop of this very scope; raises ControlRefused where there is none, and names those that stand."""

    def order(standing: tuple[Control, ...]) -> Control:
        held = in_force(standing, word.effective_from).stops
        if (agent, action) not in held:
            _refuse_nothing("stop", f"nobody has stopped {_scope(agent, action)}", held.values(), word.effective_from)
        return word.control(Kind.RESUME, agent, action)

    return order


def reset(word: Word, agent: str, to: Stage | None = None) -> Order:
    """Let an agent act again whose breaker has tripped, at the stage it had or at `to`; a person must want it."""

    def order(standing: tuple[Control, ...]) -> Control:
        held = in_force(standing, word.effective_from).trips
        if (agent, ANY) not in held:
            _refuse_nothing("trip", f"the breaker of {agent} has not tripped", held.values(), word.effective_from)
        return word.control(Kind.RESET, agent, stage=to)

    return order


def stage(word: Word, agent: str, to: Stage, state: Callable[[tuple[Control, ...]], State], action: str = ANY) -> Order:
    """Move an agent back to a more cautious stage; only a promotion moves it forward. `state` tells where it stands."""

    def order(standing: tuple[Control, ...]) -> Control:
        now = state(standing)
        if to.percent_bp > now.percent_bp:
            raise ControlRefused(
                f"{agent} is {now.phase} for {_share(now.percent_bp)} of the entities, and would be {to}",
                hint="`agentic agent promote` moves it forward, on a backtest and by somebody who is not its author",
            )
        return word.control(Kind.STAGE, agent, action, to)

    return order


def _scope(agent: str, action: str) -> str:
    whom = "every agent" if agent == ANY else agent
    return whom if action == ANY else f"the action {action} of {whom}"


def _share(percent_bp: int) -> str:
    return f"{percent_bp // 100}.{percent_bp % 100:02d} %"


def _refuse_nothing(kind: str, what: str, held: Iterable[Control], at: datetime) -> NoReturn:
    names = [f"{_scope(*one.scope)} (control {one.number})" for one in held]
    raise ControlRefused(
        f"{what} as of {at:%Y-%m-%d %H:%M:%S} UTC of the data",
        hint=f"each {kind} is lifted as it was given; in force: {', '.join(names[:5]) or 'none'}",
    )
