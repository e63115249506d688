"""What Dagster was told last about each partition, so that nothing is told twice and nothing is left untold."""

from collections.abc import Mapping

from sqlalchemy import select

from agentic_assets.store import Store
from agentic_assets.store.schema import announcements

__all__ = ["Announcements"]


class Announcements:
    """Remember, per asset partition, the fingerprint that was told; '' stands for a refusal."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, asset: str) -> dict[str, str]:
        """Give what was told about an asset's partitions."""
        query = select(announcements.c.partition, announcements.c.fingerprint).where(announcements.c.asset == asset)
        with self._store.reading() as connection:
            return {row.partition: row.fingerprint for row in connection.execute(query)}

    def remember(self, asset: str, told: Mapping[str, str]) -> None:
        """Note what was told just now, in one transaction."""
        rows = [
            {"asset": asset, "partition": partition, "fingerprint": fingerprint}
            for partition, fingerprint in told.items()
        ]
        if not rows:
            return
        insert = self._store.insert(announcements)
        statement = insert.on_conflict_do_update(
            index_elements=["asset", "partition"], set_={"fingerprint": insert.excluded.fingerprint}
        )
        with self._store.transaction() as connection:
            connection.execute(statement, rows)
