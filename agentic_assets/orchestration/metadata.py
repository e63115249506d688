"""What people see on an asset's page and on each of its materializations."""

import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.pages import page
from agentic_assets.orchestration.promises import ROOT, contract_metadata, table_schema
from agentic_assets.orchestration.tables import table, value
from agentic_assets.pipeline import CheckResult, Node, PartitionResult
from agentic_assets.quality import GROUP
from agentic_assets.versions import Pins

__all__ = ["check_description", "check_metadata", "definition_metadata", "description", "materialization_metadata"]

_LISTED = 6


def description(node: Node) -> str:
    """Write the asset's page: what it is, what its contract promises, where it comes from."""
    contract = node.contract
    parts = [node.description or (contract.description if contract else "")]
    if contract is not None:
        parts.append(
            f"**Contract** `{contract.name}@{contract.version}` in `{contract.path}`, owner {contract.owner}, "
            f"{len(contract.rules)} rules. What breaks a rule goes to `quarantine/{node.asset}`, never downstream."
        )
    if node.pins:
        parts.append("**Pinned**: " + ", ".join(f"{pin.kind} `{pin.name}@{pin.version}`" for pin in sorted(node.pins)))
    if node.lineage:
        rows = [f"| `{column}` | {_said(sources)} |" for column, sources in node.lineage.items()]
        parts.append("\n".join(["| column | made from |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _said(sources: Sequence[tuple[str, str]]) -> str:
    if len(sources) <= _LISTED:
        return ", ".join(f"`{asset}.{column}`" for asset, column in sources)
    counts = Counter(asset for asset, _ in sources)
    return ", ".join(f"{count} column{'s' if count > 1 else ''} of `{asset}`" for asset, count in counts.items())


def definition_metadata(node: Node, domain: Domain) -> dict[str, Any]:
    """Give the metadata that belongs to the asset itself."""
    metadata: dict[str, Any] = {
        "dagster/column_schema": table_schema(node),
        "dagster/table_name": f"{domain.name}.{node.asset.replace('/', '.')}",
        "dagster/code_references": dg.CodeReferencesMetadataValue(code_references=_references(node)),
        "code_digest": node.code_version,
    }
    if node.group == GROUP:
        # Also here, and not only with what was recorded: this is read anew wherever the UI runs.
        metadata["docs"] = page("data_docs/index.html")
    if node.contract:
        metadata |= contract_metadata(node.contract)
    if node.lineage:
        metadata["dagster/column_lineage"] = dg.TableColumnLineage(
            deps_by_column={
                column: [
                    dg.TableColumnDep(asset_key=dg.AssetKey(asset.split("/")), column_name=source)
                    for asset, source in sources
                ]
                for column, sources in node.lineage.items()
            }
        )
    return metadata


def _references(node: Node) -> list[dg.LocalFileCodeReference | dg.UrlCodeReference]:
    found: list[dg.LocalFileCodeReference | dg.UrlCodeReference] = []
    if node.contract:
        path, label = str(ROOT / node.contract.path), f"contract {node.contract.name}"
        found.append(dg.LocalFileCodeReference(file_path=path, line_number=1, label=label))
    for function in node.code:
        target = inspect.unwrap(function)
        source = inspect.getsourcefile(target)
        if source is not None:
            found.append(
                dg.LocalFileCodeReference(
                    file_path=source,
                    line_number=inspect.getsourcelines(target)[1] or 1,
                    label=getattr(target, "__qualname__", repr(target)),
                )
            )
    return found


def materialization_metadata(
    result: PartitionResult, node: Node, pins: Pins, lake: Path, said: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the metadata of one published partition: counts, pins, inputs with versions, where it lies.

    `said` comes first: the release in force for it, and what it has to do with the publications before it.
    """
    entry = result.entry
    if entry is None:
        return {"state": str(result.state), "message": result.message}
    metadata: dict[str, Any] = {
        **said,
        "dagster/row_count": entry.rows,
        "rows_quarantined": entry.quarantined,
        "state": str(result.state),
        "data_version": entry.data_version,
        "fingerprint": entry.fingerprint,
        "lake_version": entry.delta_version,
        "lake_file": dg.MetadataValue.path(str(lake / node.asset / entry.file)),
        "pins": table([{"kind": p.kind, "name": p.name, "version": p.version, "digest": p.digest[:16]} for p in pins]),
        "inputs": table([_input_row(asset, parts) for asset, parts in sorted(entry.inputs.items())]),
    }
    if node.contract:
        metadata["contract"] = dg.MetadataValue.path(str(ROOT / node.contract.path))
    if "page" in entry.details:
        metadata["docs"] = page(f"data_docs/{entry.details['page']}")
    back = entry.details.get("restored")
    if back is not None:
        metadata |= {
            "rolled_back_to": entry.data_version,
            "from_version": back["from_version"],
            "reason": back["reason"],
            "rolled_back_by": back["by"],
            "lift_with": f"agentic rollback data {entry.asset} {entry.partition}".strip() + " --lift --reason WHY",
        }
    for name, content in sorted(entry.details.items()):
        if name not in ("checks", "page", "quarantine", "restored"):
            metadata[name] = value(content)
    return metadata


def _input_row(asset: str, parts: Mapping[str, str]) -> dict[str, Any]:
    names = sorted(parts)
    span = "" if not names or names == [""] else names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    return {
        "asset": asset,
        "partitions": span,
        "count": len(names),
        "data_version": parts[names[-1]][:16] if names else "none",
    }


def check_description(check: CheckResult) -> str | None:
    """Give what a check found as the UI shows it: Markdown, in which the hint is a paragraph of its own."""
    return check.description.replace("\nhint: ", "\n\nhint: ") or None


def check_metadata(check: CheckResult, node: Node, lake: Path) -> dict[str, Any]:
    """Give the metadata of one check result: counts, each broken rule with its example, and where refused rows lie."""
    metadata = {
        name: value(content) for name, content in check.metadata.items() if name not in ("rules_broken", "page")
    }
    if "page" in check.metadata:
        metadata["docs"] = page(f"data_docs/{check.metadata['page']}")
    broken = check.metadata.get("rules_broken")
    if broken:
        metadata["rules_broken"] = table([_broken(finding, node) for finding in broken])
        metadata["quarantine"] = dg.MetadataValue.path(str(lake / "quarantine" / node.asset))
        shown = f"agentic quarantine show {node.asset} {check.partition}".strip()
        metadata["look_at_the_rows"] = shown
    return metadata


def _broken(finding: Mapping[str, Any], node: Node) -> dict[str, Any]:
    rule = next((one for one in node.contract.rules if one.id == finding["rule"]), None) if node.contract else None
    count, total = finding["count"], finding["total"]
    example = finding["example_value"]
    return {
        "rule": finding["rule"],
        "column": finding["column"],
        "promise": rule.text if rule else finding["message"],
        "dimension": (rule.dimension if rule else None) or "",
        "severity": finding["severity"],
        "scope": finding["scope"],
        "count": count,
        "percent": round(100 * count / total, 2) if total else 0.0,
        "example": "" if example is None else example,
        "example_row": "" if finding["example_row"] is None else str(finding["example_row"]),
    }
