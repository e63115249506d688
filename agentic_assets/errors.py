"""The exceptions of the package, drawn as a tree.

AgenticError
├── ConfigInvalid         a setting, a folder or a URL cannot be used
├── SourceUnreadable      a system of record is missing, truncated or not what it says
├── ContractInvalid       a contract file cannot be enforced as written
├── PartitionRefused      data broke a contract: nothing of the partition was published
├── ControlRefused        an order about an agent would not do what it says, or may not be given
├── RulingRefused         a ruling on quarantined rows would not do what it says
├── PolicyInvalid         a policy or a rule's expression is outside the permitted language
├── ModelRefused          a model file does not match its digest, or cannot serve
├── PointInTimeViolation  a feature set would see, or saw, something not yet known
├── LakeBroken            a lake table does not hold what was recorded about it
│   ├── PublishConflict   another writer published the same partition first
│   └── VersionVacuumed   an earlier version was deleted, because nothing retained needed it
├── LeaseLost             a lease is no longer held, or somebody else changed it meanwhile
├── LedgerBroken          sealed records and stored records differ
├── ReleaseBroken         a release is not as it was recorded, or cannot be loaded
├── ReleaseRefused        a release, a rollback or a cleaning up would not do what it says
├── ResidencyRefused      data may not be read where this deployment runs
└── NotFound              no decision, asset or partition of that name
"""

from __future__ import annotations

__all__ = [
    "AgenticError",
    "ConfigInvalid",
    "ContractInvalid",
    "ControlRefused",
    "LakeBroken",
    "LeaseLost",
    "LedgerBroken",
    "ModelRefused",
    "NotFound",
    "PartitionRefused",
    "PointInTimeViolation",
    "PolicyInvalid",
    "PublishConflict",
    "ReleaseBroken",
    "ReleaseRefused",
    "ResidencyRefused",
    "RulingRefused",
    "SourceUnreadable",
    "VersionVacuumed",
]


class AgenticError(Exception):
    """Say what failed, where, how many, and what to do next."""

    def __init__(self, what: str, *, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return self.what if self.hint is None else f"{self.what}\nhint: {self.hint}"


class ConfigInvalid(AgenticError):
    """A setting, a folder or a URL cannot be used."""


class SourceUnreadable(AgenticError):
    """A system of record is missing, truncated, or not what it says it is."""


class ContractInvalid(AgenticError):
    """A contract file cannot be enforced as it is written."""


class PartitionRefused(AgenticError):
    """Data broke a contract; nothing of the partition was published."""


class RulingRefused(AgenticError):
    """A ruling on quarantined rows would not do what it says; nothing was recorded."""


class ControlRefused(AgenticError):
    """An order about an agent would not do what it says, or may not be given; nothing was recorded."""


class PolicyInvalid(AgenticError):
    """A policy or a rule's expression is outside the permitted language."""


class ModelRefused(AgenticError):
    """A model file does not match its digest, or cannot serve what is asked."""


class PointInTimeViolation(AgenticError):
    """A feature set would see, or saw, something that was not yet known."""


class LakeBroken(AgenticError):
    """A lake table does not hold what was recorded about it."""


class PublishConflict(LakeBroken):
    """Another writer published the same partition first."""


class VersionVacuumed(LakeBroken):
    """An earlier version was deleted, because nothing that is retained needed it."""


class LeaseLost(AgenticError):
    """A lease is no longer held, or somebody else changed it meanwhile; nothing was changed."""


class LedgerBroken(AgenticError):
    """Sealed records and stored records differ."""


class ReleaseBroken(AgenticError):
    """A release is not as it was recorded, or cannot be loaded."""


class ReleaseRefused(AgenticError):
    """A release, a rollback or a cleaning up would not do what it says; nothing was changed."""


class ResidencyRefused(AgenticError):
    """Data may not be held or read in the region in which this deployment runs."""


class NotFound(AgenticError):
    """There is no decision, asset or partition of that name."""
