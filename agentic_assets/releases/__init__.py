"""Releases: immutable sets of pins with the sources behind them; which one is in force, and how to go back."""

from agentic_assets.releases.activation import Activation
from agentic_assets.releases.declared import Declared, declared
from agentic_assets.releases.in_force import InForce
from agentic_assets.releases.loading import load_version
from agentic_assets.releases.making import Makers
from agentic_assets.releases.record import Releases
from agentic_assets.releases.release import Release
from agentic_assets.releases.snapshots import Snapshot, Snapshots

__all__ = [
    "Activation",
    "Declared",
    "InForce",
    "Makers",
    "Release",
    "Releases",
    "Snapshot",
    "Snapshots",
    "declared",
    "load_version",
]
