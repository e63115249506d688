"""A process that has imported everything and forks a cleaning up for each line on its standard input.

Each line is a home and a number: the cleaning up dies by SIGKILL at that removal of a file or folder, before it. It
answers with the exit code.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import deltalake

from agentic_assets.home import Home
from agentic_assets.releases.retention import clean, plan_cleaning
from agentic_assets.store import Store
from agentic_assets_tests.unit.releases.histories import NOW, domain


def _clean(root: Path, step: int) -> int:
    left = step

    def strike(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in ("os.remove", "shutil.rmtree") or str(root) not in str(arguments[0]):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    home = Home.at(root)
    store = Store(home.store_url)
    plan = plan_cleaning([domain()], home, store, now=NOW)
    sys.addaudithook(strike)
    clean(plan, home, store, identity="ada", now=NOW)
    return 0


def main() -> None:
    print("ready", deltalake.__version__, flush=True)
    for line in sys.stdin:
        root, step = line.rsplit(maxsplit=1)
        child = os.fork()
        if child == 0:
            os._exit(_clean(Path(root), int(step)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
