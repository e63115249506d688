"""Write figures as people read them: amounts, shares, days; and texts from outside so that nothing in them can hide."""

from __future__ import annotations

import unicodedata
from datetime import date

__all__ = [
    "count",
    "day_words",
    "interval",
    "listed",
    "percent",
    "plural",
    "range_words",
    "share",
    "short_day",
    "short_month",
    "short_range",
    "short_usd",
    "shown",
    "usd",
]

# The joiner keeps a line from breaking between the sign and the amount.
MINUS = "\N{MINUS SIGN}\N{WORD JOINER}"
GAP = "\N{NO-BREAK SPACE}"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def count(number: float) -> str:
    """Write a whole number with separators."""
    return f"{MINUS if number < 0 else ''}{abs(round(number)):,}"


def plural(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def usd(dollars: float) -> str:
    """Write whole dollars."""
    return f"{MINUS if round(dollars) < 0 else ''}${abs(round(dollars)):,}"


def short_usd(dollars: float) -> str:
    """Write dollars in at most three digits, as an axis wants them."""
    size = abs(dollars)
    sign = MINUS if dollars < 0 else ""
    for least, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= least:
            scaled = size / least
            return f"{sign}${scaled:.0f}{unit}" if scaled >= 100 or scaled % 1 == 0 else f"{sign}${scaled:.1f}{unit}"
    return f"{sign}${size:.0f}"


def percent(basis_points: float | None, digits: int = 1) -> str:
    """Write basis points as percent; None is a dash."""
    return "\N{EN DASH}" if basis_points is None else f"{basis_points / 100:.{digits}f}{GAP}%"


def share(part: int, whole: int, digits: int = 1) -> str:
    """Write part of whole as percent, without calling something small nothing."""
    if not whole:
        return "\N{EN DASH}"
    least = 10.0**-digits
    exact = part / whole * 100
    if 0 < exact < least:
        return f"under {least:.{digits}f}{GAP}%"
    if part < whole and exact > 100 - least:
        return f"over {100 - least:.{digits}f}{GAP}%"
    return f"{exact:.{digits}f}{GAP}%"


def interval(low: float, high: float) -> str:
    """Write a 95 % interval of dollars."""
    return f"[{usd(low)}; {usd(high)}]"


def day_words(day: date | str) -> str:
    """Write a day out, such as 8 February 2013."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Write a day in little room, such as 8 Feb."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def short_month(day: date) -> str:
    """Write a month in little room, such as Feb."""
    return _MONTHS[day.month - 1][:3]


def short_range(first: date, last: date) -> str:
    """Write a range of days in little room, such as 8 to 9 Feb."""
    if first == last:
        return short_day(first)
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else short_day(first)} to {short_day(last)}"


def range_words(first: date | str, last: date | str) -> str:
    """Write a range of days without saying anything twice."""
    first = date.fromisoformat(first) if isinstance(first, str) else first
    last = date.fromisoformat(last) if isinstance(last, str) else last
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} to {day_words(last)}"
    return f"{day_words(first)} to {day_words(last)}"


def listed(items: list[str], most: int = 5) -> str:
    """Join a few items, and count the rest."""
    if len(items) > most:
        return f"{', '.join(items[:most])} and {count(len(items) - most)} more"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def shown(value: object, most: int = 160) -> str:
    """Write a value that came from outside: bounded, and with control and direction characters made visible."""
    text = "null" if value is None else str(value)
    text = text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text
    )
