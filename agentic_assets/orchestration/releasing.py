"""The release in force, as Dagster sees it: an asset upstream of all others, with a partition for each of them.

Its partition `decisions/delay_risk` has as data version a digest of the code and the pins that make that asset now. An
asset depends on its own partition only, so that activating a release makes exactly the assets stale that it changes,
and going back before anything was made makes them fresh again.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import get_input_data_version_tag, get_input_event_pointer_tag
from dagster._core.events import DagsterEventType

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.orchestration.tables import table
from agentic_assets.pipeline import Node
from agentic_assets.releases import InForce, Makers, Release
from agentic_assets.store import Store
from agentic_assets.versions import of_json

__all__ = [
    "GROUP",
    "release_asset",
    "release_dep",
    "release_key",
    "release_sensor",
    "release_tags",
    "shaping",
    "tell_release",
    "under",
]

GROUP = "releases"

_DATA_VERSION = "dagster/data_version"
_PROVIDED = "dagster/data_version_is_user_provided"
_SECONDS = 30


def release_key(domain: str) -> dg.AssetKey:
    """Name the asset that stands for what is in force in a domain."""
    return dg.AssetKey([GROUP, domain])


def release_dep(node: Node, domain: Domain) -> dg.AssetDep:
    """Have an asset depend on what shapes it, and on nothing else that is in force."""
    return dg.AssetDep(release_key(domain.name), partition_mapping=dg.SpecificPartitionsPartitionMapping([node.asset]))


def shaping(domain: Domain) -> dict[str, str]:
    """Digest, for each asset of a version of a domain, the code and the pins that make it."""
    return {node.asset: of_json([node.code_version, node.all_pins.digest]) for node in domain.graph.nodes}


def release_asset(domain: Domain) -> dg.SourceAsset:
    """Give the asset; observing it in the UI reads what is in force now."""

    @dg.observable_source_asset(
        key=release_key(domain.name),
        group_name=GROUP,
        description=f"What is in force in `{domain.name}`: the active release, or the code as it lies in its folder "
        "while none was activated. A partition for each asset, whose version digests the code and the pins that make "
        "it: activating a release makes exactly those assets stale that it changes.",
        partitions_def=dg.StaticPartitionsDefinition([node.asset for node in domain.graph.nodes]),
        tags={"domain": domain.name, "dagster/kind/release": ""},
    )
    def observe(home: HomeResource) -> dg.DataVersionsByPartition:
        place = home.open()
        store = Store(place.store_url)
        try:
            found = shaping(InForce(domain, place, store).general)
        finally:
            store.close()
        known = {node.asset for node in domain.graph.nodes}  # others show once the code is loaded anew
        return dg.DataVersionsByPartition({name: version for name, version in found.items() if name in known})

    return observe


def tell_release(instance: dg.DagsterInstance, in_force: InForce) -> tuple[str, ...]:
    """Tell Dagster what is in force, where it heard otherwise; give the assets that are shaped by something else now.

    Told before anything is made, so that what is made next is known to rest on it. Costs one query when nothing
    changed.
    """
    domain, release = in_force.general, in_force.release
    key, wanted = release_key(domain.name), shaping(domain)
    heard = _heard(instance, key)
    changed = tuple(asset for asset, version in wanted.items() if heard.get(asset) != version)
    for asset in changed:
        instance.report_runless_asset_event(
            dg.AssetObservation(
                key,
                partition=asset,
                tags={_DATA_VERSION: wanted[asset], _PROVIDED: "true"},
                metadata=_metadata(domain.graph[asset], release),
            )
        )
    return changed


def release_tags(instance: dg.DagsterInstance, makers: Makers, asset: str) -> dict[str, str]:
    """Give the tags with which a step says that it made an asset by what is in force, whatever code it was loaded with.

    Dagster itself would name the code that was in force when it loaded the location, and what it had heard of releases
    before the step began.
    """
    key = release_key(makers.domain.name)
    tags = {"dagster/code_version": makers.domain.graph[asset].code_version[:16]}
    tags[get_input_data_version_tag(key)] = shaping(makers.domain)[asset]
    for record in instance.fetch_observations(key, limit=1).records:
        tags[get_input_event_pointer_tag(key)] = str(record.storage_id)
    return tags


def under(makers: Makers, node: Node, partition: str) -> dict[str, str]:
    """Say which release is in force for a partition, and whether it is so for this day only."""
    release = makers.in_force.release_of(node, partition)
    name = "working tree" if release is None else release.name
    return {"release": f"{name}, ordered for this day" if makers.ordered(node, partition) else name}


def _heard(instance: dg.DagsterInstance, key: dg.AssetKey) -> Mapping[str, str]:
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        key, DagsterEventType.ASSET_OBSERVATION, tag_keys=[_DATA_VERSION]
    )
    return {partition: found.get(_DATA_VERSION, "") for partition, found in tags.items()}


def _metadata(node: Node, release: Release | None) -> dict[str, Any]:
    pins = [
        {"kind": pin.kind, "name": pin.name, "version": pin.version, "digest": pin.digest[:16]} for pin in node.all_pins
    ]
    said: dict[str, Any] = {"release": "working tree" if release is None else release.name}
    if release is not None:
        said |= {"author": release.author, "reason": release.reason, "made_at": release.created_at}
    return said | {"code_version": node.code_version[:16], "pins": table(pins)}


def release_sensor(domain: Domain) -> dg.SensorDefinition:
    """Give the sensor that tells Dagster of activations which were made elsewhere, such as on a machine without it."""

    @dg.sensor(
        name=f"{domain.name}_releases",
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells Dagster which release is in force, so that exactly the assets that another one shapes are "
        "stale.",
    )
    def _releases(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SkipReason:
        place = home.open()
        store = Store(place.store_url)
        try:
            in_force = InForce(domain, place, store)
            changed = tell_release(context.instance, in_force)
        finally:
            store.close()
        name = in_force.release.name if in_force.release else "the working tree"
        return dg.SkipReason(f"{name} is in force; {len(changed)} assets are shaped by something else than before")

    return _releases
