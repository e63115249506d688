"""Look at verdicts as a person does: what is unusual, what is held back; and let a held partition pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from agentic_assets.errors import NotFound, RulingRefused
from agentic_assets.pipeline import Acceptance, Acceptances, Engine, Graph, Node
from agentic_assets.pipeline.result import recorded_checks

__all__ = ["Judged", "Opinion", "accept", "judged", "judges", "opinions"]


@dataclass(frozen=True)
class Opinion:
    """What a judge found unusual in one published partition: `state` is warned, held or accepted.

    `broken` names what is farthest from what was expected; its columns are those of the judge.
    """

    asset: str
    partition: str
    data_version: str
    judge: str
    state: str
    said: str
    broken: tuple[Mapping[str, Any], ...]
    acceptance: Acceptance | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {**asdict(self), "broken": [dict(row) for row in self.broken]}


@dataclass(frozen=True)
class Judged:
    """What one judge made of one partition: all its rows, and its opinion where something is unusual."""

    judge: str
    rows: pl.DataFrame
    opinion: Opinion | None


def judges(graph: Graph) -> dict[str, tuple[Node, ...]]:
    """Give the nodes that judge each judged asset, in the order of the data path."""
    found: dict[str, tuple[Node, ...]] = {}
    for node in graph.nodes:
        if node.judges is not None:
            found[node.judges] = (*found.get(node.judges, ()), node)
    return found


def opinions(engine: Engine) -> list[Opinion]:
    """Give everything that is unusual in what is published now, in the order of the data path and the calendar."""
    return [
        one
        for asset, nodes in judges(engine.graph).items()
        for judge in nodes
        for one in _opinions(engine, asset, judge)
    ]


def judged(engine: Engine, asset: str, partition: str) -> tuple[Judged, ...]:
    """Read what each judge made of one partition; NotFound when nobody judges the asset, or the partition was not."""
    found = []
    for judge in _judges_of(engine, asset, partition):
        entry = engine.entries(judge.asset)[partition]
        rows = engine.lake.open(judge.asset).scan_files([entry.file]).collect()
        opinion = next((one for one in _opinions(engine, asset, judge) if one.partition == partition), None)
        found.append(Judged(judge.asset, rows, opinion))
    return tuple(found)


def accept(engine: Engine, asset: str, partition: str, *, identity: str, reason: str, host: str = "") -> Acceptance:
    """Let a held partition pass as it is published now; a new delivery of it is judged anew.

    Raises:
        NotFound: nobody judges the asset, or the partition was not judged.
        RulingRefused: the partition is not held, so there is nothing to accept.
    """
    nodes = _judges_of(engine, asset, partition)
    hold = engine.guards.on(asset, engine.entries).get(partition)
    place = f"{asset} {partition}".strip()
    if hold is None:
        named = " and ".join(node.asset for node in nodes)
        raise RulingRefused(
            f"{place} is not held back: {named} let{'s' if len(nodes) == 1 else ''} it pass",
            hint=f"`agentic quality show {place}` says what was found",
        )
    if not hold.judged:
        raise RulingRefused(
            f"{place} was published anew and {hold.by} has not judged this version",
            hint=f"materialize {hold.by} for it first; nobody can accept what nobody looked at",
        )
    accepted = Acceptance(asset, partition, hold.data_version, reason, identity, verdict=hold.why, host=host)
    Acceptances(engine.store).record(accepted)
    return accepted


def _opinions(engine: Engine, asset: str, judge: Node) -> Iterator[Opinion]:
    entries, accepted = engine.entries(asset), Acceptances(engine.store).of(asset)
    held = engine.guards.on(asset, engine.entries) if judge.guards is not None else {}
    own = {check.name for check in judge.checks}
    for name, verdict in engine.entries(judge.asset).items():
        version = verdict.inputs.get(asset, {}).get(name, "")
        failed = [check for check in recorded_checks(verdict) if check.name in own and not check.passed]
        if not failed or name not in entries or entries[name].data_version != version:
            continue
        word = accepted.get((name, version)) if not all(check.mild for check in failed) else None
        state = "accepted" if word else "held" if name in held else "warned"
        broken = tuple(row for check in failed for row in check.metadata.get("broken", ()))
        said = "\n".join(check.description for check in failed)
        yield Opinion(asset, name, version, judge.asset, state, said, broken, word)


def _judges_of(engine: Engine, asset: str, partition: str) -> Sequence[Node]:
    every = judges(engine.graph)
    if asset not in every:
        raise NotFound(f"nobody judges {asset}", hint=f"judged are: {', '.join(every) or 'none'}")
    found = [judge for judge in every[asset] if partition in engine.entries(judge.asset)]
    if not found:
        named = ", ".join(judge.asset for judge in every[asset])
        raise NotFound(
            f"{asset} {partition}".strip() + f" is not judged yet by {named}",
            hint="run `agentic run` for that day first, or name a partition such as 2013-02-08",
        )
    return found
