"""Data Docs: the readable record of validations, written by Great Expectations, as a site that works offline."""

from agentic_assets.quality.docs.node import docs_node

__all__ = ["docs_node"]
