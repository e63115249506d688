"""Where the pages that a home holds are served: beside the UI, by `agentic ui`."""

import os

import dagster as dg

__all__ = ["DEFAULT_URL", "VARIABLE", "page", "pages_url"]

VARIABLE = "AGENTIC_DOCS_URL"
DEFAULT_URL = "http://127.0.0.1:3001"


def pages_url() -> str:
    """Give the URL under which the folders of pages are reachable: AGENTIC_DOCS_URL, else what `agentic ui` opens."""
    return (os.environ.get(VARIABLE) or DEFAULT_URL).rstrip("/")


def page(path: str) -> dg.UrlMetadataValue:
    """Link to one page, e.g. `data_docs/index.html`."""
    return dg.MetadataValue.url(f"{pages_url()}/{path}")
