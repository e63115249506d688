"""Look at verdicts as a person does: what is unusual, what is held back; and let a held partition pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from agentic_assets.errors import NotFound, RulingRefused
from agentic_assets.pipeline import Acceptance, Acceptances, Engine, Entry, Graph, Node
from agentic_assets.pipeline.result import recorded_checks
from agentic_assets.quality.node import CHECK

__all__ = ["Opinion", "accept", "judges", "opinions", "verdict_rows"]


@dataclass(frozen=True)
class Opinion:
    """What a judge found unusual in one published partition: `state` is warned, held or accepted."""

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


def judges(graph: Graph) -> dict[str, Node]:
    """Give the judging node of each judged asset."""
    return {node.inputs[0].asset: node for node in graph.nodes if any(check.name == CHECK for check in node.checks)}


def opinions(engine: Engine) -> list[Opinion]:
    """Give everything that is unusual in what is published now, in the order of the data path and the calendar."""
    return [one for asset, judge in judges(engine.graph).items() for one in _opinions(engine, asset, judge)]


def verdict_rows(engine: Engine, asset: str, partition: str) -> pl.DataFrame:
    """Read the judged rows of one partition; NotFound when nobody judges the asset, or the partition was not yet."""
    judge, entry = _verdict(engine, asset, partition)
    return engine.lake.open(judge.asset).scan_files([entry.file]).collect()


def accept(engine: Engine, asset: str, partition: str, *, identity: str, reason: str, host: str = "") -> Acceptance:
    """Let a held partition pass as it is published now; a new delivery of it is judged anew.

    Raises:
        NotFound: nobody judges the asset, or the partition was not judged.
        RulingRefused: the partition is not held, so there is nothing to accept.
    """
    judge, _ = _verdict(engine, asset, partition, engine.guards.of(asset))
    hold = engine.guards.on(asset, engine.entries).get(partition)
    place = f"{asset} {partition}".strip()
    if hold is None:
        raise RulingRefused(
            f"{place} is not held back: {judge.asset} lets it pass",
            hint=f"`agentic quality show {place}` says what was found",
        )
    if not hold.judged:
        raise RulingRefused(
            f"{place} was published anew and {judge.asset} has not judged this version",
            hint=f"materialize {judge.asset} for it first; nobody can accept what nobody looked at",
        )
    accepted = Acceptance(asset, partition, hold.data_version, reason, identity, verdict=hold.why, host=host)
    Acceptances(engine.store).record(accepted)
    return accepted


def _opinions(engine: Engine, asset: str, judge: Node) -> Iterator[Opinion]:
    entries, accepted = engine.entries(asset), Acceptances(engine.store).of(asset)
    held = engine.guards.on(asset, engine.entries)
    for name, verdict in engine.entries(judge.asset).items():
        version = verdict.inputs.get(asset, {}).get(name, "")
        failed = [check for check in recorded_checks(verdict) if check.name == CHECK and not check.passed]
        if not failed or name not in entries or entries[name].data_version != version:
            continue
        word = accepted.get((name, version)) if not failed[0].mild else None
        state = "accepted" if word else "held" if name in held else "warned"
        broken = tuple(failed[0].metadata.get("broken", ()))
        yield Opinion(asset, name, version, judge.asset, state, failed[0].description, broken, word)


def _verdict(engine: Engine, asset: str, partition: str, judge: Node | None = None) -> tuple[Node, Entry]:
    judge = judge or judges(engine.graph).get(asset)
    if judge is None:
        judged = ", ".join(judges(engine.graph)) or "none"
        raise NotFound(f"nobody judges the statistics of {asset}", hint=f"judged are: {judged}")
    entry = engine.entries(judge.asset).get(partition)
    if entry is None:
        raise NotFound(
            f"{judge.asset} has not judged {asset} {partition}".rstrip(),
            hint="run `agentic run` for that day first, or name a partition such as 2013-02-08",
        )
    return judge, entry
