"""Everything versioned in a domain: what each version says, and the assets that it shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from agentic_assets.agents import Spec
from agentic_assets.agents.llm import Recordings
from agentic_assets.agents.llm.node import LlmNode
from agentic_assets.evidence.domain import Domain
from agentic_assets.features.node import FeatureNode
from agentic_assets.pipeline import Node
from agentic_assets.policy.rollout import Stage
from agentic_assets.releases.content import VERSIONED, content_of
from agentic_assets.releases.loading import PACKAGE
from agentic_assets.versions import Pin, of_json
from agentic_assets.versions.slicing import Slice, slice_of

__all__ = ["Declared", "declared"]

DERIVED: Final = "(derived from code)"
NO_NUMBER: Final = "-"
"""The version of what has no number of its own."""


@dataclass(frozen=True)
class Declared:
    """One version, what it says (plain JSON values), and the assets that it shapes, in the graph's order.

    The pin's digest is that of `says`: of the declaration without words for people, and of the domain's own code behind
    it, definition by definition; the library's code does not count. What `follows` has no number of its own: code that
    no version covers, recorded answers, contracts that code derives.
    """

    pin: Pin
    assets: tuple[str, ...]
    says: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False, repr=False)
    follows: bool = False

    @property
    def id(self) -> str:
        """Kind, name and version, e.g. `agent delay_risk@1.1.0`; without a version where there is none."""
        version = "" if self.pin.version == NO_NUMBER else f"@{self.pin.version}"
        return f"{self.pin.kind} {self.pin.name}{version}"


def declared(domain: Domain) -> tuple[Declared, ...]:
    """Give every version that shapes anything of a domain, sorted; of one name there may be several.

    Kinds are contract, feature_set, recipe, agent, rules, prompt, recordings, policy, rollout (as the spec of an agent
    declares it), and code: the domain's functions behind an asset that no other version covers.
    """
    shaped: dict[tuple[str, str, str], list[str]] = {}
    behind: dict[tuple[str, str, str], dict[str, str]] = {}
    found: dict[tuple[str, str, str], Any] = {}
    _note(found, [*domain.agents, *domain.feature_sets.values(), *(subject.policy for subject in domain.subjects)])
    made: list[Declared] = []
    for node in domain.graph.nodes:
        slices = _slice(node, domain)
        _note(found, [*slices.met, *([node.contract] if node.contract else [])])
        for pin in node.all_pins:
            shaped.setdefault(_key(pin), []).append(node.asset)
        covers = _covering(node)
        if covers is not None:
            behind.setdefault(_key(covers), {}).update(slices.definitions)
        elif slices.definitions and not isinstance(node, FeatureNode):
            made.append(_told("code", node.asset, NO_NUMBER, slices.definitions, [node.asset], follows=True))
        made += [one for each in slices.met if isinstance(each, Recordings) for one in [_recorded(each, node)]]
    for spec in domain.agents:
        shaped.setdefault(_key(spec.pin), [])
        made.append(_rollout(spec, shaped[_key(spec.pin)]))
    pinned = {_key(pin): pin for node in domain.graph.nodes for pin in node.all_pins}
    for key, assets in shaped.items():
        value = found.get(key)
        # What nobody knows how to tell is told by its digest alone.
        says: dict[str, Any] = {"definition": pinned[key].digest} if value is None else content_of(value)
        if key[0] == "contract" and value is not None and value.code:
            behind.setdefault(key, {}).update(_own(value.code, domain).definitions)
        if behind.get(key):
            says["code"] = dict(sorted(behind[key].items()))
        follows = key[0] == "contract" and value is not None and value.path.endswith(DERIVED)
        made.append(_told(*key, says, assets, follows=follows))
    return tuple(sorted(made, key=lambda one: one.pin))


def _told(
    kind: str, name: str, version: str, says: Mapping[str, Any], assets: Iterable[str], *, follows: bool = False
) -> Declared:
    return Declared(Pin(kind, name, version, of_json(says)), tuple(dict.fromkeys(assets)), says, follows)


def _rollout(spec: Spec, assets: Iterable[str]) -> Declared:
    stage = Stage.born(spec.phase)
    says = {"phase": stage.phase.value, "percent_bp": stage.percent_bp, "review_by": spec.review_by.isoformat()}
    return _told("rollout", spec.name, spec.version, says, assets)


def _recorded(recordings: Recordings, node: Node) -> Declared:
    return _told("recordings", recordings.path.stem, NO_NUMBER, content_of(recordings), [node.asset], follows=True)


def _covering(node: Node) -> Pin | None:
    """Give the version that a node's code belongs to: the agent that proposes, the recipe that is trained."""
    kind = "agent" if node.group == "proposals" else "recipe"
    found = [pin for pin in node.pins if pin.kind == kind]
    return found[0] if len(found) == 1 else None


def _slice(node: Node, domain: Domain) -> Slice:
    if isinstance(node, FeatureNode):
        return Slice({}, ())
    inner = [cell.cell_contents for cell in getattr(node.compute, "__closure__", None) or () if _is_filled(cell)]
    # A node may be made from another of the same asset, as that of a language model's proposals is.
    computing = [each.compute for each in inner if isinstance(each, Node) and each.asset == node.asset]
    answering = [node.agent()] if isinstance(node, LlmNode) else []
    return _own([*node.code, node.compute, *computing, *answering], domain)


def _own(parts: Iterable[Any], domain: Domain) -> Slice:
    return slice_of(parts, f"{PACKAGE}.{domain.name}", (*VERSIONED, Node))


def _note(found: dict[tuple[str, str, str], Any], values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, Node | Recordings):
            found.setdefault(_key(value.pin), value)


def _key(pin: Pin) -> tuple[str, str, str]:
    return pin.kind, pin.name, pin.version


def _is_filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
