"""Homes that are run once in a session of tests, whatever the number of its workers, and copied by who needs one."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from agentic_assets.cli import main
from agentic_assets.evidence import Domain

__all__ = ["RANGE", "agentic", "agentic_process", "copied", "made_once", "run_two_days", "without_proofs"]

RANGE = ("--from", "2013-01-01", "--to", "2013-01-02")


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Give a folder that the first worker who asks has `make` fill; nobody may write into it afterwards.

    Who asks in the meantime waits. When `make` fails, the next who asks tries again, in an empty folder.
    """
    base = temporary.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, ready = shared / name, shared / f"{name}.ready"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder


def copied(home: Path, to: Path) -> Path:
    """Copy a home to a place that does not exist yet; its links, which are relative, lead into the copy."""
    return Path(shutil.copytree(home, to, symlinks=True))


def agentic_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, in which every warning is an error: seconds of imports."""
    command = [sys.executable, "-W", "error", "-c", "from agentic_assets.cli import main; main()", *arguments]
    environ = {**os.environ, "AGENTIC_HOME": str(home)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)


def agentic(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, from its arguments to its exit code."""
    out, error = io.StringIO(), io.StringIO()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AGENTIC_HOME", str(home))
        patch.setattr(sys, "argv", ["agentic", *arguments])
        patch.setattr(sys, "stdin", io.StringIO())
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(error))
        ended = stack.enter_context(pytest.raises(SystemExit))
        main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), error.getvalue())


def run_two_days(home: Path) -> None:
    """Run the departures domain over its first two days, as people do."""
    done = agentic_process(home, "run", *RANGE)
    assert done.returncode == 0, done.stderr


def without_proofs(made: Domain, days: Sequence[str]) -> dict[str, Sequence[str]]:
    """Name every partition of some days, by asset, but proofs and pages: nothing rests on them, and they take long."""
    left_out = ("_proofs", "/data_docs")
    calendar = made.graph.calendar
    kept = [node for node in made.graph.nodes if not node.asset.endswith(left_out)]
    return {node.asset: calendar.partitions(node.cut, days) for node in kept}
