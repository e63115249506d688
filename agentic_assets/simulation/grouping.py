"""Which partitions one call of a node's function can make again: those that were made from the same versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentic_assets.pipeline import Entry
from agentic_assets.simulation.recorded import Recorded

__all__ = ["Group", "grouped"]


@dataclass
class Group:
    """Partitions that can be made again together, and all that they were made from: asset -> partition -> entry."""

    members: list[Recorded] = field(default_factory=list)
    inputs: dict[str, dict[str, Entry]] = field(default_factory=dict)
    absent: dict[str, set[str]] = field(default_factory=dict)
    """Asset -> partitions that a member could have read, and were not there when it was made."""

    def takes(self, one: Recorded, absent: Mapping[str, set[str]]) -> bool:
        """Say whether nothing would be read that was not there, nor at another version."""
        for asset, entries in one.inputs.items():
            mine = self.inputs.get(asset, {})
            if not self.absent.get(asset, set()).isdisjoint(entries) or not absent[asset].isdisjoint(mine):
                return False
            if any(name in mine and mine[name].data_version != made.data_version for name, made in entries.items()):
                return False
        return all(one.entry.partition != member.entry.partition for member in self.members[-1:])

    def add(self, one: Recorded, absent: Mapping[str, set[str]]) -> None:
        """Take one more in."""
        self.members.append(one)
        for asset, entries in one.inputs.items():
            self.inputs.setdefault(asset, {}).update(entries)
            self.absent.setdefault(asset, set()).update(absent[asset])


def grouped(recorded: Sequence[Recorded], windows: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Group]:
    """Put partitions of one asset together, in their order; `windows` names what each could have read, by input."""
    groups: list[Group] = []
    for one in sorted(recorded, key=lambda one: one.entry.partition):
        absent = {
            asset: set(windows.get(asset, {}).get(one.entry.partition, ())) - set(entries)
            for asset, entries in one.inputs.items()
        }
        # The last groups first: neighbours in time share most of what they read.
        group = next((group for group in reversed(groups) if group.takes(one, absent)), None)
        if group is None:
            group = Group()
            groups.append(group)
        group.add(one, absent)
    return groups
