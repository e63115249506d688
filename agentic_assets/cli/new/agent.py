"""`agentic new agent`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.new.naming import NameType, named

if TYPE_CHECKING:
    from agentic_assets.cli.new.table import Column
    from agentic_assets.features import FeatureSet

__all__ = ["agent", "agent_files"]


@click.command()
@named("domain_name", "DOMAIN")
@named("name")
@click.option("--features", "wanted", help="The feature set that it reads. Default: the first of the domain.")
@click.option(
    "--action", "actions", multiple=True, type=NameType(), help="What it may do. Can be repeated. Default: accept."
)
def agent(domain_name: str, name: str, wanted: str | None, actions: tuple[str, ...]) -> None:
    """Write the files of a new agent of a domain of your own: its spec, its rules, its policy, a test.

    DOMAIN is one of yours, NAME what the agent is called. It is born in shadow: it decides, and nothing is done. The
    rules that it begins with say nothing of your field: put your own in their place. No file that is there is changed.
    """
    from agentic_assets.cli.new.writing import write_all
    from agentic_assets.cli.versions.checking import is_locked
    from agentic_assets.cli.versions.finding import place_of
    from agentic_assets.domains import folders, load_domain, load_domains
    from agentic_assets.errors import ConfigInvalid, NotFound

    found = load_domain(domain_name)
    homes = [folder / domain_name for folder in folders()[1:] if (folder / domain_name).is_dir()]
    if not homes:
        raise ConfigInvalid(
            f"the domain {domain_name} is part of the library",
            hint="agents are added to domains of your own: `agentic new domain NAME` writes one",
        )
    if name in {spec.name for spec in found.agents}:
        raise ConfigInvalid(f"the domain {domain_name} has an agent {name!r} already", hint="choose another name")
    offered = {made.name: made for made in found.feature_sets.values()}
    if wanted is not None and wanted not in offered:
        raise NotFound(
            f"the domain {domain_name} has no feature set {wanted[:60]!r}", hint=f"it has {', '.join(offered)}"
        )
    if not offered:
        raise NotFound(f"the domain {domain_name} has no feature set", hint="write one, and name it in feature_sets")
    made = offered[wanted] if wanted else next(iter(offered.values()))
    home = _from_here(homes[0])
    files = agent_files(
        home,
        domain_name,
        name,
        actions,
        feature_set=f"{made.name}@{made.version}",
        entity=made.entity,
        columns=_columns(made),
    )
    write_all(files, {}, load_domains)
    locking = "agentic versions lock; " if is_locked(place_of(domain_name)) else ""
    click.echo(f"next: {locking}agentic lint; agentic run --domain {domain_name}; then write your rules:")
    click.echo(f"  {home / f'{name}.rules.yaml'}")


def agent_files(
    home: Path,
    domain: str,
    name: str,
    actions: Sequence[str],
    *,
    feature_set: str,
    entity: str,
    columns: Sequence[Column],
) -> dict[Path, str | bytes]:
    """Give the files of an agent; its example rule compares the first number that it reads."""
    from agentic_assets.agents import NO_ACTION
    from agentic_assets.cli.new.table import measure_of
    from agentic_assets.cli.new.writing import filled

    values = {
        "domain": domain,
        "name": name,
        "actions": list(dict.fromkeys(action for action in actions or ("accept",) if action != NO_ACTION))
        or ["accept"],
        "feature_set": feature_set,
        "entity": entity,
        "columns": columns,
        "measure": measure_of(columns),
        "none": NO_ACTION,
    }
    written = {
        home / f"{name}.agent.yaml": "agent.yaml.jinja",
        home / f"{name}.rules.yaml": "rules.yaml.jinja",
        home / f"{name}.policy.yaml": "policy.yaml.jinja",
        home / f"{name}.cedar": "policy.cedar.jinja",
        home.parents[1] / "tests" / f"test_{domain}_{name}.py": "test_agent.py.jinja",
    }
    return {path: filled(template, values) for path, template in written.items()}


def _columns(made: FeatureSet) -> tuple[Column, ...]:
    """Give the features that rules can read, as the columns of a table."""
    from agentic_assets.cli.new.table import Column
    from agentic_assets.language import Type, fits

    found = []
    for feature in made.features:
        types = [kind.value for kind in Type if fits(feature.dtype, kind)]
        if types:
            found.append(Column(feature.name, types[0], "", "", required=False))
    return tuple(found)


def _from_here(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
