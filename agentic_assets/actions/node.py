"""The outbox as an asset: what is allowed is put once and carried out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.outbox import Outbox
from agentic_assets.contracts import Contract
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node
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
"""One row an action: what was put for a day, and what became of it."""


def outbox_node(
    asset: str,
    *,
    decisions: str,
    sealed: str,
    idle: str,
    actuator: Callable[[Home], Actuator],
    contract: Contract,
) -> Node:
    """Give the node that carries out the effective actions of `decisions`, once their day is sealed.

    The key of an action is domain, agent, entity and action: deciding the same again, under whatever versions, never
    does it twice. Only actions other than `idle` are put.
    """

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        box, rows = Outbox(batch.store), {}
        for name in batch.partitions:
            rows[name] = _actions(batch.read(decisions, name), name, idle)
        box.put(pl.concat(list(rows.values())))
        for _ in range(_RELAYS):
            if box.relay(actuator(batch.home)).later == 0:
                break
        states = {entry.action.key: entry for name in batch.partitions for entry in box.of_partition(name)}
        made = {}
        for name, wanted in rows.items():
            frame = wanted.select(
                pl.lit(date.fromisoformat(name)).alias("day"),
                *(column for column in OUTBOX if column in wanted.columns),
                pl.Series("state", [states[key].state for key in wanted.get_column("key")], dtype=pl.String),
            ).select(*OUTBOX)
            undone = frame.filter(pl.col("state") != "done")
            batch.check(
                "carried_out",
                name,
                passed=undone.is_empty(),
                description=f"{frame.height - undone.height:,} of {frame.height:,} actions are carried out",
                undone=undone.height,
            )
            made[name] = frame
        return made

    return Node(
        asset=asset,
        group="actions",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(outbox_node),
        inputs=(Input(decisions), Input(sealed)),
        checks=(Check("carried_out", "The actuator confirmed every action of the day.", blocking=False),),
        effects=True,
        kinds=("python", "sql"),
        lineage={
            "key": [(decisions, "entity"), (decisions, "effective_action")],
            **{name: [(decisions, name)] for name in ("decision_id", "agent", "entity", "day")},
            "action": [(decisions, "effective_action")],
        },
        code=(Outbox.relay,),
    )


def _actions(decided: pl.DataFrame, partition: str, idle: str) -> pl.DataFrame:
    agent = pl.col("agent").str.split("@").list.first()
    action = pl.col("effective_action")
    return (
        decided.filter(action != idle)
        .select(
            pl.concat_str([pl.col("domain"), agent, pl.col("entity"), action], separator="|").alias("key"),
            "decision_id",
            pl.lit(partition).alias("partition"),
            "agent",
            "entity",
            action.alias("action"),
            pl.struct(
                pl.col("decided_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("decided_at"), "reason", "cost_cents"
            )
            .struct.json_encode()
            .alias("payload"),
        )
        .sort("key")
    )
