"""Choose the storage of the Dagster instance: PostgreSQL when the environment names it, else SQLite."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster
from dagster import Field, StringSource
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData

from agentic_assets.home import Home
from agentic_assets.orchestration.instance.private_api import differences

__all__ = ["InstanceStorage"]

_log = logging.getLogger("agentic_assets")


class InstanceStorage(DagsterStorage, ConfigurableClass):
    """Stand in `dagster.yaml` for whichever storage this deployment has.

    Settings: `base_dir`, the folder of the SQLite files (default: `DAGSTER_HOME`, else `AGENTIC_HOME`/dagster); and
    `postgres_url`, which goes before the environment's `AGENTIC_PG_URL`.
    """

    @classmethod
    def config_type(cls) -> Any:
        """Describe the two settings."""
        return {
            "base_dir": Field(StringSource, is_required=False),
            "postgres_url": Field(StringSource, is_required=False),
        }

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> DagsterStorage:
        """Open the storage that the settings and the environment name."""
        url = config_value.get("postgres_url") or os.environ.get("AGENTIC_PG_URL")
        if url:
            return _postgres(url, inst_data)
        return _sqlite(config_value.get("base_dir") or _default_folder(), inst_data)


def _default_folder() -> str:
    named = os.environ.get("DAGSTER_HOME")
    return str(Path(named).expanduser().resolve() if named else Home.from_environment().dagster)


def _sqlite(base_dir: str, inst_data: ConfigurableClassData | None) -> DagsterStorage:
    changed = differences("sqlite")
    if changed:
        _log_stock("SQLite", changed)
        return DagsterSqliteStorage.from_local(base_dir, inst_data)
    from agentic_assets.orchestration.instance.sqlite import TunedSqliteStorage

    return TunedSqliteStorage.from_local(base_dir, inst_data)


def _postgres(url: str, inst_data: ConfigurableClassData | None) -> DagsterStorage:
    from dagster_postgres import DagsterPostgresStorage

    from agentic_assets.orchestration.instance.postgres import TunedPostgresStorage, reach
    from agentic_assets.store.database import with_driver

    url = with_driver(url)
    reach(url)
    changed = differences("postgres")
    if changed:
        _log_stock("PostgreSQL", changed)
        return DagsterPostgresStorage(url, inst_data=inst_data)
    return TunedPostgresStorage(url, inst_data)


def _log_stock(database: str, changed: Sequence[str]) -> None:
    _log.warning(
        "Dagster %s differs from the one that the tuned %s storage was written for in %d places, e.g. %s: "
        "its own storage is used, which is slower and writes the same tables",
        dagster.__version__,
        database,
        len(changed),
        changed[0],
    )
