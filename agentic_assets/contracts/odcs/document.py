"""Read YAML that may be hostile, and remember on which line every value stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from agentic_assets.errors import ContractInvalid
from agentic_assets.versions import of_text
from agentic_assets.versions.passed import Passed

__all__ = ["Document", "Place", "Unreadable", "content_of", "mapping_of", "parsed", "place_text", "read"]

_PLAIN: Final = Passed("holds no bomb")
MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 24
MAX_NODES: Final = 50_000
MAX_ALIASES: Final = 16
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

_TAGS: Final = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")}

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed file: its name for people, its value, and the line of every place in it."""

    name: str
    value: dict[str, Any]
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """Give the line (1-based) of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class Unreadable(ContractInvalid):
    """A file is no YAML that may be read; `said` is the message without the file's name and line."""

    def __init__(self, name: str, line: int | None, said: str, *, hint: str, rule: str) -> None:
        super().__init__(f"{name}:{line}: {said}" if line else f"{name}: {said}", hint=hint)
        self.line = line or 1
        self.said = said
        self.rule = rule


def place_text(place: Place) -> str:
    """Write a place as people do: `schema[0].properties[3].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Resolve plain scalars as YAML 1.2 does: `no` is text, `12:30` is text, a date is text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def read(path: Path, name: str) -> Document:
    """Read one YAML mapping; raise ContractInvalid for what is too large, too deep, repeated or not YAML."""
    return parsed(content_of(path, name), name)


def content_of(path: Path, name: str) -> bytes:
    """Read the bytes of a file; raise ContractInvalid when it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        said = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise Unreadable(name, None, said, hint="check the path and its rights", rule="file-unreadable") from error
    if len(content) > MAX_BYTES:
        raise Unreadable(
            name, None, f"is larger than {MAX_BYTES:,} bytes", hint="split it into several files", rule="yaml-too-large"
        )
    return content


def parsed(content: bytes, name: str) -> Document:
    """Read the bytes of a file as one YAML mapping; raise ContractInvalid as `read` does."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            name, None, f"byte {error.start} is not UTF-8", hint="save the file as UTF-8", rule="yaml-encoding"
        ) from error
    return _parsed(text, name)


def mapping_of(text: str, name: str) -> dict[str, Any]:
    """Read YAML (or JSON) that stands as text inside of a file, under the same limits; `name` says where it stands."""
    return _parsed(text, name).value


def _parsed(text: str, name: str) -> Document:
    try:
        limits = [of_text(text), MAX_DEPTH, MAX_NODES, MAX_ALIASES]
        if limits not in _PLAIN:
            _refuse_bombs(text, name)
            _PLAIN.add(limits)
        return _build(text, name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise Unreadable(
            name,
            mark.line + 1 if mark else None,
            f"is not YAML: {what[:200]}",
            hint="check indentation and quotes",
            rule="yaml-syntax",
        ) from error


def _refuse_bombs(text: str, name: str) -> None:
    # The event stream comes token by token, so that a bomb is refused before it is built.
    depth = aliases = documents = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=_Loader), start=1):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth <= MAX_DEPTH and nodes <= MAX_NODES and aliases <= MAX_ALIASES and documents <= 1:
            continue
        for what, count, limit in (
            ("nests deeper than", depth, MAX_DEPTH),
            ("holds more values than", nodes, MAX_NODES),
            ("uses more aliases than", aliases, MAX_ALIASES),
            ("holds more documents than", documents, 1),
        ):
            if count > limit:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise Unreadable(
                    name, line, f"{what} {limit:,}", hint="write it plainly, one document a file", rule="yaml-too-large"
                )


def _build(text: str, name: str) -> Document:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        lines: dict[Place, int] = {}
        value = _value(loader, root, (), lines, name) if root is not None else None
    finally:
        loader.dispose()
    if not isinstance(value, dict):
        raise Unreadable(name, None, "holds no mapping", hint="write `key: value` lines", rule="yaml-no-mapping")
    return Document(name, value, lines)


def _value(loader: Any, node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> Any:
    line = node.start_mark.line + 1
    lines[place] = line
    # Aliases are expanded here, so the size and the depth are counted again on what they make.
    if len(lines) > MAX_NODES or len(place) > MAX_DEPTH:
        raise Unreadable(name, line, "aliases expand to too much", hint="write the values out", rule="yaml-too-large")
    if node.tag not in _TAGS:
        raise Unreadable(
            name,
            line,
            f"the tag {node.tag[:80]} is not allowed",
            hint="use plain text, numbers, true, false",
            rule="yaml-tag",
        )
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise Unreadable(name, key_line, "a key must be plain text", hint="quote the key", rule="yaml-key")
            key = str(key_node.value)
            _refuse_unprintable(key, name, key_line)
            if key in result:
                raise Unreadable(
                    name,
                    key_line,
                    f"the key `{key[:80]}` stands twice in {place_text(place)}",
                    hint="keep one of the two; YAML would silently take the last",
                    rule="yaml-duplicate-key",
                )
            result[key] = _value(loader, value_node, (*place, key), lines, name)
            lines[(*place, key)] = key_line
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*place, index), lines, name) for index, item in enumerate(node.value)]
    if place[-1:] != ("physicalName",):  # how a delivered file names a column is not ours to choose
        _refuse_unprintable(node.value, name, line)
    return _scalar(loader, node, name, line)


def _refuse_unprintable(text: str, name: str, line: int) -> None:
    # Escapes can write what no YAML file may hold plainly: NUL, control characters, half of a surrogate pair.
    wrong = _UNPRINTABLE.search(text)
    if wrong:
        raise Unreadable(
            name,
            line,
            f"holds the character U+{ord(wrong[0]):04X}, which is no text",
            hint="leave control characters out",
            rule="yaml-control-character",
        )


def _scalar(loader: Any, node: yaml.Node, name: str, line: int) -> Any:
    try:
        if node.tag.endswith(":int"):
            whole = int(node.value)  # YAML 1.1 would read 010 as eight
            if abs(whole) >= 2**64:
                raise ValueError(node.value)
            return whole
        if node.tag.endswith(":float"):
            number = float(node.value)
            if number in (float("inf"), float("-inf")) or number != number:  # noqa: PLR0124
                raise ValueError(node.value)
            return number
        return loader.construct_object(node)
    except (ValueError, KeyError, yaml.constructor.ConstructorError) as error:
        raise Unreadable(
            name,
            line,
            f"`{str(node.value)[:80]}` is not a value of its type",
            hint="quote it if it is text",
            rule="yaml-value",
        ) from error
