"""`agentic ui`."""

from __future__ import annotations

import os
import sys

import click

__all__ = ["ui"]


@click.command()
@click.option("--port", default=3000, show_default=True, help="Where the web page listens.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address the web page listens on.")
def ui(port: int, host: str) -> None:
    """Open the Dagster UI on the same home: the asset graph, runs, checks and partitions."""
    from agentic_assets.home import Home
    from agentic_assets.orchestration import prepare_dagster_home

    home = Home.from_environment()
    # The steps run in processes of their own: they must find the same home whatever folder they start in.
    os.environ["AGENTIC_HOME"] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(home))
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    click.echo(f"Dagster UI on http://{host}:{port} for the home {home.root} (stop with Ctrl-C)", err=True)
    arguments = ["dev", "-m", "agentic_assets.definitions", "-h", host, "-p", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])
