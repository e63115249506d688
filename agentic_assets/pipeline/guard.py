"""Guards: a published partition is read only once the node that judges it has done so and holds it back no longer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from agentic_assets.pipeline.acceptances import Acceptance, Acceptances
from agentic_assets.pipeline.batch import CheckResult
from agentic_assets.pipeline.manifest import Entry
from agentic_assets.pipeline.node import Graph, Node
from agentic_assets.pipeline.result import PartitionResult, recorded_checks
from agentic_assets.store import Store

__all__ = ["Guards", "Hold", "barred", "seen", "waited_for"]

Entries = Mapping[str, Entry]


@dataclass(frozen=True)
class Hold:
    """One published partition that may not be read: which version, who holds it, why; `judged` unless it waits."""

    asset: str
    partition: str
    data_version: str
    by: str
    why: str
    judged: bool

    def __str__(self) -> str:
        place = f"{self.asset} {self.partition}".strip()
        if not self.judged:
            return f"{place} is not judged yet: materialize {self.by} for it first"
        return (
            f"{place} is held by {self.by}: {self.why}\n"
            f"hint: deliver it again, or look at it with `agentic quality show {place}` and let it pass with "
            f"`agentic quality accept {place} --by YOU --reason WHY`"
        )


class Guards:
    """Know which nodes of a graph guard which assets, and what they hold back now.

    The verdict that counts is the guard's newest on the very version that is published. A held partition is out of
    sight: whoever requires it is blocked, and windows that merely reach over it are read without it. One that is not
    judged yet only blocks those who require it.
    """

    def __init__(self, graph: Graph, store: Store) -> None:
        self._guards = {node.guards: node for node in graph.nodes if node.guards is not None}
        self._acceptances = Acceptances(store)

    def of(self, asset: str) -> Node | None:
        """Give the node that guards an asset, if any."""
        return self._guards.get(asset)

    def holds(self, reader: Node, entries: Callable[[str], Entries]) -> dict[str, dict[str, Hold]]:
        """Give what a node may not read of its inputs, by asset and partition; `entries` gives those of an asset."""
        watched = [read.asset for read in reader.inputs if read.asset in self._guards and reader.guards != read.asset]
        return {asset: self.on(asset, entries) for asset in watched}

    def on(self, asset: str, entries: Callable[[str], Entries]) -> dict[str, Hold]:
        """Give the partitions of an asset that are held back or not judged yet."""
        guard = self._guards.get(asset)
        if guard is None:
            return {}
        verdicts, accepted, found = entries(guard.asset), self._acceptances.of(asset), dict[str, Hold]()
        for name, entry in entries(asset).items():
            why = _why(guard, verdicts.get(name), entry)
            if why != "" and (name, entry.data_version) not in accepted:
                found[name] = Hold(asset, name, entry.data_version, guard.asset, why or "", judged=why is not None)
        return found

    def told(self, node: Node, results: Sequence[PartitionResult]) -> list[PartitionResult]:
        """Say on a guard's results what people accepted of what it holds back: such a failed check only warns."""
        accepted = self._acceptances.of(node.guards) if node.guards is not None else {}
        return [_told(node, result, accepted) for result in results] if accepted else [*results]


def waited_for(graph: Graph, reader: Node) -> tuple[Node, ...]:
    """Give the guards whose verdict each partition of a node needs: those of the assets of which it requires one."""
    guards = {node.guards: node for node in graph.nodes if node.guards is not None and node.asset != reader.asset}
    return tuple(
        guards[read.asset]
        for read in reader.inputs
        if read.asset in guards and read.window.required("2000-01-01", reader.cut, graph[read.asset].cut)
    )


def seen(current: Mapping[str, Entries], holds: Mapping[str, Mapping[str, Hold]]) -> dict[str, Entries]:
    """Leave out of the entries of each asset the partitions that are held back; those not judged yet stay."""
    out = {asset: {name for name, one in held.items() if one.judged} for asset, held in holds.items()}
    return {
        asset: {name: entry for name, entry in entries.items() if name not in out[asset]} if out.get(asset) else entries
        for asset, entries in current.items()
    }


def barred(fallen: Mapping[str, Collection[str]], holds: Mapping[str, Mapping[str, Hold]]) -> dict[str, dict[str, str]]:
    """Say of each partition that may not be required why: it fell earlier in the run, is held back, or not judged."""
    found = {
        asset: {name: f"{asset} {name}".strip() + " not published" for name in names}
        for asset, names in fallen.items()
        if names
    }
    for asset, held in holds.items():
        found[asset] = {name: str(one) for name, one in held.items()} | found.get(asset, {})
    return found


def _told(guard: Node, result: PartitionResult, accepted: Mapping[tuple[str, str], Acceptance]) -> PartitionResult:
    word = accepted.get((result.partition, _judged(guard, result.entry))) if result.entry else None
    if word is None:
        return result
    return replace(result, checks=tuple(_mild(guard, check, word) for check in result.checks))


def _why(guard: Node, verdict: Entry | None, entry: Entry) -> str | None:
    """Say why a guard holds a version back; '' when it does not, None when it has not judged it."""
    if verdict is None or _judged(guard, verdict) != entry.data_version:
        return None
    return "\n".join(check.description for check in recorded_checks(verdict) if _holds(guard, check) and not check.mild)


def _judged(guard: Node, verdict: Entry) -> str:
    return verdict.inputs.get(str(guard.guards), {}).get(verdict.partition, "")


def _holds(guard: Node, check: CheckResult) -> bool:
    return not check.passed and any(spec.holds for spec in guard.checks if spec.name == check.name)


def _mild(guard: Node, check: CheckResult, accepted: Acceptance) -> CheckResult:
    if not _holds(guard, check):
        return check
    said = f"accepted by {accepted.identity}, {accepted.recorded_at[:16]}: {accepted.reason}"
    told = {**check.metadata, "accepted": said}
    return replace(check, mild=True, description=f"{said}\n{check.description}", metadata=told)
