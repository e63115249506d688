"""Find the contract that a person means: a file, or a dataset by its name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract

__all__ = ["contract_files", "contracts_option", "find"]

F = TypeVar("F", bound=Callable[..., Any])


def contracts_option(command: F) -> F:
    """Add `--contracts`."""
    return click.option(
        "--contracts",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("contracts"),
        show_default=True,
        help="The folder in which contracts are looked for by name, with all folders in it, or one file.",
    )(command)


def contract_files(folder: Path) -> list[Path]:
    """List the contract files below a folder in the order of their paths, or one file; NotFound for none."""
    if folder.is_file():
        return [folder]
    files = sorted(folder.rglob("*.odcs.yaml"))
    if not files:
        what = "holds no *.odcs.yaml file" if folder.is_dir() else "is no folder"
        raise NotFound(f"{folder} {what}", hint="stand in the project's folder, or name the contracts' folder")
    return files


def find(wanted: str, folder: Path, table: str | None = None) -> Contract:
    """Load the contract of a file, or of the dataset of that name (`movements` or `departures/movements`).

    A file that describes several tables is an answer only with the name of one of them.
    """
    from agentic_assets.contracts import load_all

    path = Path(wanted)
    if path.is_file():
        return _of_table(load_all(path), wanted, table)
    if path.suffix in (".yaml", ".yml"):
        raise NotFound(f"there is no file {wanted}", hint="give the path of a contract, or the name of its dataset")
    contracts = [contract for file in contract_files(folder) for contract in load_all(file)]
    found = [contract for contract in contracts if wanted in (contract.dataset, contract.name, contract.id)]
    if found and (len(found) > 1 or table is not None):
        return _of_table(found, wanted, table)
    if found:
        return found[0]
    names = [contract.name for contract in contracts]
    near = difflib.get_close_matches(wanted, [*names, *(contract.dataset for contract in contracts)], n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:20])}"
    raise NotFound(f"no contract in {folder} describes {wanted!r:.80}", hint=hint)


def _of_table(contracts: Sequence[Contract], wanted: str, table: str | None) -> Contract:
    found = [one for one in contracts if table is None or table in (one.dataset, one.physical_name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(contract.name for contract in contracts[:20])
    if not found:
        raise NotFound(f"{wanted} describes no table {table!r:.80}", hint=f"it describes {names}")
    raise NotFound(f"{len(found)} contracts describe {wanted!r:.80}", hint=f"say which: {names}")
