"""Hold an agent against the policy that judges it, before anything runs."""

from __future__ import annotations

from agentic_assets.agents.spec import Spec
from agentic_assets.errors import ConfigInvalid
from agentic_assets.policy.ruleset import RuleSet

__all__ = ["check_agent"]


def check_agent(spec: Spec, ruleset: RuleSet) -> None:
    """Refuse an agent that could propose what the policy does not know, or bids for what it does not share out.

    Raises ConfigInvalid. Without this the first such proposal would refuse its whole day.
    """
    unknown = [action for action in spec.actions if action not in ruleset.actions]
    if unknown:
        raise ConfigInvalid(
            f"agent {spec.id} may propose {', '.join(unknown[:5])}, which policy {ruleset.id} does not know",
            hint="add it to `actions` of the policy, and rules about it",
        )
    shared = {resource.id: resource.action for resource in ruleset.resources}
    for resource, action in spec.resources.items():
        if shared.get(resource) != action:
            offered = ", ".join(f"{name} by {taken}" for name, taken in shared.items()) or "nothing"
            raise ConfigInvalid(
                f"agent {spec.id} bids for {resource} by {action}, and policy {ruleset.id} shares out {offered}",
                hint="name in the spec's `resources` what the policy has under `resources`, with the same action",
            )
