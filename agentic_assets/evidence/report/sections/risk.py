"""Whether the stated risk can be believed, and how well it ranks."""

from __future__ import annotations

import numpy as np
import polars as pl

from agentic_assets.evidence.report.blocks import Block, Figure, Figures, Note, Section, Table, number, text
from agentic_assets.evidence.report.drawing import Band, Spot, calibration, curve
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.ranking import Curves, curves, wilson
from agentic_assets.evidence.report.wording import GAP, count, percent, plural, share
from agentic_assets.evidence.summary import Strategy, Summary
from agentic_assets.models import average_precision, calibration_table, expected_calibration_error, roc_auc

__all__ = ["risk"]

_TITLE = "Can the stated risk be believed?"


def risk(material: Material, summary: Summary) -> Section:
    """Compare the score of every decision with what came true."""
    known = material.decided.filter(pl.col("score_bp").is_not_null() & pl.col("bad").is_not_null())
    unscored = material.decided.get_column("score_bp").null_count()
    if known.is_empty():
        why = "no decision carries a score" if unscored == material.decided.height else "no outcome is known yet"
        return Section("risk", "Risk", _TITLE, f"There is nothing to compare: {why}.", ())
    bad, score_bp = known.get_column("bad").to_numpy(), known.get_column("score_bp").to_numpy().astype(np.int64)
    score = score_bp / 10_000
    bands = _bands(bad, score)
    off = expected_calibration_error(bad, score)
    traced = curves(bad, score_bp)
    takeaway = (
        f"Over {plural(known.height, 'scored decision')} with a known outcome, the stated risk was off by "
        f"{off * 100:.1f} percentage points on average"
    )
    if traced is None:
        one = "every one of them" if bad.all() else "none of them"
        words = f"Ranking cannot be judged: {one} was {material.label}."
        shown = (Figures((_calibration(bands),)), _numbers(bands, material), Note(words, "empty"))
        return Section("risk", "Risk", _TITLE, f"{takeaway}.", shown)
    auc, precision = roc_auc(bad, score), average_precision(bad, score)
    takeaway += (
        f"; it ranked a {material.label} {material.noun} above one that was not {auc * 100:.1f}{GAP}% of the time "
        f"(AUC {auc:.3f}, average precision {precision:.3f})."
    )
    figures = (
        _calibration(bands),
        _roc(traced, auc, summary, material),
        _precision_recall(traced, precision, summary, material),
    )
    blocks: list[Block] = [Figures(figures), _numbers(bands, material)]
    further = Note(
        "The legacy rule records an action and no score, so that it has a point here and no curve. Points lie off the "
        "agent's curve where quotas and policy, not a threshold, chose among the risky ones."
    )
    blocks.append(further)
    if unscored:
        many = plural(unscored, "decision")
        blocks.append(Note(f"{many} without a score (no model served) are not part of these figures.", "caution"))
    return Section("risk", "Risk", _TITLE, takeaway, tuple(blocks))


def _bands(bad: np.ndarray, score: np.ndarray) -> list[Band]:
    found = []
    for row in calibration_table(bad, score).iter_rows(named=True):
        hits = round(row["frequency"] * row["rows"])
        low, high = wilson(hits, row["rows"])
        said = (
            f"stated {row['from_bp'] // 100} to {row['to_bp'] // 100} %: {count(row['rows'])} decisions, "
            f"{percent(row['mean_score'] * 10_000)} stated on average, {percent(row['frequency'] * 10_000)} came true"
        )
        found.append(Band(row["rows"], row["mean_score"], row["frequency"], low, high, said))
    return found


def _calibration(bands: list[Band]) -> Figure:
    telling = [band for band in bands if band.rows >= 30] or bands
    far = max(telling, key=lambda band: abs(band.came_true - band.said))
    gap = (far.came_true - far.said) * 100
    tends = "more often than stated" if gap > 0 else "less often than stated"
    said = (
        f"On the diagonal a stated risk is exactly what happens; farthest off around {far.said * 100:.0f}{GAP}%, where "
        f"it came true {percent(far.came_true * 10_000)} of the time, {tends}."
    )
    drawn = calibration(bands, label=f"Calibration. {said}")
    return Figure("Stated risk and what came true", said, drawn)


def _numbers(bands: list[Band], material: Material) -> Table:
    return Table(
        caption="The numbers of the first chart: stated risk and what came true",
        columns=("Stated risk, mean", "Decisions", f"Turned out {material.label}", "95 % interval"),
        rows=tuple(
            (
                text(percent(band.said * 10_000)),
                number(count(band.rows)),
                number(percent(band.came_true * 10_000)),
                number(f"{percent(band.low * 10_000)} to {percent(band.high * 10_000)}"),
            )
            for band in bands
        ),
        folded=True,
    )


def _roc(traced: Curves, auc: float, summary: Summary, material: Material) -> Figure:
    said = f"AUC {auc:.3f}; a coin has 0.5, the dashed line."
    drawn = curve(
        traced.roc,
        across_name=f"false alarms, of all not {material.label}",
        rising_name=f"caught, of all {material.label}",
        label=f"ROC curve. {said}",
        spots=[spot for row in _spotted(summary) if (spot := _roc_spot(row, material)) is not None],
    )
    return Figure("How well it ranks (ROC)", said, drawn)


def _roc_spot(row: Strategy, material: Material) -> Spot | None:
    card = material.scorecard.filter(pl.col("strategy") == row.name)
    good = int(card.get_column("known").sum()) - int(card.get_column("bad").sum())
    if not good or row.recall_bp is None:
        return None
    false = int(card.get_column("false_positives").sum())
    said = f"{row.name}: {share(false, good, 2)} false alarms, {percent(row.recall_bp)} caught"
    return Spot(row.name, row.name, false / good, row.recall_bp / 10_000, said)


def _precision_recall(traced: Curves, precision: float, summary: Summary, material: Material) -> Figure:
    base = traced.base_rate
    said = f"Average precision {precision:.3f}; picking blindly has {base:.3f}, the dashed line."
    spots = [
        Spot(
            row.name,
            row.name,
            row.recall_bp / 10_000,
            row.precision_bp / 10_000,
            f"{row.name}: {percent(row.precision_bp)} of its actions hit, {percent(row.recall_bp)} caught",
        )
        for row in _spotted(summary)
        if row.recall_bp is not None and row.precision_bp is not None
    ]
    drawn = curve(
        traced.precision_recall,
        across_name=f"caught, of all {material.label}",
        rising_name="hits, of those flagged",
        label=f"Precision-recall curve. {said}",
        chance=base,
        spots=spots,
    )
    return Figure("Hits among those flagged (precision and recall)", said, drawn)


def _spotted(summary: Summary) -> list[Strategy]:
    return [row for row in summary.strategies if row.name in ("agent", "legacy") and row.acted]
