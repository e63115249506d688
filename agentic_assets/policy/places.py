"""Where the parts of a policy stand in its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agentic_assets.agents.declaration import read_declaration
from agentic_assets.errors import PolicyInvalid

__all__ = ["lines_of"]


def lines_of(path: Path) -> Mapping[str, int]:
    """Give the line of each rule, resource and quota by its id, and of each part of the file by its key (`reads:`).

    Raises PolicyInvalid for a file that cannot be read.
    """
    file = read_declaration(path, PolicyInvalid)
    parts = {f"{key}:": file.document.line((key,)) for key in file.value}
    entries = [item for key in ("rules", "resources", "quotas") for item in file.sections(key)]
    return parts | {item.text("id"): item.document.line(item.place) for item in entries}
