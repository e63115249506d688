"""Name what a file demands and nothing here holds or shows: guidance for agents, when and how checks are to run.

All other keys are documentation: they are shown, and promise nothing that could be broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading

__all__ = ["name_the_rest"]


def name_the_rest(value: Mapping[str, Any], table: Mapping[str, Any], reading: Reading) -> None:
    """Note, for the file and one of its tables, the promises that are kept nowhere in this package."""
    for context, place, where in (
        (value.get("context"), (), "the file"),
        (table.get("context"), reading.at, "the table"),
    ):
        if context:
            reading.not_enforced(f"{where}: context (guidance for agents and tools)", (*place, "context"))
    for check, place, where in _checks(table, reading.at):
        timed = [key for key in ("scheduler", "schedule") if check.get(key)]
        if timed and check.get("type") != "text":
            when = str(check.get("schedule", ""))[:60]
            what = f"{where}: {' and '.join(timed)} {when} of a check (it runs on every partition)"
            reading.not_enforced(what, (*place, timed[-1]))
        if check.get("method") and check.get("type") != "text":
            reading.not_enforced(f"{where}: method {check['method']!s:.60} of a check", (*place, "method"))


def _checks(table: Mapping[str, Any], at: Place) -> Iterator[tuple[Mapping[str, Any], Place, str]]:
    for index, item in enumerate(table.get("properties") or ()):
        for number, check in enumerate(item.get("quality") or ()):
            yield check, (*at, "properties", index, "quality", number), f"`{item['name']!s:.80}`"
    for number, check in enumerate(table.get("quality") or ()):
        yield check, (*at, "quality", number), "the table"
