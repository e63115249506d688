"""Cedar policies, checked against a schema that the package writes, so that a mistyped name cannot pass for a no-op."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agentic_assets.versions import of_json

if TYPE_CHECKING:
    from cedarpy import PolicySet

__all__ = ["AGENT_ATTRIBUTES", "Authorization", "schema_of"]

AGENT_ATTRIBUTES = ("name", "version", "kind", "owner", "risk_tier")
"""What a Cedar policy may ask of `principal`; all are strings, since Cedar knows neither floats nor nulls."""


@dataclass(frozen=True)
class Authorization:
    """The Cedar policies of one domain policy.

    `resource` names the type of what an action is done to, e.g. Airport; `column` the column whose values name them.
    `policies` is the canonical layout of the Cedar text, so that comments and blanks are no new version.
    """

    policies: str
    actions: tuple[str, ...]
    resource: str
    column: str

    @property
    def digest(self) -> str:
        """Digest what the policies say."""
        return of_json([json.loads(self._json), self.actions, self.resource, self.column])

    @cached_property
    def schema(self) -> str:
        """The Cedar schema that the policies were checked against."""
        return schema_of(self.actions, self.resource)

    @cached_property
    def names(self) -> dict[str, str]:
        """Cedar's number of a policy -> the name that its annotation @id gives it."""
        return {
            number: policy.get("annotations", {}).get("id", "")
            for number, policy in json.loads(self._json)["staticPolicies"].items()
        }

    @cached_property
    def parsed(self) -> PolicySet:
        """The policies as the engine holds them."""
        from cedarpy import PolicySet

        return PolicySet.from_str(self.policies)

    @cached_property
    def _json(self) -> str:
        from cedarpy import policies_to_json_str

        return policies_to_json_str(self.policies)


def schema_of(actions: tuple[str, ...], resource: str) -> str:
    """Write the schema in Cedar's own notation: agents do actions to resources, and nothing else can be named."""
    attributes = ", ".join(f"{name}: String" for name in AGENT_ATTRIBUTES)
    listed = ", ".join(json.dumps(action) for action in actions)
    return (
        f"entity Agent {{ {attributes} }};\n"
        f"entity {resource};\n"
        f"action {listed} appliesTo {{ principal: [Agent], resource: [{resource}], context: {{}} }};\n"
    )
