"""Run the historical load from a program: the same job that the UI's launchpad runs, in this process."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from agentic_assets.errors import AgenticError
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.load import LoadResult, load_job
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.pipeline import PartitionResult

__all__ = ["Loaded", "launch", "run_load"]


@dataclass(frozen=True)
class Loaded:
    """A finished load: Dagster's run, what became of every partition, and how long it took in seconds."""

    run_id: str
    outcome: LoadResult
    seconds: float
    failure: str = ""


class _Keeping(Observer):
    def __init__(self, inner: Observer) -> None:
        self.inner = inner
        self.outcome = LoadResult()

    def started(self, asset: str, position: int, assets: int, partitions: int) -> None:
        self.inner.started(asset, position, assets, partitions)

    def settled(self, asset: str, results: list[PartitionResult]) -> None:
        self.outcome.results[asset] = results
        self.inner.settled(asset, results)


def run_load(
    domain: Domain,
    home: Home,
    *,
    since: date | None = None,
    until: date | None = None,
    refresh: bool = False,
    observer: Observer | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Loaded:
    """Load a range of days into a home, recorded as one run of its Dagster instance.

    `only` names partitions by asset, to make these and nothing else; `tags` are put on the run. A run from a program is
    always named after the job `historical_load`: its op, `DOMAIN_load`, says which domain it is of.
    A refused or blocked partition is no exception here: it stands in the outcome.
    """
    days = domain.graph.calendar.days(since, until)
    config = {
        "from_day": days[0],
        "to_day": days[-1],
        "refresh": refresh,
        "only": {asset: list(names) for asset, names in (only or {}).items()},
    }
    return launch(load_job(domain), f"{domain.name}_load", config, home, observer=observer, tags=tags)


def launch(
    job: dg.JobDefinition,
    op: str,
    config: Mapping[str, Any],
    home: Home,
    *,
    observer: Observer | None = None,
    tags: Mapping[str, str] | None = None,
) -> Loaded:
    """Run a job of one op in this process, recorded as a run of the home's Dagster instance.

    A `Failure` that the op raises is no exception here: `failure` of what is given says why. An expected error that it
    raises is raised here too.
    """
    watching = _Keeping(observer or Observer())
    raised: list[BaseException | None] = []

    @dg.failure_hook
    def note(context: dg.HookContext) -> None:
        raised.append(context.op_exception)

    start = time.perf_counter()
    with open_instance(home) as instance:
        result = job.with_hooks({note}).execute_in_process(
            instance=instance,
            run_config={
                "ops": {op: {"config": dict(config)}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            resources={
                "home": HomeResource(
                    root=str(home.root), lake=str(home.lake), store_url=home.store_url, region=home.region or ""
                ),
                "observer": watching,
            },
            raise_on_error=False,
            tags=dict(tags or {}),
        )
        failed = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    unexpected = [one.error for one in failed if one.user_failure_data is None]
    expected = next((error for error in raised if isinstance(error, AgenticError)), None)
    if expected is not None:
        raise expected
    if unexpected and unexpected[0] is not None:
        raise RuntimeError(f"the run failed: {unexpected[0].to_string()}")
    told = [one.user_failure_data.description or "" for one in failed if one.user_failure_data is not None]
    return Loaded(result.run_id, watching.outcome, time.perf_counter() - start, "\n".join(told))
