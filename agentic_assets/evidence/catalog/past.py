"""The past of a contract: what its partitions held, what was refused, and under which versions."""

from __future__ import annotations

from datetime import date
from typing import Final

from agentic_assets.evidence.catalog.material import Day, History, Listed
from agentic_assets.evidence.report.blocks import Block, Cell, Figure, Note, Section, Table, bar, code, number, text
from agentic_assets.evidence.report.drawing import Layer, Panel, daily
from agentic_assets.evidence.report.drawing.svg import hint, picture, rectangle
from agentic_assets.evidence.report.wording import count, day_words, plural, range_words, share, shown

__all__ = ["quality", "spark"]

_REASONS: Final = 10
_BINS: Final = 48


def quality(one: Listed) -> Section | None:
    """Show rows published and refused by day, the rules broken most, and the versions; None without a home."""
    history = one.history
    if history is None:
        return None
    if not history.days and not history.refused:
        note = Note("Nothing of it is published in this home yet: `agentic run` makes it.", "empty")
        return Section("quality", "Quality", "Quality so far", "No partition is recorded.", (note,))
    blocks: list[Block] = []
    if history.daily and history.days:
        blocks.append(_figure(history))
    elif len(history.days) > 1:
        blocks.append(_partitions(history))
    broken = _broken(history)
    if broken:
        blocks.append(broken)
    if history.refused:
        blocks.append(_refused(history))
    if history.versions:
        blocks.append(_versions(history))
    return Section("quality", "Quality", "Quality so far", _lead(history), tuple(blocks))


def _lead(history: History) -> str:
    read = history.rows + history.quarantined
    there = f"{count(len(history.days))} of {plural(history.expected, 'partition')}" if history.expected > 1 else "It"
    said = f"{there} {'are' if history.expected > 1 else 'is'} published, with {plural(history.rows, 'row')}"
    if history.quarantined:
        said += f"; {plural(history.quarantined, 'row')} ({share(history.quarantined, read, 2)}) went to quarantine"
    else:
        said += "; none went to quarantine"
    if history.refused:
        said += (
            f". {plural(len(history.refused), 'partition')} {'does' if len(history.refused) == 1 else 'do'} not stand"
        )
    return f"{said}."


def _figure(history: History) -> Figure:
    days = {date.fromisoformat(day.partition): day for day in history.days}
    refused = [date.fromisoformat(name) for name in history.refused]
    first, last = min([*days, *refused]), max([*days, *refused])
    number_of_days = (last - first).days + 1
    absent = [
        day
        for day in (date.fromordinal(first.toordinal() + place) for place in range(number_of_days))
        if day not in days
    ]
    panels = [Panel("Rows published", (Layer("published", "quiet", {at: day.rows for at, day in days.items()}),))]
    if history.quarantined:
        held = {at: day.quarantined for at, day in days.items()}
        panels.append(Panel("Rows in quarantine", (Layer("in quarantine", "deny", held),)))
    warned = {at: len(day.broken) for at, day in days.items()}
    if any(warned.values()):
        panels.append(Panel("Rules broken", (Layer("rules broken", "escalate", warned),)))
    worst = max(history.days, key=lambda day: (day.quarantined, day.partition))
    said = (
        f"The most rows in one day went to quarantine on {day_words(worst.partition)}: {count(worst.quarantined)}."
        if worst.quarantined
        else "No row of these days is in quarantine."
    )

    def draw(*, compact: bool) -> str:
        return daily(
            panels,
            first=first,
            days=number_of_days,
            label=f"Rows published, rows in quarantine and rules broken, by day. {said}",
            absent=absent,
            hints=None if compact else {at: _hint(at, day) for at, day in days.items()},
            compact=compact,
        )

    return Figure(
        f"Partitions of {range_words(first, last)}",
        said,
        draw(compact=False),
        draw(compact=True),
        numbers=_by_month(history),
        note="Hatched days are not published." if absent else "",
    )


def _hint(at: date, day: Day) -> str:
    lines = [day_words(at), plural(day.rows, "row"), f"{count(day.quarantined)} in quarantine"]
    lines += [f"{shown(rule, 80)}: {count(many)}" for rule, many in list(day.broken.items())[:8]]
    return "\n".join(lines)


def _by_month(history: History) -> Table:
    months: dict[str, list[Day]] = {}
    for day in history.days:
        months.setdefault(day.partition[:7], []).append(day)
    return Table(
        "The numbers by month",
        ("Month", "Days", "Rows", "In quarantine", "Days with broken rules"),
        tuple(
            (
                text(month),
                number(count(len(days))),
                number(count(sum(day.rows for day in days))),
                number(count(sum(day.quarantined for day in days))),
                number(count(sum(bool(day.broken) for day in days))),
            )
            for month, days in sorted(months.items())
        ),
        folded=True,
    )


def _partitions(history: History) -> Table:
    return Table(
        "Partitions",
        ("Partition", "Rows", "In quarantine", "Rules broken", "Failed checks"),
        tuple(
            (
                text(day.partition),
                number(count(day.rows)),
                number(count(day.quarantined)),
                number(count(len(day.broken))),
                text(", ".join(day.failed) or "none"),
            )
            for day in history.days
        ),
        folded=len(history.days) > 14,
        stacked=True,
    )


def _broken(history: History) -> Table | None:
    totals: dict[str, list[int]] = {}
    for day in history.days:
        for rule, many in day.broken.items():
            found = totals.setdefault(rule, [0, 0])
            found[0] += many
            found[1] += 1
    if not totals:
        return None
    ordered = sorted(totals.items(), key=lambda item: (-item[1][0], item[0]))
    most = max(1, ordered[0][1][0])
    return Table(
        "Rules broken in published partitions",
        ("Rule", "Partitions", "Rows"),
        tuple(
            (code(shown(rule)), number(count(partitions)), bar(count(rows), rows / most, "deny"))
            for rule, (rows, partitions) in ordered
        ),
        stacked=True,
    )


def _refused(history: History) -> Table:
    shown_ones = list(history.refused.items())[-_REASONS:]
    more = len(history.refused) - len(shown_ones)
    return Table(
        "Partitions that do not stand" + (f", the last {len(shown_ones)} of {len(history.refused)}" if more else ""),
        ("Partition", "Why"),
        tuple((text(shown(name or "whole")), Cell(shown(message, 500), "text")) for name, message in shown_ones),
        stacked=True,
    )


def _versions(history: History) -> Table:
    return Table(
        "Versions of the contract under which the partitions were published",
        ("Version", "Partitions", "From", "To", "First recorded (UTC)", "Digest"),
        tuple(
            (
                code(shown(one.version)),
                number(count(one.partitions)),
                text(one.first or "whole"),
                text(one.last or "whole"),
                Cell(one.recorded_at[:16].replace("T", " "), measured=True),
                Cell(one.digest[:16], "hash"),
            )
            for one in history.versions
        ),
        stacked=True,
    )


def spark(history: History | None) -> str:
    """Draw rows published over time in little room, refused ones in colour on top; empty where there is nothing."""
    if history is None or len(history.days) < 2:
        return ""
    size = -(-len(history.days) // _BINS)
    bins = [history.days[place : place + size] for place in range(0, len(history.days), size)]
    rows = [sum(day.rows for day in part) / len(part) for part in bins]
    refused = [sum(day.quarantined for day in part) for part in bins]
    highest, worst = max([*rows, 1]), max([*refused, 1])
    width, height, step = 132.0, 30.0, 132.0 / len(bins)
    drawn = []
    for place, (many, bad) in enumerate(zip(rows, refused, strict=True)):
        tall = 20 * many / highest
        drawn.append(rectangle(place * step, height - tall, max(0.6, step - 0.6), tall, "fill-quiet"))
        if bad:
            mark = 2.5 + 5 * bad / worst
            drawn.append(rectangle(place * step, 0, max(1.2, step - 0.6), mark, "fill-deny"))
    said = (
        f"{plural(len(history.days), 'partition')}, {plural(history.rows, 'row')}, {count(history.quarantined)} refused"
    )
    return picture(width, height, said, hint(said), *drawn, css="spark")
