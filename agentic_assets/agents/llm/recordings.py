"""What a model has answered, each answer under the digest of what it was asked: one JSON line an answer, sorted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from agentic_assets.errors import ModelRefused
from agentic_assets.lake.durable import locked, sync_directories
from agentic_assets.versions import of_json
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Recording", "Recordings", "append"]

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = ("asked", "content", "key", "model", "prompt", "response")


@dataclass(frozen=True)
class Recording:
    """One answer: the key of the request, the model that gave it, the prompt's id, the words asked, and the response.

    `response` is what the model said, part by part: `{"text": ...}` or `{"tool": name, "args": {...}}`. `asked` is
    there for people; the key alone finds a recording.
    """

    key: str
    model: str
    prompt: str
    asked: str
    response: tuple[Mapping[str, Any], ...]

    @cached_property
    def content(self) -> str:
        """Digest the recording, so that an edited one is noticed."""
        return of_json([self.key, self.model, self.prompt, self.asked, [dict(part) for part in self.response]])

    @property
    def line(self) -> str:
        """The recording as one line of canonical JSON."""
        parts = [dict(part) for part in self.response]
        fields = {"key": self.key, "model": self.model, "prompt": self.prompt, "asked": self.asked, "response": parts}
        return canonical_json({**fields, "content": self.content})


@dataclass(frozen=True)
class Recordings:
    """The recordings of one file; it may be missing, which is a file without recordings.

    Nothing is read before it is asked for. Raises ModelRefused for a line that was edited, cut off or is there twice.
    """

    path: Path

    @cached_property
    def _by_key(self) -> Mapping[str, Recording]:
        return {recording.key: recording for recording in _read(self.path)}

    @property
    def digest(self) -> str:
        """Digest what is recorded, in the order of the keys; the layout of the file does not count."""
        return of_json([recording.content for recording in self])

    def get(self, key: str) -> Recording | None:
        """Give the recording of a request, None when there is none."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[Recording]:
        return iter(self._by_key[key] for key in sorted(self._by_key))

    def __len__(self) -> int:
        return len(self._by_key)


def append(path: Path, made: Iterable[Recording]) -> Recordings:
    """Add recordings to a file, which is replaced whole or not at all; one that is there already stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name(f".{path.name}.lock")):
        there = {recording.key: recording for recording in _read(path)}
        for recording in made:
            there.setdefault(recording.key, recording)
        text = "".join(f"{there[key].line}\n" for key in sorted(there))
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        sync_directories([path.parent])
    return Recordings(path)


def _read(path: Path) -> list[Recording]:
    if not path.exists():
        return []
    try:
        lines = path.read_text("utf-8").split("\n")  # not splitlines: JSON leaves U+2028 and its like as they are
    except (OSError, UnicodeDecodeError) as error:
        raise ModelRefused(f"the recordings {path.name} cannot be read: {error}") from error
    read = [_recording(line, f"{path.name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    seen: set[str] = set()
    for recording in read:
        if recording.key in seen:
            raise ModelRefused(
                f"{path.name}: the request {recording.key[:12]} is recorded twice",
                hint="keep the line that version control had before, or remove both and record it anew",
            )
        seen.add(recording.key)
    return read


def _recording(line: str, where: str) -> Recording:
    try:
        fields = json.loads(line)
        whole = isinstance(fields, dict) and set(fields) == set(_FIELDS)
        texts = whole and all(isinstance(fields[name], str) for name in _FIELDS if name != "response")
        parts = texts and isinstance(fields["response"], list) and all(isinstance(p, dict) for p in fields["response"])
    except json.JSONDecodeError:
        parts = False
    if not parts or not _DIGEST.fullmatch(fields["key"]):
        raise ModelRefused(
            f"{where}: this is no recording: {line[:60]!r}",
            hint="restore the file from version control; recordings are written by `agentic agent record` only",
        )
    recording = Recording(
        fields["key"], fields["model"], fields["prompt"], fields["asked"], tuple(dict(p) for p in fields["response"])
    )
    if recording.content != fields["content"]:
        raise ModelRefused(
            f"{where}: the recording {recording.key[:12]} was edited: its content has the digest "
            f"{recording.content[:12]}, and {fields['content'][:12]} was recorded",
            hint="restore the line from version control, or remove it and record the answer anew",
        )
    return recording
