"""The speed of Dagster's event log: what a historical load records, against what Dagster's own storage needs."""

import itertools
import sqlite3
import tempfile
from pathlib import Path

import dagster as dg

from agentic_assets.orchestration.instance import Checked, Materialized, record
from agentic_assets_tests.bench.table import Row, timed
from agentic_assets_tests.integration.dagster_instances import open_on, stock, tuned

__all__ = ["measure"]

_DAYS, _ASSETS, _STOCK_DAYS = 100, 10, 2


def measure() -> list[Row]:
    """Record materializations and checks on SQLite: tuned against a bare insert, and against Dagster's own storage."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with open_on(root / "tuned", tuned(root / "tuned")) as instance:
            together = _per_event(instance, _DAYS)
            texts = [entry.to_json() for entry in instance.all_logs("run-0")]  # type: ignore[no-untyped-call]
        with open_on(root / "stock", stock(root / "stock")) as instance:
            one_by_one = _per_event(instance, _STOCK_DAYS)
        bare = timed(lambda: _insert(root / "bare.db", texts)) / len(texts)
    events = 2 * _DAYS * _ASSETS
    what = f"record {events:,} events of one run"
    scaled = f"measured on {2 * _STOCK_DAYS * _ASSETS} events"
    return [
        Row("dagster", what, events * together, "the same texts into one bare SQLite table", events * bare, 60.0),
        Row("dagster", what, events * together, "Dagster's own SQLite storage", events * one_by_one, 0.2, scaled),
    ]


def _per_event(instance: dg.DagsterInstance, days: int) -> float:
    keys = [dg.AssetKey(["stage", f"asset_{number}"]) for number in range(_ASSETS)]
    runs = itertools.count()
    pairs = list(itertools.product(keys, range(days)))
    metadata = {"rows": 900, "table": "lake/stage/asset"}
    materializations = [Materialized(key, f"day {day}", "v", "c", metadata=metadata) for key, day in pairs]
    checks = [Checked(key, "contract", f"day {day}", True, blocking=True, metadata=metadata) for key, day in pairs]

    def once() -> None:
        record(
            instance,
            run_id=f"run-{next(runs)}",
            job_name="load",
            step_key="load",
            materializations=materializations,
            checks=checks,
        )

    return timed(once) / (2 * len(pairs))


def _insert(file: Path, texts: list[str]) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, event TEXT)")
        connection.executemany("INSERT INTO events (event) VALUES (?)", [(text,) for text in texts])
    connection.close()
