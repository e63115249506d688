"""What a materialization says of those before it: which one it supersedes, which one comes back, and by whose word."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from agentic_assets.pipeline import Entry, Publication

__all__ = ["succession"]


def succession(entry: Entry, published: Sequence[Publication], order: Mapping[str, str]) -> dict[str, Any]:
    """Link a publication to the one that it supersedes, and to the older one whose data version it brings back.

    `published` is everything that was published of the partition, oldest first. `order` is what people wanted, such as
    the release that they went back to and why: whoever follows it names the version that it came from.
    """
    place = next((at for at, one in enumerate(published) if _same(one, entry)), len(published))
    before = published[:place]
    if not before:
        return dict(order)
    last = before[-1]
    said: dict[str, Any] = {
        **order,
        **({"from_version": last.data_version} if order else {}),
        "supersedes": f"data version {last.data_version[:16]} of {last.recorded_at}",
        "superseded_run": _run(last),
    }
    older = next((one for one in reversed(before) if one.data_version == entry.data_version), None)
    if older is not None and last.data_version != entry.data_version:
        said["restores"] = f"the data version {older.data_version[:16]} of {older.recorded_at}"
        said["restored_run"] = _run(older)
    elif older is not None:
        said["rows"] = "the same as before"
    return said


def _same(one: Publication, entry: Entry) -> bool:
    return (one.run_id, one.fingerprint) == (entry.run_id, entry.fingerprint)


def _run(one: Publication) -> Any:
    return dg.MetadataValue.dagster_run(one.run_id) if one.run_id else "none"
