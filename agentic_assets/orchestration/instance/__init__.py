"""The Dagster instance: where its state lies, and how much of it is written at once."""

from agentic_assets.orchestration.instance.place import open_instance, prepare_dagster_home
from agentic_assets.orchestration.instance.recording import UNOBSERVED, Checked, Materialized, record
from agentic_assets.orchestration.instance.storage import InstanceStorage

__all__ = [
    "UNOBSERVED",
    "Checked",
    "InstanceStorage",
    "Materialized",
    "open_instance",
    "prepare_dagster_home",
    "record",
]
