"""A small code location: two daily assets, a partitioned blocking check, and a job that records their history."""

import dagster as dg

from agentic_assets.orchestration.instance import Checked, Materialized, record

DAILY = dg.DailyPartitionsDefinition("2013-01-01", end_date="2013-01-11")
REFUSED = "2013-01-03"
FLIGHTS, FEATURES = dg.AssetKey(["sources", "flights"]), dg.AssetKey(["features", "delay"])


@dg.asset(
    key=FLIGHTS,
    partitions_def=DAILY,
    code_version="c1",
    group_name="sources",
    output_required=False,
    check_specs=[dg.AssetCheckSpec("contract", asset=FLIGHTS, blocking=True, partitions_def=DAILY)],
)
def flights() -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Land a day of flights."""
    results = [dg.AssetCheckResult(passed=True, check_name="contract")]
    return dg.MaterializeResult(data_version=dg.DataVersion("flights"), check_results=results)


@dg.asset(key=FEATURES, partitions_def=DAILY, deps=[FLIGHTS], code_version="c1", group_name="features")
def delay() -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Compute a day of features."""
    return dg.MaterializeResult(data_version=dg.DataVersion("delay"))


@dg.op
def load(context: dg.OpExecutionContext) -> None:
    """Record every day, one of them refused."""
    good = [day for day in DAILY.get_partition_keys() if day != REFUSED]
    record(
        context.instance,
        run_id=context.run_id,
        job_name=context.job_name,
        step_key="load",
        materializations=[
            *(Materialized(FLIGHTS, day, f"flights {day}", "c1", metadata={"rows": 3}) for day in good),
            *(Materialized(FEATURES, day, f"delay {day}", "c1", inputs={FLIGHTS: f"flights {day}"}) for day in good),
        ],
        checks=[
            Checked(FLIGHTS, "contract", day, day != REFUSED, blocking=True, metadata={"broken": 2})
            for day in DAILY.get_partition_keys()
        ],
    )
    raise dg.Failure(f"1 day was refused: {REFUSED}")


@dg.job
def history() -> None:
    """Load every day in one run."""
    load()


defs = dg.Definitions(assets=[flights, delay], jobs=[history])
