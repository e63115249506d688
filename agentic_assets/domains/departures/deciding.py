"""Who decides about departures: each agent's proposals, decisions and sealed records as assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentic_assets.agents import Spec
from agentic_assets.agents.node import Serving, proposal_node
from agentic_assets.contracts import Contract
from agentic_assets.coordination.node import Bidder, award_node
from agentic_assets.decisions.node import decision_node
from agentic_assets.domains.departures import agent, legacy
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.turnaround import turnaround, turnaround_spec
from agentic_assets.ledger.node import ledger_node
from agentic_assets.pipeline import Batch, Calendar, Node
from agentic_assets.policy.rollout import Orders

__all__ = [
    "DECISIONS",
    "FEATURES",
    "LEDGER",
    "LEGACY",
    "MODEL",
    "NAME",
    "OUTCOMES",
    "PROPOSALS",
    "STANDBY",
    "TURNAROUND_DECISIONS",
    "TURNAROUND_LEDGER",
    "TURNAROUND_PROPOSALS",
    "delay_risk_nodes",
    "log_of",
    "proposal_nodes",
    "standby_node",
    "turnaround_nodes",
]

NAME = "departures"
FEATURES, OUTCOMES = "features/departure_delay", "outcomes/flights"
MODEL, LEGACY = "models/delay_risk", "models/legacy_table"
PROPOSALS, DECISIONS, LEDGER = "proposals/delay_risk", "decisions/delay_risk", "governance/ledger"
TURNAROUND_PROPOSALS, TURNAROUND_DECISIONS = "proposals/turnaround", "decisions/turnaround"
TURNAROUND_LEDGER = "governance/turnaround_ledger"
STANDBY = "coordination/standby"
_AWARDS = {"standby_aircraft": STANDBY}


def log_of(name: str) -> str:
    """Name the log in which an agent's decisions are sealed."""
    return f"agentic-assets/{NAME}/{name}"


def proposal_nodes(contracts: Mapping[str, Contract], serve: Callable[[Batch, str], Serving]) -> tuple[Node, ...]:
    """Give what each agent proposes; `serve` gives what serves `delay_risk` in a month."""
    spec, rules = turnaround_spec(), turnaround()

    def serve_turnaround(_: Batch, __: str) -> Serving:
        return Serving(agent=rules, context=lambda features: agent.context(features, spec.kind))

    return (
        proposal_node(
            PROPOSALS,
            spec=agent.delay_risk(),
            feature_set=DEPARTURE_DELAY,
            features=FEATURES,
            models=(MODEL, LEGACY),
            serve=serve,
            contract=contracts["delay_risk_proposals"],
            code=(agent.propose_actions, agent.context, legacy.legacy_risk_bp, legacy.legacy_action),
        ),
        proposal_node(
            TURNAROUND_PROPOSALS,
            spec=spec,
            feature_set=DEPARTURE_DELAY,
            features=FEATURES,
            serve=serve_turnaround,
            contract=contracts["turnaround_proposals"],
            code=(turnaround, agent.context),
            pins=(rules.table.pin,),
        ),
    )


def standby_node(contracts: Mapping[str, Contract], calendar: Calendar) -> Node:
    """Give what settles which flights get the standby aircraft, whoever bids for them."""
    ruleset = agent.departures_policy()
    lead = DEPARTURE_DELAY.entities.lead
    bidders = [
        Bidder(spec, proposals, ruleset, Orders(NAME, spec, calendar, lead))
        for spec, proposals in ((agent.delay_risk(), PROPOSALS), (turnaround_spec(), TURNAROUND_PROPOSALS))
    ]
    return award_node(STANDBY, domain=NAME, resource="standby_aircraft", bidders=bidders, contract=contracts["standby"])


def delay_risk_nodes(contracts: Mapping[str, Contract], calendar: Calendar) -> tuple[Node, ...]:
    """Give the decisions of the agent `delay_risk`, and their ledger."""
    made = (contracts["delay_risk"], contracts["checkpoints"])
    return _decided(agent.delay_risk(), calendar, PROPOSALS, DECISIONS, LEDGER, made)


def turnaround_nodes(contracts: Mapping[str, Contract], calendar: Calendar) -> tuple[Node, ...]:
    """Give the decisions of the agent `turnaround`, and their ledger."""
    made = (contracts["turnaround"], contracts["turnaround_checkpoints"])
    return _decided(turnaround_spec(), calendar, TURNAROUND_PROPOSALS, TURNAROUND_DECISIONS, TURNAROUND_LEDGER, made)


def _decided(
    spec: Spec, calendar: Calendar, proposals: str, decisions: str, ledger: str, made: tuple[Contract, Contract]
) -> tuple[Node, ...]:
    return (
        decision_node(
            decisions,
            domain=NAME,
            spec=spec,
            ruleset=agent.departures_policy(),
            proposals=proposals,
            contract=made[0],
            awards=_AWARDS,
            controls=Orders(NAME, spec, calendar, DEPARTURE_DELAY.entities.lead),
        ),
        ledger_node(ledger, decisions=decisions, origin=log_of(spec.name), contract=made[1]),
    )
