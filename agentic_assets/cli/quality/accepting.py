"""`agentic quality accept`."""

from __future__ import annotations

import socket
from dataclasses import asdict
from datetime import date

import click
from rich.console import Console

from agentic_assets.cli.identity import LONGEST_NAME, identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quality.viewing import opened
from agentic_assets.cli.quarantine.wording import named, safe

__all__ = ["accept"]

_DAY = 10  # characters of a partition that is a day


@click.command()
@click.argument("asset")
@click.argument("partition", default="")
@click.option("--reason", default="", help="Why. It is kept with the acceptance, and shown wherever it matters.")
@click.option("--by", "who", help="Who accepts it. Default: AGENTIC_USER, or the user of this computer.")
@click.option("--downstream", is_flag=True, help="Make what rests on the partition at once (for a day).")
@domain_option
@json_option
def accept(
    asset: str, partition: str, reason: str, who: str | None, downstream: bool, domain_name: str, as_json: bool
) -> None:
    """Let a held partition pass as it is published now. A new delivery of it is judged anew.

    \b
        agentic quality accept sources/schedule 2013-02-08 --by kim --reason "the airport was closed until noon"
    """
    reason, identity = reason_of(reason), identity_of(who)
    from agentic_assets.quality.review import accept as accept_held

    with opened(domain_name) as engine:
        host = socket.gethostname()[:LONGEST_NAME]
        accepted = accept_held(engine, asset, partition, identity=identity, reason=reason, host=host)
    stands = _run(domain_name, partition, quiet=as_json) if downstream and len(partition) == _DAY else None
    if as_json:
        emit_json({**asdict(accepted), "downstream": stands}, ascii_only=True)
        return
    console = screen()
    console.print(safe(f"{named(asset, partition)}: accepted by {identity}: {reason}", most=600), highlight=False)
    if stands is None:
        until = f" --from {partition} --to {partition}" if len(partition) == _DAY else ""
        console.print(f"`agentic run{until}` makes what rests on it", highlight=False)
    else:
        console.print(
            "what rests on it is made" if stands else "not all that rests on it could be made", highlight=False
        )


def _run(domain_name: str, partition: str, *, quiet: bool) -> bool:
    from agentic_assets.cli.progress import watching
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration import run_load

    day = date.fromisoformat(partition)
    with watching(Console(stderr=True), quiet=quiet) as observer:
        home = Home.from_environment()
        loaded = run_load(governed_domain(domain_name, home), home, since=day, until=day, observer=observer)
    return loaded.outcome.complete
