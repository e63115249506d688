"""Versions of everything that shapes a decision: digests and pins."""

from agentic_assets.versions.code import of_code
from agentic_assets.versions.fingerprint import of_bytes, of_frame, of_json, of_source, of_text
from agentic_assets.versions.pins import Definition, Pin, Pins

__all__ = ["Definition", "Pin", "Pins", "of_bytes", "of_code", "of_frame", "of_json", "of_source", "of_text"]
