"""Compare two versions of a contract, and two sets of contracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agentic_assets.contracts.change.change import Change, Spot
from agentic_assets.contracts.change.columns import compare_columns, unrelated
from agentic_assets.contracts.change.direction import Class, Direction
from agentic_assets.contracts.change.rules import compare_rules
from agentic_assets.contracts.change.service import compare_service
from agentic_assets.contracts.change.terms import compare_terms
from agentic_assets.contracts.change.versioning import Verdict, judge_version
from agentic_assets.contracts.contract import Contract

__all__ = ["Comparison", "compare", "compare_all", "differences"]

_WORST: Final = (Class.BREAKING, Class.FORWARD_ONLY, Class.COMPATIBLE)


@dataclass(frozen=True)
class Comparison:
    """All changes from one version of a contract to another; None for a contract that was not there, or is not."""

    old: Contract | None
    new: Contract | None
    changes: tuple[Change, ...]
    verdict: Verdict

    @property
    def name(self) -> str:
        """The dataset that the contract describes."""
        contract = self.new or self.old
        assert contract is not None
        return contract.name

    @property
    def class_(self) -> Class:
        """The class of the whole: that of its worst change."""
        return min((change.class_ for change in self.changes), key=_WORST.index, default=Class.COMPATIBLE)

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that break those who read the data."""
        return tuple(change for change in self.changes if change.class_ is Class.BREAKING)


def differences(old: Contract, new: Contract) -> tuple[Change, ...]:
    """List all changes, the breaking ones first; none when both say the same."""
    gone_or_new = set(old.schema) ^ set(new.schema)
    found = [
        *compare_columns(old, new),
        *compare_rules(old, new, leave_out=gone_or_new | unrelated(old, new)),
        *compare_service(old, new),
        *compare_terms(old, new),
    ]
    return tuple(sorted(found, key=lambda change: (_WORST.index(change.class_), change.documentation)))


def compare(old: Contract, new: Contract) -> Comparison:
    """Compare two versions of one contract and judge the new version's number."""
    changes = differences(old, new)
    return Comparison(old, new, changes, judge_version(old.version, new.version, changes))


def compare_all(old: Iterable[Contract], new: Iterable[Contract]) -> tuple[Comparison, ...]:
    """Compare two sets of contracts by the names of their datasets; what is there no more breaks its readers."""
    before, after = _by_name(old), _by_name(new)
    both = [compare(before[name], contract) for name, contract in after.items() if name in before]
    come = [_come(contract) for name, contract in after.items() if name not in before]
    gone = [_gone(contract) for name, contract in before.items() if name not in after]
    return tuple(sorted([*both, *come, *gone], key=lambda one: one.name))


def _by_name(contracts: Iterable[Contract]) -> Mapping[str, Contract]:
    return {contract.name: contract for contract in contracts}


def _come(contract: Contract) -> Comparison:
    change = Change("contract-added", "contract", Direction.NEUTRAL, Spot(""), after=contract.version)
    return Comparison(None, contract, (change,), Verdict(None, None, True, "a new contract may have any version"))


def _gone(contract: Contract) -> Comparison:
    if (contract.status or "").lower() == "retired":
        change = Change("contract-removed", "contract", Direction.NEUTRAL, Spot(""), before=contract.version)
        return Comparison(contract, None, (change,), Verdict(None, None, True, "the contract was retired before"))
    change = Change(
        "contract-removed",
        "contract",
        Direction.LOOSER,
        Spot(""),
        before=contract.version,
        hint="keep the file with `status: retired` until nobody reads the data any more, then remove it",
    )
    said = "the contract is gone without having been retired, and no version can say so"
    return Comparison(contract, None, (change,), Verdict(change.level, None, False, said))
