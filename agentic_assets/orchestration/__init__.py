"""The only floor that knows Dagster: it turns nodes into assets, checks and jobs."""

from agentic_assets.orchestration.build import definitions_of
from agentic_assets.orchestration.instance import open_instance, prepare_dagster_home
from agentic_assets.orchestration.launch import Loaded, run_load
from agentic_assets.orchestration.load import LoadResult, load
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.orchestration.restoring import Restored, lift_and_run, restore_and_run
from agentic_assets.orchestration.rulings import Done, chosen_rows, rule_and_run

__all__ = [
    "Done",
    "HomeResource",
    "LoadResult",
    "Loaded",
    "Observer",
    "Restored",
    "chosen_rows",
    "definitions_of",
    "lift_and_run",
    "load",
    "open_instance",
    "prepare_dagster_home",
    "restore_and_run",
    "rule_and_run",
    "run_load",
]
