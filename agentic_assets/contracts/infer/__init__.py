"""Propose a contract from data, for a person to edit: what the data shows, and what it cannot show."""

from agentic_assets.contracts.infer.nulls import null_texts
from agentic_assets.contracts.infer.propose import Proposal, propose
from agentic_assets.contracts.infer.writing import as_yaml

__all__ = ["Proposal", "as_yaml", "null_texts", "propose"]
