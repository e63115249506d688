"""A contract as a fragment of AsyncAPI 3.0: one channel, on which each message is one row."""

from __future__ import annotations

import re
from typing import Any

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.export.json_schema import to_json_schema

__all__ = ["to_asyncapi"]

_DRAFT_7 = "application/schema+json;version=draft-07"


def to_asyncapi(contract: Contract) -> dict[str, Any]:
    """Give a document with the dataset's channel, its message, and the headers that name contract and version.

    The payload is the JSON Schema of a row, which uses nothing that draft 7, the one that tools for AsyncAPI know,
    does not have.
    """
    key = re.sub(r"[^A-Za-z0-9_.-]", "_", contract.dataset) or "_"
    payload = {name: value for name, value in to_json_schema(contract).items() if name != "$schema"}
    info: dict[str, Any] = {"title": contract.name, "version": contract.version}
    if contract.description:
        info["description"] = contract.description
    return {
        "asyncapi": "3.0.0",
        "info": info,
        "defaultContentType": "application/json",
        "channels": {
            key: {
                "address": contract.name.replace("/", ".").replace("{", "_").replace("}", "_"),
                "title": contract.dataset,
                "messages": {key: {"$ref": f"#/components/messages/{key}"}},
            }
        },
        "components": {
            "messages": {
                key: {
                    "name": contract.dataset,
                    "title": f"One row of {contract.dataset}",
                    "contentType": "application/json",
                    "headers": {
                        "type": "object",
                        "properties": {
                            "contract": {"type": "string", "const": contract.name},
                            "contractVersion": {"type": "string", "const": contract.version},
                        },
                        "required": ["contract", "contractVersion"],
                    },
                    "payload": {"schemaFormat": _DRAFT_7, "schema": payload},
                }
            }
        },
    }
