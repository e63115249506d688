"""Small drawings of one feature: how its values lie, and how often it is null over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from agentic_assets.evidence.catalog.feature_sets.material import Figures, Spread
from agentic_assets.evidence.report.drawing.svg import hint, line, number, picture, rectangle, tag, words
from agentic_assets.evidence.report.wording import count, day_words, plural, range_words, share, short_day, shown
from agentic_assets.features.drift import INCIDENT

__all__ = ["moved", "nulls", "times_words", "values"]

_WIDTH = 300.0
_TALL = 54.0
_ASIDE = 14.0
_POINTS = 61
_CUT = 3.0
"""So many times its threshold is as far as a bar can show."""


def values(spread: Spread) -> str:
    """Draw the bins as bars; what lies outside of them stands apart at both sides."""
    inside = sum(spread.counts)
    total = inside + spread.below + spread.above
    left, right = (_ASIDE if spread.below else 0.0), _WIDTH - (_ASIDE if spread.above else 0.0)
    step = (right - left) / len(spread.counts)
    highest = max(*spread.counts, spread.below, spread.above, 1)

    def bar(x: float, width: float, many: int, css: str, said: str) -> str:
        if not many:
            return ""
        tall = max(1.0, (_TALL - 4) * many / highest)
        told = f"{said}: {count(many)} ({share(many, total)})"
        return rectangle(x, _TALL - tall, width, tall, css) + rectangle(x, 0, width, _TALL, "hit", hint(told))

    gap = min(1.5, step * 0.12)
    drawn = [
        bar(left + place * step + gap / 2, step - gap, many, "fill-agent", label)
        for place, (label, many) in enumerate(zip(spread.labels, spread.counts, strict=True))
    ]
    if spread.below:
        drawn.append(bar(0, _ASIDE - 5, spread.below, "fill-quiet", "below"))
    if spread.above:
        drawn.append(bar(_WIDTH - _ASIDE + 5, _ASIDE - 5, spread.above, "fill-quiet", "above"))
    drawn += [
        line(left, _TALL, right, _TALL, "axis"),
        words(left, _TALL + 14, spread.ends[0], "tick", "start"),
        words(right, _TALL + 14, spread.ends[1], "tick", "end"),
    ]
    most = max(range(len(spread.counts)), key=lambda place: (spread.counts[place], -place))
    said = (
        f"{plural(total, 'value')} from {spread.lowest} to {spread.highest}, median {spread.median}; "
        f"the most, {count(spread.counts[most])}, in {spread.labels[most]}"
    )
    return picture(_WIDTH, _TALL + 18, said, *drawn, css="spread")


def nulls(figures: Figures) -> str:
    """Draw the share of nulls over time, up to the highest; empty where it is the same always, or on one day only."""
    days = figures.days
    shares = {nulls / rows for _, rows, nulls in days if rows}
    if len(days) < 2 or len(shares) < 2:
        return ""
    size = -(-len(days) // _POINTS)
    parts = [days[place : place + size] for place in range(0, len(days), size)]
    found = [
        (part[0][0], part[-1][0], sum(nulls for _, _, nulls in part), sum(rows for _, rows, _ in part))
        for part in parts
    ]
    highest = max(many / rows for _, _, many, rows in found if rows)
    height, step = 30.0, _WIDTH / len(found)
    drawn = []
    for place, (first, last, many, rows) in enumerate(found):
        tall = max(0.8, (height - 2) * many / rows / highest) if many else 0.0
        x, width = place * step, max(0.6, step - 0.6)
        if not tall:
            continue
        told = f"{shown(first if first == last else f'{first} to {last}')}: {share(many, rows, 2)} null"
        drawn.append(rectangle(x, height - tall, width, tall, "fill-legacy"))
        drawn.append(rectangle(x, 0, step, height, "hit", hint(told)))
    drawn.append(line(0, height, _WIDTH, height, "axis"))
    said = f"Share of nulls from {shown(days[0][0])} to {shown(days[-1][0])}, at most {_most(found)} in {_period(size)}"
    return picture(_WIDTH, height + 1, said, *drawn, css="spread")


def moved(days: Sequence[tuple[date, float]], verdicts: Mapping[date, str], what: str) -> str:
    """Draw how many times its threshold a statistic was: the highest of each few days as a bar, the threshold dashed.

    What lies above the threshold has the colour of drift, on the day of an incident that of incidents.
    """
    size = -(-len(days) // _POINTS)
    parts = [days[place : place + size] for place in range(0, len(days), size)]
    height, step = 36.0, _WIDTH / len(parts)
    bars: dict[str, str] = {}
    hits = []
    for place, part in enumerate(parts):
        day, times = max(part, key=lambda one: one[1])
        x, tall = place * step, max(0.8, (height - 2) * min(times, _CUT) / _CUT)
        css = "quiet" if times <= 1 else "deny" if verdicts.get(day) == INCIDENT else "escalate"
        wide = number(max(0.6, step - 0.6))
        bars[css] = bars.get(css, "") + f"M{number(x)} {number(height)}v-{number(tall)}h{wide}v{number(tall)}z"
        if times > 1:  # of the others there is nothing to tell, and a page holds many
            hits.append(rectangle(x, 0, step, height, "hit", hint(f"{day_words(day)}: {times_words(times)}")))
    drawn = [*(tag("path", d=path, class_=f"fill-{css}") for css, path in bars.items()), *hits]
    level = height - (height - 2) / _CUT
    drawn += [
        line(0, level, _WIDTH, level, "limit"),
        line(0, height, _WIDTH, height, "axis"),
        words(0, height + 14, short_day(days[0][0]), "tick", "start"),
        words(_WIDTH, height + 14, short_day(days[-1][0]), "tick", "end"),
    ]
    over = sum(times > 1 for _, times in days)
    said = f"{what}, {range_words(days[0][0], days[-1][0])}: over its threshold on {count(over)} of {len(days)} days"
    return picture(_WIDTH, height + 18, said, *drawn, css="spread")


def times_words(times: float) -> str:
    """Write how many times a threshold a value is; a threshold of 0 is exceeded by any number of times."""
    if times >= 1_000:
        return "over 1,000 times"
    return f"{times:.0f} times" if times >= 10 else f"{times:.1f} times"


def _most(found: list[tuple[str, str, int, int]]) -> str:
    _, _, many, rows = max((one for one in found if one[3]), key=lambda one: one[2] / one[3])
    return share(many, rows, 1)


def _period(size: int) -> str:
    return "a day" if size == 1 else f"{size} days"
