"""Say which version a difference comes from."""

from __future__ import annotations

from agentic_assets.pipeline import Entry, Node
from agentic_assets.releases.library import Library
from agentic_assets.versions import Pin, Pins

__all__ = ["blame"]

_TOLD = 4


def blame(entry: Entry, node: Node, recorded: Pins, made: Pins, ran: Library | None, runs: Library) -> str:
    """Compare what shaped a recorded partition with what shaped the recomputed one, and name what differs.

    `ran` is the library that made the record, None where that was not recorded; `runs` is the one of this process.
    """
    changed = _changed(recorded, made)
    told = []
    if changed:
        told.append(f"other versions shaped it: {'; '.join(changed[:_TOLD])}")
    library = "" if ran is None or ran.digest == runs.digest else f"it was made with {ran}, and this is {runs}"
    if entry.code_version != node.code_version:
        if library:
            told.append(library)
        else:
            unknown = " (its sources were not recorded)" if ran is None else ""
            told.append(
                f"its code is another{unknown}: recorded {entry.code_version[:12]}, now {node.code_version[:12]}"
            )
    elif library and not changed:
        told.append(f"{library}; the code that this asset names as its own is the same")
    if not told:
        told.append(
            "inputs, versions and code are those that are recorded: the computation itself does not give the same "
            "twice, or a package that it uses is another"
        )
    return "; ".join(told)


def _changed(recorded: Pins, made: Pins) -> list[str]:
    before = {(pin.kind, pin.name): pin for pin in recorded}
    after = {(pin.kind, pin.name): pin for pin in made}
    names = sorted({*before, *after})
    return [_told(before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _told(before: Pin | None, after: Pin | None) -> str:
    if before is None:
        return f"recorded without {after}"
    return f"recorded {before}, recomputed without" if after is None else f"recorded {before}, recomputed {after}"
