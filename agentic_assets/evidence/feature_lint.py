"""What is wrong with the feature sets of a domain, beside what their definition already refuses."""

from __future__ import annotations

from collections.abc import Iterator

from agentic_assets.evidence.feature_sets import Offered, offered, recorded
from agentic_assets.evidence.reading import Reading
from agentic_assets.features import FeatureSet

__all__ = ["problems"]

Problem = tuple[str, str, str]


def problems(reading: Reading, *, published: bool = True) -> list[Problem]:
    """List (feature set, problem, hint): words that lack, a contract that says otherwise, content without a version.

    The last holds the content against what this home published; not so without `published`, where a lock holds it.
    """
    found: list[Problem] = []
    for each in offered(reading):
        found += [(each.name, what, hint) for what, hint in _of_words(each.definition)]
        found += [(each.name, what, hint) for what, hint in _of_contract(reading, each)]
        found += [(each.name, what, hint) for what, hint in _of_version(reading, each) if published]
    return found


def _of_words(definition: FeatureSet) -> Iterator[tuple[str, str]]:
    for what, names in (
        ("no unit", [feature.name for feature in definition.features if not feature.unit.strip()]),
        ("no description", [feature.name for feature in definition.features if len(feature.description.strip()) < 8]),
        ("no source columns", [feature.name for feature in definition.features if not feature.sources]),
    ):
        if names:
            some = ", ".join(f"`{name}`" for name in names[:5])
            yield f"{len(names)} features have {what}: {some}", "say it in the definition; analysts read nothing else"


def _of_contract(reading: Reading, each: Offered) -> Iterator[tuple[str, str]]:
    contract = reading.domain.graph[each.asset].contract
    if contract is None:
        yield f"{each.asset} has no contract", "describe every column in contracts/"
        return
    promised, made = dict(contract.schema), each.definition.schema
    for name in [name for name in made if name not in promised][:5]:
        yield f"`{name}` is not in {contract.path}", "add the column to the contract, and raise its version"
    for name in [name for name in promised if name not in made][:5]:
        yield f"`{name}` of {contract.path} is made by no feature", "remove it from the contract, or make it"
    for name in [name for name in made if name in promised and made[name] != promised[name]][:5]:
        yield f"`{name}` is {made[name]}, {contract.path} promises {promised[name]}", "let both say the same type"
    for feature in each.definition.features:
        if feature.name in promised:
            unit = contract.column(feature.name).unit
            if unit != feature.unit:
                yield (
                    f"`{feature.name}` is in {feature.unit!r}, {contract.path} says {unit!r}",
                    "let both name the same unit",
                )


def _of_version(reading: Reading, each: Offered) -> Iterator[tuple[str, str]]:
    known = recorded(reading, each.definition.name).get(each.definition.version)
    now = each.definition.digest
    if known is not None and known["digest"] != now:
        yield (
            f"its content changed since {each.name} was published: digest {known['digest'][:12]}, now {now[:12]}",
            f"raise the version; `agentic features diff {each.name} NEW` says by how much",
        )
