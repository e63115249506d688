"""Why a change is what it is, in words for both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentic_assets.contracts.change.direction import Direction

__all__ = ["why"]

_Both = tuple[str, str]

_GENERAL: Final[Mapping[Direction, _Both]] = {
    Direction.TIGHTER: ("new data keep the old promise too", "data that passed before may be refused now"),
    Direction.LOOSER: ("new data may hold what the old version ruled out", "data that passed before still pass"),
    Direction.DIFFERENT: ("new data need not keep the old promise", "data that passed before may be refused now"),
    Direction.NEUTRAL: ("what they rely on stays as it was", "nothing more is asked for"),
}
_OF_KIND: Final[Mapping[str, _Both]] = {
    "column-added": (
        "a column more; what reads the others is not concerned",
        "deliveries have to carry the column, null will do; stored partitions read it as null",
    ),
    "required-column-added": (
        "a column more; what reads the others is not concerned",
        "deliveries without the column, or with nulls in it, are refused",
    ),
    "column-removed": (
        "what reads the column finds it no more",
        "a delivery may still carry the column: it is left out with a warning",
    ),
    "columns-moved": (
        "what reads columns by position reads others",
        "a stored table grows at its end only: it has to be made anew under another name",
    ),
    "type-widened": (
        "values come that the old type cannot hold",
        "every value of the old type still fits; a stored table has to be made anew",
    ),
    "type-narrowed": (
        "every value fits the old type",
        "values that do not fit the new type are refused; a stored table has to be made anew",
    ),
    "type-changed": ("values come in another type", "values of the old type are refused"),
    "unit-changed": ("the same figures mean something else", "figures in the old unit are wrong, and no rule sees it"),
    "unit-removed": ("nobody says any more what the figures mean", "any unit goes"),
    "unit-added": ("the figures now have a stated unit", "figures in another unit are wrong, and no rule sees it"),
    "knowledge-later": (
        "the value is known only after the fact now: whatever decides earlier may not use it",
        "nothing earlier is asked for",
    ),
    "knowledge-earlier": ("the value is promised earlier", "the value has to be known before the event"),
    "classification-raised": (
        "not everybody who read the values may go on; above `internal` they are masked in messages",
        "the data are kept more closely than before",
    ),
    "classification-lowered": (
        "whoever could read the values still can",
        "the values are shown to more people than they were delivered for",
    ),
    "residency-narrowed": (
        "deployments in other regions may not read the data any more",
        "the data stay in fewer places than before",
    ),
    "residency-widened": (
        "whoever could read the data still can",
        "the data may now be held where they were not delivered for",
    ),
    "residency-changed": (
        "deployments in regions that fell away may not read the data any more",
        "the data may now be held where they were not delivered for",
    ),
    "dataset-renamed": ("the table is found under another name", "deliveries go to another table"),
    "id-changed": ("what refers to the contract by its id loses it", "what refers to the contract by its id loses it"),
    "status-changed": ("the data are no longer served", "nothing more needs to be delivered"),
    "server-removed": ("what connects there finds nothing", "deliveries go to another place"),
    "server-changed": ("what connects there finds nothing", "deliveries go to another place"),
    "role-removed": ("who had access by this role loses it", "nothing more is asked for"),
    "contract-removed": ("nobody promises these data any more", "nothing more needs to be delivered"),
    "contract-added": ("one dataset more", "nobody delivered it before"),
}
_OF_ASPECT: Final[Mapping[str, Mapping[Direction, _Both]]] = {
    "service": {
        Direction.TIGHTER: ("the data come as was promised, or better", "the old pace is not enough any more"),
        Direction.LOOSER: ("the data come later, less often or for less long than was promised", "less is asked for"),
        Direction.DIFFERENT: ("the old promise is not kept any more", "another promise has to be kept"),
    },
    "refused share": {
        Direction.LOOSER: ("partitions with more rows lacking are published", "what was published before still is"),
        Direction.TIGHTER: ("fewer rows are lacking than before", "partitions are refused that were published before"),
    },
}


def why(aspect: str, kind: str, direction: Direction) -> _Both:
    """Say what a change means for those who read the data, and for those who deliver them."""
    if kind in _OF_KIND and (direction is not Direction.NEUTRAL or kind in ("column-added", "contract-added")):
        return _OF_KIND[kind]
    return _OF_ASPECT.get(aspect, _GENERAL).get(direction, _GENERAL[direction])
