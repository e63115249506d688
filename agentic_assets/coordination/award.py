"""Award a whole batch at once: the assignment of units to entities that is worth most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from agentic_assets.coordination.bids import LARGEST, checked_bids
from agentic_assets.coordination.outcome import SETTLED, Reason
from agentic_assets.errors import PartitionRefused

__all__ = ["award"]


def award(bids: pl.DataFrame, capacity: Mapping[str, int]) -> pl.DataFrame:
    """Settle bids (BIDS) for resources (resource -> units): SETTLED, sorted by resource, `at` and id.

    The total utility is the highest possible. A unit goes to at most one entity, and an entity gets at most one unit,
    whatever it bids on; a utility of zero or less gets none. Of assignments that are worth the same, the one is taken
    whose bids come first by priority, `at` and ids. The order of the rows changes nothing. Raises PartitionRefused
    for bids that are not what they must be, or too large to be summed exactly.
    """
    rows = checked_bids(bids, capacity)
    offers = [
        _Offer(place, entity, resource, utility)
        for place, (entity, resource, utility, binding) in enumerate(
            rows.select("entity", "resource", "utility_cents", "binding").iter_rows()
        )
        if binding and utility > 0 and capacity[resource]
    ]
    # Of several bids of one entity for one resource the first by precedence stands for all.
    best: dict[tuple[str, str], _Offer] = {}
    for offer in offers:
        best.setdefault((offer.entity, offer.resource), offer)
    winners = _winners(list(best.values()), capacity, _tie_ranks(rows))
    return _told(rows, capacity, {offer.place: offer for offer in winners})


@dataclass(frozen=True)
class _Offer:
    """A bid that contends; `place` is its row in the order of precedence."""

    place: int
    entity: str
    resource: str
    utility: int


def _tie_ranks(rows: pl.DataFrame) -> np.ndarray:
    """Rank the rows among equals of utility: priority, then `at`, then ids."""
    keys = rows.select("priority", "at", "entity", "agent", "bid_id").with_row_index("place")
    ordered = keys.sort("priority", "at", "entity", "agent", "bid_id", descending=[True, False, False, False, False])
    ranks = np.empty(rows.height, dtype=np.int64)
    ranks[ordered.get_column("place").to_numpy()] = np.arange(rows.height)
    return ranks


def _winners(offers: Sequence[_Offer], capacity: Mapping[str, int], ranks: np.ndarray) -> list[_Offer]:
    won: list[_Offer] = []
    for group in _independent(offers):
        resources = {offer.resource for offer in group}
        if len(resources) == 1:
            # Each entity wants the same thing: the first so many are the optimum, whoever they are.
            won += group[: capacity[group[0].resource]]
        else:
            won += _assigned(group, sorted(resources), capacity, ranks)
    return won


def _independent(offers: Sequence[_Offer]) -> list[list[_Offer]]:
    """Split the offers into groups of resources that share no entity, each in the order of precedence."""
    leader: dict[str, str] = {}

    def find(resource: str) -> str:
        while leader.setdefault(resource, resource) != resource:
            leader[resource] = leader[leader[resource]]
            resource = leader[resource]
        return resource

    first: dict[str, str] = {}
    for offer in offers:
        one, other = find(first.setdefault(offer.entity, offer.resource)), find(offer.resource)
        leader[max(one, other)] = min(one, other)
    groups: defaultdict[str, list[_Offer]] = defaultdict(list)
    for offer in offers:
        groups[find(offer.resource)].append(offer)
    return [groups[name] for name in sorted(groups)]


def _assigned(
    offers: Sequence[_Offer], resources: Sequence[str], capacity: Mapping[str, int], ranks: np.ndarray
) -> list[_Offer]:
    from scipy.optimize import linear_sum_assignment

    entities = sorted({offer.entity for offer in offers})
    row_of = {entity: row for row, entity in enumerate(entities)}
    # More units of a resource than entities change nothing.
    columns = [name for name in resources for _ in range(min(capacity[name], len(entities)))]
    seats = {name: [column for column, owner in enumerate(columns) if owner == name] for name in resources}
    by_rank = {offer.place: len(offers) - rank for rank, offer in enumerate(_by(offers, ranks))}
    # Utility counts first; the ranks together stay below one cent and settle what is worth the same.
    cent = min(len(entities), len(columns)) * len(offers) + 1
    weight = np.zeros((len(entities), len(columns)))
    highest = max(offer.utility for offer in offers) * cent + len(offers)
    if highest * 2 * min(weight.shape) >= LARGEST:
        raise PartitionRefused(
            f"{len(offers):,} bids for {', '.join(resources)[:100]} offer up to {highest // cent:,} cents, too much to "
            "be summed exactly",
            hint="count the utility in a coarser unit",
        )
    chosen: dict[tuple[int, str], _Offer] = {}
    for offer in offers:
        row = row_of[offer.entity]
        chosen[row, offer.resource] = offer
        weight[row, seats[offer.resource]] = offer.utility * cent + by_rank[offer.place]
    pairs = zip(*linear_sum_assignment(weight, maximize=True), strict=True)
    return [chosen[int(row), columns[column]] for row, column in pairs if (int(row), columns[column]) in chosen]


def _by(offers: Iterable[_Offer], ranks: np.ndarray) -> list[_Offer]:
    return sorted(offers, key=lambda offer: int(ranks[offer.place]))


def _told(rows: pl.DataFrame, capacity: Mapping[str, int], winners: Mapping[int, _Offer]) -> pl.DataFrame:
    """Say of every bid what became of it."""
    names, offered = rows.get_column("bid_id").to_list(), rows.get_column("utility_cents").to_list()
    served = {offer.entity: place for place, offer in winners.items()}
    weakest: dict[str, int] = {}
    for place, offer in winners.items():
        weakest[offer.resource] = max(place, weakest.get(offer.resource, place))
    told: list[dict[str, Any]] = []
    for place, (entity, resource, utility, binding) in enumerate(
        rows.select("entity", "resource", "utility_cents", "binding").iter_rows()
    ):
        rival: int | None = None
        if place in winners:
            reason = Reason.GRANTED
        elif not binding:
            reason = Reason.NOT_BINDING
        elif utility <= 0:
            reason = Reason.WORTHLESS
        elif not capacity[resource]:
            reason = Reason.NO_UNITS
        elif entity in served:
            reason, rival = Reason.SERVED, served[entity]
        else:
            reason, rival = Reason.OUTBID, weakest[resource]
        told.append(
            {
                "granted": place in winners,
                "lost_to": None if rival is None else names[rival],
                "lost_to_cents": None if rival is None else offered[rival],
                "reason": reason.value,
            }
        )
    outcome = {
        name: dtype for name, dtype in SETTLED.items() if name in ("granted", "lost_to", "lost_to_cents", "reason")
    }
    settled = rows.hstack(pl.DataFrame(told, schema=outcome)).sort("resource", "at", "bid_id")
    unit = pl.when("granted").then(pl.col("granted").cast(pl.Int32).cum_sum().over("resource"))
    return settled.with_columns(
        unit.cast(SETTLED["unit"]).alias("unit"),
        pl.when("granted").then("expires_at").alias("held_until"),
    ).select(SETTLED.names())
