"""Releases: immutable sets of pins with the sources behind them; which one is in force, and how to go back."""

from agentic_assets.releases.activation import Activation
from agentic_assets.releases.activations import Activations
from agentic_assets.releases.counting import made_from
from agentic_assets.releases.declared import Declared, declared
from agentic_assets.releases.in_force import InForce
from agentic_assets.releases.library import Library, library
from agentic_assets.releases.loading import load_version
from agentic_assets.releases.making import Makers
from agentic_assets.releases.record import Releases
from agentic_assets.releases.release import Release, rows_of
from agentic_assets.releases.remaking import reshaped
from agentic_assets.releases.snapshots import Snapshot, Snapshots

__all__ = [
    "Activation",
    "Activations",
    "Declared",
    "InForce",
    "Library",
    "Makers",
    "Release",
    "Releases",
    "Snapshot",
    "Snapshots",
    "declared",
    "library",
    "load_version",
    "made_from",
    "reshaped",
    "rows_of",
]
