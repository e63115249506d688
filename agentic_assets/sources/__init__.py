"""What lies outside of the lake: files, tables of a database, downloads; landed as they were delivered."""

from agentic_assets.sources.csv import Csv
from agentic_assets.sources.cutting import Days, days_by
from agentic_assets.sources.download import Download
from agentic_assets.sources.files import Files
from agentic_assets.sources.node import daily_node, landing_node, static_node
from agentic_assets.sources.parquet import Parquet
from agentic_assets.sources.source import Format, Snapshot, Source
from agentic_assets.sources.table import Table

__all__ = [
    "Csv",
    "Days",
    "Download",
    "Files",
    "Format",
    "Parquet",
    "Snapshot",
    "Source",
    "Table",
    "daily_node",
    "days_by",
    "landing_node",
    "static_node",
]
