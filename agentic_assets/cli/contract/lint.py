"""`agentic contract lint`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from agentic_assets.cli.contract.finding import contract_files
from agentic_assets.cli.formats import Format, Remark, Report, emit, format_option

if TYPE_CHECKING:
    from agentic_assets.cli.formats import Severity
    from agentic_assets.contracts import Lint

__all__ = ["lint", "report_on"]

_SEVERITIES: Final[dict[str, Severity]] = {"error": "error", "warning": "warning", "info": "note"}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Let a warning fail the command too.")
@format_option
def lint(paths: tuple[Path, ...], strict: bool, format_name: Format) -> None:
    """Say what is wrong, doubtful or not enforced in contracts, each with its line and what to do.

    PATH is a contract file, or a folder of *.odcs.yaml files; contracts/ where you name none. An error means that the
    contract cannot be used as it is written. Exit code 1 on errors, with --strict also on warnings.
    """
    report = report_on([file for path in paths or (Path("contracts"),) for file in _files(path)])
    emit(report, format_name)
    if report.count("error") or (strict and report.count("warning")):
        raise click.exceptions.Exit(1)


def _files(path: Path) -> list[Path]:
    return contract_files(path) if path.is_dir() or not path.suffix else [path]


def report_on(files: Sequence[Path]) -> Report:
    """Report what is wrong, doubtful or not enforced in contract files."""
    from agentic_assets.contracts import lint as lint_file

    linted = {str(file): lint_file(file) for file in dict.fromkeys(files)}
    remarks = [remark for path, found in linted.items() for remark in _remarks(path, found)]
    remarks += _twice(linted)
    datasets = sum(len(found.contracts) for found in linted.values())
    counts = {name: sum(remark.severity == name for remark in remarks) for name in ("error", "warning", "note")}
    said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)
    one = len(linted) == 1
    summary = f"{len(linted)} file{'' if one else 's'}, {datasets} contract{'' if datasets == 1 else 's'} that can be "
    return Report(
        "contract lint",
        tuple(remarks),
        f"{summary}enforced: {said or 'nothing to remark'}",
        {"files": len(linted), "contracts": datasets},
    )


def _remarks(path: str, found: Lint) -> list[Remark]:
    remarks = [
        Remark(
            note.rule,
            _SEVERITIES[note.severity],
            note.message,
            path,
            note.line,
            note.hint or None,
            details={"place": note.place},
        )
        for note in found.notes
    ]
    holds = [Remark("loads", "pass", "can be enforced as it is written", path)] if found.loads else []
    return remarks + holds


def _twice(linted: dict[str, Lint]) -> list[Remark]:
    """Report datasets that two files describe: each dataset has one contract."""
    seen: dict[str, str] = {}
    remarks: list[Remark] = []
    for path, found in linted.items():
        for contract in found.contracts:
            other = seen.setdefault(contract.name, path)
            if other != path:
                said = f"the dataset {contract.name} is already described by {other}"
                remarks.append(Remark("duplicate-dataset", "error", said, path, 1, "keep one contract a dataset"))
    return remarks
