from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journals" / "departures.jsonl"


@pytest.fixture
def journal(path: Path) -> JournalActuator:
    return JournalActuator(path)
