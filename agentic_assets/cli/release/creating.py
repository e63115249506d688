"""`agentic release create`."""

from __future__ import annotations

import click

from agentic_assets.cli.identity import identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option

__all__ = ["create"]


@click.command()
@click.option("--reason", default="", help="Why. It is sealed with the release, and shown wherever it matters.")
@click.option("--by", "who", help="Who makes it. Default: AGENTIC_USER, or the user of this computer.")
@domain_option
@json_option
def create(reason: str, who: str | None, domain_name: str, as_json: bool) -> None:
    """Make a release of a domain as it lies in its folder, and seal it. It is not in force yet.

    Its sources are kept in the store, so that it can be loaded, replayed and gone back to when the folder has moved on.

    \b
        agentic release create --reason "storm rules after the review of 12 March"
        agentic release activate r2 --reason "reviewed by operations"
    """
    from agentic_assets.domains import load_domain
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases
    from agentic_assets.store import Store

    reason, author = reason_of(reason), identity_of(who)
    home, domain = Home.from_environment(), load_domain(domain_name)
    store = Store(home.store_url)
    try:
        made = Releases(store, home.keys).create(domain, author=author, reason=reason)
    finally:
        store.close()
    if as_json:
        emit_json({**made.content, "name": made.name, "digest": made.digest, "created_at": made.created_at})
        return
    click.echo(f"{made} is made and sealed: {len(made.pins)} versions, sources {made.sources[:12]}, by {made.author}")
    click.echo(f"it is not in force yet: `agentic release activate {made.name} --reason TEXT` puts it in force")
