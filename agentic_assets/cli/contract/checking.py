"""From the gate's results over one file to a report: one remark a rule, over all partitions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agentic_assets.cli.formats import Remark, Report

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract, Finding, GateResult
    from agentic_assets.contracts.files import Rows

__all__ = ["report"]

_TABLES_SHOWN: Final = 10
_PARTITIONS_SHOWN: Final = 5


def report(rows: Rows, contract: Contract, results: Mapping[str, GateResult], *, limit: int) -> Report:
    """Word what was found in a file; `results` holds one result a partition, named "" where there are none.

    An error is what refuses the file or a partition; rows that the contract allows to be refused are a warning.
    """
    remarks: list[Remark] = []
    for rule in dict.fromkeys(finding.rule for result in results.values() for finding in result.findings):
        found = {name: one for name, result in results.items() for one in result.findings if one.rule == rule}
        if next(iter(found.values())).example_row is None:
            remarks += _about_tables(found, results, rows.path)
        else:
            remarks.append(_about_rows(found, results, rows, limit))
    broken = {remark.rule for remark in remarks}
    remarks += [
        Remark(rule.id, "pass", f"{f'`{rule.column}`: ' if rule.column else ''}{rule.text}", str(rows.path))
        for rule in contract.rules
        if rule.id not in broken
    ]
    read = sum(result.read for result in results.values())
    quarantined = sum(result.quarantined.height for result in results.values())
    refused = [name for name, result in results.items() if result.refused]
    data = {
        "file": str(rows.path),
        "kind": rows.kind,
        "contract": f"{contract.name}@{contract.version}",
        "read": read,
        "quarantined": quarantined,
        "refused": bool(refused),
        "partitions": [
            {"partition": name, "read": one.read, "quarantined": one.quarantined.height, "refused": one.refused}
            for name, one in results.items()
            if name
        ],
    }
    return Report("contract check", tuple(remarks), _summary(rows, contract, results, refused), data)


def _summary(rows: Rows, contract: Contract, results: Mapping[str, GateResult], refused: list[str]) -> str:
    read = sum(result.read for result in results.values())
    quarantined = sum(result.quarantined.height for result in results.values())
    named = f"{contract.name}@{contract.version}"
    of = f"{read:,} row{'' if read == 1 else 's'}"
    share = f" ({_percent(quarantined, read)})" if quarantined else ""
    if not refused:
        without = f" without {quarantined:,} of {of}{share}" if quarantined else f", all {of}"
        return f"{named} lets {rows.path} pass{without}"
    if "" in refused:
        return f"{named} refuses {rows.path}: {quarantined:,} of {of} break it{share}"
    return (
        f"{named} refuses {len(refused):,} of {len(results):,} partitions of {rows.path} "
        f"({_listed(refused)}): {quarantined:,} of {of} break it{share}"
    )


def _about_rows(found: Mapping[str, Finding], results: Mapping[str, GateResult], rows: Rows, limit: int) -> Remark:
    first = next(iter(found.values()))
    count = sum(finding.count for finding in found.values())
    total = sum(finding.total for finding in found.values())
    examples = _examples(found, results, limit)
    counted = rows.counted
    message = first.message.replace(f", e.g. row {first.example_row}:", f", e.g. {counted} {first.example_row}:", 1)
    if len(found) > 1:
        where = f"in {len(found):,} partitions ({_listed(list(found))})"
        message = f"{message} there; {count:,} of {total:,} rows {where}, {_percent(count, total)}"
        message = f"{next(iter(found))}: {message}"
    else:
        message += f"; {_percent(count, total)} of {total:,} rows"
        [name] = found
        message = f"{name}: {message}" if name else message
    if len(examples) > 1:
        message += "\nalso " + "; ".join(f"{counted} {one['row']}: {_shown(one['value'])}" for one in examples[1:])
    refusing = any(results[name].refused for name, finding in found.items() if finding.severity == "error")
    within = first.severity == "error" and not refusing
    details: dict[str, Any] = {
        "column": first.column,
        "scope": first.scope,
        "percent": round(100 * count / total, 6) if total else 0.0,
        "counted": counted,
        "examples": examples,
    }
    if any(found):
        details["partitions"] = {name: finding.count for name, finding in found.items()}
    return Remark(
        first.rule,
        "error" if refusing else "warning",
        message,
        str(rows.path),
        first.example_row if counted == "line" else None,
        "so few rows may be refused by the contract; the others pass" if within else None,
        count,
        total,
        details,
    )


def _examples(found: Mapping[str, Finding], results: Mapping[str, GateResult], limit: int) -> list[dict[str, Any]]:
    examples: list[dict[str, Any]] = []
    for name, finding in found.items():
        failing = results[name].failures
        for row in failing.filter(failing["rule"] == finding.rule).iter_rows(named=True):
            if len(examples) >= limit:
                return examples
            example = {"row": row["source_row"], "value": row["value"]}
            examples.append(example | ({"partition": name} if name else {}))
    return examples


def _about_tables(found: Mapping[str, Finding], results: Mapping[str, GateResult], path: Path) -> list[Remark]:
    remarks = [
        Remark(
            finding.rule,
            finding.severity,
            f"{name}: {finding.message}" if name else finding.message,
            str(path),
            count=finding.count,
            total=finding.total,
            details={"column": finding.column, "scope": finding.scope} | ({"partition": name} if name else {}),
        )
        for name, finding in list(found.items())[:_TABLES_SHOWN]
    ]
    more = list(found)[_TABLES_SHOWN:]
    if more:
        severity = next(iter(found.values())).severity
        remarks.append(Remark(remarks[0].rule, severity, f"and so on in {len(more):,} more partitions", str(path)))
    return remarks


def _listed(names: list[str]) -> str:
    listed = ", ".join(names[:_PARTITIONS_SHOWN])
    return f"{listed}, ..." if len(names) > _PARTITIONS_SHOWN else listed


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.3g} %" if total else "0 %"


def _shown(value: str | None) -> str:
    return "null" if value is None else repr(value) if len(value) <= 80 else f"{value[:79]!r}…"
