"""Input digests: exact bytes, and nothing but the content counts."""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.agents import row_digests

_SCHEMA = {"z": pl.Float64, "n": pl.Int32, "s": pl.String, "b": pl.Boolean, "a": pl.Float64, "t": pl.String}


def _by_hand(row: dict[str, Any], kinds: dict[str, str]) -> str:
    """Digest a row as the module's description says, one value after the other."""
    names = sorted(row)
    content = json.dumps([[name, kinds[name]] for name in names], separators=(",", ":"))
    packed = hashlib.sha256(content.encode()).digest()
    bits = sum(1 << index for index, name in enumerate(names) if row[name] is None)
    packed += bits.to_bytes((len(names) + 7) // 8, "little")
    for name in names:
        value = row[name]
        if kinds[name] == "number":
            value = 0.0 if value is None or value == 0 else math.nan if math.isnan(value) else value
            packed += struct.pack("<d", value)
        elif kinds[name] != "string":
            packed += struct.pack("<q", int(value or 0))
    for name in names:
        if kinds[name] == "string":
            packed += bytes(32) if row[name] is None else hashlib.sha256(row[name].encode()).digest()
    return hashlib.sha256(packed).hexdigest()[:32]


_numbers = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, math.nan, -math.nan]))
_texts = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4), st.sampled_from(["", "JFK"])
)
_rows = st.lists(
    st.fixed_dictionaries(
        {
            "z": _numbers,
            "n": st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
            "s": _texts,
            "b": st.one_of(st.none(), st.booleans()),
            "a": _numbers,
            "t": _texts,
        }
    ),
    max_size=12,
)


@given(_rows)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_a_digest_is_the_hash_of_the_bytes_that_the_description_names(rows: list[dict[str, Any]]) -> None:
    kinds = {"z": "number", "n": "integer", "s": "string", "b": "boolean", "a": "number", "t": "string"}
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    assert row_digests(frame).to_list() == [_by_hand(row, kinds) for row in rows]


def _frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "z": [1.5, -0.0, None, math.nan],
            "n": [1, None, 3, -4],
            "s": ["a", "", None, "日本"],
            "b": [True, False, None, True],
            "a": [0.1, 0.2, 0.3, 0.4],
            "t": [None, None, None, None],
        },
        schema=_SCHEMA,
    )


def test_neither_chunks_nor_row_order_nor_column_order_change_a_digest() -> None:
    frame, digests = _frame(), row_digests(_frame()).to_list()
    assert row_digests(pl.concat([frame[:1], frame[1:]], rechunk=False)).to_list() == digests
    assert row_digests(frame.reverse()).to_list() == digests[::-1]
    assert row_digests(frame.select("t", "a", "b", "s", "n", "z")).to_list() == digests


def test_a_parquet_round_trip_and_a_wider_integer_change_no_digest() -> None:
    frame, file = _frame(), io.BytesIO()
    frame.write_parquet(file)
    file.seek(0)
    assert row_digests(pl.read_parquet(file)).to_list() == row_digests(frame).to_list()
    assert row_digests(frame.with_columns(pl.col("n").cast(pl.Int64))).to_list() == row_digests(frame).to_list()


def test_a_chunk_boundary_changes_no_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = row_digests(_frame()).to_list()
    monkeypatch.setattr("agentic_assets.agents.vector._CHUNK", 3)
    assert row_digests(_frame()).to_list() == digests


def test_null_nan_zero_and_the_empty_text_are_four_things() -> None:
    numbers = pl.DataFrame({"z": [None, math.nan, 0.0, -0.0]}, schema={"z": pl.Float64})
    assert len(set(row_digests(numbers).to_list())) == 3  # 0.0 and -0.0 are one
    texts = pl.DataFrame({"s": [None, "", "0"]}, schema={"s": pl.String})
    assert len(set(row_digests(texts).to_list())) == 3


def test_another_name_or_type_of_a_column_gives_another_digest() -> None:
    frame = pl.DataFrame({"a": [1]})
    others = [frame.rename({"a": "b"}), frame.cast(pl.Float64), frame.cast(pl.String), frame]
    assert len({row_digests(other).item() for other in others}) == 4


def test_a_column_without_canonical_bytes_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="feature 'a' has type List"):
        row_digests(pl.DataFrame({"a": [[1]]}))


def test_the_digest_of_a_known_row_is_fixed_for_all_time() -> None:
    assert row_digests(_frame()).to_list()[0] == "7a2eb37366779a2a16b1b0a95b487c47"
