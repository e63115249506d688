"""Single decisions worth reading, each found by a stated rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from agentic_assets.evidence.report.blocks import Cell, Listing, Section, Table, number, text
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import percent, plural, shown, usd
from agentic_assets.evidence.summary import Summary

__all__ = ["cases", "picked"]

_TITLE = "Decisions worth reading"


@dataclass(frozen=True)
class _Pick:
    why: str
    where: pl.Expr
    by: Sequence[str]
    """Columns to order by; one that begins with `-` falls."""


def cases(material: Material, summary: Summary) -> Section:
    """Pick about ten telling decisions, with the ids that `agentic explain` takes."""
    found = picked(material)
    if not found:
        return Section("cases", "Cases", _TITLE, "Nothing was decided on these days.", ())
    many = plural(len(found), "decision")
    takeaway = f"{many}, each picked by the rule that stands beside it; `agentic explain ID` shows one whole."
    first = found[0][1]["decision_id"]
    blocks = (_table(found, material), Listing("For example", f"agentic explain {shown(first)}"))
    return Section("cases", "Cases", _TITLE, takeaway, blocks)


def picked(material: Material) -> list[tuple[str, dict[str, Any]]]:
    """Give what makes each picked decision telling, and its row; no decision twice."""
    decided, found, taken = material.decided, [], set[str]()
    for pick in _picks(material):
        names = [name.removeprefix("-") for name in pick.by]
        falls = [name.startswith("-") for name in pick.by]
        best = (
            decided.filter(pick.where & ~pl.col("decision_id").is_in(list(taken)))
            .sort([*names, "decision_id"], descending=[*falls, False], nulls_last=True)
            .head(1)
        )
        if best.height:
            row = best.to_dicts()[0]
            taken.add(row["decision_id"])
            found.append((pick.why, row))
    return found


def _picks(material: Material) -> list[_Pick]:
    acted = pl.col("effective_action") != material.idle
    idle = ~acted
    bad, good, scored = pl.col("bad"), ~pl.col("bad"), pl.col("score_bp").is_not_null()
    picks = [
        _Pick(
            f"{action}: the greatest loss that it met",
            (pl.col("effective_action") == action) & bad,
            ("-loss_cents", "-score_bp"),
        )
        for action in reversed(material.actions)
    ]
    return [
        *picks,
        _Pick(
            "False alarm at the highest cost, and the surest of them",
            acted & good & (pl.col("effective_action") == pl.col("proposed_action")),
            ("-cost_cents", "-score_bp"),
        ),
        _Pick("Missed: the greatest loss at the lowest stated risk", idle & bad & scored, ("-loss_cents", "score_bp")),
        _Pick(
            "Put before a person, with the most at stake",
            pl.col("verdict") == "escalate",
            ("-benefit_cents", "-score_bp"),
        ),
        _Pick("Denied, with the most at stake", pl.col("verdict") == "deny", ("-benefit_cents", "-score_bp")),
        _Pick("Changed by policy", pl.col("verdict") == "transform", ("-benefit_cents", "-score_bp")),
        _Pick("Allowed with a warning", pl.col("verdict") == "warn", ("-benefit_cents", "-score_bp")),
        _Pick("Decided while no model served", ~scored, ("day", "decided_at")),
        _Pick(
            "Only the legacy rule would have acted, on the lowest stated risk",
            idle & good & scored & (pl.col("legacy_action") != material.idle),
            ("score_bp", "day"),
        ),
        _Pick(
            "Only the agent acted, and it was right",
            acted & bad & (pl.col("legacy_action") == material.idle),
            ("-loss_cents", "-score_bp"),
        ),
        _Pick(
            "An ordinary one: nothing proposed, nothing happened",
            idle & good & scored & pl.col("rule").is_null(),
            ("day", "decided_at"),
        ),
    ]


def _table(found: list[tuple[str, dict[str, Any]]], material: Material) -> Table:
    return Table(
        caption="Picked decisions",
        columns=(
            "Why it is here",
            f"{material.noun.capitalize()}, decision id",
            "Stated risk",
            "Action",
            "Verdict",
            "Reason",
            "Came out",
        ),
        rows=tuple(
            (
                text(why),
                Cell(shown(row["entity"]), below=shown(row["decision_id"])),
                number(percent(row["score_bp"])),
                text(_action(row)),
                _verdict(row),
                text(shown(row["reason"], 240)),
                text(_outcome(row, material)),
            )
            for why, row in found
        ),
        stacked=True,
    )


def _action(row: dict[str, Any]) -> str:
    proposed, effective = shown(row["proposed_action"]), shown(row["effective_action"])
    return effective if proposed == effective else f"{proposed} \N{RIGHTWARDS ARROW} {effective}"


def _verdict(row: dict[str, Any]) -> Cell:
    verdict = shown(row["verdict"])
    return Cell(verdict, "chip", tone=verdict, below=shown(row["rule"]) if row["rule"] else "")


def _outcome(row: dict[str, Any], material: Material) -> str:
    if row["bad"] is None:
        return "not known"
    said = material.label if row["bad"] else f"not {material.label}"
    return f"{said}, loss {usd(row['loss_cents'] / 100)}" if row["loss_cents"] else said
