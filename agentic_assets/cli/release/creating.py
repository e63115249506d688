"""`agentic release create`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentic_assets.cli.identity import identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, for_domain, json_option

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain

__all__ = ["create"]

_SHOWN = 3


@click.command()
@click.option("--reason", default="", help="Why. It is sealed with the release, and shown wherever it matters.")
@click.option("--by", "who", help="Who makes it. Default: AGENTIC_USER, or the user of this computer.")
@click.option("--allow-unlocked", is_flag=True, help="Release it also when it is not what versions.lock says.")
@domain_option
@json_option
def create(reason: str, who: str | None, allow_unlocked: bool, domain_name: str, as_json: bool) -> None:
    """Make a release of a domain as it lies in its folder, and seal it. It is not in force yet.

    What is not as versions.lock says is refused: one version would name two contents. A domain that was never locked
    is released with a note.

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
    unlocked = _unlocked(domain, allowed=allow_unlocked)
    if unlocked:
        click.echo(f"note: {unlocked}", err=True)
    store = Store(home.store_url)
    try:
        made = Releases(store, home.keys).create(domain, author=author, reason=reason)
    finally:
        store.close()
    if as_json:
        emit_json(
            {
                **made.content,
                "name": made.name,
                "digest": made.digest,
                "created_at": made.created_at,
                "unlocked": unlocked,
            }
        )
        return
    click.echo(f"{made} is made and sealed: {len(made.pins)} versions, sources {made.sources[:12]}, by {made.author}")
    command = f"`agentic release activate {made.name} --reason TEXT{for_domain(domain_name)}`"
    click.echo(f"it is not in force yet: {command} puts it in force")


def _unlocked(domain: Domain, *, allowed: bool) -> str:
    """Say how a domain is not as it was locked, '' when it is; ReleaseRefused unless that is allowed."""
    from agentic_assets.cli.versions.checking import remarks_on
    from agentic_assets.cli.versions.finding import place_of
    from agentic_assets.errors import ReleaseRefused
    from agentic_assets.releases.declared import declared

    remarks = list(remarks_on(declared(domain), place_of(domain.name)))
    wrong = [remark.message for remark in remarks if remark.severity == "error"]
    if not wrong:
        return next((remark.message for remark in remarks if remark.rule == "lock-missing"), "")
    more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    what = f"{domain.name} is not what versions.lock says: {'; '.join(wrong[:_SHOWN])}{more}"
    if not allowed:
        raise ReleaseRefused(what, hint="`agentic lint` says what to do; --allow-unlocked releases it nevertheless")
    return what
