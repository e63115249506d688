"""`agentic contract infer`: a proposal that the file passes, and clear words where there can be none."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from agentic_assets.cli import cli


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["contract", *map(str, arguments)])


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    lines = [f"{number},2024-01-{number % 28 + 1:02},{'NA' if number == 3 else number / 4}" for number in range(50)]
    path = tmp_path / "my orders.csv"
    path.write_text("\n".join(["id,day,amount", *lines]) + "\n")
    return path


def test_the_file_passes_what_was_proposed_from_it_without_further_words(tmp_path: Path, orders: Path) -> None:
    out = tmp_path / "orders.odcs.yaml"
    result = run("infer", orders, "--domain", "shop", "--out", out)
    assert result.exit_code == 0, result.output
    assert "passes it, all 50 rows" in result.output
    document = yaml.safe_load(out.read_text())
    assert (document["domain"], document["schema"][0]["name"], document["status"]) == ("shop", "my_orders", "draft")
    assert document["customProperties"][0]["value"] == ["NA"]
    assert run("lint", out).exit_code == 0
    assert run("check", orders, "--contract", out, "--strict").exit_code == 0
    orders.write_text(orders.read_text().replace("2024-01-05", "5.1.24"))
    assert run("check", orders, "--contract", out, "--strict").exit_code == 1


def test_the_same_file_gives_the_same_bytes_on_stdout(orders: Path) -> None:
    first, second = run("infer", orders, "--dataset", "orders"), run("infer", orders, "--dataset", "orders")
    assert first.stdout == second.stdout
    assert first.stdout.startswith("# Proposed from data")
    assert yaml.safe_load(first.stdout)["name"] == "orders"


@pytest.mark.parametrize(
    ("content", "said", "code"),
    [
        (b"", "the file is empty", 2),
        (b"1,2\n3,4\n", "looks like data", 2),
        (b"a,b\n1\n", "line 2: 1 field", 2),
        (b"a,b\n", "the table is empty", 1),
    ],
)
def test_what_gives_no_contract_is_said(tmp_path: Path, content: bytes, said: str, code: int) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    result = run("infer", tmp_path / "x.csv")
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_dataset_name_that_cannot_be_is_refused(orders: Path) -> None:
    result = run("infer", orders, "--dataset", "../etc")
    assert (result.exit_code, "cannot be called" in result.output) == (2, True)
