"""How many partitions stand that were made from each snapshot of sources."""

from __future__ import annotations

import json
from collections import Counter

from sqlalchemy import func, select

from agentic_assets.store import Store
from agentic_assets.store.schema import manifest

__all__ = ["made_from"]


def made_from(store: Store) -> Counter[str]:
    """Count the published partitions of a store by the digest of the sources that each was made from."""
    newest = select(func.max(manifest.c.id)).group_by(manifest.c.asset, manifest.c.partition).scalar_subquery()
    with store.reading() as connection:
        told = connection.execute(select(manifest.c.details).where(manifest.c.id.in_(newest))).scalars()
        return Counter(digest for text in told if (digest := json.loads(text).get("sources")))
