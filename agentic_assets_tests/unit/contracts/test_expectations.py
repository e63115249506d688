from __future__ import annotations

from pathlib import Path

import pytest

from agentic_assets.contracts import Contract, Expectation, Fixed, Statistic, Trailing, Verbatim, load
from agentic_assets.errors import ContractInvalid

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: toy
version: 1.0.0
status: active
domain: toy
schema:
  - name: readings
    logicalType: object
    properties:
      - name: value
        logicalType: number
        quality: [{of_column}]
      - {{name: kind, logicalType: string}}
    quality: [{of_table}]
"""


def read(tmp_path: Path, *, of_column: str = "", of_table: str = "") -> Contract:
    path = tmp_path / "readings.odcs.yaml"
    path.write_text(CONTRACT.format(of_column=of_column, of_table=of_table))
    return load(path)


def only(contract: Contract) -> Expectation:
    [found] = contract.expectations
    return found


def statistics(implementation: str, further: str = "") -> str:
    return f"{{type: custom, engine: statistics, implementation: {implementation}{further}}}"


def great(implementation: str, further: str = "") -> str:
    return f"{{type: custom, engine: greatExpectations, implementation: {implementation}{further}}}"


def test_a_statistic_with_bounds_from_its_history_is_an_expectation_and_no_rule(tmp_path: Path) -> None:
    written = "{statistic: rowCount, window: 28, every: 7, deviations: 4, slackPercent: 10, side: low}"
    contract = read(tmp_path, of_table=statistics(written, ", id: volume, severity: warning, dimension: completeness"))
    found = only(contract)
    bounds = Trailing(window=28, every=7, history=3, deviations=4.0, slack_share=0.1, side="low")
    assert found == Expectation("volume", None, Statistic("rowCount", bounds), "warning", "completeness")
    assert found.back == 28
    assert contract.rules == read(tmp_path).rules
    assert contract.unenforced == ()


def test_a_statistic_may_have_fixed_bounds(tmp_path: Path) -> None:
    found = only(read(tmp_path, of_column=statistics("{statistic: nullShare, atMost: 0.9}")))
    assert (found.id, found.column, found.severity) == ("nullShare(value)", "value", "error")
    assert found.asks == Statistic("nullShare", Fixed(None, 0.9))
    assert found.text == "nullShare(value) at most 0.9"


def test_a_divergence_looks_as_far_back_for_its_reference_as_for_its_own_history(tmp_path: Path) -> None:
    assert only(read(tmp_path, of_column=statistics("{statistic: psi, window: 20}"))).back == 40


def test_an_expectation_of_great_expectations_is_taken_word_for_word(tmp_path: Path) -> None:
    written = "{type: expect_column_mean_to_be_between, kwargs: {min_value: 1, max_value: 5}}"
    found = only(read(tmp_path, of_column=great(written)))
    arguments = {"min_value": 1, "max_value": 5, "column": "value"}
    assert found.asks == Verbatim("expect_column_mean_to_be_between", arguments)


def test_the_examples_of_the_standard_with_text_and_capitals_are_read_too(tmp_path: Path) -> None:
    written = '"type: expect_table_row_count_to_be_between\\nkwargs:\\n  minValue: 100\\n  maxValue: 500\\n"'
    found = only(read(tmp_path, of_table=great(written).replace("greatExpectations", "great-expectations")))
    assert found.asks == Verbatim("expect_table_row_count_to_be_between", {"min_value": 100, "max_value": 500})


def test_an_unknown_expectation_is_named_as_not_enforced_with_the_nearest_name(tmp_path: Path) -> None:
    contract = read(tmp_path, of_column=great("{type: expect_column_means_to_be_between}"))
    assert contract.expectations == ()
    [said] = contract.unenforced
    assert "did you mean expect_column_mean_to_be_between?" in said


def test_an_expectation_that_needs_a_database_is_named_as_not_enforced(tmp_path: Path) -> None:
    contract = read(tmp_path, of_table=great("{type: unexpected_rows_expectation, kwargs: {unexpected_rows_query: x}}"))
    assert "needs a database" in contract.unenforced[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{statistic: mode}", "there is no statistic 'mode' of a column"),
        ("{statistic: mean, window: 0}", "window is 0"),
        ("{statistic: mean, window: many}", "window is 'many'"),
        ("{statistic: mean, deviations: -1}", "deviations is -1"),
        ("{statistic: mean, devations: 3}", "unknown setting 'devations'"),
        ("{statistic: mean, atLeast: 4, atMost: 2}", "atLeast 4 is above atMost 2"),
        ("{statistic: mean, atLeast: 4, slack: 2}", "`slack` is for bounds from history"),
        ("{statistic: mean, side: left}", "side is 'left'"),
        ("{statistic: mean, window: 7, history: 8}", "history is 8"),
        ("{statistic: share}", "`values` lists what `share` counts"),
        ("{statistic: mean, values: [1]}", "`values` lists what `share` counts"),
        ('"a: [1"', "is not YAML"),
    ],
)
def test_a_statistic_that_cannot_be_judged_is_refused_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ContractInvalid, match=r"readings.odcs.yaml:1\d:") as refused:
        read(tmp_path, of_column=statistics(written))
    assert said in refused.value.what


def test_a_number_is_not_asked_of_text(tmp_path: Path) -> None:
    path = tmp_path / "readings.odcs.yaml"
    text = CONTRACT.format(of_column="", of_table="")
    quality = f"quality: [{statistics('{statistic: mean}')}]"
    path.write_text(text.replace("logicalType: string", f"logicalType: string, {quality}"))
    with pytest.raises(ContractInvalid, match="mean needs numbers, the column has String"):
        load(path)


def test_an_expectation_about_a_column_that_is_not_there_is_a_mistake_and_not_kept(tmp_path: Path) -> None:
    written = "{type: expect_column_mean_to_be_between, kwargs: {column: valeu}}"
    contract = read(tmp_path, of_table=great(written))
    assert contract.expectations == ()
    assert "reads `valeu`, no column of the contract" in contract.unenforced[0]


def test_two_expectations_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = ", ".join([statistics("{statistic: rowCount}", ", id: volume")] * 2)
    with pytest.raises(ContractInvalid, match="two expectations are named 'volume'"):
        read(tmp_path, of_table=twice)
