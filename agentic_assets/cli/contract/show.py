"""`agentic contract show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agentic_assets.cli.contract.finding import contracts_option, find
from agentic_assets.cli.options import emit_json, json_option, screen

if TYPE_CHECKING:
    from agentic_assets.contracts import Column, Contract, Rule, ServiceLevel

__all__ = ["as_data", "show"]


@click.command()
@click.argument("name")
@contracts_option
@json_option
def show(name: str, folder: Path, as_json: bool) -> None:
    """Show one contract as people read it: what the dataset is, who answers for it, its columns and its rules.

    NAME is a dataset (movements, or departures/movements) or the path of a contract file.
    """
    contract = find(name, folder)
    if as_json:
        emit_json(as_data(contract))
    else:
        _print(contract, screen())


def as_data(contract: Contract) -> dict[str, Any]:
    """Give a contract as plain data, complete."""
    return {
        "name": contract.name,
        "dataset": contract.dataset,
        "id": contract.id,
        "version": contract.version,
        "status": contract.status,
        "digest": contract.digest,
        "path": contract.path,
        "owner": contract.owner,
        "description": contract.description,
        "usage": contract.usage,
        "limitations": contract.limitations,
        "tags": list(contract.tags),
        "primary_key": list(contract.primary_key),
        "max_refused_share": contract.max_refused_share,
        "columns": [
            {
                "name": column.name,
                "type": column.physical_type,
                "required": column.required,
                "key": column.is_key,
                "unit": column.unit,
                "classification": column.classification,
                "tags": list(column.tags),
                "constraints": list(column.constraints),
                "description": column.description,
                "after_the_fact": column.after_the_fact,
                "known_at": list(column.known_at),
            }
            for column in contract.columns
        ],
        "rules": [
            {
                "id": rule.id,
                "column": rule.column,
                "keeps": rule.text,
                "severity": rule.severity,
                "scope": rule.scope,
                "dimension": rule.dimension,
                "description": rule.description,
            }
            for rule in contract.rules
        ],
        "service_levels": [
            {
                "property": level.property,
                "value": level.value,
                "unit": level.unit,
                "column": level.column,
                "description": level.description,
            }
            for level in contract.service_levels
        ],
        "unenforced": list(contract.unenforced),
    }


def _print(contract: Contract, console: Console) -> None:
    status = f" ({contract.status})" if contract.status else ""
    console.rule(f"[bold]{escape(contract.name)}@{contract.version}[/]{escape(status)}", align="left")
    console.print(escape(contract.description or "no description"), highlight=False)
    facts = [
        ("owner", contract.owner or "nobody is named"),
        ("usage", contract.usage),
        ("limitations", contract.limitations),
        ("primary key", ", ".join(contract.primary_key) or None),
        ("tags", ", ".join(contract.tags) or None),
        *((level.property, _promised(level)) for level in contract.service_levels),
        (
            "refused rows",
            f"a partition is refused as a whole when more than {100 * contract.max_refused_share:g} % are",
        ),
        ("file", contract.path),
        ("digest", contract.digest),
    ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", overflow="fold")
    grid.add_column(overflow="fold")
    for name, said in facts:
        if said:
            grid.add_row(escape(name), escape(said))
    console.print(grid, highlight=False)
    console.print(_columns(contract))
    console.print(_rules(contract))
    if contract.unenforced:
        console.print("\n[bold]said, but not enforced[/]")
        for note in contract.unenforced:
            console.print(f"  - {escape(note)}", highlight=False)


def _promised(level: ServiceLevel) -> str:
    said = " ".join(str(part) for part in (level.value, level.unit) if part is not None)
    said += f" on {level.column}" if level.column else ""
    return f"{said}: {level.description}" if level.description else said


def _columns(contract: Contract) -> Table:
    table = Table(title=f"{len(contract.columns)} columns", title_justify="left")
    table.add_column("column", overflow="fold")
    table.add_column("type", overflow="fold")
    table.add_column("promises", overflow="fold")
    table.add_column("meaning", overflow="fold")
    for column in contract.columns:
        table.add_row(
            escape(column.name),
            escape(column.physical_type),
            escape("\n".join(_promises(column))),
            escape(_meaning(column)),
        )
    return table


def _promises(column: Column) -> list[str]:
    named = [*column.constraints]
    if column.classification:
        named.append(f"class {column.classification}")
    return named


def _meaning(column: Column) -> str:
    facts = [f"in {column.unit}"] if column.unit else []
    facts += ["known only after the fact"] if column.after_the_fact else []
    facts += [f"known from {' or '.join(column.known_at)} on"] if column.known_at else []
    return f"{column.description} [{'; '.join(facts)}]" if facts else column.description


def _rules(contract: Contract) -> Table:
    # What a column's own line says already is not said twice.
    own = [rule for rule in contract.rules if not _follows_from_a_column(rule)]
    hidden = len(contract.rules) - len(own)
    title = f"{len(contract.rules)} rules" + (f", {hidden} of them named with their column above" if hidden else "")
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("rule", overflow="fold")
    table.add_column("what good rows keep", overflow="fold")
    table.add_column("else", overflow="fold")
    for rule in own:
        meaning = f"{rule.text}\n{rule.description}" if rule.description else rule.text
        table.add_row(escape(rule.id), escape(meaning), _consequence(rule))
    return table


def _follows_from_a_column(rule: Rule) -> bool:
    return rule.column is not None and rule.id.partition("#")[0].endswith(f"({rule.column})")


def _consequence(rule: Rule) -> str:
    if rule.severity == "warning":
        return "a warning"
    return "the row is refused" if rule.scope == "row" else "the partition is refused"
