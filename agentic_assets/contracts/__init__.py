"""Contracts: ODCS from YAML to the gate through which every published row has passed."""

from agentic_assets.contracts.contract import Column, Contract, ServiceLevel
from agentic_assets.contracts.gating.gate import gate, gate_all, ungated
from agentic_assets.contracts.gating.result import Finding, GateResult
from agentic_assets.contracts.odcs.load import load, load_folder
from agentic_assets.contracts.rule import Rule, Tolerance

__all__ = [
    "Column",
    "Contract",
    "Finding",
    "GateResult",
    "Rule",
    "ServiceLevel",
    "Tolerance",
    "gate",
    "gate_all",
    "load",
    "load_folder",
    "ungated",
]
