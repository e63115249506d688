from __future__ import annotations

import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, inspect, text

from agentic_assets.errors import ConfigInvalid
from agentic_assets.store import Store, metadata
from agentic_assets.store.migrations import HEAD, VERSION_TABLE

_OPEN = """
import sys
from agentic_assets.store import Store
Store(sys.argv[1]).close()
print("alembic" in sys.modules)
"""


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


def _open_in_child(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _OPEN, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_fresh_store_has_every_table(tmp_path: Path) -> None:
    store = Store(_url(tmp_path))
    with store.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, VERSION_TABLE}
    store.close()


def test_a_current_store_costs_one_query_and_no_alembic(tmp_path: Path) -> None:
    Store(_url(tmp_path)).close()
    child = _open_in_child(_url(tmp_path))
    assert child.communicate() == ("False\n", "")
    statements: list[str] = []
    store = Store(_url(tmp_path))
    event.listen(store._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agentic_assets.store.database._engine", lambda _url: store._engine)
        Store(_url(tmp_path))
    assert statements == [f"SELECT version_num FROM {VERSION_TABLE}"]
    store.close()


def test_what_was_written_survives_opening_again(tmp_path: Path) -> None:
    store = Store(_url(tmp_path))
    with store.transaction() as connection:
        connection.execute(text("INSERT INTO pins VALUES ('d', 'c')"))
    store.close()
    again = Store(_url(tmp_path))
    with again.reading() as connection:
        assert connection.execute(text("SELECT * FROM pins")).all() == [("d", "c")]
    again.close()


def test_a_transaction_that_fails_writes_nothing(tmp_path: Path) -> None:
    store = Store(_url(tmp_path))

    def fail() -> None:
        with store.transaction() as connection:
            connection.execute(text("INSERT INTO pins VALUES ('d', 'c')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM pins")).scalar() == 0
    store.close()


def test_processes_that_open_a_fresh_store_at_once_all_succeed(tmp_path: Path) -> None:
    children = [_open_in_child(_url(tmp_path)) for _ in range(4)]
    said = [child.communicate(timeout=60) for child in children]
    assert [(child.returncode, error) for child, (_, error) in zip(children, said, strict=True)] == [(0, "")] * 4
    assert _revisions(_url(tmp_path)) == [HEAD]


def test_threads_that_open_fresh_stores_at_once_all_succeed(tmp_path: Path) -> None:
    barrier = threading.Barrier(6)
    problems: list[str] = []

    def work(number: int) -> None:
        folder = tmp_path / str(number % 2)
        barrier.wait()
        try:
            Store(_url(folder)).close()
        except Exception:  # noqa: BLE001  (whatever it is, the test says it)
            problems.append(traceback.format_exc())

    for number in range(2):
        (tmp_path / str(number)).mkdir()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import alembic.op

    def full_disk(*_args: object, **_named: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(alembic.op, "create_index", full_disk)
        with pytest.raises(OSError, match="disk full"):
            Store(_url(tmp_path))
    engine = create_engine(_url(tmp_path))
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    Store(_url(tmp_path)).close()


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    store = Store(_url(tmp_path))
    with store.transaction() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    store.close()
    with pytest.raises(ConfigInvalid, match="newer release: revision 9999"):
        Store(_url(tmp_path))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense:hunter2",
        "postgresql://user:hunter2@host:port/db",
        "postgresql://user:hunter2@127.0.0.1:1/db",
        "postgresql://user:hunter2@127.0.0.1:1/db?sslpassword=hunter2",
        "postgresql://user:hunter2@127.0.0.1:1/db?bogus=hunter2",
        "postgres://user:hunter2@no-such-host.invalid/db",
        "mysql://user:hunter2@127.0.0.1/db",
        "oracle://user:hunter2@127.0.0.1/db",
        "sqlite:////nowhere/hunter/store.sqlite",
        "sqlite+nonsense://",
    ],
)
def test_a_store_that_cannot_be_opened_says_so_without_the_password(url: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Store(url)
    assert "AGENTIC_STORE_URL" in str(refused.value)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"flights,delay\n" * 1000)
    with pytest.raises(ConfigInvalid, match="not a database"):
        Store(_url(tmp_path))


def _revisions(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [str(row[0]) for row in connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))]
    engine.dispose()
    return found
