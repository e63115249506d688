"""The walk-through of the README, run as it is written: a domain on real data in under 60 lines of one's own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(python|yaml|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"# (\S+)\n")


def blocks() -> list[tuple[str, str]]:
    """Give the language and the text of each block of the section, in order."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## A domain of your own in an hour\n")[1]
    return BLOCK.findall(section.split("\n## ")[0])


def follow(folder: Path) -> str:
    """Write and run every block where a reader would, with nothing of this project but the library."""
    binaries = Path(sys.executable).parent
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AGENTIC_")},
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    said = ""
    for language, text in blocks():
        place = PLACE.match(text)
        if language == "sh":
            done = subprocess.run(
                ["bash", "-euc", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=500
            )
            said += done.stdout
            assert done.returncode == 0, f"{text}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        else:
            assert place is not None, text
            (folder / place[1]).write_text(text, encoding="utf-8")
    return said


def test_a_reader_writes_less_than_60_lines() -> None:
    written = [text.splitlines() for language, text in blocks() if language != "sh"]
    own = [line for lines in written for line in lines[1:] if line.strip()]
    own += [line for language, text in blocks() if language == "sh" for line in text.splitlines() if ">>" in line]
    assert 30 <= len(own) < 60


def test_the_walk_through_runs_as_written(tmp_path: Path) -> None:
    said = follow(tmp_path)
    assert re.search(r"1 domain \(credit\): \d+ notes\n", said), said[-4000:]
    assert "decisions    1,987" in said
    assert "2 in sources/applications" in said
    assert re.search(r"^3 passed", said, re.MULTILINE)
