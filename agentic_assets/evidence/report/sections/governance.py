"""Who answers for the decisions, which versions shaped them, and how to check all of it."""

from __future__ import annotations

from agentic_assets.evidence.report.blocks import Block, Facts, Listing, Note, Section, Table, digest, number, text
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import count, day_words, plural, range_words, shown
from agentic_assets.evidence.summary import Summary

__all__ = ["governance"]

_TITLE = "Versions and ledger"
_ORDER = ("agent", "policy", "feature_set", "model", "contract")


def governance(material: Material, summary: Summary) -> Section:
    """Show owners, pinned versions and the signed checkpoint."""
    size = summary.ledger.get("size", 0)
    sealed = (
        f"The ledger's signed head covers {plural(size, 'checkpoint')}"
        if size
        else "Nothing is sealed into the ledger yet"
    )
    takeaway = f"{plural(len(material.pins), 'pinned version')} shaped these decisions. {sealed}."
    blocks: list[Block] = [_owners(material)]
    blocks.append(_pins(material) if material.pins else Note("No decision, so no versions.", "empty"))
    blocks += _ledger(material, summary)
    return Section("versions", "Versions", _TITLE, takeaway, tuple(blocks))


def _owners(material: Material) -> Facts:
    agent, policy = material.agent, material.policy
    escalation = policy.escalation
    items = [
        ("Agent", text(f"{agent.id}: {shown(agent.purpose, 400)}")),
        ("Answers for the agent", text(shown(agent.owner))),
        ("Risk tier, next review", text(f"{agent.risk_tier}, {day_words(agent.review_by)}")),
        ("Policy", text(f"{policy.id}: {shown(policy.purpose, 400)}")),
        ("Answers for the policy", text(shown(policy.owner))),
    ]
    if escalation:
        within = f"{shown(escalation.role)}, within {plural(escalation.within_minutes, 'minute')}"
        items.append(("Decides what is escalated", text(f"{within}; after that: {escalation.on_expiry.value}")))
    return Facts(tuple(items))


def _pins(material: Material) -> Table:
    rank = {kind: place for place, kind in enumerate(_ORDER)}
    pins = sorted(material.pins, key=lambda use: (rank.get(use.pin.kind, len(rank)), use.pin, use.first_day))
    return Table(
        caption="Versions that shaped these decisions",
        columns=("Kind", "Name", "Version", "Decisions", "In use", "SHA-256 of the content"),
        rows=tuple(
            (
                text(use.pin.kind.replace("_", " ")),
                text(shown(use.pin.name)),
                text(shown(use.pin.version)),
                number(count(use.decisions)),
                text(range_words(use.first_day, use.last_day)),
                digest(use.pin.digest),
            )
            for use in pins
        ),
        stacked=True,
    )


def _ledger(material: Material, summary: Summary) -> list[Block]:
    if not summary.ledger.get("size"):
        return [Note("There is no checkpoint to show: decisions are sealed when their day is run.", "empty")]
    return [
        Note(
            "Each day's decisions are the leaves of a Merkle tree (RFC 6962); the roots of all days are the leaves of "
            "one log, whose head is signed below. Give this head to somebody outside: then a holder of the key cannot "
            "rewrite the past unseen. The head depends on this home's key and on the order in which days were sealed, "
            "so another home signs another one."
        ),
        Listing("Signed head of the log", shown_lines(summary.ledger["checkpoint"])),
        *([Listing("Public key to check it with", shown(material.verifier, 400))] if material.verifier else []),
        Listing(
            "Check every sealed decision, and read one whole",
            f"export AGENTIC_HOME={shown(summary.home, 400)}\nagentic verify\nagentic explain ID",
        ),
    ]


def shown_lines(text_of_lines: str) -> str:
    """Show a text of several lines; what else is not printable is made visible."""
    return "\n".join(shown(line, 400) for line in text_of_lines.strip().split("\n"))
