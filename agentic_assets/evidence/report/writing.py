"""Write the report of a range of days to its place, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from agentic_assets.evidence.reading import Reading
from agentic_assets.evidence.report.gathering import gather
from agentic_assets.evidence.report.page import build
from agentic_assets.evidence.summary import Summary

__all__ = ["publish", "write_report"]


def write_report(reading: Reading, summary: Summary) -> Path:
    """Build the report and give its path, `<home>/reports/<domain>-<first_day>-<last_day>.html`."""
    path = reading.home.reports / f"{summary.domain}-{summary.first_day}-{summary.last_day}.html"
    publish(path, build(gather(reading, summary), summary))
    return path


def publish(path: Path, page: str) -> None:
    """Put a page in its place at once: whoever opens the file sees it as it was before or after, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(page.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
