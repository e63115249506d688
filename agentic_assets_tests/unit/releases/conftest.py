"""A user's domain of one asset, written file by file, so that a test can change it as its author would."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.domains import FOLDERS, load_domain
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.store import Store

_DOMAIN = """
from datetime import date

import polars as pl

from agentic_assets.domains.toy.numbers import VALUE
from agentic_assets.evidence import Domain
from agentic_assets.pipeline import Calendar, Cut, Graph, Input, Node, Window
from agentic_assets.versions import of_code


def make(batch):
    return {name: pl.DataFrame({"day": [name], "value": [VALUE]}) for name in batch.partitions}


def double(batch):
    read = {name: batch.read("raw/toy").filter(pl.col("day") == name) for name in batch.partitions}
    return {name: rows.with_columns(pl.col("value") * 2) for name, rows in read.items()}


def domain():
    schema = {"day": pl.String(), "value": pl.Int64()}
    nodes = [
        Node("raw/toy", "raw", Cut.DAY, None, make, of_code(make), raw_schema=schema),
        Node(
            "raw/double", "raw", Cut.DAY, None, double, of_code(double), raw_schema=schema, inputs=(Input("raw/toy"),)
        ),
    ]
    calendar = Calendar("UTC", date(2024, 1, 1), date(2024, 1, 4))
    return Domain("toy", "Toy", str(VALUE), "me", Graph(calendar, tuple(nodes)), (), "raw/toy")
"""


class Toy:
    """The domain `toy` in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "domains" / "toy"
        self.folder.mkdir(parents=True)
        self.write("__init__.py", _DOMAIN)
        self.value(1)

    def write(self, name: str, text: str) -> None:
        """Write one of its files."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def value(self, value: int) -> Domain:
        """Change the number that it makes, and load it."""
        self.write("numbers.py", f"VALUE = {value}\n")
        return self.load()

    def load(self) -> Domain:
        """Load it as it lies there now."""
        return load_domain("toy")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """Give a user's domain that nobody else has."""
    import agentic_assets.domains as found

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(FOLDERS, str(tmp_path / "domains"))
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AGENTIC_USER", "ada")
    (tmp_path / "domains").mkdir()
    paths, modules = list(found.__path__), {*sys.modules}
    yield Toy(tmp_path)
    found.__path__[:] = paths
    for name in {*sys.modules} - modules:
        if name.startswith("agentic_assets.domains.") and not name.startswith("agentic_assets.domains.departures"):
            del sys.modules[name]
            vars(found).pop(name.split(".")[2], None)
    importlib.invalidate_caches()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give the home that commands of the same test use."""
    return Home.at(tmp_path / "home")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Give a home on each of the two databases."""
    url = request.getfixturevalue("fresh_postgres_url") if request.param == "postgresql" else None
    return Home.at(tmp_path / "home", store_url=url)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    """Give the store of the home."""
    made = Store(home.store_url)
    yield made
    made.close()
