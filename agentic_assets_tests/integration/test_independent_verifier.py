"""What our ledger seals, somebody else's code verifies; what was tampered with, it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.ledger import Ledger
from agentic_assets.ledger.entries import Entry, origin_of
from agentic_assets.store import Store
from agentic_assets_tests.integration.independent_verifier import verified
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records

SIZES = (1, 2, 3, 7, 8, 100, 257)


@dataclass
class Sealed:
    """A ledger of several days, and the head after each."""

    ledger: Ledger
    heads: list[str]

    def record(self, place: int, index: int) -> dict[str, Any]:
        """Give the case of one record: its bytes, its path, and the signed tree of its day."""
        texts, ids = records(SIZES[place], f"day {place}")
        proof = self.ledger.proof(_day(place), ids[index])
        return {
            "kind": "inclusion",
            "key": str(self.ledger.verifier),
            "origin": origin_of(ORIGIN, _day(place), 0),
            "leaf": texts[index].hex(),
            "index": proof.index,
            "path": list(proof.path),
            "checkpoint": proof.checkpoint,
        }

    def entry(self, place: int) -> dict[str, Any]:
        """Give the case of one day's entry in the log of days."""
        _, ids = records(SIZES[place], f"day {place}")
        proof = self.ledger.proof(_day(place), ids[0])
        sealed = self.ledger.sealed(_day(place))
        assert sealed is not None
        entry = Entry(sealed.partition, sealed.generation, sealed.size, sealed.root)
        text = (
            f"agentic-assets ledger entry v1\npartition {entry.partition}\ngeneration {entry.generation}\n"
            f"size {entry.size}\nroot {entry.root}\n"
        )
        return {
            "kind": "inclusion",
            "key": str(self.ledger.verifier),
            "origin": ORIGIN,
            "leaf": text.encode().hex(),
            "index": proof.log_index,
            "path": list(proof.log_path),
            "checkpoint": proof.head,
        }

    def growth(self, place: int) -> dict[str, Any]:
        """Give the case of an earlier head that the newest one extends."""
        path = self.ledger.consistency(place + 1)
        return {
            "kind": "consistency",
            "key": str(self.ledger.verifier),
            "origin": ORIGIN,
            "old": self.heads[place],
            "new": self.heads[-1],
            "path": [step.hex() for step in path],
        }


def _day(place: int) -> str:
    return f"2013-02-{place + 1:02d}"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    """Seal days of several sizes, one after the other."""
    folder: Path = tmp_path_factory.mktemp("ledger")
    store = Store(f"sqlite:///{folder / 'store.sqlite'}")
    ledger, heads = Ledger(store, folder / "keys", ORIGIN), []
    for place, size in enumerate(SIZES):
        ledger.seal(_day(place), *records(size, f"day {place}"))
        head = ledger.head()
        assert head is not None
        heads.append(head.checkpoint)
    yield Sealed(ledger, heads)
    store.close()


def test_every_record_of_every_size_of_tree_is_verified_by_somebody_elses_code(sealed: Sealed) -> None:
    cases = [sealed.record(place, index) for place, size in enumerate(SIZES) for index in {0, size // 2, size - 1}]
    assert verified(cases) == [(True, "")] * len(cases)


def test_every_day_lies_in_the_log_and_every_head_extends_the_ones_before(sealed: Sealed) -> None:
    cases = [made(place) for place in range(len(SIZES)) for made in (sealed.entry, sealed.growth)]
    assert verified(cases) == [(True, "")] * len(cases)


def test_a_changed_record_path_size_or_key_is_refused(sealed: Sealed) -> None:
    case = sealed.record(5, 40)
    leaf = bytes.fromhex(case["leaf"])
    flipped = bytes([leaf[0] ^ 1]) + leaf[1:]
    path = [case["path"][0][:-1] + ("0" if case["path"][0][-1] != "0" else "1"), *case["path"][1:]]
    other = sealed.record(6, 40)
    wrong = [
        {**case, "leaf": flipped.hex()},
        {**case, "path": path},
        {**case, "index": case["index"] + 1},
        {**case, "checkpoint": case["checkpoint"].replace("\n100\n", "\n101\n")},
        {**case, "checkpoint": other["checkpoint"], "origin": other["origin"]},
        {**case, "origin": ORIGIN},
    ]
    assert [stands for stands, _ in verified([case, *wrong])] == [True, *[False] * len(wrong)]


def test_a_head_that_does_not_extend_an_earlier_one_is_refused(sealed: Sealed) -> None:
    case = sealed.growth(2)
    assert [stands for stands, _ in verified([case, {**case, "old": sealed.heads[3]}])] == [True, False]
