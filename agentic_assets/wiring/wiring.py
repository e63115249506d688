"""Wire a domain: features and their proofs, then of each agent its proposals, decisions, ledger and outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from agentic_assets.actions import JournalActuator
from agentic_assets.actions.node import outbox_node
from agentic_assets.agents import NO_ACTION, Spec, load_spec
from agentic_assets.agents.inventory import inventory_node
from agentic_assets.agents.node import PROPOSED, Serving, proposal_node
from agentic_assets.agents.rules import RuleAgent, load_rules
from agentic_assets.contracts import Contract
from agentic_assets.decisions.node import decision_node
from agentic_assets.errors import ConfigInvalid
from agentic_assets.evidence import Domain, Lookup, Subject
from agentic_assets.features import FeatureSet
from agentic_assets.features.node import feature_node
from agentic_assets.features.proofs.node import proof_node
from agentic_assets.home import Home
from agentic_assets.ledger.node import ledger_node
from agentic_assets.pipeline import Batch, Calendar, Graph, Node
from agentic_assets.policy import RuleSet, load_ruleset
from agentic_assets.policy.rollout import Orders
from agentic_assets.quality import with_quality
from agentic_assets.wiring.contracts import Written

__all__ = ["wired"]

_SPEC = ".agent.yaml"


def wired(
    name: str,
    *,
    title: str,
    description: str,
    owner: str,
    calendar: Calendar,
    folder: Path,
    contracts: Mapping[str, Contract],
    sources: Sequence[Node],
    feature_sets: Sequence[FeatureSet],
    assumptions: str = "",
) -> Domain:
    """Put a domain together out of its sources, its feature sets, and every `NAME.agent.yaml` in `folder`.

    Agents are rule tables: `NAME.rules.yaml` beside the spec, judged by `NAME.policy.yaml`, or by `policy.yaml` where
    there is none. A rule of the policy may read the proposal, any feature, and `domain`. What has no contract in
    `contracts` gets the one that follows from code. Raises ConfigInvalid for a spec that fits no feature set here, or
    that needs what is not wired by itself: a model, an LLM, a resource to bid for.
    """
    written = Written(name, owner, contracts)
    subjects, nodes = [], [*sources]
    for made in feature_sets:
        features = f"features/{made.name}"
        nodes += [
            feature_node(features, made, contract=written.features(made)),
            proof_node(f"{features}_proofs", made, features=features, contract=written.proofs(made)),
        ]
    for path in sorted(folder.glob(f"*{_SPEC}")):
        _refuse_twice(name, [*(node.contract for node in nodes), written.files.get(path.name.removesuffix(_SPEC))])
        subject, more = _agent(path, name, calendar, written, feature_sets)
        subjects.append(subject)
        nodes += more
    specs = [subject.agent for subject in subjects]
    if specs:
        nodes.append(inventory_node(f"governance/{name}_agents", specs=specs, contract=written.agents()))
    _refuse_twice(name, [node.contract for node in nodes])
    entries = feature_sets[0].entities.table if feature_sets else ""
    return Domain(
        name=name,
        title=title,
        description=description,
        owner=owner,
        graph=Graph(calendar, with_quality(nodes, statistics=written.statistics(), docs=written.data_docs())),
        subjects=tuple(subjects),
        entries=entries,
        assumptions=assumptions,
    )


def _agent(
    path: Path, domain: str, calendar: Calendar, written: Written, feature_sets: Sequence[FeatureSet]
) -> tuple[Subject, tuple[Node, ...]]:
    spec = load_spec(path)
    _refuse_unwired(spec, path)
    made = _reads(spec, path, feature_sets)
    own = path.with_name(f"{spec.name}.policy.yaml")
    ruleset = load_ruleset(own if own.exists() else path.with_name("policy.yaml"))
    agent = RuleAgent(spec, load_rules(path.with_name(f"{spec.name}.rules.yaml"), spec))
    beside = _beside(ruleset, made)
    features, proposals, decisions = f"features/{made.name}", f"proposals/{spec.name}", f"decisions/{spec.name}"
    ledger, outbox, log = (
        f"governance/{spec.name}_ledger",
        f"actions/{spec.name}",
        f"agentic-assets/{domain}/{spec.name}",
    )

    def serve(_: Batch, __: str) -> Serving:
        return Serving(agent=agent, context=partial(_context, columns=tuple(beside), domain=domain))

    nodes = (
        proposal_node(
            proposals,
            spec=spec,
            feature_set=made,
            features=features,
            serve=serve,
            contract=written.proposals(spec, beside),
            code=(_context,),
            pins=(agent.table.pin,),
        ),
        decision_node(
            decisions,
            domain=domain,
            spec=spec,
            ruleset=ruleset,
            proposals=proposals,
            contract=written.decisions(spec),
            controls=Orders(domain, spec, calendar, made.entities.lead),
        ),
        ledger_node(ledger, decisions=decisions, origin=log, contract=written.checkpoints(spec)),
        outbox_node(
            outbox,
            domain=domain,
            agent=spec.name,
            decisions=decisions,
            sealed=ledger,
            idle=NO_ACTION,
            actuator=partial(_journal, domain=domain),
            contract=written.outbox(spec),
        ),
    )
    subject = Subject(
        agent=spec,
        feature_set=made,
        policy=ruleset,
        features=features,
        proposals=proposals,
        decisions=decisions,
        ledger=ledger,
        log=log,
        outcomes="",
        outbox=outbox,
        lookups=(Lookup(made.entities.table, "the row that is decided about", partial(_row, key=made.entity)),),
    )
    return subject, nodes


def _refuse_unwired(spec: Spec, path: Path) -> None:
    if path.name != f"{spec.name}{_SPEC}":
        raise ConfigInvalid(
            f"{path.name} declares the agent {spec.name}", hint=f"call the file {spec.name}{_SPEC}, as its rules are"
        )
    if spec.kind != "rules":
        raise ConfigInvalid(
            f"{path.name}: an agent of kind {spec.kind} is not wired by itself",
            hint="put its nodes together as domains/departures/graph.py does, or use a rule table",
        )
    if spec.resources:
        raise ConfigInvalid(
            f"{path.name}: the agent {spec.name} bids for {', '.join(spec.resources)}, which is not wired by itself",
            hint="put its nodes together with `award_node`, as domains/departures/deciding.py does",
        )


def _reads(spec: Spec, path: Path, feature_sets: Sequence[FeatureSet]) -> FeatureSet:
    offered = {f"{made.name}@{made.version}": made for made in feature_sets}
    if spec.feature_set not in offered:
        raise ConfigInvalid(
            f"{path.name}: the agent {spec.name} reads {spec.feature_set}, which the domain does not have",
            hint=f"the domain has {', '.join(offered) or 'no feature set'}",
        )
    return offered[spec.feature_set]


def _beside(ruleset: RuleSet, made: FeatureSet) -> dict[str, pl.DataType]:
    """Give the columns that the policy reads beside the proposal, and their types."""
    known = {**made.schema, "domain": pl.String()}
    return {column: known[column] for column in ruleset.reads if column in known and column not in PROPOSED}


def _context(features: pl.DataFrame, columns: tuple[str, ...], domain: str) -> pl.DataFrame:
    """Give what the policy may look at beside the proposals, in the order of the features."""
    return features.with_columns(pl.lit(domain).alias("domain")).select(columns) if columns else pl.DataFrame()


def _row(rows: pl.DataFrame, features: Mapping[str, Any], key: str) -> pl.DataFrame:
    return rows.filter(pl.col(key) == features[key])


def _journal(home: Home, domain: str) -> JournalActuator:
    return JournalActuator(home.journals / f"{domain}.jsonl")


def _refuse_twice(domain: str, contracts: Sequence[Contract | None]) -> None:
    datasets = Counter(contract.dataset for contract in contracts if contract is not None)
    if twice := sorted(dataset for dataset, count in datasets.items() if count > 1):
        raise ConfigInvalid(
            f"the domain {domain} has two datasets of the name {', '.join(twice[:5])}",
            hint="give agents, feature sets and sources names of their own",
        )
