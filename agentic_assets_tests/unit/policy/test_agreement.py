"""An agent that its policy cannot judge is refused before anything runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.errors import ConfigInvalid
from agentic_assets.policy import check_agent, load_ruleset
from agentic_assets_tests.unit.decisions.cases import SPEC
from agentic_assets_tests.unit.policy.cases import write

_AGENT = replace(SPEC, actions=("none", "standby"), resources={"aircraft": "standby"})
_AIRCRAFT: dict[str, Any] = {
    "id": "aircraft",
    "action": "standby",
    "capacity": 2,
    "per": ["origin"],
    "utility": "100 - minute",
    "settle": {"by": "award"},
    "over": {"verdict": "deny", "message": "none left"},
}


def test_an_agent_that_the_policy_knows_is_taken(tmp_path: Path) -> None:
    check_agent(_AGENT, load_ruleset(write(tmp_path, resources=[_AIRCRAFT])))


def test_an_action_that_the_policy_does_not_know_is_refused(tmp_path: Path) -> None:
    ruleset = load_ruleset(write(tmp_path, resources=[_AIRCRAFT]))
    with pytest.raises(ConfigInvalid, match=r"may propose fly, which policy yard@1\.0\.0 does not know"):
        check_agent(replace(_AGENT, actions=("none", "fly")), ruleset)


@pytest.mark.parametrize(
    ("resources", "offered"), [([], "nothing"), ([{**_AIRCRAFT, "action": "notify"}], "aircraft by notify")]
)
def test_a_resource_that_the_policy_does_not_share_out_so_is_refused(
    tmp_path: Path, resources: list[dict[str, Any]], offered: str
) -> None:
    ruleset = load_ruleset(write(tmp_path, resources=resources))
    with pytest.raises(ConfigInvalid, match=f"bids for aircraft by standby, and policy .* shares out {offered}"):
        check_agent(_AGENT, ruleset)
