"""Load contracts: every table of one ODCS file, the only one, or a folder of files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from agentic_assets.contracts import registry
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.odcs import document, standard
from agentic_assets.contracts.odcs.document import Document
from agentic_assets.contracts.odcs.problem import Problem, refuse
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.table import contract_of
from agentic_assets.contracts.odcs.upgrade import upgraded
from agentic_assets.contracts.registry import Predicate
from agentic_assets.errors import ContractInvalid

__all__ = ["Draft", "draft", "load", "load_all", "load_folder", "shown_path"]

SUFFIX: Final = ".odcs.yaml"


@dataclass(frozen=True)
class Draft:
    """What a file says before it is judged: a contract for each table, and all that was noted on the way.

    With problems the contracts may not be used; where the file does not follow the standard there are none.
    """

    document: Document
    problems: tuple[Problem, ...]
    contracts: tuple[Contract, ...] = ()
    mistakes: tuple[Problem, ...] = ()
    unkept: tuple[Problem, ...] = ()
    follows: bool = True


def load(path: Path) -> Contract:
    """Load a file of one table; raise ContractInvalid with file, line and remedy for all that cannot be enforced."""
    contracts = load_all(path)
    if len(contracts) == 1:
        return contracts[0]
    if not contracts:
        raise ContractInvalid(
            f"{shown_path(path)}: describes no table, so there is nothing to enforce", hint="add one under `schema`"
        )
    names = ", ".join(contract.dataset[:60] for contract in contracts[:8])
    raise ContractInvalid(
        f"{shown_path(path)}: describes {len(contracts)} tables: {names}{', ...' if len(contracts) > 8 else ''}",
        hint="load them all with `load_all`, or keep one table a file",
    )


def load_all(path: Path) -> tuple[Contract, ...]:
    """Load a contract for each table of a file, in their order; a file of metadata only gives none.

    Raises ContractInvalid for the whole file when anything in it cannot be enforced as written.
    """
    shown = shown_path(path)
    return _compiled(document.content_of(path, shown), shown, path.parent.name, registry.standing())


# A domain is put together again for every question about it: the same bytes over the same predicates say the same.
@lru_cache(maxsize=256)
def _compiled(
    content: bytes, shown: str, folder: str, predicates: tuple[tuple[str, Predicate], ...]
) -> tuple[Contract, ...]:
    del predicates  # they are looked up by name on the way
    found = _drafted(document.parsed(content, shown), folder)
    refuse(found.document, found.problems)
    return found.contracts


def load_folder(path: Path) -> dict[str, Contract]:
    """Load every `*.odcs.yaml` of a folder, by dataset; raise ContractInvalid for none and for two of one dataset."""
    files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else []
    if not files:
        raise ContractInvalid(
            f"{shown_path(path)}: holds no *{SUFFIX} file", hint="name the folder of one domain's contracts"
        )
    contracts: dict[str, Contract] = {}
    taken: dict[str, Contract] = {}
    for contract in (contract for file in files for contract in load_all(file)):
        other = taken.setdefault(contract.dataset.casefold(), contract)  # some file systems know no case
        if other is not contract:
            raise ContractInvalid(
                f"{contract.path}: the dataset {contract.dataset} is already described by {other.path}",
                hint="keep one contract a dataset",
            )
        contracts[contract.dataset] = contract
    return contracts


def draft(path: Path) -> Draft:
    """Read a file and compile what it says, without judging it; raise Unreadable when it is no YAML to be read."""
    return _drafted(document.read(path, shown_path(path)), path.parent.name)


def _drafted(found: Document, folder: str) -> Draft:
    found = replace(found, value=upgraded(found.value))
    wrong, ignored = standard.violations(found)
    if wrong:
        return Draft(found, tuple(wrong), follows=False)
    contracts: list[Contract] = []
    readings: list[Reading] = []
    for index in range(len(found.value.get("schema") or ())):
        reading = Reading(at=("schema", index), unkept=list(ignored))
        contracts.append(contract_of(found, index, folder, reading))
        readings.append(reading)
    problems = [item for reading in readings for item in reading.problems]
    return Draft(
        found,
        tuple(dict.fromkeys([*problems, *_twice(contracts)])),
        tuple(contracts),
        tuple(dict.fromkeys(item for reading in readings for item in reading.mistakes)),
        tuple(dict.fromkeys(item for reading in readings for item in reading.unkept)),
    )


def shown_path(path: Path) -> str:
    """Show a path from the folder `contracts` on, so that a message and a digest say the same on every machine."""
    parts = path.parts
    for index in range(len(parts) - 1, -1, -1):
        if parts[index] == "contracts":
            return "/".join(parts[index:])
    return path.name


def _twice(contracts: list[Contract]) -> list[Problem]:
    seen: set[str] = set()
    found: list[Problem] = []
    for index, contract in enumerate(contracts):
        if contract.dataset.casefold() in seen:
            what = f"two tables would be the dataset {contract.dataset!r:.60}"
            found.append(Problem(("schema", index, "name"), what, "give each table its own name", "duplicate-table"))
        seen.add(contract.dataset.casefold())
    return found
