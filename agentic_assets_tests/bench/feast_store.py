"""Feast joining the tables of `ready_made` to the entities, with its duckdb offline store.

A script for the environment `.venv-feast`, which has nothing of ours: `feast_store.py FOLDER` prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pandas as pd

os.environ["FEAST_USAGE"] = "False"


def main(folder: Path) -> None:
    """Apply the definitions, which is not timed, then get the features of all entities."""
    from feast import Entity, FeatureStore, FeatureView, FileSource, RepoConfig, ValueType

    with tempfile.TemporaryDirectory() as home:
        store = FeatureStore(
            config=RepoConfig(
                project="bench",
                provider="local",
                registry=f"{home}/registry.db",
                offline_store={"type": "duckdb"},
                online_store={"type": "sqlite", "path": f"{home}/online.db"},
                entity_key_serialization_version=3,
            )
        )
        told = json.loads((folder / "views.json").read_text(encoding="utf-8"))
        named = sorted({key for view in told.values() for key in view["key"]})
        types = {name: ValueType.INT64 if name == "hour" else ValueType.STRING for name in named}
        keys = {name: Entity(name=name, join_keys=[name], value_type=types[name]) for name in named}
        views = [
            FeatureView(
                name=name,
                entities=[keys[key] for key in view["key"]],
                ttl=timedelta(hours=view["hours"]),
                source=FileSource(path=str(folder / f"{name}.parquet"), timestamp_field="known_at"),
                online=False,
            )
            for name, view in told.items()
        ]
        store.apply([*keys.values(), *views])
        start, busy = time.perf_counter(), time.process_time()
        entities = pd.read_parquet(folder / "entities.parquet").rename(columns={"decided_at": "event_timestamp"})
        features = [f"{name}:{value}" for name, view in told.items() for value in view["values"]]
        found = store.get_historical_features(entity_df=entities, features=features).to_df()
        seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    lost = len(entities) - len(found)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "rows": len(found), "lost": lost}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
