"""What each column is: type, promise, class, meaning, and where relationships point."""

from __future__ import annotations

from typing import Final

from agentic_assets.contracts import Column, Contract
from agentic_assets.evidence.catalog.material import Catalog, Listed
from agentic_assets.evidence.report.blocks import Block, Cell, Section, Table, chip, code, prose, text
from agentic_assets.evidence.report.wording import plural, shown

__all__ = ["columns"]

_MASKED: Final = "(masked)"
_EXAMPLES: Final = 3
_DASH: Final = "\N{EN DASH}"


def columns(one: Listed, catalog: Catalog) -> Section:
    """Describe each column: type, what is promised of its values, class, meaning, examples."""
    contract = one.contract
    rows = tuple(_column(column) for column in contract.columns)
    blocks: list[Block] = [
        Table(
            "Columns, in the order of the table",
            ("Column", "Type", "Class", "Promised of every value", "Meaning"),
            rows,
            stacked=True,
        )
    ]
    if contract.relationships:
        blocks.append(_relationships(contract, catalog))
    masked = sum(column.masked for column in contract.columns)
    key = f" The primary key is {', '.join(contract.primary_key)}." if contract.primary_key else ""
    veiled = f" Values of {plural(masked, 'column')} are masked wherever they would be shown." if masked else ""
    return Section("columns", "Columns", "Columns", f"{plural(len(rows), 'column')}.{key}{veiled}", tuple(blocks))


def _column(column: Column) -> tuple[Cell, ...]:
    notes = [column.description]
    notes += [f"Unit: {column.unit}."] if column.unit else []
    notes += ["Known only after the fact."] if column.after_the_fact else []
    notes += [f"Known from {' or '.join(column.known_at)} on."] if column.known_at else []
    notes += ["Critical."] if column.critical else []
    notes += ["Deprecated."] if column.deprecated else []
    notes += [f"Encrypted in {column.encrypted_name}."] if column.encrypted_name else []
    if column.transform is not None:
        notes += [f"Made from {', '.join(column.transform.sources)}."] if column.transform.sources else []
        notes += [said for said in (column.transform.description, column.transform.logic) if said]
    notes += [f"Tags: {', '.join(column.tags)}."] if column.tags else []
    title = f"{column.title}: " if column.title and column.title != column.name else ""
    example = _examples(column)
    notes += [f"E.g. {example}."] if example else []
    plain = [promise for promise in column.constraints if promise]
    return (
        Cell(shown(column.name), "code", anchor=f"column-{column.name}"),
        code(shown(column.physical_type)),
        _class(column),
        text(shown("; ".join(plain), 400) or _DASH),
        prose(shown(title + " ".join(note for note in notes if note), 1_200)),
    )


def _class(column: Column) -> Cell:
    said = column.classification or ("encrypted" if column.masked else "")
    return chip(shown(said, 60), "deny" if column.masked else "allow") if said else text(_DASH)


def _examples(column: Column) -> str:
    if column.masked:
        return _MASKED if column.examples else ""
    return ", ".join(shown(example, 60) for example in column.examples[:_EXAMPLES])


def _relationships(contract: Contract, catalog: Catalog) -> Table:
    rows = []
    for relation in contract.relationships:
        target = relation.to[0] if relation.to else ""
        words = ", ".join(relation.to)
        rows.append(
            (
                code(shown(", ".join(relation.columns))),
                Cell(shown(words), "code", href=_target(target, contract, catalog)),
                text(shown(relation.kind)),
            )
        )
    return Table("Relationships to other tables", ("Columns", "Point to", "Kind"), tuple(rows), stacked=True)


def _target(target: str, contract: Contract, catalog: Catalog) -> str:
    """Find the page of a reference such as `airports.faa` or `schema/airports/properties/faa`."""
    parts = [part for part in target.replace("/", ".").split(".") if part not in ("", "schema", "properties", "yaml")]
    if len(parts) < 2:
        return ""
    table, column = parts[-2], parts[-1]
    domain = contract.name.partition("/")[0]
    near = [
        one for one in catalog.listed if table in (one.contract.dataset, one.contract.physical_name, one.contract.id)
    ]
    best = next((one for one in near if one.contract.name.partition("/")[0] == domain), near[0] if near else None)
    if best is None:
        return ""
    known = column in best.contract.schema
    return f"{best.page}#column-{column}" if known else best.page
