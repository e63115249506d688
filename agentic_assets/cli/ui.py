"""`agentic ui`."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import click

__all__ = ["ui"]


@click.command()
@click.option("--port", default=3000, show_default=True, help="Where the web page listens.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address the web page listens on.")
@click.option(
    "--docs-port", type=int, help="Where Data Docs, reports and catalogue are served. Default: the next port."
)
def ui(port: int, host: str, docs_port: int | None) -> None:
    """Open the Dagster UI on the same home: the asset graph, runs, checks and partitions.

    Beside it, read-only, the pages that the home holds: Data Docs, reports, the catalogue of contracts. The UI links to
    them; AGENTIC_DOCS_URL names the URL under which they are reached through a proxy.
    """
    from agentic_assets.cli.pages import beside, listening
    from agentic_assets.domains import FOLDERS, folders
    from agentic_assets.home import Home
    from agentic_assets.orchestration import prepare_dagster_home
    from agentic_assets.orchestration.pages import VARIABLE

    home = Home.from_environment()
    # The steps run in processes of their own: they must find the same home and domains whatever folder they start in.
    os.environ["AGENTIC_HOME"] = str(home.root)
    os.environ[FOLDERS] = os.pathsep.join(str(folder) for folder in folders())
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(home))
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    docs_port = port + 1 if docs_port is None else docs_port
    url = os.environ.setdefault(VARIABLE, f"http://{host}:{docs_port}")
    with listening(host, docs_port) as taken:
        beside(taken, home.root, frozenset({host, urlsplit(url).hostname or host}))
    click.echo(f"Dagster UI on http://{host}:{port} for the home {home.root} (stop with Ctrl-C)", err=True)
    click.echo(f"Data Docs, reports and catalogue on {url}", err=True)
    arguments = ["dev", "-m", "agentic_assets.definitions", "-h", host, "-p", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])
