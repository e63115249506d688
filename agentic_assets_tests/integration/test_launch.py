"""A run that ends in an error, as whoever started it from a program sees it."""

from pathlib import Path

import dagster as dg
import pytest

from agentic_assets.errors import PublishConflict
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import launch

EXPECTED = PublishConflict("sources/weather '2013-02-08' was published by run r1", hint="run again")


def _failing(error: Exception) -> dg.JobDefinition:
    @dg.op(config_schema={})
    def failing() -> None:
        raise error

    @dg.job(executor_def=dg.in_process_executor)
    def job() -> None:
        failing()

    return job


def test_an_expected_error_of_a_run_stays_what_it_is_and_any_other_is_told_whole(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    with pytest.raises(PublishConflict) as expected:
        launch(_failing(EXPECTED), "failing", {}, home)
    assert str(expected.value) == str(EXPECTED)
    with pytest.raises(RuntimeError, match=r"(?s)the run failed: .*ZeroDivisionError: by nothing"):
        launch(_failing(ZeroDivisionError("by nothing")), "failing", {}, home)
    refusal = dg.Failure(description="2 partitions were refused", allow_retries=False)
    assert launch(_failing(refusal), "failing", {}, home).failure == "2 partitions were refused"
