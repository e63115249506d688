"""Fill the templates, and write all files or none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from agentic_assets.errors import ConfigInvalid

__all__ = ["filled", "write_all"]

_TEMPLATES = Path(__file__).parent / "templates"


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Fill a template; a value that it needs and is not given is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["yaml"] = _yaml
    return environment.get_template(template).render(**values)


def write_all(files: Mapping[Path, str | bytes], shared: Mapping[Path, str], check: Callable[[], object]) -> None:
    """Write files that may not be there yet, and `shared` ones where they are not; then `check` that they load.

    When anything fails, what was written is taken away again. Raises ConfigInvalid for a file that is there.
    """
    there = [path for path in files if path.exists()]
    if there:
        raise ConfigInvalid(
            f"{len(there)} of the files are there already: {', '.join(str(path) for path in there[:5])}",
            hint="choose another name, or move them away; nothing was written",
        )
    wanted = {**files, **{path: text for path, text in shared.items() if not path.exists()}}
    written: list[Path] = []
    made: list[Path] = []
    try:
        for path, content in wanted.items():
            made += [folder for folder in reversed([path.parent, *path.parent.parents]) if not folder.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        check()
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        for folder in reversed(made):
            shutil.rmtree(folder / "__pycache__", ignore_errors=True)  # what loading it left
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        if isinstance(error, OSError):
            raise ConfigInvalid(
                f"{error.filename} cannot be written: {error.strerror}", hint="nothing was written; check your rights"
            ) from error
        raise
    for path in wanted:
        click.echo(f"wrote {path}")


def _yaml(name: str) -> str:
    """Quote a name that YAML would take for something else than text, as it does `no` and `null`."""
    import yaml

    return name if isinstance(yaml.safe_load(name), str) else json.dumps(name)
