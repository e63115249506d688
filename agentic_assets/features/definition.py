"""What a feature set is: the entities it describes, what it may know of them and when, and each feature in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.versions import Pin

if TYPE_CHECKING:
    from agentic_assets.features.engine.asof import AsOf
    from agentic_assets.features.engine.view import View

__all__ = ["DECIDED_AT", "Entities", "Feature", "FeatureSet", "Look", "Lookup", "Published", "Source"]

DECIDED_AT = "decided_at"


@dataclass(frozen=True)
class Feature:
    """One column that a decision may rest on.

    `view` names the facts that it comes from: `<view>_known_at` says when the newest of them became known.
    `sources` are the columns it is made from, each as `table.column`; `kind` is one of `kinds.KINDS`.
    """

    name: str
    dtype: pl.DataType
    unit: str
    description: str
    view: str
    sources: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Published:
    """A declaration that rows are known ahead of their `event`: from `before` the beginning of their day on."""

    event: str
    before: timedelta


@dataclass(frozen=True)
class Lookup:
    """Columns of another table, added to the facts where `on` agrees; they count as known with the fact.

    `on` is unique there: in each day of a table that has days, of which the fact's own is looked up, else in the whole.
    """

    table: str
    on: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """How far back a view looks at the facts of a source: at those that became known in `span` before the moment.

    Facts of the moment's own day are always seen. `opens` names an instant column that counts as `known_at` does.
    """

    source: str
    span: timedelta = timedelta(0)
    opens: str | None = None


@dataclass(frozen=True)
class Source:
    """A table of facts and the column that says when each became known; a source without it is refused.

    Only `columns`, what `derive` makes of them, and what is looked up can be read. `later` names further columns that
    become known after the fact itself, each with the column that says when: until then they are null, and no sum may
    use them; where that instant is null, it never comes. `where` keeps some of the facts. `tie` orders facts of one key
    that became known at the same instant.
    """

    name: str
    table: str
    known_at: str | Published | None
    columns: tuple[str, ...]
    derive: Mapping[str, pl.Expr] = field(default_factory=lambda: MappingProxyType({}))
    where: pl.Expr | None = None
    tie: tuple[str, ...] = ()
    look_up: Lookup | None = None
    later: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Entities:
    """The rows that get features: one a row of `table`, decided `lead` before its `event`.

    `after_the_fact` columns may select facts (the aircraft whose earlier flight is looked for) but can never be read:
    their values, and whether they are null, are recorded only once the event has happened.
    """

    table: str
    key: str
    event: str
    lead: timedelta
    columns: tuple[str, ...]
    derive: Mapping[str, pl.Expr] = field(default_factory=lambda: MappingProxyType({}))
    after_the_fact: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeatureSet:
    """A versioned set of features over entities in daily partitions.

    `zone` is the time zone in which days begin, `day` the column that names a row's day in every input. A partition is
    made from the inputs of its day and the `lookback` days before it. No window is longer than `reach` days, and a
    fact that becomes known `lookback - reach` days after its day began, or later, is left out (a clock change on the
    way shifts that by its hour): so a day built alone and a day built within a range hold the same bytes. Each of
    `views` makes one view, with no regard to the others; `code` is what is digested with them.
    """

    name: str
    version: str
    description: str
    entities: Entities
    sources: tuple[Source, ...]
    features: tuple[Feature, ...]
    views: tuple[Callable[[AsOf], View], ...]
    code: tuple[ModuleType | Callable[..., Any], ...]
    zone: str
    day: str = "day"
    lookback: int = 31
    reach: int = 28
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        from agentic_assets.features.checks import check_definition

        check_definition(self)

    @property
    def entity(self) -> str:
        """The column that names an entity."""
        return self.entities.key

    @property
    def pin(self) -> Pin:
        """Name this version by the digest of its definition, its output schema and the engine."""
        return Pin("feature_set", self.name, self.version, self.digest)

    @property
    def digest(self) -> str:
        """Digest everything that shapes a value: definition, output schema, the code of set and engine."""
        from agentic_assets.features.digest import digest

        return digest(self)

    @property
    def view_names(self) -> tuple[str, ...]:
        """The views, in the order of their first feature."""
        return tuple(dict.fromkeys(feature.view for feature in self.features))

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of a built partition and their types, in order."""
        return {
            self.entity: pl.String(),
            self.day: pl.Date(),
            DECIDED_AT: pl.Datetime("us", "UTC"),
            **{feature.name: feature.dtype for feature in self.features},
            **{f"{view}_known_at": pl.Datetime("us", "UTC") for view in self.view_names},
        }

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tables that `compute` reads."""
        return tuple(self.reads)

    @property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """The tables that `compute` reads, and of each the columns: all others may be left out."""
        own = self.entities
        read = {own.table: [own.key, self.day, own.event, *own.columns, *own.after_the_fact]}
        for source in self.sources:
            known_at = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
            columns = read.setdefault(source.table, [])
            columns += [self.day, *source.columns, *source.later, *source.later.values()]
            columns += [known_at] if known_at else []
            if source.look_up:
                columns.append(source.look_up.on)
                read.setdefault(source.look_up.table, []).extend([source.look_up.on, *source.look_up.columns])
        return {table: tuple(dict.fromkeys(columns)) for table, columns in read.items()}

    def source(self, name: str) -> Source:
        """Give a declared source; facts that are not declared cannot be used."""
        for source in self.sources:
            if source.name == name:
                return source
        raise PointInTimeViolation(
            f"feature set {self.name}@{self.version} uses facts {name!r} that it does not declare",
            hint=f"declare a Source with its known_at; declared are {', '.join(s.name for s in self.sources)}",
        )

    def compute(self, inputs: Mapping[str, pl.DataFrame], days: tuple[date, date]) -> pl.DataFrame:
        """Build the partitions of all days from the first to the last: one row out for each entity of those days.

        `inputs` maps each of `self.inputs` to rows that cover those days and `lookback` days before the first; what is
        there beyond that changes nothing. Rows come sorted by (decided_at, entity). Raises PointInTimeViolation when
        a source breaks what it declares, or when a value would rest on something not yet known.
        """
        from agentic_assets.features.engine.build import build

        return build(self, inputs, days)
