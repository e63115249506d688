"""A DuckDB that holds one table in memory and can reach nothing else."""

from __future__ import annotations

import os
import threading
from typing import Any, Final

__all__ = ["connection", "forget"]

_SETTINGS: Final = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    # One thread, so that sums of floats come out the same every time.
    "threads": "1",
    "memory_limit": "1GB",
}
_LOCAL: Final = threading.local()


def connection() -> Any:
    """Give the locked connection of this thread; it is opened once, and anew in a forked process."""
    held: tuple[int, Any] | None = getattr(_LOCAL, "held", None)
    if held is None or held[0] != os.getpid():
        import duckdb

        made = duckdb.connect(":memory:", config=dict(_SETTINGS))
        made.execute("SET TimeZone = 'UTC'")
        made.execute("SET lock_configuration = true")
        held = _LOCAL.held = (os.getpid(), made)
    return held[1]


def forget() -> None:
    """Give this thread a new connection the next time."""
    _LOCAL.held = None
