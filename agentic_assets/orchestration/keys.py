"""How the names of the pipeline become Dagster's: keys, partitions and mappings."""

from datetime import date, timedelta

import dagster as dg

from agentic_assets.pipeline import STATIC, Calendar, Cut, Input

__all__ = ["asset_key", "mapping", "partition_of", "partitions_def"]


def asset_key(asset: str) -> dg.AssetKey:
    """Turn `features/departure_delay` into a two-part key."""
    return dg.AssetKey(asset.split("/"))


def partitions_def(cut: Cut, calendar: Calendar) -> dg.PartitionsDefinition[str] | None:
    """Give the time partitions of a cut over the whole calendar; None for an asset that is not cut."""
    if cut is Cut.STATIC:
        return None
    months = calendar.all(Cut.MONTH)
    if cut is Cut.MONTH:
        return dg.MonthlyPartitionsDefinition(
            start_date=months[0], end_date=_month_after(months[-1]), timezone=calendar.zone, fmt="%Y-%m"
        )
    days = calendar.days()
    return dg.DailyPartitionsDefinition(start_date=days[0], end_date=_day_after(days[-1]), timezone=calendar.zone)


def partition_of(context: dg.AssetExecutionContext, cut: Cut) -> str:
    """Name the pipeline partition that a step is to make."""
    if cut is Cut.STATIC:
        return STATIC
    return str(context.partition_key)


def mapping(read: Input, cut: Cut, upstream: Cut) -> dg.PartitionMapping | None:
    """Say which upstream partitions a partition reads; None leaves it to Dagster's default."""
    if Cut.STATIC in (cut, upstream):
        return None
    window = read.window
    if window.back == 0 and not window.before_only:
        return None
    return dg.TimeWindowPartitionMapping(
        start_offset=-window.back,
        end_offset=-1 if window.before_only else 0,
        allow_nonexistent_upstream_partitions=True,
    )


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
