"""The models that served, month by month: what was promised at training, what was met in service."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Any

import polars as pl

from agentic_assets.evidence.report.blocks import Block, Cell, Figure, Section, Table, number, text
from agentic_assets.evidence.report.drawing import Measure, monthly
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import GAP, count, listed, plural, range_words, short_month
from agentic_assets.evidence.summary import Summary
from agentic_assets.models import average_precision, roc_auc

__all__ = ["models"]

_TITLE = "Models by month"
_LEAST_BAD = 30


def models(material: Material, summary: Summary) -> Section:
    """Show hold-out quality, quality in service, and the rows a model was trained on."""
    rows = material.models.sort("month").to_dicts()
    if not rows:
        return Section("models", "Models", _TITLE, "No month of this range has a row in the table of models.", ())
    served = _served(material)
    without = [row["month"] for row in rows if not row["trees"]]
    blocks: list[Block] = [_table(rows, served)]
    if len(without) < len(rows):
        blocks.insert(0, _figure(rows, served, without))
    return Section("models", "Models", _TITLE, _takeaway(rows, served, without), tuple(blocks))


def _served(material: Material) -> dict[str, tuple[int, float | None, float | None]]:
    """Measure each month's own decisions: how many, AUC, average precision (None where too few were bad)."""
    known = material.decided.filter(pl.col("score_bp").is_not_null() & pl.col("bad").is_not_null())
    parts = known.select(pl.col("day").dt.strftime("%Y-%m").alias("month"), "bad", "score_bp").partition_by(
        "month", as_dict=True, maintain_order=True
    )
    found: dict[str, tuple[int, float | None, float | None]] = {}
    for (month,), part in parts.items():
        bad, score = part.get_column("bad").to_numpy(), part.get_column("score_bp").to_numpy() / 10_000
        enough = _LEAST_BAD <= bad.sum() < bad.size
        found[str(month)] = (
            part.height,
            roc_auc(bad, score) if enough else None,
            average_precision(bad, score) if enough else None,
        )
    return found


def _takeaway(rows: list[dict[str, Any]], served: dict[str, Any], without: list[str]) -> str:
    with_model = [row for row in rows if row["trees"]]
    if not with_model:
        months = listed([_month_words(month) for month in without], 12)
        return f"No month had outcomes enough to learn from ({months}): without a model the agent proposed nothing."
    both = [
        (row["auc_holdout"], served[row["month"]][1])
        for row in with_model
        if _value(row["auc_holdout"]) is not None and served.get(row["month"], (0, None, None))[1] is not None
    ]
    said = f"{plural(len(with_model), 'model')} served, each trained only on outcomes known before its month"
    if both:
        promised, met = (sum(pair[side] for pair in both) / len(both) for side in (0, 1))
        said += f"; AUC {promised:.3f} on average in the hold-out and {met:.3f} in service"
    if without:
        months = listed([_month_words(month) for month in without], 12)
        said += f". In {months} there was no model yet, so nothing was proposed"
    return f"{said}."


def _figure(
    rows: list[dict[str, Any]], served: dict[str, tuple[int, float | None, float | None]], without: list[str]
) -> Figure:
    measures = (
        Measure("AUC, hold-out", "agent", _column(rows, "auc_holdout")),
        Measure("AUC, in service", "agent", _met(served, 1), hollow=True),
        Measure("average precision, hold-out", "second", _column(rows, "ap_holdout")),
        Measure("average precision, in service", "second", _met(served, 2), hollow=True),
    )
    trained = {row["month"]: row["train_rows"] for row in rows}
    said = (
        "Filled dots were measured before the month on a hold-out, hollow ones on the month's own decisions afterwards."
    )

    def draw(*, compact: bool) -> str:
        return monthly(
            [row["month"] for row in rows],
            measures,
            trained,
            bars_title="Rows it was trained on",
            empty=dict.fromkeys(without, "no model: too few outcomes were known before this month"),
            label=f"Quality of the models by month. {said}",
            compact=compact,
        )

    legend = tuple((measure.name, f"{measure.css}{' hollow' if measure.hollow else ''}") for measure in measures)
    return Figure("Quality by month", said, draw(compact=False), draw(compact=True), legend=legend)


def _column(rows: list[dict[str, Any]], name: str) -> dict[str, float]:
    return {row["month"]: value for row in rows if (value := _value(row[name])) is not None}


def _met(served: dict[str, tuple[int, float | None, float | None]], place: int) -> dict[str, float]:
    return {month: figure for month, figures in served.items() if (figure := figures[place]) is not None}


def _value(figure: float | None) -> float | None:
    return None if figure is None or isnan(figure) else figure


def _table(rows: list[dict[str, Any]], served: dict[str, tuple[int, float | None, float | None]]) -> Table:
    def row_cells(row: dict[str, Any]) -> tuple[Cell, ...]:
        decisions, auc, precision = served.get(row["month"], (0, None, None))
        trained = "no model"
        if row["trees"] and row["train_from"] and row["train_to"]:
            trained = range_words(row["train_from"], row["train_to"])
        return (
            text(_month_words(row["month"])),
            text(trained),
            number(count(row["train_rows"])),
            number(count(row["trees"])),
            number(_digits(row["auc_holdout"])),
            number(_digits(auc)),
            number(_digits(row["ap_holdout"])),
            number(_digits(precision)),
            number(_digits(row["brier"])),
            number(count(decisions)),
        )

    return Table(
        caption="Models and their figures",
        columns=(
            "Month",
            "Trained on",
            "Rows",
            "Trees",
            "AUC hold-out",
            "AUC in service",
            "AP hold-out",
            "AP in service",
            "Brier hold-out",
            "Decisions scored",
        ),
        rows=tuple(row_cells(row) for row in rows),
        folded=len(rows) > 1,
        stacked=True,
    )


def _month_words(month: str) -> str:
    return f"{short_month(date.fromisoformat(f'{month}-01'))}{GAP}{month[:4]}"


def _digits(figure: float | None) -> str:
    value = _value(figure)
    return "\N{EN DASH}" if value is None else f"{value:.3f}"
