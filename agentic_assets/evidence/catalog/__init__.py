"""The catalogue: a folder of pages about every contract, to be searched and read without a server."""

from agentic_assets.evidence.catalog.gathering import gather
from agentic_assets.evidence.catalog.material import Catalog, Listed
from agentic_assets.evidence.catalog.page import build
from agentic_assets.evidence.catalog.writing import write_catalog

__all__ = ["Catalog", "Listed", "build", "gather", "write_catalog"]
