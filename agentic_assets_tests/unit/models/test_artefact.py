from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agentic_assets.errors import ModelRefused
from agentic_assets.models import Artefact, Scorer, train
from agentic_assets_tests.unit.models.rows import CUT, RECIPE, rows

_EDITED_IN_A_FRESH_PROCESS = """
import sys
from agentic_assets.errors import ModelRefused
from agentic_assets.models import Artefact

content, digest = open(sys.argv[1], "rb").read(), sys.argv[2]
try:
    Artefact.from_bytes(content, digest)
except ModelRefused as error:
    print("refused", "lightgbm" in sys.modules, error)
"""


def test_what_is_written_reads_back_whole(artefact: Artefact) -> None:
    again = Artefact.from_bytes(artefact.to_bytes(), artefact.digest)

    assert again == artefact
    assert again.to_bytes() == artefact.to_bytes()


def test_an_edited_text_is_refused_before_lightgbm_is_even_imported(artefact: Artefact, tmp_path: Path) -> None:
    edited = artefact.to_bytes().replace(b"leaf_value=", b"leaf_value=9e999 ", 1)
    (tmp_path / "model.txt").write_bytes(edited)

    told = subprocess.run(
        [sys.executable, "-c", _EDITED_IN_A_FRESH_PROCESS, str(tmp_path / "model.txt"), artefact.digest],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told.startswith("refused False")
    assert artefact.digest in told


def test_a_refusal_names_both_digests(artefact: Artefact) -> None:
    with pytest.raises(ModelRefused) as refused:
        Artefact.from_bytes(artefact.to_bytes(), "0" * 64)

    assert artefact.digest in str(refused.value)
    assert "0" * 64 in str(refused.value)


@pytest.mark.parametrize("place", [0, 30, 500, -1])
def test_one_changed_byte_anywhere_changes_the_digest(artefact: Artefact, place: int) -> None:
    content = bytearray(artefact.to_bytes())
    content[place] ^= 1

    with pytest.raises(ModelRefused, match="was recorded"):
        Artefact.from_bytes(bytes(content), artefact.digest)


def test_bytes_of_another_kind_with_a_right_digest_are_refused() -> None:
    from agentic_assets.versions import of_bytes

    content = b"tree\nversion=v4\n"

    with pytest.raises(ModelRefused, match="no model file of this package"):
        Artefact.from_bytes(content, of_bytes(content))


def test_the_header_is_readable_without_lightgbm(artefact: Artefact) -> None:
    header = json.loads(artefact.to_bytes().decode().split("\n")[1])

    assert header["name"] == "risk@2013-02"
    assert header["recipe"] == ["recipe", "risk", "1.0.0", RECIPE.digest]
    assert header["vocabularies"] == {"carrier": ["AA", "B6", "UA"]}
    assert header["rows"] == 2_000
    assert header["cut_at"] == "2013-01-29T00:00:00+00:00"


def test_the_pin_names_the_trained_bytes_and_not_only_the_recipe(artefact: Artefact) -> None:
    assert (artefact.pin.kind, artefact.pin.name, artefact.pin.version) == ("model", "risk@2013-02", "1.0.0")
    assert artefact.pin.digest == artefact.digest != artefact.recipe.digest


def test_too_few_rows_give_an_artefact_without_a_model_that_says_why() -> None:
    none = train(RECIPE, rows(499), serves="2013-01", cut=CUT)

    assert not none.serves
    assert none.reason == "499 known outcomes before the cut, 500 are needed"
    assert Artefact.from_bytes(none.to_bytes(), none.digest) == none


def test_no_rows_at_all_give_an_artefact_without_a_model() -> None:
    assert not train(RECIPE, rows().clear(), serves="2013-01", cut=CUT).serves


def test_an_artefact_without_a_model_does_not_score() -> None:
    none = train(RECIPE, rows(10), serves="2013-01", cut=CUT)

    with pytest.raises(ModelRefused, match=r"risk@2013-01 holds no model: 10 known outcomes"):
        Scorer(none)
