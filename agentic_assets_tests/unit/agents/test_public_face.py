import subprocess
import sys

import agentic_assets.agents as room
from agentic_assets import language
from agentic_assets.agents import rules


def test_the_public_face_of_agents_is_pinned() -> None:
    assert sorted(room.__all__) == [
        *("AbstainingAgent", "Agent", "Decide", "FailureMode", "Figure", "ModelAgent", "NO_ACTION", "PROPOSALS"),
        *("Scorer", "Spec", "agent_changes", "card", "check_consumers", "check_feed", "checked_proposals", "load_spec"),
        *("propose", "propose_one", "row_digests", "score_in_basis_points"),
    ]


def test_the_public_face_of_rule_tables_is_pinned() -> None:
    assert sorted(rules.__all__) == [
        *("FIRST", "HIT_POLICIES", "Outcome", "PRIORITY", "RuleAgent", "RuleTable", "TableRule", "UNIQUE"),
        "load_rules",
    ]


def test_the_public_face_of_the_language_is_pinned() -> None:
    assert sorted(language.__all__) == [
        *("Amount", "Condition", "DTYPES", "Row", "Term", "Test", "Type", "columns_of", "fits", "parse_amount"),
        *("parse_condition", "to_closure", "to_expression", "walk"),
    ]


def test_importing_the_rooms_loads_no_parser_and_no_model() -> None:
    heavy = ["sqlglot", "lightgbm", "pydantic", "pydantic_ai", "pandera", "duckdb", "jsonschema", "z3", "cedarpy"]
    code = f"import agentic_assets.agents.rules, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
