"""`agentic lint`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from agentic_assets.cli.contract.steps import step
from agentic_assets.cli.formats import Format, Remark, Report, emit, format_option

__all__ = ["lint"]


@click.command()
@click.option("--strict", is_flag=True, help="Let a warning fail the command too.")
@format_option
def lint(strict: bool, format_name: Format) -> None:
    """Check all that is declared: contracts, features, agents, rule tables and policies.

    Your own domains are looked at, or those of the library where you have none. It is `agentic contract lint`, `agentic
    features lint`, `agentic policy lint` and `agentic versions check` in one, after every domain was put together,
    which loads the specs of its agents and holds them against features and policies. Content that changed under its
    version is an error, once `agentic versions lock` has written versions.lock. Exit code 1 on errors, with --strict
    also on warnings.
    """
    with step("looking at contracts, features, agents and policies"):
        report = _report()
    emit(report, format_name)
    if report.count("error") or (strict and report.count("warning")):
        raise click.exceptions.Exit(1)


def _report() -> Report:
    from agentic_assets.cli.versions.checking import remarks_on_locks
    from agentic_assets.cli.versions.finding import place_of
    from agentic_assets.domains import domain_names, folders

    # Who has domains of their own looks after those: the library's are linted where it is developed.
    places = folders()[1:] or folders()
    domains = [name for name in domain_names() if any((place / name).is_dir() for place in places)]
    parts = [*_contracts()]
    whole = True
    for name in domains:
        found = list(_domain(name))
        whole = whole and all(remark.severity != "error" or remark.rule != "domain" for remark in found)
        parts += [remark for remark in found if remark not in parts]
    parts += remarks_on_locks(place_of(name) for name in domains)
    if whole:  # rules are judged against the contracts of all domains
        parts += _policies([path for place in places for path in place.iterdir() if path.name in domains])
    counts = {name: sum(remark.severity == name for remark in parts) for name in ("error", "warning", "note")}
    said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)
    summary = (
        f"{len(domains)} domain{'' if len(domains) == 1 else 's'} ({', '.join(domains)}): {said or 'nothing to remark'}"
    )
    return Report("lint", tuple(parts), summary, {"domains": list(domains)})


def _contracts() -> Iterator[Remark]:
    from agentic_assets.cli.contract.lint import report_on

    files = sorted(Path("contracts").rglob("*.odcs.yaml"))
    if files:
        yield from report_on(files).remarks


def _domain(name: str) -> Iterator[Remark]:
    from agentic_assets.cli.versions.checking import is_locked, remarks_on
    from agentic_assets.cli.versions.finding import place_of
    from agentic_assets.cli.versions.loading import loaded
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_lint import problems
    from agentic_assets.home import Home
    from agentic_assets.releases.declared import declared

    domain = loaded(place_of(name))
    if isinstance(domain, Remark):
        yield domain
        return
    yield Remark("domain", "pass", f"{name} is put together with {len(domain.agents)} agents")
    reading = Reading(domain, Home.from_environment())
    try:
        for made, what, hint in problems(reading, published=not is_locked(place_of(name))):
            yield Remark("features", "error", f"{made}: {what}", hint=hint)
    finally:
        reading.close()
    yield from remarks_on(declared(domain), place_of(name))


def _policies(folders: Iterable[Path]) -> Iterator[Remark]:
    from agentic_assets.cli.policy.choosing import rules_in
    from agentic_assets.cli.policy.lint import report_on

    rules = [file for folder in sorted(folders) for file in rules_in(folder)]
    if rules:
        yield from report_on(rules, ()).remarks
