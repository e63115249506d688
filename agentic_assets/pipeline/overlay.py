"""Lay people's rulings over a computed partition, between its computation and its publication.

A ruling holds for a row that the gate refuses as it was delivered. Where that row is gone, or keeps the contract by
now, the ruling is obsolete: it is told, and changes nothing, so that no ruling can ever take away a good row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl

from agentic_assets.contracts import Contract, GateResult
from agentic_assets.contracts.gating.conform import read_value, source_rows
from agentic_assets.contracts.gating.quarantine import MASK, as_json, row_digest
from agentic_assets.pipeline.holding import Held
from agentic_assets.pipeline.rulings import Ruling, Verdict

__all__ = ["Effect", "Outcome", "Ruled", "lay_over", "told"]

_TOLD: Final = 20
_LONGEST_VALUE: Final = 80


class Effect(StrEnum):
    """What a ruling came to."""

    RELEASED = "released"
    DROPPED = "dropped"
    REFUSED = "refused again"
    OBSOLETE = "obsolete"


@dataclass(frozen=True)
class Outcome:
    """What one ruling came to: where its row lies now, and why it was not applied, or which rules it breaks still."""

    ruling: Ruling
    effect: Effect
    source_row: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Ruled:
    """A partition under rulings: `result` is the gate's last word, `quarantine` what is kept beside the table.

    The quarantine holds each row as it was delivered: those refused still, and those dropped, so that published +
    quarantined = read, whatever was ruled.
    """

    result: GateResult
    quarantine: pl.DataFrame
    outcomes: tuple[Outcome, ...] = ()

    def count(self, effect: Effect) -> int:
        """Count the rulings that came to this."""
        return sum(outcome.effect is effect for outcome in self.outcomes)

    def said(self) -> str:
        """Say in one line what the rulings came to; nothing where nobody ruled."""
        counts = [f"{self.count(effect):,} {effect}" for effect in Effect if self.count(effect)]
        return f"by rulings: {', '.join(counts)}" if counts else ""


def lay_over(held: Held, standing: Sequence[Ruling]) -> Ruled:
    """Take out what was dropped, correct what was released, and let the gate judge the partition again."""
    if not standing:
        return Ruled(held.result, held.rows)
    places = {name: place for place, name in enumerate(held.names)}
    outcomes: list[Outcome] = []
    applied: dict[int, Ruling] = {}
    for ruling in standing:
        place = places.get(ruling.row)
        if place is None:
            outcomes.append(Outcome(ruling, Effect.OBSOLETE, why="the row is not refused as it is delivered now"))
        else:
            applied[place] = ruling
    refused = held.result.quarantined.height
    positions = _positions(held, [place for place in applied if place < refused])
    frame, changed, unreadable = _corrected(held, applied, positions)
    dropped = {place for place, ruling in applied.items() if ruling.verdict is Verdict.DROP}
    out = {positions[place] for place in dropped if place in positions}
    if not out and not changed:
        again, kept, still = held.result, held.rows, dict[int, str]()
    else:
        frame = _numbered(frame, held.contract).filter(~pl.int_range(pl.len()).is_in(sorted(out)))
        again = held.gate(frame)
        released = {place: _written(frame, positions[place], out) for place in changed}
        kept, still = _kept(held, again, released, dropped)
    for place, ruling in applied.items():
        row = int(held.rows.item(place, "source_row"))
        if place in dropped:
            outcomes.append(Outcome(ruling, Effect.DROPPED, row))
        elif place >= refused:
            outcomes.append(Outcome(ruling, Effect.REFUSED, row, "the table keeps the row as it was delivered"))
        elif place in unreadable:
            outcomes.append(Outcome(ruling, Effect.REFUSED, row, unreadable[place]))
        elif place in changed and place not in still:
            outcomes.append(Outcome(ruling, Effect.RELEASED, row))
        else:
            outcomes.append(Outcome(ruling, Effect.REFUSED, row, still.get(place, held.rows.item(place, "rules"))))
    ordered = tuple(sorted(outcomes, key=lambda outcome: outcome.ruling.number))
    return Ruled(again, kept, ordered)


def _positions(held: Held, places: Sequence[int]) -> dict[int, int]:
    """Find the held rows in the computed frame: by number first, then by what they say."""
    numbers = source_rows(held.frame)
    wanted = {int(held.rows.item(place, "source_row")) for place in places}
    near = numbers.is_in(sorted(wanted)).arg_true()
    found: dict[tuple[int, str], list[int]] = {}
    for position, text in zip(near.to_list(), as_json(held.frame[near]).to_list(), strict=True):
        found.setdefault((int(numbers[position]), row_digest(text)), []).append(position)
    return {
        place: found[int(held.rows.item(place, "source_row")), held.names[place][0]].pop(0) for place in sorted(places)
    }


def _corrected(
    held: Held, applied: Mapping[int, Ruling], positions: Mapping[int, int]
) -> tuple[pl.DataFrame, list[int], dict[int, str]]:
    """Write the corrections of released rows into the frame; a value that its column cannot hold leaves its row."""
    values: dict[str, dict[int, pl.Series]] = {}
    changed: list[int] = []
    unreadable: dict[int, str] = {}
    for place, ruling in applied.items():
        if ruling.verdict is not Verdict.RELEASE or place not in positions:
            continue
        read = {name: _value(held.frame, name, text) for name, text in ruling.correction.items()}
        lost = [name for name, value in read.items() if value is None]
        if lost:
            unreadable[place] = f"`{lost[0]}` cannot hold the value that it was given"
            continue
        changed.append(place)
        for name, value in read.items():
            if value is not None:
                values.setdefault(name, {})[positions[place]] = value
    columns = [
        held.frame.get_column(name).scatter(list(cells), pl.concat(list(cells.values())))
        for name, cells in sorted(values.items())
    ]
    return held.frame.with_columns(columns), changed, unreadable


def _value(frame: pl.DataFrame, name: str, text: str | None) -> pl.Series | None:
    return read_value(text, frame.schema[name]) if name in frame.columns else None


def _numbered(frame: pl.DataFrame, contract: Contract | None) -> pl.DataFrame:
    """Keep every row's number where it is only a position, which a row taken out would shift."""
    promised = contract.schema if contract is not None else {}
    if "source_row" in frame.columns or "source_row" in promised or not promised:
        return frame
    return frame.with_columns(source_row=source_rows(frame))


def _written(frame: pl.DataFrame, position: int, out: set[int]) -> tuple[int, str]:
    row = frame.slice(position - sum(gone < position for gone in out), 1)
    return int(source_rows(frame)[position - sum(gone < position for gone in out)]), as_json(row)[0]


def _kept(
    held: Held, again: GateResult, released: Mapping[int, tuple[int, str]], dropped: set[int]
) -> tuple[pl.DataFrame, dict[int, str]]:
    """Give the quarantine after the second verdict, rows as delivered, and what released rows still break."""
    waiting: dict[tuple[int, str], list[int]] = {}
    for place, written in released.items():
        waiting.setdefault(written, []).append(place)
    rows = again.quarantined
    texts, still = rows.get_column("row").to_list(), dict[int, str]()
    for index, (number, text, rules) in enumerate(rows.select("source_row", "row", "rules").iter_rows()):
        if waiting.get((number, text)):
            place = waiting[number, text].pop(0)
            still[place] = rules
            texts[index] = held.rows.item(place, "row")
    aside = range(held.result.quarantined.height, held.rows.height)
    beside = held.rows[sorted({*dropped, *aside})]
    kept = pl.concat([rows.with_columns(pl.Series("row", texts, pl.String)), beside])
    return kept.sort("source_row", maintain_order=True), still


def told(ruled: Ruled, contract: Contract | None) -> dict[str, Any]:
    """Say what rulings did to a partition as JSON values, bounded; values of classified columns are masked."""
    counts = Counter(outcome.effect.value for outcome in ruled.outcomes)
    rows = [
        {
            "ruling": outcome.ruling.number,
            "row": outcome.source_row if outcome.source_row is not None else outcome.ruling.source_row,
            "verdict": outcome.ruling.verdict.value,
            "effect": outcome.effect.value,
            "set": ", ".join(
                f"{name}={_shown(name, text, contract)}" for name, text in outcome.ruling.correction.items()
            ),
            "by": outcome.ruling.identity,
            "reason": outcome.ruling.reason[:200],
            "why": outcome.why[:200],
        }
        for outcome in ruled.outcomes
    ]
    return {"rulings": rows[:_TOLD], "rulings_counted": dict(sorted(counts.items()))}


def _shown(name: str, text: str | None, contract: Contract | None) -> str:
    if text is None:
        return "null"
    known = contract is not None and name in contract.schema
    return MASK if known and contract is not None and contract.column(name).masked else text[:_LONGEST_VALUE]
