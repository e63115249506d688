"""The JSON Schema of a rule table, for editors."""

from __future__ import annotations

from agentic_assets.agents.declaration import NAME
from agentic_assets.agents.reading import SET
from agentic_assets.agents.rules.reading import MAX_RULES
from agentic_assets.agents.rules.table import HIT_POLICIES, ON_NULL, PRIORITY
from agentic_assets.agents.schema.shape import Shape, choice, dependent, document, items, section, text, whole
from agentic_assets.agents.spec import FIGURES

__all__ = ["rules_schema"]


def rules_schema() -> Shape:
    """Give the schema of a rule table: what it refuses, `load_rules` refuses too."""
    rule = section(
        "One rule",
        {
            "id": text("The rule's name", NAME),
            "when": text("A condition over the spec's columns and parameters, in the subset of SQL"),
            "then": _outcome("What is proposed where the condition holds"),
        },
        {
            "on_null": choice(
                "What a null condition does: nothing is proposed (abstain, the default), as false (skip), as true "
                "(match, for a rule that proposes none only)",
                ON_NULL,
            ),
            "priority": whole("Under the hit policy `priority`: of the rules that hold, the highest decides", 0),
        },
    )
    required = {
        "agent": text("Name and version of the agent, as in its spec", SET),
        "hit_policy": choice(
            "first: the first rule that holds decides; unique: at most one may hold; priority: the highest that holds",
            HIT_POLICIES,
        ),
        "rules": items("The rules", rule, least=1, most=MAX_RULES),
        "otherwise": _outcome("What is proposed where no rule holds"),
    }
    needed = {"required": ["priority"], "properties": {"priority": {"type": "integer"}}}
    ranked = {"properties": {"rules": {"items": needed}}}
    plain = {"properties": {"rules": {"items": {"properties": {"priority": False}}}}}
    return document(
        "An agent's rule table",
        dependent(
            section("The rules of one version of an agent", required),
            {"if": {"properties": {"hit_policy": {"const": PRIORITY}}}, "then": ranked, "else": plain},
        ),
    )


def _outcome(description: str) -> Shape:
    figure: Shape = {
        "description": "A whole number, a parameter, or a whole amount over columns of integers; 0 when left out",
        "anyOf": [whole("A whole number", 0), text("A parameter, or an amount")],
    }
    return section(
        description,
        {
            "action": text("One of the spec's actions"),
            "reason": text("Why, in words; braces hold a column, a parameter or a whole amount"),
        },
        dict.fromkeys(FIGURES, figure),
    )
