"""JSON Schemas of what an engineer writes about an agent, held equal to their readers by tests."""

from agentic_assets.agents.schema.prompt import prompt_schema
from agentic_assets.agents.schema.rules import rules_schema
from agentic_assets.agents.schema.spec import spec_schema

__all__ = ["prompt_schema", "rules_schema", "spec_schema"]
