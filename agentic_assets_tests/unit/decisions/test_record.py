"""Records: one text for one decision, agreed with by every column."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.decisions import FIELDS, encode, encode_one, mismatches, parse
from agentic_assets.errors import LedgerBroken
from agentic_assets_tests.unit.decisions.cases import decisions

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(
        st.one_of(_text, st.sampled_from(['"', "\\", "\n\t\r\b\f", "\x00\x1f\x7f", "\u2028", "\\u0041", "é日"])),
        max_size=6,
    )
)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_a_record_is_the_json_that_python_writes_whatever_the_text(reasons: list[str]) -> None:
    frame = decisions(len(reasons)).drop("record").with_columns(pl.Series("reason", reasons, dtype=pl.String))
    written = encode(frame).to_list()
    assert written == [encode_one(row) for row in frame.iter_rows(named=True)]
    assert [json.loads(record)["reason"] for record in written] == reasons


def test_parsing_a_record_gives_the_columns_back() -> None:
    frame = decisions()
    parsed = [parse(record) for record in frame.get_column("record")]
    assert parsed == frame.select(FIELDS.names()).to_dicts()
    assert pl.DataFrame(parsed, schema=FIELDS).equals(frame.drop("record"))


def test_a_record_opens_with_its_form_and_keeps_the_order_of_the_columns() -> None:
    record = decisions(1).get_column("record").item()
    assert list(json.loads(record)) == ["form", *FIELDS]
    assert record.startswith('{"form":"decision/2","decision_id":"')
    assert '"day":"2013-02-08","decided_at":"2013-02-08T06:00:00.000000Z"' in record
    assert (
        '"rule":"unsure","fired":1,"authorized_by":null,"override":null,"supersedes":null,"escalation_role":"foreman"'
        in record
    )


def test_a_record_holds_integers_and_texts_only() -> None:
    def no_float(text: str) -> float:
        raise AssertionError(text)

    for record in decisions().get_column("record"):
        values = json.loads(record, parse_float=no_float, parse_constant=no_float)
        assert {type(value) for value in values.values()} <= {int, str, type(None)}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + " ",
        lambda text: text.replace(":", ": ", 1),
        lambda text: text.replace("decision/2", "decision/1"),
        lambda text: text.replace('"fired":1', '"fired":1.0'),
        lambda text: text.replace('"fired":1', '"fired":true'),
        lambda text: text.replace('"fired":1,', ""),
        lambda text: text.replace('"fired":1', '"fired":1,"fired":1'),
        lambda text: text.replace("2013-02-08T06:00:00.000000Z", "2013-02-08T06:00:00Z"),
        lambda text: text[:-1],
        lambda text: "[]",
        lambda text: "",
    ],
)
def test_a_text_in_any_other_form_is_no_record(spoil: Any) -> None:
    with pytest.raises(LedgerBroken, match="no record of a decision"):
        parse(spoil(decisions(1).get_column("record").item()))


def test_columns_that_agree_with_their_records_have_no_mismatch() -> None:
    assert mismatches(decisions(200)).height == 0
    assert mismatches(decisions(0)).height == 0


@pytest.mark.parametrize("field", list(FIELDS))
def test_a_change_in_any_column_is_found_and_named(field: str) -> None:
    frame, dtype = decisions(), FIELDS[field]
    other = (
        pl.lit("x" * 32)
        if dtype == pl.String
        else (pl.col(field).dt.offset_by("1d") if dtype.is_temporal() else pl.col(field) + 1)
    )
    changed = frame.with_columns(pl.when(pl.int_range(pl.len()) == 5).then(other).otherwise(field).alias(field))
    found = mismatches(changed)
    assert field in found.get_column("field").to_list()
    assert set(found.get_column("decision_id")) == {changed.get_column("decision_id")[5]}


def test_a_null_put_into_any_column_is_found() -> None:
    frame = decisions()
    for field in FIELDS:
        changed = frame.with_columns(pl.when(pl.int_range(pl.len()) != 0).then(field).alias(field))
        if not changed.equals(frame):
            assert field in mismatches(changed).get_column("field").to_list()


def test_a_changed_record_is_found_by_field_and_a_broken_one_by_itself() -> None:
    frame = decisions()
    record = pl.col("record")
    flipped = frame.with_columns(record.str.replace('"score_bp":500,', '"score_bp":501,', literal=True))
    assert mismatches(flipped).select("field", "column", "record").rows() == [("score_bp", "500", "501")]
    broken = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 2).then(pl.lit("{}")).otherwise(record).alias("record")
    )
    assert mismatches(broken).get_column("field").to_list() == ["record"]


def test_an_id_that_the_content_does_not_give_is_found_even_if_the_record_says_the_same() -> None:
    frame = decisions(1).with_columns(pl.lit("0" * 32).alias("decision_id"))
    frame = frame.with_columns(encode(frame))
    assert mismatches(frame).get_column("field").to_list() == ["decision_id"]
