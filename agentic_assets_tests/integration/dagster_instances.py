"""Open Dagster instances on a storage of choice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from agentic_assets.store.database import with_driver

__all__ = ["open_on", "stock", "tuned"]


@contextmanager
def open_on(folder: Path, storage: Mapping[str, Any]) -> Iterator[dg.DagsterInstance]:
    """Open an instance whose `dagster.yaml` has the storage given."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"storage": dict(storage), "telemetry": {"enabled": False}}
    (folder / "dagster.yaml").write_text(yaml.safe_dump(settings))
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def stock(place: Path | str) -> Mapping[str, Any]:
    """Settings of Dagster's own storage: in a folder, or at a URL of PostgreSQL."""
    if isinstance(place, Path):
        return {"sqlite": {"base_dir": str(place)}}
    return {"postgres": {"postgres_url": with_driver(place)}}


def tuned(place: Path | str) -> Mapping[str, Any]:
    """Settings of this package's storage: in a folder, or at a URL of PostgreSQL."""
    config = {"base_dir": str(place)} if isinstance(place, Path) else {"postgres_url": place}
    return {"custom": {"module": "agentic_assets.orchestration.instance", "class": "InstanceStorage", "config": config}}
