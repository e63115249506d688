"""Decisions: the record of what was proposed, judged and pinned, in columns and in the exact bytes that are sealed."""

from agentic_assets.decisions.checking import MISMATCHES, mismatches
from agentic_assets.decisions.decide import DECISIONS, Setting, decide, decision_ids
from agentic_assets.decisions.record import FIELDS, FORM, encode, encode_one, parse

__all__ = [
    "DECISIONS",
    "FIELDS",
    "FORM",
    "MISMATCHES",
    "Setting",
    "decide",
    "decision_ids",
    "encode",
    "encode_one",
    "mismatches",
    "parse",
]
