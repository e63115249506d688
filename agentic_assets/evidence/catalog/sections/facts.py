"""What is known to be odd in the data."""

from __future__ import annotations

from typing import Any, Final

from agentic_assets.evidence.catalog.material import Listed
from agentic_assets.evidence.report.blocks import Section, Table, number, prose, text
from agentic_assets.evidence.report.wording import count, plural, shown

__all__ = ["facts"]

_DASH: Final = "\N{EN DASH}"


def facts(one: Listed) -> Section | None:
    """List what is known to be odd in the data; None where nothing is."""
    known = one.contract.declared.get("knownFacts")
    rows = [item for item in known if isinstance(item, dict)] if isinstance(known, list) else []
    if not rows:
        return None
    others = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in ("fact", "rows")]
    table = Table(
        "Known facts of the data",
        ("Fact", "Rows", *(shown(name, 40) for name in others)),
        tuple(
            (
                prose(shown(row.get("fact", ""), 400)),
                number(_figure(row.get("rows"))),
                *(text(shown(row.get(name, _DASH), 100)) for name in others),
            )
            for row in rows
        ),
    )
    lead = f"{plural(len(rows), 'thing')} to know of these data: each is ruled out by a rule, or to be lived with."
    return Section("facts", "Known facts", "Known facts", lead, (table,))


def _figure(value: Any) -> str:
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else _DASH
