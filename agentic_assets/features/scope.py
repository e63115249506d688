"""What the sources and the entities of a feature set may read: the ways by which the future would come in are closed.

Checked when a set is defined, before there is any data: an error names the source, the column, and what to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import DECIDED_AT, Entities, Published, Source
from agentic_assets.features.kinds.context import unknown
from agentic_assets.features.rowwise import check_rowwise

__all__ = ["check_scope"]

_KNOWN_AT_HINT: Final = "give its `known_at` column, or Published(event, before) for what is known ahead by declaration"


def check_scope(where: str, entities: Entities, sources: tuple[Source, ...], day: str) -> None:
    """Refuse what is declared in two ways, what reads an undeclared column, and what would see the future."""
    _check_entities(where, entities, day)
    names = [source.name for source in sources]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigInvalid(f"{where}: two sources share the name {repeated[0]!r}", hint="name each source once")
    for source in sources:
        if source.known_at is None:
            raise PointInTimeViolation(
                f"{where}: source {source.name!r} ({source.table}) does not declare when its facts become known",
                hint=_KNOWN_AT_HINT,
            )
        _check_source(f"{where}: source {source.name!r} ({source.table})", source, day)
        if isinstance(source.known_at, Published):
            _check_published(where, source, entities, sources)
        _check_look_up(where, source, sources)
    for column in _instants(entities.table, sources):
        if column in entities.columns:
            raise PointInTimeViolation(
                f"{where}: the entities of {entities.table} read `{column}`, the instant at which facts become known",
                hint="when something will become known is not known ahead: leave the column out",
            )


def _check_entities(where: str, entities: Entities, day: str) -> None:
    what = f"{where}: the entities of {entities.table}"
    hidden = set(entities.after_the_fact)
    if both := sorted(hidden & {*entities.columns, *entities.derive, entities.key, entities.event, day}):
        raise PointInTimeViolation(
            f"{what} read `{both[0]}`, which they declare to be recorded after the fact",
            hint="leave it in `after_the_fact` only: there it can select facts, and cannot be read",
        )
    fixed = {entities.key, entities.event, day}
    _check_once(what, [*fixed.union(entities.columns), *entities.derive], {DECIDED_AT})
    readable = {entities.key, day, entities.event, *entities.columns}
    for name, expression in entities.derive.items():
        roots = expression.meta.root_names()
        if secret := [root for root in roots if root in hidden]:
            raise PointInTimeViolation(
                f"{what} derive `{name}` from `{secret[0]}`, which is recorded after the fact: neither its value nor "
                "whether it is null may be read",
                hint="it can only select facts, as a key in `by`",
            )
        _check_roots(f"{what} derive `{name}` from", roots, readable)
        check_rowwise(f"{what} derive `{name}`, which", expression)


def _check_source(what: str, source: Source, day: str) -> None:
    looked_up = source.look_up.columns if source.look_up is not None else ()
    if early := [name for name in source.columns if name in source.later]:
        raise PointInTimeViolation(
            f"{what} declares `{early[0]}` as known with the fact, and as known only at "
            f"`{source.later[early[0]]}`, after it",
            hint="leave it in `later` only",
        )
    _check_once(what, [*source.columns, *source.derive, *source.later, *looked_up], set())
    readable = {*source.columns, day}
    for name, expression in source.derive.items():
        _check_later(f"{what} derives `{name}` from", expression.meta.root_names(), source)
        _check_roots(f"{what} derives `{name}` from", expression.meta.root_names(), readable)
        check_rowwise(f"{what} derives `{name}`, which", expression)
    if source.where is not None:
        roots = source.where.meta.root_names()
        _check_later(f"{what} selects facts `where` it reads", roots, source)
        _check_roots(f"{what} selects facts `where` it reads", roots, readable)
        check_rowwise(f"{what} selects facts `where` a condition", source.where)
    _check_later(f"{what} orders ties by", source.tie, source)
    _check_roots(f"{what} orders ties by", source.tie, {*readable, *source.derive, *looked_up})


def _check_published(where: str, source: Source, entities: Entities, sources: tuple[Source, ...]) -> None:
    """What is recorded after the fact, or says when something becomes known, was not published ahead."""
    looked = {(source.look_up.table, column) for column in source.look_up.columns} if source.look_up else set()
    for table, column in [*((source.table, column) for column in source.columns), *sorted(looked)]:
        after = table == entities.table and column in entities.after_the_fact
        if after or column in _instants(table, sources):
            raise PointInTimeViolation(
                f"{where}: source {source.name!r} declares `{column}` of {table} as published ahead, which is "
                f"{'recorded after the fact' if after else 'the instant at which facts become known'}",
                hint="take it from a source whose facts become known at an instant, or leave it out",
            )


def _check_look_up(where: str, source: Source, sources: tuple[Source, ...]) -> None:
    """A looked up column counts as known with the fact: so it cannot come from facts with instants of their own."""
    if source.look_up is None:
        return
    for other in sources:
        if other.table == source.look_up.table and isinstance(other.known_at, str):
            raise PointInTimeViolation(
                f"{where}: source {source.name!r} looks up `{source.look_up.columns[0]}` in {other.table}, whose facts "
                f"become known at `{other.known_at}`: the look-up would see them before",
                hint=f"take them from source {other.name!r}, which waits for that instant",
            )


def _instants(table: str, sources: tuple[Source, ...]) -> set[str]:
    found = {source.known_at for source in sources if source.table == table and isinstance(source.known_at, str)}
    return found | {instant for source in sources if source.table == table for instant in source.later.values()}


def _check_once(what: str, names: list[str], taken: Collection[str]) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1 or name in taken}):
        raise ConfigInvalid(
            f"{what} declare `{repeated[0]}` in two ways",
            hint="a name stands for one column: as delivered, derived, known later, or looked up",
        )


def _check_roots(what: str, roots: Iterable[str], readable: Collection[str]) -> None:
    if strange := [root for root in roots if root not in readable]:
        raise ConfigInvalid(
            f"{what} `{strange[0]}`, which it does not declare to read", hint=unknown(strange[0], readable)
        )


def _check_later(what: str, roots: Iterable[str], source: Source) -> None:
    if early := [root for root in roots if root in source.later]:
        raise PointInTimeViolation(
            f"{what} `{early[0]}`, which becomes known only at `{source.later[early[0]]}`, after the fact itself",
            hint=f"declare a source whose known_at is `{source.later[early[0]]}`",
        )
