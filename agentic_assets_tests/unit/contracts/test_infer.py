"""Proposed contracts: the data keeps them, they lint, and they say what a person would see in the data."""

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, GateResult, gate, lint, load
from agentic_assets.contracts.files import Dialect, read_file
from agentic_assets.contracts.infer import Proposal, as_yaml, null_texts, propose
from agentic_assets.contracts.infer.keys import composite_keys
from agentic_assets.contracts.infer.ranges import bounds
from agentic_assets.domains.departures.landing import delivered_folder
from agentic_assets_tests.unit.contracts.test_laws import LAWFUL

Texts = Literal["anything", "temporal", "nothing"]


def proposed(frame: pl.DataFrame, texts: Texts = "anything", **more: Any) -> Proposal:
    return propose(frame, dataset="things", domain="tests", source="things.csv", texts=texts, **more)


def loaded(proposal: Proposal) -> Contract:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "things.odcs.yaml"
        path.write_text(as_yaml(proposal), encoding="utf-8")
        # Who answers for the data is the one thing that no data can say.
        notes = [note.message for note in lint(path).notes if note.severity != "info"]
        assert notes == ["no team or owner answers for the data"], notes
        return load(path)


def column(values: list[Any], texts: Texts = "anything", dtype: Any = None) -> dict[str, Any]:
    """Propose for one column; give what the contract says of it."""
    table = proposed(pl.DataFrame({"c": pl.Series(values, dtype=dtype)}), texts).document["schema"][0]
    item: dict[str, Any] = table["properties"][0]
    return item


def passes(frame: pl.DataFrame, texts: Texts) -> GateResult:
    result = gate(frame, loaded(proposed(frame, texts)), partition="", texts=texts)
    assert [finding.message for finding in result.findings if finding.rule != "unexpectedColumns"] == []
    assert result.valid.height == frame.height
    return result


WORDS = st.sampled_from(
    [
        *(
            "",
            "a",
            "A1",
            "0",
            "7",
            "007",
            "-1",
            "+5",
            "1.5",
            "1e3",
            "1e400",
            "NaN",
            "inf",
            "true",
            "FALSE",
            "no",
            "null",
        ),
        *("~", "2013-07-01", "2013-7-1", "2013-02-30", "2013-07-01T12:00:00Z", "2013-07-01 12:00:00", "12:30:00"),
        *("25:00:00", "9223372036854775807", "9223372036854775808", "0.1", "-0", "1,5", "a@b.de", "10.0.0.1", " x "),
        *("x\ny", "é", "\t", "AB-12", "CD-345", "#", "'", '"', "- a", "a: b", "{x}", "0x1F", "1_000", "0o7", ".5"),
        *("5.", "=", "<<", "\x85"),
    ]
)
COLUMNS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (pl.String, WORDS),
    (pl.String, st.text(max_size=6)),
    (pl.String, st.integers(-5, 5).map(str)),
    (pl.String, st.floats(allow_nan=False, allow_infinity=False).map(repr)),
    (pl.String, st.dates().map(str)),
    (pl.String, st.datetimes(timezones=st.just(dt.UTC)).map(lambda moment: moment.isoformat())),
    (pl.String, st.from_regex(r"\A[A-Z]{2}-[0-9]{1,3}\Z")),
    (pl.Categorical, st.sampled_from(["a", "b"])),
    (pl.Int8, st.integers(-128, 127)),
    (pl.Int64, st.integers(-(2**63), 2**63 - 1)),
    (pl.Int64, st.integers(0, 10**5)),
    (pl.UInt64, st.integers(0, 2**64 - 1)),
    (pl.Float32, st.floats(width=32)),
    (pl.Float64, st.floats()),
    (pl.Float64, st.floats(-10, 10)),
    (pl.Boolean, st.booleans()),
    (pl.Date, st.dates()),
    (pl.Datetime("us", "UTC"), st.datetimes(timezones=st.just(dt.UTC))),
    (
        pl.Datetime("ns", "Europe/Berlin"),
        st.datetimes(timezones=st.just(dt.UTC)).filter(lambda moment: 1980 < moment.year < 2100),
    ),
    (pl.Datetime("us"), st.datetimes()),
    (pl.Time, st.times()),
    (pl.Duration("us"), st.timedeltas(dt.timedelta(0), dt.timedelta(9))),
    (pl.Decimal(10, 2), st.decimals(-1000, 1000, places=2)),
    (pl.Binary, st.binary(max_size=3)),
    (pl.List(pl.Int64), st.lists(st.integers(0, 3), max_size=3)),
    (pl.Struct({"a": pl.Int64, "b": pl.String}), st.fixed_dictionaries({"a": st.integers(0, 3), "b": WORDS})),
    (pl.Null, st.none()),
]
NAMES = st.one_of(
    st.sampled_from(
        ["id", "source_row", "Order ID", "größe", " x", "a.b", "*", "^x$", "0", "yes", "#", "日本", "\x00"]
    ),
    st.text(min_size=1, max_size=4),
)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    height = draw(st.sampled_from([1, 2, 7, 25, 40]))
    columns: dict[str, pl.Series] = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        dtype, values = draw(st.sampled_from(COLUMNS))
        few = draw(st.lists(st.one_of(values, values, values, st.none()), min_size=1, max_size=height))
        columns[name] = pl.Series((few * height)[:height], dtype=dtype)
    return pl.DataFrame(columns)


@LAWFUL
@given(frames(), st.sampled_from(["anything", "temporal", "nothing"]))
def test_any_frame_keeps_the_contract_proposed_from_it(frame: pl.DataFrame, texts: Texts) -> None:
    passes(frame, texts)


@LAWFUL
@given(frames())
def test_the_same_frame_gives_the_same_bytes_and_they_mean_the_document(frame: pl.DataFrame) -> None:
    first, second = proposed(frame), proposed(frame.clone())
    assert as_yaml(first) == as_yaml(second)
    assert yaml.safe_load(as_yaml(first))["schema"][0]["name"] == "things"


@pytest.mark.parametrize("name", ["flights.csv.zip", "weather.csv", "planes.csv", "airports.csv", "airlines.csv"])
def test_the_real_files_keep_what_is_proposed_from_them(name: str) -> None:
    rows = read_file(delivered_folder() / name)
    nulls = null_texts(rows.frame)
    frame = read_file(delivered_folder() / name, Dialect(nulls=("", *nulls))).frame
    result = passes(frame, "anything")
    assert result.read > 10
    assert nulls == (() if name in ("airlines.csv", "airports.csv") else ("NA",))


def test_the_contract_of_the_real_flights_says_what_one_would_expect() -> None:
    frame = read_file(delivered_folder() / "flights.csv.zip", Dialect(nulls=("", "NA"))).frame
    made = loaded(proposed(frame))
    assert made.primary_key == ("carrier", "flight", "time_hour")
    said = {one.name: (one.logical_type, one.required, one.constraints[-1:]) for one in made.columns}
    assert said["dest"] == ("string", True, ("pattern ^[A-Z]{3}$",))
    assert said["origin"] == ("string", True, ("in_set(EWR, JFK, LGA)",))
    assert said["tailnum"] == ("string", False, ("pattern ^[0-9A-Z]{5,6}$",))
    assert said["dep_delay"] == ("integer", False, ("in_range(-100, 1400)",))
    assert "8,255 of 336,776 rows are null (2.45 %)" in made.column("dep_delay").description
    assert said["time_hour"][:2] == ("timestamp", True)


@pytest.mark.parametrize(
    ("values", "logical", "physical"),
    [
        (["1", "2", None], "integer", "int32"),
        (["1", "3000000000"], "integer", "int64"),
        (["007", "1"], "string", "string"),
        (["+1", "2"], "string", "string"),
        (["1", "2.5"], "number", "double"),
        (["1.0e3", "-2"], "number", "double"),
        (["1", "NaN"], "string", "string"),
        (["true", "False"], "boolean", "boolean"),
        (["yes", "no"], "string", "string"),
        (["2013-01-01", "2013-12-31"], "date", "date"),
        (["2013-01-01", "2013-02-30"], "string", "string"),
        (["2013-01-01T00:00:00Z", "2013-01-01 00:00:00+01:00"], "timestamp", "timestamp"),
        (["2013-01-01T00:00:00", "2013-01-01 00:00:00"], "timestamp", "timestamp_ntz"),
        (["12:30:00", "23:59:59.5"], "time", "time"),
        ([None, None], "string", "string"),
    ],
)
def test_text_becomes_the_narrowest_type_that_all_of_it_is(values: list[Any], logical: str, physical: str) -> None:
    found = column(values, dtype=pl.String)
    assert (found["logicalType"], found["physicalType"]) == (logical, physical)
    assert found["required"] == (None not in values)


def test_text_in_a_file_with_types_stays_text() -> None:
    assert column(["1", "2"], "nothing")["logicalType"] == "string"
    assert column(["2013-01-01", "2013-01-02"], "temporal")["logicalType"] == "date"


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (["ABC", "DEF", "GHI"] * 10 + ["XYZ"] * 0, {"pattern": "^[A-Z]{3}$"}),
        ([f"AB-{n}" for n in range(8, 40)], {"pattern": "^[A-Z]{2}-[0-9]{1,2}$"}),
        ([f"{n:05}" for n in range(30)], {"pattern": "^[0-9]{5}$"}),
        ([f"a{n % 10}-x" for n in range(30)], {"pattern": "^[a-z][0-9]-[a-z]$"}),
        ([f"N{n}X" if n % 2 else f"{n}N" for n in range(30)], {"pattern": "^[0-9A-Z]{2,4}$"}),
        ([f"{n:08x}-0000-4000-8000-000000000000" for n in range(3)], {"format": "uuid"}),
        (["a@b.de", "c@d.org"], {"format": "email"}),
        (["10.0.0.1", "192.168.0.1"], {"format": "ipv4"}),
        (["Ann", "Bert", ""], {"maxLength": 5}),
        (["Ann Lee", "Bert"], {"minLength": 1, "maxLength": 10}),
    ],
)
def test_texts_get_a_format_a_pattern_or_a_length(values: list[str], options: dict[str, Any]) -> None:
    # One odd value more than twenty kinds, so that no list of values is proposed.
    assert column(values).get("logicalTypeOptions") == options or column(values).get("quality")


def test_few_values_become_a_list_and_personal_data_no_examples() -> None:
    kinds = column(["b", "a"] * 20)
    assert kinds["quality"] == [{"metric": "invalidValues", "arguments": {"validValues": ["a", "b"]}, "mustBe": 0}]
    mails = column(["a@b.de", "c@d.org"])
    assert "examples" not in mails
    assert "personal data" in mails["description"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 12], {"minimum": 1, "maximum": 12}),
        ([17, 4983], {"minimum": 0, "maximum": 5000}),
        ([-43, 1301], {"minimum": -100, "maximum": 1400}),
        ([0.04, 0.97], {"minimum": 0.04, "maximum": 0.97}),
        ([10.94, 100.04], {"minimum": 10.0, "maximum": 101.0}),
        ([5, 5], {}),
        ([dt.date(2013, 5, 1), dt.date(2014, 1, 1)], {"minimum": "2013-01-01"}),
        ([-1e308, 1e308], {}),
    ],
)
def test_bounds_are_rounded_outward_and_time_has_no_end(values: list[Any], expected: dict[str, Any]) -> None:
    found = bounds(pl.Series(values), grows=False)
    assert found == expected or values[0] == -1e308
    low, high = found.get("minimum"), found.get("maximum")
    assert low is None or isinstance(low, str) or low <= min(values)
    assert high is None or high >= max(values)


def test_the_first_column_in_which_all_differs_is_the_key_and_the_others_are_named() -> None:
    frame = pl.DataFrame({"x": [0.5, 1.5] * 20, "id": range(40), "code": [f"C{n:02}" for n in range(40)]})
    made = proposed(frame, "nothing")
    contract = loaded(made)
    assert contract.primary_key == ("id",)
    assert {rule.key for rule in contract.rules if rule.key} == {("id",), ("code",)}
    assert any("`code`" in line and "primary key" in line for line in made.undecided)


def test_composite_keys_are_minimal_and_of_early_columns() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2], "c": [1, 2, 2, 1], "d": [1, 1, 1, 1]})
    assert composite_keys(dict(frame.to_dict())) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert composite_keys({"a": frame["a"], "d": frame["d"]}) == []
    with_null = frame.with_columns(pl.when(pl.col("b") == 1).then("b").alias("b"))
    assert composite_keys(dict(with_null.to_dict())) == [("a", "c")]


def test_a_word_for_null_is_seen_only_where_it_is_in_the_way() -> None:
    assert null_texts(pl.DataFrame({"n": ["1", "NA"], "country": ["NA", "DE"]})) == ("NA",)
    assert null_texts(pl.DataFrame({"country": ["NA", "DE"]})) == ()
    assert null_texts(pl.DataFrame({"n": ["-", "-"]})) == ()


def test_what_cannot_be_promised_is_left_out_and_said() -> None:
    frame = pl.DataFrame({"n": [1.0, float("nan")], "d": [dt.timedelta(1)] * 2, "k": [1, 2]})
    made = proposed(frame, "nothing")
    assert [item["name"] for item in made.document["schema"][0]["properties"]] == ["k"]
    assert "NaN" in made.undecided[0]
    assert "`d` is left out" in made.undecided[1]
    assert "#   - `n` is left out" in as_yaml(made)


def test_decimals_and_bytes_and_nested_values_are_typed() -> None:
    frame = pl.DataFrame(
        {"d": [Decimal("1.50")], "b": [b"x"], "l": [[1, 2]], "s": [{"a": 1, "b": "x"}]},
        schema_overrides={"d": pl.Decimal(10, 2)},
    )
    made = loaded(proposed(frame, "nothing"))
    assert made.schema == dict(frame.schema)
