from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import LakeBroken
from agentic_assets.lake import Lake, Table
from agentic_assets.lake.staging import parquet_bytes
from agentic_assets_tests.unit.lake.frames import SCHEMA, flights

_DIGEST_OF_A_FRAME = """
import hashlib
import polars as pl
from agentic_assets.lake.staging import parquet_bytes
n = 300_000
frame = pl.select(a=pl.int_range(n), s=(pl.int_range(n) % 977).cast(pl.String), f=pl.int_range(n) / 7)
frame = frame.with_columns(gap=pl.when(pl.col("a") % 3 == 0).then(pl.col("f")))
print(pl.thread_pool_size(), hashlib.sha256(parquet_bytes(frame)).hexdigest())
"""


def test_a_staged_file_says_what_it_holds_and_no_reader_sees_it(table: Table) -> None:
    staged = table.stage("2013-01-01", flights(1, 2))
    content = staged.path.read_bytes()
    assert (staged.partition, staged.rows, staged.bytes) == ("2013-01-01", 2, len(content))
    assert staged.sha256 == hashlib.sha256(content).hexdigest()
    assert table.files() == {}
    assert table.scan().collect().height == 0
    assert pl.scan_delta(str(table.path)).collect().height == 0


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (flights(1).with_columns(pl.col("flight").cast(pl.Float64)), "`flight` is Float64, not Int32"),
        (flights(1).drop("origin"), "`origin` String is missing"),
        (flights(1).with_columns(gate=pl.lit("A1")), "`gate` String is unknown"),
        (flights(1).select("origin", "flight"), "order"),
    ],
)
def test_a_frame_with_other_columns_is_refused_and_nothing_is_written(
    table: Table, frame: pl.DataFrame, says: str
) -> None:
    with pytest.raises(LakeBroken) as refused:
        table.stage("2013-01-01", frame)
    assert says in str(refused.value)
    assert "sources/schedule 2013-01-01" in str(refused.value)
    assert not list(table.path.glob("_staging/*"))


def test_one_bad_frame_among_many_stages_none(table: Table) -> None:
    frames = {f"d{number}": flights(number) for number in range(20)}
    frames["d13"] = frames["d13"].drop("origin")
    with pytest.raises(LakeBroken, match="schedule d13 "):
        table.stage_all(frames)
    assert not list(table.path.glob("_staging/*"))


def test_many_are_staged_in_the_order_given(table: Table) -> None:
    frames = {f"d{number}": flights(number) for number in reversed(range(30))}
    staged = table.stage_all(frames)
    assert [one.partition for one in staged] == list(frames)
    assert [pl.read_parquet(one.path)["flight"][0] for one in staged] == list(reversed(range(30)))


@pytest.mark.parametrize("name", ["", "a/b", "..", "_x", "a b", "é", "x" * 101])
def test_a_partition_with_an_unsafe_name_is_refused(table: Table, name: str) -> None:
    with pytest.raises(LakeBroken, match="cannot be the name of a partition"):
        table.stage(name, flights(1))


def test_a_table_without_partitions_takes_only_the_empty_name(lake: Lake) -> None:
    table = lake.table("sources/planes", SCHEMA, partitioned=False)
    with pytest.raises(LakeBroken, match="no partitions"):
        table.stage("2013", flights(1))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9999), st.one_of(st.none(), st.text(max_size=4))), max_size=40),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_equal_rows_give_equal_bytes_however_they_are_chunked(
    rows: list[tuple[int, str | None]], cuts: list[int]
) -> None:
    whole = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pieces = [whole[low:high] for low, high in itertools.pairwise(edges)]
    assert bytes(parquet_bytes(pl.concat(pieces, rechunk=False))) == bytes(parquet_bytes(whole))


def test_the_bytes_do_not_depend_on_the_process_or_on_its_threads() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST_OF_A_FRAME],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for threads in ("1", "5")
    }
    assert {line.split()[0] for line in seen} == {"1", "5"}
    assert len({line.split()[1] for line in seen}) == 1
