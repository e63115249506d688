"""Versions of everything that shapes a decision: digests and pins."""

from agentic_assets.versions.code import of_code
from agentic_assets.versions.fingerprint import of_bytes, of_frame, of_json, of_source, of_text
from agentic_assets.versions.pins import Definition, Pin, Pins
from agentic_assets.versions.sources import Sources, root_of, sources_of

__all__ = [
    "Definition",
    "Pin",
    "Pins",
    "Sources",
    "of_bytes",
    "of_code",
    "of_frame",
    "of_json",
    "of_source",
    "of_text",
    "root_of",
    "sources_of",
]
