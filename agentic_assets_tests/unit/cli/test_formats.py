"""Reports in every format: what the reader's program gets back is what was found."""

from __future__ import annotations

import io
import json
from typing import Any, Final
from xml.etree import ElementTree as ET

import click
import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from agentic_assets.cli.formats import Remark, Report, format_option, written
from agentic_assets.cli.formats.text import print_report

PATH = "contracts/a/b.odcs.yaml"
FOUND = Report(
    "contract lint",
    (
        Remark("range(x)", "error", "the minimum is above the maximum", PATH, 12, "swap them", count=2, total=5),
        Remark("range(x)", "error", "and again", PATH, 14),
        Remark("owner", "warning", "100 % of it:\nnobody answers", PATH),
        Remark("loads", "pass", "can be enforced", PATH),
        Remark("orphan", "note", "nobody reads it"),
    ),
    "2 errors, 1 warning",
    {"files": 1},
)

# What SARIF 2.1.0 demands of the parts that we write; unknown keys are what other readers stumble over.
SARIF: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "properties": {"type": "object"},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": {
                                                    "required": ["text"],
                                                    "properties": {"text": {"type": "string"}},
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"], "properties": {"text": {"type": "string"}}},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "properties": {"type": "object"},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {
                                                            "uri": {
                                                                "type": "string",
                                                                "pattern": "^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$",
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}

anything = st.text(max_size=60)
remarks = st.builds(
    Remark,
    rule=anything.filter(bool),
    severity=st.sampled_from(["error", "warning", "note", "pass"]),
    message=anything,
    path=anything,
    line=st.none() | st.integers(1, 9999),
    hint=st.none() | anything.filter(bool),
)
reports = st.builds(Report, st.just("contract lint"), st.lists(remarks, max_size=6).map(tuple), anything)


def test_json_is_one_object_with_every_remark_that_says_something() -> None:
    value = json.loads(written(FOUND, "json"))
    assert value["counts"] == {"error": 2, "warning": 1, "note": 1, "pass": 1}
    assert value["files"] == 1
    assert [(one["rule"], one["line"], one["count"]) for one in value["remarks"]][:2] == [
        ("range(x)", 12, 2),
        ("range(x)", 14, None),
    ]


def test_junit_counts_what_holds_and_fails_what_does_not() -> None:
    root = ET.fromstring(written(FOUND, "junit"))
    assert (root.get("tests"), root.get("failures")) == ("5", "2")
    suite = root.find(f"testsuite[@name='{PATH}']")
    assert suite is not None
    assert [case.get("name") for case in suite] == ["range(x)", "range(x) #2", "owner", "loads"]
    failure = suite[0].find("failure")
    assert failure is not None
    assert failure.text == f"{PATH}:12: the minimum is above the maximum\nhint: swap them"
    assert suite[2].find("failure") is None
    assert "nobody answers" in str(suite[2].findtext("system-out"))
    assert list(suite[3]) == []


def test_annotations_of_github_name_file_and_line_the_worst_first() -> None:
    lines = written(FOUND, "github").splitlines()
    assert lines[0] == f"::error file={PATH},line=12,title=range(x)::the minimum is above the maximum%0Ahint: swap them"
    assert lines[2] == f"::warning file={PATH},line=1,title=owner::100 %25 of it:%0Anobody answers"
    assert lines[3] == "::notice title=orphan::nobody reads it"
    assert lines[4] == "::notice title=contract lint::2 errors, 1 warning"


def test_sarif_keeps_a_finding_the_same_when_only_its_line_moves() -> None:
    [first, moved] = [
        json.loads(written(Report("contract lint", (Remark("a", "error", "b", PATH, line),), ""), "sarif"))
        for line in (3, 30)
    ]
    prints = [one["runs"][0]["results"][0]["partialFingerprints"] for one in (first, moved)]
    assert prints[0] == prints[1]


def test_an_absolute_path_is_a_file_uri_in_sarif() -> None:
    report = Report("contract lint", (Remark("a", "error", "b", "/tmp/ä b.yaml", 1),), "")
    [result] = json.loads(written(report, "sarif"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///tmp/%C3%A4%20b.yaml"


@settings(derandomize=True, max_examples=120, deadline=None)
@given(reports)
def test_sarif_has_the_structure_that_the_standard_demands(report: Report) -> None:
    value = json.loads(written(report, "sarif"))
    jsonschema.validate(value, SARIF)
    assert len(value["runs"][0]["results"]) == len(report.found)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(reports)
def test_junit_is_well_formed_whatever_the_texts_hold(report: Report) -> None:
    root = ET.fromstring(written(report, "junit"))
    assert sum(1 for _ in root.iter("testcase")) == len(report.remarks)
    for suite in root:
        names = [case.get("name") for case in suite]
        assert suite.get("tests") == str(len(names))


@settings(derandomize=True, max_examples=120, deadline=None)
@given(reports)
def test_an_annotation_cannot_be_broken_out_of(report: Report) -> None:
    lines = written(report, "github").split("\n")
    assert len(lines) == len(report.found) + 1
    said = {_decoded(line.split("::", 2)[2]) for line in lines[:-1]}
    assert said == {f"{one.message}\nhint: {one.hint}" if one.hint else one.message for one in report.found}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(reports, st.integers(30, 130))
def test_text_stays_within_the_terminal(report: Report, width: int) -> None:
    file = io.StringIO()
    # A path is never wrapped, so that it can be clicked.
    print_report(Report("c", tuple(_with_path(one, "a.yaml") for one in report.remarks), "fine"), _console(file, width))
    assert all(len(line.rstrip()) <= width for line in file.getvalue().split("\n") if line.isascii())


def test_text_shows_the_hint_and_leaves_out_what_holds() -> None:
    file = io.StringIO()
    print_report(FOUND, _console(file, 60))
    said = file.getvalue()
    assert "hint: swap them" in said
    assert "can be enforced" not in said
    assert said.endswith("2 errors, 1 warning\n")


def test_hostile_text_cannot_steer_the_terminal() -> None:
    file = io.StringIO()
    print_report(Report("c", (Remark("a", "error", "\x1b[2Jgone [bold]x[/]", "p"),), "s"), _console(file, 60))
    assert "\\x1b[2Jgone [bold]x[/]" in file.getvalue()


def test_json_is_short_for_the_format_json() -> None:
    @click.command()
    @format_option
    def command(format_name: str) -> None:
        click.echo(format_name)

    assert CliRunner().invoke(command, ["--json"]).output == "json\n"
    assert CliRunner().invoke(command, []).output == "text\n"
    contradicting = CliRunner().invoke(command, ["--json", "--format", "sarif"])
    assert contradicting.exit_code == 2
    assert "contradict" in contradicting.output


@pytest.mark.parametrize("format_name", ["json", "junit", "sarif"])
def test_an_empty_report_is_still_a_whole_document(format_name: Any) -> None:
    text = written(Report("contract lint", (), "nothing found"), format_name)
    assert ET.fromstring(text).get("tests") == "0" if format_name == "junit" else json.loads(text)


def _console(file: io.StringIO, width: int) -> Console:
    return Console(file=file, width=width, force_terminal=False)


def _with_path(remark: Remark, path: str) -> Remark:
    return Remark(remark.rule, remark.severity, remark.message, path, remark.line, remark.hint)


def _decoded(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
