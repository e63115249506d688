"""Rule on quarantined rows: try the ruling on the partition first, and record it only if it does what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from agentic_assets.contracts.gating.conform import read_value
from agentic_assets.contracts.gating.quarantine import row_digest
from agentic_assets.errors import NotFound, RulingRefused
from agentic_assets.pipeline.engine import Engine
from agentic_assets.pipeline.holding import Held
from agentic_assets.pipeline.node import Node
from agentic_assets.pipeline.overlay import Effect, Ruled, lay_over
from agentic_assets.pipeline.partitions import Cut
from agentic_assets.pipeline.rulings import Ruling, Verdict, in_force

__all__ = ["Choice", "Recorded", "Said", "choose", "rule_on"]

_ATTEMPTS: Final = 10
_SHOWN: Final = 8


@dataclass(frozen=True)
class Choice:
    """Which rows of a partition are meant: by their numbers, by a rule that they break, or all that wait."""

    rows: tuple[int, ...] = ()
    rule: str | None = None
    everything: bool = False


@dataclass(frozen=True)
class Said:
    """What a person ruled: the verdict, why, who, and for a release the values that are to be corrected."""

    verdict: Verdict
    reason: str
    identity: str
    correction: Mapping[str, str | None] = field(default_factory=dict)
    host: str = ""


@dataclass(frozen=True)
class Recorded:
    """Rulings as they were recorded, and what the partition becomes under them."""

    rulings: tuple[Ruling, ...]
    ruled: Ruled


def rule_on(engine: Engine, node: Node, partition: str, choice: Choice, said: Said) -> Recorded:
    """Record a ruling on each chosen row of a partition, all of them or none.

    The partition is computed and gated under the rulings first. A release that the gate would refuse, or that would
    take a good row with it, is refused whole.

    Raises:
        NotFound: no such row is in quarantine.
        RulingRefused: the ruling would not do what it says; nothing was recorded.
    """
    if node.effects:
        raise RulingRefused(
            f"{node.asset} records what was done outside of the lake: nobody can rule that away; nothing was recorded",
            hint="rule on what it is made from",
        )
    back = engine.restorations.of(node.asset).get(partition)
    if back is not None:
        where = f"{node.asset} {partition}".strip()
        raise RulingRefused(
            f"{where} is kept at earlier bytes by {back.identity}, {back.recorded_at[:16]}: {back.reason}; "
            "nothing was recorded",
            hint=f"lift that first: agentic rollback data {where} --lift --reason WHY",
        )
    held = engine.examine(node, partition)
    _require_settable(node, partition, held, said.correction)
    for _ in range(_ATTEMPTS):
        made = engine.rulings.of(node.asset).get(partition, ())
        standing = in_force(made)
        last = max((ruling.number for ruling in made), default=0)
        new = _proposed(held, choose(held, standing, choice, said.verdict, f"{node.asset} {partition}".strip()), said)
        numbered = [_numbered(ruling, last + place) for place, ruling in enumerate(new, start=1)]
        after = lay_over(held, in_force([*made, *numbered]))
        if said.verdict is not Verdict.WITHDRAW:
            _require_effect(node, partition, held, lay_over(held, standing), after, numbered)
        if engine.rulings.record(node.asset, partition, new, after=last):
            return Recorded(tuple(numbered), after)
    raise RulingRefused(
        f"{node.asset} {partition}: others kept ruling on the same partition; nothing was recorded", hint="try again"
    )


def choose(held: Held, standing: Sequence[Ruling], choice: Choice, verdict: Verdict, where: str) -> list[Ruling | int]:
    """Give what is chosen: places of held rows, or for a withdrawal the rulings that stand on them.

    Raises:
        NotFound: nothing of that kind is in quarantine, with what there is instead.
    """
    if verdict is Verdict.WITHDRAW:
        return _chosen_rulings(held, standing, choice, where)
    by_row = {ruling.row: ruling for ruling in standing}
    ruled = {place: by_row[name] for place, name in enumerate(held.names) if name in by_row}
    refused_again = {
        outcome.ruling.row for outcome in lay_over(held, standing).outcomes if outcome.effect is Effect.REFUSED
    }
    waiting = [place for place in range(held.rows.height) if place not in ruled or held.names[place] in refused_again]
    numbers = held.rows.get_column("source_row").to_list()
    if choice.rows:
        absent = sorted(set(choice.rows) - set(numbers))
        if absent:
            raise NotFound(f"{where} has no row {_listed(absent)} in quarantine", hint=_what_there_is(numbers))
        return [place for place, number in enumerate(numbers) if number in choice.rows]
    if choice.rule is not None:
        broken = held.rows.get_column("rules").to_list()
        waiting = [place for place in waiting if choice.rule in broken[place].split(", ")]
    if not waiting:
        what = f"breaks {choice.rule} and waits" if choice.rule else "waits"
        raise NotFound(f"no row of {where} {what} for a ruling", hint=_what_there_is(numbers))
    return list(waiting)


def _chosen_rulings(held: Held, standing: Sequence[Ruling], choice: Choice, where: str) -> list[Ruling | int]:
    places = dict(zip(held.names, held.rows.get_column("source_row").to_list(), strict=True))
    lies = {ruling.number: {ruling.source_row, places.get(ruling.row, ruling.source_row)} for ruling in standing}
    known = sorted({number for numbers in lies.values() for number in numbers})
    absent = sorted(set(choice.rows) - set(known))
    found = [
        ruling
        for ruling in standing
        if (
            choice.everything
            or lies[ruling.number].intersection(choice.rows)
            or choice.rule in ruling.rules.split(", ")
        )
    ]
    if absent or not found:
        said = f" on row {_listed(absent)}" if absent else ""
        hint = f"there are rulings on row {_listed(known)}" if known else "nobody ruled on a row of it"
        raise NotFound(f"no ruling{said} of {where} stands", hint=hint)
    return list(found)


def _proposed(held: Held, chosen: Sequence[Ruling | int], said: Said) -> list[Ruling]:
    made = []
    for one in chosen:
        if isinstance(one, Ruling):
            digest, copy, source_row, rules = one.digest, one.copy, one.source_row, one.rules
        else:
            digest, copy = held.names[one]
            source_row, rules = int(held.rows.item(one, "source_row")), str(held.rows.item(one, "rules"))
        correction = said.correction if said.verdict is Verdict.RELEASE else {}
        made.append(
            Ruling(
                digest=digest,
                copy=copy,
                source_row=source_row,
                verdict=said.verdict,
                reason=said.reason,
                identity=said.identity,
                correction=correction,
                rules=rules,
                host=said.host,
            )
        )
    return made


def _numbered(ruling: Ruling, number: int) -> Ruling:
    return replace(ruling, number=number)


def _require_settable(node: Node, partition: str, held: Held, correction: Mapping[str, str | None]) -> None:
    where, columns = f"{node.asset} {partition}".strip(), held.frame.schema
    promised = node.contract.schema if node.contract and node.contract.schema else columns
    able = [name for name in columns if name in promised and name != "source_row"]
    for name, text in correction.items():
        if name not in able:
            raise RulingRefused(
                f"{where} has no column `{name[:60]}` that could be corrected; nothing was recorded",
                hint=f"its columns are {', '.join(able)}",
            )
        if node.cut is not Cut.STATIC and _is_the_partition(held.frame.get_column(name), partition):
            raise RulingRefused(
                f"`{name}` says in which partition of {node.asset} a row lies: a ruling cannot move it; "
                "nothing was recorded",
                hint="have it corrected where it comes from",
            )
        if read_value(text, columns[name]) is None:
            raise RulingRefused(
                f"`{name}` of {where} holds {columns[name]}, and {str(text)[:60]!r} is no such value; "
                "nothing was recorded",
                hint="write numbers plainly, days as 2013-02-08, moments as 2013-02-08T17:30:00Z",
            )


def _is_the_partition(column: pl.Series, partition: str) -> bool:
    if column.dtype not in (pl.Date, pl.String) or not column.len():
        return False
    return column.cast(pl.String).unique().to_list() == [partition]


def _require_effect(node: Node, partition: str, held: Held, before: Ruled, after: Ruled, new: Sequence[Ruling]) -> None:
    where = f"{node.asset} {partition}".strip()
    mine = {ruling.number for ruling in new}
    failed = [one for one in after.outcomes if one.ruling.number in mine and one.effect is Effect.REFUSED]
    if failed:
        lines = [f"  - row {one.source_row}: {_broken(node, one.why)}" for one in failed[:_SHOWN]]
        if len(failed) > _SHOWN:
            lines.append(f"  - and {len(failed) - _SHOWN} more")
        aside = all(one.why.startswith("the table keeps") for one in failed)
        raise RulingRefused(
            "\n".join([f"{where} would refuse {_rows(len(failed))} again, nothing was recorded:", *lines]),
            hint="have it corrected where it comes from, or `drop` it"
            if aside
            else "correct the row with --set COLUMN=VALUE, `drop` it, or fix the source",
        )
    known = set(zip(held.rows.get_column("source_row").to_list(), (name[0] for name in held.names), strict=True))
    more = [
        (number, rules)
        for number, text, rules in after.quarantine.select("source_row", "row", "rules").iter_rows()
        if (number, row_digest(text)) not in known
    ]
    if more:
        lines = [f"  - row {number}: {_broken(node, rules)}" for number, rules in more[:_SHOWN]]
        raise RulingRefused(
            "\n".join([f"{where} would lose {_rows(len(more))} that is good now, nothing was recorded:", *lines]),
            hint="choose a correction that agrees with the other rows",
        )
    if after.result.refused and not before.result.refused:
        raise RulingRefused(
            f"{where} would be refused as a whole, nothing was recorded:\n{after.result.message()}",
            hint="rule on fewer rows",
        )


def _broken(node: Node, rules: str) -> str:
    """Name rules with what they ask for; anything that is no rule stays as it is."""
    texts = {rule.id: rule.text for rule in node.contract.rules} if node.contract else {}
    return ", ".join(f"{name} ({texts[name]})" if name in texts else name for name in rules.split(", "))


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _listed(numbers: Sequence[int]) -> str:
    said = ", ".join(str(number) for number in numbers[:_SHOWN])
    return f"{said} and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else said


def _what_there_is(numbers: Sequence[int]) -> str:
    if not numbers:
        return "every row passes as it is delivered now; `agentic run` brings the quarantine up to date"
    return f"in quarantine: row {_listed(numbers)}"
