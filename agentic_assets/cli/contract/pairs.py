"""Two sets of contract files, compared dataset by dataset, with the lines at which things changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.cli.contract.finding import contract_files
from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.contracts.change import Change, Comparison
    from agentic_assets.contracts.odcs.document import Document

__all__ = ["Pair", "pairs_of"]


@dataclass(frozen=True)
class Pair:
    """The comparison of one dataset's contract, and the file to look at."""

    comparison: Comparison
    path: str
    """The file to look at, as people know it: the new one, or the old one of a contract that is gone."""
    document: Document
    """What stands in it."""

    @property
    def name(self) -> str:
        """The dataset."""
        return self.comparison.name

    @property
    def columns_hit(self) -> frozenset[str] | None:
        """The columns whose readers are broken; None when all readers of the dataset are."""
        named = [change.spot.column for change in self.comparison.breaking if change.aspect != "order"]
        return None if None in named else frozenset(str(name) for name in named)

    def line(self, change: Change) -> int:
        """Give the line of a change in the file to look at."""
        from agentic_assets.contracts.change import line_of

        contract = self.comparison.new or self.comparison.old
        assert contract is not None
        return line_of(self.document, contract.dataset, change.spot)

    @property
    def version_line(self) -> int:
        """Give the line of the version in the file to look at."""
        return self.document.line(("version",))


def pairs_of(old: Path, new: Path, *, known_as: Path | None = None) -> list[Pair]:
    """Compare two files, or two folders dataset by dataset, in the order of the datasets.

    `known_as` is where the old files lie for people, when they were brought from somewhere else.
    """
    from agentic_assets.contracts import load_all
    from agentic_assets.contracts.change import compare, compare_all

    for path in (old, new):
        if not path.exists():
            raise NotFound(f"there is no file or folder {path}", hint="give the path of a contract or of a folder")
    if old.is_dir() != new.is_dir():
        raise NotFound(f"{old} and {new} are not both files or both folders", hint="compare like with like")
    sides = [contract_files(path) if path.is_dir() else [path] for path in (old, new)]
    before, after = (
        {contract.name: (contract, file) for file in files for contract in load_all(file)} for files in sides
    )
    if not old.is_dir() and len(before) == len(after) == 1:
        # Two files are two versions of one contract, also when the dataset got another name.
        [(first, _)], [(second, _)] = before.values(), after.values()
        return [_pair(compare(first, second), new, str(new))]
    pairs: list[Pair] = []
    for comparison in compare_all((one for one, _ in before.values()), (one for one, _ in after.values())):
        _, was = before.get(comparison.name, (None, None))
        _, now = after.get(comparison.name, (None, None))
        gone = (known_as / was.relative_to(old) if known_as and old.is_dir() else was) if was else None
        file = now or was
        assert file is not None
        pairs.append(_pair(comparison, file, str(now or gone)))
    return pairs


def _pair(comparison: Comparison, file: Path, shown: str) -> Pair:
    from agentic_assets.contracts.odcs import document

    return Pair(comparison, shown, document.read(file, shown))
