"""The outbox as an asset: what is allowed is put once and carried out once, and taken back when it no longer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.outbox import Outbox
from agentic_assets.actions.rounds import OPEN, Slot, scope_of
from agentic_assets.actions.wanted import NEEDED, actions_of, replacing
from agentic_assets.contracts import Contract
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, by_day
from agentic_assets.versions import of_code

__all__ = ["OUTBOX", "outbox_node"]

_RELAYS = 3  # an actuator's error is tried again at once; what still fails then is marked so
OUTBOX: dict[str, pl.DataType] = {
    "day": pl.Date(),
    "key": pl.String(),
    "decision_id": pl.String(),
    "agent": pl.String(),
    "entity": pl.String(),
    "action": pl.String(),
    "state": pl.String(),
}
"""One row an action that the decisions of a day want: whether it is carried out."""


def outbox_node(
    asset: str,
    *,
    domain: str,
    agent: str,
    decisions: str,
    sealed: str,
    idle: str,
    actuator: Callable[[Home], Actuator],
    contract: Contract,
) -> Node:
    """Give the node that carries out the effective actions of `decisions`, once their day is sealed.

    The key of an action is domain, agent, entity and action: deciding the same again, under whatever versions, never
    does it twice. Only actions other than `idle` are put. An action that was carried out, and that the decisions of a
    partition made again no longer want, is compensated. The rows say what stands, not how it came about: going back to
    earlier decisions gives their rows again, byte for byte.
    """
    scope = scope_of(domain, agent)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        box, world = Outbox(batch.store), actuator(batch.home)
        decided = by_day(batch.read(decisions, columns=NEEDED), batch.partitions)
        wanted = {name: actions_of(frame, name, idle) for name, frame in decided.items()}
        before = box.undoing(scope, batch.partitions)
        changed = box.reconcile(scope, wanted, world, because=replacing(decided, batch.run_id))
        for _ in range(_RELAYS):
            if box.relay(world, scope=scope).later == 0:
                break
        states, undoing = box.standing(scope, batch.partitions), box.undoing(scope, batch.partitions)
        withdrawn = Counter(row.partition for row in changed.withdraw)
        made = {}
        for name, rows in wanted.items():
            slots = zip(rows.get_column("entity"), rows.get_column("action"), strict=True)
            state = pl.Series("state", [states[name][Slot(*slot)] for slot in slots], dtype=pl.String)
            made[name] = rows.select(
                pl.lit(date.fromisoformat(name)).alias("day"), *(column for column in OUTBOX if column in rows.columns)
            ).with_columns(state)
            _tell(batch, name, state, undoing[name], before[name], withdrawn[name])
        return made

    return Node(
        asset=asset,
        group="actions",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(outbox_node),
        inputs=(Input(decisions), Input(sealed)),
        checks=(
            Check(
                "carried_out",
                "The actuator confirmed every action of the day, and took back what no longer stands.",
                blocking=False,
            ),
        ),
        effects=True,
        kinds=("python", "sql"),
        lineage={
            "key": [(decisions, "entity"), (decisions, "effective_action")],
            **{name: [(decisions, name)] for name in ("decision_id", "agent", "entity", "day")},
            "action": [(decisions, "effective_action")],
        },
        code=(Outbox.reconcile, Outbox.relay),
    )


def _tell(
    batch: Batch,
    partition: str,
    states: pl.Series,
    undoing: Mapping[str, int],
    before: Mapping[str, int],
    withdrawn: int,
) -> None:
    undone = int((states != "done").sum())
    ever = undoing.get("done", 0)
    compensated, lasting = ever - before.get("done", 0), sum(undoing.get(state, 0) for state in OPEN)
    description = f"{len(states) - undone:,} of {len(states):,} actions are carried out"
    if compensated:
        description += f"; {compensated:,} that no longer stand are compensated"
    if lasting:
        description += f"; {lasting:,} that no longer stand are not compensated yet"
    if undone or lasting:
        description += "\nhint: mend what the actuator reports, then make the day again with --refresh"
    batch.check(
        "carried_out",
        partition,
        passed=not undone and not lasting,
        description=description,
        undone=undone,
        compensated=compensated,
        uncompensated=lasting,
    )
    batch.report(partition, compensated=compensated, withdrawn=withdrawn, compensated_in_all=ever)
