"""A catalogue of made-up contracts, one of them hostile in every text."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agentic_assets.contracts import Contract, load
from agentic_assets.evidence.catalog import Catalog, Listed
from agentic_assets.evidence.catalog.material import Day, Decider, History, Reader, Source, Version
from agentic_assets_tests.unit.contracts.written import document, written

__all__ = ["HOSTILE", "catalog", "hostile", "meters"]

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`${7*7}{{7*7}}\u202e"


def _load(folder: Path, **parts: Any) -> Contract:
    folder.mkdir(parents=True, exist_ok=True)
    return load(written(folder, document(**parts)))


def meters(folder: Path) -> Contract:
    """A contract with something in every section."""
    return _load(
        folder / "meters",
        properties=[
            {"name": "meter_id", "logicalType": "string", "primaryKey": True, "description": "Names the `meter`."},
            {
                "name": "email",
                "logicalType": "string",
                "classification": "confidential",
                "examples": ["ann@example.org"],
                "relationships": [{"to": "people.mail"}],
            },
            {"name": "reading", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0}, "examples": [7]},
        ],
        id="meters",
        name="Meters of the plant",
        domain="plant",
        tags=["hourly", "plant"],
        status="active",
        team={"name": "meter people", "members": [{"username": "ann@example.org", "role": "steward"}]},
        roles=[{"role": "meter_reader", "access": "read", "firstLevelApprovers": "meter people"}],
        support=[{"channel": "meters", "url": "https://example.org/meters"}, {"channel": "odd", "url": "file:///etc"}],
        slaProperties=[{"property": "frequency", "value": 1, "unit": "d"}, {"property": "throughput", "value": 3}],
        customProperties=[
            {"property": "residency", "value": "eu"},
            {"property": "knownFacts", "value": [{"fact": "meters that run backwards", "rows": 12}]},
        ],
    )


def hostile(folder: Path) -> Contract:
    """A contract whose every text tries to break out of the page."""
    return _load(
        folder / "hostile",
        properties=[
            {
                "name": "a",
                "logicalType": "string",
                "description": HOSTILE,
                "businessName": HOSTILE,
                "examples": [HOSTILE],
                "classification": "internal",
                "tags": [HOSTILE],
                "logicalTypeOptions": {"pattern": "<b>[a-z]+</b>"},
            }
        ],
        quality=[
            {"name": HOSTILE, "type": "library", "metric": "rowCount", "mustBeGreaterThan": 0, "description": HOSTILE}
        ],
        id=HOSTILE,
        name=HOSTILE,
        domain=f"../../{HOSTILE}",
        tags=[HOSTILE],
        status=HOSTILE,
        description={"purpose": HOSTILE, "usage": HOSTILE, "limitations": HOSTILE},
        team={"name": HOSTILE, "description": HOSTILE, "members": [{"username": HOSTILE, "role": HOSTILE}]},
        roles=[{"role": HOSTILE, "access": HOSTILE, "firstLevelApprovers": HOSTILE, "description": HOSTILE}],
        support=[
            {"channel": HOSTILE, "url": "javascript:alert(1)", "tool": HOSTILE, "description": HOSTILE},
            {"channel": "quoted", "url": 'https://example.org/"onmouseover="alert(3)'},
        ],
        slaProperties=[{"property": HOSTILE, "value": HOSTILE, "description": HOSTILE}],
        customProperties=[{"property": "knownFacts", "value": [{"fact": HOSTILE, "rows": 1, HOSTILE: HOSTILE}]}],
    )


def catalog(folder: Path) -> Catalog:
    """Two contracts: one in use for 60 days, one hostile without an asset."""
    first = date(2013, 1, 1)
    days = tuple(
        Day(
            (first + timedelta(days=place)).isoformat(),
            100 + place,
            0 if place % 7 else 3,
            {"minimum(reading)": 3} if place % 7 == 0 else {},
        )
        for place in range(60)
        if place != 20
    )
    history = History(
        days,
        expected=365,
        versions=(Version("1.2.3", "ab" * 32, 59, days[0].partition, days[-1].partition, "2024-01-01T00:00:00+00:00"),),
        refused={"2013-01-21": f"refused: {HOSTILE}"},
        daily=True,
    )
    used = Listed(
        meters(folder),
        "plant-things.html",
        asset="sources/meters",
        history=history,
        sources=(Source("raw/meters", ("id",)),),
        readers=(
            Reader("features/load", "feature set load@1.0.0", ("reading",), ("mean_reading",)),
            Reader("decisions/load", "decisions of load@1.0.0", (), (), directly=False),
        ),
        deciders=(Decider("load@1.0.0", "operators", "Judges the load.", "decisions/load", ("mean_reading",)),),
    )
    return Catalog((used, Listed(hostile(folder), "hostile.html")), "/somewhere")
