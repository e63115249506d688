"""Which rules of the policy settled what."""

from __future__ import annotations

import polars as pl

from agentic_assets.evidence.report.blocks import (
    Block,
    Cell,
    Note,
    Section,
    Table,
    bar,
    chip,
    code,
    number,
    prose,
    text,
)
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import count, listed, plural, share, shown
from agentic_assets.evidence.summary import Summary
from agentic_assets.policy import Quota, Resource, Rule

__all__ = ["rules"]

_TONES = {"error": "deny", "warning": "escalate", "note": "allow"}
_DONE = {
    "deny": "denied",
    "escalate": "put before a person",
    "transform": "changed",
    "warn": "marked with a warning",
}


def rules(material: Material, summary: Summary) -> Section:
    """List every rule with its message, how often it settled a verdict, and how often it fired at all."""
    policy, decided = material.policy, material.decided
    if decided.is_empty():
        return Section("rules", "Rules", "Verdicts by rule", "The policy had nothing to judge on these days.", ())
    settled = dict(decided.drop_nulls("rule").group_by("rule").len().iter_rows())
    own = decided.filter(pl.col("policy") == policy.id).get_column("fired")
    fired = {entry.id: int((own & (1 << bit) != 0).sum()) for bit, entry in enumerate(policy.entries)}
    most = max([1, *settled.values()])
    rows: list[tuple[Cell, ...]] = [
        (
            code(entry.id),
            chip(entry.verdict.value, entry.verdict.value),
            text(_message(entry)),
            bar(count(settled.get(entry.id, 0)), settled.get(entry.id, 0) / most, entry.verdict.value),
            number(count(fired[entry.id])),
        )
        for entry in policy.entries
    ]
    known = {entry.id for entry in policy.entries}
    rows += [
        (
            code(shown(rule)),
            text(""),
            text("A rule of another version of the policy."),
            bar(count(many), many / most),
            text(""),
        )
        for rule, many in sorted(settled.items())
        if rule not in known
    ]
    untouched = decided.height - sum(settled.values())
    rows.append(_untouched(untouched))
    blocks: list[Block] = [
        Table(
            caption=f"Rules, resources and quotas of {policy.id}, in the order in which they are asked",
            columns=("Rule", "Verdict", "What it says", "Settled", "Fired"),
            rows=tuple(rows),
            stacked=True,
        ),
        Note(
            "The first rule that matches settles the verdict, then resources and quotas count; `fired` also counts "
            "rules that matched after another one had settled it."
        ),
    ]
    blocks += _analysis(material)
    others = sorted(set(decided.get_column("policy").unique().to_list()) - {policy.id})
    if others:
        names = listed([shown(other) for other in others])
        blocks.append(Note(f"Some decisions were judged under {names}: `fired` leaves them out.", "caution"))
    return Section("rules", "Rules", "Verdicts by rule", _takeaway(material, summary, untouched), tuple(blocks))


def _analysis(material: Material) -> list[Block]:
    """Tabulate what holds of the policy whatever the data: gaps, overlaps, and what looks like a mistake."""
    if not material.findings:
        return []
    rows = tuple(
        (
            chip(finding.severity, _TONES[finding.severity]),
            text(finding.kind.replace("-", " ")),
            prose(shown(finding.message, 900)),
        )
        for finding in sorted(material.findings, key=lambda finding: list(_TONES).index(finding.severity))
    )
    caption = f"Gaps, overlaps and doubts that a solver finds in {material.policy.id}, whatever the data ({len(rows)})"
    return [Table(caption=caption, columns=("Grade", "Kind", "What it is"), rows=rows, folded=True, stacked=True)]


def _untouched(many: int) -> tuple[Cell, ...]:
    return (
        text("no rule"),
        chip("allow", "allow"),
        text("Stands as the agent proposed it, most often: do nothing."),
        bar(count(many), -1),
        number("\N{EN DASH}"),
    )


def _message(entry: Rule | Resource | Quota) -> str:
    said = shown(entry.message, 300).rstrip(".")
    said = said[:1].upper() + said[1:]
    return f"{said}. The action becomes {entry.to}." if entry.to else f"{said}."


def _takeaway(material: Material, summary: Summary, untouched: int) -> str:
    touched = summary.decisions - untouched
    if not touched:
        return f"No rule of {material.policy.id} had to step in: every decision stands as proposed."
    verdicts = [
        f"{count(many)} {_DONE.get(verdict, verdict)}"
        for verdict, many in summary.by_verdict.items()
        if verdict != "allow"
    ]
    silent = len({entry.id for entry in material.policy.entries} - set(summary.by_rule))
    part = share(touched, summary.decisions, 2)
    said = f"Policy stepped in on {plural(touched, 'decision')} ({part}): {listed(verdicts)}."
    first = next(iter(summary.by_rule.items()), None)
    if first:
        said += f" Most often by `{shown(first[0])}` ({count(first[1])})."
    return f"{said} {plural(silent, 'rule')} settled nothing." if silent else said
