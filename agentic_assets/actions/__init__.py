"""Allowed actions, from the outbox to the world, each carried out once, and taken back once they no longer stand."""

from agentic_assets.actions.action import Action, Entry, Result
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.journal import JournalActuator
from agentic_assets.actions.outbox import Outbox
from agentic_assets.actions.relay import Relayed
from agentic_assets.actions.rounds import Difference, scope_of
from agentic_assets.actions.wanted import actions_of

__all__ = [
    "Action",
    "Actuator",
    "Difference",
    "Entry",
    "JournalActuator",
    "Outbox",
    "Relayed",
    "Result",
    "actions_of",
    "scope_of",
]
