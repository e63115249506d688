"""`agentic run`."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import click
from rich.console import Console

from agentic_assets.cli.governing import drift_of, standing_release
from agentic_assets.cli.options import DAY, domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe, span

__all__ = ["run"]


@click.command()
@domain_option
@click.option("--from", "since", type=DAY, help="First day, as YYYY-MM-DD. Default: the first day of the data.")
@click.option("--to", "until", type=DAY, help="Last day, included. Default: the last day of the data.")
@click.option("--refresh", is_flag=True, help="Compute again even what is recorded as done.")
@click.option("--retry-actions", "retried", is_flag=True, help="Only attempt again the actions that failed.")
@json_option
def run(domain_name: str, since: date | None, until: date | None, refresh: bool, retried: bool, as_json: bool) -> None:
    """Make every asset of a domain over a range of days, then print what came of it and write a report.

    What is already done is left alone, so running again is quick, and a run that was cut off goes on. A day that
    breaks its contract is refused and named; the other days go on. Exit code 1 when any day was refused or blocked.

    With --retry-actions only the days with failed actions are made again, from the actions on. Exit code 1 when any
    of them fails once more.
    """
    errors = Console(stderr=True)
    if retried:
        _retry(domain_name, since, until, errors, as_json=as_json)
        return
    with errors.status("starting") if errors.is_terminal and not as_json else nullcontext():
        from agentic_assets.domains import governed_domain, governed_domains
        from agentic_assets.evidence import Reading, summarize
        from agentic_assets.evidence.catalog import gather, write_catalog
        from agentic_assets.evidence.report import write_report
        from agentic_assets.home import Home
        from agentic_assets.orchestration import run_load

        home = Home.from_environment()
        domain = governed_domain(domain_name, home)
        drift = drift_of(domain_name, home)
    if drift:
        click.echo(drift, err=True)
    from agentic_assets.cli.progress import watching
    from agentic_assets.cli.summary import print_summary

    with watching(errors, quiet=as_json) as observer:
        loaded = run_load(domain, home, since=since, until=until, refresh=refresh, observer=observer)
    reading = Reading(domain, home)
    try:
        summary = summarize(reading, domain.graph.calendar.days(since, until), seconds=loaded.seconds)
        scored = bool(domain.subjects[0].scorecard)  # a report is about what decisions cost and saved
        decided = loaded.outcome.complete or summary.decisions > 0
        report = write_report(reading, summary) if scored and decided else None
        with errors.status("reading what the catalogue shows") if errors.is_terminal and not as_json else nullcontext():
            catalog = write_catalog(gather(governed_domains(home), home=home), home.catalog)
    finally:
        reading.close()
    if as_json:
        emit_json(
            {
                **summary.to_dict(),
                "report": str(report) if report else None,
                "catalog": str(catalog),
                "run_id": loaded.run_id,
                "release": {**standing_release(domain_name, home), "drift": drift},
            }
        )
    else:
        print_summary(summary, report, catalog, screen())
    if not loaded.outcome.complete:
        from agentic_assets.orchestration.load import failure_text

        click.echo(f"error: {failure_text(loaded.outcome)}", err=True)
        raise click.exceptions.Exit(1)


def _retry(domain_name: str, since: date | None, until: date | None, errors: Console, *, as_json: bool) -> None:
    with errors.status("looking what failed") if errors.is_terminal and not as_json else nullcontext():
        from agentic_assets.domains import governed_domain
        from agentic_assets.home import Home
        from agentic_assets.orchestration.retrying import retry_and_run

        home = Home.from_environment()
        domain = governed_domain(domain_name, home)
        days = domain.graph.calendar.days(since, until)
    from agentic_assets.cli.progress import watching

    with watching(errors, quiet=as_json) as observer:
        found = retry_and_run(domain, home, days, observer=observer)
    if as_json:
        emit_json(found.to_dict())
    elif not found.days:
        click.echo("no action of these days failed: there is nothing to attempt again")
    else:
        made = f"made again: {span(found.days)}"
        click.echo(f"{found.attempted:,} actions attempted again, {found.failed:,} failed once more; {made}")
        for told in found.failing:
            screen().print(safe(f"  {told}", most=300))
    if found.failed or found.failure:
        click.echo(f"error: {found.failure or f'{found.failed:,} actions failed again'}", err=True)
        raise click.exceptions.Exit(1)
