"""Answer escalated decisions and carry the answers out, as a run that Dagster shows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import RulingRefused
from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.escalations import EXPIRED, OPEN, Item, find_item, queue
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import run_load
from agentic_assets.orchestration.resources import Observer
from agentic_assets.pipeline import State
from agentic_assets.pipeline.reach import resting_on
from agentic_assets.policy import Verdict
from agentic_assets.policy.escalation import Resolution, Resolutions
from agentic_assets.policy.escalation.resolution import EXPIRED as NOBODY
from agentic_assets.policy.rollout import SERVING, Controls, Stage, course

__all__ = ["Answered", "answer_and_run", "expire_and_run"]


@dataclass(frozen=True)
class Answered:
    """The answers that were recorded, the run that carried them out, and what it made again, by asset."""

    resolutions: tuple[Resolution, ...]
    run_id: str = ""
    remade: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "resolutions": [one.content | {"id": one.id} for one in self.resolutions]}


def answer_and_run(
    domain: Domain,
    home: Home,
    decision_id: str,
    verdict: Verdict,
    *,
    identity: str,
    role: str,
    reason: str,
    now: datetime,
    action: str | None = None,
    host: str = "",
    observer: Observer | None = None,
) -> Answered:
    """Record a person's answer to one escalated decision, and make its day again with all that rests on it.

    An approval takes the proposed action, or another one of the agent's with `action`. Raises RulingRefused, and
    nothing is recorded, for another role than the policy's, after the time limit, for an action that the agent does not
    have, and for a decision that was answered. A crash after the record loses nothing: the next run carries it out.
    """
    reading = Reading(domain, home)
    try:
        item = find_item(queue(reading, now=now), decision_id)
        _refuse(item, role)
        taken = _action(reading, item, verdict, action)
        [recorded] = Resolutions(reading.store).append(
            [_resolution(domain, item, verdict, taken, identity, role, reason, now, host)]
        )
        return _carried_out(domain, home, reading, (recorded,), observer)
    finally:
        reading.close()


def expire_and_run(
    domain: Domain, home: Home, *, now: datetime, host: str = "", observer: Observer | None = None
) -> Answered:
    """Record the policy's default for every escalation whose time is up, and carry those out."""
    reading = Reading(domain, home)
    try:
        due = [item for item in queue(reading, now=now) if item.state == EXPIRED]
        given = []
        for item in due:
            verdict = Verdict(item.on_expiry)
            taken = item.proposed_action if verdict is Verdict.ALLOW else NO_ACTION
            why = f"nobody answered by {item.due_at}; the policy's default is to {item.on_expiry}"
            given.append(_resolution(domain, item, verdict, taken, NOBODY, NOBODY, why, now, host))
        recorded = Resolutions(reading.store).append(given)
        return _carried_out(domain, home, reading, recorded, observer) if recorded else Answered(())
    finally:
        reading.close()


def _action(reading: Reading, item: Item, verdict: Verdict, action: str | None) -> str:
    if verdict is Verdict.DENY:
        if action is not None:
            raise RulingRefused("a denial takes no action; nothing was recorded", hint="leave the action out")
        return NO_ACTION
    subject = next(subject for subject in reading.domain.subjects if subject.agent.id == item.agent)
    spec, ruleset = subject.agent, subject.policy
    taken = item.proposed_action if action is None else action
    known = [name for name in spec.actions if name in ruleset.actions]
    if taken not in known:
        raise RulingRefused(
            f"agent {item.agent} has no action {taken[:40]!r}; nothing was recorded",
            hint=f"its actions are {', '.join(known)}",
        )
    controls = Controls(reading.store).of(reading.domain.name)
    stands = course(controls, spec.id, Stage.born(spec.phase), spec.review_by)
    state = stands.at(datetime.fromisoformat(item.decided_at), taken)
    if taken != NO_ACTION and state.phase not in SERVING:
        raise RulingRefused(
            f"the action {taken} of {item.agent} is {state.phase} by now; nothing was recorded",
            hint="approve another action, or deny; `agentic agent controls` says who ordered it",
        )
    return taken


def _refuse(item: Item, role: str) -> None:
    if item.state != OPEN:
        said = item.resolution
        told = (
            f"it was answered by {said.identity} ({said.role}): {said.verdict}"
            if said is not None
            else f"its time was up at {item.due_at}, and the policy's default stands: {item.on_expiry}"
        )
        raise RulingRefused(f"escalation {item.decision_id[:12]}: {told}; nothing was recorded")
    if role != item.role:
        raise RulingRefused(
            f"escalation {item.decision_id[:12]} is for the role {item.role}, not {role[:40]!r}; nothing was recorded",
            hint=f"a {item.role} must answer it",
        )


def _resolution(
    domain: Domain,
    item: Item,
    verdict: Verdict,
    action: str,
    identity: str,
    role: str,
    reason: str,
    now: datetime,
    host: str,
) -> Resolution:
    return Resolution(
        domain=domain.name,
        agent=item.agent,
        day=item.day,
        entity=item.entity,
        decision_id=item.decision_id,
        verdict=verdict,
        action=action,
        identity=identity,
        role=role,
        reason=reason,
        opened_at=item.opened_at,
        resolved_at=now.isoformat(timespec="milliseconds"),
        host=host,
    )


def _carried_out(
    domain: Domain, home: Home, reading: Reading, recorded: Sequence[Resolution], observer: Observer | None
) -> Answered:
    by_agent = {subject.agent.id: subject for subject in domain.subjects}
    only: dict[str, set[str]] = {}
    for agent in sorted({one.agent for one in recorded}):
        decisions = by_agent[agent].decisions
        days = {one.day for one in recorded if one.agent == agent}
        # Awards are told of answers, too: what a person allows must find its unit before it is decided again.
        told = [read.asset for read in domain.graph[decisions].inputs if domain.graph[read.asset].standing is not None]
        for asset in (*told, decisions):
            below = resting_on(domain.graph, asset, days, lambda other: set(reading.manifest.current(other)))
            for name, parts in {asset: tuple(days), **below}.items():
                only.setdefault(name, set()).update(parts)
    first = recorded[0]
    tags = {
        "agentic/escalation": str(len(recorded)),
        "agentic/by": first.identity,
        "agentic/role": first.role,
        "agentic/reason": first.reason[:200],
    }
    loaded = run_load(
        domain, home, only={name: sorted(parts) for name, parts in only.items()}, tags=tags, observer=observer
    )
    remade = {
        name: parts
        for name, results in loaded.outcome.results.items()
        if (parts := tuple(one.partition for one in results if one.state is State.PUBLISHED))
    }
    return Answered(tuple(recorded), loaded.run_id, remade)
