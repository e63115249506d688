from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import update

from agentic_assets.errors import LedgerBroken, NotFound
from agentic_assets.ledger import Ledger, Proof, check
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_partitions
from agentic_assets_tests.unit.ledger.samples import records

DAYS = {f"2013-02-{day:02d}": records(day, str(day)) for day in range(1, 12)}


@pytest.fixture
def sealed(ledger: Ledger) -> Ledger:
    ledger.seal_many(DAYS)
    return ledger


def test_every_record_of_every_day_is_proven_with_the_public_key_alone(sealed: Ledger) -> None:
    key = str(sealed.verifier)
    for day, (data, ids) in DAYS.items():
        for record, name in zip(data, ids, strict=True):
            check(sealed.proof(day, name), record, key)


def test_a_proof_survives_its_export(sealed: Ledger) -> None:
    data, ids = DAYS["2013-02-07"]
    proof = Proof.from_json(sealed.proof("2013-02-07", ids[3]).to_json())
    assert proof == sealed.proof("2013-02-07", ids[3])
    sealed.check(proof, data[3])


def test_an_old_proof_stays_valid_when_the_log_grows(sealed: Ledger) -> None:
    data, ids = DAYS["2013-02-07"]
    proof = sealed.proof("2013-02-07", ids[3])
    sealed.seal("2013-02-07", *records(2, "superseding"))
    sealed.check(proof, data[3])
    with pytest.raises(NotFound):
        sealed.proof("2013-02-07", ids[3])


def test_a_proof_proves_no_other_record(sealed: Ledger) -> None:
    data, ids = DAYS["2013-02-07"]
    proof = sealed.proof("2013-02-07", ids[3])
    for other in (data[4], data[3] + b" ", b""):
        with pytest.raises(LedgerBroken, match="are not record 3 of 2013-02-07 as sealed"):
            sealed.check(proof, other)


@pytest.mark.parametrize(
    "change",
    [
        {"partition": "2013-02-08"},
        {"generation": 1},
        {"index": 4},
        {"index": -1},
        {"log_index": 5},
        {"path": ()},
        {"path": ("zz",)},
        {"log_path": ()},
        {"log_path": ("00" * 32,) * 4},
        {"checkpoint": ""},
        {"head": ""},
    ],
)
def test_a_proof_with_any_part_changed_proves_nothing(sealed: Ledger, change: dict[str, object]) -> None:
    data, ids = DAYS["2013-02-07"]
    proof = replace(sealed.proof("2013-02-07", ids[3]), **change)  # type: ignore[arg-type]
    with pytest.raises(LedgerBroken):
        sealed.check(proof, data[3])


def test_a_partition_that_the_log_does_not_hold_is_not_proven(sealed: Ledger) -> None:
    data, ids = DAYS["2013-02-07"]
    proof, other = sealed.proof("2013-02-07", ids[3]), sealed.proof("2013-02-08", DAYS["2013-02-08"][1][0])
    with pytest.raises(LedgerBroken, match="does not cover 2013-02-07 as entry 7"):
        sealed.check(replace(proof, log_index=other.log_index, log_path=other.log_path), data[3])


@pytest.mark.parametrize("name", ["", "ab", "0" * 32, "no hexadecimal digits", "0" * 64])
def test_a_decision_that_was_not_sealed_has_no_proof(sealed: Ledger, name: str) -> None:
    with pytest.raises(NotFound, match="is not sealed"):
        sealed.proof("2013-02-07", name)
    with pytest.raises(NotFound, match="is not sealed"):
        sealed.proof("2013-07-04", name)


def test_an_id_that_straddles_two_neighbours_is_not_found(ledger: Ledger) -> None:
    ids = ["00" * 8 + "11" * 8, "22" * 8 + "33" * 8, "11" * 8 + "22" * 8]
    ledger.seal("2013-02-08", [b"a", b"b", b"c"], ids)
    assert ledger.proof("2013-02-08", ids[2]).index == 2
    with pytest.raises(NotFound):
        ledger.proof("2013-02-08", "33" * 8 + "11" * 8)


def test_no_proof_is_made_from_a_tampered_store(sealed: Ledger, store: Store) -> None:
    _, ids = DAYS["2013-02-07"]
    with store.transaction() as connection:
        connection.execute(
            update(ledger_partitions).where(ledger_partitions.c.log_index == 6).values(leaves=bytes(224))
        )
    with pytest.raises(LedgerBroken, match="do not have its root"):
        sealed.proof("2013-02-07", ids[3])
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(ledger_partitions.c.log_index == 2).values(root="00" * 32))
    with pytest.raises(LedgerBroken, match="not the one that its newest head signs"):
        sealed.proof("2013-02-08", DAYS["2013-02-08"][1][0])


def test_what_is_no_proof_is_not_read(sealed: Ledger) -> None:
    content = json.loads(sealed.proof("2013-02-07", DAYS["2013-02-07"][1][3]).to_json())
    wrong = [
        "",
        "[]",
        "null",
        "[" * 100_000,
        json.dumps({**content, "format": "another"}),
        json.dumps({**content, "more": 1}),
        json.dumps({**content, "index": "3"}),
        json.dumps({**content, "index": True}),
        json.dumps({**content, "path": "abc"}),
        json.dumps({**content, "path": [1]}),
        json.dumps({**content, "head": None}),
        json.dumps({name: value for name, value in content.items() if name != "head"}),
    ]
    for text in wrong:
        with pytest.raises(LedgerBroken, match=r"not a ledger proof|no valid"):
            Proof.from_json(text)
