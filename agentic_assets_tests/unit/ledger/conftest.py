from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.ledger import Ledger
from agentic_assets.store import Store
from agentic_assets_tests.unit.ledger.samples import ORIGIN


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def ledger(store: Store, keys: Path) -> Ledger:
    return Ledger(store, keys, ORIGIN)
