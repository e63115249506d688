"""A process that has imported everything and forks a rollback for each line on its standard input: kills stay cheap.

Each line is the home to roll back in. It answers with the process id, and with the exit code when that one has ended.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dagster
import deltalake
import pandera.polars  # noqa: F401

from agentic_assets.domains import load_domain
from agentic_assets.home import Home
from agentic_assets.orchestration.rolling_back import run_rollback


def _roll_back(home: str) -> int:
    done = run_rollback(load_domain("loans"), Home.at(Path(home)), to="r1", reason="r2 was wrong", by="tester")
    return 1 if done.failure else 0


def main() -> None:
    print("ready", dagster.__version__, deltalake.__version__, flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.setsid()
            os._exit(_roll_back(line.strip()))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
