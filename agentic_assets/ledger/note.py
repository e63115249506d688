"""Signed notes as C2SP describes them (c2sp.org/signed-note): text, an empty line, signature lines.

A verifier key is the string `<name>+<key id, 8 hexadecimal digits>+<base64 of 0x01 and the Ed25519 public key>`.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agentic_assets.errors import ConfigInvalid, LedgerBroken

__all__ = ["Signer", "Verifier"]

_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_MOST_CHARACTERS = 1_000_000
_MOST_SIGNATURES = 100


@dataclass(frozen=True)
class Verifier:
    """A name and an Ed25519 public key (32 bytes) whose signatures count."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell which key signed."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, key: str) -> Verifier:
        """Read a verifier key string. Raises ConfigInvalid when it is not one."""
        name, _, rest = key.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        material = _from_base64(encoded)
        if material is None or len(material) != 33 or material[:1] != _ED25519:
            raise ConfigInvalid(
                f"not an Ed25519 verifier key: {key[:120]!r}", hint="it reads <name>+<8 hex digits>+<base64>"
            )
        verifier = cls(name, material[1:])
        if verifier.key_id.hex() != key_id:
            raise ConfigInvalid(
                f"the verifier key of {name} carries the id {key_id[:16]!r}, its content has {verifier.key_id.hex()}",
                hint="copy the whole key again",
            )
        return verifier

    def open(self, note: str) -> str:
        """Give the text of a note that this key signed; other keys' signatures are ignored.

        Raises LedgerBroken when the note is malformed, this key did not sign it, or its signature is wrong.
        """
        text, signatures = _split(note)
        signed = False
        for name, signature in signatures:
            if name == self.name and signature[:4] == self.key_id:
                try:
                    Ed25519PublicKey.from_public_bytes(self.public).verify(signature[4:], text.encode())
                except InvalidSignature:
                    raise LedgerBroken(f"the signature of {self.name} does not fit the text of the note") from None
                signed = True
        if not signed:
            found = ", ".join(f"{name[:80]} ({signature[:4].hex()})" for name, signature in signatures[:3])
            raise LedgerBroken(
                f"the note is not signed by {self.name} ({self.key_id.hex()}) but by {found}",
                hint="use the key that signed it; a new key cannot continue an old log",
            )
        return text


@dataclass(frozen=True)
class Signer:
    """A name and the Ed25519 key that signs under it."""

    name: str
    key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        _require_name(self.name)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Give the note over `text`, which must end in a newline; equal texts give equal notes."""
        if not text.endswith("\n") or _controls(text):
            raise ValueError("the text of a note ends in a newline and holds no other control character")
        signature = self.verifier.key_id + self.key.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {_base64(signature)}\n"


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, blank, block = note.rpartition("\n\n")
    well_formed = blank and block.endswith("\n") and len(note) <= _MOST_CHARACTERS
    if not well_formed or _controls(note) or not _is_unicode(note):
        raise LedgerBroken("not a signed note: it needs a text, an empty line and signature lines")
    lines = block[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise LedgerBroken(f"the note has {len(lines)} signatures; at most {_MOST_SIGNATURES} are read")
    signatures = []
    for line in lines:
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        signature = _from_base64(encoded)
        if not line.startswith(_DASH) or not space or not _is_name(name) or signature is None or len(signature) < 5:
            raise LedgerBroken(f"not a signature line: {line[:80]!r}")
        signatures.append((name, signature))
    return text + "\n", signatures


def _controls(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as JSON can carry one
        return False
    return True


def _is_name(name: str) -> bool:
    return bool(name) and not any(
        character == "+" or character.isspace() or unicodedata.category(character) in {"Zs", "Cc"} for character in name
    )


def _require_name(name: str) -> None:
    if not _is_name(name):
        raise ConfigInvalid(
            f"{name[:80]!r} cannot name a signing key", hint="use something like example.com/departures, no space, no +"
        )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _from_base64(encoded: str) -> bytes | None:
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # The last digit may carry bits that mean nothing: one signature must not have several spellings.
    return content if _base64(content) == encoded else None
