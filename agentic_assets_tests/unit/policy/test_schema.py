"""The JSON Schema of a policy says what its reader reads, no more and no less."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from agentic_assets.contracts.odcs.document import read as parsed
from agentic_assets.domains import departures
from agentic_assets.policy import load_ruleset
from agentic_assets.policy.schema import policy_schema
from agentic_assets_tests.unit.agents.schema_laws import compared, keys_of, keys_read
from agentic_assets_tests.unit.policy.cases import quota, rule, write


def _whole(folder: Path) -> Path:
    """Write a policy with everything in it that a policy can have."""
    (folder / "yard.cedar").write_text('@id("all") permit(principal, action, resource);')
    return write(
        folder,
        rules=[rule("late", "late", "transform", to="notify", on_null="skip")],
        resources=[
            {
                "id": "aircraft",
                "action": "standby",
                "capacity": 2,
                "per": ["origin"],
                "utility": "100 - minute",
                "settle": {"by": "lease", "commit_after_minutes": 60},
                "over": {"verdict": "deny", "message": "none left"},
            }
        ],
        quotas=[quota("busy", "notify", 3, "deny")],
        authorization={"policies": "yard.cedar", "resource": "Airport", "column": "origin"},
        breaker={
            "window_days": 7,
            "at_least_days": 3,
            "error_rate_bp": 100,
            "stale_inputs": {"when": "late", "at_most_bp": 100},
            "drift_incidents": 1,
            "worse_than_legacy_bp": 100,
        },
    )


def test_the_schema_has_the_keys_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _whole(tmp_path)
    assert keys_read(lambda: load_ruleset(path), monkeypatch) == dict(keys_of(policy_schema()))


def test_what_the_schema_refuses_is_what_the_reader_refuses(tmp_path: Path) -> None:
    """But for what stands in other files, what is written in another language, and places that must agree."""
    by_schema, by_reader = compared(_whole(tmp_path), policy_schema(), load_ruleset)
    assert by_schema == []
    assert {what.partition(":")[0] for what in by_reader} == {
        *("actions.[]", "reads.entity", "reads.origin", "reads.day", "reads.minute", "reads.late"),
        *("rules.[].when", "rules.[].then.to", "quotas.[].action", "quotas.[].per.[]", "quotas.[].order_by.[]"),
        *("resources.[].action", "resources.[].per.[]", "resources.[].utility", "authorization.column"),
        "breaker.stale_inputs.when",
    }
    assert all(what.endswith(("dropped", "'x'", "'none'")) for what in by_reader)


def test_the_policies_of_the_domain_are_valid() -> None:
    paths = sorted(Path(departures.__file__).parent.glob("*policy.yaml"))
    assert len(paths) >= 2
    for path in paths:
        jsonschema.Draft202012Validator(policy_schema()).validate(parsed(path, path.name).value)


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_schema())
