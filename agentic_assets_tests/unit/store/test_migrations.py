from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from agentic_assets.store import Store, metadata
from agentic_assets.store.migrations import HEAD, VERSION_TABLE, configuration


def _differences(store: Store) -> list[Any]:
    with store.reading() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        return found


def test_upgrading_an_empty_database_gives_exactly_the_schema(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    assert _differences(store) == []
    store.close()


def test_a_column_that_no_revision_makes_would_be_noticed(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.transaction() as connection:
        connection.execute(text("ALTER TABLE pins DROP COLUMN content"))
    assert [difference[0] for difference in _differences(store)] == ["add_column"]
    store.close()


def test_the_newest_revision_is_the_one_written_down(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.reading() as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_heads() == [HEAD]
    store.close()


def test_the_way_back_removes_every_table(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.transaction() as connection:
        command.downgrade(configuration(connection), "base")
    with store.reading() as connection:
        assert inspect(connection).get_table_names() == [VERSION_TABLE]
    store.close()


def _grows(url: str) -> None:
    store = Store(url)
    with store.transaction() as connection:
        command.downgrade(configuration(connection), "0001")
        connection.execute(text("INSERT INTO pins VALUES ('d', 'c')"))
        assert "rulings" not in inspect(connection).get_table_names()
    store.close()
    again = Store(url)
    assert _differences(again) == []
    with again.reading() as connection:
        assert connection.execute(text("SELECT * FROM pins")).all() == [("d", "c")]
    again.close()


def test_a_home_made_by_the_first_release_grows_as_it_is_opened_and_keeps_its_rows(tmp_path: Path) -> None:
    _grows(f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.mark.postgres
def test_a_postgresql_store_of_the_first_release_grows_as_it_is_opened(fresh_postgres_url: str) -> None:
    _grows(fresh_postgres_url)


@pytest.mark.postgres
def test_postgresql_gets_exactly_the_schema_too_beside_another_alembic_history(fresh_postgres_url: str) -> None:
    store = Store(fresh_postgres_url)
    assert store.dialect == "postgresql"
    with store.transaction() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('of-dagster')"))
    Store(fresh_postgres_url).close()
    with store.transaction() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert _differences(store) == []
    store.close()


@pytest.mark.postgres
def test_processes_that_open_a_fresh_postgresql_store_at_once_all_succeed(fresh_postgres_url: str) -> None:
    program = "import sys; from agentic_assets.store import Store; Store(sys.argv[1]).close()"
    children = [
        subprocess.Popen([sys.executable, "-c", program, fresh_postgres_url], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [(child.communicate(timeout=60)[1], child.returncode) for child in children] == [("", 0)] * 4
