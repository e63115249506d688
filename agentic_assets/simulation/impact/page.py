"""Show as one page what another version would have decided: a chart by day for each agent, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from agentic_assets.evidence.domain import Domain
from agentic_assets.evidence.report.blocks import Block, Figure, Note, Section, Table, number, text
from agentic_assets.evidence.report.drawing import Layer, Panel, daily
from agentic_assets.evidence.report.templates import environment
from agentic_assets.evidence.report.wording import count, plural, range_words, usd
from agentic_assets.evidence.report.writing import publish
from agentic_assets.simulation.impact.weighing import Impact, Moved

__all__ = ["build", "write_page"]


def write_page(path: Path, domain: Domain, old: str, new: str, days: Sequence[str], found: Sequence[Impact]) -> None:
    """Write the page to its place, whole or not at all."""
    publish(path, build(domain, old, new, days, found))


def build(domain: Domain, old: str, new: str, days: Sequence[str], found: Sequence[Impact]) -> str:
    """Give the page as HTML; the same figures give the same text."""
    changed, all_of = sum(one.changed for one in found), sum(max(one.decisions_old, one.decisions_new) for one in found)
    page: str = (
        environment([Path(__file__).parent])
        .get_template("impact.html.jinja")
        .render(
            title=domain.title,
            old=old,
            new=new,
            range=range_words(days[0], days[-1]),
            sentence=f"{count(changed)} of {plural(all_of, 'decision')} take another action under {new} than {old}",
            sections=[_section(one, days, place) for place, one in enumerate(found)],
            assumptions=domain.assumptions,
        )
    )
    return page


def _section(one: Impact, days: Sequence[str], place: int) -> Section:
    said = (
        f"{count(one.changed)} of {plural(max(one.decisions_old, one.decisions_new), 'decision')} take another action"
    )
    blocks: list[Block] = [_chart(one, days), _moved("actions", one.actions), _moved("verdicts", one.verdicts)]
    blocks.append(
        Table(
            "Under both versions",
            ("", "before", "after"),
            (
                (text("decisions"), number(count(one.decisions_old)), number(count(one.decisions_new))),
                (text("net saved"), number(_money(one.cents_old)), number(_money(one.cents_new))),
                (text("version"), number(one.old or "none"), number(one.new or "none")),
            ),
        )
    )
    if one.fallen:
        first, why = min(one.fallen.items())
        blocks.append(
            Note(f"{plural(len(one.fallen), 'day')} could not be made, such as {first}: {why[:300]}", "caution")
        )
    return Section(f"agent-{place}", one.agent, one.agent, f"{said}{_worth(one.cents)}.", tuple(blocks))


def _chart(one: Impact, days: Sequence[str]) -> Figure:
    values = {date.fromisoformat(day): changed for day, changed in one.daily.items()}
    panel = Panel("decisions that take another action", (Layer("changed", "agent", values),))
    first, number_of_days = date.fromisoformat(days[0]), len(days)
    hints = {day: f"{day}: {plural(changed, 'decision')}" for day, changed in values.items()}
    label = f"decisions of {one.agent} that take another action, by day"
    wide, narrow = (
        daily([panel], first=first, days=number_of_days, label=label, hints=hints, compact=compact)
        for compact in (False, True)
    )
    most = max(one.daily.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    told = f"Most on {most[0]}: {count(most[1])}." if most[1] else "None on any day."
    rows = tuple((text(day), number(count(changed))) for day, changed in sorted(one.daily.items()))
    numbers = Table("The same as numbers", ("day", "another action"), rows, folded=True) if rows else None
    return Figure("By day", told, wide, narrow, numbers=numbers)


def _moved(what: str, moves: Sequence[Moved]) -> Block:
    if not moves:
        return Note(f"All {what} are the same.")
    rows = tuple((text(one.before), text(one.after), number(count(one.decisions))) for one in moves)
    return Table(f"Other {what}", ("before", "after", "decisions"), rows)


def _worth(cents: int | None) -> str:
    if cents is None:
        return ""
    if not cents:
        return "; they are worth the same"
    return f"; {usd(abs(cents) / 100)} {'more' if cents > 0 else 'less'} is saved"


def _money(cents: int | None) -> str:
    return "not priced" if cents is None else usd(cents / 100)
