"""Feature sets for the catalogue: one with everything, one hostile in every text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agentic_assets.evidence.catalog import Catalog
from agentic_assets.evidence.catalog.feature_sets.material import (
    Agent,
    Change,
    Consumer,
    Drift,
    Figures,
    ListedSet,
    Measured,
    Model,
    Outcome,
    Proofs,
    Spread,
    Top,
)
from agentic_assets.evidence.catalog.material import Version
from agentic_assets_tests.unit.evidence.catalog_material import HOSTILE, catalog

__all__ = ["hostile_set", "load_set", "with_sets"]

SECRET = "ann@example.org"
_SPREAD = Spread(("0 to 4", "5 to 9"), (30, 10), ("0", "9"), 1, 2, "\N{MINUS SIGN}3", "4", "40")


def _feature(name: str, **changes: Any) -> dict[str, Any]:
    usual = {
        "name": name,
        "type": "Int32",
        "unit": "kW",
        "kind": "window",
        "view": "past",
        "description": f"The {name} of the last hour",
        "sources": ["sources/meters.reading"],
    }
    return {**usual, **changes}


def _card(**changes: Any) -> dict[str, Any]:
    usual = {
        "name": "load",
        "version": "1.1.0",
        "digest": "d" * 64,
        "description": "What is known of a meter.",
        "entity": "meter_id",
        "table": "sources/meters",
        "decided": "2 h before due_at",
        "after_the_fact": ["reader"],
        "zone": "UTC",
        "lookback_days": 31,
        "reach_days": 28,
        "forbidden": ["sources/people.*"],
        "sources": [{"name": "readings", "table": "sources/meters", "known_at": "reading"}],
        "views": [{"name": "past", "time_to_live": "6 h"}, {"name": "who", "time_to_live": None}],
        "features": [
            _feature("mean_reading", description="Mean reading of the last hour"),
            _feature("readings_today", unit="readings", description="Readings since midnight"),
            _feature("mail", view="who", unit="address", kind="expression", sources=["sources/meters.email"]),
            _feature("plant", view="who", unit="code", kind="expression", type="String", sources=["else/where.plant"]),
        ],
    }
    return {**usual, **changes}


def _drift() -> Drift:
    """Give a month that was unjudged first, then steady; it drifted on the 20th, and on the 31st a feed stopped."""
    every = [date(2013, 1, 1) + timedelta(days=place) for place in range(31)]
    verdicts = dict.fromkeys(every[:10], "unjudged") | dict.fromkeys(every[10:], "steady")
    verdicts |= {every[19]: "drift", every[30]: "incident"}
    usual = tuple((day, 0.5) for day in every[10:])
    farther = tuple((day, {every[19]: 2.5, every[30]: 457.0}.get(day, 0.5)) for day in every[10:])
    return Drift(
        "features/load_drift",
        "Drift warns; an incident warns.",
        verdicts=verdicts,
        reasons={every[19]: "`mean_reading` is 9 on average, over 4", every[30]: "view past stopped: nothing came"},
        over={day: (1 if day in (every[19], every[30]) else 0, 4) for day in every[10:]},
        moved={
            ("psi", "mean_reading"): farther,
            ("mean", "mean_reading"): farther,
            ("psi", "readings_today"): usual,
            ("psi", "mail"): usual,
            ("age", "past_known_at"): ((every[30], float("inf")),),
        },
    )


def load_set() -> ListedSet:
    """Give a feature set with something in every part of its page; the values of `mail` are masked."""
    days = tuple((f"2013-01-{day:02d}", 100, 100 if day == 31 else day % 3) for day in range(1, 32))
    figures = {
        "mean_reading": Figures(days, _SPREAD, unlike=3),
        "readings_today": Figures(tuple((day, rows, 0) for day, rows, _ in days), _SPREAD),
        # A value that came so far by mistake must stop at the page.
        "mail": Figures(days, Top(((SECRET, 40),), 1, 0)),
        "plant": Figures(days, Top((("north", 30), ("south", 10)), 9, 7)),
    }
    return ListedSet(
        _card(),
        "features/load",
        "plant",
        page="plant-features-load.html",
        owner="meter people",
        classes={"mean_reading": "internal", "mail": "confidential"},
        masked=frozenset({"mail"}),
        agents=(
            Agent("load@2.0.0", "operators", "Judges the load.", "load@1.0.0", "decisions/load", ("mean_reading",)),
        ),
        consumers=(
            Consumer("models/load", "models", ("mean_reading", "readings_today"), named=True),
            Consumer("features/load_proofs", "features", (), named=False),
        ),
        models=(Model("load@2013-02", "models/load", {"mean_reading": (1.0, 12), "readings_today": (0.0, 0)}),),
        proofs=(
            Proofs(
                "features/load_proofs",
                "2013-01",
                (
                    Outcome("one_row_per_entity", "Every entity has one row.", True, "100 rows compared, all equal"),
                    Outcome("future_changes_nothing", "The future changes nothing.", False, "2 of 100 rows differ"),
                ),
                1,
                {"2013-02": "refused: the proof failed"},
            ),
        ),
        versions=(Version("1.0.0", "c" * 64, 31, "2013-01-01", "2013-01-31", "2024-01-01T00:00:00+00:00"),),
        recorded=(("1.0.0", "c" * 64), ("1.1.0", "e" * 64)),
        changes=(Change("1.0.0", "1.1.0", (("breaking", "old_one", "was removed: whoever reads it fails"),)),),
        measured=Measured(figures, "2013-01-01", "2013-01-31", 31, 3_100, "2013-01-04", 28, 2_800),
        drift=_drift(),
    )


def hostile_set() -> ListedSet:
    """Give a feature set whose every text tries to break out of the page."""
    card = _card(
        **dict.fromkeys(("name", "version", "description", "entity", "table", "decided", "zone"), HOSTILE),
        after_the_fact=[HOSTILE],
        forbidden=[HOSTILE],
        sources=[{"name": HOSTILE, "table": HOSTILE, "known_at": HOSTILE}],
        views=[{"name": HOSTILE, "time_to_live": HOSTILE}],
        features=[
            _feature(HOSTILE, type=HOSTILE, unit=HOSTILE, kind=HOSTILE, view=HOSTILE, sources=[f"x/y.{HOSTILE}"]),
            _feature("named", view=HOSTILE, description=HOSTILE),
        ],
    )
    spread = Spread(("1",), (1,), ("1", "1"), 0, 0, "1", "1", "1")
    days = ((HOSTILE, 10, 1), ("b", 10, 2))
    names = (HOSTILE, f"{HOSTILE}_known_at")
    return replace(
        load_set(),
        card=card,
        asset=HOSTILE,
        domain=HOSTILE,
        page="hostile-set.html",
        owner=HOSTILE,
        classes={HOSTILE: HOSTILE},
        masked=frozenset(),
        agents=(Agent(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),),
        consumers=(Consumer(HOSTILE, HOSTILE, (HOSTILE,), named=True),),
        models=(Model(HOSTILE, HOSTILE, {HOSTILE: (1.0, 1)}),),
        proofs=(Proofs(HOSTILE, HOSTILE, (Outcome(HOSTILE, HOSTILE, True, HOSTILE),), 1, {HOSTILE: HOSTILE}),),
        versions=(Version(HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE),),
        recorded=((HOSTILE, HOSTILE),),
        changes=(Change(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE, HOSTILE),)), Change(HOSTILE, HOSTILE, (), HOSTILE)),
        measured=Measured(
            {HOSTILE: Figures(days, Top(((HOSTILE, 3), ("", 2)), 2, 0)), "named": Figures(days, spread, 1)},
            HOSTILE,
            HOSTILE,
            2,
            20,
            HOSTILE,
            2,
            20,
        ),
        drift=Drift(
            HOSTILE,
            HOSTILE,
            verdicts={date(2013, 1, 1): "drift", date(2013, 1, 2): HOSTILE},
            reasons={date(2013, 1, 1): HOSTILE},
            moved={(measure, name): ((date(2013, 1, 1), 2.0),) for measure in ("psi", "mean", "age") for name in names},
        ),
    )


def with_sets(folder: Path) -> Catalog:
    """Give the made-up contracts with both feature sets."""
    return replace(catalog(folder), sets=(load_set(), hostile_set()))
