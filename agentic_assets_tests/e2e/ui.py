"""Run the real Dagster UI."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentic_assets.home import Home
from agentic_assets.orchestration.instance import prepare_dagster_home

__all__ = ["Ui", "dagster_ui", "end_group", "wait_until_loaded"]

_LOADED = """{ workspaceOrError {
  __typename
  ... on PythonError { message }
  ... on Workspace { locationEntries { name loadStatus locationOrLoadError {
    __typename
    ... on PythonError { message }
  } } }
} }"""


@dataclass(frozen=True)
class Ui:
    """A running Dagster UI."""

    url: str
    log: Path

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Ask GraphQL; raise with its messages when it answers with errors."""
        body = json.dumps({"query": query, "variables": dict(variables or {})}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        # Proxies of the environment are not for this machine's own address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise RuntimeError("; ".join(error["message"] for error in answer["errors"])[:2_000])
        return answer["data"]


@contextmanager
def dagster_ui(
    home: Home,
    location: Sequence[str],
    *,
    daemon: bool = False,
    environ: Mapping[str, str] | None = None,
    patience: float = 120.0,
) -> Iterator[Ui]:
    """Run the Dagster UI on a home until its code location is loaded; end all its processes afterwards.

    `location` is how Dagster is told what to load: `["-m", "agentic_assets.definitions"]` or `["-f", "file.py"]`. With
    `daemon`, runs that are launched from the UI are also executed (as `dagster dev` does); it starts more slowly.
    """
    folder = prepare_dagster_home(home)
    port = _free_port()
    module = ["dagster", "dev"] if daemon else ["dagster_webserver"]
    command = [sys.executable, "-m", *module, "-h", "127.0.0.1", "-p", str(port), *location]
    log = home.root / "ui.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=home.root,  # plain `dagster` would pick up the workspace.yaml of the folder that it is started in
            start_new_session=True,
            env={
                **os.environ,
                "AGENTIC_HOME": str(home.root),
                "DAGSTER_HOME": str(folder),
                "DAGSTER_DISABLE_TELEMETRY": "1",
                **(environ or {}),
            },
        )
    ui = Ui(f"http://127.0.0.1:{port}", log)
    try:
        wait_until_loaded(ui, process, patience)
        yield ui
    finally:
        end_group(process)


def wait_until_loaded(ui: Ui, process: "subprocess.Popen[bytes]", patience: float) -> None:
    """Wait until every code location is loaded; raise with the reason when one is not."""
    deadline = time.monotonic() + patience
    state = "no answer yet"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the Dagster UI ended with {process.returncode}:\n{_tail(ui.log)}")
        try:
            workspace = ui.query(_LOADED)["workspaceOrError"]
        except OSError:
            time.sleep(0.2)
            continue
        entries = workspace.get("locationEntries", [])
        failed = [entry["locationOrLoadError"] for entry in entries if _failed(entry)]
        if workspace["__typename"] == "PythonError" or failed:
            message = (failed or [workspace])[0].get("message", "")
            raise RuntimeError(f"the code location does not load: {message[:2_000]}\n{_tail(ui.log)}")
        if entries and all(entry["loadStatus"] == "LOADED" for entry in entries):
            return
        state = ", ".join(f"{entry['name']}: {entry['loadStatus']}" for entry in entries) or "no code location"
        time.sleep(0.2)
    raise RuntimeError(f"the Dagster UI was not ready within {patience:.0f} s ({state}):\n{_tail(ui.log)}")


def _failed(entry: Mapping[str, Any]) -> bool:
    outcome = entry["locationOrLoadError"]
    return outcome is not None and outcome["__typename"] == "PythonError"


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End a process and everything that it started: they share its process group."""
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            process.poll()  # reaps the leader, which would keep the group alive as a zombie
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                process.wait()
                return
            time.sleep(0.2)
