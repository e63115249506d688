"""A copy of the departures domain in a folder of its own, to be edited and loaded beside the real one."""

import shutil
from pathlib import Path

from agentic_assets.domains import folder_of
from agentic_assets.releases import Declared, declared, load_version

__all__ = ["Copy"]


class Copy:
    """The domain's package and contracts below a folder."""

    def __init__(self, root: Path) -> None:
        package = folder_of("departures")
        self.root = root
        self.package = root / "agentic_assets" / "domains" / "departures"
        shutil.copytree(package, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(package.parents[2] / "contracts" / "departures", root / "contracts" / "departures")

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace text, which must be there, in the first place where it stands."""
        path = self.root / file if file.startswith("contracts/") else self.package / file
        text = path.read_text("utf-8")
        assert before in text, f"{file} has no {before!r}"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    def declared(self) -> tuple[Declared, ...]:
        """Load it as it is now."""
        return declared(load_version("departures", self.package))
