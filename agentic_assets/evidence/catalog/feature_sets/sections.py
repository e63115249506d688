"""The parts of a feature set's page beside its features, each a pure function of the listed set."""

from __future__ import annotations

from typing import Final

from agentic_assets.evidence.catalog.feature_sets.material import Change, ListedSet, Model, Proofs
from agentic_assets.evidence.catalog.material import Catalog
from agentic_assets.evidence.catalog.naming import fragment
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
from agentic_assets.evidence.report.wording import count, plural, shown

__all__ = ["proofs", "sources", "use", "versions"]

_DASH: Final = "\N{EN DASH}"
_MODEL_ROWS: Final = 15
_CHANGES: Final = 40
_TONES: Final = {"breaking": "deny", "values": "escalate", "compatible": "allow", "words": "allow"}


def sources(one: ListedSet, catalog: Catalog) -> Section:
    """Name the facts that enter, when each becomes known, and the views made of them."""
    rows = tuple(
        (
            code(shown(source["name"])),
            Cell(shown(source["table"]), "code", href=catalog.page_of(source["table"])),
            Cell(shown(source["known_at"], 120), "code", href=catalog.link(f"{source['table']}.{source['known_at']}")),
        )
        for source in one.card["sources"]
    )
    counts: dict[str, int] = {}
    for feature in one.card["features"]:
        counts[feature["view"]] = counts.get(feature["view"], 0) + 1
    views = tuple(
        (
            Cell(shown(view["name"]), "code", href=f"#view-{place}"),
            number(count(counts.get(view["name"], 0))),
            text(shown(view["time_to_live"]) if view["time_to_live"] else "none"),
        )
        for place, view in enumerate(one.card["views"])
    )
    lead = "A fact enters only once it is known: each source names the column that says when that is."
    return Section(
        "sources",
        "Sources",
        "Sources and views",
        lead,
        (
            Table("Sources", ("Facts", "From", "Known at"), rows, stacked=True),
            Table("Views", ("View", "Features", "Time to live online"), views, stacked=True),
        ),
    )


def use(one: ListedSet, catalog: Catalog) -> Section:
    """Name the agents that decide on the set, the assets that read it, and what models rest on."""
    blocks: list[Block] = []
    if one.agents:
        rows = tuple(
            (
                Cell(shown(agent.id), "code", href=catalog.page_of(agent.decisions)),
                code(shown(agent.wants)),
                text(f"{count(len(agent.reads))} of {count(len(one.card['features']))}"),
                text(shown(agent.owner)),
                text(shown(agent.purpose, 300)),
            )
            for agent in one.agents
        )
        columns = ("Agent", "Pins", "Features that reach it", "Answers for it", "Purpose")
        blocks.append(Table("Agents that decide on it", columns, rows, stacked=True))
    if one.consumers:
        total = len(one.card["features"])
        readers = tuple(
            (
                Cell(shown(reader.asset), "code", href=catalog.page_of(reader.asset)),
                text(shown(reader.kind)),
                text(f"{count(len(reader.features))} of {count(total)}" if reader.named else "not said by column"),
            )
            for reader in one.consumers
        )
        blocks.append(Table("Read by", ("Asset", "What it is", "Features"), readers, stacked=True))
    blocks += [_model(model) for model in one.models]
    if not blocks:
        blocks.append(Note("Nothing reads it.", "empty"))
    unpinned = [agent for agent in one.agents if agent.wants != one.name]
    lead = f"{plural(len(one.consumers), 'asset')} read{'s' if len(one.consumers) == 1 else ''} it"
    lead += f"; {plural(len(one.agents), 'agent')} decide{'s' if len(one.agents) == 1 else ''} on it"
    if unpinned:
        lead += f". {shown(unpinned[0].id)} pins {shown(unpinned[0].wants)}, which is not what is defined now"
    return Section("use", "Use", "Who lives on it", f"{lead}.", tuple(blocks))


def _model(model: Model) -> Table:
    ordered = sorted(model.gains.items(), key=lambda item: (-item[1][0], item[0]))
    most = max(ordered[0][1][0], 1e-9)
    unused = sum(not splits for _, splits in model.gains.values())
    rows = tuple(
        (
            Cell(shown(name), "code", href=fragment("feature", name)),
            number(count(splits)),
            bar(f"{100 * gain:.1f} %", gain / most),
        )
        for name, (gain, splits) in ordered[:_MODEL_ROWS]
    )
    caption = f"What {shown(model.name)} rests on: the first {len(rows)} of {plural(len(ordered), 'feature')}"
    if unused:
        caption += f", {count(unused)} of which no split uses"
    return Table(caption, ("Feature", "Splits", "Share of the gain"), rows, stacked=True)


def proofs(one: ListedSet, catalog: Catalog) -> Section | None:
    """Tell how the newest proofs turned out, and which months do not stand; None where nothing proves the set."""
    if one.measured is None or not one.proofs:
        return None
    blocks: list[Block] = []
    for found in one.proofs:
        blocks += _proofs(found)
    outcomes = [outcome for found in one.proofs for outcome in found.outcomes]
    refused = sum(len(found.refused) for found in one.proofs)
    held = sum(outcome.passed for outcome in outcomes)
    if not outcomes:
        lead = "Nothing is proved in this home yet."
    elif held == len(outcomes):
        lead = f"All {plural(held, 'law')} held in {shown(one.proofs[0].partition)}, the newest month proved."
    else:
        lead = f"{plural(len(outcomes) - held, 'law')} of {len(outcomes)} did not hold."
    if refused:
        lead += f" {plural(refused, 'month')} {'does' if refused == 1 else 'do'} not stand."
    blocks.append(
        Note(
            "Each month they are proved anew by the asset `"
            + "`, `".join(shown(found.asset) for found in one.proofs)
            + "`, on its last published days."
        )
    )
    return Section("proofs", "Proofs", "What is proved of it", lead, tuple(blocks))


def _proofs(found: Proofs) -> list[Block]:
    blocks: list[Block] = []
    if found.outcomes:
        rows = tuple(
            (
                code(shown(outcome.law)),
                chip("held" if outcome.passed else "broken", "allow" if outcome.passed else "deny"),
                prose(shown(outcome.meaning, 300)),
                prose(shown(outcome.said, 400)),
            )
            for outcome in found.outcomes
        )
        caption = f"Proofs of {shown(found.partition)}, one of {plural(found.months, 'month')} proved"
        blocks.append(Table(caption, ("Law", "Outcome", "What it says", "What was compared"), rows, stacked=True))
    if found.refused:
        blocks.append(
            Table(
                "Months that do not stand",
                ("Month", "Why"),
                tuple((text(shown(month)), text(shown(why, 500))) for month, why in found.refused.items()),
                stacked=True,
            )
        )
    return blocks


def versions(one: ListedSet) -> Section | None:
    """List the versions that were recorded, what each published, and what changed between them; None without a home."""
    if one.measured is None:
        return None
    blocks: list[Block] = []
    standing = {(version.version, version.digest): version for version in one.versions}
    known = dict.fromkeys([*standing, *((version, digest) for version, digest in one.recorded)])
    if known:
        rows = []
        for key in sorted(known, key=lambda one: (_order(one[0]), one[1])):
            version = standing.get(key)
            rows.append(
                (
                    code(shown(key[0], 60)),
                    number(count(version.partitions if version else 0)),
                    text(shown(version.first) if version else _DASH),
                    text(shown(version.last) if version else _DASH),
                    Cell(shown(version.recorded_at[:16].replace("T", " ")), measured=True) if version else text(_DASH),
                    Cell(shown(key[1][:16]), "hash"),
                )
            )
        columns = ("Version", "Partitions now", "From", "To", "First recorded (UTC)", "Digest")
        blocks.append(Table("Versions recorded in this home", columns, tuple(rows), stacked=True))
    blocks += [_change(change) for change in one.changes]
    now = (one.card["version"], one.card["digest"])
    same = [digest for version, digest in known if version == now[0]]
    if same and now not in known:
        blocks.insert(
            0,
            Note(
                f"What is defined now as {shown(one.name)} has another digest than what was published under this "
                "number: raise the version.",
                "caution",
            ),
        )
    if not known:
        blocks.append(Note("No version of it is recorded in this home yet: `agentic run` publishes it.", "empty"))
    lead = f"{plural(len({version for version, _ in known}), 'version')} recorded; {shown(one.name)} is defined now."
    return Section("versions", "Versions", "Versions, and what changed", lead, tuple(blocks))


def _change(change: Change) -> Block:
    what = f"From {shown(change.old, 60)} to {shown(change.new, 60)}"
    if change.problem:
        return Note(f"{what}: {shown(change.problem)}.", "empty")
    if not change.changes:
        return Note(f"{what}: nothing but the number changed.")
    rows = tuple(
        (
            code(shown(subject)),
            chip(shown(weight, 20), _TONES.get(weight, "allow")),
            prose(shown(said, 400)),
        )
        for weight, subject, said in change.changes[:_CHANGES]
    )
    more = f", the first {_CHANGES} of {count(len(change.changes))} changes" if len(change.changes) > _CHANGES else ""
    return Table(f"{what}{more}", ("About", "Weight", "What changed"), rows, stacked=True)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in version.split("."))
