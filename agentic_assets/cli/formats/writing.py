"""Write a report in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import click

from agentic_assets.cli.formats.github import as_github
from agentic_assets.cli.formats.junit import as_junit
from agentic_assets.cli.formats.report import SEVERITIES, Format, Remark, Report
from agentic_assets.cli.formats.sarif import as_sarif
from agentic_assets.cli.formats.text import print_report
from agentic_assets.cli.options import screen

__all__ = ["emit", "written"]


def emit(report: Report, format_name: Format) -> None:
    """Print a report on stdout."""
    if format_name == "text":
        print_report(report, screen())
        return
    text = written(report, format_name)
    if text:
        click.echo(text)


def written(report: Report, format_name: Format) -> str:
    """Give a report as the text of a format for machines; no format has anything but the report itself in it."""
    return _WRITERS[format_name](report)


def _as_json(report: Report) -> str:
    counts = {severity: report.count(severity) for severity in SEVERITIES}
    found = [_data(remark) for remark in report.found]
    value = {"command": report.command, "summary": report.summary, "counts": counts, **report.data, "remarks": found}
    return json.dumps(value, ensure_ascii=False, default=str)


def _data(remark: Remark) -> dict[str, Any]:
    value: dict[str, Any] = {
        "rule": remark.rule,
        "severity": remark.severity,
        "path": remark.path,
        "line": remark.line,
        "message": remark.message,
        "hint": remark.hint,
        "count": remark.count,
        "total": remark.total,
    }
    return value | dict(remark.details)


_WRITERS: Final[dict[str, Callable[[Report], str]]] = {
    "json": _as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "github": as_github,
}
