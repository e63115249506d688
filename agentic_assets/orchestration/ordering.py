"""What people order of releases in the launchpad: read, checked and planned before anything is recorded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from agentic_assets.errors import AgenticError, ReleaseRefused
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.releases import Releases
from agentic_assets.releases.rollback import Plan, plan
from agentic_assets.store import Store

__all__ = ["Order", "ordering"]


@dataclass(frozen=True)
class Order:
    """A release to be put into force: what that would do, who wants it and why."""

    planned: Plan
    reason: str
    by: str
    releases: Releases
    store: Store


@contextmanager
def ordering(
    context: dg.OpExecutionContext,
    domain: Domain,
    home: Home,
    release: str,
    *,
    what: str,
    tag: str,
    reason: str,
    by: str,
    days: Sequence[str],
) -> Iterator[Order]:
    """Plan to put a release into force, for some days or everything, and tag the run with it.

    `what` names the order in words. An expected error, also one that is raised while the order is carried out, fails
    the run with its text and without another attempt.
    """
    store = Store(home.store_url)
    try:
        releases = Releases(store, home.keys)
        to = releases.get(domain.name, release)
        why = reason.strip()
        if not why:
            raise ReleaseRefused(f"{what} needs a reason", hint="say why: it is kept in the ledger")
        # Planning loads it: what does not load must not be in force, for nothing would run any more.
        planned = plan(domain, home, store, to, days or None)
        context.instance.add_run_tags(
            context.run_id, {"agentic/domain": domain.name, tag: to.name, "agentic/reason": why[:200]}
        )
        yield Order(planned, why, by.strip() or "Dagster UI", releases, store)
    except AgenticError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    finally:
        store.close()
