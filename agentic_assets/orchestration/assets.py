"""Turn a node into a Dagster asset: thin wiring around the engine."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.alerting import watch_before
from agentic_assets.orchestration.automation import condition
from agentic_assets.orchestration.delivery import DELIVERY, delivery_check, freshness_policy, has_delivery_check
from agentic_assets.orchestration.keys import asset_key, mapping, partition_of, partitions_def
from agentic_assets.orchestration.metadata import (
    check_description,
    check_metadata,
    definition_metadata,
    description,
    materialization_metadata,
)
from agentic_assets.orchestration.people import owners
from agentic_assets.orchestration.releasing import release_dep, release_tags, tell_release, under
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.orchestration.succession import succession
from agentic_assets.pipeline import CheckResult, Engine, External, Node, PartitionResult, Residency, State, waited_for
from agentic_assets.releases import Makers

__all__ = ["asset_of", "check_specs", "delivered", "external_assets", "observations", "severity"]


def asset_of(node: Node, domain: Domain) -> dg.AssetsDefinition:
    """Give the asset of a node: materializing a partition does what the command line does for it."""

    @dg.asset(
        key=asset_key(node.asset),
        deps=_deps(node, domain),
        partitions_def=partitions_def(node.cut, domain.graph.calendar),
        check_specs=check_specs(node, domain),
        group_name=node.group,
        owners=owners(node.contract, domain.owner),
        freshness_policy=freshness_policy(node, domain.graph.calendar),
        kinds=set(node.kinds),
        tags={"domain": domain.name, "partitioned": node.cut.value, **node.tags},
        metadata=definition_metadata(node, domain),
        description=description(node),
        code_version=node.code_version[:16],
        automation_condition=condition(node, domain),
        output_required=False,
    )
    def materialize(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        place = home.open()
        if node.standing is not None:  # whoever follows orders: awards stand before decisions
            for tripped in watch_before(domain, place):
                context.log.warning(f"the circuit breaker trips: {tripped}")
        makers = Makers(domain, place)
        partition = partition_of(context, node.cut)
        try:
            tell_release(context.instance, makers.in_force)
            [result] = makers.run(node.asset, [partition], run_id=context.run.run_id)
        finally:
            makers.close()
        yield from _outcome(context, makers, node, result)

    return materialize


def _outcome(context: dg.AssetExecutionContext, makers: Makers, node: Node, result: PartitionResult) -> Iterator[Any]:
    engine = makers.engine
    lake, key = engine.home.lake, asset_key(node.asset)
    timed = dg.AssetCheckKey(key, DELIVERY) in context.selected_asset_check_keys
    checks = [
        dg.AssetCheckResult(
            asset_key=key,
            check_name=check.name,
            passed=check.passed,
            description=check_description(check),
            severity=severity(node, check.name, mild=check.mild),
            metadata=check_metadata(check, node, lake),
        )
        for check in (*result.checks, *(delivered(engine, node, [result]) if timed else ()))
    ]
    if result.entry is None or result.state not in (State.PUBLISHED, State.UNCHANGED):
        context.log.error(result.message)
        if all(check.passed for check in checks):
            raise dg.Failure(description=result.message, metadata={"state": str(result.state)}, allow_retries=False)
        # Only check results, no materialization: the step fails, the earlier version stays current.
        yield from checks
        yield from _not_evaluated(context, node, {check.check_name for check in checks if check.check_name})
        return
    context.log.info(f"{node.asset} {result.partition}: {result.state}, {result.entry.rows:,} rows")
    for observation in observations(node, [result]):
        context.log_event(observation)
    published = engine.manifest.publications(node.asset).get(result.partition, ())
    said = under(makers, node, result.partition) | succession(result.entry, published, {})
    yield dg.MaterializeResult(
        asset_key=key,
        data_version=dg.DataVersion(result.entry.data_version),
        check_results=checks,
        metadata=materialization_metadata(result, node, engine.manifest.pins_of(result.entry.pins), lake, said),
        tags=release_tags(context.instance, makers, node.asset),
    )


def observations(node: Node, results: Sequence[PartitionResult]) -> list[dg.AssetObservation]:
    """State which version of each system of record was read, so that a new delivery shows as a new version."""
    # What a person set back to earlier bytes names the delivery of then, which is not the one of now.
    standing = [result.entry for result in results if result.entry and result.stands]
    read = [entry.inputs for entry in standing if "restored" not in entry.details][-1:]
    return [
        dg.AssetObservation(asset_key(source.asset), tags={"dagster/data_version": inputs[source.asset][""]})
        for inputs in read
        for source in node.externals
    ]


def delivered(engine: Engine, node: Node, results: Sequence[PartitionResult]) -> list[CheckResult]:
    """Say of each partition that stands whether it came in time, where its contract promises that."""
    found = [
        delivery_check(
            node, result.partition, engine.manifest.history(node.asset, result.partition), engine.graph.calendar
        )
        for result in results
        if result.stands
    ]
    return [check for check in found if check is not None]


def _not_evaluated(context: dg.AssetExecutionContext, node: Node, evaluated: set[str]) -> Iterator[dg.AssetCheckResult]:
    for check in sorted(context.selected_asset_check_keys):
        if check.name not in evaluated:
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=False,
                severity=severity(node, check.name),
                description="not evaluated: the contract refused the partition",
            )


def severity(node: Node, check: str, *, mild: bool = False) -> dg.AssetCheckSeverity:
    strict = any(spec.name == check and (spec.blocking or spec.holds) for spec in node.checks) or check == "contract"
    return dg.AssetCheckSeverity.ERROR if strict and not mild else dg.AssetCheckSeverity.WARN


def check_specs(node: Node, domain: Domain) -> list[dg.AssetCheckSpec]:
    """Give the contract check and the node's own checks, each per partition."""
    cut = partitions_def(node.cut, domain.graph.calendar)
    contract = [
        dg.AssetCheckSpec(
            name="contract",
            asset=asset_key(node.asset),
            blocking=True,
            partitions_def=cut,
            description=f"Every rule of {promised.name}@{promised.version}: refused rows go to quarantine; "
            "a broken rule on the whole partition publishes nothing and stops what is downstream.",
            metadata={"contract": promised.path, "rules": len(promised.rules)},
        )
        for promised in (node.contract,)
        if promised is not None
    ]
    own = [
        dg.AssetCheckSpec(
            name=check.name,
            asset=asset_key(node.asset),
            blocking=check.blocking or check.holds,
            partitions_def=cut,
            description=check.description,
        )
        for check in node.checks
    ]
    late = [
        dg.AssetCheckSpec(
            name=DELIVERY,
            asset=asset_key(node.asset),
            partitions_def=cut,
            description="The partition was first published as soon after its end as the contract promises.",
        )
        for _ in range(has_delivery_check(node, domain.graph.calendar))
    ]
    return [*contract, *own, *late]


def _deps(node: Node, domain: Domain) -> list[dg.AssetDep]:
    deps = [
        dg.AssetDep(
            asset_key(read.asset),
            partition_mapping=mapping(read, node.cut, domain.graph[read.asset].cut),
        )
        for read in node.inputs
    ]
    # Whoever waits for a verdict stands behind the node that gives it, so that both can be made in one run.
    deps += [dg.AssetDep(asset_key(guard.asset)) for guard in waited_for(domain.graph, node)]
    return [*deps, *(dg.AssetDep(asset_key(source.asset)) for source in node.externals), release_dep(node, domain)]


def external_assets(nodes: Sequence[Node], domain: Domain) -> list[dg.SourceAsset]:
    """Give the systems of record outside of the lake, as the left edge of the lineage.

    Observing one in the UI reads its version now: a new delivery shows, and makes what rests on it stale.
    """
    sources = {source.asset: source for node in nodes for source in node.externals}
    landed = {source.asset: node for node in nodes for source in node.externals}
    return [_observable(source, landed[name], domain) for name, source in sources.items()]


def _observable(source: External, landed: Node, domain: Domain) -> dg.SourceAsset:
    @dg.observable_source_asset(
        key=asset_key(source.asset),
        group_name="systems_of_record",
        description=source.description,
        tags={"domain": domain.name, **{f"dagster/kind/{kind}": "" for kind in source.kinds}},
        metadata={"location": source.location},
    )
    def observe(home: HomeResource) -> dg.DataVersion:
        # Its version digests what it holds: that too is read only where it may be.
        Residency(domain.graph, home.open().region).require_node(landed)
        return dg.DataVersion(source.version())

    return observe
