"""Write a proposal as YAML as a person would: keys in the order of reading, short things on one line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from agentic_assets.contracts.infer.propose import Proposal

__all__ = ["as_yaml"]

_ON_ONE_LINE = ("examples", "logicalTypeOptions", "arguments", "value", "tags")


class _Line(list[Any]):
    """A list to be written on one line."""


class _Pairs(dict[str, Any]):
    """A mapping to be written on one line."""


class _Writer(yaml.SafeDumper):
    """Quote whatever any YAML 1.1 or 1.2 reader could take for something else than text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Writer.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_Writer.add_representer(_Line, lambda writer, value: writer.represent_sequence("tag:yaml.org,2002:seq", value, True))
_Writer.add_representer(
    _Pairs, lambda writer, value: writer.represent_mapping("tag:yaml.org,2002:map", value.items(), True)
)


def as_yaml(proposal: Proposal) -> str:
    """Give the text of a contract file: what is undecided in comments at the top, then the document."""
    head = ["# Proposed from data, to be edited by a person: rename, describe, tighten or loosen what you know better."]
    if proposal.undecided:
        head += ["# What the data cannot decide:", *(f"#   - {_plain(line)}" for line in proposal.undecided)]
    head.append("# No data says who answers for it and who may read it: add `team` and `roles`.")
    body = yaml.dump(_styled(proposal.document), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=116)
    return "\n".join([*head, body])


def _styled(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        styled = {name: _styled(inner, name) for name, inner in value.items()}
        return _Pairs(styled) if key in _ON_ONE_LINE else styled
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [_styled(inner, key if key in _ON_ONE_LINE else "") for inner in value]
        return _Line(items) if key in _ON_ONE_LINE or key == "validValues" else items
    return value


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:300]
