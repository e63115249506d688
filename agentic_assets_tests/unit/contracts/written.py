"""Contracts written for tests: the fewest lines that make a valid ODCS file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from agentic_assets.contracts import Contract, load

Properties = Sequence[Mapping[str, Any]]


def document(properties: Properties, quality: Properties = (), **more: Any) -> dict[str, Any]:
    """Give a contract of one table `things` as a mapping; `more` replaces top-level keys."""
    table: dict[str, Any] = {"name": "things", "properties": [dict(item) for item in properties]}
    if quality:
        table["quality"] = [dict(item) for item in quality]
    base = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "t",
        "version": "1.2.3",
        "domain": "tests",
        "schema": [table],
    }
    return base | more


def contract(folder: Path, properties: Properties, quality: Properties = (), **more: Any) -> Contract:
    """Write a contract into a folder and load it."""
    return load(written(folder, document(properties, quality, **more)))


def written(folder: Path, value: object) -> Path:
    """Write a value, or text as it is, as `things.odcs.yaml`."""
    path = folder / "things.odcs.yaml"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return path


def share(value: float) -> list[dict[str, Any]]:
    """Give the custom properties that allow this share of refused rows."""
    return [{"property": "maxRefusedShare", "value": value}]
