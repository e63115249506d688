"""Find the line in which a version is declared, for whoever has to raise it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["declared_at"]

_IN_CODE: Final = ("feature_set", "recipe")
_NAMED_BY: Final = {"rules": "agent"}


def declared_at(id: str, root: Path, package: Path) -> tuple[Path, int] | None:
    """Give file and line of the version of an id such as `agent delay_risk@1.1.0`; None where it is not found."""
    kind, _, rest = id.partition(" ")
    name, _, version = rest.partition("@")
    if kind == "contract":
        return next(_in_contracts(root / "contracts", name, version), None)
    if kind in _IN_CODE:
        return next(_in_code(package, name, version), None)
    return next(_in_yaml(package, kind, name, version), None)


def _in_contracts(folder: Path, name: str, version: str) -> Iterator[tuple[Path, int]]:
    domain, _, dataset = name.partition("/")
    table = re.compile(rf"^\s*- name: ['\"]?{re.escape(dataset)}['\"]?\s*$", re.MULTILINE)
    for file in sorted((folder / domain).glob("*.odcs.yaml")):
        text = _text(file)
        if table.search(text) and (line := _line(text, "version", version)):
            yield file, line


def _in_yaml(package: Path, kind: str, name: str, version: str) -> Iterator[tuple[Path, int]]:
    for file in sorted(package.rglob("*.yaml")):
        text = _text(file)
        if kind in _NAMED_BY:
            if line := _line(text, _NAMED_BY[kind], f"{name}@{version}"):
                yield file, line
        elif _is_kind(file, kind) and _line(text, "name", name) and (line := _line(text, "version", version)):
            yield file, line


def _is_kind(file: Path, kind: str) -> bool:
    suffix = ".agent.yaml" if kind == "rollout" else f".{kind}.yaml"
    return file.name.endswith(suffix) or file.name == f"{kind}.yaml"


def _in_code(package: Path, name: str, version: str) -> Iterator[tuple[Path, int]]:
    for file in sorted(package.rglob("*.py")):
        try:
            tree = ast.parse(_text(file))
        except SyntaxError:
            continue
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            given = {each.arg: each.value for each in call.keywords if isinstance(each.value, ast.Constant)}
            if {"name", "version"} <= given.keys() and (given["name"].value, given["version"].value) == (name, version):
                yield file, given["version"].lineno


def _line(text: str, key: str, value: str) -> int | None:
    found = re.search(rf"^{key}: *['\"]?{re.escape(value)}['\"]? *(#.*)?$", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
