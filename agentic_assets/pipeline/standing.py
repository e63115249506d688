"""What people ordered for a partition: a version like any other, so that an order remakes just what it touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentic_assets.store import Store
from agentic_assets.versions import Pin

__all__ = ["Ordered", "Standing"]


@dataclass(frozen=True)
class Standing:
    """The orders in force for one partition: their `pins` enter its fingerprint, `content` is for its function."""

    pins: tuple[Pin, ...]
    content: Any


Ordered = Callable[[Store, Sequence[str]], Mapping[str, Standing]]
"""(store, partitions) -> the orders of each partition that has any; it reads the store, and no clock."""
