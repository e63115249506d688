"""What the analysis says about the policies of a domain, given what its contracts hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentic_assets.agents import Spec
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.policy import RuleSet

if TYPE_CHECKING:
    from agentic_assets.policy.analysis import Finding
    from agentic_assets.policy.analysis.facts import Facts

__all__ = ["analysed", "facts_before", "facts_of_inputs"]


def facts_before(ruleset: RuleSet, domains: Iterable[Domain]) -> Facts:
    """Give what holds of every row that a domain judges by this very policy; nothing for a policy that none uses.

    The contracts of features, proposals and decisions hold it: a row that breaks the last takes no effect either.
    """
    from agentic_assets.policy.analysis import facts_in_common, facts_of

    told: list[Facts] = []
    for domain in domains:
        contracts = {node.asset: node.contract for node in domain.graph.nodes}
        for subject in domain.subjects:
            if subject.policy.pin == ruleset.pin:
                held = [contracts.get(name) for name in (subject.features, subject.proposals, subject.decisions)]
                told.append(facts_of([contract for contract in held if contract is not None], ruleset.reads))
    return facts_in_common(told)


def facts_of_inputs(spec: Spec, domains: Iterable[Domain]) -> Facts:
    """Give what the contract of its features holds for an agent of a domain; nothing for one that none has."""
    from agentic_assets.policy.analysis import facts_of

    for domain in domains:
        contracts = {node.asset: node.contract for node in domain.graph.nodes}
        for subject in domain.subjects:
            contract = contracts.get(subject.features)
            if subject.agent.pin == spec.pin and contract is not None:
                return facts_of([contract], spec.columns)
    return {}


def analysed(domain: Domain, subject: Subject) -> tuple[Finding, ...]:
    """Analyse the policy of a subject (a second or so)."""
    from agentic_assets.policy.analysis import analyse

    return analyse(subject.policy, facts_before(subject.policy, (domain,)))
