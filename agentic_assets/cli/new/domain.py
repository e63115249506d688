"""`agentic new domain`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from agentic_assets.cli.new.naming import NameType, named

__all__ = ["domain"]

_EXAMPLE = Path(__file__).parent / "templates" / "requests.csv"


@click.command()
@named("name")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A CSV file; each of its rows is something to decide about. Default: ten rows of an example.",
)
@click.option("--key", default="request", show_default=True, help="The column that names a row.")
@click.option(
    "--moment", default="asked_at", show_default=True, help="The column that says when it is decided, in UTC."
)
@click.option("--agent", "agent_name", type=NameType(), help="What the agent is called. Default: NAME_agent.")
@click.option(
    "--action", "actions", multiple=True, type=NameType(), help="What it may do. Can be repeated. Default: accept."
)
def domain(
    name: str, data: Path | None, key: str, moment: str, agent_name: str | None, actions: tuple[str, ...]
) -> None:
    """Write the files of a new domain where you stand: contract, features, an agent with its policy, tests.

    NAME is what it is called. The files lie in domains/NAME, contracts/NAME and tests; they run as they are:

    \b
    agentic lint
    agentic run --domain NAME
    make test

    The rules that the agent begins with say nothing of your field: put your own in their place. No file that is there
    is changed.
    """
    from agentic_assets.cli.new.agent import agent_files
    from agentic_assets.cli.new.table import read_table
    from agentic_assets.cli.new.writing import filled, write_all
    from agentic_assets.domains import FOLDERS, domain_names, folders, load_domains
    from agentic_assets.errors import ConfigInvalid
    from agentic_assets.releases.lock import refuse_unlockable

    refuse_unlockable(name)
    if name in domain_names():
        raise ConfigInvalid(f"there is a domain {name!r} already", hint="choose another name")
    looked_in = folders()[1:]
    if looked_in and Path("domains").resolve() not in looked_in:
        raise ConfigInvalid(
            f"domains are looked for in {', '.join(map(str, looked_in[:3]))}, not in domains/ where you stand",
            hint=f"unset {FOLDERS}, or go to the folder that holds one of them; nothing was written",
        )
    table = read_table(data or _EXAMPLE, key, moment)
    if data is None:  # domains share a lake, so that no two of them may have one dataset
        table = replace(table, name=f"{name}_requests"[:63])
    agent_name = agent_name or f"{name}_agent"[:63]
    made = f"{name}_known"[:63]
    values = {"name": name, "table": table, "feature_set": made, "agent": agent_name}
    home, contracts = Path("domains") / name, Path("contracts") / name
    files: dict[Path, str | bytes] = {
        contracts / f"{table.name}.odcs.yaml": filled("source.odcs.yaml", values),
        home / "data" / f"{table.name}.csv": table.content,
        home / "__init__.py": filled("domain.py.jinja", values),
        home / "features.py": filled("features.py.jinja", values),
        Path("tests") / f"test_{name}.py": filled("test_domain.py.jinja", values),
        **agent_files(home, name, agent_name, actions, feature_set=f"{made}@1.0.0", entity=key, columns=table.columns),
    }
    shared = {
        Path("Makefile"): filled("Makefile", values),
        Path("tests") / "conftest.py": filled("conftest.py.jinja", {}),
    }
    write_all(files, shared, load_domains)
    click.echo(f"next: agentic lint; agentic run --domain {name}; make test; then write your rules:")
    click.echo(f"  {home / f'{agent_name}.rules.yaml'}")
