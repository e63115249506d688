"""What every rule does to a row or a partition, and how often it was broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from agentic_assets.contracts import Rule
from agentic_assets.evidence.catalog.material import Listed
from agentic_assets.evidence.report.blocks import Block, Cell, Note, Section, Table, chip, code, number, prose, text
from agentic_assets.evidence.report.wording import count, plural, shown

__all__ = ["rules"]

_DASH: Final = "\N{EN DASH}"


def rules(one: Listed) -> Section:
    """List every rule with what it does to a row or a partition, and how often it was broken."""
    contract = one.contract
    broken: dict[str, int] = {}
    for day in one.history.days if one.history else ():
        for rule, many in day.broken.items():
            broken[rule] = broken.get(rule, 0) + many
    hard = sum(rule.severity == "error" for rule in contract.rules)
    # What follows from a column's own line stands with the column; here it is only there to be found.
    own = [rule for rule in contract.rules if not _of_a_column(rule) or broken.get(rule.id)]
    others = [rule for rule in contract.rules if rule not in own]
    blocks: list[Block] = []
    if own:
        blocks.append(_rules("Rules of the table, and whatever was broken", own, broken if one.history else None))
    if others:
        follow = f"{plural(len(others), 'rule')} that follow{'s' if len(others) == 1 else ''} from the columns"
        caption = follow if own else "Rules that follow from the columns"
        folded = len(others) > 12
        blocks.append(_rules(caption, others, broken if one.history else None, folded=folded))
    blocks.append(
        Note(
            f"A partition is refused as a whole when more than {100 * contract.max_refused_share:g} % of its rows are. "
            "Refused rows go to quarantine; nothing is dropped unseen."
        )
    )
    if contract.unenforced:
        blocks.append(
            Table(
                "Said in the file, but not enforced",
                ("What is said",),
                tuple((prose(shown(said, 400)),) for said in contract.unenforced),
            )
        )
    soft = len(contract.rules) - hard
    lead = f"{plural(hard, 'rule')} {'refuses' if hard == 1 else 'refuse'} what breaks {'it' if hard == 1 else 'them'}"
    lead += f", {count(soft)} only {'warns' if soft == 1 else 'warn'}." if soft else "."
    return Section("rules", "Rules", "Rules", lead, tuple(blocks))


def _of_a_column(rule: Rule) -> bool:
    return rule.column is not None and rule.id.partition("#")[0].endswith(f"({rule.column})")


def _rules(caption: str, found: Sequence[Rule], broken: Mapping[str, int] | None, *, folded: bool = False) -> Table:
    return Table(
        caption,
        ("Rule", "What is promised", "Dimension", "When broken", *(("Rows so far",) if broken is not None else ())),
        tuple(
            (
                code(shown(rule.id)),
                prose(shown(_promise(rule), 600)),
                text(shown(rule.dimension or _DASH)),
                _consequence(rule),
                *((number(count(broken.get(rule.id, 0))),) if broken is not None else ()),
            )
            for rule in found
        ),
        folded=folded,
        stacked=True,
    )


def _promise(rule: Rule) -> str:
    where = f"{rule.column}: " if rule.column else ""
    about = f" \N{EN DASH} {rule.description}" if rule.description else ""
    return f"{where}{rule.text}{about}"


def _consequence(rule: Rule) -> Cell:
    if rule.severity == "warning":
        return chip("warns", "warn")
    return chip("the row is refused" if rule.scope == "row" else "the partition is refused", "deny")
