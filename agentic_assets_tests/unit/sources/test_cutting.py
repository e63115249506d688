"""To which local day a row belongs."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from agentic_assets.pipeline import Calendar
from agentic_assets.sources import days_by
from agentic_assets.sources.cutting import numbered_within, of_days, undated

CALENDAR = Calendar("America/New_York", date(2024, 5, 1), date(2024, 5, 2))


@pytest.mark.parametrize(
    ("value", "zone", "day"),
    [
        (date(2024, 5, 1), None, date(2024, 5, 1)),
        ("2024-05-01", None, date(2024, 5, 1)),
        ("2024-13-01", None, None),
        ("01.05.2024", None, None),
        (datetime(2024, 5, 2, 3, tzinfo=UTC), "America/New_York", date(2024, 5, 1)),
        ("2024-05-02T03:00:00Z", "America/New_York", date(2024, 5, 1)),
        ("2024-05-02T01:00:00+02:00", "America/New_York", date(2024, 5, 1)),
        ("noon", "America/New_York", None),
    ],
)
def test_a_row_belongs_to_the_local_day_of_its_column(value: object, zone: str | None, day: date | None) -> None:
    assert days_by("at", zone=zone).of(pl.DataFrame({"at": [value]})).to_list() == [day]


def test_rows_without_a_day_or_with_one_outside_of_the_calendar_are_undated() -> None:
    frame = pl.DataFrame({"day": [date(2024, 5, 1), None, date(2024, 5, 3), date(2024, 4, 30)]})
    assert undated(frame, days_by("day"), CALENDAR).rows() == [(None,), (date(2024, 5, 3),), (date(2024, 4, 30),)]


def test_the_rows_of_some_days_keep_their_order() -> None:
    frame = pl.DataFrame({"day": ["2024-05-02", "2024-05-01", "2024-05-02"], "n": [1, 2, 3]})
    assert of_days(frame, days_by("day"), ["2024-05-02"])["n"].to_list() == [1, 3]
    assert of_days(frame, days_by("day"), []).height == 0


def test_rows_are_numbered_anew_on_each_day() -> None:
    frame = pl.DataFrame({"day": ["2024-05-01", "2024-05-02", "2024-05-01", None], "source_row": [1, 2, 3, 4]})
    assert numbered_within(frame, days_by("day"))["source_row"].to_list() == [1, 1, 2, 1]
