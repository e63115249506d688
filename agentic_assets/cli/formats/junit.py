"""JUnit XML as Jenkins and GitLab read it: a test suite a file, a test case a rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from agentic_assets.cli.formats.report import Remark, Report

__all__ = ["as_junit"]

# XML 1.0 has no place for most control characters and for lone surrogates, however they are escaped.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """Give the report as XML: errors are failed test cases, warnings and notes pass and say so in their output."""
    root = ET.Element("testsuites", _totals(f"agentic {report.command}", report.remarks))
    for path, remarks in report.by_path.items():
        suite = ET.SubElement(root, "testsuite", _totals(path or report.command, remarks))
        times: Counter[str] = Counter()
        for remark in remarks:
            times[remark.rule] += 1
            # GitLab takes two cases of one name for one case.
            number = f" #{times[remark.rule]}" if times[remark.rule] > 1 else ""
            _case(suite, f"{remark.rule}{number}", path or report.command, remark)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _totals(name: str, remarks: Sequence[Remark]) -> dict[str, str]:
    failed = sum(remark.severity == "error" for remark in remarks)
    counts = {"tests": str(len(remarks)), "failures": str(failed), "errors": "0", "time": "0"}
    return {"name": _plain(name), **counts}


def _case(suite: ET.Element, name: str, classname: str, remark: Remark) -> None:
    attributes = {"name": _plain(name), "classname": _plain(classname), "time": "0"}
    attributes |= {"file": _plain(remark.path)} if remark.path else {}
    attributes |= {"line": str(remark.line)} if remark.line else {}
    case = ET.SubElement(suite, "testcase", attributes)
    where = f"{remark.path}:{remark.line}: " if remark.line else ""
    said = f"{where}{remark.message}" + (f"\nhint: {remark.hint}" if remark.hint else "")
    if remark.severity == "error":
        failure = ET.SubElement(
            case, "failure", {"message": _plain(remark.message.partition("\n")[0]), "type": "error"}
        )
        failure.text = _plain(said)
    elif remark.severity != "pass":
        ET.SubElement(case, "system-out").text = _plain(f"{remark.severity}: {said}")


def _plain(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
