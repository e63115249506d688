"""Answer 'why this decision' whole: from the source rows to the outcome, each with its version, the proof checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from math import isnan
from typing import Any

import polars as pl

from agentic_assets.errors import LedgerBroken, NotFound
from agentic_assets.evidence.bids import bids_behind
from agentic_assets.evidence.carrying import carried
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.locating import Located, row_of
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Ledger, check
from agentic_assets.pipeline import Entry
from agentic_assets.policy import explain as explain_rules
from agentic_assets.policy.rollout import Controls

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """Everything that is recorded about one decision, as JSON values."""

    decision: dict[str, Any]
    versions: list[dict[str, Any]]
    materialization: dict[str, Any]
    sources: list[dict[str, Any]]
    features: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    bids: list[dict[str, Any]]
    order: dict[str, Any] | None
    """The order of a person, or of the circuit breaker, that set the phase; None where the agent's spec did."""
    ledger: dict[str, Any]
    action: dict[str, Any] | None
    outcome: dict[str, Any] | None
    superseded: dict[str, Any] | None
    """What stands in its place, if anything, and the run that decided so; None while it stands."""

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def explain(reading: Reading, located: Located) -> Explanation:
    """Collect what one decision rests on, what was judged, what was done, and what came of it.

    One that was superseded is read as it was; give the reading the domain whose code made it.
    """
    entry = located.entry
    row = row_of(reading, entry, located.row["decision_id"])
    [subject] = [one for one in reading.domain.subjects if one.decisions == entry.asset]
    located = replace(located, subject=subject, row=row)
    partition = entry.partition
    pins = reading.manifest.pins_of(row["pins"])
    proposals_entry = reading.entry(subject.proposals, partition, entry.inputs[subject.proposals][partition])
    features_version = proposals_entry.inputs[subject.features][partition]
    features_entry = reading.entry(subject.features, partition, features_version)
    features = (
        reading.at(subject.features, {partition: features_entry.data_version})
        .filter(pl.col(subject.feature_set.entity) == row["entity"])
        .to_dicts()[0]
    )
    proposal = (
        reading.at(subject.proposals, {partition: proposals_entry.data_version})
        .filter(pl.col("entity") == row["entity"])
        .row(0, named=True)
    )
    return Explanation(
        decision=_plain({name: value for name, value in row.items() if name != "record"}),
        versions=[asdict(pin) for pin in pins],
        materialization=_materialization(entry),
        sources=_sources(reading, subject, features_entry, features),
        features=_features(subject, features),
        rules=_rules(subject, row, proposal),
        bids=[_plain(bid) for bid in bids_behind(reading, entry, row)],
        order=_order(reading, row["control"]),
        ledger=_proof(reading, located),
        action=None if (done := carried(reading.store, located)) is None else _plain(done),
        outcome=_outcome(reading, subject, partition, row["entity"]),
        superseded=_superseded(reading, located) if located.superseded else None,
    )


def _materialization(entry: Entry) -> dict[str, Any]:
    return {
        "asset": entry.asset,
        "partition": entry.partition,
        "data_version": entry.data_version,
        "code_version": entry.code_version,
        "lake_version": entry.delta_version,
        "run_id": entry.run_id,
        "recorded_at": entry.recorded_at,
    }


def _sources(
    reading: Reading, subject: Subject, features_entry: Entry, features: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = []
    for lookup in subject.lookups:
        versions = features_entry.inputs.get(lookup.asset, {})
        near = {
            part: version for part, version in versions.items() if part in _near(features_entry.partition, versions)
        }
        rows = lookup.rows(reading.at(lookup.asset, near), features)
        entries = [reading.entry(lookup.asset, part, version) for part, version in sorted(near.items())]
        newest = entries[-1] if entries else None
        contract = reading.domain.graph[lookup.asset].contract
        found.append(
            {
                "asset": lookup.asset,
                "why": lookup.why,
                "contract": f"{contract.name}@{contract.version}" if contract else "",
                "lake_version": newest.delta_version if newest else None,
                "partitions_read": len(versions),
                "rows": [_plain(row) for row in rows.head(5).to_dicts()],
                # What people corrected or took out by hand stands beside what was delivered.
                "rulings": [
                    {"partition": entry.partition, **ruling}
                    for entry in entries
                    for ruling in entry.details.get("rulings", ())
                ],
            }
        )
    return found


def _near(partition: str, versions: Mapping[str, str]) -> tuple[str, ...]:
    # What bears on one decision most lies in its own day and the day before; the rest enters through windows.
    return tuple(sorted(part for part in versions if part <= partition)[-2:])


def _features(subject: Subject, features: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": feature.name,
            "value": _plain_value(features[feature.name]),
            "unit": feature.unit,
            "known_at": _plain_value(features.get(f"{feature.view}_known_at")),
            "meaning": feature.description,
            "made_from": list(feature.sources),
        }
        for feature in subject.feature_set.features
    ]


def _rules(subject: Subject, row: Mapping[str, Any], proposal: Mapping[str, Any]) -> list[dict[str, Any]]:
    judged = {**row, **proposal}
    return [{**asdict(told), "values": _plain(told.values)} for told in explain_rules(judged, subject.policy)]


def _superseded(reading: Reading, located: Located) -> dict[str, Any]:
    asset, row, partition = located.subject.decisions, located.row, located.entry.partition
    entry = reading.entry(asset, partition)
    rows = reading.current(asset, [partition]).filter(pl.col("entity") == row["entity"])
    stands = rows.select("decision_id", "agent", "effective_action", "verdict", "rule", "reason").to_dicts()
    return {"by": stands[0] if stands else None, "run_id": entry.run_id, "recorded_at": entry.recorded_at}


def _proof(reading: Reading, located: Located) -> dict[str, Any]:
    row = located.row
    try:
        ledger = Ledger(reading.store, reading.home.keys, located.subject.log)
        proof = ledger.proof(located.entry.partition, row["decision_id"], generation=located.generation)
        check(proof, row["record"].encode(), ledger.verifier)
    except (LedgerBroken, NotFound) as error:
        return {"checked": False, "problem": str(error)}
    return {"checked": True, "verifier_key": str(ledger.verifier), **asdict(proof)}


def _order(reading: Reading, control: str | None) -> dict[str, Any] | None:
    if control is None:
        return None
    found = [one for one in Controls(reading.store).of(reading.domain.name) if one.id == control]
    if not found:
        raise LedgerBroken(
            f"the order {control} that the decision names is not among those of {reading.domain.name}",
            hint="restore the store; `agentic verify` holds the orders against their ledger",
        )
    return {"id": control, **found[0].content, "recorded_at": found[0].recorded_at}


def _outcome(reading: Reading, subject: Subject, partition: str, entity: str) -> dict[str, Any] | None:
    if not subject.outcomes:
        return None
    try:
        rows = reading.current(subject.outcomes, [partition])
    except NotFound:
        return None
    found = rows.filter(pl.col(subject.feature_set.entity) == entity).to_dicts()
    return _plain(found[0]) if found else None


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and isnan(value):
        return None
    return value
