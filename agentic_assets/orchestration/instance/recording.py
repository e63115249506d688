"""Record what a job produced, in bulk and tied to its run: materializations and evaluated checks by partition."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckSeverity,
    AssetKey,
    AssetMaterialization,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    EventLogEntry,
)
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as _Target,
)
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    DEFAULT_DATA_VERSION,
    NULL_EVENT_POINTER,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)
from dagster._core.events import AssetMaterializationPlannedData, StepMaterializationData
from dagster._time import get_current_timestamp

from agentic_assets.orchestration.instance.batch import BatchWriting

__all__ = ["UNOBSERVED", "Checked", "Materialized", "record"]

UNOBSERVED = DEFAULT_DATA_VERSION.value
"""The data version that Dagster gives to an external asset of which it never heard."""

_CHUNK = 1_000
"""Events stored together: enough that a transaction costs little, few enough that other writers wait briefly."""


@dataclass(frozen=True)
class Materialized:
    """State that a partition was published, from which inputs and by which code.

    `inputs` names every asset that is upstream in Dagster's graph, each with the data version that was read: a digest
    of several when several partitions were, `UNOBSERVED` for an external one. An upstream asset that is not named
    makes the partition stale. `tags` may not start with `dagster/`.
    """

    asset_key: AssetKey
    partition: str | None
    data_version: str
    code_version: str
    inputs: Mapping[AssetKey, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str | None = None


@dataclass(frozen=True)
class Checked:
    """State the result of one check on one partition."""

    asset_key: AssetKey
    name: str
    partition: str | None
    passed: bool
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR
    blocking: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None


@dataclass(frozen=True)
class _Refused:
    """A partition that the run meant to materialize, and did not."""

    asset_key: AssetKey
    partition: str | None


_Item = Materialized | Checked | _Refused
_Data = StepMaterializationData | AssetMaterializationPlannedData | AssetCheckEvaluation


def record(
    instance: DagsterInstance,
    *,
    run_id: str,
    job_name: str,
    step_key: str,
    materializations: Sequence[Materialized],
    checks: Sequence[Checked] = (),
) -> None:
    """Store materializations in the order given, each followed by the checks of its partition, then the other checks.

    Give them in causal order, inputs first: an input's event pointer is its last event so far. A check whose partition
    is not materialized here gets no target, so that what was published before stays as it was judged; when it blocks,
    the partition counts as attempted: Dagster shows it as failed once the run has failed.
    On a storage other than the tuned ones the same events are stored one by one, which takes much longer.
    """
    items = list(_in_order(materializations, checks))
    run = _Run(instance, run_id, job_name, step_key)
    run.look_up({upstream for item in materializations for upstream in item.inputs})
    storage = instance.event_log_storage
    if isinstance(storage, BatchWriting):
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            storage.write_batch(len(chunk), partial(run.entries, chunk))
    else:
        for item in items:
            entry = run.entry(item)
            instance.handle_new_event(entry)
            if isinstance(item, Materialized):
                run.look_up({item.asset_key})
                run.stored(item, entry, run.latest[item.asset_key])


def _in_order(materializations: Sequence[Materialized], checks: Sequence[Checked]) -> Iterator[_Item]:
    waiting: dict[tuple[AssetKey, str | None], list[Checked]] = {}
    for check in checks:
        waiting.setdefault((check.asset_key, check.partition), []).append(check)
    for materialized in materializations:
        yield materialized
        yield from waiting.pop((materialized.asset_key, materialized.partition), ())
    for (asset_key, partition), judged in waiting.items():
        if any(map(_blocks, judged)):
            yield _Refused(asset_key, partition)
        yield from judged


def _blocks(check: Checked) -> bool:
    return check.blocking and not check.passed and check.severity is AssetCheckSeverity.ERROR


class _Run:
    """Turn items into log entries of one run, and remember the storage ids that later entries point to."""

    def __init__(self, instance: DagsterInstance, run_id: str, job_name: str, step_key: str) -> None:
        self._instance = instance
        self._run_id = run_id
        self._job_name = job_name
        self._step_key = step_key
        self.latest: dict[AssetKey, int] = {}
        self._targets: dict[tuple[AssetKey, str | None], _Target] = {}

    def look_up(self, keys: Set[AssetKey]) -> None:
        """Read the storage id of the last materialization of each asset that has one, else of its last observation."""
        for asset in self._instance.get_asset_records(sorted(keys)) if keys else ():
            last = asset.asset_entry.last_materialization_record
            if last is not None:
                self.latest[asset.asset_entry.asset_key] = last.storage_id
        for key in sorted(keys - self.latest.keys()):
            for record in self._instance.fetch_observations(key, limit=1).records:
                self.latest[key] = record.storage_id

    def entries(self, items: Sequence[_Item], ids: Sequence[int]) -> list[EventLogEntry]:
        """Turn items into entries that will be stored under the ids given."""
        made = []
        for item, storage_id in zip(items, ids, strict=True):
            made.append(self.entry(item))
            if isinstance(item, Materialized):
                self.stored(item, made[-1], storage_id)
        return made

    def entry(self, item: _Item) -> EventLogEntry:
        """Turn one item into an entry."""
        if isinstance(item, Materialized):
            data = self._materialization(item)
            return self._entry(DagsterEventType.ASSET_MATERIALIZATION, data, item.description or "Materialized value.")
        if isinstance(item, _Refused):
            plan = AssetMaterializationPlannedData(item.asset_key, partition=item.partition)
            said = f"{self._job_name} intends to materialize asset {item.asset_key.to_string()}"
            return self._entry(DagsterEventType.ASSET_MATERIALIZATION_PLANNED, plan, said)
        return self._entry(DagsterEventType.ASSET_CHECK_EVALUATION, self._evaluation(item), _verdict(item))

    def _entry(self, event_type: DagsterEventType, data: _Data, message: str) -> EventLogEntry:
        event = DagsterEvent(
            event_type_value=event_type.value,
            job_name=self._job_name,
            step_key=self._step_key,
            event_specific_data=data,
            message=message,
            pid=os.getpid(),
        )
        return EventLogEntry(  # type: ignore[no-untyped-call]
            error_info=None,
            level=logging.DEBUG,
            user_message=message,
            run_id=self._run_id,
            timestamp=get_current_timestamp(),
            step_key=self._step_key,
            job_name=self._job_name,
            dagster_event=event,
        )

    def stored(self, item: Materialized, entry: EventLogEntry, storage_id: int) -> None:
        """Remember under which id a materialization was stored."""
        self.latest[item.asset_key] = storage_id
        self._targets[item.asset_key, item.partition] = _Target(
            storage_id=storage_id, run_id=entry.run_id, timestamp=entry.timestamp
        )

    def _materialization(self, item: Materialized) -> StepMaterializationData:
        tags = {
            **item.tags,
            CODE_VERSION_TAG: item.code_version,
            DATA_VERSION_TAG: item.data_version,
            DATA_VERSION_IS_USER_PROVIDED_TAG: "true",
        }
        for upstream, version in item.inputs.items():
            pointer = self.latest.get(upstream)
            tags[get_input_data_version_tag(upstream)] = version
            tags[get_input_event_pointer_tag(upstream)] = NULL_EVENT_POINTER if pointer is None else str(pointer)
        return StepMaterializationData(
            AssetMaterialization(
                item.asset_key,
                description=item.description,
                metadata=item.metadata,
                partition=item.partition,
                tags=tags,
            )
        )

    def _evaluation(self, item: Checked) -> AssetCheckEvaluation:
        return AssetCheckEvaluation(
            asset_key=item.asset_key,
            check_name=item.name,
            passed=item.passed,
            metadata=item.metadata,
            target_materialization_data=self._targets.get((item.asset_key, item.partition)),
            severity=item.severity,
            description=item.description,
            blocking=item.blocking,
            partition=item.partition,
        )


def _verdict(item: Checked) -> str:
    verdict = "passed." if item.passed else "did not pass."
    reason = "" if item.description is None else f" Description: '{item.description}'"
    return f"Asset check '{item.name}' on '{item.asset_key.to_user_string()}' {verdict}{reason}"
