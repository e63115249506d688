"""Rule on quarantined rows and make their partition again, as a run that Dagster shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from agentic_assets.errors import LakeBroken, PublishConflict, RulingRefused
from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.quarantine import node_of, require_partition
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import Loaded, run_load
from agentic_assets.orchestration.resources import Observer
from agentic_assets.pipeline import Choice, Engine, Entry, Node, Said, State, Verdict
from agentic_assets.pipeline.reach import resting_on
from agentic_assets.pipeline.rulings import in_force, pins_of
from agentic_assets.pipeline.triage import choose, rule_on

__all__ = ["Done", "chosen_rows", "rule_and_run"]

_ATTEMPTS = 5


@dataclass(frozen=True)
class Done:
    """A ruling and what came of it: the numbers of its rulings, the run, the partition now, and what rests on it.

    `remade` names what was made again downstream, `stale` what is now out of date and was left alone.
    """

    asset: str
    partition: str
    verdict: str
    by: str
    reason: str
    numbers: tuple[int, ...]
    rows: tuple[int, ...]
    run_id: str
    state: str
    message: str
    published: int
    waiting: int
    dropped: int
    remade: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stale: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def rule_and_run(
    domain: Domain,
    home: Home,
    asset: str,
    partition: str,
    choice: Choice,
    said: Said,
    *,
    downstream: bool = False,
    observer: Observer | None = None,
) -> Done:
    """Record a ruling if it does what it says, then make the partition again, and on request what rests on it.

    A crash in between loses nothing: the ruling makes the partition stale, and the next run over it applies it.
    """
    engine = Engine(domain.graph, home)
    try:
        node = _ruled_node(domain, engine, home, asset, partition)
        before = engine.manifest.current(asset).get(partition)
        recorded = rule_on(engine, node, partition, choice, said)
        loaded = _settled(domain, home, engine, node, partition, said, observer)
        [result] = loaded.outcome.results[asset]
        entry = result.entry if result.stands else None
        touched = _touched(engine, asset, partition, before, entry)
        remade: dict[str, tuple[str, ...]] = {}
        if downstream and touched:
            further = _run(domain, home, touched, said, asset, partition, observer)
            remade = {
                name: parts
                for name, results in further.outcome.results.items()
                if (parts := tuple(one.partition for one in results if one.state is State.PUBLISHED))
            }
        return Done(
            asset=asset,
            partition=partition,
            verdict=said.verdict.value,
            by=said.identity,
            reason=said.reason,
            numbers=tuple(ruling.number for ruling in recorded.rulings),
            rows=tuple(ruling.source_row for ruling in recorded.rulings),
            run_id=loaded.run_id,
            state=str(result.state),
            message=result.message,
            published=entry.rows if entry else 0,
            waiting=(entry.quarantined if entry else recorded.ruled.quarantine.height) - _dropped(entry),
            dropped=_dropped(entry),
            remade=remade,
            stale={} if downstream else touched,
        )
    finally:
        engine.store.close()


def chosen_rows(domain: Domain, home: Home, asset: str, partition: str, choice: Choice, verdict: Verdict) -> int:
    """Count the rows that a choice means."""
    engine = Engine(domain.graph, home)
    try:
        node = _ruled_node(domain, engine, home, asset, partition)
        standing = in_force(engine.rulings.of(asset).get(partition, ()))
        where = f"{asset} {partition}".strip()
        return len(choose(engine.examine(node, partition), standing, choice, verdict, where))
    finally:
        engine.store.close()


def _ruled_node(domain: Domain, engine: Engine, home: Home, asset: str, partition: str) -> Node:
    reading = Reading(domain, home)
    try:
        node = node_of(reading, asset)
        require_partition(reading, node, partition)
    finally:
        reading.close()
    if asset in {subject.decisions for subject in domain.subjects}:
        raise RulingRefused(
            f"{asset} holds sealed decisions: nobody corrects them by hand; nothing was recorded",
            hint="rule on the sources that they were made from",
        )
    return node


def _settled(
    domain: Domain, home: Home, engine: Engine, node: Node, partition: str, said: Said, observer: Observer | None
) -> Loaded:
    """Make the partition again until what is published is under the rulings that are in force."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            loaded = _run(domain, home, {node.asset: (partition,)}, said, node.asset, partition, observer)
        except RuntimeError as error:
            # Another process published the same partition between our reading and our writing; nothing was written.
            if PublishConflict.__name__ not in str(error) or attempt == _ATTEMPTS:
                raise
            continue
        [result] = loaded.outcome.results[node.asset]
        wanted = pins_of(node.asset, partition, in_force(engine.rulings.of(node.asset).get(partition, ())))
        current = engine.manifest.current(node.asset).get(partition)
        if not result.stands or current is None:
            return loaded
        applied = engine.manifest.pins_of(current.pins).named("rulings")
        if (applied.digest if applied else "") == (wanted[0].digest if wanted else ""):
            return loaded
    raise LakeBroken(
        f"{node.asset} {partition}: others kept publishing the same partition", hint="run `agentic run` to settle it"
    )


def _run(
    domain: Domain,
    home: Home,
    only: Mapping[str, tuple[str, ...]],
    said: Said,
    asset: str,
    partition: str,
    observer: Observer | None,
) -> Loaded:
    tags = {
        "agentic/ruling": said.verdict.value,
        "agentic/asset": asset,
        "agentic/partition": partition,
        "agentic/by": said.identity,
        "agentic/reason": said.reason[:200],
    }
    return run_load(domain, home, only=only, tags=tags, observer=observer)


def _touched(
    engine: Engine, asset: str, partition: str, before: Entry | None, after: Entry | None
) -> dict[str, tuple[str, ...]]:
    """Name what rests on the partition and was made, or waited for it, if its rows are others than before."""
    if after is None or (before is not None and before.data_version == after.data_version):
        return {}

    def known(name: str) -> set[str]:
        return {*engine.manifest.current(name), *engine.refusals.standing(name)}

    return resting_on(engine.graph, asset, [partition], known)


def _dropped(entry: Entry | None) -> int:
    return int(entry.details.get("rulings_counted", {}).get("dropped", 0)) if entry else 0
