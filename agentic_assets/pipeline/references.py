"""Relationships between assets: which asset holds the rows that a contract refers to, and its keys a partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.contracts.gating.cross import References, comparable
from agentic_assets.errors import ContractInvalid
from agentic_assets.pipeline.batch import Batch
from agentic_assets.pipeline.node import Input, Node

__all__ = ["keys_of", "referring", "unresolved"]


def referring(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Make the asset that a contract refers to an input of its node, where it stands earlier in the data path.

    So a change of it reopens what refers to it. What stands nowhere, or later, stays unresolved, and the gate says so
    in a warning. Raises ContractInvalid for a key that the other contract does not have, or of another type.
    """
    resolved: list[Node] = []
    for node in nodes:
        found: dict[str, str] = {}
        for reference in node.contract.references if node.contract else ():
            assert node.contract is not None
            other = _holder(reference.dataset, node.contract, resolved)
            if other is None or other.contract is None:
                continue
            _same_types(node.contract, other.contract, reference.columns, reference.keys)
            found[reference.dataset] = other.asset
        read = {given.asset for given in node.inputs}
        more = tuple(Input(asset) for asset in dict.fromkeys(found.values()) if asset not in read)
        resolved.append(replace(node, inputs=(*node.inputs, *more), references=found) if found else node)
    return tuple(resolved)


def unresolved(node: Node) -> tuple[str, ...]:
    """List the datasets that a node's contract refers to and that no earlier asset holds."""
    contract = node.contract
    wanted = dict.fromkeys(reference.dataset for reference in contract.references) if contract else {}
    return tuple(
        name for name in wanted if name not in node.references and name != (contract.dataset if contract else "")
    )


def keys_of(batch: Batch, partitions: Sequence[str]) -> dict[str, References]:
    """Read the keys that each partition may refer to: those of the window in which its node reads the other asset.

    Every referenced file is read once, and of it only the key columns.
    """
    node = batch.node
    contract = node.contract
    given: dict[str, dict[str, pl.DataFrame]] = {name: {} for name in partitions}
    if contract is None:
        return dict(given)
    for dataset, asset in node.references.items():
        wanted = {key for reference in contract.references if reference.dataset == dataset for key in reference.keys}
        parts = _parts(batch, asset, sorted(wanted))
        shared: dict[tuple[str, ...], pl.DataFrame] = {}
        for name in partitions:
            window = tuple(part for part in batch.windows[asset][name] if part in parts)
            if window not in shared:
                shared[window] = pl.concat([parts[part] for part in window]) if window else _empty(batch, asset, wanted)
            given[name][dataset] = shared[window]
    return dict(given)


def _holder(dataset: str, contract: Contract, earlier: Sequence[Node]) -> Node | None:
    """Find the node of a dataset; one of the contract's own domain goes before others."""
    own = contract.name.rpartition("/")[0]
    held = [node for node in earlier if node.contract is not None and node.contract.dataset == dataset]
    if dataset == contract.dataset:
        return None
    near = [node for node in held if node.contract and node.contract.name == f"{own}/{dataset}"]
    return next(iter([*near, *held]), None)


def _same_types(contract: Contract, other: Contract, columns: Sequence[str], keys: Sequence[str]) -> None:
    for column, key in zip(columns, keys, strict=True):
        if key not in other.schema:
            raise ContractInvalid(
                f"{contract.path}: `{column}` refers to `{other.dataset}.{key}`, which {other.path} does not have",
                hint=f"refer to one of its columns: {', '.join(list(other.schema)[:12])}",
            )
        if not comparable(other.schema[key], contract.schema[column]):
            raise ContractInvalid(
                f"{contract.path}: `{column}` is {contract.schema[column]}, but `{other.dataset}.{key}`, to which it "
                f"refers, is {other.schema[key]}",
                hint="give both columns one type",
            )


def _parts(batch: Batch, asset: str, keys: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    entries = batch.entries(asset)
    if not entries:
        return {}
    files = [entry.file for entry in entries.values()]
    rows = batch.lake.open(asset).scan_files(files).select(keys).collect()
    parts: dict[str, pl.DataFrame] = {}
    start = 0
    for name, entry in entries.items():
        parts[name] = rows.slice(start, entry.rows)
        start += entry.rows
    return parts


def _empty(batch: Batch, asset: str, keys: set[str]) -> pl.DataFrame:
    schema = batch.lake.open(asset).schema
    return pl.DataFrame(schema={name: schema[name] for name in sorted(keys)})
