"""What a feature set declares, held against the contracts of the tables that it reads.

A contract says of a column that it is known after the fact (`afterTheFact`), or from which instants on (`knownAt`, the
name of an instant column of the table or a list of them), and of a table that it was taken in the future of its rows
(`futureSnapshot`). A declaration that reads such a column earlier is refused when the domain is put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from agentic_assets.contracts import Column, Contract
from agentic_assets.errors import AgenticError, ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import FeatureSet, Published, Source
from agentic_assets.features.kinds.awaited import seen_while_awaited
from agentic_assets.features.kinds.context import unknown
from agentic_assets.versions.passed import Passed

__all__ = ["check_agreement"]

_AGREED: Final = Passed("types agree")
_ANY_DAY: Final = date(2000, 1, 1)

Contracts = Mapping[str, Contract | None]


def check_agreement(definition: FeatureSet, contracts: Contracts) -> None:
    """Refuse a definition that reads what no contract delivers, or reads it before the contract says it is known.

    `contracts` are those of the tables, by name; of a table without one nothing is said. Where every table has one, the
    features are also made once over no rows, so that types that do not fit are named before there is any data.
    """
    where = f"feature set {definition.name}@{definition.version}"
    for table, columns in definition.reads.items():
        contract = contracts.get(table)
        if contract is not None:
            _check_meant(contract)
            _check_delivered(where, table, columns, contract)
    _check_entities(where, definition, contracts)
    for source in definition.sources:
        _check_source(where, definition, source, contracts)
    _check_types(where, definition, contracts)


def _check_meant(contract: Contract) -> None:
    """Refuse a contract that says something of when facts are known, in words that mean neither yes nor no."""
    for what, declared, name in [
        (contract.dataset, contract.declared, "futureSnapshot"),
        *((f"`{column.name}`", column.declared, "afterTheFact") for column in contract.columns),
    ]:
        said = declared.get(name, False)
        if not isinstance(said, bool):
            raise ConfigInvalid(
                f"{contract.path}: {name} of {what} is {said!r:.40}, which is neither true nor false",
                hint="write `value: true`, without quotation marks",
            )


def _check_delivered(where: str, table: str, columns: tuple[str, ...], contract: Contract) -> None:
    if contract.declared.get("futureSnapshot") is True:
        raise PointInTimeViolation(
            f"{where} reads {table}, which its contract declares to be taken in the future of its rows",
            hint="leave the table out: nothing in it was known when a row was decided",
        )
    if strange := [name for name in columns if name not in contract.schema]:
        raise ConfigInvalid(
            f"{where} reads `{strange[0]}` of {table}, which {contract.path} does not deliver",
            hint=unknown(strange[0], contract.schema),
        )
    for column in contract.columns:
        if strange := [name for name in column.known_at if name not in contract.schema]:
            raise ConfigInvalid(
                f"{contract.path}: `{column.name}` is known at `{strange[0]}`, which is no column of {table}",
                hint=unknown(strange[0], contract.schema),
            )


def _check_entities(where: str, definition: FeatureSet, contracts: Contracts) -> None:
    own = definition.entities
    for name in (own.key, own.event, definition.day, *own.columns):
        column = _column(contracts, own.table, name)
        if column is not None and (column.after_the_fact or column.known_at):
            raise PointInTimeViolation(
                f"{where}: its entities are told by `{name}` of {own.table}, which its contract declares to be "
                f"{_known(column)}",
                hint="leave it out; as `after_the_fact` it can select facts, and cannot be read",
            )


def _check_source(where: str, definition: FeatureSet, source: Source, contracts: Contracts) -> None:
    what = f"{where}: source {source.name!r} ({source.table})"
    if source.look_up is not None:
        for name in source.look_up.columns:
            column = _column(contracts, source.look_up.table, name)
            if column is not None and (
                column.known_at or (column.after_the_fact and isinstance(source.known_at, Published))
            ):
                raise PointInTimeViolation(
                    f"{what} looks up `{name}` in {source.look_up.table}, which its contract declares to be "
                    f"{_known(column)}: a looked up column counts as known with the fact",
                    hint="declare a source of that table, with the instant as its known_at",
                )
    contract = contracts.get(source.table)
    instants = sorted({name for column in contract.columns for name in column.known_at}) if contract else []
    for known_at in dict.fromkeys([source.known_at, *source.later.values()]):
        if instants and known_at not in instants:
            raise PointInTimeViolation(
                f"{what} takes facts as known {_when(known_at)}, but its contract declares that they become known "
                f"at {_listed(instants)}",
                hint="name that instant as known_at; a label says when something is, not when it is known",
            )
    with_the_fact = [*source.columns, definition.day, *([source.look_up.on] if source.look_up is not None else [])]
    if isinstance(source.known_at, Published):
        with_the_fact.append(source.known_at.event)
    readable_at = {**dict.fromkeys(with_the_fact, source.known_at), **source.later}
    for name, at in readable_at.items():
        column = _column(contracts, source.table, name)
        early = column is not None and column.known_at and at not in column.known_at
        if column is not None and (early or (column.after_the_fact and isinstance(at, Published))):
            raise PointInTimeViolation(
                f"{what} reads `{name}` as known {_when(at)}, but its contract declares it to be {_known(column)}",
                hint=f"put it into `later`, or read it in a source whose known_at is {_listed(column.known_at)}"
                if column.known_at
                else "leave it out: it was not published ahead",
            )
    _check_awaited(what, definition, source, contracts)


def _check_awaited(what: str, definition: FeatureSet, source: Source, contracts: Contracts) -> None:
    """Refuse to await facts by what is known of them only once they have come."""
    looked_up = source.look_up.columns if source.look_up is not None else ()
    for name in (name for _, names in seen_while_awaited(definition, source) for name in sorted(names)):
        table = source.look_up.table if source.look_up is not None and name in looked_up else source.table
        column = _column(contracts, table, name)
        if column is not None and (column.known_at or column.after_the_fact):
            raise PointInTimeViolation(
                f"{what} is awaited by `{name}`, which its contract declares to be {_known(column)}: while a fact is "
                "awaited that is not known",
                hint="await facts by what is known ahead of them",
            )


def _check_types(where: str, definition: FeatureSet, contracts: Contracts) -> None:
    given = {table: contract for table in definition.inputs if (contract := contracts.get(table)) is not None}
    if len(given) < len(definition.inputs):
        return
    said = [definition.digest, *([table, contract.digest] for table, contract in sorted(given.items()))]
    if said in _AGREED:
        return
    inputs = {table: pl.DataFrame(schema=dict(contract.schema)) for table, contract in given.items()}
    try:
        definition.compute(inputs, (_ANY_DAY, _ANY_DAY))
    except AgenticError as error:
        raise type(error)(f"{where}, over the types of its contracts: {error.what}", hint=error.hint) from error
    except Exception as error:
        raise ConfigInvalid(
            f"{where}: a view fails on a day without entities and facts: {type(error).__name__}: {error!s:.200}",
            hint="let it give empty columns of the declared types",
        ) from error
    _AGREED.add(said)


def _column(contracts: Contracts, table: str, name: str) -> Column | None:
    contract = contracts.get(table)
    return contract.column(name) if contract is not None and name in contract.schema else None


def _known(column: Column) -> str:
    return f"known from {_listed(column.known_at)} on" if column.known_at else "known only after the fact"


def _when(known_at: str | Published | None) -> str:
    return f"ahead of `{known_at.event}`" if isinstance(known_at, Published) else f"at `{known_at}`"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
