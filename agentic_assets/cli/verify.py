"""`agentic verify`."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from agentic_assets.cli.options import domain_option, emit_json, json_option

__all__ = ["verify"]


@click.command()
@domain_option
@json_option
def verify(domain_name: str, as_json: bool) -> None:
    """Check every sealed decision, order and release against the signed ledger.

    Recomputes the tree of each day, compares it with the signed checkpoint, checks the log over all days, and
    compares the stored columns with the sealed records. Names each record that was changed, dropped, added or
    moved. Exit code 1 when anything differs.
    """
    from agentic_assets.domains import governed_domain, load_domain
    from agentic_assets.errors import LedgerBroken, ReleaseBroken
    from agentic_assets.evidence import Reading, verify_all
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases

    home, unknown = Home.from_environment(), ""
    try:
        domain = governed_domain(domain_name, home)
    except (LedgerBroken, ReleaseBroken) as broken:  # all the rest can be checked nevertheless
        domain, unknown = load_domain(domain_name), broken.what
    reading = Reading(domain, home)
    errors = Console(stderr=True)
    try:
        with Progress(console=errors, transient=True, disable=as_json or not errors.is_terminal) as bar:
            task = bar.add_task("verifying", total=None)
            result = verify_all(reading, lambda done, total: bar.update(task, completed=done, total=total))
        releases = Releases(reading.store, home.keys)
        result.releases = releases.sealed(domain_name)
        for what, breaks in releases.verify(domain_name).items():
            result.hold(what, breaks)
        if unknown and result.sound:
            result.problems.append(unknown)
    finally:
        reading.close()
    if as_json:
        emit_json(result.to_dict())
    else:
        click.echo(result.text())
    if not result.sound:
        for problem in result.problems[:20]:
            click.echo(f"error: {problem}", err=True)
        raise click.exceptions.Exit(1)
