"""The statistics of a dataset as an asset: one row an expectation and partition, and a check that holds or warns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from agentic_assets.contracts import Contract, Expectation, Statistic, Verbatim
from agentic_assets.errors import ConfigInvalid, LakeBroken
from agentic_assets.pipeline import Batch, Check, Input, Node, Window
from agentic_assets.quality.judging import judged
from agentic_assets.quality.measuring import Measures, Published, columns_read, measured
from agentic_assets.quality.verbatim import columns_of, judged_rows, of_rows
from agentic_assets.quality.verdict import BAD, UNJUDGED
from agentic_assets.quality.wording import figure, page_of, said, spark
from agentic_assets.versions import of_code, of_json

__all__ = ["CHECK", "expectations_of", "quality_node"]

CHECK = "statistics"

_SHOWN = 10


def expectations_of(dataset: Node) -> tuple[Expectation, ...]:
    """Give what a dataset's contract expects of its statistics."""
    return dataset.contract.expectations if dataset.contract else ()


def quality_node(asset: str, dataset: Node, *, contract: Contract) -> Node:
    """Give the node that judges each partition of a dataset by the expectations of the dataset's own contract.

    `contract` describes the judged rows. When an expectation has severity `error`, the node guards the dataset: what
    is downstream waits for its verdict. Raises ConfigInvalid for a dataset that expects nothing.
    """
    expectations = expectations_of(dataset)
    if not expectations:
        raise ConfigInvalid(
            f"{asset} would judge {dataset.asset}, whose contract expects nothing of its statistics",
            hint="write `quality` checks of type custom with the engine statistics or greatExpectations",
        )
    back = max(expectation.back for expectation in expectations)
    guards = any(expectation.severity == "error" for expectation in expectations)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        found, measures = _judge(batch, dataset, expectations)
        for name, rows in found.items():
            _report(batch, name, asset, rows, measures)
        # A lake table may have no column `partition`: Delta keeps the partition's name under it.
        return {name: rows.rename({"partition": "judged_partition"}) for name, rows in found.items()}

    held = "A broken one of severity error holds the partition back until it is delivered again or accepted."
    return Node(
        asset=asset,
        group="quality",
        cut=dataset.cut,
        contract=contract,
        compute=compute,
        code_version=of_json([of_code(quality_node), [_said(expectation) for expectation in expectations]]),
        inputs=(Input(dataset.asset, Window(back=back)),),
        checks=(Check(CHECK, f"Statistics are as expected. {held}", blocking=False, holds=guards),),
        description=f"What {len(expectations)} expectations find in each published partition of `{dataset.asset}`, "
        f"judged by Great Expectations; bounds rest on up to {back} partitions before.\n\n"
        + "\n".join(f"- **{one.id}** ({one.severity}): {one.text}" for one in expectations),
        kinds=("polars", "greatexpectations", "deltalake"),
        lineage={"value": [(dataset.asset, name) for name in _columns(dataset, expectations)]},
        code=(measured, judged),
        judges=dataset.asset,
    )


def _said(expectation: Expectation) -> Mapping[str, Any]:
    asks = expectation.asks
    said = {"kind": asks.kind, "arguments": dict(asks.arguments)} if isinstance(asks, Verbatim) else asdict(asks)
    said = {name: [str(one) for one in value] if isinstance(value, tuple) else value for name, value in said.items()}
    return {"id": expectation.id, "column": expectation.column, "severity": expectation.severity, "asks": said}


def _columns(dataset: Node, expectations: Sequence[Expectation]) -> list[str]:
    return list(dict.fromkeys([*columns_read(expectations), *columns_of(expectations, [*dataset.schema])]))


def _judge(
    batch: Batch, dataset: Node, expectations: Sequence[Expectation]
) -> tuple[dict[str, pl.DataFrame], Measures]:
    name = dataset.asset.rpartition("/")[2]
    measures = measured(_published(batch, dataset, expectations), expectations, batch.partitions)
    verdicts = judged(measures.rows, expectations, dataset=name)
    rows = measures.rows.join(verdicts, on=["partition", "expectation"], how="left", maintain_order="left")
    of_contract = [_on_rows(batch, dataset, expectations, one) for one in batch.partitions if of_rows(expectations)]
    rows = _described(pl.concat([rows, *of_contract]), expectations)
    parts = rows.partition_by("partition", as_dict=True, maintain_order=True)
    return {one: parts[(one,)] for one in batch.partitions}, measures


def _published(batch: Batch, dataset: Node, expectations: Sequence[Expectation]) -> Published:
    entries = batch.entries(dataset.asset)
    columns = columns_read(expectations)
    rows = {name: entry.rows for name, entry in entries.items()}
    labels = pl.Series("partition", [*rows], dtype=pl.String).gather(
        pl.Series([number for number, count in enumerate(rows.values()) for _ in range(count)], dtype=pl.UInt32)
    )
    frame = batch.read(dataset.asset, columns=columns) if columns else pl.DataFrame()
    if columns and frame.height != len(labels):
        raise LakeBroken(
            f"{dataset.asset} holds {frame.height:,} rows where {len(labels):,} are recorded",
            hint="run `agentic verify`",
        )
    # Every partition of the calendar between the first and the last: windows count those that are not published too.
    every = batch.calendar.all(dataset.cut)
    names = [*rows, *batch.partitions]
    order = every[every.index(min(names)) : every.index(max(names)) + 1]
    return Published(order, rows, frame.with_columns(labels) if columns else labels.to_frame())


def _on_rows(batch: Batch, dataset: Node, expectations: Sequence[Expectation], partition: str) -> pl.DataFrame:
    entry = batch.entries(dataset.asset, partition)[partition]
    columns = columns_of(expectations, [*dataset.schema]) or [*dataset.schema][:1]
    rows = batch.lake.open(dataset.asset).scan_files([entry.file]).select(columns).collect()
    name = dataset.asset.rpartition("/")[2]
    verdicts, values = judged_rows(rows, expectations, dataset=name, partition=partition)
    return verdicts.select(
        "partition",
        "expectation",
        pl.col("expectation").replace_strict(values, default=None, return_dtype=pl.Float64).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("low"),
        pl.lit(None, dtype=pl.Float64).alias("high"),
        pl.lit(0, dtype=pl.Int32).alias("history"),
        "verdict",
        "detail",
    )


def _described(rows: pl.DataFrame, expectations: Sequence[Expectation]) -> pl.DataFrame:
    words = pl.DataFrame(
        {
            "expectation": [one.id for one in expectations],
            "column": [one.column for one in expectations],
            "statistic": [one.asks.name if isinstance(one.asks, Statistic) else one.asks.kind for one in expectations],
            "severity": [one.severity for one in expectations],
            "dimension": [one.dimension for one in expectations],
            "place": list(range(len(expectations))),
        },
        schema_overrides={"column": pl.String, "dimension": pl.String},
    )
    joined = rows.join(words, on="expectation", how="left", maintain_order="left")
    return joined.sort("partition", "place").drop("place")


def _report(batch: Batch, partition: str, asset: str, rows: pl.DataFrame, measures: Measures) -> None:
    bad = rows.filter(pl.col("verdict").is_in(list(BAD))).to_dicts()
    unjudged = rows.filter(pl.col("verdict") == UNJUDGED).height
    lines = [said(row) for row in bad[:_SHOWN]]
    summary = f"{len(bad)} of {rows.height} expectations broken" if bad else f"{rows.height} expectations"
    summary += f", {unjudged} not judged yet for want of history or values" if unjudged else ""
    shown = [
        {
            "expectation": row["expectation"],
            "severity": row["severity"],
            "found": figure(row["value"]),
            "lowest": figure(row["low"]),
            "highest": figure(row["high"]),
            "the last partitions": spark(measures.trend(row["expectation"], partition)),
            "dimension": row["dimension"] or "",
            "detail": row["detail"] or "",
        }
        for row in bad[:_SHOWN]
    ]
    batch.check(
        CHECK,
        partition,
        passed=not bad,
        mild=all(row["severity"] == "warning" for row in bad),
        description="\n".join([summary, *(f"  - {line}" for line in lines)]),
        page=page_of(asset, partition),
        **({"broken": shown} if shown else {}),
    )
    # Numbers by name: the UI draws them over the partitions.
    values = {f"statistic {row['expectation']}": row["value"] for row in rows.to_dicts() if row["value"] is not None}
    batch.report(partition, broken=len(bad), unjudged=unjudged, **values)
