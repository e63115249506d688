"""A table of a database as a system of record, on a real PostgreSQL and on SQLite."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
import sqlalchemy as db

from agentic_assets.errors import ConfigInvalid, SourceUnreadable
from agentic_assets.sources import Table

pytestmark = pytest.mark.postgres

BOOKINGS = Table(
    "BOOKINGS_URL",
    columns={
        "booking": pl.Int64(),
        "day": pl.Date(),
        "made_at": pl.Datetime("us", "UTC"),
        "guest": pl.String(),
        "price": pl.Float64(),
        "paid": pl.Boolean(),
    },
    key=("booking",),
    table="bookings",
)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    (2, date(2024, 5, 2), NOON, "Zoë", None, True),
    (1, date(2024, 5, 1), NOON, "ada", 10.25, False),
    (3, date(2024, 5, 2), None, "Émile", 7.0, None),
]
COLUMNS = "booking bigint PRIMARY KEY, day date, made_at timestamptz, guest text, price double precision, paid boolean"


class Served:
    """A database that a test may change, as its owner."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg2://")

    def run(self, *statements: str, rows: list[tuple[Any, ...]] | None = None) -> None:
        engine = db.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=db.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            if rows is not None:
                sqlite = connection.dialect.name == "sqlite"
                values = ", ".join("?" if sqlite else "%s" for _ in rows[0])
                given = [tuple(str(v) if sqlite and isinstance(v, date) else v for v in row) for row in rows]
                connection.exec_driver_sql(f"INSERT INTO bookings VALUES ({values})", given)


@pytest.fixture(params=["postgresql", "sqlite"])
def served(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'my bookings#1.db'}" if sqlite else request.getfixturevalue("fresh_postgres_url")
    monkeypatch.setenv("BOOKINGS_URL", url)
    database = Served(url)
    database.run(f"CREATE TABLE bookings ({COLUMNS})", rows=ROWS)
    return database


@pytest.fixture
def postgres(fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setenv("BOOKINGS_URL", fresh_postgres_url)
    database = Served(fresh_postgres_url)
    database.run(f"CREATE TABLE bookings ({COLUMNS})", rows=ROWS)
    return database


def refused(table: Table) -> str:
    with pytest.raises(SourceUnreadable) as error:
        table.read()
    assert len(str(error.value)) < 900
    return str(error.value)


def test_rows_are_typed_and_ordered_by_their_key(served: Served) -> None:
    frame = BOOKINGS.read().frame
    assert dict(frame.schema) == {**BOOKINGS.columns, "source_row": pl.Int64()}
    assert frame.drop("source_row").rows() == sorted(ROWS)
    assert frame["source_row"].to_list() == [1, 2, 3]


def test_the_order_and_the_version_do_not_hang_on_the_order_of_the_server(served: Served) -> None:
    before = BOOKINGS.read()
    served.run("DELETE FROM bookings", rows=ROWS[::-1])
    assert BOOKINGS.read().frame.equals(before.frame)
    assert BOOKINGS.version() == before.version


def test_rows_that_share_a_key_are_ordered_by_the_rest(served: Served) -> None:
    by_day = replace(BOOKINGS, key=("day",))
    assert by_day.read().frame["booking"].to_list() == [1, 2, 3]


def test_the_version_is_that_of_the_rows_read_and_changes_with_any_of_them(served: Served) -> None:
    versions = [BOOKINGS.version(), BOOKINGS.read().version]
    served.run("UPDATE bookings SET price = 11 WHERE booking = 1")
    versions.append(BOOKINGS.version())
    served.run("DELETE FROM bookings WHERE booking = 3")
    versions.append(BOOKINGS.version())
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def test_a_version_query_is_asked_in_the_place_of_reading_everything(served: Served) -> None:
    table = replace(BOOKINGS, version_query="SELECT count(*), max(booking) FROM bookings")
    before = table.version()
    assert before == table.read().version
    served.run("UPDATE bookings SET price = 11 WHERE booking = 1")
    assert table.version() == before
    served.run("DELETE FROM bookings WHERE booking = 3")
    assert table.version() != before


def test_a_query_is_read_in_the_place_of_a_table(served: Served) -> None:
    table = replace(
        BOOKINGS,
        table="",
        query="SELECT booking, guest FROM bookings WHERE guest LIKE '%a' AND booking % 2 = 1 -- :not a parameter",
        columns={"booking": pl.Int64(), "guest": pl.String()},
    )
    assert table.read().frame.rows() == [(1, "ada", 1)]


def test_a_table_without_rows_has_its_columns(served: Served) -> None:
    served.run("DELETE FROM bookings")
    assert dict(BOOKINGS.read().frame.schema) == {**BOOKINGS.columns, "source_row": pl.Int64()}


def test_many_rows_are_read_in_batches(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentic_assets.sources import table

    monkeypatch.setattr(table, "_BATCH", 2)
    assert BOOKINGS.read().frame.height == 3


def test_a_column_that_came_or_went_is_named(served: Served) -> None:
    served.run("ALTER TABLE bookings RENAME COLUMN price TO cents")
    assert "what was read lacks 'price'; has the unknown 'cents'" in refused(BOOKINGS)


def test_a_table_that_is_not_there_is_named(served: Served) -> None:
    message = refused(replace(BOOKINGS, table="reservations"))
    assert message.startswith("reservations of ")
    assert "there is no such table" in message


def test_a_query_that_writes_is_refused_and_writes_nothing(served: Served) -> None:
    before = BOOKINGS.version()
    refused(replace(BOOKINGS, table="", query="DELETE FROM bookings RETURNING *"))
    assert BOOKINGS.version() == before


def test_a_statement_that_takes_too_long_is_stopped(served: Served) -> None:
    endless = """
        WITH RECURSIVE n(booking) AS (SELECT 1 UNION ALL SELECT booking + 1 FROM n)
        SELECT count(*) AS booking FROM n
    """
    table = replace(BOOKINGS, table="", query=endless, columns={"booking": pl.Int64()}, seconds=0.2)
    assert "it took longer than 0.2 s" in refused(table)


@pytest.mark.parametrize(
    ("sql", "dtype", "message"),
    [
        ("'7'", pl.Int64(), "column 'x' holds a value of type str where Int64 is declared (row 1)"),
        ("7", pl.String(), "column 'x' holds a value of type int where String is declared (row 1)"),
        ("70000", pl.Int16(), "column 'x' holds a value that does not go into Int16"),
        ("2", pl.Boolean(), "column 'x' holds the number 2 (row 1)"),
        ("'2024-13-01'", pl.Date(), "column 'x' holds a str that cannot be read (row 1)"),
        ("'2024-05-01 12:00:00'", pl.Datetime("us", "UTC"), "column 'x' holds a moment without a time zone"),
    ],
)
def test_a_value_of_another_type_is_refused_and_never_bent(
    served: Served, sql: str, dtype: pl.DataType, message: str
) -> None:
    table = replace(BOOKINGS, table="", query=f"SELECT {sql} AS x", columns={"x": dtype}, key=("x",))
    assert message in refused(table)


@pytest.mark.parametrize(
    ("sql", "dtype", "value"),
    [
        ("12.50::numeric(10,2)", pl.Float64(), 12.5),
        ("12.50::numeric(10,2)", pl.String(), "12.50"),
        ("12::numeric", pl.Int32(), 12),
        ("7::smallint", pl.Int16(), 7),
        ("1.5::real", pl.Float64(), 1.5),
        ("'NaN'::float8 = 'NaN'::float8", pl.Boolean(), True),
        ("'3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid", pl.String(), "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("""'{"b": [1, null], "a": "x"}'::jsonb""", pl.String(), '{"a":"x","b":[1,null]}'),
        ("ARRAY[1, 2]", pl.String(), "[1,2]"),
        ("'2024-05-01 14:00:00+02'::timestamptz", pl.Datetime("us", "UTC"), NOON),
        ("'infinity'::date", pl.Date(), date.max),
        ("'2024-05-01 08:00:00'::timestamp", pl.Datetime("us", "UTC"), NOON),
    ],
)
def test_the_types_of_postgresql_are_read_exactly(
    postgres: Served, sql: str, dtype: pl.DataType, value: object
) -> None:
    table = replace(
        BOOKINGS, table="", query=f"SELECT {sql} AS x", columns={"x": dtype}, key=("x",), zone="America/New_York"
    )
    assert table.read().frame.item(0, "x") == value


@pytest.mark.parametrize(
    ("sql", "dtype", "message"),
    [
        ("12.5::numeric", pl.Int32(), "holds the decimal 12.5"),
        ("'\\x00'::bytea", pl.String(), "a value of type memoryview where String is declared"),
        ("'1 day'::interval", pl.String(), "a value of type timedelta where String is declared"),
        ("'0044-03-15 BC'::date", pl.Date(), ""),
        ("10 ^ 400::numeric", pl.Float64(), "a number beyond the largest double"),
        ("'2013-11-03 01:30:00'::timestamp", pl.Datetime("us", "UTC"), "which comes twice in America/New_York"),
        ("'2013-03-10 02:30:00'::timestamp", pl.Datetime("us", "UTC"), "which never comes in America/New_York"),
    ],
)
def test_what_no_type_can_hold_is_refused(postgres: Served, sql: str, dtype: pl.DataType, message: str) -> None:
    table = replace(
        BOOKINGS, table="", query=f"SELECT {sql} AS x", columns={"x": dtype}, key=("x",), zone="America/New_York"
    )
    assert message in refused(table)


def test_version_and_rows_are_of_one_moment_while_others_write(postgres: Served) -> None:
    """The query of the version, asked after the rows were read, does not see what was committed in between."""
    during = replace(BOOKINGS, version_query="SELECT count(*) FROM bookings")
    before = during.version()
    rows = Table._rows

    def reading(table: Table, connection: db.Connection) -> pl.DataFrame:
        frame = rows(table, connection)
        postgres.run("DELETE FROM bookings WHERE booking = 3")
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "_rows", reading)
        snapshot = during.read()
    assert (snapshot.frame.height, snapshot.version) == (3, before)
    assert during.version() != before


def test_a_connection_that_breaks_while_it_reads_is_said(postgres: Served) -> None:
    table = replace(
        BOOKINGS,
        table="",
        query="SELECT CASE WHEN pg_terminate_backend(pg_backend_pid()) THEN 1 END AS booking",
        columns={"booking": pl.Int64()},
    )
    assert "the server closed the connection" in refused(table)


@pytest.fixture
def guarded(postgres: Served) -> Iterator[Callable[[str], str]]:
    """Give the URL of a user that needs a password, and may read nothing until it is granted."""
    name = f"reader_{uuid4().hex[:8]}"
    postgres.run(f"CREATE ROLE {name} LOGIN PASSWORD 'open sesame/1'")
    engine = db.create_engine(postgres.url, poolclass=db.NullPool)
    with engine.connect() as connection:
        rules = Path(connection.exec_driver_sql("SHOW hba_file").scalar_one())
    before = rules.read_text()
    rules.write_text(f"local all {name} scram-sha-256\n{before}")
    postgres.run("SELECT pg_reload_conf()", "SELECT pg_sleep(0.3)")
    url = db.make_url(postgres.url).set(drivername="postgresql", username=name)
    yield lambda password: url.set(password=password).render_as_string(hide_password=False)
    rules.write_text(before)
    postgres.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}", "SELECT pg_reload_conf()")


def test_a_wrong_password_is_refused_and_not_repeated(
    guarded: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKINGS_URL", guarded("top-secret#9"))
    message = refused(BOOKINGS)
    assert "password authentication failed" in message
    assert "top-secret" not in message


def test_a_table_that_may_not_be_read_is_refused_until_it_is_granted(
    postgres: Served, guarded: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKINGS_URL", guarded("open sesame/1"))
    assert "the user may not read it\nhint: GRANT SELECT" in refused(BOOKINGS)
    postgres.run(f"GRANT SELECT ON bookings TO {db.make_url(guarded('')).username}")
    assert BOOKINGS.read().frame.height == 3


def test_a_server_that_is_down_is_said_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKINGS_URL", "postgresql://me:top-secret@127.0.0.1:9/bookings?sslpassword=also-secret")
    message = refused(BOOKINGS)
    assert message.startswith("bookings of postgresql://127.0.0.1:9/bookings ($BOOKINGS_URL): it cannot be read")
    assert "secret" not in message


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKINGS_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert "there is no such file" in refused(BOOKINGS)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.db").write_text("hello " * 1_000)
    monkeypatch.setenv("BOOKINGS_URL", f"sqlite:///{tmp_path / 'x.db'}")
    assert "file is not a database" in refused(BOOKINGS)


@pytest.mark.parametrize(
    "given", ["", "my secret", "postgresql://me:secret@[bad", "mysql://me:secret@h/d", "sqlite://"]
)
def test_a_variable_without_a_url_that_can_be_read_is_named_and_its_content_is_not(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKINGS_URL", given)
    message = refused(BOOKINGS)
    assert "BOOKINGS_URL" in message
    assert "secret" not in message


def test_neither_place_nor_options_nor_text_of_a_table_holds_its_url(
    postgres: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKINGS_URL", "postgresql://me:secret@h/d")
    assert BOOKINGS.location == "bookings in the database of $BOOKINGS_URL"
    assert "secret" not in repr(BOOKINGS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": ""}, "either a table or a query"),
        ({"query": "SELECT 1"}, "either a table or a query"),
        ({"key": ("other",)}, "'other' is not one of them"),
        ({"key": ()}, "needs a key"),
        ({"columns": {"booking": pl.Decimal(10, 2)}}, "cannot have the column 'booking' Decimal"),
    ],
)
def test_a_table_that_could_never_be_read_is_refused_when_it_is_written(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message):
        replace(BOOKINGS, **changes)


def test_a_url_in_the_place_of_a_variable_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigInvalid, match="not the name of an environment variable") as error:
        replace(BOOKINGS, url_from="postgresql://me:secret@h/d")
    assert "secret" not in str(error.value)
