"""The JSON Schema of an agent's spec, for editors."""

from __future__ import annotations

from agentic_assets.agents.declaration import NAME, VERSION
from agentic_assets.agents.reading import SET
from agentic_assets.agents.schema.shape import (
    Shape,
    choice,
    day,
    document,
    items,
    mapping,
    section,
    text,
    texts,
    whole,
)
from agentic_assets.agents.spec import FIGURES, KINDS, NO_ACTION, PHASES, RISK_TIERS
from agentic_assets.language import Type

__all__ = ["spec_schema"]

_FIGURES = {
    "score_bp": "The risk, or whatever is judged, in basis points",
    "confidence_bp": "How sure the agent is of its action, in basis points",
    "benefit_cents": "What the action is expected to bring or avoid, before its cost, in cents",
    "cost_cents": "What the action itself costs, in cents",
}


def spec_schema() -> Shape:
    """Give the schema of `*.agent.yaml`: what it refuses, `load_spec` refuses too."""
    columns = mapping(
        "The columns that the agent is shown beside the entity, each with its type. Left out: the whole set",
        NAME,
        choice("What the column holds", [type_.value for type_ in Type]),
        least=1,
    )
    mode = section(
        "One failure", {"when": text("What can go wrong"), "then": text("What happens then, without anybody's help")}
    )
    required = {
        "name": text("The agent's name", NAME),
        "version": text("Its version as 1.2.3: raise it whenever what the agent does changes", VERSION),
        "kind": choice("What it is made of: a rule table, a model, or a language model", KINDS),
        "owner": text("Who answers for it"),
        "author": text("Who made it: nobody validates what they made themselves"),
        "purpose": text("What it is for"),
        "responsibilities": texts("What it must do"),
        "input": section(
            "What it reads",
            {
                "feature_set": text("Name and version of the feature set, as readings@1.0.0", SET),
                "entity": text("The column that names what is decided about", NAME),
            },
            {"columns": columns},
        ),
        "actions": texts("What it may propose; `none` does nothing", containing=NO_ACTION),
        "output": _output(),
        "decision_boundaries": texts("What it never does, and what it leaves to others"),
        "failure_modes": items("What can go wrong, and what happens then", mode, least=1),
        "risk_tier": choice("How much harm a wrong proposal can do", RISK_TIERS),
        "review_by": day("The last day on which it may be live without having been reviewed again"),
        "phase": choice("The phase it is born in; people promote it from there", PHASES),
    }
    values = {"description": "A value", "type": ["integer", "string", "boolean"]}
    may = {
        "resources": mapping("The resources that it bids for, each with the action that takes one", NAME, _ACTION),
        "parameters": mapping("Whole numbers, texts and booleans that shape what it proposes", NAME, values),
    }
    return document("An agent's spec", section("One version of an agent", required, may))


_ACTION: Shape = {
    "description": "An action of the agent",
    "type": "string",
    "pattern": r"\S",
    "not": {"const": NO_ACTION},
}


def _output() -> Shape:
    shapes = {}
    for name, most in FIGURES.items():
        said = section(
            "What it means, and the most that it may be",
            {"means": text("What the figure means in this agent's proposals")},
            {"at_most": whole("The most that it may be; the least is 0", 1, most)},
        )
        shapes[name] = {"description": _FIGURES[name], "anyOf": [text("What it means"), said]}
    shape = section("What the figures of a proposal mean; one that is not named is always 0", {}, {})
    return {**shape, "properties": shapes, "minProperties": 1}
