"""The domain put together: its assets in the order of the data path, and who decides in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from agentic_assets.actions import JournalActuator
from agentic_assets.actions.node import outbox_node
from agentic_assets.agents.inventory import inventory_node
from agentic_assets.agents.node import Serving
from agentic_assets.contracts import Contract, load_folder
from agentic_assets.domains.departures import agent, costs, deciding, legacy, morning_nodes, outcomes, station_brief
from agentic_assets.domains.departures.deciding import DECISIONS, FEATURES, LEDGER, LEGACY, MODEL, NAME, OUTCOMES
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY, STATION_MORNING, WATCHED
from agentic_assets.domains.departures.landing_nodes import landing_nodes, source_nodes
from agentic_assets.domains.departures.lookups import LOOKUPS
from agentic_assets.domains.departures.model_nodes import legacy_node, model_node
from agentic_assets.domains.departures.models import artefact_of
from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.domains.departures.tuning import HELD_OUT_FROM, TUNED_ON
from agentic_assets.domains.departures.turnaround import turnaround_spec
from agentic_assets.evidence import Domain, Subject
from agentic_assets.features.drift import drift_node
from agentic_assets.features.node import feature_node
from agentic_assets.features.proofs.node import proof_node
from agentic_assets.home import Home
from agentic_assets.outcomes.node import kpi_node, score_node
from agentic_assets.pipeline import Batch, Calendar, Cut, Graph, Input, Node, by_day
from agentic_assets.quality import with_quality
from agentic_assets.versions import of_code

__all__ = ["domain"]

CALENDAR = Calendar(HOME_ZONE, date(2013, 1, 1), date(2013, 12, 31))
_HERE = Path(__file__).parent
_CONTRACTS = _HERE.parents[2] / "contracts" / NAME

PROOFS = "features/departure_delay_proofs"
DRIFT = "features/departure_delay_drift"
OUTBOX, AGENTS = "actions/outbox", "governance/agents"
SCORECARD, KPIS = "outcomes/scorecard", "outcomes/kpis"
TURNAROUND_SCORECARD = "outcomes/turnaround_scorecard"


def domain(folder: Path | None = None) -> Domain:
    """Put the domain together; `folder` holds the delivered files, those of the installed package when None."""
    contracts = load_folder(_CONTRACTS)
    subjects = (_delay_risk(), _turnaround(), _station_brief())
    nodes = (
        *landing_nodes(folder),
        *source_nodes(contracts),
        feature_node(FEATURES, DEPARTURE_DELAY, contract=contracts["departure_delay"]),
        drift_node(
            DRIFT, DEPARTURE_DELAY, features=FEATURES, contract=contracts["departure_delay_drift"], settings=WATCHED
        ),
        proof_node(PROOFS, DEPARTURE_DELAY, features=FEATURES, contract=contracts["departure_delay_proofs"]),
        *morning_nodes.morning_nodes(contracts),
        _outcome_node(contracts["outcomes"]),
        model_node(MODEL, features=FEATURES, outcomes=OUTCOMES, contract=contracts["delay_risk_model"]),
        legacy_node(LEGACY, features=FEATURES, outcomes=OUTCOMES, contract=contracts["legacy_table"]),
        *deciding.proposal_nodes(contracts, _serve),
        deciding.standby_node(contracts, CALENDAR),
        *deciding.delay_risk_nodes(contracts, CALENDAR),
        *deciding.turnaround_nodes(contracts, CALENDAR),
        *morning_nodes.brief_nodes(contracts, CALENDAR),
        outbox_node(
            OUTBOX,
            domain=NAME,
            agent=agent.delay_risk().name,
            decisions=DECISIONS,
            sealed=LEDGER,
            idle=costs.NONE,
            actuator=_journal,
            contract=contracts["outbox"],
        ),
        score_node(
            SCORECARD,
            decisions=DECISIONS,
            outcomes=OUTCOMES,
            score=outcomes.score,
            contract=contracts["scorecard"],
            description="What each day's decisions cost, avoided and saved, beside the legacy rule and doing nothing. "
            "The amounts are assumed, so that decisions can be compared in money.",
        ),
        score_node(
            TURNAROUND_SCORECARD,
            decisions=deciding.TURNAROUND_DECISIONS,
            outcomes=OUTCOMES,
            score=outcomes.score,
            contract=contracts["turnaround_scorecard"],
            description="What the agent in shadow would have cost, avoided and saved (`judged`), beside what was done.",
        ),
        inventory_node(AGENTS, specs=[subject.agent for subject in subjects], contract=contracts["agents"]),
        kpi_node(
            KPIS,
            decisions=DECISIONS,
            outcomes=OUTCOMES,
            sealed=LEDGER,
            outbox=OUTBOX,
            entity=DEPARTURE_DELAY.entity,
            idle=costs.NONE,
            contract=contracts["kpis"],
        ),
    )
    return Domain(
        name=NAME,
        title="Departures from New York, 2013",
        description="Which departures will be disrupted, and what to do about it two hours before they leave.",
        owner="airline-operations",
        graph=Graph(CALENDAR, with_quality(nodes, statistics=contracts["statistics"], docs=contracts["data_docs"])),
        subjects=subjects,
        entries="sources/schedule",
        assumptions=f"{' '.join((costs.__doc__ or '').split())} {TUNED_ON}",
    )


def _delay_risk() -> Subject:
    return Subject(
        agent=agent.delay_risk(),
        feature_set=DEPARTURE_DELAY,
        policy=agent.departures_policy(),
        features=FEATURES,
        proposals=deciding.PROPOSALS,
        decisions=DECISIONS,
        ledger=LEDGER,
        log=deciding.log_of("delay_risk"),
        outcomes=OUTCOMES,
        model=MODEL,
        outbox=OUTBOX,
        scorecard=SCORECARD,
        kpis=KPIS,
        lookups=LOOKUPS,
        drift=DRIFT,
        score=outcomes.score,
        held_out_from=HELD_OUT_FROM,
    )


def _turnaround() -> Subject:
    return Subject(
        agent=turnaround_spec(),
        feature_set=DEPARTURE_DELAY,
        policy=agent.departures_policy(),
        features=FEATURES,
        proposals=deciding.TURNAROUND_PROPOSALS,
        decisions=deciding.TURNAROUND_DECISIONS,
        ledger=deciding.TURNAROUND_LEDGER,
        log=deciding.log_of("turnaround"),
        outcomes=OUTCOMES,
        scorecard=TURNAROUND_SCORECARD,
        lookups=LOOKUPS,
        drift=DRIFT,
        score=outcomes.score,
        held_out_from=HELD_OUT_FROM,
    )


def _station_brief() -> Subject:
    return Subject(
        agent=station_brief.spec(),
        feature_set=STATION_MORNING,
        policy=station_brief.policy(),
        features=morning_nodes.FEATURES,
        proposals=morning_nodes.PROPOSALS,
        decisions=morning_nodes.DECISIONS,
        ledger=morning_nodes.LEDGER,
        log=deciding.log_of("station_brief"),
        outcomes="",
        drift=morning_nodes.DRIFT,
    )


def _serve(batch: Batch, day: str) -> Serving:
    artefact = artefact_of(batch.read(MODEL, day))
    table = batch.read(LEGACY, day)

    def legacy_actions(features: pl.DataFrame) -> pl.Series:
        risk = legacy.legacy_risk_bp(features, table)
        action = legacy.legacy_action(
            pl.col("legacy_bp"), standby_from_bp=legacy.STANDBY_FROM_BP, notify_from_bp=legacy.NOTIFY_FROM_BP
        )
        return risk.to_frame().select(action.alias("legacy_action")).to_series()

    return Serving(
        agent=agent.serving(artefact),
        model=artefact.pin,
        context=lambda features: agent.context(features, artefact.kind),
        legacy=legacy_actions,
    )


def _outcome_node(contract: Contract) -> Node:
    movements = "sources/movements"

    def compute(batch: Batch) -> dict[str, pl.DataFrame]:
        return by_day(outcomes.outcomes(batch.read(movements)), batch.partitions)

    return Node(
        asset=OUTCOMES,
        group="outcomes",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(outcomes),
        inputs=(Input(movements),),
        kinds=("polars", "deltalake"),
        lineage={
            **{name: [(movements, name)] for name in ("flight_id", "day", "status", "arr_delay", "outcome_known_at")},
            "disrupted": [(movements, "status"), (movements, "arr_delay")],
            "loss_cents": [(movements, "status"), (movements, "arr_delay")],
        },
        code=(outcomes.outcomes,),
    )


def _journal(home: Home) -> JournalActuator:
    return JournalActuator(home.journals / f"{NAME}.jsonl")
