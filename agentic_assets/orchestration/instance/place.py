"""Lay out the folder that serves as `DAGSTER_HOME`."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from dagster import DagsterInstance

from agentic_assets.errors import ConfigInvalid
from agentic_assets.home import Home

__all__ = ["open_instance", "prepare_dagster_home"]

_MASTER = Path(__file__).with_name("dagster.yaml")


def prepare_dagster_home(home: Home) -> Path:
    """Put `dagster.yaml` into the home's Dagster folder, and return that folder: the value of `DAGSTER_HOME`.

    The file names its own folder, so that every process which is handed the instance finds the same one. A file with
    the right content is left alone; another is replaced in one step.
    """
    folder = home.dagster
    settings = yaml.safe_load(_MASTER.read_text(encoding="utf-8"))
    settings["storage"]["custom"]["config"] = {"base_dir": str(folder)}
    content = "# Written by agentic_assets at each start: changes are lost.\n" + yaml.safe_dump(
        settings, sort_keys=False
    )
    file = folder / "dagster.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != content:
            _replace(file, content)
    except OSError as error:
        raise ConfigInvalid(
            f"{error.filename or file} cannot be written: {error.strerror}",
            hint="set AGENTIC_HOME to a folder that you may write to",
        ) from error
    return folder


def _replace(file: Path, content: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".dagster-", suffix=".yaml")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(content)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def open_instance(home: Home) -> Iterator[DagsterInstance]:
    """Open the Dagster instance of a home, and close its connections afterwards."""
    with DagsterInstance.from_config(str(prepare_dagster_home(home))) as instance:
        yield instance
