"""Any file as rows: Parquet, CSV and JSON lines, plain or packed, read whole and refused whole."""

from agentic_assets.contracts.files.delimited import Dialect
from agentic_assets.contracts.files.read import Rows, read_file

__all__ = ["Dialect", "Rows", "read_file"]
