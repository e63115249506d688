"""What changed between two versions of a domain: in words, file by file, and which assets it makes anew."""

from agentic_assets.releases.difference.compare import Difference, compare
from agentic_assets.releases.difference.files import FileChange
from agentic_assets.releases.difference.moves import Move
from agentic_assets.releases.difference.side import Side, released, working

__all__ = ["Difference", "FileChange", "Move", "Side", "compare", "released", "working"]
