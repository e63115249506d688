"""`agentic policy` as people and CI systems use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.cli.policy.choosing import policy_files
from agentic_assets.errors import NotFound
from agentic_assets_tests.unit.agents.rules.cases import rule as table_rule
from agentic_assets_tests.unit.agents.rules.cases import spec, table
from agentic_assets_tests.unit.policy.cases import quota, rule, write

_CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: yard-rows
version: 1.0.0
domain: yard
status: active
description: {purpose: Every row of the yard.}
team: {name: yard}
schema:
  - name: rows
    properties:
      - name: minute
        logicalType: integer
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 59}
      - name: origin
        logicalType: string
        required: true
        logicalTypeOptions: {pattern: '^(EWR|JFK)$'}
"""


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, ["policy", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _linted(*arguments: object) -> dict[str, Any]:
    data = json.loads(_run("lint", *arguments, "--json").stdout)
    assert isinstance(data, dict)
    return data


def _bad(folder: Path) -> Path:
    return write(
        folder,
        rules=[rule("wide", "score > 1", "warn"), rule("narrow", "score > 2 AND late", "deny", on_null="skip")],
        quotas=[quota("q", "standby", 8, "deny")],
    )


def _clean(folder: Path) -> Path:
    reads = {"action": "string", "late": "boolean"}
    return write(
        folder, rules=[rule("late", "late", "deny"), rule("rest", "TRUE", "warn")], reads=reads, escalation=None
    )


def test_lint_names_rule_line_reason_and_a_row_and_fails_on_errors(tmp_path: Path) -> None:
    path = _bad(tmp_path)
    result = _run("lint", path)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "`narrow` (deny, line" in said
    assert "never wins: `wide` (warn, line" in said
    assert "late = TRUE, score = 3" in said
    assert "hint: put it before them, or narrow them" in said


def test_lint_passes_a_policy_without_errors_and_strictly_fails_on_warnings(tmp_path: Path) -> None:
    path = write(tmp_path, rules=[rule("a", "late", "warn"), rule("b", "score > 1", "deny")])
    assert _run("lint", path).exit_code == 0
    assert _run("lint", path, "--strict").exit_code == 1
    clean = _run("lint", _clean(tmp_path))
    assert (clean.exit_code, clean.stdout.strip().splitlines()[-1]) == (0, "1 file of rules: 1 note")


def test_lint_gives_one_json_object_with_rows_and_lines(tmp_path: Path) -> None:
    path = _bad(tmp_path)
    data = _linted(path)
    shadowed = next(one for one in data["remarks"] if one["rule"] == "shadowed")
    assert (shadowed["severity"], shadowed["entries"], shadowed["exact"]) == ("error", ["narrow", "wide"], True)
    assert path.read_text().splitlines()[shadowed["line"] - 1] == "- id: narrow"
    assert (shadowed["row"]["late"], shadowed["row"]["score"]) == (True, 3.0)
    assert data["counts"]["error"] == 1


@pytest.mark.parametrize(("format_name", "sign"), [("sarif", '"ruleId": "shadowed"'), ("github", "::error file=")])
def test_lint_writes_what_ci_systems_read(tmp_path: Path, format_name: str, sign: str) -> None:
    result = _run("lint", _bad(tmp_path), "--format", format_name)
    assert result.exit_code == 1
    assert sign in result.stdout


def test_lint_reports_a_policy_that_cannot_be_loaded_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, rules=[rule("r", "speed > 1", "deny")])
    result = _run("lint", path, "--json")
    [remark] = json.loads(result.stdout)["remarks"]
    assert result.exit_code == 1
    assert (remark["rule"], remark["severity"]) == ("policy-invalid", "error")
    assert "when: speed > 1" in path.read_text().splitlines()[remark["line"] - 1]
    assert "unknown column `speed`" in remark["message"]


def test_lint_leaves_out_of_account_what_a_contract_refuses(tmp_path: Path) -> None:
    contract = tmp_path / "rows.odcs.yaml"
    contract.write_text(_CONTRACT)
    path = write(tmp_path, rules=[rule("guard", "minute > 59", "deny"), rule("late", "late", "deny")])
    guard = next(one for one in _linted(path, "--contract", contract)["remarks"] if one["rule"] == "never-true")
    assert guard["severity"] == "note"
    assert "a promise of yard/rows@1.0.0 is broken" in guard["message"]
    gap = next(one for one in _linted(path, "--contract", contract)["remarks"] if one["rule"] == "gap")
    assert gap["row"]["origin"] in ("EWR", "JFK")


def test_lint_takes_a_folder_of_policies(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    _clean(tmp_path / "a")
    (tmp_path / "b").mkdir()
    _bad(tmp_path / "b").rename(tmp_path / "b" / "yard.policy.yaml")
    assert _linted(tmp_path)["files"] == 2


def test_lint_takes_the_rule_table_of_an_agent_whose_spec_lies_beside_it(tmp_path: Path) -> None:
    spec(tmp_path)
    path = table(tmp_path, table_rule("a", "slack < 5"), table_rule("b", "slack < 3", "inspect"))
    result = _run("lint", path)
    assert result.exit_code == 1
    assert "`b` (inspect, line" in " ".join(result.stdout.split())
    (tmp_path / "sentinel.agent.yaml").unlink()
    [remark] = _linted(path)["remarks"]
    assert (remark["rule"], "sentinel.agent.yaml" in remark["message"]) == ("policy-invalid", True)


def test_the_policies_of_the_domains_have_no_errors() -> None:
    data = _linted()
    assert data["files"] >= 1
    assert data["counts"]["error"] == 0
    assert not [one for one in data["remarks"] if one["rule"] == "undecided"]


def test_a_folder_of_domains_without_rules_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "__init__.py").touch()
    monkeypatch.setenv("AGENTIC_DOMAINS", str(tmp_path))
    assert "turnaround.rules.yaml" in {file.name for file in policy_files([])}
    with pytest.raises(NotFound, match=r"holds no policy\.yaml"):
        policy_files([tmp_path])


def test_show_lists_the_rules_in_the_order_of_asking_quotas_and_who_settles(tmp_path: Path) -> None:
    result = _run("show", _bad(tmp_path))
    said = " ".join(result.stdout.split())
    assert said.index("wide") < said.index("narrow") < said.index("8 standby")
    assert "escalations go to yard_master, who has 30 minutes; after that: deny" in said
    data = json.loads(_run("show", _bad(tmp_path), "--json").stdout)
    assert [one["on_null"] for one in data["rules"]] == ["skip", "skip"]
    assert data["quotas"][0]["limit"] == 8


def test_show_takes_the_policy_of_the_domain() -> None:
    data = json.loads(_run("show", "--json").stdout)
    assert data["id"].startswith("departures@")
    assert data["authorization"]["resource"] == "Airport"
    assert json.loads(_run("show", "--policy", "departures", "--json").stdout) == data
    with pytest.raises(NotFound, match="the domain departures has no policy 'arrivals'"):
        _run("show", "--policy", "arrivals")


def test_try_explains_every_rule_with_its_values(tmp_path: Path) -> None:
    path = _bad(tmp_path)
    arguments = ["try", path, "--row", "action=standby", "--row", "score=2.5", "--row", "late=true", "--row"]
    result = _run(*arguments, "day=2013-02-08")
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "warn by wide: wide fired" in said
    assert "not given, so null: entity, minute, origin" in said
    data = json.loads(_run(*arguments, "day=null", "--json").stdout)
    assert (data["verdict"], data["rule"], data["effective_action"]) == ("warn", "wide", "standby")
    assert [(one["id"], one["fired"], one["condition"]) for one in data["rules"]] == [
        ("wide", True, True),
        ("narrow", True, True),
    ]
    assert data["rules"][1]["values"] == {"late": True, "score": 2.5}
    assert data["not_judged"] == ["q"]


def test_try_shows_that_a_rule_fires_on_null(tmp_path: Path) -> None:
    path = write(tmp_path, rules=[rule("late", "late", "deny")])
    data = json.loads(_run("try", path, "--row", "action=notify", "--json").stdout)
    assert (data["verdict"], data["effective_action"], data["rules"][0]["condition"]) == ("deny", "none", None)


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ([], "action= must be one of none, notify, standby"),
        (["action=fly"], "action= must be one of none, notify, standby"),
        (["action=none", "speed=1"], "'speed' is not read by yard@1.0.0; it reads action"),
        (["action=none", "minute"], "'minute' has no ="),
        (["action=none", "minute=1.5"], "minute='1.5' is not integer"),
        (["action=none", "minute=99999999999999999999"], "is not integer"),
        (["action=none", "late=perhaps"], "late='perhaps' is not boolean"),
        (["action=none", "day=08.02.2013"], "day='08.02.2013' is not date"),
        (["action=none", "late=true", "late=false"], "gives late twice"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_mistake_in_usage(tmp_path: Path, cells: list[str], what: str) -> None:
    result = _run(
        "try", _clean(tmp_path) if not cells else write(tmp_path), *(x for cell in cells for x in ("--row", cell))
    )
    assert result.exit_code == 2
    assert what in result.stderr


def test_the_command_line_and_the_report_are_imported_without_the_solver() -> None:
    code = "import sys, agentic_assets.cli, agentic_assets.evidence.report; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
