"""What came in, what the contracts refused, and examples of it."""

from __future__ import annotations

import polars as pl

from agentic_assets.evidence.report.blocks import Block, Cell, Note, Section, Table, bar, code, number, text
from agentic_assets.evidence.report.material import Material, Source
from agentic_assets.evidence.report.wording import count, day_words, listed, plural, share, shown
from agentic_assets.evidence.summary import Summary

__all__ = ["quality"]

_EXAMPLES_A_RULE = 3
_EXAMPLES = 24


def quality(material: Material, summary: Summary) -> Section:
    """List rows read and refused by source and by rule, with examples of what was refused."""
    sources, refused = material.sources, material.quarantined
    if not sources and refused.is_empty():
        return Section("quality", "Data", "Data quality", "No source was read for these days.", ())
    blocks: list[Block] = [_sources(sources)] if sources else []
    absent = [source for source in sources if source.partitions < source.expected]
    if absent:
        said = listed([f"{source.asset} ({source.expected - source.partitions})" for source in absent], 8)
        blocks.append(Note(f"Partitions of this range that are not published, by asset: {said}.", "caution"))
    if material.missing:
        days = listed([day_words(day) for day in material.missing], 10)
        blocks.append(Note(f"Days without decisions: {days}.", "caution"))
    if refused.is_empty():
        blocks.append(Note("The quarantine holds no row of this range.", "empty"))
    else:
        blocks += [_by_rule(refused), _examples(refused)]
        blocks.append(
            Note(
                "Values that a contract classifies are masked. The whole rows lie in the tables `quarantine/` of the "
                "lake, which are as confidential as the sources."
            )
        )
    return Section("quality", "Data", "Data quality", _takeaway(sources, refused), tuple(blocks))


def _takeaway(sources: tuple[Source, ...], refused: pl.DataFrame) -> str:
    read, held = sum(source.read for source in sources), sum(source.quarantined for source in sources)
    if not held and not refused.is_empty():
        return f"{plural(refused.height, 'row')} lie in quarantine, of partitions that were refused or not contracted."
    if not held:
        return f"All {plural(read, 'row')} read kept their contracts; none was refused."
    rules = refused.select("asset", "rule").n_unique()
    part = f"{plural(held, 'row')} of {count(read)} ({share(held, read, 2)})"
    said = f"{part} went to quarantine, by {plural(rules, 'rule')}"
    if len(sources) > 1:
        most = max(sources, key=lambda source: source.quarantined)
        said += f"; most of them ({count(most.quarantined)}) from {most.asset}"
    return f"{said}. None was dropped unseen: what was read is what was published and what was quarantined."


def _sources(sources: tuple[Source, ...]) -> Table:
    return Table(
        caption="Rows by contracted source",
        columns=("Source", "Contract", "Read", "Published", "Quarantined", "Share", "Partitions"),
        rows=tuple(
            (
                code(source.asset),
                text(shown(source.contract)),
                number(count(source.read)),
                number(count(source.published)),
                number(count(source.quarantined)),
                number(share(source.quarantined, source.read, 2) if source.quarantined else "0"),
                number("whole" if source.whole else f"{count(source.partitions)} of {count(source.expected)}"),
            )
            for source in sources
        ),
        stacked=True,
    )


def _by_rule(refused: pl.DataFrame) -> Table:
    counted = (
        refused.group_by("asset", "rule", "column")
        .len()
        .sort(["len", "asset", "rule", "column"], descending=[True, False, False, False])
    )
    most = int(counted.item(0, "len"))
    return Table(
        caption="Refused rows by rule (the first rule that each row broke)",
        columns=("Source", "Rule", "Column", "Rows"),
        rows=tuple(
            (
                code(shown(asset)),
                code(shown(rule)),
                text(shown(column or "whole row")),
                bar(count(many), many / most, "deny"),
            )
            for asset, rule, column, many in counted.iter_rows()
        ),
        stacked=True,
    )


def _examples(refused: pl.DataFrame) -> Table:
    first = (
        refused.sort("asset", "rule", "source_row")
        .group_by("asset", "rule", maintain_order=True)
        .head(_EXAMPLES_A_RULE)
        .select("asset", "rule", "column", "value", "source_row")
        .head(_EXAMPLES)
    )
    return Table(
        caption=f"Examples of refused rows, up to {_EXAMPLES_A_RULE} a rule",
        columns=("Source", "Source row", "Rule", "Column", "Value"),
        rows=tuple(
            (
                code(shown(asset)),
                number(count(row) if row is not None else "\N{EN DASH}"),
                code(shown(rule)),
                text(shown(column or "whole row")),
                Cell(shown(value), "hash"),
            )
            for asset, rule, column, value, row in first.iter_rows()
        ),
        folded=True,
        stacked=True,
    )
