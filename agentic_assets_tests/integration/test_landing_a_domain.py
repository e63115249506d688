"""A domain whose systems of record are a table of PostgreSQL and a CSV behind a URL, from both ends to a feature."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as db

from agentic_assets.contracts import load
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Input, Node, PartitionResult, State, by_day
from agentic_assets.sources import Csv, Download, Table, daily_node, days_by, landing_node
from agentic_assets_tests.integration.faulty_server import FaultyServer, answer, running

pytestmark = pytest.mark.postgres

CALENDAR = Calendar("Europe/Paris", date(2024, 5, 1), date(2024, 5, 4))
RATES = "day,currency,rate\n" + "".join(f"{day},USD,1.0{number}\n" for number, day in enumerate(CALENDAR.days()))

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: hotel-{name}
name: {name}
version: 1.0.0
status: active
domain: hotel
customProperties:
  - {{property: maxRefusedShare, value: 0.5}}
schema:
  - name: {name}
    logicalType: object
    properties:
      - {{name: day, logicalType: date, required: true, primaryKey: true, primaryKeyPosition: 1}}
"""
COLUMNS = {
    "bookings": """
      - {name: booking, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: price, logicalType: number, required: true, logicalTypeOptions: {minimum: 0}}
      - {name: source_row, logicalType: integer, required: true}
""",
    "rates": """
      - {name: currency, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: rate, logicalType: number, required: true}
      - {name: source_row, logicalType: integer, required: true}
""",
    "takings": """
      - {name: dollars, logicalType: number, required: true}
""",
}


class Hotel:
    """The database, the web server and the graph on both; each engine is opened as another process would."""

    def __init__(self, folder: Path, database: str, server: FaultyServer) -> None:
        self.folder, self.server = folder, server
        self.database = db.make_url(database).set(drivername="postgresql+psycopg2")
        self.computed: list[tuple[str, tuple[str, ...]]] = []
        self.engines: list[Engine] = []
        self.url = server.at("/rates.csv", answer(RATES.encode()))
        self.run("CREATE TABLE bookings (booking bigint PRIMARY KEY, stay date, price numeric(10, 2))")
        for number, day in enumerate(CALENDAR.days()):
            self.run(f"INSERT INTO bookings VALUES ({10 * number}, '{day}', 100), ({10 * number + 1}, '{day}', 50.25)")

    def run(self, statement: str) -> None:
        engine = db.create_engine(self.database, isolation_level="AUTOCOMMIT", poolclass=db.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def nodes(self) -> tuple[Node, ...]:
        contracts = {}
        for name, columns in COLUMNS.items():
            path = self.folder / f"{name}.odcs.yaml"
            path.write_text(CONTRACT.format(name=name) + columns.lstrip("\n"))
            contracts[name] = load(path)
        bookings = Table(
            "HOTEL_URL",
            columns={"booking": pl.Int64(), "stay": pl.Date(), "price": pl.Float64()},
            key=("booking",),
            table="public.bookings",
        )
        rates = Download(self.url, Csv(("day", "currency", "rate")), keep=self.folder / "downloads", pause=0.01)
        return (
            landing_node("raw/bookings", bookings, system="reservations/bookings", days=days_by("stay")),
            landing_node("raw/rates", rates, system="treasury/rates", days=days_by("day")),
            daily_node("sources/bookings", contracts["bookings"], landed="raw/bookings", days=days_by("stay")),
            daily_node("sources/rates", contracts["rates"], landed="raw/rates", days=days_by("day")),
            Node(
                asset="features/takings",
                group="features",
                cut=Cut.DAY,
                contract=contracts["takings"],
                compute=_takings,
                code_version="1",
                inputs=(Input("sources/bookings"), Input("sources/rates")),
            ),
        )

    def make(self) -> dict[str, list[PartitionResult]]:
        """Run every node over every day; `computed` then names what was computed."""
        self.computed.clear()
        graph = Graph(CALENDAR, tuple(replace(node, compute=self._watched(node)) for node in self.nodes()))
        engine = Engine(graph, Home.at(self.folder / "home"))
        self.engines.append(engine)
        found: dict[str, list[PartitionResult]] = {}
        fallen: dict[str, frozenset[str]] = {}
        for node in graph.nodes:
            found[node.asset] = engine.run(node, CALENDAR.all(node.cut), run_id="run", fallen=fallen)
            fallen[node.asset] = frozenset(result.partition for result in found[node.asset] if not result.stands)
        return found

    def _watched(self, node: Node) -> Any:
        def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
            self.computed.append((node.asset, batch.partitions))
            return node.compute(batch)

        return compute

    def rows(self, asset: str, day: str) -> list[tuple[Any, ...]]:
        return self.engines[-1].lake.open(asset).scan([day]).collect().rows()


def _takings(batch: Batch) -> Mapping[str, pl.DataFrame]:
    joined = batch.read("sources/bookings").join(batch.read("sources/rates"), on="day")
    takings = joined.group_by("day").agg(dollars=(pl.col("price") * pl.col("rate")).sum().round(4)).sort("day")
    return by_day(takings, batch.partitions)


@pytest.fixture
def hotel(tmp_path: Path, fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hotel]:
    monkeypatch.setenv("HOTEL_URL", fresh_postgres_url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as server:
        made = Hotel(tmp_path, fresh_postgres_url, server)
        yield made
        for engine in made.engines:
            engine.store.close()


def versions(results: list[PartitionResult]) -> list[str]:
    return [result.entry.data_version for result in results if result.entry]


def test_both_are_landed_contracted_and_joined(hotel: Hotel) -> None:
    results = hotel.make()
    assert {result.state for node in results.values() for result in node} == {State.PUBLISHED}
    assert hotel.rows("sources/bookings", "2024-05-02") == [
        (date(2024, 5, 2), 10, 100.0, 1),
        (date(2024, 5, 2), 11, 50.25, 2),
    ]
    assert hotel.rows("features/takings", "2024-05-02") == [(date(2024, 5, 2), 151.7525)]


def test_nothing_is_computed_again_while_neither_changes(hotel: Hotel) -> None:
    hotel.make()
    assert {result.state for node in hotel.make().values() for result in node} == {State.UNCHANGED}
    assert hotel.computed == []


@pytest.mark.parametrize(
    "correction",
    [
        "UPDATE bookings SET price = 80 WHERE booking = 20",
        "INSERT INTO bookings VALUES (5, '2024-05-03', 10)",
        "DELETE FROM bookings WHERE booking = 21",
    ],
)
def test_a_late_correction_in_the_database_remakes_exactly_the_day_it_touches(hotel: Hotel, correction: str) -> None:
    before = versions(hotel.make()["sources/bookings"])
    hotel.run(correction)
    after = hotel.make()
    touched = [old != new for old, new in zip(before, versions(after["sources/bookings"]), strict=True)]
    assert touched == [False, False, True, False]
    assert dict(hotel.computed)["features/takings"] == ("2024-05-03",)
    assert "raw/rates" not in dict(hotel.computed)


def test_a_booking_that_is_moved_to_another_day_remakes_both(hotel: Hotel) -> None:
    hotel.make()
    hotel.run("UPDATE bookings SET stay = '2024-05-01' WHERE booking = 30")
    hotel.make()
    assert dict(hotel.computed)["features/takings"] == ("2024-05-01", "2024-05-04")


def test_a_corrected_download_remakes_exactly_the_day_it_touches(hotel: Hotel) -> None:
    hotel.make()
    hotel.server.at("/rates.csv", answer(RATES.replace("USD,1.01", "USD,1.11").encode()))
    hotel.make()
    assert dict(hotel.computed)["features/takings"] == ("2024-05-02",)
    assert "raw/bookings" not in dict(hotel.computed)


def test_the_recorded_version_is_that_of_the_rows_read_though_the_table_moved_on_since_the_plan(hotel: Hotel) -> None:
    nodes = hotel.nodes()
    landing = nodes[0]

    def late(batch: Batch) -> Mapping[str, pl.DataFrame]:
        hotel.run("UPDATE bookings SET price = 1 WHERE booking = 0")
        return landing.compute(batch)

    engine = Engine(Graph(CALENDAR, (replace(landing, compute=late),)), Home.at(hotel.folder / "home"))
    hotel.engines.append(engine)
    [result] = engine.run(engine.graph.nodes[0], ("",), run_id="run")
    assert result.entry is not None
    assert result.entry.inputs == {"reservations/bookings": {"": landing.externals[0].version()}}
    assert engine.run(landing, ("",), run_id="run")[0].state is State.UNCHANGED


def test_a_booking_without_a_day_of_the_calendar_is_set_aside_and_said(hotel: Hotel) -> None:
    hotel.run("INSERT INTO bookings VALUES (90, NULL, 1), (91, '2031-01-01', 1)")
    [result] = hotel.make()["raw/bookings"]
    assert result.entry is not None
    assert (result.entry.rows, result.entry.quarantined) == (10, 2)
    assert [(check.passed, check.description) for check in result.checks] == [
        (False, "2 of 10 rows belong to no day of the calendar")
    ]


def test_a_bad_row_of_the_table_goes_to_quarantine_with_its_number_on_its_day(hotel: Hotel) -> None:
    hotel.run("UPDATE bookings SET price = -1 WHERE booking = 31")
    hotel.make()
    aside = hotel.engines[-1].lake.open("quarantine/sources/bookings").scan(["2024-05-04"]).collect()
    assert aside.select("source_row", "rule", "value").rows() == [(2, "range(price)", "-1.0")]


def test_a_system_that_is_down_refuses_its_landing_and_leaves_what_was_published(hotel: Hotel) -> None:
    before = versions(hotel.make()["features/takings"])
    hotel.run("ALTER TABLE bookings RENAME TO reservations")
    hotel.server.at("/rates.csv", answer(status=500))
    results = hotel.make()
    assert [(r.state, r.message.splitlines()[0]) for r in results["raw/rates"]] == [
        (State.REFUSED, f"{hotel.url}: the server answers 500 (tried 4 times)")
    ]
    assert "there is no such table" in results["raw/bookings"][0].message
    current = hotel.engines[-1].manifest.current("features/takings")
    assert [current[day].data_version for day in CALENDAR.days()] == before


def test_a_column_is_traced_to_the_one_that_landed(hotel: Hotel) -> None:
    bookings = hotel.nodes()[2]
    assert bookings.lineage["day"] == [("raw/bookings", "stay")]
    assert bookings.lineage["price"] == [("raw/bookings", "price")]


def test_the_place_of_a_system_is_shown_without_its_secrets(hotel: Hotel) -> None:
    shown = [external.location for node in hotel.nodes() for external in node.externals]
    assert shown == ["public.bookings in the database of $HOTEL_URL", hotel.url]
