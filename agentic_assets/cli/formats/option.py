"""The option by which a command is told how to write its report."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from agentic_assets.cli.formats.report import FORMATS

__all__ = ["format_option"]

F = TypeVar("F", bound=Callable[..., Any])


def format_option(command: F) -> F:
    """Add `--format`, and `--json` as its short form; the command gets `format_name`."""

    @click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to write what was found: for people, as one JSON object, as JUnit XML (Jenkins, GitLab), as SARIF "
        "2.1.0 (code scanning), or as annotations of GitHub Actions.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
    @wraps(command)
    def chosen(*arguments: Any, format_name: str, as_json: bool, **options: Any) -> Any:
        if as_json and format_name not in ("text", "json"):
            raise click.UsageError(f"--json and --format {format_name} contradict each other; give one of the two")
        return command(*arguments, format_name="json" if as_json else format_name, **options)

    return chosen  # type: ignore[return-value]
