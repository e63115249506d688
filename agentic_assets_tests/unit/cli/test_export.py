"""`agentic contract export`."""

import ast
import json
from pathlib import Path

import jsonschema
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.errors import AgenticError

CONTRACTS = Path(__file__).parents[3] / "contracts"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["contract", "export", *map(str, arguments), "--contracts", str(CONTRACTS)])


def test_each_target_is_written_in_its_own_language() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(run("weather", "--to", "jsonschema").output))
    assert json.loads(run("weather", "--to", "asyncapi").output)["asyncapi"] == "3.0.0"
    assert ast.parse(run("weather", "--to", "pandera").output)
    assert '"temp" DOUBLE,' in run("weather", "--to", "sql").output
    assert '"temp" DOUBLE PRECISION,' in run("weather", "--to", "sql", "--dialect", "postgres").output


def test_foreign_keys_are_left_out_on_demand() -> None:
    assert "FOREIGN KEY" in run("schedule", "--to", "sql").output
    without = run("schedule", "--to", "sql", "--no-foreign-keys").output
    assert "FOREIGN KEY" not in without
    assert "foreign keys were not asked for" in without


def test_a_file_is_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.sql", "two.sql"):
        assert run("weather", "--to", "sql", "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / "one.sql").read_bytes() == (tmp_path / "two.sql").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2
    lost = run("weather", "--to", "sql", "--out", tmp_path / "none" / "a.sql")
    assert isinstance(lost.exception, AgenticError)
    assert str(tmp_path / "none") in lost.exception.what


def test_an_unknown_contract_or_target_is_refused() -> None:
    assert "did you mean" in str(run("wether", "--to", "sql").exception)
    assert run("weather", "--to", "avro").exit_code == 2
