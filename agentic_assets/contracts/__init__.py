"""Contracts: ODCS from YAML to the gate through which every published row has passed."""

from agentic_assets.contracts.contract import Column, Contract, Relationship, Transform
from agentic_assets.contracts.expectation import Expectation, Fixed, Statistic, Trailing, Verbatim
from agentic_assets.contracts.export import to_asyncapi, to_json_schema, to_pandera, to_pandera_module, to_sql
from agentic_assets.contracts.gating.cross import References
from agentic_assets.contracts.gating.gate import gate, gate_all, ungated
from agentic_assets.contracts.gating.result import Finding, GateResult
from agentic_assets.contracts.odcs.derived import derived
from agentic_assets.contracts.odcs.lint import Lint, Note, lint
from agentic_assets.contracts.odcs.load import load, load_all, load_folder
from agentic_assets.contracts.parties import Channel, Definition, Member, Role, Server, Team
from agentic_assets.contracts.query import Query
from agentic_assets.contracts.reference import Reference
from agentic_assets.contracts.registry import predicate
from agentic_assets.contracts.rule import Rule, Tolerance
from agentic_assets.contracts.service import Period, ServiceLevel

__all__ = [
    "Channel",
    "Column",
    "Contract",
    "Definition",
    "Expectation",
    "Finding",
    "Fixed",
    "GateResult",
    "Lint",
    "Member",
    "Note",
    "Period",
    "Query",
    "Reference",
    "References",
    "Relationship",
    "Role",
    "Rule",
    "Server",
    "ServiceLevel",
    "Statistic",
    "Team",
    "Tolerance",
    "Trailing",
    "Transform",
    "Verbatim",
    "derived",
    "gate",
    "gate_all",
    "lint",
    "load",
    "load_all",
    "load_folder",
    "predicate",
    "to_asyncapi",
    "to_json_schema",
    "to_pandera",
    "to_pandera_module",
    "to_sql",
    "ungated",
]
