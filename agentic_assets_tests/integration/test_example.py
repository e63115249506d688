"""The example of a user's own feature set: the README shows it as it is, and its tests run in a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "deliveries"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__", ".*")))


def run_tests(folder: Path) -> tuple[int, str]:
    """Run the tests of a folder as its owner would, with nothing of this project but the library."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--rootdir", ".", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} holds {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_tests_of_the_example_pass_where_a_user_would_write_them(folder: Path) -> None:
    code, said = run_tests(folder)
    assert code == 0, said
    assert "2 passed" in said


def test_they_fail_with_every_reason_when_a_contract_says_otherwise_and_a_kind_errs(folder: Path) -> None:
    """Facts are known by contract only when they are booked, and rates start from another prior than they declare."""
    contract = folder / "contracts" / "deliveries.odcs.yaml"
    change(contract, "knownAt, value: handed_over_at", "knownAt, value: booked_at")
    booked_at = "      - {name: booked_at, logicalType: timestamp, description: When it was booked.}\n"
    change(contract, "      - name: minutes_late", f"{booked_at}      - name: minutes_late")
    data = folder / "data" / "deliveries.csv"
    header, *rows = data.read_text(encoding="utf-8").splitlines()
    booked = [f"{header},booked_at", *(f"{row},2024-04-30T00:00:00Z" for row in rows)]
    data.write_text("\n".join([*booked, ""]), encoding="utf-8")
    (folder / "conftest.py").write_text(
        "from agentic_assets.features.engine.window import Window\n"
        "rate = Window.rate\n"
        "Window.rate = lambda self, measure, prior: rate(self, measure, (prior[0] + 1, prior[1]))\n",
        encoding="utf-8",
    )
    code, said = run_tests(folder)
    assert code == 1
    assert "feature set late_parcel@1.0.0 on 2024-03-29 to 2024-03-31 breaks 2 laws" in said
    assert "agrees_with_contracts: feature set late_parcel@1.0.0: source 'delivered' (deliveries) takes facts" in said
    assert "its contract declares that they become known at `booked_at`" in said
    assert "equals_brute_force: 30 of 30 rows differ, e.g. `late_2d` of" in said


def test_a_set_that_does_not_say_when_its_facts_are_known_cannot_even_be_imported(folder: Path) -> None:
    change(folder / "late_parcel.py", 'known_at="handed_over_at"', "known_at=None")
    code, said = run_tests(folder)
    assert code != 0
    assert "source 'delivered' (deliveries) does not declare when its facts become known" in said


def test_the_readme_shows_the_example_as_it_is_tested() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## A feature set of your own\n")[1]
    blocks = [part.split("\n```")[0] for part in section.split("\n## ")[0].split("```python\n")[1:]]
    assert blocks[0] == (EXAMPLE / "late_parcel.py").read_text(encoding="utf-8").strip()
    shown = (EXAMPLE / "test_late_parcel.py").read_text(encoding="utf-8")
    assert [block for block in blocks[1:] if block not in shown] == []
    assert "assert_proved(LATE_PARCEL" in blocks[1]
