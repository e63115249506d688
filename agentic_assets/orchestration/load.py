"""The historical load: every asset over a range of days in one run, one bad day blocking only what rests on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import dagster as dg
from dagster._core.events import DagsterEventType

from agentic_assets.errors import ConfigInvalid
from agentic_assets.evidence import Domain
from agentic_assets.orchestration.alerting import watch_before
from agentic_assets.orchestration.announcements import Announcements
from agentic_assets.orchestration.assets import delivered, observations, severity
from agentic_assets.orchestration.delivery import has_delivery_check
from agentic_assets.orchestration.instance import UNOBSERVED, Checked, Materialized, record
from agentic_assets.orchestration.jobs import job_of
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.orchestration.metadata import check_description, check_metadata, materialization_metadata
from agentic_assets.orchestration.releasing import release_key, shaping, tell_release, under
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.orchestration.succession import succession
from agentic_assets.pipeline import STATIC, Cut, Engine, Node, PartitionResult, State, waited_for
from agentic_assets.releases import Makers
from agentic_assets.versions import Pins, of_json

__all__ = ["LOAD_JOB", "LoadConfig", "LoadResult", "load", "load_job"]

LOAD_JOB = "historical_load"

_DATA_VERSION = "dagster/data_version"


class LoadConfig(dg.Config):
    """Which days to load; an empty day stands for the first or the last of the data."""

    from_day: str = ""
    to_day: str = ""
    refresh: bool = False
    only: dict[str, list[str]] = {}  # noqa: RUF012  (a field of a Dagster config, copied for each run)
    """Asset -> the partitions to make, instead of all assets over the days; '' for an asset without partitions."""


@dataclass
class LoadResult:
    """What became of every partition, by asset in the order of the data path."""

    results: dict[str, list[PartitionResult]] = field(default_factory=dict)

    def of(self, *states: State) -> list[PartitionResult]:
        """Give the partitions that ended in one of the states."""
        return [result for results in self.results.values() for result in results if result.state in states]

    @property
    def complete(self) -> bool:
        """Whether every partition stands."""
        return not self.of(State.REFUSED, State.BLOCKED)


def load(
    makers: Makers,
    days: Sequence[str],
    *,
    run_id: str,
    emit: "Emit",
    observer: Observer,
    refresh: bool = False,
    only: Mapping[str, Sequence[str]] | None = None,
) -> LoadResult:
    """Make every asset of the domain over the days, or only the partitions named, in the order of the data path.

    Each partition is made under the release in force for it.
    """
    domain, outcome = makers.domain, LoadResult()
    fallen: dict[str, frozenset[str]] = {}
    nodes = [node for node in domain.graph.nodes if only is None or node.asset in only]
    for position, node in enumerate(nodes, start=1):
        partitions = domain.graph.calendar.partitions(node.cut, days) if only is None else only[node.asset]
        observer.started(node.asset, position, len(nodes), len(partitions))
        results = makers.run(node.asset, partitions, run_id=run_id, fallen=fallen, refresh=refresh)
        fallen[node.asset] = frozenset(result.partition for result in results if not result.stands)
        emit(node, results)
        outcome.results[node.asset] = results
        observer.settled(node.asset, results)
    return outcome


class Emit:
    """Tell Dagster what was published, per partition; what it already knows is not told twice.

    It hears first what is in force. A partition for which people ordered another release counts as made by what is in
    force in general, and is told anew when that changes: nothing makes it stale, as nothing would change it.
    """

    def __init__(self, context: dg.OpExecutionContext, makers: Makers, order: Mapping[str, str] | None = None) -> None:
        """Begin a run; `order` says why people wanted it, and stands on everything that it publishes."""
        self._context = context
        self._order = order or {}
        self._makers = makers
        self._engine: Engine = makers.engine
        self._announced = Announcements(makers.store)
        self._release, self._shaping = release_key(makers.domain.name), shaping(makers.domain)
        tell_release(context.instance, makers.in_force)
        self._read: dict[str, Pins] = {}

    def __call__(self, node: Node, results: Sequence[PartitionResult]) -> None:
        """Record materializations and check results of one node."""
        lake = self._engine.home.lake
        known, said = self._known(node), self._announced.of(node.asset)
        told = [
            result
            for result in results
            if result.entry is None
            or not result.stands
            or known.get(result.partition) != result.entry.data_version
            or said.get(result.partition) != self._told(node, result)
        ]
        key = asset_key(node.asset)
        timed = has_delivery_check(node, self._engine.graph.calendar)
        # Every upstream is named, also one of which nothing was there to read: else Dagster calls the partition stale.
        upstream = [read.asset for read in node.inputs] + [source.asset for source in node.externals]
        unread = {asset_key(asset): UNOBSERVED for asset in upstream}
        published = self._engine.manifest.publications(node.asset) if told else {}
        for observation in observations(node, told):
            self._context.log_event(observation)
        record(
            self._context.instance,
            run_id=self._context.run_id,
            job_name=self._context.job_name,
            step_key=self._context.op.name,
            materializations=[
                Materialized(
                    asset_key=key,
                    partition=result.partition or None,
                    data_version=result.entry.data_version,
                    code_version=node.code_version[:16],
                    inputs=unread
                    | {self._release: self._shaping[node.asset]}
                    | self._verdicts(node, result.partition)
                    | {
                        asset_key(asset): next(iter(parts.values())) if len(parts) == 1 else of_json(parts)
                        for asset, parts in result.entry.inputs.items()
                        if parts
                    },
                    metadata=materialization_metadata(
                        result,
                        node,
                        self._pins(result.entry.pins),
                        lake,
                        under(self._makers, node, result.partition)
                        | succession(
                            result.entry,
                            published.get(result.partition, ()),
                            self._order,
                        ),
                    ),
                )
                for result in told
                if result.stands and result.entry
            ],
            checks=[
                Checked(
                    asset_key=key,
                    name=check.name,
                    partition=result.partition or None,
                    passed=check.passed,
                    severity=severity(node, check.name, mild=check.mild),
                    blocking=severity(node, check.name) is dg.AssetCheckSeverity.ERROR,
                    description=check_description(check) or "",
                    metadata=check_metadata(check, node, lake),
                )
                for result in told
                for check in (*result.checks, *(delivered(self._engine, node, [result]) if timed else ()))
            ],
        )
        # Kept apart from Dagster, which can be asked for data versions only: a day that was refused and is whole again,
        # or was made anew by other code with the same rows, has to be told once more.
        self._announced.remember(
            node.asset,
            {result.partition: self._told(node, result) for result in told},
        )

    def _told(self, node: Node, result: PartitionResult) -> str:
        """Name what Dagster is told of a result: '' for none that stands, else all that it rests on."""
        if result.entry is None or not result.stands:
            return ""
        accepted = [check.metadata["accepted"] for check in result.checks if "accepted" in check.metadata]
        ordered = [self._shaping[node.asset]] if self._makers.ordered(node, result.partition) else []
        more = [*accepted, *ordered]
        return of_json([result.entry.fingerprint, *more]) if more else result.entry.fingerprint

    def _verdicts(self, node: Node, partition: str) -> dict[dg.AssetKey, str]:
        """Name the verdicts that a partition waited for: Dagster knows the judges as its upstream."""
        found = {guard.asset: self._engine.entries(guard.asset) for guard in waited_for(self._engine.graph, node)}
        return {
            asset_key(asset): made[name].data_version if name in made else UNOBSERVED
            for asset, made in found.items()
            for name in [partition if self._engine.graph[asset].cut is not Cut.STATIC else STATIC]
        }

    def _pins(self, digest: str) -> Pins:
        if digest not in self._read:
            self._read[digest] = self._engine.manifest.pins_of(digest)
        return self._read[digest]

    def _known(self, node: Node) -> Mapping[str, str]:
        """Give the data version of each partition's newest materialization in Dagster."""
        key = asset_key(node.asset)
        if node.cut is Cut.STATIC:
            event = self._context.instance.get_latest_materialization_event(key)
            made = event.asset_materialization if event else None
            return {STATIC: made.tags.get(_DATA_VERSION, "")} if made and made.tags else {}
        tags = self._context.instance.event_log_storage.get_latest_tags_by_partition(
            key, DagsterEventType.ASSET_MATERIALIZATION, tag_keys=[_DATA_VERSION]
        )
        return {partition: found.get(_DATA_VERSION, "") for partition, found in tags.items()}


def load_job(domain: Domain, name: str = LOAD_JOB) -> dg.JobDefinition:
    """Give the job that loads history; the command line and the UI's launchpad run the same."""

    @dg.op(
        name=f"{domain.name}_load",
        description="Make every asset of the domain over a range of days, in the order of the data path. "
        "A refused day blocks only what rests on it; running again resumes.",
    )
    def _load(
        context: dg.OpExecutionContext,
        config: LoadConfig,
        home: HomeResource,
        observer: dg.ResourceParam[Observer],
    ) -> None:
        place = home.open()
        for tripped in watch_before(domain, place):
            context.log.warning(f"the circuit breaker trips: {tripped}")
        makers = Makers(domain, place)
        try:
            days = makers.domain.graph.calendar.days(_day(config.from_day), _day(config.to_day))
            outcome = load(
                makers,
                days,
                run_id=context.run_id,
                emit=Emit(context, makers),
                observer=observer,
                refresh=config.refresh,
                only=config.only or None,
            )
        finally:
            makers.close()
        if not outcome.complete:
            raise dg.Failure(description=failure_text(outcome), allow_retries=False)

    return job_of(_load, name, domain)


def failure_text(outcome: LoadResult, *, most: int = 5) -> str:
    """Name what was refused and how much was blocked behind it."""
    refused, blocked = outcome.of(State.REFUSED), outcome.of(State.BLOCKED)
    lines = [f"{len(refused)} partitions were refused, {len(blocked)} blocked behind them; the rest is published"]
    # What keeps several partitions out for one reason is told once.
    said = Counter(result.message or f"{result.asset} {result.partition}: refused" for result in refused)
    lines += [*said][:most]
    if len(said) > most:
        lines.append(f"... and {sum([*said.values()][most:])} more")
    if not refused:
        lines += [f"{result.asset} {result.partition} {result.message}" for result in blocked[:most]]
    if any(result.findings for result in refused):
        lines.append("`agentic quarantine list` shows what was refused; `release` and `drop` there rule on it")
    return "\n".join(lines)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigInvalid(
            f"{text!r} is not a day", hint="write a day as YYYY-MM-DD, for example 2013-02-08"
        ) from error
