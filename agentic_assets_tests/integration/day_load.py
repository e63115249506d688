"""A load of one day, in processes that are made to be killed: a server imports what a load needs, its forks load.

So that a kill strikes the load and not seconds of imports. Importing is all that the server does: what polars and
deltalake compute with begins to run when it is first used, in each fork anew.
"""

from __future__ import annotations

import os
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

__all__ = ["DAY", "started"]

DAY = date(2013, 1, 1)
_IMPORTED = [
    *("great_expectations", "pydantic_ai", "hypothesis.extra", "alembic.command", "pandera.polars", "deltalake"),
    *("agentic_assets.orchestration", "agentic_assets.domains.departures", "agentic_assets_tests.homes"),
]


def started(home: Path, deliveries: Path) -> tuple[ForkServerProcess, Connection]:
    """Start a load once everything is imported; the connection says `ready`, then whether the load was complete."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    said, saying = context.Pipe(duplex=False)
    process = context.Process(target=_load, args=(home, deliveries, saying))
    process.start()
    saying.close()
    assert said.recv() == "ready"
    return process, said


def _load(home: Path, deliveries: Path, saying: Connection) -> None:
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # progress is for people
    from agentic_assets.domains.departures import domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration import run_load
    from agentic_assets_tests.homes import without_proofs

    made = domain(deliveries)
    saying.send("ready")
    loaded = run_load(made, Home.at(home), only=without_proofs(made, made.graph.calendar.days(DAY, DAY)))
    saying.send(loaded.outcome.complete)
