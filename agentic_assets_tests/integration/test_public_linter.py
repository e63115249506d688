"""What the public `datacontract lint` says of our contracts, and of contracts with every word of the standard."""

import subprocess
from pathlib import Path

import pytest

from agentic_assets.contracts import lint, load_all
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.integration import public_linter

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / "contracts").rglob("*.odcs.yaml"))
ELSEWHERE = sorted((ROOT / "agentic_assets_tests" / "contracts").glob("*.odcs.yaml"))
TABLES = {
    "every_type": ["berths"],
    "first_version": ["freight"],
    "metadata_only": [],
    "new_words": ["tides"],
    "odd_names": ["sales_orders_2020_Ete"],
    "several_tables": ["ships", "calls", "notes"],
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[bool, str]]:
    return public_linter.lint_all([*OURS, *ELSEWHERE], tmp_path_factory.mktemp("offline"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_contracts_pass_the_public_linter(path: Path, verdicts: dict[Path, tuple[bool, str]]) -> None:
    passed, said = verdicts[path]
    assert passed, said
    assert "warnings" not in said


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.name)
def test_what_passes_the_public_linter_loads(path: Path, verdicts: dict[Path, tuple[bool, str]]) -> None:
    passed, said = verdicts[path]
    assert passed, said
    assert [contract.dataset for contract in load_all(path)] == TABLES[path.name.removesuffix(".odcs.yaml")]


def test_what_the_public_linter_refuses_is_refused_here_too(tmp_path: Path) -> None:
    text = OURS[0].read_text(encoding="utf-8")
    breaks = {
        "type": text.replace("logicalType: string", "logicalType: words", 1),
        "no_id": "\n".join(line for line in text.splitlines() if not line.startswith("id:")),
    }
    files = []
    for name, broken in breaks.items():
        assert broken != text
        files.append(tmp_path / f"{name}.odcs.yaml")
        files[-1].write_text(broken, encoding="utf-8")
    for path, (passed, said) in public_linter.lint_all(files, tmp_path).items():
        assert not passed, said
        with pytest.raises(ContractInvalid):
            load_all(path)
        assert not lint(path).loads


def test_the_public_linter_has_no_network(tmp_path: Path) -> None:
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=5)"
    command = [str(public_linter.python()), "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=public_linter.offline(tmp_path), timeout=60)
    assert done.returncode != 0
    assert "there is no network in this test" in done.stderr
