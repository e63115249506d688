"""The kinds of features that can be declared: what each reads, what it means, how it is made."""

from agentic_assets.features.kinds.aggregates import Aggregate, Count, CountIf, Mean, Total
from agentic_assets.features.kinds.around import Around
from agentic_assets.features.kinds.awaited import Awaited
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import KINDS, Kind, Made, Shared
from agentic_assets.features.kinds.newest import Age, Derived, Newest, Previous, Value
from agentic_assets.features.kinds.own import Known, Own
from agentic_assets.features.kinds.rates import Rates
from agentic_assets.features.kinds.windowed import TODAY, Windowed

__all__ = [
    "KINDS",
    "TODAY",
    "Age",
    "Aggregate",
    "Around",
    "Awaited",
    "Context",
    "Count",
    "CountIf",
    "Derived",
    "Kind",
    "Known",
    "Made",
    "Mean",
    "Newest",
    "Own",
    "Previous",
    "Rates",
    "Shared",
    "Total",
    "Value",
    "Windowed",
]
