from __future__ import annotations

from datetime import date

import pytest

from agentic_assets.errors import NotFound
from agentic_assets.pipeline import STATIC, Calendar, Cut, Window

YEAR = Calendar("America/New_York", date(2013, 1, 1), date(2013, 12, 31))


def test_a_calendar_names_every_day_and_month_once_in_order() -> None:
    assert len(YEAR.all(Cut.DAY)) == 365
    assert YEAR.all(Cut.MONTH)[0] == "2013-01"
    assert YEAR.all(Cut.MONTH)[-1] == "2013-12"
    assert YEAR.all(Cut.STATIC) == (STATIC,)


def test_a_day_outside_of_the_data_is_refused_with_the_range_that_exists() -> None:
    with pytest.raises(NotFound, match="2014-01-01 is outside of the data, which cover 2013-01-01 to 2013-12-31"):
        YEAR.days(until=date(2014, 1, 1))


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(NotFound, match="holds no day"):
        YEAR.days(date(2013, 2, 2), date(2013, 2, 1))


def test_a_lookback_ends_at_the_first_day_of_the_data() -> None:
    assert Window(back=31).of("2013-01-03", Cut.DAY, Cut.DAY, YEAR) == ("2013-01-01", "2013-01-02", "2013-01-03")


def test_a_lookback_covers_so_many_days_before_and_the_day_itself() -> None:
    found = Window(back=31).of("2013-03-01", Cut.DAY, Cut.DAY, YEAR)
    assert (found[0], found[-1], len(found)) == ("2013-01-29", "2013-03-01", 32)


def test_a_month_reads_all_days_of_the_months_before_it_and_none_of_its_own() -> None:
    found = Window(back=2, before_only=True).of("2013-03", Cut.MONTH, Cut.DAY, YEAR)
    assert (found[0], found[-1]) == ("2013-01-01", "2013-02-28")


def test_the_first_month_has_no_days_before_it() -> None:
    assert Window(back=6, before_only=True).of("2013-01", Cut.MONTH, Cut.DAY, YEAR) == ()


def test_a_day_reads_the_month_that_it_lies_in() -> None:
    assert Window().of("2013-07-04", Cut.DAY, Cut.MONTH, YEAR) == ("2013-07",)
    assert Window().required("2013-07-04", Cut.DAY, Cut.MONTH) == ("2013-07",)


def test_only_the_partitions_own_counterpart_is_required() -> None:
    assert Window(back=31).required("2013-03-01", Cut.DAY, Cut.DAY) == ("2013-03-01",)
    assert Window(back=6, before_only=True).required("2013-03", Cut.MONTH, Cut.DAY) == ()
    assert Window().required("2013-03-01", Cut.DAY, Cut.STATIC) == (STATIC,)
