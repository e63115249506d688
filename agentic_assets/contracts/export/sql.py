"""A contract as a table of a database: types, keys, checks and comments."""

from __future__ import annotations

from typing import Literal

from agentic_assets.contracts.contract import Column, Contract
from agentic_assets.contracts.export.dialect import DIALECTS, Dialect
from agentic_assets.contracts.export.unsaid import Unsaid, Unsayable, one_line, parts, sayable
from agentic_assets.contracts.promise import NoneOf, Present
from agentic_assets.contracts.reference import Reference
from agentic_assets.errors import ContractInvalid

__all__ = ["to_sql"]


def to_sql(contract: Contract, *, dialect: Literal["duckdb", "postgres"] = "duckdb", foreign_keys: bool = True) -> str:
    """Give the statements that create the contract's table, empty, with its constraints and comments.

    A row that the gate refuses for what it holds is refused by the database too, by a constraint of the rule's name;
    what the database cannot say is named in comments at the top. With `foreign_keys` the tables that the contract
    refers to have to be there already, each with a key over the columns that are referred to. Raises ContractInvalid
    for a column whose name or type the database does not know.
    """
    words, unsaid = DIALECTS[dialect], Unsaid()
    try:
        table = words.identifier(contract.dataset)
        types = {column.name: words.type(column.dtype) for column in contract.columns}
        names = {column.name: words.identifier(column.name) for column in contract.columns}
    except Unsayable as reason:
        raise ContractInvalid(
            f"{contract.name}@{contract.version} cannot be a table of {dialect}: {reason}",
            hint="shorten the name, or use another dialect",
        ) from None
    required = {column.name for column in contract.columns if column.required}
    constraints: list[str] = []
    keys: list[tuple[str, ...]] = []
    for rule in sayable(contract, unsaid):
        try:
            if rule.key:
                if rule.key not in keys:
                    keys.append(rule.key)
                    kind = "PRIMARY KEY" if rule.key == contract.primary_key else "UNIQUE"
                    constraints.append(f"{kind} ({', '.join(names[name] for name in rule.key)})")
                continue
            if rule.reference is not None:
                constraints.append(_foreign_key(rule.reference, words, wanted=foreign_keys))
                continue
            single = parts(rule.promise)
            if rule.column is not None and any(isinstance(promise, Present | NoneOf) for promise in single):
                required.add(rule.column)
            said = [words.condition(promise, rule.column, contract.schema) for promise in single]
            conditions = [condition for condition in said if condition is not None]
            if conditions:
                name = _constraint(rule.id, words, len(constraints))
                constraints.append(f"CONSTRAINT {name} CHECK ({' AND '.join(conditions)})")
        except Unsayable as reason:
            unsaid.note(rule, str(reason))
    lines = [
        f"    {names[column.name]} {types[column.name]}{' NOT NULL' if column.name in required else ''}"
        for column in contract.columns
    ]
    lines += [f"    {constraint}" for constraint in constraints]
    body = ",\n".join(lines)
    return (
        "\n".join([*_head(contract, unsaid), f"CREATE TABLE {table} (\n{body}\n);", *_comments(contract, table, words)])
        + "\n"
    )


def _head(contract: Contract, unsaid: Unsaid) -> list[str]:
    head = [one_line(f"-- {contract.name} {contract.version}: written from its contract, not to be edited")]
    if unsaid.lines:
        head += ["-- Not said here, but in the contract:", *(f"--   {line}" for line in unsaid.lines)]
    return head


def _foreign_key(reference: Reference, words: Dialect, *, wanted: bool) -> str:
    if not wanted:
        raise Unsayable("foreign keys were not asked for")
    own, theirs = (", ".join(words.identifier(name) for name in names) for names in (reference.columns, reference.keys))
    return f"FOREIGN KEY ({own}) REFERENCES {words.identifier(reference.dataset)} ({theirs})"


def _constraint(rule_id: str, words: Dialect, number: int) -> str:
    try:
        return words.identifier(rule_id)
    except Unsayable:
        return words.identifier(f"rule {number + 1}")


def _comments(contract: Contract, table: str, words: Dialect) -> list[str]:
    about = f"{contract.description} ({contract.name} {contract.version})"
    found = [f"COMMENT ON TABLE {table} IS {_comment(about, words)};"]
    found += [
        f"COMMENT ON COLUMN {table}.{words.identifier(column.name)} IS {_comment(_about(column), words)};"
        for column in contract.columns
        if _about(column)
    ]
    return found


def _about(column: Column) -> str:
    return column.description + (f" Unit: {column.unit}." if column.unit else "")


def _comment(text: str, words: Dialect) -> str:
    return words.text("".join(char if char.isprintable() else " " for char in text).strip())
