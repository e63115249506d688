"""Hold a document against the JSON schema of the Open Data Contract Standard."""

from __future__ import annotations

import difflib
import json
import re
from functools import cache
from typing import Any, Final

from agentic_assets.contracts.odcs.document import Document, Place, place_text
from agentic_assets.contracts.odcs.problem import Problem
from agentic_assets.contracts.odcs.upgrade import is_first
from agentic_assets.errors import ContractInvalid
from agentic_assets.versions import of_json
from agentic_assets.versions.passed import Passed

__all__ = ["violations"]

_VERSION: Final = re.compile(r"v3\.\d+\.\d+")
_LIMIT: Final = 40
_FOLLOWS: Final = Passed("follows the standard")


def violations(document: Document) -> tuple[list[Problem], list[Problem]]:
    """List where a document is not ODCS 3.x, and the keys beside the standard that 3.0 lets stand."""
    version = document.value.get("apiVersion")
    if document.value.get("kind") != "DataContract" or not isinstance(version, str) or not _VERSION.fullmatch(version):
        what = f"is no data contract of ODCS 3.x (kind {document.value.get('kind')!r:.40}, apiVersion {version!r:.40})"
        hint = "set `kind: DataContract` and `apiVersion: v3.1.0`"
        if "dataContractSpecification" in document.value:
            hint = "it follows another specification: `datacontract export --format odcs` writes it as ODCS"
        return [Problem((), what, hint, "not-odcs")], []
    # The schema that we carry lists the versions of its day; later 3.x are compatible by the rules of the standard.
    checked = {**document.value, "apiVersion": "v3.1.0"}
    digest = of_json(checked)
    if digest in _FOLLOWS:
        return [], []
    if _quick().is_valid(checked):
        _FOLLOWS.add(digest)
        return [], []
    problems: list[Problem] = []
    for error in _validator().iter_errors(checked):
        for leaf in _leaves(error):
            place: Place = tuple(leaf.absolute_path)
            unknown = leaf.validator in ("additionalProperties", "unevaluatedProperties")
            problem = Problem(place, *_explain(leaf, place), rule="unknown-key" if unknown else "not-standard")
            if problem not in problems:
                problems.append(problem)
        if len(problems) >= _LIMIT:
            break
    first = is_first(document.value)
    ignored = [problem for problem in problems if first and problem.rule == "unknown-key" and _lax(problem.place)]
    return [problem for problem in problems if problem not in ignored][:_LIMIT], ignored


def _lax(place: Place) -> bool:
    # ODCS 3.0 closes tables and properties to keys of one's own, but not what stands around and inside of them.
    return "schema" not in place[:1] or "quality" in place


@cache
def _validator() -> Any:
    from jsonschema import Draft201909Validator

    return Draft201909Validator(_schema())


@cache
def _schema() -> Any:
    import importlib.util
    from importlib import resources

    # Read the file without importing the package: its pydantic models cost a second and are not needed.
    spec = importlib.util.find_spec("open_data_contract_standard")
    if spec is None or not spec.submodule_search_locations:
        raise ContractInvalid("open-data-contract-standard is not installed", hint="run `make install`")
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return _without_vacuous_conditions(json.loads(text))


@cache
def _quick() -> Any:
    # A thousand times faster, which every start of the code location feels; the other one explains what is wrong.
    import jsonschema_rs

    return jsonschema_rs.Draft201909Validator(_schema())


def _without_vacuous_conditions(schema: Any) -> Any:
    # "If logicalType is map then require `map`" also holds, in JSON Schema, where there is no logicalType at all; a
    # property that only gives its physicalType, as ODCS allows, would be refused for lacking a map.
    for case in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        for condition in [*case.get("if", {}).get("anyOf", ()), *([case["if"]] if "if" in case else ())]:
            if "logicalType" in condition.get("properties", {}):
                condition["required"] = ["logicalType"]
    return schema


def _leaves(error: Any) -> list[Any]:
    # `allOf`, `if` and `oneOf` wrap the cause: the deepest errors are the ones that a person can act on.
    if not error.context:
        return [error]
    deepest = max(len(child.absolute_path) for child in error.context)
    if deepest <= len(error.absolute_path):
        return [error]
    return [leaf for child in error.context if len(child.absolute_path) == deepest for leaf in _leaves(child)]


def _explain(error: Any, place: Place) -> tuple[str, str]:
    what = error.message if len(error.message) <= 200 else f"{error.message[:197]}..."
    where = place_text(place)
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        unknown = re.findall(r"'([^']+)'", error.message.partition("(")[2])
        return (
            f"{where} has the unknown key {', '.join(f'`{key[:60]}`' for key in unknown[:5])}",
            _nearest(unknown),
        )
    if error.validator == "type" and error.validator_value == "string":
        return f"{where} is {error.instance!r:.60}, not text", "put it in quotes"
    if error.validator == "enum":
        allowed = ", ".join(str(value) for value in error.validator_value)
        return f"{where} is {error.instance!r:.60}", f"use one of: {allowed[:200]}"
    if error.validator == "oneOf" and "mustBe" in str(error.validator_value)[:200]:
        return f"{where} has no operator, or more than one", "give exactly one, e.g. `mustBe: 0`"
    return f"{where}: {what}", "see the Open Data Contract Standard, bitol-io.github.io"


@cache
def _known_keys() -> tuple[str, ...]:
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            properties = value.get("properties")
            if isinstance(properties, dict):
                found.update(properties)
            for child in value.values():
                walk(child)
        elif isinstance(value, list):
            for child in value:
                walk(child)

    walk(_schema())
    return tuple(sorted(found))


def _nearest(unknown: list[str]) -> str:
    for key in unknown:
        near = difflib.get_close_matches(key, _known_keys(), n=1, cutoff=0.75)
        if near:
            return f"did you mean `{near[0]}`? Own keys go under customProperties"
    return "remove it; own keys go under customProperties"
