"""`agentic agent schema`."""

from __future__ import annotations

import click

from agentic_assets.cli.options import emit_schema

__all__ = ["schema"]


@click.command()
@click.option(
    "--of",
    "wanted",
    type=click.Choice(["spec", "rules"]),
    default="spec",
    show_default=True,
    help="Of which file: the spec (*.agent.yaml), or the table of a rule agent (*.rules.yaml).",
)
def schema(wanted: str) -> None:
    """Print the JSON Schema of an agent's spec or rule table, for your editor.

    Save it beside the files, and begin each of them with

        # yaml-language-server: $schema=agent.schema.json

    so that an editor with a YAML language server completes keys, explains them and marks what is wrong.
    """
    from agentic_assets.agents.schema import rules_schema, spec_schema

    emit_schema(spec_schema() if wanted == "spec" else rules_schema())
