"""What code rests on, definition by definition: what shapes it changes a digest, what does not leaves all alone."""

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from agentic_assets.versions.slicing import Slice, slice_of

FILES = {
    "__init__.py": "",
    "score.py": (
        "import re\nfrom dataclasses import dataclass\nfrom functools import cache\nfrom .prices import *\n"
        "from sliced import prices\nfrom sliced.room import total as summed\n"
        "from .prices import TAX\n"
        "WORD = re.compile('[a-z]+')\nTABLE = {}\nTABLE['a'] = 1\nUNUSED = 0\n"
        "class Kind:\n    LIMIT = 5\n\n    def at(self):\n        return self.LIMIT\n"
        "@cache\ndef kept():\n    return Kind().at()\n"
        "def score(x, UNUSED=0):\n    return summed(x) * prices.PRICE + TAX + TABLE['a'] + kept() + UNUSED\n"
        "def matches(text):\n    from sliced import late\n    return WORD.match(text) and late.LATE\n"
        "def maker(rate):\n    base = 2\n    def inner(x):\n        return score(x) * rate * base\n    return inner\n"
        "def stranger():\n    return 1\n"
        "def either(rate):\n    if rate:\n        def inner(x):\n            return x + 1\n    else:\n"
        "        def inner(x):\n            return x + 2\n    return inner\n"
        "both = [either(0), either(1)]\n"
        "at_the_top = lambda x: x * prices.TAX\n"
        "@dataclass(frozen=True)\nclass Setting:\n    limit: int\n\n    def of(self):\n        return OTHER\n"
    ),
    "prices.py": "PRICE = 3\nTAX = 1\nOTHER = 9\n",
    "room/__init__.py": "from sliced.room.adding import total\nfrom sliced.room.other import unused\n",
    "room/adding.py": "def total(x):\n    return sum(x) + _more()\n\ndef _more():\n    return 1\n",
    "room/other.py": "def unused():\n    return 0\n",
    "late.py": "from sliced import score as back\nLATE = 1\n",
    "dotted.py": (
        "import sliced.prices\nimport sliced.room.adding\nimport sliced.room.other as other\n"
        "def dotted(x):\n    return sliced.prices.PRICE * sliced.room.adding.total(x)\n"
        "def local(x):\n    import sliced.room.other\n    return sliced.room.other.unused()\n"
    ),
    "room/wrapping.py": (
        "from functools import wraps\nMORE = 5\n"
        "def wrapping(function):\n    @wraps(function)\n    def wrapper(x):\n        return function(x) + MORE\n"
        "    return wrapper\n"
    ),
}


@pytest.fixture
def sliced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "sliced"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "sliced"]:
        del sys.modules[name]


def _slice(wanted: str, *versioned: type) -> Slice:
    for name in [name for name in sys.modules if name.split(".")[0] == "sliced"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    module = importlib.import_module("sliced.dotted" if wanted in ("dotted", "local") else "sliced.score")
    part = module.maker(3) if wanted == "inner" else getattr(module, wanted)
    return slice_of([part], "sliced", versioned)


def test_only_what_is_used_is_named(sliced: Path) -> None:
    assert [*_slice("score").definitions] == [
        "prices:PRICE",
        "prices:TAX",
        "room.adding:_more",
        "room.adding:total",
        "score:Kind",
        "score:TABLE",
        "score:kept",
        "score:score",
    ]


@pytest.mark.parametrize(
    ("wanted", "file", "before", "after", "changed"),
    [
        ("score", "prices.py", "PRICE = 3", "PRICE = 4", ["prices:PRICE"]),
        ("score", "room/adding.py", "return 1", "return 2", ["room.adding:_more"]),
        ("score", "score.py", "TABLE['a'] = 1", "TABLE['a'] = 2", ["score:TABLE"]),
        ("score", "score.py", "LIMIT = 5", "LIMIT = 6", ["score:Kind"]),
        ("kept", "score.py", "LIMIT = 5", "LIMIT = 6", ["score:Kind"]),
        ("matches", "score.py", "'[a-z]+'", "'[a-z]*'", ["score:WORD"]),
        ("matches", "late.py", "LATE = 1", "LATE = 2", ["late:LATE"]),
        ("inner", "score.py", "rate * base", "rate + base", ["score:maker.<locals>.inner"]),
        ("inner", "score.py", "base = 2", "base = 3", ["score:maker.<locals>.inner"]),
        ("inner", "prices.py", "TAX = 1", "TAX = 2", ["prices:TAX"]),
        ("both", "score.py", "x + 1", "x + 3", ["score:either.<locals>.inner"]),
        ("both", "score.py", "x + 2", "x + 3", ["score:either.<locals>.inner"]),
        ("at_the_top", "score.py", "x * prices.TAX", "x + prices.TAX", ["score:<lambda>"]),
        ("at_the_top", "prices.py", "TAX = 1", "TAX = 2", ["prices:TAX"]),
        ("dotted", "prices.py", "PRICE = 3", "PRICE = 4", ["prices:PRICE"]),
        ("dotted", "room/adding.py", "return 1", "return 2", ["room.adding:_more"]),
        ("local", "room/other.py", "return 0", "return 1", ["room.other:unused"]),
    ],
)
def test_what_it_rests_on_changes_its_digest(
    sliced: Path, wanted: str, file: str, before: str, after: str, changed: list[str]
) -> None:
    first = _slice(wanted).definitions
    text = (sliced / file).read_text()
    assert before in text
    (sliced / file).write_text(text.replace(before, after))
    second = _slice(wanted).definitions
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == changed


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("prices.py", "OTHER = 9", "OTHER = 8"),
        ("room/other.py", "return 0", "return 1"),
        ("score.py", "UNUSED = 0\n", "UNUSED = 7\n"),
        ("score.py", "def stranger():\n    return 1", "def stranger():\n    return 2"),
        ("prices.py", "PRICE = 3", '"""What things cost."""\n\nPRICE  =  3  # dollars'),
    ],
    ids=["a constant next door", "a function behind a face", "a name that a parameter hides", "a neighbour", "layout"],
)
def test_what_it_does_not_rest_on_changes_nothing(sliced: Path, file: str, before: str, after: str) -> None:
    first = _slice("score").definitions
    text = (sliced / file).read_text()
    assert before in text
    (sliced / file).write_text(text.replace(before, after))
    assert _slice("score").definitions == first


def test_of_a_module_that_is_named_in_full_only_what_is_used_counts(sliced: Path) -> None:
    assert [*_slice("dotted").definitions] == [
        "dotted:dotted",
        "prices:PRICE",
        "room.adding:_more",
        "room.adding:total",
    ]


def test_what_wraps_a_function_counts_though_it_passes_for_it(sliced: Path) -> None:
    wrapping, score = (importlib.import_module(f"sliced.{name}") for name in ("room.wrapping", "score"))
    assert [*slice_of([wrapping.wrapping(score.stranger)], "sliced").definitions] == [
        "room.wrapping:MORE",
        "room.wrapping:wrapping.<locals>.wrapper",
        "score:stranger",
    ]


def test_what_has_a_version_of_its_own_is_met_and_not_looked_into(sliced: Path) -> None:
    found = _slice("score", dict)
    assert "score:TABLE" not in found.definitions
    assert found.met == ({"a": 1},)


def test_functions_are_found_in_values_that_hold_them(sliced: Path) -> None:
    score = importlib.import_module("sliced.score")

    @dataclass(frozen=True)
    class Held:
        by: object

    def outer() -> object:
        return score.stranger

    for part, found in (
        (score.Setting(3), {"score:Setting", "score:Setting(...)", "prices:OTHER"}),
        (partial(score.stranger, 3), {"score:stranger", "score:stranger(...)"}),
    ):
        assert {*slice_of([Held(part)], "sliced").definitions} == found
    wrapped = cache(outer)
    for part in (partial(print, score.stranger), Held([{"a": score.stranger}]), Held(score.Kind().at)):
        assert {*slice_of([part], "sliced").definitions} in ({"score:stranger"}, {"score:Kind", "score:Kind(...)"})
    assert slice_of([wrapped], "sliced").definitions == {}


def test_constants_that_come_with_a_function_or_an_instance_count(sliced: Path) -> None:
    score = importlib.import_module("sliced.score")
    for make in (score.Setting, partial(partial, score.stranger), score.maker):
        one, same, other = (slice_of([make(limit)], "sliced").definitions for limit in (3, 3, 4))
        assert one == same
        assert one.keys() == other.keys()
        assert one != other
