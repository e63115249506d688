"""`agentic policy lint`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.contract.finding import find
from agentic_assets.cli.contract.steps import step
from agentic_assets.cli.formats import Format, Remark, Report, emit, format_option
from agentic_assets.cli.policy.choosing import TABLE, policy_files
from agentic_assets.errors import ConfigInvalid, PolicyInvalid

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract
    from agentic_assets.evidence import Domain
    from agentic_assets.policy.analysis import Finding

__all__ = ["lint", "report_on"]

_PLACE = re.compile(r"[^:]+:(\d+): ")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--contract",
    "wanted",
    multiple=True,
    metavar="FILE",
    help="A contract that holds what the rules read: rows that break it are left out of account. Can be repeated. "
    "Default: the contracts of the domain in whose folder the policy lies.",
)
@click.option("--strict", is_flag=True, help="Let a warning fail the command too.")
@format_option
def lint(paths: tuple[Path, ...], wanted: tuple[str, ...], strict: bool, format_name: Format) -> None:
    """Find rules that are wrong whatever the data: each with its line, why, and a row that shows it.

    PATH is a policy, the rule table of an agent (NAME.rules.yaml beside NAME.agent.yaml), or a folder of both; those of
    all domains where you name none. A solver (Z3) goes through all rows that there could be, and looks for rules that
    can never be true or always are, that earlier rules leave nothing, that contradict each other or overlap; for rows
    that no rule matches; for actions that are put in place behind the back of a rule; for quotas that can never bind
    and columns that nothing reads. Rows that it shows were run as a batch and as a single event.

    \b
    error    the policy cannot be meant as it is written
    warning  it probably is not
    note     worth knowing: gaps, exceptions, and what the order of the rules settles

    The solver takes numbers as exact. Where a proof is about rules that compute, the finding says so: doubles round.

    Exit code 0 without errors, 1 on errors, with --strict also on warnings; 2 when the command is not understood.
    """
    contracts = [find(name, Path("contracts")) for name in wanted]
    with step("going through the rules"):
        report = report_on(policy_files(paths), contracts)
    emit(report, format_name)
    if report.count("error") or (strict and report.count("warning")):
        raise click.exceptions.Exit(1)


def report_on(files: Sequence[Path], contracts: Sequence[Contract]) -> Report:
    """Report rules that are wrong whatever the data; without contracts, those of the domains hold."""
    domains = () if contracts else _domains_of(files)
    remarks = [remark for file in files for remark in _remarks(file, contracts, domains)]
    loaded = sum(remark.rule == "loads" for remark in remarks)
    counts = {name: sum(remark.severity == name for remark in remarks) for name in ("error", "warning", "note")}
    said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)
    summary = f"{len(files)} file{'' if len(files) == 1 else 's'} of rules: {said or 'nothing to remark'}"
    return Report("policy lint", tuple(remarks), summary, {"files": len(files), "loaded": loaded})


def _domains_of(files: Sequence[Path]) -> tuple[Domain, ...]:
    """Load the domains in whose folders files lie."""
    from agentic_assets import domains

    roots = [root.resolve() for root in domains.folders()]
    places = [
        file.resolve().relative_to(root) for file in files for root in roots if file.resolve().is_relative_to(root)
    ]
    return tuple(domains.load_domain(name) for name in sorted({place.parts[0] for place in places if place.parts[1:]}))


def _remarks(file: Path, contracts: Sequence[Contract], domains: Sequence[Domain]) -> list[Remark]:
    path = _short(file)
    try:
        found = _table(file, contracts, domains) if file.name.endswith(TABLE) else _policy(file, contracts, domains)
    except (PolicyInvalid, ConfigInvalid) as refused:
        place = _PLACE.match(refused.what)
        line = int(place[1]) if place else 1
        return [Remark("policy-invalid", "error", refused.what, path, line, refused.hint)]
    held = Remark("loads", "pass", "can be judged by as it is written", path)
    return [*(_remark(finding, path) for finding in found), held]


def _policy(file: Path, contracts: Sequence[Contract], domains: Sequence[Domain]) -> tuple[Finding, ...]:
    from agentic_assets.evidence.analysis import facts_before
    from agentic_assets.policy import load_ruleset
    from agentic_assets.policy.analysis import analyse, facts_of
    from agentic_assets.policy.places import lines_of

    ruleset = load_ruleset(file)
    facts = facts_of(contracts, ruleset.reads) if contracts else facts_before(ruleset, domains)
    return analyse(ruleset, facts, lines_of(file))


def _table(file: Path, contracts: Sequence[Contract], domains: Sequence[Domain]) -> tuple[Finding, ...]:
    """Analyse a rule table; the spec of its agent lies beside it and has the same name."""
    from agentic_assets.agents import load_spec
    from agentic_assets.agents.rules import load_rules
    from agentic_assets.evidence.analysis import facts_of_inputs
    from agentic_assets.policy.analysis import analyse_table, facts_of
    from agentic_assets.policy.places import lines_of

    spec = load_spec(file.with_name(f"{file.name.removesuffix(TABLE)}.agent.yaml"))
    facts = facts_of(contracts, spec.columns) if contracts else facts_of_inputs(spec, domains)
    return analyse_table(load_rules(file, spec), spec.columns, facts, lines_of(file))


def _remark(finding: Finding, path: str) -> Remark:
    row = None if finding.row is None else dict(finding.row)
    return Remark(
        finding.kind,
        finding.severity,
        finding.message,
        path,
        finding.lines[0] if finding.lines else 1,
        finding.hint,
        details={"entries": list(finding.entries), "lines": list(finding.lines), "row": row, "exact": finding.exact},
    )


def _short(file: Path) -> str:
    """Give a path from where one stands, if it lies below."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_absolute() and file.is_relative_to(here) else str(file)
