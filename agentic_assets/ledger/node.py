"""The ledger as an asset: seal each partition of decisions, and verify at once what was sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.ledger.ledger import Ledger
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node
from agentic_assets.versions import of_code

__all__ = ["SEALED", "ledger_node"]

SEALED: dict[str, pl.DataType] = {"day": pl.Date(), "log": pl.String(), "size": pl.Int64(), "root": pl.String()}
"""One row a sealed partition: its log, the number of its records, and the root of the tree over them."""


def ledger_node(asset: str, *, decisions: str, origin: str, contract: Contract) -> Node:
    """Give the node that seals the day partitions of `decisions` into the log named `origin`.

    Its rows hold what does not depend on when or where a day was sealed: size and root. The signed checkpoint and the
    place in the log are reported with the partition.
    """

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        log = Ledger(batch.store, batch.home.keys, origin)
        records = {}
        for name in batch.partitions:
            frame = batch.read(decisions, name).select("record", "decision_id")
            texts, ids = frame.get_column("record"), frame.get_column("decision_id")
            records[name] = ([text.encode() for text in texts], ids.to_list())
        rows = {}
        for name, sealed in log.seal_many(records).items():
            breaks = log.verify(name, *records[name])
            batch.check(
                "verifies",
                name,
                passed=not breaks,
                description="; ".join(f"{found.kind} {found.decision_id}: {found.detail}" for found in breaks[:3])
                or f"{sealed.size:,} records are as sealed",
            )
            batch.report(
                name,
                checkpoint=sealed.checkpoint,
                generation=sealed.generation,
                log_index=sealed.log_index,
                verifier_key=str(log.verifier),
            )
            rows[name] = pl.DataFrame(
                {"day": [date.fromisoformat(name)], "log": [origin], "size": [sealed.size], "root": [sealed.root]},
                schema=SEALED,
            )
        return rows

    return Node(
        asset=asset,
        group="governance",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(ledger_node),
        inputs=(Input(decisions),),
        checks=(Check("verifies", "The sealed tree and its signed checkpoint verify against the stored decisions."),),
        effects=True,
        kinds=("python",),
        lineage={"root": [(decisions, "record")], "size": [(decisions, "record")], "day": [(decisions, "day")]},
        code=(Ledger.seal_many,),
    )
