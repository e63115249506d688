"""`agentic reconcile`."""

from __future__ import annotations

import click

from agentic_assets.cli.options import domain_option, emit_json, json_option
from agentic_assets.cli.replay import watching_replay

__all__ = ["reconcile"]


@click.command()
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many partitions to compute again.",
)
@domain_option
@json_option
def reconcile(sample: int, domain_name: str, as_json: bool) -> None:
    """Compute a sample of what is published again, and compare it with what is recorded.

    What was never computed again comes first, then what was so longest ago, so that running it often enough reaches
    everything; `agentic status` says how far it has come. Dagster does the same every hour. People are alarmed of a
    difference, by the notifiers of the home. Exit code 1 on any difference.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration.reconciling import reconcile_and_tell

    home = Home.from_environment()
    with watching_replay(quiet=as_json) as progress:
        found, told = reconcile_and_tell(governed_domain(domain_name, home), home, sample, progress=progress)
    if as_json:
        emit_json(
            {
                "identical": not found.wrong,
                "sample": len(found.found),
                "of": found.of,
                "differences": [one.to_dict() for one in found.wrong],
            }
        )
    else:
        click.echo(found.text())
        click.echo(f"{found.of:,} published partitions can be computed again")
    for name, why in told.items():
        if why:
            click.echo(f"{name} could not be told: {why}", err=True)
    if found.wrong:
        raise click.exceptions.Exit(1)
