"""SARIF 2.1.0 as code scanning reads it: one run, its rules, one result a remark."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from agentic_assets.cli.formats.report import Remark, Report

__all__ = ["as_sarif"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "note": "note"}


def as_sarif(report: Report) -> str:
    """Give the report as a SARIF log; what holds is not a result in it."""
    found = report.found
    rules = list(dict.fromkeys(remark.rule for remark in found))
    driver = {
        "name": f"agentic {report.command}",
        "version": version("agentic_assets"),
        "rules": [{"id": rule, "shortDescription": {"text": rule}} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark, rules.index(remark.rule)) for remark in found],
        "properties": {"summary": report.summary},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, default=str)


def _result(remark: Remark, rule_index: int) -> dict[str, Any]:
    message = f"{remark.message}\nhint: {remark.hint}" if remark.hint else remark.message
    result: dict[str, Any] = {
        "ruleId": remark.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[remark.severity],
        "message": {"text": message},
        # The line is left out, so that a finding stays the same finding when something above it is edited.
        "partialFingerprints": {"agenticRemark/v1": _fingerprint(remark)},
    }
    if remark.path:
        where = {"artifactLocation": {"uri": _uri(remark.path)}, "region": {"startLine": remark.line or 1}}
        result["locations"] = [{"physicalLocation": where}]
    counts = {"count": remark.count, "total": remark.total}
    properties = {name: value for name, value in counts.items() if value is not None} | dict(remark.details)
    if properties:
        result["properties"] = properties
    return result


def _fingerprint(remark: Remark) -> str:
    return hashlib.sha256("\x00".join([remark.path, remark.rule, remark.message]).encode()).hexdigest()[:32]


def _uri(path: str) -> str:
    given = PurePath(path)
    return given.as_uri() if given.is_absolute() else quote(given.as_posix())
