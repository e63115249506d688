"""Serve LightGBM's trees through the C interface of its library.

The Python package around that library imports pandas and SciPy, half a second that every process which only scores
would pay. What is called here is the stable part of the interface that the package calls too:
https://lightgbm.readthedocs.io/en/stable/C-API.html
"""

from __future__ import annotations

import ctypes
import weakref
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agentic_assets.errors import ModelRefused

__all__ = ["Booster"]

_FLOAT64: Final = 1  # C_API_DTYPE_FLOAT64
_RAW_SCORE: Final = 1  # C_API_PREDICT_RAW_SCORE
_ROW_MAJOR: Final = 1
_ALL_TREES: Final = (0, -1)  # from the first on, as many as there are
_SERIALLY: Final = b"num_threads=1"


class Booster:
    """Trees read from a text whose digest was checked before."""

    def __init__(self, text: str) -> None:
        self._library = _library()
        self._trees = ctypes.c_void_p()
        rounds, columns = ctypes.c_int(), ctypes.c_int()
        self._call("LGBM_BoosterLoadModelFromString", text.encode(), ctypes.byref(rounds), ctypes.byref(self._trees))
        weakref.finalize(self, self._library.LGBM_BoosterFree, self._trees)
        self._call("LGBM_BoosterGetNumFeature", self._trees, ctypes.byref(columns))
        self._columns = columns.value

    def log_odds(self, matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give the raw score of each row; the same for a row alone, in a batch, and in any order."""
        rows, columns = matrix.shape
        if columns != self._columns:
            raise ModelRefused(
                f"the model takes {self._columns} features and was given {columns}",
                hint="train it again, its recipe has changed",
            )
        scores = np.empty(rows, dtype=np.float64)
        if not rows:
            return scores
        cells = np.ascontiguousarray(matrix, dtype=np.float64)
        given = ctypes.c_int64()
        self._call(
            "LGBM_BoosterPredictForMat",
            self._trees,
            cells.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int(_FLOAT64),
            ctypes.c_int32(rows),
            ctypes.c_int32(columns),
            ctypes.c_int(_ROW_MAJOR),
            ctypes.c_int(_RAW_SCORE),
            *map(ctypes.c_int, _ALL_TREES),
            _SERIALLY,
            ctypes.byref(given),
            scores.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )
        return scores

    def _call(self, name: str, *arguments: Any) -> None:
        if getattr(self._library, name)(*arguments):
            said = self._library.LGBM_GetLastError().decode(errors="replace")
            raise ModelRefused(f"LightGBM refuses the model: {said[:200]}", hint="train it again")


@cache
def _library() -> ctypes.CDLL:
    try:
        package = find_spec("lightgbm")  # finds it, imports nothing
        folders = list(package.submodule_search_locations or ()) if package else []
        found = [file for folder in folders for file in sorted((Path(folder) / "lib").glob("lib_lightgbm.*"))]
        library = ctypes.CDLL(str(found[0] if found else "lib_lightgbm.so"))
    except OSError as error:
        raise ModelRefused(
            f"LightGBM cannot start: {str(error)[:200]}", hint="install its OpenMP library: apt-get install libgomp1"
        ) from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library
