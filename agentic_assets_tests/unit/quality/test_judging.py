from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Expectation, Verbatim
from agentic_assets.contracts.odcs.known_expectations import KNOWN, UNSUPPORTED
from agentic_assets.quality import library
from agentic_assets.quality.judging import judged, suite_of, table_of
from agentic_assets.quality.measuring import MEASURED
from agentic_assets.quality.verbatim import columns_of, judged_rows
from agentic_assets_tests.unit.quality.samples import days, expecting

NAMES = ("mean-value", "rowCount-None")
EXPECTATIONS = [expecting("mean"), expecting("rowCount", column=None, severity="error")]

figure = st.one_of(st.none(), st.floats(-10, 10, allow_nan=False), st.integers(-3, 3).map(float))
cells = st.lists(st.tuples(figure, figure, figure), min_size=2, max_size=12)


def table(found: list[tuple[float | None, float | None, float | None]]) -> pl.DataFrame:
    rows = [(days(20)[number // 2], NAMES[number % 2], *figures, 3) for number, figures in enumerate(found)]
    return pl.DataFrame(rows, schema=MEASURED, orient="row")


def directly(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or (low is None and high is None):
        return "unjudged"
    return "broken" if (low is not None and value < low) or (high is not None and value > high) else "kept"


@settings(derandomize=True, max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells)
def test_the_library_judges_a_range_as_a_plain_comparison_does(
    found: list[tuple[float | None, float | None, float | None]],
) -> None:
    verdicts = judged(table(found), EXPECTATIONS, dataset="things")
    assert verdicts.get_column("verdict").to_list() == [directly(*figures) for figures in found]


def test_a_day_alone_gets_the_verdict_that_it_gets_within_a_range() -> None:
    days_of_two = [(1.0, 0.0, 2.0), (5.0, 6.0, None), (3.0, 0.0, 2.0), (9.0, None, 9.0), (None, 0.0, 1.0)]
    rows = table([*days_of_two, (1.0, None, None)])
    ranged = judged(rows, EXPECTATIONS, dataset="things")
    parts = [judged(part, EXPECTATIONS, dataset="things") for part in rows.partition_by("partition")]
    assert pl.concat(parts).equals(ranged)


def test_an_expectation_that_could_not_be_run_is_errored_and_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = table_of(table([(1.0, 0.0, 2.0), (1.0, 0.0, 2.0)])).drop(columns=["mean-value: at most"])
    monkeypatch.setattr("agentic_assets.quality.judging.table_of", lambda measured: broken)
    found = judged(table([(1.0, 0.0, 2.0), (1.0, 0.0, 2.0)]), EXPECTATIONS, dataset="things")
    by_name = dict(found.select("expectation", "verdict").iter_rows())
    assert by_name == {"mean-value": "errored", "rowCount-None": "kept"}
    assert "mean-value: at most" in str(found.get_column("detail")[0])


def test_the_suite_says_what_is_expected_and_how_severe_it_is() -> None:
    rows = table([(1.0, 0.0, None), (1.0, 0.0, 2.0)])
    made = suite_of("departures.things", EXPECTATIONS, rows)
    assert made.name == "departures_things"
    assert [(one.meta["id"], one.severity.value) for one in made.expectations] == [
        ("mean-value", "warning"),
        ("rowCount-None", "critical"),
        ("rowCount-None", "critical"),
    ]
    assert "of the 7 partitions before by at most 5 robust deviations" in str(made.expectations[0].notes)


def verbatim(kind: str, **arguments: object) -> Expectation:
    return Expectation(f"{kind} {arguments}"[:80], None, Verbatim(kind, arguments))


ROWS = pl.DataFrame({"value": [1, 2, 3, 4], "name": ["a", "b", "c", None]})


@pytest.mark.parametrize(
    ("expectation", "verdict", "value"),
    [
        (verbatim("expect_column_mean_to_be_between", column="value", min_value=2, max_value=3), "kept", 2.5),
        (verbatim("expect_column_mean_to_be_between", column="value", min_value=3), "broken", 2.5),
        (verbatim("expect_column_values_to_not_be_null", column="name", mostly=0.7), "kept", 25.0),
        (verbatim("expect_column_values_to_not_be_null", column="name"), "broken", 25.0),
        (verbatim("expect_table_row_count_to_equal", value=4), "kept", 4.0),
        (verbatim("expect_column_mean_to_be_between", column="name", min_value=1), "errored", None),
        (verbatim("expect_column_mean_to_be_between", column="value", min_vlaue=1), "errored", None),
        (verbatim("expect_column_mean_to_be_between", column="absent", min_value=1), "errored", None),
    ],
)
def test_an_expectation_in_the_words_of_the_library_is_run_on_the_rows(
    expectation: Expectation, verdict: str, value: float | None
) -> None:
    found, values = judged_rows(ROWS, [expectation], dataset="things", partition="2013-01-01")
    assert found.select("verdict").item() == verdict
    assert values.get(expectation.id) == value
    assert (found.select("detail").item() is not None) == (verdict == "errored")


def test_only_the_columns_that_are_named_are_handed_over() -> None:
    schema = ["a", "b", "c"]
    assert columns_of([verbatim("expect_column_mean_to_be_between", column="b")], schema) == ["b"]
    assert columns_of([verbatim("expect_compound_columns_to_be_unique", column_list=["c", "a"])], schema) == ["a", "c"]
    assert columns_of([verbatim("expect_table_columns_to_match_set", column_set=["a"])], schema) == schema
    assert columns_of([verbatim("expect_table_row_count_to_equal", value=4)], schema) == []


def test_the_known_names_are_those_that_the_library_registers() -> None:
    library.suite("none", [])
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    assert sorted(KNOWN | UNSUPPORTED) == sorted(list_registered_expectation_implementations())
    assert not KNOWN & UNSUPPORTED


def test_validating_leaves_no_temporary_folder_behind_and_speaks_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    judged(table([(1.0, 0.0, 2.0), (1.0, 0.0, 2.0)]), EXPECTATIONS, dataset="things")
    assert list(tmp_path.iterdir()) == []
    assert "great_expectations" in sys.modules
