"""A contract in other languages: JSON Schema, SQL, pandera, AsyncAPI; what a target cannot say is named in it."""

from agentic_assets.contracts.export.asyncapi import to_asyncapi
from agentic_assets.contracts.export.json_schema import to_json_schema
from agentic_assets.contracts.export.pandera import to_pandera
from agentic_assets.contracts.export.pandera_module import to_pandera_module
from agentic_assets.contracts.export.sql import to_sql

__all__ = ["to_asyncapi", "to_json_schema", "to_pandera", "to_pandera_module", "to_sql"]
