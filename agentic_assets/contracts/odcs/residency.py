"""Read where a table may be held and read: the custom property `residency` of the file or of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading

__all__ = ["residency"]

_REGION: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def residency(
    declared: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]], reading: Reading
) -> tuple[str, ...]:
    """Give the regions in lower case, in their order; none means that the table may be anywhere.

    `columns` holds the custom properties of each column. A limit that cannot be read is a problem, never no limit.
    """
    place: Place = ("customProperties",)
    for name, own in columns.items():
        if "residency" in own:
            reading.problem(
                place, f"`{name}` has a residency of its own", "a table is held as a whole: limit the table"
            )
    if "residency" not in declared:
        return ()
    value = declared["residency"]
    items = value if isinstance(value, list) else [value]
    regions = tuple(dict.fromkeys(item.strip().lower() if isinstance(item, str) else repr(item) for item in items))
    if not regions or not all(_REGION.fullmatch(region) for region in regions):
        reading.problem(
            place,
            f"residency is {value!r:.80}",
            "name one region or a list of them, e.g. eu or [eu-central-1, eu-west-1]",
        )
    return regions
