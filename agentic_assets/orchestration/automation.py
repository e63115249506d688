"""What runs by itself once somebody switches it on: what became stale is made again, new deliveries are seen.

Dagster's conditions follow changes of data and of what is in force. They lose what happens between a request and the
next tick, and know neither rulings nor orders for a day: the sweep asks the manifest, and finds what they missed.
"""

from typing import Any

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.orchestration.releasing import release_key
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.pipeline import Cut, Node, Residency

__all__ = ["automation_sensor", "condition", "observing_sensor"]

_TICK, _OBSERVED = 30, 300
_DATA_VERSION, _PROVIDED = "dagster/data_version", "dagster/data_version_is_user_provided"


def condition(node: Node, domain: Domain) -> dg.AutomationCondition[Any]:
    """Say when an asset is made by itself: when something that it reads, or what shapes it, has another version.

    New data make a partition that stands, and the newest one; another release those that stand only. Days that nobody
    ever made are left to the load of history.
    An input that was made again with the same data version, or refused, changes nothing.
    """
    a: Any = dg.AutomationCondition
    changed = a.any_deps_match(a.data_version_changed())
    release = dg.AssetSelection.assets(release_key(domain.name))
    data = changed.ignore(release) | a.missing().newly_true()
    if node.cut is Cut.STATIC:
        # Dagster hands whatever changed of a release to an asset without partitions: its own code is told apart.
        due = data | a.code_version_changed()
    else:
        stands = ~a.missing()
        due = data & (stands | a.in_latest_time_window()) | changed.allow(release) & stands
    wanted: dg.AutomationCondition[Any] = due.since_last_handled() & ~a.any_deps_in_progress() & ~a.in_progress()
    return wanted


def automation_sensor(domain: Domain) -> dg.AutomationConditionSensorDefinition:
    """Give the switch of all conditions of a domain; off until somebody turns it on."""
    return dg.AutomationConditionSensorDefinition(
        name=f"{domain.name}_automation",
        target=dg.AssetSelection.assets(*(asset_key(node.asset) for node in domain.graph.nodes)),
        default_status=dg.DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=_TICK,
        run_tags={"domain": domain.name, "agentic/by": "automation"},
        description="Makes again what became stale: what reads data of another version, or is shaped by another "
        "release. Turn it on together with the sensors of systems of record and of the sweep.",
    )


def observing_sensor(domain: Domain) -> dg.SensorDefinition:
    """Give the sensor that reads the versions of the systems of record, and tells of those that changed."""
    landed = {source.asset: (source, node) for node in domain.graph.nodes for source in node.externals}

    @dg.sensor(
        name=f"{domain.name}_systems_of_record",
        minimum_interval_seconds=_OBSERVED,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Sees new deliveries: reads the version of each system of record, and observes those that changed.",
    )
    def _observe(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SensorResult:
        residency = Residency(domain.graph, home.open().region)
        changed: list[dg.AssetObservation] = []
        for asset, (source, node) in landed.items():
            residency.require_node(node)
            version = source.version()
            if _seen(context.instance, asset_key(asset)) != version:
                tags = {_DATA_VERSION: version, _PROVIDED: "true"}
                changed.append(dg.AssetObservation(asset_key(asset), tags=tags))
        said = f"{len(changed)} of {len(landed)} systems of record have another version"
        return dg.SensorResult(asset_events=changed, skip_reason=said)

    return _observe


def _seen(instance: dg.DagsterInstance, key: dg.AssetKey) -> str | None:
    for record in instance.fetch_observations(key, limit=1).records:
        observed = record.asset_observation
        return observed.tags.get(_DATA_VERSION) if observed and observed.tags else None
    return None
