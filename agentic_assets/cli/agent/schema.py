"""`agentic agent schema`."""

from __future__ import annotations

import click

from agentic_assets.cli.options import emit_schema

__all__ = ["schema"]


@click.command()
@click.option(
    "--of",
    "wanted",
    type=click.Choice(["spec", "rules", "prompt"]),
    default="spec",
    show_default=True,
    help="Of which file: the spec (*.agent.yaml), the table of a rule agent (*.rules.yaml), or the prompt of a "
    "language model (*.prompt.yaml).",
)
def schema(wanted: str) -> None:
    """Print the JSON Schema of an agent's spec, rule table or prompt, for your editor.

    Save it beside the files, and begin each of them with

        # yaml-language-server: $schema=agent.schema.json

    so that an editor with a YAML language server completes keys, explains them and marks what is wrong.
    """
    from agentic_assets.agents.schema import prompt_schema, rules_schema, spec_schema

    emit_schema({"spec": spec_schema, "rules": rules_schema, "prompt": prompt_schema}[wanted]())
