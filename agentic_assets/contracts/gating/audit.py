"""Audit frames with pandera: a schema of what is published, and one of rules for the rows that seem to break them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.rule import Rule
from agentic_assets.errors import PartitionRefused

__all__ = ["audited_before", "check_published", "verdict"]

_KEPT: Final = 256
_schemas: dict[tuple[str, tuple[str, ...]], Any] = {}
_accepted: set[tuple[str, tuple[tuple[str, pl.DataType], ...]]] = set()


def verdict(frame: pl.DataFrame, contract: Contract, rules: Sequence[Rule]) -> dict[str, pl.Series]:
    """Give, for each of the row rules that rows of a conformed frame break, the mask of those rows, as pandera judges.

    The frame has the marks of its cells; null counts as kept. Raises PartitionRefused when a rule cannot be run at all.
    """
    import pandera.errors

    masks: dict[str, pl.Series] = {}
    try:
        _validate(_rules_schema(contract, rules), frame.lazy(), data=True)
    except pandera.errors.SchemaErrors as errors:
        for error in errors.schema_errors:
            rule_id = getattr(error.check, "error", None)
            if rule_id is None or not isinstance(error.check_output, pl.DataFrame):
                raise PartitionRefused(
                    f"{contract.name}@{contract.version}: the rule {rule_id or error.check} could not be run: "
                    f"{str(error)[:200]}",
                    hint="the contract does not fit the frame; check the rule's expression",
                ) from None
            masks[rule_id] = ~error.check_output.to_series()
    return masks


def check_published(frame: pl.DataFrame, contract: Contract) -> list[str]:
    """Validate names, order and types of a frame about to be published; give what pandera objects to.

    This verdict depends on the frame's schema alone, so one schema is validated once a process and contract; the
    values were judged row by row before.
    """
    schema = (contract.digest, tuple(frame.schema.items()))
    if schema in _accepted or not contract.columns:
        return []
    import pandera.errors

    try:
        _validate(_published_schema(contract), frame.lazy(), data=False)
    except pandera.errors.SchemaErrors as errors:
        return [str(error).partition("\n")[0][:200] for error in errors.schema_errors]
    _accepted.add(schema)
    return []


def audited_before(contract: Contract) -> None:
    """Take for accepted, in this process, the columns that a contract names: something was published under it already.

    Whoever computes again what was published need not wait for the auditor; frames with other columns still do.
    """
    _accepted.add((contract.digest, tuple(contract.schema.items())))


def _validate(schema: Any, frame: pl.LazyFrame, *, data: bool) -> None:
    from pandera.config import ValidationDepth, config_context

    # Said outright, since an environment variable could switch validation off, and a LazyFrame skips the data.
    depth = ValidationDepth.SCHEMA_AND_DATA if data else ValidationDepth.SCHEMA_ONLY
    with config_context(validation_enabled=True, validation_depth=depth):
        schema.validate(frame, lazy=True)


def _published_schema(contract: Contract) -> Any:
    import pandera.polars as pa

    columns = {column.name: pa.Column(column.dtype, nullable=not column.required) for column in contract.columns}
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=contract.name)


def _rules_schema(contract: Contract, rules: Sequence[Rule]) -> Any:
    key = (contract.digest, tuple(rule.id for rule in rules))
    if key not in _schemas:
        import pandera.polars as pa

        schema = contract.schema
        # A rule over several columns hangs on the first of them: on the frame, pandera would turn each failing row into
        # a dictionary (a minute and 4 GB for 673,552 duplicates).
        columns = {name: [_check(rule) for rule in rules if rule.inputs[0] == name] for name in schema}
        if len(_schemas) >= _KEPT:
            _schemas.clear()
        _schemas[key] = pa.DataFrameSchema(
            {name: pa.Column(schema[name], nullable=True, checks=checks) for name, checks in columns.items() if checks},
            strict=False,
            name=contract.name,
        )
    return _schemas[key]


def _check(rule: Rule) -> Any:
    import pandera.polars as pa

    return pa.Check(partial(_kept, rule), name=rule.id, error=rule.id, ignore_na=True, n_failure_cases=1)


def _kept(rule: Rule, data: Any) -> pl.LazyFrame:
    frame: pl.LazyFrame = data.lazyframe
    if rule.key:
        nobodys = pl.any_horizontal(*(pl.col(name).is_null() for name in rule.key))
        return frame.select((~pl.struct(*rule.key).is_duplicated() | nobodys).alias("kept"))
    assert rule.expression is not None
    return frame.select(rule.expression.alias("kept"))
