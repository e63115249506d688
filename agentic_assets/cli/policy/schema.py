"""`agentic policy schema`."""

from __future__ import annotations

import click

from agentic_assets.cli.options import emit_schema

__all__ = ["schema"]


@click.command()
def schema() -> None:
    """Print the JSON Schema of a policy file, for your editor.

    Save it beside the files, and begin each of them with

        # yaml-language-server: $schema=policy.schema.json

    so that an editor with a YAML language server completes keys, explains them and marks what is wrong.
    """
    from agentic_assets.policy.schema import policy_schema

    emit_schema(policy_schema())
