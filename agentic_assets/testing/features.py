"""Assert in a test what the engine proves of a feature set in production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.errors import AgenticError
from agentic_assets.features import FeatureSet
from agentic_assets.features.agreement import check_agreement
from agentic_assets.features.proofs import prove

__all__ = ["assert_proved"]


def assert_proved(
    definition: FeatureSet,
    inputs: Mapping[str, pl.DataFrame],
    days: tuple[date, date],
    *,
    sample: int = 50,
    contracts: Mapping[str, Contract | None] | None = None,
) -> None:
    """Fail with every law that does not hold on the days, each with how many rows differ and one of them.

    `inputs` are those of `FeatureSet.compute`: the days and the lookback before them. With `contracts`, those of the
    tables by name, the set is held against them as a domain does when it is put together, and so are the types of the
    inputs; None stands for a table that has no contract.
    """
    broken = [] if contracts is None else [*_disagreeing(definition, inputs, contracts)]
    broken += [
        f"{proof.law}: {proof.differing} of {proof.compared} rows differ, e.g. {proof.example}"
        for proof in prove(definition, inputs, days, sample=sample)
        if not proof.passed
    ]
    where = f"feature set {definition.name}@{definition.version} on {days[0]} to {days[1]}"
    assert not broken, "\n".join([f"{where} breaks {len(broken)} laws:", *(f"  - {line}" for line in broken)])


def _disagreeing(
    definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], contracts: Mapping[str, Contract | None]
) -> Iterator[str]:
    if missing := [table for table in definition.inputs if table not in contracts]:
        yield (
            f"agrees_with_contracts: no contract is given of {', '.join(missing[:5])}; give it, or None where a table "
            f"has none; given are {', '.join([*contracts][:8]) or 'none'}"
        )
    try:
        check_agreement(definition, contracts)
    except AgenticError as error:
        yield f"agrees_with_contracts: {error}"
    for table, columns in definition.reads.items():
        contract, rows = contracts.get(table), inputs.get(table)
        schema = contract.schema if contract is not None and rows is not None else {}
        for name in columns:
            if rows is not None and name in schema and name in rows.columns and rows.schema[name] != schema[name]:
                yield (
                    f"agrees_with_contracts: `{name}` of {table} is {rows.schema[name]} in the inputs, and "
                    f"{schema[name]} by its contract: what is proved here is not what will be built"
                )
