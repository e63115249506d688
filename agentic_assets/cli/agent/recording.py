"""`agentic agent record` and `agentic agent recordings`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from agentic_assets.cli.agent.finding import find_agent
from agentic_assets.cli.options import DAY, domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

if TYPE_CHECKING:
    from agentic_assets.agents.llm import Asked
    from agentic_assets.evidence.recorded_answers import Coverage

__all__ = ["record", "recordings"]

_LONGEST = 20_000  # a prompt is at most 8,000 characters long, and people want to read an answer whole


@click.command()
@click.argument("name", metavar="AGENT")
@click.option("--from", "first", type=DAY, required=True, help="First day whose situations are asked about.")
@click.option("--to", "last", type=DAY, required=True, help="Last day.")
@domain_option
@json_option
def record(name: str, first: date, last: date, domain_name: str, as_json: bool) -> None:
    """Ask AGENT's language model whatever is not recorded yet, and keep the answers.

    The situations are those of published features, so run the days first. Each distinct one is asked once; what is
    recorded is never asked again. Answers go into the file beside the domain's code: review it, commit it, and run the
    days again. The only command that asks a model: `agentic run` replays.
    """
    from agentic_assets.agents.llm import Outcome, live_model
    from agentic_assets.agents.llm import record as ask_and_keep
    from agentic_assets.domains import load_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.recorded_answers import asking_node, coverage
    from agentic_assets.home import Home

    domain, home = load_domain(domain_name), Home.from_environment()
    node = asking_node(domain, find_agent(domain, name).name)
    reading = Reading(domain, home)
    try:
        before = coverage(reading, node, domain.graph.calendar.days(first, last))
    finally:
        reading.close()
    agent, missed = before.agent, before.having(Outcome.MISSED)
    made: list[Asked] = []
    if missed:
        model = live_model(agent.prompt, home.language_models)
        texts = [question.text for question in missed]
        with Progress(console=Console(stderr=True), disable=as_json) as progress:
            task = progress.add_task(f"asking {agent.prompt.model}", total=len(texts))

            def after(asked: Asked) -> None:
                made.append(agent.judged(asked))
                progress.advance(task)
                said = f"{asked.text} -> {asked.answer.action}: {asked.answer.reason}"
                progress.console.print(safe(said, most=_LONGEST), highlight=False)

            ask_and_keep(agent.prompt, texts, agent.recordings, model, after=after)
    refused = sum(asked.answer.outcome is Outcome.REFUSED for asked in made)
    if as_json:
        emit_json(
            {
                "agent": agent.spec.id,
                "prompt": agent.prompt.id,
                "model": agent.prompt.model,
                "file": str(agent.recordings.path),
                "days": before.days,
                "situations": len(before.questions),
                "asked": len(made),
                "refused": refused,
            },
            ascii_only=True,
        )
        return
    screen().print(
        f"{len(before.questions):,} distinct situations on {before.days:,} days: {len(missed):,} were not recorded, "
        f"{len(made):,} asked, of whose answers {refused:,} are refused\n{escape(str(agent.recordings.path))}",
        highlight=False,
    )


@click.command()
@click.argument("name", metavar="AGENT")
@click.argument("key", required=False)
@domain_option
@json_option
def recordings(name: str, key: str | None, domain_name: str, as_json: bool) -> None:
    """Show what is recorded of AGENT's language model, and which situations of published days lack an answer.

    With KEY, the first digits of a recording's digest, shows that one whole.
    """
    from agentic_assets.domains import load_domain
    from agentic_assets.errors import NotFound
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.recorded_answers import Coverage, asking_node, coverage
    from agentic_assets.home import Home

    domain = load_domain(domain_name)
    node = asking_node(domain, find_agent(domain, name).name)
    agent = node.agent()
    if key is not None:
        found = [recording for recording in agent.recordings if recording.key.startswith(key)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} recordings of {agent.spec.id} begin with {key[:64]!r}",
                hint="give more digits" if found else f"`agentic agent recordings {name}` lists them",
            )
        one = found[0]
        shown = {
            "key": one.key,
            "model": one.model,
            "prompt": one.prompt,
            "asked": one.asked,
            "response": [dict(part) for part in one.response],
            "content": one.content,
        }
        if as_json:
            emit_json(shown, ascii_only=True)
        else:
            for label, value in shown.items():
                screen().print(Text(f"{label:<9}").append(safe(value, most=_LONGEST, lines=True)), highlight=False)
        return
    reading = Reading(domain, Home.from_environment())
    try:
        found_coverage = coverage(reading, node)
    except NotFound:
        found_coverage = Coverage(agent, 0, (), tuple(agent.recordings))
    finally:
        reading.close()
    if as_json:
        emit_json(_told(found_coverage), ascii_only=True)
    else:
        _print(found_coverage)


def _told(found: Coverage) -> dict[str, Any]:
    from agentic_assets.agents.llm import Outcome

    agent = found.agent
    return {
        "agent": agent.spec.id,
        "prompt": agent.prompt.id,
        "prompt_digest": agent.prompt.pin.digest,
        "model": agent.prompt.model,
        "file": str(agent.recordings.path),
        "recordings": len(agent.recordings),
        "unused": len(found.unused),
        "days": found.days,
        "situations": {outcome.value: len(found.having(outcome)) for outcome in Outcome},
        "rows": {outcome.value: found.rows(outcome) for outcome in Outcome},
        "answers": [
            {
                "key": question.answer.key,
                "asked": question.text,
                "rows": question.rows,
                "outcome": question.answer.outcome.value,
                "action": question.answer.action,
                "reason": question.answer.reason,
            }
            for question in found.questions
        ],
    }


def _print(found: Coverage) -> None:
    from agentic_assets.agents.llm import Outcome

    agent, out = found.agent, screen()
    table = Table(title=f"answers of {agent.prompt.model} to {agent.prompt.id}", title_justify="left")
    for column in ("key", "rows", "asked", "action", "reason"):
        table.add_column(column, justify="right" if column == "rows" else "left")
    for question in found.questions:
        answer = question.answer
        said = (answer.key[:12], f"{question.rows:,}", question.text, answer.action, answer.reason)
        table.add_row(*(safe(value, most=_LONGEST, lines=True) for value in said))
    if found.questions:
        out.print(table)
    counts = ", ".join(
        f"{len(found.having(outcome)):,} situations ({found.rows(outcome):,} rows) {outcome.value}"
        for outcome in Outcome
    )
    out.print(
        f"{len(agent.recordings):,} recordings, {len(found.unused):,} of them not asked for on the {found.days:,} "
        f"published days\n{counts}\n{escape(str(agent.recordings.path))}",
        highlight=False,
    )
