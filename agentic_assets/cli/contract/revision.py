"""Bring the contracts of another revision out of git, without touching the working tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agentic_assets.errors import NotFound

__all__ = ["at_revision"]

_SECONDS: Final = 60


@contextmanager
def at_revision(path: Path, revision: str) -> Iterator[Path]:
    """Give a file or folder as it was at a git revision, in a folder that is gone afterwards.

    Raises NotFound where there is no git, no repository, no such revision, or nothing at that path then.
    """
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    root = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip()).resolve()
    relative = path.resolve().relative_to(root).as_posix()
    tree = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    packed = _git(root, "archive", "--format=tar", tree, "--", relative)
    with tempfile.TemporaryDirectory(prefix="agentic-contracts-") as made:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(made, filter="data")
        yield Path(made) / relative


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS).stdout
    except FileNotFoundError as error:
        raise NotFound("git is not installed", hint="give the old folder with --against instead") from error
    except subprocess.TimeoutExpired as error:
        raise NotFound(f"git did not answer within {_SECONDS} s", hint="give the old folder with --against") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise NotFound(
            f"git has nothing to compare with: {said[:200]}",
            hint="name a revision that is fetched here, such as origin/main, and a path that it has",
        ) from error
