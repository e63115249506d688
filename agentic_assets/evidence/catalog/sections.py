"""The parts of a contract's page, each a pure function of the listed contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from agentic_assets.contracts import Column, Contract, Rule
from agentic_assets.evidence.catalog.material import Catalog, Listed, Reader
from agentic_assets.evidence.report.blocks import (
    Block,
    Cell,
    Facts,
    Note,
    Section,
    Table,
    chip,
    code,
    number,
    prose,
    text,
)
from agentic_assets.evidence.report.wording import count, plural, shown

__all__ = ["columns", "delivery", "facts", "lineage", "people", "rules"]

MASKED: Final = "(masked)"
_EXAMPLES: Final = 3
_SAFE: Final = ("http://", "https://", "mailto:")
_DASH: Final = "\N{EN DASH}"


def columns(one: Listed, catalog: Catalog) -> Section:
    """Describe each column: type, what is promised of its values, class, meaning, examples."""
    contract = one.contract
    rows = tuple(_column(column) for column in contract.columns)
    blocks: list[Block] = [
        Table(
            "Columns, in the order of the table",
            ("Column", "Type", "Class", "Promised of every value", "Meaning"),
            rows,
            stacked=True,
        )
    ]
    if contract.relationships:
        blocks.append(_relationships(contract, catalog))
    masked = sum(column.masked for column in contract.columns)
    key = f" The primary key is {', '.join(contract.primary_key)}." if contract.primary_key else ""
    veiled = f" Values of {plural(masked, 'column')} are masked wherever they would be shown." if masked else ""
    return Section("columns", "Columns", "Columns", f"{plural(len(rows), 'column')}.{key}{veiled}", tuple(blocks))


def _column(column: Column) -> tuple[Cell, ...]:
    notes = [column.description]
    notes += [f"Unit: {column.unit}."] if column.unit else []
    notes += ["Known only after the fact."] if column.after_the_fact else []
    notes += [f"Known from {' or '.join(column.known_at)} on."] if column.known_at else []
    notes += ["Critical."] if column.critical else []
    notes += ["Deprecated."] if column.deprecated else []
    notes += [f"Encrypted in {column.encrypted_name}."] if column.encrypted_name else []
    if column.transform is not None:
        notes += [f"Made from {', '.join(column.transform.sources)}."] if column.transform.sources else []
        notes += [said for said in (column.transform.description, column.transform.logic) if said]
    notes += [f"Tags: {', '.join(column.tags)}."] if column.tags else []
    title = f"{column.title}: " if column.title and column.title != column.name else ""
    example = _examples(column)
    notes += [f"E.g. {example}."] if example else []
    plain = [promise for promise in column.constraints if promise]
    return (
        Cell(shown(column.name), "code", anchor=f"column-{column.name}"),
        code(shown(column.physical_type)),
        _class(column),
        text(shown("; ".join(plain), 400) or _DASH),
        prose(shown(title + " ".join(note for note in notes if note), 1_200)),
    )


def _class(column: Column) -> Cell:
    said = column.classification or ("encrypted" if column.masked else "")
    return chip(shown(said, 60), "deny" if column.masked else "allow") if said else text(_DASH)


def _examples(column: Column) -> str:
    if column.masked:
        return MASKED if column.examples else ""
    return ", ".join(shown(example, 60) for example in column.examples[:_EXAMPLES])


def _relationships(contract: Contract, catalog: Catalog) -> Table:
    rows = []
    for relation in contract.relationships:
        target = relation.to[0] if relation.to else ""
        words = ", ".join(relation.to)
        rows.append(
            (
                code(shown(", ".join(relation.columns))),
                Cell(shown(words), "code", href=_target(target, contract, catalog)),
                text(shown(relation.kind)),
            )
        )
    return Table("Relationships to other tables", ("Columns", "Point to", "Kind"), tuple(rows), stacked=True)


def _target(target: str, contract: Contract, catalog: Catalog) -> str:
    """Find the page of a reference such as `airports.faa` or `schema/airports/properties/faa`."""
    parts = [part for part in target.replace("/", ".").split(".") if part not in ("", "schema", "properties", "yaml")]
    if len(parts) < 2:
        return ""
    table, column = parts[-2], parts[-1]
    domain = contract.name.partition("/")[0]
    near = [
        one for one in catalog.listed if table in (one.contract.dataset, one.contract.physical_name, one.contract.id)
    ]
    best = next((one for one in near if one.contract.name.partition("/")[0] == domain), near[0] if near else None)
    if best is None:
        return ""
    known = column in best.contract.schema
    return f"{best.page}#column-{column}" if known else best.page


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


def delivery(one: Listed) -> Section:
    """Say how soon and how often the table comes, where it may be, and what holds each promise."""
    contract = one.contract
    blocks: list[Block] = []
    if contract.service_levels:
        blocks.append(
            Table(
                "Service levels",
                ("Promise", "Held by", "Meaning"),
                tuple(
                    (
                        text(shown(level.text)),
                        prose(shown(level.held, 200)) if level.held else chip("nothing", "warn"),
                        text(shown(level.description or _DASH, 300)),
                    )
                    for level in contract.service_levels
                ),
                stacked=True,
            )
        )
    items: list[tuple[str, Cell]] = []
    if contract.residency:
        items.append(("May be held and read in", text(shown(", ".join(contract.residency)))))
    items += [
        (
            shown(f"Server {server.name}", 80),
            text(shown(_server(server.type, server.environment, server.description), 200)),
        )
        for server in contract.servers
    ]
    if items:
        blocks.append(Facts(tuple(items)))
    if not blocks:
        blocks.append(Note("The contract promises nothing about delivery, and limits no place.", "empty"))
    where = f"It may be held and read in {', '.join(contract.residency)} only." if contract.residency else ""
    many = len(contract.service_levels)
    lead = (
        f"{plural(many, 'promise')} about delivery. {where}" if many or where else "Nothing is promised about delivery."
    )
    return Section("delivery", "Delivery", "Delivery and place", shown(lead.strip(), 300), tuple(blocks))


def _server(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def people(one: Listed) -> Section:
    """Name who answers for the table, who may use it, and how to reach them."""
    contract = one.contract
    blocks: list[Block] = []
    team = contract.team
    if team is not None and team.members:
        blocks.append(
            Table(
                "The team",
                ("Member", "Role", "About"),
                tuple(
                    (
                        text(shown(member.name or member.username)),
                        text(shown(member.role or _DASH)),
                        text(shown(f"left on {member.left}" if member.left else member.description or _DASH, 200)),
                    )
                    for member in team.members
                ),
                stacked=True,
            )
        )
    if contract.roles:
        blocks.append(
            Table(
                "Who may use it",
                ("Role", "Access", "Approved by", "Meaning"),
                tuple(
                    (
                        code(shown(role.role)),
                        text(shown(role.access or _DASH)),
                        text(shown(", ".join(role.approvers) or _DASH)),
                        text(shown(role.description or _DASH, 300)),
                    )
                    for role in contract.roles
                ),
                stacked=True,
            )
        )
    if contract.support:
        blocks.append(
            Table(
                "Support",
                ("Channel", "Tool", "For"),
                tuple(
                    (
                        Cell(shown(channel.channel), href=_safe(channel.url)),
                        text(shown(channel.tool or _DASH)),
                        text(shown(", ".join(filter(None, (channel.scope, channel.description))) or _DASH, 200)),
                    )
                    for channel in contract.support
                ),
                stacked=True,
            )
        )
    if contract.definitions:
        blocks.append(_definitions(contract))
    said = team.description if team and team.description else ""
    lead = (
        f"{contract.owner or 'Nobody is named, who'} answers for it. {said}" if contract.owner else "Nobody is named."
    )
    if not blocks:
        blocks.append(Note("The contract names no roles and no channel of support.", "empty"))
    return Section("people", "People", "People", shown(lead.strip(), 300), tuple(blocks))


def _definitions(contract: Contract) -> Table:
    return Table(
        "Defined elsewhere",
        ("Definition", "Kind"),
        tuple(
            (Cell(shown(one.description or one.url), href=_safe(one.url)), text(shown(one.type)))
            for one in contract.definitions
        ),
        stacked=True,
    )


def _safe(url: str | None) -> str:
    """Give a link that a page may hold; any other scheme is shown as text alone."""
    return url if url and url.lower().startswith(_SAFE) else ""


def facts(one: Listed) -> Section | None:
    """List what is known to be odd in the data; None where nothing is."""
    known = one.contract.declared.get("knownFacts")
    rows = [item for item in known if isinstance(item, dict)] if isinstance(known, list) else []
    if not rows:
        return None
    others = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in ("fact", "rows")]
    table = Table(
        "Known facts of the data",
        ("Fact", "Rows", *(shown(name, 40) for name in others)),
        tuple(
            (
                prose(shown(row.get("fact", ""), 400)),
                number(_figure(row.get("rows"))),
                *(text(shown(row.get(name, _DASH), 100)) for name in others),
            )
            for row in rows
        ),
    )
    lead = f"{plural(len(rows), 'thing')} to know of these data: each is ruled out by a rule, or to be lived with."
    return Section("facts", "Known facts", "Known facts", lead, (table,))


def _figure(value: Any) -> str:
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else _DASH


def lineage(one: Listed, catalog: Catalog) -> Section:
    """Name what the table is made from, who reads it, and which decisions rest on it."""
    if not one.asset:
        note = Note("No asset of a domain keeps this contract, so that nothing is known of its use.", "empty")
        return Section("lineage", "Lineage", "Where it comes from, and who lives on it", "Not in use here.", (note,))
    blocks: list[Block] = []
    if one.sources:
        blocks.append(
            Table(
                "Made from",
                ("Asset", "Columns read"),
                tuple(
                    (
                        _asset(source.asset, catalog),
                        Cell(_names(source.columns), "hash") if source.columns else text(_DASH),
                    )
                    for source in one.sources
                ),
                stacked=True,
            )
        )
    direct = [reader for reader in one.readers if reader.directly]
    if direct:
        blocks.append(_readers(direct, catalog))
    behind = [reader for reader in one.readers if not reader.directly]
    if behind:
        blocks.append(
            Table(
                f"Rests on it further down: {plural(len(behind), 'asset')}",
                ("Asset", "What it is"),
                tuple((_asset(reader.asset, catalog), text(shown(reader.kind))) for reader in behind),
                folded=True,
                stacked=True,
            )
        )
    if one.deciders:
        blocks.append(
            Table(
                "Agents that decide on it",
                ("Agent", "Answers for it", "Purpose", "Features made from it"),
                tuple(
                    (
                        code(decider.agent),
                        text(shown(decider.owner)),
                        text(shown(decider.purpose, 300)),
                        Cell(_names(decider.features), "hash") if decider.features else text(_DASH),
                    )
                    for decider in one.deciders
                ),
                stacked=True,
            )
        )
    if not one.readers:
        blocks.append(Note("Nothing reads it.", "empty"))
    said = f"{plural(len(direct), 'asset')} read{'s' if len(direct) == 1 else ''} it directly"
    lead = f"{said}, {count(len(behind))} more rest on it" if behind else said
    lead += f", and {plural(len(one.deciders), 'agent')} in the end." if one.deciders else "."
    return Section("lineage", "Lineage", "Where it comes from, and who lives on it", lead, tuple(blocks))


def _readers(direct: Iterable[Reader], catalog: Catalog) -> Table:
    return Table(
        "Read by",
        ("Asset", "What it is", "Columns read", "Columns made of them"),
        tuple(
            (
                _asset(reader.asset, catalog),
                text(shown(reader.kind)),
                Cell(_names(reader.columns), "hash") if reader.columns else text("not said by column"),
                Cell(_names(reader.made), "hash") if reader.made else text(_DASH),
            )
            for reader in direct
        ),
        stacked=True,
    )


def _asset(asset: str, catalog: Catalog) -> Cell:
    return Cell(shown(asset), "code", href=catalog.page_of(asset))


def _names(names: tuple[str, ...], most: int = 24) -> str:
    listed = ", ".join(shown(name, 60) for name in names[:most])
    return f"{listed} and {len(names) - most} more" if len(names) > most else listed
