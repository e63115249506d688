"""Everything versioned in a domain: what each version says, and the assets that it shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from agentic_assets.agents import Spec
from agentic_assets.agents.llm import Recordings
from agentic_assets.agents.llm.node import LlmNode
from agentic_assets.contracts import Contract
from agentic_assets.evidence.domain import Domain
from agentic_assets.features.node import FeatureNode
from agentic_assets.pipeline import Node
from agentic_assets.policy.rollout import Stage
from agentic_assets.releases.content import VERSIONED, content_of
from agentic_assets.releases.loading import PACKAGE
from agentic_assets.versions import Pin, of_json, of_text
from agentic_assets.versions.closures import closed_over
from agentic_assets.versions.fingerprint import canonical_json
from agentic_assets.versions.slicing import Slice, slice_of

__all__ = ["NO_NUMBER", "Declared", "declared"]

NO_NUMBER: Final = "-"
"""The version of what has no number of its own."""

_DERIVED: Final = "(derived from code)"
_DIGITS: Final = 12
_Key = tuple[str, str, str]


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
    enumeration = _Enumeration(domain)
    for node in domain.graph.nodes:
        enumeration.add(node)
    return tuple(sorted(enumeration.made(), key=lambda one: one.pin))


class _Enumeration:
    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._shaped: dict[_Key, list[str]] = {_key(spec.pin): [] for spec in domain.agents}
        self._pinned: dict[_Key, Pin] = {}
        self._known: dict[_Key, Any] = {}
        self._code: dict[_Key, dict[str, str]] = {}
        self._follows: dict[_Key, Declared] = {}
        self._know([*domain.agents, *domain.feature_sets.values(), *(one.policy for one in domain.subjects)])

    def add(self, node: Node) -> None:
        """Take in an asset: what it pins, the code behind it, and the versions that this code uses."""
        own = _slice(node, self._domain)
        self._know([*own.met, *([node.contract] if node.contract else [])])
        for pin in node.all_pins:
            self._pinned[_key(pin)] = pin
            self._shaped.setdefault(_key(pin), []).append(node.asset)
        covers = _covering(node)
        if covers is not None:
            self._code.setdefault(_key(covers), {}).update(own.definitions)
        elif own.definitions:
            self._follow("code", node.asset, _by_module(own.definitions), node)
        for each in own.met:
            if isinstance(each, Recordings):
                self._follow("recordings", each.path.stem, content_of(each), node)

    def made(self) -> Iterator[Declared]:
        """Give all that was found."""
        yield from self._follows.values()
        for spec in self._domain.agents:
            yield _told("rollout", spec.name, spec.version, _rollout(spec), self._shaped[_key(spec.pin)])
        for key, assets in self._shaped.items():
            value = self._known.get(key)
            # What nobody knows how to tell is told by its digest alone.
            says: dict[str, Any] = {"definition": self._pinned[key].digest} if value is None else content_of(value)
            code = self._code.get(key, {})
            if isinstance(value, Contract) and value.code:
                code = {**code, **_own(value.code, self._domain).definitions}
            if code:
                says["code"] = dict(sorted(code.items()))
            yield _told(*key, says, assets, follows=isinstance(value, Contract) and value.path.endswith(_DERIVED))

    def _know(self, values: Iterable[Any]) -> None:
        for value in values:
            if not isinstance(value, Node | Recordings):
                self._known.setdefault(_key(value.pin), value)

    def _follow(self, kind: str, name: str, says: Mapping[str, Any], node: Node) -> None:
        one = _told(kind, name, NO_NUMBER, says, [node.asset], follows=True)
        before = self._follows.get(_key(one.pin))
        assets = (*(before.assets if before else ()), node.asset)
        self._follows[_key(one.pin)] = _told(kind, name, NO_NUMBER, says, assets, follows=True)


def _told(
    kind: str, name: str, version: str, says: Mapping[str, Any], assets: Iterable[str], *, follows: bool = False
) -> Declared:
    text = canonical_json(says)
    return Declared(Pin(kind, name, version, of_text(text)), tuple(dict.fromkeys(assets)), json.loads(text), follows)


def _rollout(spec: Spec) -> dict[str, Any]:
    stage = Stage.born(spec.phase)
    return {"phase": stage.phase.value, "percent_bp": stage.percent_bp, "review_by": spec.review_by.isoformat()}


def _by_module(definitions: Mapping[str, str]) -> dict[str, str]:
    """Tell code by module: whoever need not raise a version need not know each definition."""
    modules = dict.fromkeys(name.partition(":")[0] for name in definitions)
    told = {
        module: {name: digest for name, digest in definitions.items() if name.startswith(f"{module}:")}
        for module in modules
    }
    return {module: of_json(held)[:_DIGITS] for module, held in told.items()}


def _covering(node: Node) -> Pin | None:
    """Give the version that a node's code belongs to: the agent that proposes, the recipe that is trained."""
    kind = "agent" if node.group == "proposals" else "recipe"
    found = [pin for pin in node.pins if pin.kind == kind]
    return found[0] if len(found) == 1 else None


def _slice(node: Node, domain: Domain) -> Slice:
    if isinstance(node, FeatureNode):
        return Slice({}, ())
    inner = closed_over(node.compute).values()
    # A node may be made from another of the same asset, as that of a language model's proposals is.
    computing = [each.compute for each in inner if isinstance(each, Node) and each.asset == node.asset]
    answering = [node.agent()] if isinstance(node, LlmNode) else []
    return _own([*node.code, node.compute, *computing, *answering], domain)


def _own(parts: Iterable[Any], domain: Domain) -> Slice:
    return slice_of(parts, f"{PACKAGE}.{domain.name}", (*VERSIONED, Node))


def _key(pin: Pin) -> _Key:
    return pin.kind, pin.name, pin.version
