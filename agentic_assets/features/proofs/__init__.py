"""Proofs of a feature set's promises: an oracle that shares no code with the engine, and laws that must hold."""

from agentic_assets.features.proofs.laws import Proof, prove
from agentic_assets.features.proofs.oracle import oracle

__all__ = ["Proof", "oracle", "prove"]
