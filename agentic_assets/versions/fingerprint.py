"""Content digests: equal content gives an equal digest on every machine, thread count and day."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl

__all__ = ["canonical_json", "of_bytes", "of_frame", "of_json", "of_source", "of_text", "of_tree"]


def of_bytes(content: bytes) -> str:
    """Digest bytes: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def of_text(content: str) -> str:
    """Digest text by its UTF-8 bytes."""
    # A program may name half a character, such as the bounds of a check for them.
    return of_bytes(content.encode(errors="surrogatepass"))


def canonical_json(value: Any) -> str:
    """Write JSON in one way only: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def of_json(value: Any) -> str:
    """Digest a JSON value, whatever the order of its keys."""
    return of_text(canonical_json(value))


def of_source(*parts: ModuleType | Callable[..., Any] | type) -> str:
    """Digest Python code by its syntax tree: layout, comments and docstrings do not count, constants do.

    A package stands for every module in its folder.
    """
    return of_json([_tree(ast.parse(inspect.cleandoc("\n" + text))) for part in parts for text in _sources(part)])


def of_tree(tree: ast.AST) -> str:
    """Digest a syntax tree as `of_source` does."""
    return of_json(_tree(tree))


def _sources(part: ModuleType | Callable[..., Any] | type) -> list[str]:
    if isinstance(part, ModuleType) and hasattr(part, "__path__"):
        return [file.read_text("utf-8") for folder in part.__path__ for file in sorted(Path(folder).rglob("*.py"))]
    return [inspect.getsource(part)]


def _tree(node: Any) -> Any:
    if isinstance(node, ast.AST):
        fields: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if name == "body" and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                value = _without_docstring(value)  # noqa: PLW2901
            # Python 3.12 and later add empty fields; leaving out what is empty keeps digests equal.
            if value not in (None, []):
                fields[name] = _tree(value)
        return [type(node).__name__, fields]
    if isinstance(node, list):
        return [_tree(item) for item in node]
    if isinstance(node, str | int | bool):
        return [type(node).__name__, str(node)]
    return [type(node).__name__, repr(node)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def of_frame(frame: pl.DataFrame) -> str:
    """Digest rows, in their order, whatever their chunks and the order of the columns.

    Columns are taken by name; nulls become a validity mask over zeroed values; every NaN becomes one NaN and -0.0
    becomes 0.0, so that a Parquet round trip changes nothing. A list counts with its lengths and its items, a struct
    with its fields by name. Raises TypeError for a type that no lake holds, such as a Python object.
    """
    digest = hashlib.sha256()
    digest.update(f"rows={frame.height}".encode())
    masks, whole = _at_once(frame)
    for name in sorted(frame.columns):
        column = frame.get_column(name)
        if name not in whole:
            for part in _parts(name, column):
                digest.update(part)
            continue
        digest.update(_head(name, column))
        if name in masks:
            digest.update(np.packbits(masks[name].to_numpy()).tobytes())
        for part in _buffers(whole[name]):
            digest.update(part)
    return digest.hexdigest()


def _at_once(frame: pl.DataFrame) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Give the null masks and the zeroed, physical values of the flat columns that need work, all in one pass.

    Asking polars column by column costs more than digesting a day.
    """
    schema = frame.schema
    holes = {column.name for column in frame if column.null_count() and _empty(column.dtype) is not None}
    moments = {name for name, dtype in schema.items() if dtype.is_temporal()}
    if not holes | moments:
        return {}, {}
    values = [
        (pl.col(name).to_physical() if name in moments else pl.col(name)).fill_null(_empty(schema[name]))
        for name in sorted(holes | moments)
    ]
    made = frame.select(*values, *(pl.col(name).is_null().alias(f"{name}\0") for name in sorted(holes)))
    return (
        {name: made.get_column(f"{name}\0") for name in holes},
        {name: made.get_column(name) for name in holes | moments},
    )


def _empty(dtype: pl.DataType) -> Any:
    """Give what a null of a flat type is digested as; None for any other type."""
    if dtype == pl.String:
        return ""
    if dtype == pl.Binary:
        return b""
    if dtype == pl.Boolean:
        return False
    if dtype.is_float():
        return 0.0
    return 0 if dtype.is_integer() or dtype.is_temporal() else None


def _head(name: str, column: pl.Series) -> bytes:
    return f"|{name}:{column.dtype}|".encode()


def _parts(name: str, column: pl.Series) -> Iterator[bytes | memoryview]:
    yield _head(name, column)
    if column.null_count():
        yield np.packbits(column.is_null().to_numpy()).tobytes()
    if isinstance(column.dtype, pl.List):
        yield _filled(column.list.len(), 0).to_numpy().tobytes()
        yield from _parts("[]", column.explode(empty_as_null=False, keep_nulls=False))
    elif isinstance(column.dtype, pl.Struct):
        fields = column.struct.unnest()  # the fields of a null are null
        for field in sorted(fields.columns):
            yield from _parts(field, fields.get_column(field))
    else:
        yield from _buffers(column)


def _filled(column: pl.Series, empty: Any) -> pl.Series:
    # Most columns have no nulls, and filling none costs more than digesting a day.
    return column.fill_null(empty) if column.null_count() else column


def _text_buffers(column: pl.Series) -> list[bytes | memoryview]:
    """Give the lengths and the joined bytes of binary values, without a Python object a value."""
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, starts, content = array.buffers()
    offsets = np.frombuffer(starts, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    joined = memoryview(content)[int(offsets[0]) : int(offsets[-1])] if content is not None else b""
    return [np.diff(offsets).astype(np.uint64).tobytes(), joined]


def _buffers(column: pl.Series) -> list[bytes | memoryview]:
    dtype = column.dtype
    if dtype == pl.String:
        return _text_buffers(_filled(column, ""))
    if dtype == pl.Binary:
        return _text_buffers(_filled(column, b""))
    if dtype == pl.Boolean:
        return [np.packbits(_filled(column, False).to_numpy()).tobytes()]
    if dtype.is_float():
        values = np.array(_filled(column, 0.0).to_numpy(), copy=True)
        values[np.isnan(values)] = np.nan
        values += 0.0  # -0.0 + 0.0 is 0.0
        return [values.tobytes()]
    if dtype.is_integer():
        return [_filled(column, 0).to_numpy().tobytes()]
    if dtype.is_temporal():
        return [_filled(column.to_physical(), 0).to_numpy().tobytes()]
    if isinstance(dtype, pl.Decimal):
        return _buffers(column.cast(pl.String))
    if dtype == pl.Null:
        return []
    raise TypeError(f"column {column.name!r} has type {dtype}: nested types have no canonical digest here")
