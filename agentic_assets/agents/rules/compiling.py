"""Compile a rule table to expressions, which decide every row of a batch in one pass."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import polars as pl

from agentic_assets.agents.rules.table import ABSTAIN, MATCH, UNIQUE, Outcome, RuleTable, TableRule
from agentic_assets.agents.spec import FIGURES, NO_ACTION
from agentic_assets.language import Term, to_expression, walk
from agentic_assets.language.terms import Column

__all__ = ["CODE", "HITS", "codes", "hits", "proposed", "with_doubts"]

CODE, HITS = "_code", "_hits"
"""The columns that `proposed` reads: what decided a row, and how many rules hold of it."""

_LONGEST = 200


def codes(table: RuleTable) -> pl.Expr:
    """Number what decides each row: a rule, past them `otherwise`, past that what is not known.

    With n rules: 0 to n - 1 the rule that decides; n no rule holds; n + 1 + i whether rule i holds is not known.
    """
    n = len(table.rules)
    doubts = [
        (i, rule.when.expression.is_null(), n + 1 + i) for i, rule in enumerate(table.rules) if rule.on_null == ABSTAIN
    ]
    wins = [(i, _holds(rule), i) for i, rule in enumerate(table.rules)]
    # What is not known of a rule keeps all after it from deciding; where only one may hold, all.
    steps = [*doubts, *wins] if table.hit_policy == UNIQUE else sorted([*doubts, *wins], key=operator.itemgetter(0))
    return _chosen([(condition, pl.lit(code)) for _, condition, code in steps], pl.lit(n)).cast(pl.Int32).alias(CODE)


def with_doubts(table: RuleTable, schema: pl.Schema) -> pl.Expr:
    """Raise a code by 2n + 1 where a figure of the outcome that it stands for is not known."""
    code, n = pl.col(CODE), len(table.rules)
    vague = [
        (code == i) & pl.any_horizontal(_figure(outcome, name, schema).is_null() for name in varying)
        for i, outcome in enumerate(table.outcomes)
        if (varying := [name for name, amount in outcome.figures.items() if amount.columns])
    ]
    return pl.when(pl.any_horizontal(vague)).then(code + 2 * n + 1).otherwise(code) if vague else code


def hits(table: RuleTable) -> pl.Expr:
    """Count the rules that hold of each row."""
    return pl.sum_horizontal(_holds(rule).cast(pl.Int32) for rule in table.rules).alias(HITS)


def proposed(table: RuleTable, entity: str, schema: pl.Schema) -> list[pl.Expr]:
    """Give the columns of the proposals, of a frame that holds the codes."""
    code, n = pl.col(CODE), len(table.rules)
    known = list(enumerate(table.outcomes))
    columns = [pl.col(entity).alias("entity")]
    columns.append(
        _chosen([(code == i, pl.lit(outcome.action)) for i, outcome in known], pl.lit(NO_ACTION)).alias("action")
    )
    for name in FIGURES:
        given = [(code == i, _figure(outcome, name, schema)) for i, outcome in known if name in outcome.figures]
        columns.append(_chosen(given, pl.lit(0, dtype=schema[name])).alias(name))
    told = [(code == i, outcome.reason.expression) for i, outcome in known]
    told += [(code == n + 1 + i, _doubt(rule)) for i, rule in enumerate(table.rules)]
    told += [(code == 2 * n + 1 + i, _vague(table, i, outcome)) for i, outcome in known]
    columns.append(_chosen(told, pl.lit("")).alias("reason"))
    return columns


def _figure(outcome: Outcome, name: str, schema: pl.Schema) -> pl.Expr:
    # What does not fit is not known, and then the row abstains.
    return outcome.figures[name].expression.cast(schema[name], strict=False)


def _holds(rule: TableRule) -> pl.Expr:
    return rule.when.expression.fill_null(rule.on_null == MATCH)


def _chosen(steps: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    """Give what stands beside the first condition that holds."""
    chosen = otherwise
    for condition, value in reversed(steps):
        chosen = pl.when(condition).then(value).otherwise(chosen)
    return chosen


def _doubt(rule: TableRule) -> pl.Expr:
    told = pl.lit(f"abstains, since whether rule {rule.id} holds is not known: ")
    return pl.concat_str(told, _missing([rule.when.term]))


def _vague(table: RuleTable, index: int, outcome: Outcome) -> pl.Expr:
    whose = f"rule {table.rules[index].id}" if index < len(table.rules) else "otherwise"
    told = pl.lit(f"abstains, since a figure of {whose} is not known: ")
    return pl.concat_str(told, _missing([amount.term for amount in outcome.figures.values()]))


def _missing(terms: Sequence[Term]) -> pl.Expr:
    """Name the columns that are null or NaN; a value can be unknown without, as an infinity less another is."""
    read = {part.name: part for term in terms for part in walk(term) if isinstance(part, Column)}
    names = [pl.when(to_expression(read[name]).is_null()).then(pl.lit(name)) for name in sorted(read)]
    # Cut where a rule reads many columns: a reason is a sentence.
    joined = pl.concat_str(names, separator=", ", ignore_nulls=True).str.head(_LONGEST) if names else pl.lit("")
    return pl.when(joined == "").then(pl.lit("it has no value")).otherwise(pl.concat_str(joined, pl.lit(" is null")))
