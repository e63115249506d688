"""Run checked SQL over one partition, within limits of memory and time."""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts.query import Query
from agentic_assets.contracts.sandbox.connection import connection, forget

__all__ = ["Answer", "answer"]

TIMEOUT: Final = 60.0
"""Seconds a query may take."""

_NUMBERS: Final = re.compile(r"\W*(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|FLOAT|DOUBLE|DECIMAL|BOOL|NUMBER)")

Answer = npt.NDArray[np.bool_] | float | None


def answer(values: pl.DataFrame, query: Query) -> Answer:
    """Ask a checked query over conformed values: a mask of rows, or the one value.

    Raises ValueError for a query that fails on these rows, runs out of memory, takes longer than a minute, or gives
    no number.
    """
    import duckdb

    from agentic_assets.contracts.sandbox.checking import ROW_NUMBER, ROWS, TABLE

    held = connection()
    tables = {TABLE: values}
    if query.gives == "rows":
        tables[ROWS] = values.with_row_index(ROW_NUMBER)
    try:
        for name, frame in tables.items():
            held.register(name, frame)
        result = _fetched(held, query, values.height)
        for name in tables:
            held.unregister(name)
    except duckdb.InterruptException:
        forget()
        raise ValueError(f"it took longer than {TIMEOUT:g} s; make the query cheaper") from None
    except duckdb.Error as error:
        forget()  # whatever a failed query left behind is left behind with its connection
        raise ValueError(str(error).partition("\n")[0][:200]) from None
    return result


def _fetched(held: Any, query: Query, height: int) -> Answer:
    clock = threading.Timer(TIMEOUT, held.interrupt)
    clock.daemon = True
    clock.start()
    try:
        ran = held.execute(query.sql)
        if query.gives == "rows":
            [found] = ran.fetchnumpy().values()
            mask = np.zeros(height, dtype=bool)
            mask[np.asarray(found, dtype=np.int64)] = True
            return mask
        rows = ran.fetchall()
    finally:
        clock.cancel()
    if len(rows) != 1 or len(rows[0]) != 1:
        raise ValueError(f"it gave {len(rows)} rows, not one value")
    kind = str(ran.description[0][1])
    if not _NUMBERS.match(kind):
        raise ValueError(f"it gives a value of type {kind:.60}, which is no number")
    value = rows[0][0]
    return None if value is None else float(value)
