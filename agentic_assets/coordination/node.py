"""The award of a resource as an asset: every bid of a day, what became of it, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.contracts import Contract
from agentic_assets.coordination.bidding import FALLBACK, PEOPLE, bids_of
from agentic_assets.coordination.bids import BIDS
from agentic_assets.coordination.chart import markdown
from agentic_assets.coordination.leftover import with_leftover
from agentic_assets.coordination.settling import AS_IF_BINDING, settle
from agentic_assets.coordination.usage import usage
from agentic_assets.errors import ConfigInvalid
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Ordered, by_day, together
from agentic_assets.policy import RuleSet, Verdict, judge
from agentic_assets.policy.escalation import Answers
from agentic_assets.policy.resources import LEASE, Resource
from agentic_assets.policy.rollout import SERVING, Stage, roll_out
from agentic_assets.versions import of_code, of_json

__all__ = ["GROUP", "Bidder", "award_node"]

GROUP = "coordination"
"""The group of every asset that settles bids."""


@dataclass(frozen=True)
class Bidder:
    """An agent that bids: its proposals, the policy that judges them, and who may act on them by the orders there are.

    Of bids that are worth the same, a higher `priority` goes first.
    """

    spec: Spec
    proposals: str
    ruleset: RuleSet
    controls: Ordered | None = None
    priority: int = 0


def award_node(asset: str, *, domain: str, resource: str, bidders: Sequence[Bidder], contract: Contract) -> Node:
    """Give the node that settles, for each day, who gets the units of a resource that all the bidders' policies name.

    A proposal bids when it would still take the resource's action after authorization and guardrails. It binds where
    its agent is live, or in a canary that holds its entity; everywhere else it takes nothing, and the rule before,
    where that wants the action, may have what agents leave. What a person allowed later gets a unit that nobody has, if
    there is one. Raises ConfigInvalid when the policies say different things about the resource, or when its units are
    not counted by day.
    """
    declared = _declared(resource, bidders)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        bids: list[pl.DataFrame] = [pl.DataFrame(schema={**BIDS, "day": pl.Date()})]
        allowed = list(bids)
        for bidder in bidders:
            judged = _judged(bidder, batch.read(bidder.proposals), _controls(batch, bidder))
            bids += _bids(bidder, judged, declared)
            allowed.append(_allowed(bidder, judged, declared, _answers(batch, bidder)))
        made: dict[str, pl.DataFrame] = {}
        # Day by day: what is settled must not depend on which days are made together.
        later = by_day(pl.concat(allowed), batch.partitions)
        for name, offered in by_day(pl.concat(bids), batch.partitions).items():
            pools = pl.concat([offered, later[name]]).get_column("resource").unique().sort().to_list()
            capacity = dict.fromkeys(pools, declared.capacity)
            settled = settle(offered.drop("day"), capacity, declared.settle)
            settled = with_leftover(settled, later[name].drop("day"), capacity)
            made[name] = settled.select(pl.lit(date.fromisoformat(name)).alias("day"), pl.all())
            _report(batch, name, made[name], declared)
        return made

    minutes = declared.settle.commit_after_minutes
    how = f"leases, each firm {minutes} minutes after its bid" if declared.settle.mode == LEASE else "one award a day"
    return Node(
        asset=asset,
        group=GROUP,
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_json(
            [of_code(award_node), declared.content, [[one.spec.pin.digest, one.priority] for one in bidders]]
        ),
        inputs=tuple(Input(one) for one in dict.fromkeys(bidder.proposals for bidder in bidders)),
        pins=tuple(dict.fromkeys(pin for one in bidders for pin in (one.spec.pin, one.ruleset.pin))),
        checks=(
            Check("within_capacity", "At no moment of the day is more in use than there is."),
            Check("one_unit_an_entity", "No entity has two units at the same time."),
        ),
        description=f"{declared.capacity} units of `{declared.id}` for each {', '.join(declared.per)}, to the bids "
        f"with the highest `{declared.utility.text}`; settled by {how}. Bidders: "
        f"{', '.join(f'`{one.spec.id}`' for one in bidders)}. Every bid is recorded, with what it lost to.",
        kinds=("polars", "deltalake"),
        tags={"resource": declared.id},
        lineage=_lineage(bidders, declared),
        code=(settle, judge, roll_out),
        standing=_together(domain, bidders),
    )


def _declared(resource: str, bidders: Sequence[Bidder]) -> Resource:
    found = {one.ruleset.id: next((it for it in one.ruleset.resources if it.id == resource), None) for one in bidders}
    told = {policy: one.content for policy, one in found.items() if one is not None}
    if not told or len(told) < len(found) or any(content != next(iter(told.values())) for content in told.values()):
        raise ConfigInvalid(
            f"the policies {', '.join(sorted(found))} do not all say the same about the resource {resource}",
            hint="declare it alike in each, or let all its bidders be judged by one policy",
        )
    declared = next(one for one in found.values() if one is not None)
    if "day" not in declared.per:
        raise ConfigInvalid(
            f"resource {resource} is counted per {', '.join(declared.per)}, and settled day by day",
            hint="name `day` among `per`",
        )
    strangers = [one.spec.id for one in bidders if resource not in one.spec.resources]
    if strangers:
        raise ConfigInvalid(
            f"agent {strangers[0]} bids for {resource}, which its spec does not name",
            hint=f"add `resources: {{{resource}: {declared.action}}}` to the spec",
        )
    return declared


def _judged(bidder: Bidder, rows: pl.DataFrame, controls: Sequence[Any]) -> pl.DataFrame:
    """Judge by the guardrails, and mark as `binding` where the agent may act."""
    spec, ruleset = bidder.spec, bidder.ruleset
    judged = judge(rows, ruleset.guardrails, agent=ruleset.asked(spec))
    rolled = roll_out(
        judged,
        judged.get_column("legacy_action"),
        controls,
        Stage.born(spec.phase),
        agent=spec.id,
        review_by=spec.review_by,
    )
    return judged.with_columns(rolled.get_column("phase").is_in(list(SERVING)).alias("binding"))


def _bids(bidder: Bidder, judged: pl.DataFrame, resource: Resource) -> list[pl.DataFrame]:
    wanting = judged.filter(pl.col("effective_action") == resource.action)
    instead = judged.filter(~pl.col("binding") & (pl.col("legacy_action") == resource.action))
    return [
        bids_of(frame, resource, name, priority=bidder.priority).hstack(frame.select("day"))
        for frame, name in (
            (wanting, bidder.spec.id),
            (instead.with_columns(pl.lit(value=True).alias("binding")), f"{FALLBACK}{bidder.spec.id}"),
        )
    ]


def _allowed(bidder: Bidder, judged: pl.DataFrame, resource: Resource, answers: Sequence[Any]) -> pl.DataFrame:
    """Bid for what people allowed, where it was escalated and the agent may act."""
    said = {
        (date.fromisoformat(one.day), one.entity)
        for one in answers
        if one.verdict is Verdict.ALLOW and one.action == resource.action
    }
    keys = pl.DataFrame(sorted(said), schema={"day": pl.Date(), "entity": pl.String()}, orient="row")
    escalated = judged.filter(pl.col("binding") & (pl.col("verdict") == Verdict.ESCALATE.value))
    frame = escalated.join(keys, on=["day", "entity"], how="semi", maintain_order="left")
    return bids_of(frame, resource, f"{PEOPLE}{bidder.spec.id}").hstack(frame.select("day"))


def _controls(batch: Batch, bidder: Bidder) -> Sequence[Any]:
    """Give every control of a bidder: each day that any touches is told all of them."""
    return next(iter(_told(batch, ("controls", bidder.spec.id))), ())


def _answers(batch: Batch, bidder: Bidder) -> list[Any]:
    return [one for told in _told(batch, ("answers", bidder.spec.id)) for one in told]


def _told(batch: Batch, key: tuple[str, str]) -> list[Sequence[Any]]:
    return [standing.content[key].content for standing in batch.standing.values() if key in standing.content]


def _together(domain: str, bidders: Sequence[Bidder]) -> Ordered:
    """Bring controls and answers of all bidders together: the content holds each under what it is and of whom."""
    return together(
        {
            (kind, one.spec.id): giver
            for one in bidders
            for kind, giver in (("controls", one.controls), ("answers", Answers(domain, one.spec.id)))
            if giver is not None
        }
    )


def _report(batch: Batch, partition: str, settled: pl.DataFrame, resource: Resource) -> None:
    used = usage(settled)
    most = max(used.get_column("in_use").to_list(), default=0)
    batch.check(
        "within_capacity",
        partition,
        passed=not used.filter(pl.col("in_use") > resource.capacity).height,
        description=f"at most {most} of {resource.capacity} units of a pool are in use at once",
    )
    twice = usage(settled, per="entity").filter(pl.col("in_use") > 1).get_column("entity").n_unique()
    batch.check(
        "one_unit_an_entity",
        partition,
        passed=not twice,
        description=f"{twice:,} entities have more than one unit at a time",
    )
    won = settled.filter("granted")
    batch.report(
        partition,
        units_granted=won.height,
        utility_cents=int(won.get_column("utility_cents").sum()),
        by_agent=_counts(settled, "agent", "reason"),
        by_pool=_counts(won, "resource"),
        use={"markdown": markdown(settled, resource.capacity)},
    )


def _counts(frame: pl.DataFrame, *columns: str) -> list[dict[str, object]]:
    return frame.group_by(*columns).len("bids").sort(*columns).to_dicts()


def _lineage(bidders: Sequence[Bidder], resource: Resource) -> dict[str, list[tuple[str, str]]]:
    assets = list(dict.fromkeys(one.proposals for one in bidders))
    made = {
        "day": ("day",),
        "entity": ("entity",),
        "at": ("decided_at",),
        "commits_at": ("decided_at",),
        "resource": resource.per,
        "utility_cents": resource.utility.columns,
        "granted": ("action", *resource.utility.columns),
        AS_IF_BINDING: ("action", *resource.utility.columns),
    }
    return {column: [(asset, source) for asset in assets for source in sources] for column, sources in made.items()}
