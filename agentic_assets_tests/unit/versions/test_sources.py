"""The files that make a domain."""

from pathlib import Path

from agentic_assets.versions import sources_of


def test_what_people_write_counts_and_what_tools_leave_beside_it_does_not(tmp_path: Path) -> None:
    package = tmp_path / ".projects" / "domains" / "loans"
    written = {"__init__.py": "", "data/loans.csv": "a", "loans.agent.yaml": "name: loans"}
    left = (
        "__pycache__/x.cpython-311.pyc",
        "features.pyc",
        ".features.py.swp",
        "features.py~",
        ".mypy_cache/3.11/x.json",
    )
    for name, text in {**written, **dict.fromkeys(left, "x")}.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert [*sources_of("loans", package).files] == [f"loans/{name}" for name in sorted(written)]
