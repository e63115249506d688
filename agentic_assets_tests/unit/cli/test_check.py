"""`agentic contract check`: any file against a contract, without a home and without Dagster."""

import gzip
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner, Result

from agentic_assets.cli import cli

ORDERS: dict[str, Any] = {
    "name": "orders",
    "properties": [
        {"name": "id", "logicalType": "integer", "primaryKey": True},
        {"name": "day", "logicalType": "date", "required": True},
        {"name": "amount", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}},
        {"name": "shop", "logicalType": "string", "logicalTypeOptions": {"pattern": "[A-Z]{3}"}},
        {
            "name": "card",
            "logicalType": "string",
            "classification": "restricted",
            "quality": [
                {"id": "few-cards", "metric": "nullValues", "mustBe": 0, "severity": "warning"},
            ],
        },
    ],
}


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return written(tmp_path / "orders.odcs.yaml", [ORDERS])


def written(path: Path, tables: list[dict[str, Any]], **more: Any) -> Path:
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": path.stem,
        "version": "1.0.0",
        "status": "active",
        "domain": "shop",
        "schema": tables,
        **more,
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def rows(count: int = 100, **changed: dict[int, str]) -> str:
    """Write orders as CSV, with some cells of some rows (from 0) changed."""
    lines = ["id,day,amount,shop,card"]
    for number in range(count):
        row = {"id": str(number), "day": f"2024-01-{number % 3 + 1:02}", "amount": "1.5", "shop": "ABC", "card": "4711"}
        row |= {name: cells[number] for name, cells in changed.items() if number in cells}
        lines.append(",".join(row.values()))
    return "\n".join(lines) + "\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["contract", "check", *map(str, arguments)])


def checked(folder: Path, text: str, contract: Path, *more: object) -> Result:
    file = folder / "orders.csv"
    file.write_text(text)
    return run(file, "--contract", contract, *more)


def test_a_good_file_passes(tmp_path: Path, contract: Path) -> None:
    result = checked(tmp_path, rows(), contract)
    assert result.exit_code == 0, result.output
    assert "lets" in result.output
    assert "all 100 rows" in result.output.replace("\n", " ")


def test_a_bad_file_is_refused_with_counts_percent_and_lines(tmp_path: Path, contract: Path) -> None:
    text = rows(amount={3: "-1", 4: "-2", 7: "-3", 8: "-4"}, day={5: "1.1.24", 6: "soon"}, shop={9: '"a\nb"'})
    result = checked(tmp_path, text, contract, "--format", "json", "--limit", 2)
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert (report["refused"], report["read"], report["quarantined"]) == (True, 100, 7)
    found = {remark["rule"]: remark for remark in report["remarks"]}
    assert set(found) == {"type(day)", "range(amount)", "pattern(shop)", "maxRefusedShare"}
    amount = found["range(amount)"]
    assert (amount["severity"], amount["count"], amount["total"], amount["percent"]) == ("error", 4, 100, 4.0)
    assert (amount["line"], amount["counted"]) == (5, "line")
    assert amount["examples"] == [{"row": 5, "value": "-1"}, {"row": 6, "value": "-2"}]
    assert "on 4 rows, e.g. line 5: '-1'; 4 % of 100 rows\nalso line 6: '-2'" in amount["message"]
    assert found["pattern(shop)"]["line"] == 11


def test_rows_that_the_contract_allows_to_be_refused_are_a_warning(tmp_path: Path, contract: Path) -> None:
    text = rows(amount={3: "-1"})
    lenient, strict = checked(tmp_path, text, contract), checked(tmp_path, text, contract, "--strict")
    assert (lenient.exit_code, strict.exit_code) == (0, 1)
    assert "without 1 of 100 rows (1 %)" in " ".join(lenient.output.split())
    assert "error" not in lenient.output


def test_a_warning_shows_its_rows_and_masks_what_is_classified(tmp_path: Path, contract: Path) -> None:
    result = checked(tmp_path, rows(card={2: ""}), contract, "--json")
    [remark] = json.loads(result.output)["remarks"]
    assert (remark["rule"], remark["severity"], remark["line"], remark["count"]) == ("few-cards", "warning", 4, 1)
    twice = checked(tmp_path, rows(id={2: "1"}, card={1: "secret", 2: "secret"}), contract, "--json")
    assert "secret" not in twice.output


def test_parquet_must_hold_the_types_and_csv_may_not_know_them(tmp_path: Path, contract: Path) -> None:
    frame = pl.DataFrame(
        {"id": ["1", "2"], "day": ["2024-01-01"] * 2, "amount": [1, 2], "shop": ["ABC"] * 2, "card": "4"}
    )
    frame.write_csv(tmp_path / "orders.csv")
    assert run(tmp_path / "orders.csv", "--contract", contract).exit_code == 0
    frame.write_parquet(tmp_path / "orders.parquet")
    result = run(tmp_path / "orders.parquet", "--contract", contract, "--json")
    assert result.exit_code == 1
    found = {remark["rule"]: remark for remark in json.loads(result.output)["remarks"]}
    assert set(found) == {"type(id)", "type(day)", "maxRefusedShare"}
    assert found["type(id)"]["examples"] == [{"row": 1, "value": "1"}, {"row": 2, "value": "2"}]
    assert "delivered as text, in a file that has types" in found["type(id)"]["message"]
    assert found["type(id)"]["line"] is None


def test_json_lines_may_hold_dates_as_text_but_no_numbers(tmp_path: Path, contract: Path) -> None:
    line = {"id": 1, "day": "2024-01-01", "amount": 1.5, "shop": "ABC", "card": "4"}
    for amount, code in ((1.5, 0), ("1.5", 1)):
        packed = gzip.compress((json.dumps(line | {"amount": amount}) + "\n").encode())
        (tmp_path / "orders.jsonl.gz").write_bytes(packed)
        assert run(tmp_path / "orders.jsonl.gz", "--contract", contract).exit_code == code


def test_each_partition_is_judged_by_itself(tmp_path: Path, contract: Path) -> None:
    text = rows(90, amount={0: "-1", 3: "-1", 6: "-1", 1: "-1"})  # three of thirty rows of one day, one of another
    result = checked(tmp_path, text, contract, "--partition-by", "day", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["partitions"] == [
        {"partition": "2024-01-01", "read": 30, "quarantined": 3, "refused": True},
        {"partition": "2024-01-02", "read": 30, "quarantined": 1, "refused": False},
        {"partition": "2024-01-03", "read": 30, "quarantined": 0, "refused": False},
    ]
    found = {remark["rule"]: remark for remark in report["remarks"]}
    assert found["range(amount)"]["partitions"] == {"2024-01-01": 3, "2024-01-02": 1}
    assert found["range(amount)"]["count"] == 4
    assert found["maxRefusedShare"]["partition"] == "2024-01-01"


def test_the_quarantine_holds_every_refused_row_as_it_came(tmp_path: Path, contract: Path) -> None:
    out = tmp_path / "refused.parquet"
    checked(tmp_path, rows(amount={3: "-1"}, shop={3: "x", 5: "y"}), contract, "--quarantine", out)
    frame = pl.read_parquet(out)
    assert frame.select("source_row", "rule", "value", "rules").rows() == [
        (5, "range(amount)", "-1", "range(amount), pattern(shop)"),
        (7, "pattern(shop)", "y", "pattern(shop)"),
    ]
    row = {"id": "3", "day": "2024-01-01", "amount": "-1", "shop": "x", "card": "4711"}
    assert json.loads(frame["row"][0]) == row
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.csv", "orders.odcs.yaml", "refused.parquet"]


def test_the_quarantine_never_overwrites_the_file(tmp_path: Path, contract: Path) -> None:
    result = checked(tmp_path, rows(), contract, "--quarantine", tmp_path / "orders.csv")
    assert result.exit_code == 2
    assert (tmp_path / "orders.csv").read_text() == rows()


def test_a_relationship_is_checked_against_a_file(tmp_path: Path) -> None:
    table: dict[str, Any] = {
        "name": "orders",
        "properties": [{"name": "shop", "logicalType": "integer", "relationships": [{"to": "shops.id"}]}],
    }
    shops = {"name": "shops", "properties": [{"name": "id", "logicalType": "integer", "primaryKey": True}]}
    contract = written(tmp_path / "shop.odcs.yaml", [table, shops])
    (tmp_path / "shops.csv").write_text("id,name\n1,a\n2,b\n")
    (tmp_path / "orders.csv").write_text("shop\n1\n2\n3\n")
    arguments = (tmp_path / "orders.csv", "--contract", contract, "--table", "orders")
    result = run(*arguments, "--references", f"shops={tmp_path / 'shops.csv'}", "--json")
    assert result.exit_code == 1, result.output
    remarks = json.loads(result.output)["remarks"]
    [strangers] = [remark for remark in remarks if remark["line"]]
    assert (strangers["count"], strangers["line"]) == (1, 4)
    unchecked = run(*arguments, "--json")
    assert unchecked.exit_code == 0
    assert "no rows of `shops` were given" in unchecked.output
    assert run(*arguments, "--references", f"nobody={tmp_path / 'shops.csv'}").exit_code == 2


@pytest.mark.parametrize("name", ["text", "json", "junit", "sarif", "github"])
def test_every_format_says_where_it_went_wrong(tmp_path: Path, contract: Path, name: str) -> None:
    result = checked(tmp_path, rows(10, amount={3: "-1"}), contract, "--format", name)
    assert result.exit_code == 1
    assert "range(amount)" in result.output or "in_range" in result.output or "at least 0" in result.output
    if name == "junit":
        suite = ET.fromstring(result.output)
        assert int(suite.attrib["tests"]) > 8
        assert suite.attrib["failures"] == "2"
    if name == "sarif":
        [one, _] = json.loads(result.output)["runs"][0]["results"]
        assert one["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"id,day\n1\n", "line 2: 1 field where the header has 2"),
        (b"id,id\n1,2\n", "the header repeats 'id'"),
        (b"1,2024-01-01,2,ABC,4\n2,2024-01-01,1,ABC,4\n", "none of its columns"),
        (b"id,day\n1,\x00\n", "is NUL"),
        (b"id,day\n1,\xff\n", "is not utf-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_so_in_one_line_and_code_2(
    tmp_path: Path, contract: Path, content: bytes, said: str
) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    result = run(tmp_path / "orders.csv", "--contract", contract)
    assert result.exit_code == 2
    assert said in result.output
    assert "hint:" in result.output


def test_what_is_not_there_is_named(tmp_path: Path, contract: Path) -> None:
    for arguments, said in (
        ((tmp_path / "none.csv", "--contract", contract), "there is no such file"),
        ((tmp_path, "--contract", contract), "is a folder"),
        ((contract, "--contract", tmp_path / "none.odcs.yaml"), "there is no file"),
        ((contract, "--contract", "nobody", "--contracts", tmp_path), "no contract in"),
        ((contract, "--contract", contract, "--table", "nobody"), "describes no table 'nobody'"),
    ):
        result = run(*arguments)
        assert (result.exit_code, said in result.output) == (2, True), result.output
    result = checked(tmp_path, rows(), contract, "--partition-by", "days")
    assert (result.exit_code, "did you mean day?" in result.output) == (2, True)


def test_a_file_without_a_header_has_the_columns_of_the_contract(tmp_path: Path, contract: Path) -> None:
    text = rows().partition("\n")[2]
    assert checked(tmp_path, text, contract, "--no-header").exit_code == 0
    assert checked(tmp_path, text.replace(",4711", ""), contract, "--no-header").exit_code == 2


def test_the_dialect_can_be_said(tmp_path: Path, contract: Path) -> None:
    text = rows(card={0: "n/a"}, shop={1: "n/a"}).replace(",", "~")
    result = checked(tmp_path, text, contract, "--delimiter", "~", "--null", "n/a", "--json")
    assert result.exit_code == 0, result.output
    assert [remark["rule"] for remark in json.loads(result.output)["remarks"]] == ["few-cards"]
    assert checked(tmp_path, text, contract, "--delimiter", "~~").exit_code == 2


def test_no_home_is_made_and_nothing_heavy_loaded(tmp_path: Path, contract: Path) -> None:
    (tmp_path / "orders.csv").write_text(rows(card={1: ""}))
    code = (
        "import sys\nfrom agentic_assets.cli import cli\n"
        "cli(['contract', 'check', 'orders.csv', '--contract', 'orders.odcs.yaml'], standalone_mode=False)\n"
        "print('great_expectations' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert run.stdout.endswith("False\n")
    assert not (tmp_path / ".agentic").exists()
