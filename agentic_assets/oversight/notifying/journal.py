"""Tell whoever reads logs: a line in a file of the home, and one in Python's logging."""

from __future__ import annotations

import fcntl
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agentic_assets.oversight.notifying.alert import Alert

__all__ = ["LOGGER", "Journal"]

LOGGER = logging.getLogger("agentic_assets.alerts")
LOGGER.addHandler(logging.NullHandler())  # who wants alerts on a terminal configures logging


@dataclass(frozen=True)
class Journal:
    """Append alerts as lines of JSON to a file, each whole even when processes write at once."""

    path: Path
    name: str = "log"

    def send(self, alert: Alert) -> None:
        """Write the alert, with the time of this computer's clock."""
        told_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"told_at": told_at, **alert.to_dict()}, ensure_ascii=False, default=str)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line + "\n")
        LOGGER.warning("%s: %s", alert.kind, alert.title)
