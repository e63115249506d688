"""`agentic contract` as people and CI systems use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.errors import NotFound

OLD = """\
apiVersion: v3.1.0
kind: DataContract
id: shop-orders
version: 1.4.0
domain: shop
status: active
description: {purpose: Every order of the shop.}
team: {name: sales}
slaProperties:
  - {property: latency, value: 4, unit: h}
schema:
  - name: orders
    properties:
      - name: id
        description: The order.
        logicalType: string
        required: true
        primaryKey: true
      - name: amount
        logicalType: integer
        required: true
        logicalTypeOptions: {minimum: 0}
        customProperties: [{property: unit, value: cent}]
      - name: state
        logicalType: string
        enum: [{value: open}, {value: paid}]
"""
TIGHTER = OLD.replace("{minimum: 0}", "{minimum: 0, maximum: 9999}").replace("1.4.0", "1.5.0")
BREAKING = OLD.replace("value: cent}", "value: euro}")
SESSION = """\
shop/orders 1.4.0 -> 1.5.0: breaking
{path}
  breaking      line 23  `amount`: unit changed: cent -> euro
                         readers: the same figures mean something else
                         writers: figures in the old unit are wrong, and no
                         rule sees it
  forward-only  line 22  `amount`: range tightened: at least 0 -> in_range(0,
                         9999)
                         readers: new data keep the old promise too
                         writers: data that passed before may be refused now
  version: 1.5.0 is too small: a breaking change after 1.4.0 demands 2.0.0 or
  higher

1 of 1 contract changed (1 breaking); the version is too small in shop/orders
"""


def write(folder: Path, text: str, name: str = "orders") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, ["contract", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_lint_finds_nothing_in_a_sound_contract(tmp_path: Path) -> None:
    result = run("lint", write(tmp_path, OLD))
    assert result.exit_code == 0
    assert "1 file, 1 contract that can be enforced" in result.output


def test_lint_names_the_line_and_what_to_do_and_fails(tmp_path: Path) -> None:
    write(tmp_path, OLD.replace("required: true", "requierd: true", 1))
    result = run("lint", tmp_path)
    assert result.exit_code == 1
    assert "line 14" in result.output
    assert "did you mean `required`?" in " ".join(result.output.split())


def test_lint_reports_what_cannot_be_read_beside_what_can(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    write(tmp_path, "a: [", "broken")
    result = run("lint", tmp_path, "--json")
    value = json.loads(result.output)
    assert (result.exit_code, value["files"], value["contracts"], value["counts"]["error"]) == (1, 2, 1, 1)
    assert value["remarks"][0]["path"].endswith("broken.odcs.yaml")


def test_lint_fails_on_a_warning_only_when_strict(tmp_path: Path) -> None:
    path = write(tmp_path, OLD.replace("{minimum: 0}", "{minimum: 0, maxLength: 3}"))
    value = json.loads(run("lint", path, "--json").output)
    expected = 1 if value["counts"]["warning"] else 0
    assert run("lint", path).exit_code == (1 if value["counts"]["error"] else 0)
    assert run("lint", path, "--strict").exit_code == max(expected, 1 if value["counts"]["error"] else 0)


def test_lint_finds_two_contracts_of_one_dataset(tmp_path: Path) -> None:
    write(tmp_path / "a", OLD)
    write(tmp_path / "b", OLD)
    result = run("lint", tmp_path, "--format", "github")
    assert result.exit_code == 1
    assert "title=duplicate-dataset" in result.output


def test_lint_of_a_folder_without_contracts_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no"):
        run("lint", tmp_path)


def test_show_tells_what_people_ask_of_a_contract(tmp_path: Path) -> None:
    output = run("show", "orders", "--contracts", write(tmp_path, OLD).parent).output
    for said in ("shop/orders@1.4.0", "Every order of the shop.", "sales", "at least 0", "in cent", "latency"):
        assert said in output


def test_show_in_json_is_one_object(tmp_path: Path) -> None:
    value = json.loads(run("show", write(tmp_path, OLD), "--json").output)
    assert (value["version"], value["owner"]) == ("1.4.0", "sales")
    assert [column["name"] for column in value["columns"]] == ["id", "amount", "state"]
    assert {rule["id"] for rule in value["rules"]} >= {"required(id)", "range(amount)", "enum(state)"}


def test_show_guesses_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="did you mean orders"):
        run("show", "order", "--contracts", write(tmp_path, OLD).parent)


def test_diff_tells_the_whole_story_on_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = BREAKING.replace("{minimum: 0}", "{minimum: 0, maximum: 9999}").replace("1.4.0", "1.5.0")
    old, path = write(tmp_path / "old", OLD), write(tmp_path / "new", new)
    monkeypatch.setattr(sys.modules["agentic_assets.cli.contract.diff"], "screen", _narrow)
    result = run("diff", old, path)
    assert result.exit_code == 1
    lines = [line.rstrip() for line in result.output.splitlines()]
    assert lines == SESSION.format(path=path).splitlines()


def _narrow() -> Any:
    from rich.console import Console

    return Console(width=78)


def test_a_version_that_is_high_enough_passes(tmp_path: Path) -> None:
    old = write(tmp_path / "old", OLD)
    assert run("diff", old, write(tmp_path / "new", TIGHTER)).exit_code == 0
    assert run("diff", old, write(tmp_path / "new", TIGHTER.replace("1.5.0", "1.4.1"))).exit_code == 1
    assert run("diff", old, write(tmp_path / "new", BREAKING.replace("1.4.0", "2.0.0"))).exit_code == 0
    assert run("diff", old, old).exit_code == 0


def test_diff_in_json_says_it_for_both_sides(tmp_path: Path) -> None:
    result = run("diff", write(tmp_path / "old", OLD), write(tmp_path / "new", TIGHTER), "--json")
    [contract] = json.loads(result.output)["contracts"]
    [change] = contract["changes"]
    assert (contract["class"], contract["version"]["least"]) == ("forward-only", "1.5.0")
    assert (change["kind"], change["line"], change["before"], change["after"]) == (
        "range-tightened",
        22,
        "at least 0",
        "in_range(0, 9999)",
    )
    assert (change["consumers"]["safe"], change["producers"]["safe"]) == (True, False)


def test_diff_annotates_the_lines_of_a_pull_request(tmp_path: Path) -> None:
    path = write(tmp_path / "new", BREAKING)
    lines = run("diff", write(tmp_path / "old", OLD), path, "--format", "github").output.splitlines()
    assert lines[0].startswith(f"::error file={path},line=23,title=unit-changed::breaking")
    assert lines[1].startswith(f"::error file={path},line=4,title=version-too-small::1.4.0 is too small")
    assert "hint: write `version: 2.0.0`" in lines[1]


def test_diff_gives_ci_a_failed_test_case(tmp_path: Path) -> None:
    arguments = ("diff", write(tmp_path / "old", OLD), write(tmp_path / "new", BREAKING), "--format")
    root = ET.fromstring(run(*arguments, "junit").output)
    assert root.get("failures") == "2"
    [log] = json.loads(run(*arguments, "sarif").output)["runs"]
    assert [result["ruleId"] for result in log["results"]] == ["unit-changed", "version-too-small"]


def test_diff_compares_folders_dataset_by_dataset(tmp_path: Path) -> None:
    write(tmp_path / "old", OLD)
    write(tmp_path / "old", OLD.replace("orders", "refunds").replace("id: shop-orders", "id: r"), "refunds")
    write(tmp_path / "new" / "shop", TIGHTER)
    write(tmp_path / "new" / "shop", OLD.replace("orders", "returns").replace("id: shop-orders", "id: t"), "returns")
    result = run("diff", tmp_path / "new", "--against", tmp_path / "old", "--json")
    found = {one["name"]: (one["class"], one["version"]["enough"]) for one in json.loads(result.output)["contracts"]}
    assert found == {
        "shop/orders": ("forward-only", True),
        "shop/refunds": ("breaking", False),
        "shop/returns": ("compatible", True),
    }
    assert result.exit_code == 1


@pytest.mark.parametrize("arguments", [(), ("a",), ("a", "b", "--against", "c")])
def test_diff_without_two_sides_is_a_mistake(arguments: tuple[str, ...]) -> None:
    result = run("diff", *arguments)
    assert result.exit_code == 2
    assert "give OLD and NEW" in result.output


def test_diff_of_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file or folder"):
        run("diff", tmp_path / "gone.odcs.yaml", write(tmp_path, OLD))
    with pytest.raises(NotFound, match="not both files or both folders"):
        run("diff", tmp_path, tmp_path / "orders.odcs.yaml")


def test_a_breaking_change_names_the_agent_that_it_hits(tmp_path: Path) -> None:
    path = Path("contracts/departures/movements.odcs.yaml")
    text = path.read_text(encoding="utf-8")
    new = write(tmp_path, text.replace("property: unit, value: min", "property: unit, value: s"), "movements")
    result = run("diff", path, new, "--json")
    [contract] = json.loads(result.output)["contracts"]
    hit = {(one["kind"], one["name"].partition("@")[0]) for one in contract["impact"] if one["sure"]}
    assert {("agent", "delay_risk"), ("feature set", "departure_delay"), ("asset", "outcomes/flights")} <= hit
    assert json.loads(run("diff", path, new, "--json", "--no-impact").output)["contracts"][0]["impact"] == []


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_diff_takes_the_old_contracts_out_of_git(tmp_path: Path) -> None:
    contracts = tmp_path / "contracts"
    path = write(contracts / "shop", OLD)
    gone = write(contracts / "shop", OLD.replace("orders", "refunds").replace("id: shop-orders", "id: r"), "refunds")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "first")
    path.write_text(BREAKING)
    gone.unlink()
    result = run("diff", contracts, "--since", "HEAD", "--json")
    found = {one["name"]: one for one in json.loads(result.output)["contracts"]}
    assert [change["kind"] for change in found["shop/orders"]["changes"]] == ["unit-changed"]
    assert found["shop/refunds"]["path"] == str(gone)
    assert run("diff", path, "--since", "HEAD", "--json").exit_code == 1
    with pytest.raises(NotFound, match="git has nothing to compare with"):
        run("diff", contracts, "--since", "no-such-branch")
    with pytest.raises(NotFound, match="git has nothing to compare with"):
        run("diff", contracts, "--since", "--output=x")


def test_outside_of_a_repository_git_has_nothing_to_say(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="git has nothing to compare with"):
        run("diff", write(tmp_path, OLD), "--since", "HEAD")


def test_what_changed_alike_in_several_columns_is_said_once(tmp_path: Path) -> None:
    new = OLD.replace("        required: true\n", "        required: true\n        classification: confidential\n")
    result = run("diff", write(tmp_path / "old", OLD), write(tmp_path / "new", new.replace("1.4.0", "2.0.0")))
    assert result.output.count("classification raised") == 1
    assert "so for `amount`" in result.output
