from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, Period, ServiceLevel, gate
from agentic_assets.contracts.service.period import read_period
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract

SEEN = {"name": "seen_at", "logicalType": "timestamp"}
KNOWN = {"name": "known_at", "logicalType": "timestamp"}
DAY = {"name": "day", "logicalType": "date"}


def promising(folder: Path, *levels: dict[str, Any], **more: Any) -> Contract:
    return contract(folder, [SEEN, KNOWN, DAY], slaProperties=list(levels), **more)


def level(value: Any, unit: str | None = None, name: str = "latency", **more: Any) -> ServiceLevel:
    return ServiceLevel(name, value, unit, None, None, **more)


@pytest.mark.parametrize(
    ("value", "unit", "length"),
    [
        (4, "d", timedelta(days=4)),
        (4, "Days", timedelta(days=4)),
        (90, "min", timedelta(minutes=90)),
        ("1.5", "hours", timedelta(hours=1.5)),
        ("2 w", None, timedelta(weeks=2)),
        ("PT1H30M", None, timedelta(minutes=90)),
        ("P1Y", None, timedelta(days=365)),
        ("daily", None, timedelta(days=1)),
        (3, "y", timedelta(days=3 * 365)),
        (18, "months", timedelta(days=365 + 6 * 30)),
        (2, "quarters", timedelta(days=180)),
    ],
)
def test_a_length_of_time_is_read_in_every_common_unit(value: Any, unit: str | None, length: timedelta) -> None:
    found = read_period(value, unit)
    assert found is not None
    assert found.length == length


@pytest.mark.parametrize(("value", "unit"), [("once", None), (0, "d"), (-1, "d"), (True, "d"), (None, "d"), (4, "moons"), (4, None), (1e300, "y"), ("9" * 400, "y")])  # fmt: skip  # noqa: E501
def test_what_is_no_length_of_time_is_none(value: Any, unit: str | None) -> None:
    assert read_period(value, unit) is None


@settings(derandomize=True, max_examples=200)
@given(st.integers(0, 600), st.integers(0, 4_000), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_longer_period_never_ends_later(months: int, days: int, day: date) -> None:
    period = Period(months, days * 86_400.0)
    assert Period(months, (days + 1) * 86_400.0).before(day) <= period.before(day) <= day


def test_months_are_counted_on_the_calendar() -> None:
    assert Period(months=1).before(date(2013, 3, 31)) == date(2013, 2, 28)
    assert Period(months=36).before(date(2016, 2, 29)) == date(2013, 2, 28)
    assert Period(months=12).before(date(2013, 1, 1)) == date(2012, 1, 1)


@pytest.mark.parametrize("name", ["endOfSupport", "end of support", "Es", "end_of_support"])
def test_short_and_spelled_names_mean_one_property(name: str) -> None:
    assert level("2032-05-12", name=name).kind == "endOfSupport"


def test_a_time_of_availability_becomes_a_deadline_in_its_own_zone() -> None:
    assert level("09:00-08:00", name="timeOfAvailability").cron == ("0 17 * * *", "UTC")
    assert level("06:30", name="timeOfAvailability").cron == ("30 6 * * *", None)
    assert level("25:00", name="timeOfAvailability").cron is None


def test_a_schedule_that_no_clock_shows_is_not_used_and_said_so(tmp_path: Path) -> None:
    # The standard's own example has hour 30.
    made = promising(tmp_path, {"property": "frequency", "value": 1, "unit": "d", "schedule": "0 30 * * *"})
    assert made.service_levels[0].cron is None
    assert any("no use is made of its schedule '0 30 * * *'" in note for note in made.unenforced)


def test_a_cron_schedule_of_five_fields_is_used() -> None:
    assert level(1, "d", schedule="0  5 * * 1-5", scheduler="cron").cron == ("0 5 * * 1-5", None)
    assert level(1, "d", schedule="0 5 * * *", scheduler="control-m").cron is None


def test_a_latency_between_two_moments_of_a_row_warns_and_costs_no_row(tmp_path: Path) -> None:
    since = [{"property": "since", "value": "seen_at"}]
    made = promising(
        tmp_path,
        {"property": "latency", "value": 60, "unit": "min", "element": "things.known_at", "customProperties": since},
    )
    seen = datetime(2013, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "seen_at": [seen, seen, seen, None],
            "known_at": [seen + timedelta(minutes=60), seen + timedelta(minutes=61), None, seen],
            "day": [None] * 4,
        },
        schema=made.schema,
    )
    result = gate(frame, made, partition="2013-01-01")
    [finding] = result.findings
    assert (finding.rule, finding.severity, finding.count) == ("latency(known_at)", "warning", 1)
    assert "at most 1 h after seen_at" in finding.message
    assert (result.valid.height, result.refused) == (4, False)


def test_a_latency_without_a_second_moment_is_left_to_the_clock(tmp_path: Path) -> None:
    made = promising(tmp_path, {"property": "latency", "value": 1, "unit": "d", "element": "known_at"})
    assert not [rule for rule in made.rules if rule.id.startswith("latency")]
    assert "delivery" in made.service_levels[0].held


def test_a_latency_since_no_column_is_refused(tmp_path: Path) -> None:
    since = [{"property": "since", "value": "nowhere"}]
    with pytest.raises(ContractInvalid, match="counts since `nowhere`, which is no column"):
        promising(
            tmp_path, {"property": "latency", "value": 1, "unit": "d", "element": "day", "customProperties": since}
        )


def test_the_default_element_counts_where_none_is_named(tmp_path: Path) -> None:
    made = promising(tmp_path, {"property": "latency", "value": 1, "unit": "d"}, slaDefaultElement="things.known_at")
    assert made.service_levels[0].column == "known_at"


def test_what_nothing_measures_is_named(tmp_path: Path) -> None:
    made = promising(
        tmp_path,
        {"property": "throughput", "value": 100, "unit": "rows/s"},
        {"property": "retention", "value": 3, "unit": "y"},
        {"property": "latency", "value": "soon"},
        {"property": "frequency", "value": "once"},
    )
    assert len(made.unenforced) == 3
    assert "throughput 100 rows/s is recorded and shown; nothing measures it" in made.unenforced[0]
    assert "nothing is deleted" in made.unenforced[1]
    assert "latency soon" in made.unenforced[2]


@pytest.mark.parametrize("classification", ["confidential", "PII", "Restricted"])
def test_every_class_but_the_open_ones_is_masked(tmp_path: Path, classification: str) -> None:
    made = contract(tmp_path, [{"name": "name", "logicalType": "string", "classification": classification}])
    assert made.column("name").masked


def test_the_open_classes_are_known_in_any_writing(tmp_path: Path) -> None:
    made = contract(tmp_path, [{"name": "name", "logicalType": "string", "classification": " Public"}])
    assert not made.column("name").masked


def test_a_column_with_an_encrypted_twin_is_masked(tmp_path: Path) -> None:
    made = contract(tmp_path, [{"name": "mail", "logicalType": "string", "encryptedName": "mail_enc"}])
    assert made.column("mail").masked
