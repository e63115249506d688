"""Historical retrieval: one row out for each row in, as of the moment that was asked about."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from agentic_assets.errors import ConfigInvalid, NotFound, PointInTimeViolation
from agentic_assets.features import Published, Source
from agentic_assets.features.kinds import Around, Count, Windowed
from agentic_assets.features.retrieval import retrieve
from agentic_assets_tests.unit.features.shop import DAY, NOON
from agentic_assets_tests.unit.features.test_declaring import declared
from agentic_assets_tests.unit.features.test_proofs import DAYS, DUE, INPUTS, honest

HOUR = timedelta(hours=1)


def test_all_entities_at_their_own_decision_have_the_published_features() -> None:
    published = honest().compute(INPUTS, DAYS)
    asked = published.select("order").sort("order", descending=True)
    found = retrieve(honest(), INPUTS, asked)
    assert found.get_column("order").equals(asked.get_column("order"))
    assert found.sort("decided_at", "order").select(published.columns).equals(published)


def test_all_entities_in_the_order_of_their_table_are_told_as_they_are_in_any_other() -> None:
    asked = INPUTS["shop/orders"].select("order")
    turned = retrieve(honest(), INPUTS, asked.reverse())
    assert retrieve(honest(), INPUTS, asked).equals(turned.reverse())


def test_an_entity_is_told_as_of_the_moment_asked_about() -> None:
    moments = [NOON - 3 * HOUR, NOON, NOON - HOUR]
    asked = pl.DataFrame({"order": ["order 21"] * 3, "decided_at": moments, "note": ["a", "b", "c"]})
    found = retrieve(honest(), INPUTS, asked)
    assert found.get_column("note").to_list() == ["a", "b", "c"]
    assert found.get_column("decided_at").to_list() == moments
    sent = found.get_column("sent_today").to_list()
    assert sent[0] < sent[2] < sent[1]
    assert (found.get_column("seen_known_at") <= found.get_column("decided_at")).all()


def test_a_moment_left_empty_means_the_entitys_own_decision() -> None:
    asked = pl.DataFrame({"order": ["order 3"], "decided_at": pl.Series([None], dtype=pl.Datetime("us", "UTC"))})
    [row] = retrieve(honest(), INPUTS, asked).to_dicts()
    assert row["decided_at"] == DUE.row(3, named=True)["due_at"] - HOUR


def test_columns_named_like_features_are_refused_since_one_of_both_would_be_lost() -> None:
    asked = pl.DataFrame({"order": ["order 3"], "label": [1], "sent_today": [-1]})
    with pytest.raises(ConfigInvalid, match=r"1 of the columns asked with are named as .*: `sent_today`"):
        retrieve(honest(), INPUTS, asked)
    assert retrieve(honest(), INPUTS, asked.drop("sent_today")).get_column("label").to_list() == [1]


def test_entities_that_nobody_knows_are_counted_and_named() -> None:
    asked = pl.DataFrame({"order": ["order 3", "nobody", "nothing"]})
    with pytest.raises(NotFound, match=r"2 of 3 entities are not in shop/orders, e\.g\. 'nobody', 'nothing'"):
        retrieve(honest(), INPUTS, asked)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    asked = pl.DataFrame({"order": ["order 3"], "decided_at": [datetime(2020, 6, 10, 12)]})  # noqa: DTZ001
    with pytest.raises(PointInTimeViolation, match="does not say in which time zone"):
        retrieve(honest(), INPUTS, asked)


@pytest.mark.parametrize("moment", [NOON - timedelta(days=3), NOON + timedelta(days=1)])
def test_a_moment_far_from_the_entitys_day_is_refused(moment: datetime) -> None:
    asked = pl.DataFrame({"order": ["order 21"], "decided_at": [moment]})
    with pytest.raises(PointInTimeViolation, match="decided before the eve"):
        retrieve(honest(), INPUTS, asked)


def test_a_file_without_the_key_is_refused_with_its_columns() -> None:
    with pytest.raises(ConfigInvalid, match="named by `order`, which is not among the columns `id`"):
        retrieve(honest(), INPUTS, pl.DataFrame({"id": ["order 3"]}))


def test_a_row_that_names_no_entity_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="1 of 2 rows name no entity"):
        retrieve(honest(), INPUTS, pl.DataFrame({"order": ["order 3", None]}))


def test_nothing_asked_gives_nothing_with_all_columns() -> None:
    found = retrieve(honest(), INPUTS, pl.DataFrame({"order": []}, schema={"order": pl.String}))
    assert found.height == 0
    assert {*honest().schema} <= {*found.columns}


def test_what_happens_after_the_last_day_asked_about_changes_nothing() -> None:
    asked = pl.DataFrame({"order": ["order 3"]})
    later = INPUTS["shop/parcels"].with_columns(day=pl.lit(DAY + timedelta(days=9)), weight=pl.lit(1, pl.Int32))
    more = INPUTS | {"shop/parcels": pl.concat([INPUTS["shop/parcels"], later])}
    assert retrieve(honest(), more, asked).equals(retrieve(honest(), INPUTS, asked))
    assert isinstance(DAYS[0], date)


def test_facts_of_the_entity_itself_are_found_at_every_moment_asked_about() -> None:
    """Matched by the entity's own key, asked about three times."""
    source = Source("notes", "shop/notes", "noted_at", columns=("order",))
    notes = pl.DataFrame(
        {
            "order": ["order 21"] * 3 + ["order 3"],
            "noted_at": [NOON - n * HOUR for n in (1, 3, 5, 2)],
            "day": [DAY] * 4,
        },
        schema_overrides={"noted_at": pl.Datetime("us", "UTC")},
    )
    counted = Windowed("notes", ("order",), timedelta(days=1), (Count("notes", "notes", "Noted."),))
    definition = declared(counted, sources=(source,))
    moments = [NOON, NOON - 4 * HOUR, NOON - 6 * HOUR]
    asked = pl.DataFrame({"order": ["order 21"] * 3, "decided_at": moments})
    found = retrieve(definition, {"shop/orders": DUE, "shop/notes": notes}, asked)
    assert found.get_column("notes").to_list() == [3, 1, 0]


def test_what_is_published_around_the_event_is_the_same_at_every_moment_asked_about() -> None:
    timetable = Source("due", "shop/orders", Published("due_at", timedelta(days=1)), columns=("shop",))
    near = Around("near", "due", ("shop", "day"), 3 * HOUR, 3 * HOUR, "orders", "Due around.", less=1)
    definition = declared(near, sources=(timetable,))
    [own] = definition.compute(INPUTS, DAYS).filter(pl.col("order") == "order 21").get_column("near").to_list()
    asked = pl.DataFrame({"order": ["order 21"] * 3, "decided_at": [NOON - n * HOUR for n in (9, 5, 1)]})
    assert own > 0
    assert retrieve(definition, INPUTS, asked).get_column("near").to_list() == [own] * 3
