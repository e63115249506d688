"""Tell Dagster of an activation, so that exactly what it changes is stale."""

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.launch import run_load
from agentic_assets.orchestration.releasing import tell_release
from agentic_assets.releases import Makers

__all__ = ["announce"]


def announce(working: Domain, home: Home) -> tuple[str, ...]:
    """Tell the Dagster of a home what is in force in a domain now, and give the assets that it makes stale there.

    Days for which people ordered another release are told to stand as they are: nothing about them changed. Where it
    is not called, such as on a machine without that Dagster, the next run or the sensor `DOMAIN_releases` makes up
    for it.
    """
    makers = Makers(working, home)
    try:
        with open_instance(home) as instance:
            changed = tell_release(instance, makers.in_force)
        kept = {
            node.asset: days
            for node in makers.domain.graph.nodes
            if node.asset in changed
            and (days := [day for day in makers.engine.entries(node.asset) if makers.ordered(node, day)])
        }
    finally:
        makers.close()
    if kept:
        run_load(working, home, only=kept, tags={"agentic/kept": "days for which another release was ordered"})
    return changed
