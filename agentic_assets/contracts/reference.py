"""A reference: columns of this table that name a row of another."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Reference"]


@dataclass(frozen=True)
class Reference:
    """A foreign key, as SQL means it (MATCH SIMPLE): a row in which one of the columns is null refers to nothing.

    `columns` stand in this table, `keys` in the table of `dataset`, in the same order.
    """

    columns: tuple[str, ...]
    dataset: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.columns)} -> {self.dataset}({', '.join(self.keys)})"
