"""`agentic features` on a home with three published days."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.errors import AgenticError
from agentic_assets.store import Store
from agentic_assets.store.schema import definitions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("AGENTIC_HOME", str(home))
        result = CliRunner().invoke(cli, ["run", "--from", "2013-03-08", "--to", "2013-03-10", "--json"])
        assert result.exit_code == 0, result.output
        yield home


def features(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["features", *arguments])


def told(*arguments: str) -> Any:
    result = features(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def published(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "lake/features/departure_delay/**/*.parquet", hive_partitioning=False)


def test_the_sets_are_listed_with_what_is_published_and_who_uses_them(home: Path) -> None:
    row, mornings = told("list")["feature_sets"]
    assert (row["name"], mornings["name"]) == ("departure_delay@1.0.0", "station_morning@1.0.0")
    assert row["published"] == {"1.0.0": 3}
    assert [user.partition("@")[0] for user in row["used_by"]] == ["delay_risk", "turnaround"]
    assert "departure_delay@1.0.0" in features("list").output


def test_a_set_is_shown_with_sources_and_meaning(home: Path) -> None:
    shown = told("show", "departure_delay")
    assert {source["known_at"] for source in shown["sources"]} >= {"outcome_known_at", "known_at"}
    assert all(feature["unit"] and feature["description"] for feature in shown["features"])
    assert "Operating carrier" in features("show", "departure_delay").output


def test_a_vector_is_shown_as_it_was_published_with_its_ages(home: Path) -> None:
    row = published(home).sort("flight_id").row(100, named=True)
    shown = told("show", "departure_delay", row["flight_id"])
    assert shown["values"] == {name: row[name] for name in shown["values"]}
    assert shown["decided_at"] == row["decided_at"].isoformat()
    assert shown["ages_minutes"]["weather"] >= 0
    later = told("show", "departure_delay", row["flight_id"], "--now", "2013-03-11T12:00:00Z")
    assert later["ages_minutes"]["weather"] > shown["ages_minutes"]["weather"]
    assert "min old" in features("show", "departure_delay", row["flight_id"]).output


@pytest.mark.parametrize("now", ["yesterday", "2013-03-11T12:00:00"])
def test_a_moment_that_is_none_is_refused(home: Path, now: str) -> None:
    result = features("show", "departure_delay", "x", "--now", now)
    assert result.exit_code == 2
    assert "write 2013-07-10T12:00:00Z" in result.output


def test_retrieval_at_their_own_moments_gives_what_was_published(home: Path, tmp_path: Path) -> None:
    rows = published(home).filter(pl.col("day") == pl.date(2013, 3, 10)).sort("flight_id", descending=True)
    rows.select("flight_id").write_csv(tmp_path / "asked.csv")
    out = tmp_path / "features.parquet"
    result = features("get", "departure_delay", "--entities", str(tmp_path / "asked.csv"), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert pl.read_parquet(out).select(rows.columns).equals(rows)


def test_moments_of_a_text_file_are_read_with_their_offset(home: Path, tmp_path: Path) -> None:
    row = published(home).filter(pl.col("day") == pl.date(2013, 3, 10)).sort("flight_id").row(50, named=True)
    (tmp_path / "asked.csv").write_text(
        f"flight_id,decided_at\n{row['flight_id']},2013-03-10T06:00:00-04:00\n{row['flight_id']},2013-03-10T09:30:00Z\n"
    )
    out = tmp_path / "features.csv"
    result = features("get", "departure_delay@1.0.0", "--entities", str(tmp_path / "asked.csv"), "--out", str(out))
    assert result.exit_code == 0, result.output
    found = pl.read_csv(out, try_parse_dates=True)
    assert found.height == 2
    assert (found.get_column("weather_known_at") <= found.get_column("decided_at")).all()


FLIGHT = "2013-03-10/EWR/UA/1221"

# What the file of entities is: (its name, its content, the words of the error)
ASKED: dict[str, tuple[str, bytes | str, str]] = {
    "empty": ("asked.csv", "", "asked.csv: the file is empty"),
    "only a header of another table": (
        "asked.csv",
        "id\n1\n",
        "named by `flight_id`, which is not among the columns `id`",
    ),
    "cut off": (
        "asked.csv",
        f"flight_id,label\n{FLIGHT},1\n{FLIGHT}\n",
        "asked.csv, line 3: 1 field where the",
    ),
    "binary": ("asked.csv", b"flight_id\n\0\0\n", "asked.csv, line 2: byte 11 is NUL"),
    "truncated Parquet": ("asked.parquet", b"PAR1 and no more", "asked.parquet: is truncated or damaged Parquet"),
    "no Parquet": ("asked.parquet", "flight_id\n", "asked.parquet: is no Parquet file"),
    "an Excel workbook": ("asked.xlsx", b"PK\x03\x04...", "(or an Excel workbook), which is not read here"),
    "one JSON array": ("asked.json", f'[{{"flight_id": "{FLIGHT}"}}]', "asked.json: is one JSON array"),
    "a flight without name": (
        "asked.csv",
        f"flight_id,label\n{FLIGHT},1\n,2\n",
        "1 of 2 rows name no entity, e.g. row",
    ),
    "an unknown flight": (
        "asked.csv",
        f"flight_id\n{FLIGHT}\n2013-03-10/XXX/UA/1\n",
        "1 of 2 entities are not in",
    ),
    "a local moment of 3 November": (
        "asked.csv",
        f"flight_id,decided_at\n{FLIGHT},2013-11-03T01:30:00\n",
        "1 of 1 values of `decided_at` are no instants, e.g. '2013-11-03T01:30:00'",
    ),
    "a local moment that 10 March lacks": (
        "asked.csv",
        f"flight_id,decided_at\n{FLIGHT},2013-03-10T02:30:00\n{FLIGHT},2013-03-10T02:30:00-05:00\n",
        "1 of 2 values of `decided_at` are no instants, e.g. '2013-03-10T02:30:00'",
    ),
    "a moment of another day": (
        "asked.csv",
        f"flight_id,decided_at\n{FLIGHT},2013-03-01T12:00:00Z\n",
        "1 of 1 rows ask as of a moment decided before the eve of their entity's day",
    ),
    "features of its own": ("asked.csv", f"flight_id,carrier\n{FLIGHT},UA\n", "what is to be retrieved: `carrier`"),
    "a list as key": (
        "asked.jsonl",
        f'{{"flight_id": ["{FLIGHT}"]}}\n',
        "`flight_id` is List(String), which",
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_entities_that_cannot_be_meant_are_refused_with_the_reason_and_nothing_is_written(
    home: Path, tmp_path: Path, what: str
) -> None:
    name, content, said = ASKED[what]
    asked, out = tmp_path / name, tmp_path / "features.parquet"
    asked.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = features("get", "departure_delay", "--entities", str(asked), "--out", str(out))
    assert result.exit_code == 1
    assert isinstance(result.exception, AgenticError)
    assert said in result.exception.what
    assert result.exception.hint
    assert [*tmp_path.iterdir()] == [asked]


# What the file of entities is, and what comes out: (content, decided_at of the rows)
ANSWERED = {
    "a header and no row": ("flight_id\n", []),
    "a flight twice": (f"flight_id\n{FLIGHT}\n{FLIGHT}\n", ["own", "own"]),
    "moments left empty": (
        f"flight_id,decided_at\n{FLIGHT},\n{FLIGHT},2013-03-10T10:00:00Z\n",
        ["own", "2013-03-10T10:00"],
    ),
    "the hour that 10 March lacks, with its offset": (
        f"flight_id,decided_at\n{FLIGHT},2013-03-10T02:30:00-05:00\n",
        ["2013-03-10T07:30"],
    ),
}


@pytest.mark.parametrize("what", ANSWERED)
def test_a_file_that_only_looks_bad_is_answered_row_for_row(home: Path, tmp_path: Path, what: str) -> None:
    content, moments = ANSWERED[what]
    (tmp_path / "asked.csv").write_text(content)
    out = tmp_path / "features.parquet"
    out.write_text("what stood there before is replaced")
    result = features("get", "departure_delay", "--entities", str(tmp_path / "asked.csv"), "--out", str(out))
    assert result.exit_code == 0, result.output
    own = published(home).filter(pl.col("flight_id") == FLIGHT).item(0, "decided_at").strftime("%Y-%m-%dT%H:%M")
    told = pl.read_parquet(out).get_column("decided_at").dt.strftime("%Y-%m-%dT%H:%M").to_list()
    assert told == [own if moment == "own" else moment for moment in moments]


# Where the features shall be written: (its name, the words of the error)
PLACES = {
    "a folder": ("folder.parquet", "is a folder; name a file"),
    "in no folder": ("nowhere/features.parquet", "there is no folder"),
    "in a file": ("asked.jsonl/features.parquet", "there is no folder"),
    "over the entities": ("asked.csv", "holds the entities, which would be lost; name another"),
    "of another kind": ("features.xlsx", "features.xlsx ends in neither .parquet nor .csv"),
    "of too long a name": (f"{'x' * 300}.csv", "cannot be written: File name too long"),
    "of a name too long to be staged": (f"{'x' * 245}.parquet", "cannot be written: File name too long"),
    "lists into CSV": ("features.csv", "`tags` is List(Int64), which no cell of a CSV file holds"),
}


@pytest.mark.parametrize("what", PLACES)
def test_features_that_cannot_be_written_leave_nothing_half_written(home: Path, tmp_path: Path, what: str) -> None:
    name, said = PLACES[what]
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "asked.csv").write_text(f"flight_id\n{FLIGHT}\n")
    (tmp_path / "asked.jsonl").write_text(f'{{"flight_id": "{FLIGHT}", "tags": [1, 2]}}\n')
    (tmp_path / "features.csv").write_text("as it was")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    asked = tmp_path / ("asked.csv" if "entities" in what else "asked.jsonl")
    result = features("get", "departure_delay", "--entities", str(asked), "--out", str(tmp_path / name))
    assert result.exit_code in (1, 2)
    assert said in " ".join(f"{result.output} {result.exception}".split())
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_before_anything_is_published_retrieval_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "new"))
    (tmp_path / "asked.csv").write_text(f"flight_id\n{FLIGHT}\n")
    result = features("get", "departure_delay", "--entities", str(tmp_path / "asked.csv"))
    assert "nothing of sources/schedule is published\nhint: run `agentic run` first" in str(result.exception)


def test_an_unknown_set_or_version_names_what_there_is(home: Path) -> None:
    assert "there are departure_delay@1.0.0" in str(features("show", "arrival_delay").exception)
    assert "there are 1.0.0" in str(features("show", "departure_delay@3.0.0").exception)


def test_definitions_are_what_their_version_says(home: Path) -> None:
    assert features("lint").exit_code == 0


def test_content_that_changed_without_a_version_is_named(home: Path) -> None:
    store = Store(f"sqlite:///{home / 'store.sqlite'}")
    with store.transaction() as connection:
        wanted = definitions.select().where(definitions.c.name == "departure_delay")
        before = connection.execute(wanted).mappings().one()
        other = {**json.loads(before["content"]), "digest": "f" * 64, "lookback_days": 32}
        later = {**before, "digest": "f" * 64, "content": json.dumps(other), "recorded_at": "9999"}
        connection.execute(definitions.insert(), later)
    try:
        result = features("lint")
        assert result.exit_code == 1
        assert "its content changed since departure_delay@1.0.0 was published" in result.output
    finally:
        with store.transaction() as connection:
            connection.execute(definitions.delete().where(definitions.c.digest == "f" * 64))
        store.close()


def test_a_difference_between_versions_demands_a_number(home: Path, tmp_path: Path) -> None:
    card = told("show", "departure_delay")
    card["features"] = card["features"][1:]
    (tmp_path / "next.json").write_text(json.dumps({**card, "version": "1.1.0", "digest": "other"}))
    result = features("diff", "departure_delay", str(tmp_path / "next.json"))
    assert result.exit_code == 1
    assert "breaking   `carrier` was removed" in result.output
    assert "demand version 2.0.0" in result.output
    (tmp_path / "next.json").write_text(json.dumps({**card, "version": "2.0.0", "digest": "other"}))
    assert features("diff", "departure_delay", str(tmp_path / "next.json")).exit_code == 0


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"features": 1, "sources": 1, "views": 1, "digest": 1}', "no version"]
)
def test_a_file_that_describes_no_feature_set_is_refused(home: Path, tmp_path: Path, content: str) -> None:
    if content == "no version":
        content = json.dumps({**told("show", "departure_delay"), "version": "next"})
    (tmp_path / "next.json").write_text(content)
    result = features("diff", "departure_delay", str(tmp_path / "next.json"))
    assert isinstance(result.exception, AgenticError)
    assert "next.json does not describe a feature set" in result.exception.what


def shown_of(page: Path, feature: str) -> str:
    """The text of a feature's entry in its page."""
    entry = page.read_text().partition(f'id="feature-{feature}"')[2].partition("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", entry.replace("<wbr>", "")).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_the_catalogue_shows_what_the_published_features_hold(home: Path, tmp_path: Path) -> None:
    written = told("catalog", "--out", str(tmp_path / "site"))
    one = written["feature_sets"][0]
    assert (one["name"], one["features"], one["problem"]) == ("departure_delay@1.0.0", 60, None)
    rows = published(home)
    gusts, carriers = rows.get_column("wx_wind_gust"), rows.get_column("carrier")
    said = shown_of(Path(one["page"]), "wx_wind_gust")
    assert f"{100 * gusts.null_count() / len(gusts):.2f} % null" in said
    known = gusts.drop_nulls().sort().to_list()
    assert f"{known[0]:.4g} to {known[-1]:.4g}" in said
    [(most, times)] = carriers.value_counts(sort=True).head(1).iter_rows()
    assert f"{most} {100 * times / len(carriers):.1f} %" in shown_of(Path(one["page"]), "carrier")
    page = Path(one["page"]).read_text()
    assert "All 6 laws held in 2013-03" in page
    assert "3 days, 2013-03-08 to 2013-03-10" in page


def test_the_same_home_gives_the_same_catalogue_by_either_command(home: Path, tmp_path: Path) -> None:
    told("catalog", "--out", str(tmp_path / "one"))
    assert CliRunner().invoke(cli, ["contract", "catalog", "--out", str(tmp_path / "two")]).exit_code == 0
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_the_catalogue_of_a_run_leads_to_the_feature_set(home: Path) -> None:
    index = (home / "catalog" / "index.html").read_text()
    assert 'href="departures-features-departure_delay.html"' in index
    assert (home / "catalog" / "departures-features-departure_delay.html").is_file()


def test_an_older_version_is_listed_with_what_changed_since(home: Path, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{home / 'store.sqlite'}")
    with store.transaction() as connection:
        wanted = definitions.select().where(definitions.c.name == "departure_delay")
        now = connection.execute(wanted).mappings().one()
        content = json.loads(now["content"])
        older = {**content, "version": "0.9.0", "digest": "e" * 64, "features": content["features"][1:]}
        row = {**now, "version": "0.9.0", "digest": "e" * 64, "content": json.dumps(older), "recorded_at": "0"}
        connection.execute(definitions.insert(), row)
    try:
        page = Path(told("catalog", "--out", str(tmp_path / "site"))["feature_sets"][0]["page"]).read_text()
        assert "From 0.9.0 to 1.0.0" in page
        assert "was added (String, code)" in page
    finally:
        with store.transaction() as connection:
            connection.execute(definitions.delete().where(definitions.c.digest == "e" * 64))
        store.close()


def test_a_lost_file_costs_the_figures_and_nothing_else(home: Path, tmp_path: Path) -> None:
    [lost] = (home / "lake/features/departure_delay").glob("**/*2013-03-09*/*.parquet")
    lost.rename(tmp_path / "kept")
    try:
        one = told("catalog", "--out", str(tmp_path / "site"))["feature_sets"][0]
        assert "is missing" in one["problem"]
        page = Path(one["page"]).read_text()
        assert "No figures are shown" in page
        assert "Precipitation of the hour at the origin" in shown_of(Path(one["page"]), "wx_precip")
    finally:
        (tmp_path / "kept").rename(lost)
