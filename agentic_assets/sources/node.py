"""Land a system of record: a node that keeps what was delivered, and the contracted tables cut out of it.

A domain on a database and a download, in a few lines::

    bookings = Table("BOOKINGS_URL", "public.bookings", columns={...}, key=("booking_id",))
    rates = Download("https://rates.example/2024.csv", Csv(("day", "currency", "rate")))
    nodes = (
        landing_node("raw/bookings", bookings, system="reservations/bookings", days=days_by("day")),
        landing_node("raw/rates", rates, system="treasury/rates", days=days_by("day")),
        daily_node("sources/bookings", contracts["bookings"], landed="raw/bookings", days=days_by("day")),
        daily_node("sources/rates", contracts["rates"], landed="raw/rates", days=days_by("day")),
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.errors import AgenticError
from agentic_assets.pipeline import STATIC, Batch, Check, Cut, External, Input, Node, by_day
from agentic_assets.sources import cutting
from agentic_assets.sources.cutting import Days, numbered_within, of_days, undated
from agentic_assets.sources.source import SOURCE_ROW, Source
from agentic_assets.versions import of_code, of_json

__all__ = ["UNREADABLE", "daily_node", "landing_node", "static_node"]

UNREADABLE = "unreadable"
"""The version of a system of record that cannot be reached; the landing itself says what is wrong with it."""

_PREPARED = ("polars", "pandera", "deltalake")
Prepare = Callable[..., pl.DataFrame]


def landing_node(
    asset: str,
    source: Source,
    *,
    system: str,
    system_description: str = "",
    description: str = "",
    days: Days | None = None,
    group: str = "raw",
    code: tuple[Callable[..., object], ...] = (),
) -> Node:
    """Give the node that keeps every delivered row as it came, and shows the system of record on its left.

    With `days`, rows that belong to no day of the calendar are counted by the check `dated` and set aside, since no
    daily table could hold them; rows without a place of their own (of a database) are then numbered within their day.
    The version that is recorded is that of the rows read, even if the system moved on since the run was planned.
    """
    renumbered = days if days is not None and not source.has_places else None
    shaped_by = [source.code_version] + ([of_code(cutting), renumbered.column] if renumbered else [])
    return Node(
        asset=asset,
        group=group,
        cut=Cut.STATIC,
        contract=None,
        raw_schema={**source.columns, SOURCE_ROW: pl.Int64()},
        compute=partial(_landed, source=source, system=system, days=days, renumbered=renumbered),
        code_version=of_json(shaped_by),
        externals=(
            External(
                asset=system,
                description=system_description,
                version=partial(_version, source),
                kinds=source.kinds,
                location=source.location,
            ),
        ),
        checks=(
            (Check("dated", "Every row belongs to a day; one that does not is set aside, not lost.", blocking=False),)
            if days
            else ()
        ),
        description=description,
        kinds=(*source.kinds, "polars", "deltalake"),
        code=code,
    )


def static_node(
    asset: str,
    contract: Contract,
    *,
    landed: str,
    prepare: Prepare | None = None,
    inputs: Sequence[Input] = (),
    group: str = "sources",
    code_version: str | None = None,
    lineage: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> Node:
    """Give the contracted table made of a whole landed one by `prepare(landed, *inputs)`, or of its own columns."""
    compute = partial(_whole, landed=landed, prepare=prepare, inputs=tuple(inputs), columns=tuple(contract.schema))
    lineage = _lineage(contract, landed, prepare) if lineage is None else lineage
    return _contracted(asset, contract, Cut.STATIC, compute, landed, prepare, inputs, group, code_version, lineage)


def daily_node(
    asset: str,
    contract: Contract,
    *,
    landed: str,
    days: Days,
    prepare: Prepare | None = None,
    inputs: Sequence[Input] = (),
    group: str = "sources",
    code_version: str | None = None,
    lineage: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> Node:
    """Give the contracted table cut into days out of a landed one, by `prepare(landed, *inputs)` or as it is.

    `prepare` gets the rows of the days to make and must give one row for each, with its Date `day`; it may look at
    nothing but the row itself and the inputs, so that a day is the same whatever days are made beside it. Without
    it, the landed columns of the contract are taken, and `day` is added.
    """
    compute = partial(
        _daily, landed=landed, days=days, prepare=prepare, inputs=tuple(inputs), columns=tuple(contract.schema)
    )
    lineage = _lineage(contract, landed, prepare, days.column) if lineage is None else lineage
    return _contracted(asset, contract, Cut.DAY, compute, landed, prepare, inputs, group, code_version, lineage)


def _contracted(
    asset: str,
    contract: Contract,
    cut: Cut,
    compute: Callable[[Batch], Mapping[str, pl.DataFrame]],
    landed: str,
    prepare: Prepare | None,
    inputs: Sequence[Input],
    group: str,
    version: str | None,
    lineage: Mapping[str, Sequence[tuple[str, str]]],
) -> Node:
    return Node(
        asset=asset,
        group=group,
        cut=cut,
        contract=contract,
        compute=compute,
        code_version=version or of_code(cutting, *((prepare,) if prepare else ())),
        inputs=(Input(landed), *inputs),
        kinds=_PREPARED,
        lineage=lineage,
        code=(prepare,) if prepare else (),
    )


def _lineage(
    contract: Contract, landed: str, prepare: Prepare | None, day: str = "day"
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Trace columns that are taken as they landed; what `prepare` makes of them only its author can say."""
    if prepare is not None:
        return {}
    return {name: [(landed, day if name == "day" else name)] for name in contract.schema}


def _version(source: Source) -> str:
    try:
        return source.version()
    except AgenticError:
        return UNREADABLE


def _landed(
    batch: Batch, *, source: Source, system: str, days: Days | None, renumbered: Days | None
) -> Mapping[str, pl.DataFrame]:
    snapshot = source.read()
    batch.delivered(system, snapshot.version)
    frame = snapshot.frame if renumbered is None else numbered_within(snapshot.frame, renumbered)
    if days is not None:
        lost = undated(frame, days, batch.calendar)
        batch.check(
            "dated",
            STATIC,
            passed=lost.is_empty(),
            description=f"{lost.height:,} of {frame.height:,} rows belong to no day of the calendar",
            rows=lost.height,
        )
        batch.set_aside(STATIC, lost, rule="dated", column=days.column)
    return {STATIC: frame}


def _whole(
    batch: Batch, *, landed: str, prepare: Prepare | None, inputs: tuple[Input, ...], columns: tuple[str, ...]
) -> Mapping[str, pl.DataFrame]:
    frame = batch.read(landed)
    if prepare is None:
        return {STATIC: frame.select([name for name in columns if name in frame.columns])}
    return {STATIC: prepare(frame, *(batch.read(read.asset) for read in inputs))}


def _daily(
    batch: Batch,
    *,
    landed: str,
    days: Days,
    prepare: Prepare | None,
    inputs: tuple[Input, ...],
    columns: tuple[str, ...],
) -> Mapping[str, pl.DataFrame]:
    frame = of_days(batch.read(landed), days, batch.partitions)
    if prepare is None:
        dated = frame.with_columns(days.of(frame).alias("day"))
        return by_day(dated.select([name for name in columns if name in dated.columns]), batch.partitions)
    return by_day(prepare(frame, *(batch.read(read.asset) for read in inputs)), batch.partitions)
