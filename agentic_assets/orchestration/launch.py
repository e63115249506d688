"""Run the historical load from a program: the same job that the UI's launchpad runs, in this process."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.load import LoadResult, load_job
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.pipeline import PartitionResult

__all__ = ["Loaded", "run_load"]


@dataclass(frozen=True)
class Loaded:
    """A finished load: Dagster's run, what became of every partition, and how long it took in seconds."""

    run_id: str
    outcome: LoadResult
    seconds: float


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

    `only` names partitions by asset, to make these and nothing else; `tags` are put on the run.
    A refused or blocked partition is no exception here: it stands in the outcome.
    """
    watching = _Keeping(observer or Observer())
    days = domain.graph.calendar.days(since, until)
    start = time.perf_counter()
    with open_instance(home) as instance:
        result = load_job(domain).execute_in_process(
            instance=instance,
            run_config={
                "ops": {
                    f"{domain.name}_load": {
                        "config": {
                            "from_day": days[0],
                            "to_day": days[-1],
                            "refresh": refresh,
                            "only": {asset: list(names) for asset, names in (only or {}).items()},
                        },
                    }
                },
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
        unexpected = [
            event.step_failure_data.error
            for event in result.all_events
            if event.is_step_failure and event.step_failure_data.user_failure_data is None
        ]
    if unexpected and unexpected[0] is not None:
        raise RuntimeError(f"the load failed: {unexpected[0].to_string()}")
    return Loaded(result.run_id, watching.outcome, time.perf_counter() - start)
