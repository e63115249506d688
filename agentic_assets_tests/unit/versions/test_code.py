from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets import domains
from agentic_assets.domains.departures import costs, outcomes
from agentic_assets.outcomes.node import score_node
from agentic_assets.versions import code, of_code
from agentic_assets.versions.memory import Memory

FILES = {
    "__init__.py": "",
    "score.py": "from made import prices\nfrom made.room import total\nscore = lambda x: total(x) * prices.PRICE\n",
    "prices.py": "PRICE = 3\n",
    "room/__init__.py": "from made.room.adding import total\nfrom made.room.other import unused\n",
    "room/adding.py": "def total(x):\n    from . import late\n    return sum(x) + late.LATE\n",
    "room/late.py": "LATE = 1\n",
    "room/other.py": "from made import score as back\n\ndef unused():\n    return 0\n",
    "stranger.py": "NOTHING = 0\n",
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package in which `score` rests on a price, a room behind its face, and an import inside a function."""
    folder = tmp_path / "made"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "made"]:
        del sys.modules[name]
    code.forget()


def _digest() -> str:
    code.forget()
    return of_code(importlib.import_module("made.score"))


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("prices.py", "3", "4"),
        ("room/adding.py", "sum(x)", "max(x)"),
        ("room/late.py", "1", "2"),
        ("score.py", "total(x)", "total(x[1:])"),
    ],
    ids=["a constant next door", "a function behind a package's face", "an import inside a function", "its own code"],
)
def test_what_code_rests_on_changes_its_version(made: Path, file: str, before: str, after: str) -> None:
    first = _digest()
    (made / file).write_text((made / file).read_text().replace(before, after))
    assert _digest() != first


MILL = {
    "__init__.py": """
from datetime import date

def domain():
    from agentic_assets.domains.mill import score
    from agentic_assets.evidence import Domain
    from agentic_assets.pipeline import Calendar, Cut, Graph, Node
    from agentic_assets.versions import of_code

    node = Node("scores/mill", "scores", Cut.STATIC, None, lambda batch: {}, of_code(score.score))
    return Domain("mill", "t", "d", "o", Graph(Calendar("UTC", date(2013, 1, 1), date(2013, 1, 2)), (node,)), (), "")
""",
    "score.py": "from agentic_assets.domains.mill.prices import price\n\ndef score(x):\n    return x * price()\n",
    "prices.py": "def price():\n    return 3\n",
}


@pytest.fixture(params=["named by the variable", "where one stands"])
def mill(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A domain of a user's own, in a folder that lies outside of the library."""
    home = tmp_path / "domains" / "mill"
    home.mkdir(parents=True)
    for name, text in MILL.items():
        (home / name).write_text(text)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(domains.FOLDERS, raising=False)
    if request.param == "where one stands":
        monkeypatch.chdir(tmp_path)
    else:
        monkeypatch.setenv(domains.FOLDERS, str(home.parent))
    paths = list(domains.__path__)
    yield home
    domains.__path__[:] = paths
    _forget_mill()


def _forget_mill() -> None:
    code.forget()
    for name in [name for name in sys.modules if name.startswith("agentic_assets.domains.mill")]:
        del sys.modules[name]
    vars(domains).pop("mill", None)


@pytest.mark.parametrize("file", ["score.py", "prices.py"])
def test_an_edited_function_of_a_users_domain_changes_the_version_of_its_node(mill: Path, file: str) -> None:
    def version() -> str:
        _forget_mill()
        return domains.load_domain("mill").graph["scores/mill"].code_version

    first = version()
    assert version() == first
    (mill / file).write_text((mill / file).read_text().replace("return ", "return 2 * "))
    assert version() != first


@pytest.mark.parametrize(
    ("file", "text"),
    [("stranger.py", "NOTHING = 1\n"), ("prices.py", '"""What things cost."""\n\nPRICE = 3  # dollars\n')],
    ids=["a module that it does not import", "comments and docstrings"],
)
def test_what_code_does_not_rest_on_changes_nothing(made: Path, file: str, text: str) -> None:
    first = _digest()
    (made / file).write_text(text)
    assert _digest() == first


def test_modules_that_import_each_other_have_a_version(made: Path) -> None:
    assert len(_digest()) == 64


def test_the_costs_are_part_of_the_version_of_the_scorecard() -> None:
    reached = code._reached({score_node.__module__, outcomes.score.__module__})
    assert costs.__name__ in reached
    assert "agentic_assets.outcomes.economics" in reached


def test_rooms_that_only_carry_data_are_no_part_of_any_version() -> None:
    reached = code._reached({score_node.__module__})
    assert not [name for name in reached if name.startswith(("agentic_assets.lake", "agentic_assets.pipeline"))]


def _memos(made: Path) -> list[Path]:
    return sorted((made.parent / "cache").rglob("*.json"))


def test_what_was_remembered_gives_the_same_version_without_parsing(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _digest()
    assert [len(json.loads(memo.read_bytes().split(b"\n")[1])) for memo in _memos(made)] == [6], (
        "as many as are reached"
    )
    monkeypatch.setattr(code, "of_tree", lambda _: "parsed")
    assert _digest() == first


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[1]", b"\xff", None], ids=["empty", "no key", "list", "bytes", "edited"]
)
def test_a_damaged_memory_is_no_memory(made: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None) -> None:
    first = _digest()
    for memo in _memos(made):
        said = memo.read_bytes()
        memo.write_bytes(said.replace(b'":["', b'":["0') if damage is None else damage)
    assert _digest() == first


def test_what_was_remembered_of_another_text_does_not_count(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _digest()
    (made / "prices.py").write_text("PRICE = 5\n")
    assert _digest() != first


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _digest()
    (made.parent / "cache").rename(made.parent / "aside")
    (made.parent / "cache").write_text("a file where a folder is wanted")
    assert _digest() == first


def test_what_two_processes_learn_is_kept_of_both(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "code.json"
    one, other = Memory(file), Memory(file)
    one.put("a", [1])
    other.put("b", {"two": 2})
    one.write()
    other.write()
    assert [Memory(file).get("a"), Memory(file).get("b"), Memory(file).get("c")] == [[1], {"two": 2}, None]


def test_a_full_memory_keeps_what_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentic_assets.versions.memory._MOST", 2)
    file = tmp_path / "code.json"
    for start in (0, 2):
        memory = Memory(file)
        for key in range(start, start + 2):
            memory.put(str(key), key + 1)
        memory.write()
    assert [key for key in "0123" if Memory(file).get(key)] == ["2", "3"]
