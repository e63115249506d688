"""Allowed actions, from the outbox to the world, each carried out once."""

from agentic_assets.actions.action import Action, Entry, Result
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.journal import JournalActuator
from agentic_assets.actions.outbox import Outbox
from agentic_assets.actions.relay import Relayed

__all__ = ["Action", "Actuator", "Entry", "JournalActuator", "Outbox", "Relayed", "Result"]
