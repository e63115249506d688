"""An older version of a domain beside today's: the same names, other modules, however they are imported."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.errors import ReleaseBroken
from agentic_assets.evidence import Domain
from agentic_assets.releases import load_version
from agentic_assets_tests.unit.releases.conftest import Toy


def old(toy: Toy, value: int = 1) -> Domain:
    """Keep what lies there as an older version, then let the folder move on."""
    import shutil

    place = toy.folder.parents[1] / "kept" / "toy"
    toy.write("numbers.py", f"VALUE = {value}\n")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(toy.folder, place, ignore=shutil.ignore_patterns("__pycache__"))
    toy.write("numbers.py", "VALUE = 2\n")
    return load_version("toy", place)


def test_both_versions_stand_side_by_side(toy: Toy) -> None:
    now = toy.value(2)
    module = sys.modules["agentic_assets.domains.toy"]
    assert old(toy).description == "1"
    assert sys.modules["agentic_assets.domains.toy"] is module
    assert now.description == toy.load().description == "2"


@pytest.mark.parametrize(
    "statement",
    [
        "from agentic_assets.domains.toy.numbers import VALUE",
        "from agentic_assets.domains.toy import numbers; VALUE = numbers.VALUE",
        "from agentic_assets.domains import toy; VALUE = toy.VALUE",
        "import agentic_assets.domains.toy.numbers as numbers; VALUE = numbers.VALUE",
        "from agentic_assets import domains; VALUE = domains.toy.VALUE",
        "import agentic_assets.domains.toy; VALUE = agentic_assets.domains.toy.VALUE",
        "from .. import toy; VALUE = toy.VALUE",
        "from .numbers import VALUE",
        "from . import numbers; VALUE = numbers.VALUE",
    ],
)
def test_an_import_inside_a_function_finds_its_own_version_long_after(toy: Toy, statement: str) -> None:
    toy.write("late.py", f"def late():\n    {statement}\n    return VALUE\n")
    source = (toy.folder / "__init__.py").read_text()
    toy.write("__init__.py", source + "\n\nfrom agentic_assets.domains.toy.late import late\nmake.late = late\n")
    then = old(toy)
    now = toy.load()
    assert (_late(then), _late(now)) == (1, 2)


def test_importlib_in_an_older_version_finds_what_it_asks_for_while_it_is_loaded(toy: Toy) -> None:
    source = (toy.folder / "__init__.py").read_text()
    asked = 'import importlib\nVALUE = importlib.import_module("agentic_assets.domains.toy.numbers").VALUE\n'
    toy.write("__init__.py", source.replace("from agentic_assets.domains.toy.numbers import VALUE\n", asked))
    assert old(toy).description == "1"


def test_records_and_enumerations_of_an_older_version_work(toy: Toy) -> None:
    toy.write(
        "shapes.py",
        "from __future__ import annotations\n"
        "import inspect\nfrom dataclasses import dataclass, field\nfrom enum import StrEnum\n"
        "from agentic_assets.domains.toy.numbers import VALUE\n"
        "class Colour(StrEnum):\n    RED = 'red'\n"
        "@dataclass(frozen=True)\nclass Shape:\n    size: int = VALUE\n"
        "    colours: tuple[Colour, ...] = (Colour.RED,)\n"
        "SOURCE = inspect.getsource(Shape)\n",
    )
    source = (toy.folder / "__init__.py").read_text()
    late = "def late():\n    from agentic_assets.domains.toy.shapes import SOURCE, Shape\n    return Shape(), SOURCE\n"
    toy.write("__init__.py", source + "\n\n" + late + "make.late = late\n")
    shape, text = _late(old(toy))
    assert (shape.size, shape.colours[0]) == (1, "red")
    assert "class Shape" in text


def test_equal_sources_have_equal_code_versions(toy: Toy) -> None:
    kept = old(toy, value=2)
    now = toy.load()
    assert [node.code_version for node in kept.graph.nodes] == [node.code_version for node in now.graph.nodes]


def test_a_constant_that_differs_shows_in_the_code_version_of_what_uses_it(toy: Toy) -> None:
    kept, now = old(toy, value=1), toy.load()
    assert kept.graph["raw/toy"].code_version != now.graph["raw/toy"].code_version


def test_threads_of_two_versions_do_not_see_each_other(toy: Toy) -> None:
    source = (toy.folder / "__init__.py").read_text()
    late = "def late():\n    from agentic_assets.domains.toy.numbers import VALUE\n    return VALUE\n"
    toy.write("__init__.py", source + "\n\n" + late + "make.late = late\n")
    then, now = old(toy), toy.load()
    seen: dict[str, set[int]] = {"then": set(), "now": set()}

    def ask(name: str, domain: Domain) -> None:
        for _ in range(300):
            seen[name].add(_late(domain))

    threads = [threading.Thread(target=ask, args=pair) for pair in (("then", then), ("now", now)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"then": {1}, "now": {2}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def domain(:\n", "SyntaxError"),
        ("from agentic_assets.gone import it\n", "ModuleNotFoundError"),
        ("def domain():\n    raise KeyError('x')\n", "KeyError"),
        ("def domain():\n    return 1\n", "gave int, not a Domain"),
        ("x = 1\n", "AttributeError"),
    ],
)
def test_what_does_not_load_with_this_library_is_broken_and_today_goes_on(toy: Toy, text: str, said: str) -> None:
    place = toy.folder.parents[1] / "kept" / "toy"
    place.mkdir(parents=True)
    (place / "__init__.py").write_text(text)
    now = toy.load()
    with pytest.raises(ReleaseBroken, match=said):
        load_version("toy", place)
    assert toy.load().description == now.description


def test_no_compiled_code_is_left_beside_the_sources(toy: Toy) -> None:
    old(toy)
    place: Path = toy.folder.parents[1] / "kept" / "toy"
    assert sorted(path.name for path in place.iterdir()) == ["__init__.py", "numbers.py"]


def _late(domain: Domain) -> Any:
    return domain.graph["raw/toy"].compute.late()  # type: ignore[attr-defined]


def test_predicates_that_an_older_version_registers_stay_its_own(toy: Toy) -> None:
    from agentic_assets.contracts.registry import put, registered, standing

    before = dict(standing())
    source = (toy.folder / "__init__.py").read_text()
    registering = (
        "\n\nimport polars as pl\nfrom agentic_assets.contracts.registry import predicate, registered\n"
        '@predicate("toy.known")\ndef known():\n    return pl.lit(VALUE)\n'
        "def mine():\n    return registered('toy.known')\nmake.mine = mine()\n"
    )
    toy.write("__init__.py", source + registering)
    try:
        toy.load()
        today = registered("toy.known")
        old(toy)
        assert today is not None
        assert registered("toy.known") is today
    finally:
        put(before)
