"""What a contract promises, as metadata of its asset: columns with constraints, rules, delivery, people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from agentic_assets.contracts import Column, Contract, Rule
from agentic_assets.orchestration.people import people_metadata
from agentic_assets.orchestration.tables import table
from agentic_assets.pipeline import Node

__all__ = ["ROOT", "contract_metadata", "table_schema"]

_SAID_BY_DAGSTER = ("required", "unique")
ROOT = Path(__file__).resolve().parents[2]


def table_schema(node: Node) -> dg.TableSchema:
    """Give the columns, with what the contract says of them: description, unit, class, tags, constraints."""
    contract = node.contract
    if contract is None:
        return dg.TableSchema(columns=[dg.TableColumn(name, type=str(dtype)) for name, dtype in node.schema.items()])
    unique = {rule.key[0] for rule in contract.rules if len(rule.key) == 1 and rule.tolerance is None}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.physical_type,
                description=_described(column),
                constraints=dg.TableColumnConstraints(
                    nullable=not column.required,
                    unique=column.name in unique,
                    other=[text for text in column.constraints if text not in _SAID_BY_DAGSTER],
                ),
                tags=_tags(column),
            )
            for column in contract.columns
        ],
        constraints=dg.TableConstraints(
            other=([f"primary key ({', '.join(contract.primary_key)})"] if contract.primary_key else [])
            + [f"{rule.id}: {rule.text}" for rule in contract.rules if rule.column is None and not rule.key]
        ),
    )


def _described(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    parts = [f"{column.description}{unit}"]
    if column.after_the_fact:
        parts.append("Known only after the fact.")
    if column.known_at:
        parts.append(f"Known from {' or '.join(f'`{name}`' for name in column.known_at)} on.")
    if column.encrypted_name:
        parts.append(f"Encrypted in `{column.encrypted_name}`.")
    if column.transform and column.transform.sources:
        parts.append(f"Made from {', '.join(f'`{source}`' for source in column.transform.sources)}.")
    if column.transform and (said := column.transform.description or column.transform.logic):
        parts.append(said)
    return " ".join(part for part in parts if part)


def _tags(column: Column) -> dict[str, str]:
    tags = {_plain(name): "" for name in column.tags}
    if column.classification:
        tags["classification"] = _plain(column.classification)
    if column.masked:
        tags["masked"] = ""
    if column.is_key:
        tags["key"] = ""
    if column.critical:
        tags["critical"] = ""
    if column.partitioned:
        tags["partition"] = ""
    return tags


def _plain(text: str) -> str:
    # Dagster refuses other characters and more than 63 of them, and with them the whole code location.
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "_.-") else "-" for char in text.strip())
    return kept[:63].strip("-_.") or "other"


def contract_metadata(contract: Contract) -> Mapping[str, Any]:
    """Give what an asset's page shows of its contract, beside its columns."""
    found: dict[str, Any] = {
        "contract": dg.MetadataValue.path(str(ROOT / contract.path)),
        "contract_version": f"{contract.name}@{contract.version}",
        "contract_status": contract.status or "not said",
        "rules": table([_rule(rule) for rule in contract.rules]),
    }
    if contract.service_levels:
        found["service_levels"] = table(
            [
                {"promise": level.text, "held by": level.held or "nothing", "meaning": level.description or ""}
                for level in contract.service_levels
            ]
        )
    if contract.residency:
        found["residency"] = ", ".join(contract.residency)
    masked = [column.name for column in contract.columns if column.masked]
    if masked:
        found["masked_columns"] = ", ".join(masked)
    found |= people_metadata(contract)
    if contract.unenforced:
        found["not_enforced"] = table([{"said, but not enforced": said} for said in contract.unenforced])
    return found


def _rule(rule: Rule) -> Mapping[str, Any]:
    what = "the row" if rule.scope == "row" else "the partition"
    return {
        "rule": rule.id,
        "column": rule.column or "",
        "promise": rule.text,
        "dimension": rule.dimension or "",
        "severity": rule.severity,
        "refuses": what if rule.severity == "error" else "nothing",
        "meaning": rule.description or "",
    }
