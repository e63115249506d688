"""The public linter of data contracts, run in its own environment and without a network."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["lint_all", "offline", "python"]

_HERE = Path(__file__).parents[2] / ".venv-datacontract" / "bin"
_GUARD = """import socket
def refused(*_):
    raise OSError("there is no network in this test")
socket.socket.connect = socket.socket.connect_ex = refused
"""


# The command itself, as people call it; in one process, since each would import for a second.
_EACH = """import json, sys
from typer.testing import CliRunner
from datacontract.cli import app
for path in sys.argv[1:]:
    done = CliRunner().invoke(app, ["lint", path])
    print(json.dumps([done.exit_code, done.output]))
"""


def python() -> Path:
    """Give the interpreter of the linter's environment; fail where it was never set up."""
    path = _HERE / "python"
    assert path.exists(), f"{_HERE.parent.name} is missing: `make {_HERE.parent.name}/.ready` sets it up"
    return path


def offline(folder: Path) -> dict[str, str]:
    """Give an environment in which every connection fails; `folder` takes the module that sees to it."""
    (folder / "sitecustomize.py").write_text(_GUARD, encoding="utf-8")
    dead = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **dead, "PYTHONPATH": str(folder), "COLUMNS": "200"}


def lint_all(paths: Sequence[Path], folder: Path) -> dict[Path, tuple[bool, str]]:
    """Run `datacontract lint` on each file, in one process; give for each whether it passed and what was said."""
    command = [str(python()), "-c", _EACH, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, env=offline(folder), timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    return {path: (code == 0, said) for path, (code, said) in zip(paths, verdicts, strict=True)}
