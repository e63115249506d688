"""The Dagster instance: where its state lies, and how much of it is written at once."""

from agentic_assets.orchestration.instance.place import open_instance, prepare_dagster_home
from agentic_assets.orchestration.instance.recording import Checked, Materialized, record
from agentic_assets.orchestration.instance.storage import InstanceStorage

__all__ = ["Checked", "InstanceStorage", "Materialized", "open_instance", "prepare_dagster_home", "record"]
