"""What the decisions were worth, against the legacy rule and against doing nothing."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from agentic_assets.evidence.report.blocks import Block, Figure, Note, Section, Table, number, text
from agentic_assets.evidence.report.drawing import Estimate, Mark, Track, estimates, tracks
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.sections.headline import telling
from agentic_assets.evidence.report.sections.periods import by_period, period_name, period_words
from agentic_assets.evidence.report.wording import (
    count,
    day_words,
    interval,
    percent,
    plural,
    range_words,
    share,
    short_day,
    short_range,
    usd,
)
from agentic_assets.evidence.summary import Summary
from agentic_assets.outcomes import mean_interval

__all__ = ["money"]

NAMES = {"agent": "Agent", "legacy": "Legacy rule", "nothing": "Do nothing"}
_SHORT = {"agent": "Agent", "legacy": "Legacy", "nothing": "Nothing"}
_BESIDE_THE_WORST = 0.5
_STANDS_OUT = 2


def money(material: Material, summary: Summary) -> Section:
    """Show net savings by day, their means, and the scorecard."""
    rows = material.scorecard
    if rows.is_empty():
        empty = "No scorecard is published for these days: outcomes are not known yet, or their days were refused."
        return Section("saved", "Savings", "What it saved", empty, ())
    net = {name: _net(rows, name) for name in NAMES}
    blocks: list[Block] = [Note(_assumed(material), "caution")]
    if rows.get_column("acted").sum():
        blocks.append(_cumulative(material, rows, net))
        blocks.append(_means(summary, rows) if telling(summary) else Note(_too_few(summary), "empty"))
    else:
        blocks.append(Note("Nobody acted on these days, so there is nothing to draw: no cost, and no saving.", "empty"))
    blocks.append(_scorecard(material, summary))
    return Section("saved", "Savings", "What it saved", _takeaway(rows, net, material), tuple(blocks))


def _net(rows: pl.DataFrame, strategy: str) -> dict[date, float]:
    own = rows.filter(pl.col("strategy") == strategy).sort("day")
    return {day: cents / 100 for day, cents in own.select("day", "net_saved_cents").iter_rows()}


def _takeaway(rows: pl.DataFrame, net: dict[str, dict[date, float]], material: Material) -> str:
    agent = rows.filter(pl.col("strategy") == "agent")
    loss, avoided = (int(agent.get_column(name).sum()) for name in ("loss_cents", "avoided_cents"))
    own = net["agent"]
    if not own:
        return "The agent has no scorecard for these days."
    if not agent.get_column("acted").sum():
        return (
            f"The agent did not act; {material.label} {material.noun}s cost {usd(loss / 100)} by the assumed figures."
        )
    best, worst = max(own, key=lambda day: own[day]), min(own, key=lambda day: own[day])
    losing = sum(value < 0 for value in own.values())
    said = (
        f"The agent's actions avoided {usd(avoided / 100)} of the {usd(loss / 100)} that {material.label} "
        f"{material.noun}s would have cost ({share(avoided, loss)})"
    )
    if len(own) == 1:
        return f"{said}."
    days = plural(len(own), "day")
    return (
        f"{said}. Its best day was {short_day(best)} ({usd(own[best])}), its worst {short_day(worst)} "
        f"({usd(own[worst])}); on {count(losing)} of {days} acting cost more than it avoided."
    )


def _assumed(material: Material) -> str:
    return f"Assumed, not measured. {material.assumptions} The amounts compare ways of deciding; nobody was billed."


def _too_few(summary: Summary) -> str:
    few = "One day is" if summary.days == 1 else f"{plural(summary.days, 'day')} are"
    return f"{few} too little to show how far a daily mean may be off."


def _cumulative(material: Material, rows: pl.DataFrame, net: dict[str, dict[date, float]]) -> Figure:
    lines = [Track(NAMES[name], _SHORT[name], name, _running(net[name])) for name in NAMES if net[name]]
    totals = {track.name: track.values[max(track.values)] for track in lines}
    mark = _worst(rows, material)
    takeaway = "; ".join(f"{name.lower()} {usd(total)}" for name, total in totals.items() if name != NAMES["nothing"])
    said = f"Net saved since {day_words(material.days[0])}: {takeaway}."
    if mark:
        said += f" Disruption was costliest on {range_words(mark.first, mark.last)}."

    def draw(*, compact: bool) -> str:
        return tracks(
            lines,
            first=material.days[0],
            days=len(material.days),
            label=said,
            absent=material.missing,
            mark=mark,
            hints=None if compact else _hints(rows, net, material),
            compact=compact,
        )

    return Figure(
        "Net saved, cumulative",
        said,
        draw(compact=False),
        draw(compact=True),
        numbers=_by_period(rows, material),
        note="Net saved is the loss that actions avoided less what they cost. Doing nothing is zero by definition.",
    )


def _running(net: dict[date, float]) -> dict[date, float]:
    total, running = 0.0, {}
    for day, value in sorted(net.items()):
        total += value
        running[day] = total
    return running


def _worst(rows: pl.DataFrame, material: Material) -> Mark | None:
    """Mark the day of the greatest loss, with its neighbours of at least half as great a one where it stands out."""
    days = rows.filter(pl.col("strategy") == "nothing").sort("day")
    loss: dict[date, int] = dict(days.select("day", "loss_cents").iter_rows())
    if len(loss) < 2 or not any(loss.values()):
        return None
    peak = max(loss, key=lambda day: (loss[day], -day.toordinal()))
    first = last = peak
    usual, beside = sorted(loss.values())[len(loss) // 2], loss[peak] * _BESIDE_THE_WORST
    if loss[peak] >= usual * _STANDS_OUT:
        while loss.get(first - timedelta(days=1), 0) >= beside:
            first -= timedelta(days=1)
        while loss.get(last + timedelta(days=1), 0) >= beside:
            last += timedelta(days=1)
    within = days.filter(pl.col("day").is_between(first, last))
    many, of = int(within.get_column("bad").sum()), int(within.get_column("known").sum())
    when = short_range(first, last)
    said = f"{count(many)} of {count(of)} {material.noun}s {material.label}"
    return Mark(first, last, f"{when}: {said}", f"{when}: {count(many)} {material.label}")


def _hints(rows: pl.DataFrame, net: dict[str, dict[date, float]], material: Material) -> dict[date, str]:
    running = {name: _running(values) for name, values in net.items()}
    agent = rows.filter(pl.col("strategy") == "agent").sort("day").select("day", "bad", "known", "acted")
    return {
        day: "\n".join(
            [
                day_words(day),
                f"{count(bad)} of {count(known)} {material.noun}s {material.label}, acted on {count(acted)}",
                *(
                    f"{NAMES[name]}: {usd(net[name][day])}, so far {usd(running[name][day])}"
                    for name in ("agent", "legacy")
                    if day in net[name]
                ),
            ]
        )
        for day, bad, known, acted in agent.iter_rows()
    }


def _by_period(rows: pl.DataFrame, material: Material) -> Table:
    strategy = pl.col("strategy")
    found = (
        by_period(rows, material.days)
        .group_by("period")
        .agg(
            pl.col("known", "bad", "acted", "loss_cents").filter(strategy == "agent").sum(),
            pl.col("net_saved_cents").filter(strategy == "agent").sum().alias("agent"),
            pl.col("net_saved_cents").filter(strategy == "legacy").sum().alias("legacy"),
        )
        .sort("period")
    )
    return Table(
        caption="The numbers of this chart",
        columns=(
            period_name(material.days),
            "Outcomes known",
            material.label.capitalize(),
            "Acted on",
            "Loss if nothing is done",
            "Agent, net saved",
            "Legacy rule, net saved",
        ),
        rows=tuple(
            (
                text(period_words(row["period"], material.days)),
                number(count(row["known"])),
                number(count(row["bad"])),
                number(count(row["acted"])),
                number(usd(row["loss_cents"] / 100)),
                number(usd(row["agent"] / 100)),
                number(usd(row["legacy"] / 100)),
            )
            for row in found.iter_rows(named=True)
        ),
        folded=True,
    )


def _means(summary: Summary, rows: pl.DataFrame) -> Figure:
    found = [
        Estimate(
            NAMES[strategy.name],
            strategy.name,
            strategy.net_saved_per_day_usd,
            strategy.net_saved_per_day_low_usd,
            strategy.net_saved_per_day_high_usd,
        )
        for strategy in summary.strategies
        if strategy.name != "nothing"
    ]
    apart = _difference(rows)
    if apart is None:
        said = "How far the daily mean may be off."
    else:
        found.append(apart)
        better = f"{usd(apart.mean)} {interval(apart.low, apart.high)} a day"
        sure = "" if apart.low > 0 or apart.high < 0 else ", which may be chance: the interval contains zero"
        said = f"Day by day the agent did {better} better than the legacy rule{sure}."
        if apart.mean < 0:
            said = f"Day by day the agent did {usd(-apart.mean)} worse than the legacy rule{sure}."
    return Figure(
        "Net saved a day against doing nothing, with its 95 % interval",
        said,
        estimates(found, label=said),
        estimates(found, label=said, compact=True),
        note="Bootstrap over days with a fixed seed. Days are drawn as if independent of each other; trouble that "
        "lasts for days makes the true intervals somewhat wider.",
    )


def _difference(rows: pl.DataFrame) -> Estimate | None:
    wide = rows.select("day", "strategy", "net_saved_cents").pivot(on="strategy", index="day").sort("day")
    if not {"agent", "legacy"} <= set(wide.columns):
        return None
    found = mean_interval(wide.get_column("agent") - wide.get_column("legacy"))
    if found.mean is None or found.low is None or found.high is None:
        return None
    return Estimate("Agent less legacy rule", "apart", found.mean / 100, found.low / 100, found.high / 100)


def _scorecard(material: Material, summary: Summary) -> Table:
    def per_day(value: int, low: int, high: int) -> str:
        return f"{usd(value)} {interval(low, high)}" if telling(summary) and low < high else usd(value)

    return Table(
        caption="Scorecard, by assumed costs",
        columns=(
            "",
            "Acted on",
            "Hits (precision)",
            "Caught (recall)",
            "Loss avoided",
            "Cost of actions",
            "Net saved",
            "Net saved a day",
        ),
        rows=tuple(
            (
                text(NAMES.get(row.name, row.name)),
                number(count(row.acted)),
                number(percent(row.precision_bp)),
                number(percent(row.recall_bp)),
                number(usd(row.avoided_usd)),
                number(usd(row.cost_usd)),
                number(usd(row.net_saved_usd)),
                number(
                    per_day(row.net_saved_per_day_usd, row.net_saved_per_day_low_usd, row.net_saved_per_day_high_usd)
                ),
            )
            for row in summary.strategies
        ),
        stacked=True,
    )
