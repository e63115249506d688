import subprocess
import sys

import agentic_assets.contracts as room


def test_the_public_face_is_pinned() -> None:
    assert sorted(room.__all__) == [
        "Channel",
        "Column",
        "Contract",
        "Definition",
        "Expectation",
        "Finding",
        "Fixed",
        "GateResult",
        "Lint",
        "Member",
        "Note",
        "Period",
        "Query",
        "Reference",
        "References",
        "Relationship",
        "Role",
        "Rule",
        "Server",
        "ServiceLevel",
        "Statistic",
        "Team",
        "Tolerance",
        "Trailing",
        "Transform",
        "Verbatim",
        "derived",
        "gate",
        "gate_all",
        "lint",
        "load",
        "load_all",
        "load_folder",
        "predicate",
        "to_asyncapi",
        "to_json_schema",
        "to_pandera",
        "to_pandera_module",
        "to_sql",
        "ungated",
    ]


def test_importing_the_room_loads_nothing_heavy() -> None:
    heavy = [
        "pandera",
        "duckdb",
        "great_expectations",
        "sqlglot",
        "jsonschema",
        "open_data_contract_standard",
        "pydantic",
        "pandas",
    ]
    code = f"import agentic_assets.contracts, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
