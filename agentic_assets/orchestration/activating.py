"""Tell Dagster of an activation, so that exactly what it changes is stale."""

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.releasing import tell_release
from agentic_assets.releases import InForce
from agentic_assets.store import Store

__all__ = ["announce"]


def announce(working: Domain, home: Home) -> tuple[str, ...]:
    """Tell the Dagster of a home what is in force in a domain now, and give the assets that it makes stale there.

    Where it is not called, such as on a machine without that Dagster, the next run or the sensor `DOMAIN_releases`
    makes up for it.
    """
    store = Store(home.store_url)
    try:
        with open_instance(home) as instance:
            return tell_release(instance, InForce(working, home, store))
    finally:
        store.close()
