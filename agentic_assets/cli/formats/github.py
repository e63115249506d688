"""Annotations of GitHub Actions: one workflow command a remark."""

from __future__ import annotations

from typing import Final

from agentic_assets.cli.formats.report import SEVERITIES, Remark, Report

__all__ = ["as_github"]

_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def as_github(report: Report) -> str:
    """Give one line a remark, the worst first (GitHub shows ten of a kind and step), then the summary as a notice."""
    ordered = sorted(report.found, key=lambda remark: SEVERITIES.index(remark.severity))
    lines = [_annotation(remark) for remark in ordered]
    return "\n".join([*lines, f"::notice title={_property(report.command)}::{_data(report.summary)}"])


def _annotation(remark: Remark) -> str:
    properties = {"file": remark.path, "line": str(remark.line or 1), "title": remark.rule}
    if not remark.path:
        properties = {"title": remark.rule}
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{remark.message}\nhint: {remark.hint}" if remark.hint else remark.message
    return f"::{_COMMANDS[remark.severity]} {given}::{_data(message)}"


def _data(text: str) -> str:
    # The percent sign first, or the escapes themselves would be escaped.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
