from __future__ import annotations

import base64
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agentic_assets.errors import ConfigInvalid, LedgerBroken
from agentic_assets.ledger import Signer, Verifier

# The example in the documentation of golang.org/x/mod/sumdb/note, which the format comes from.
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = GO_TEXT + (
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

SIGNER = Signer("example.com/departures", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TEXT = "example.com/departures\n3\nrrm/znTLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=\n"


def test_a_note_signed_elsewhere_is_opened() -> None:
    assert Verifier.parse(GO_KEY).open(GO_NOTE) == GO_TEXT


def test_the_same_key_signs_as_elsewhere() -> None:
    signer = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(GO_SEED))
    assert str(signer.verifier) == GO_KEY
    assert signer.sign(GO_TEXT) == GO_NOTE


def test_the_signature_line_is_what_the_specification_says_byte_for_byte() -> None:
    public = SIGNER.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = sha256(b"example.com/departures\x0a\x01" + public).digest()[:4]
    line = SIGNER.sign(TEXT).removeprefix(TEXT)
    prefix = b"\n\xe2\x80\x94 example.com/departures "
    assert line.encode().startswith(prefix)
    assert line.endswith("\n")
    content = base64.b64decode(line.encode().removeprefix(prefix))
    assert content[:4] == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(content[4:], TEXT.encode())
    assert str(SIGNER.verifier) == (
        f"example.com/departures+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_openssl_accepts_the_signature_and_refuses_another_text(tmp_path: Path) -> None:
    public, signature, text = tmp_path / "public.pem", tmp_path / "signature", tmp_path / "text"
    public.write_bytes(SIGNER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signature.write_bytes(base64.b64decode(SIGNER.sign(TEXT).rsplit(" ", 1)[1])[4:])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", str(public)]
    command += ["-sigfile", str(signature), "-in", str(text)]
    text.write_text(TEXT)
    assert subprocess.run(command, capture_output=True).returncode == 0
    text.write_text(TEXT.replace("3", "2"))
    assert subprocess.run(command, capture_output=True).returncode != 0


def test_changing_any_one_character_of_a_note_is_seen() -> None:
    note = SIGNER.sign(TEXT)
    for position, character in enumerate(note):
        for other in {"A", "B", "\n", " ", "é"} - {character}:
            with pytest.raises(LedgerBroken):
                SIGNER.verifier.open(note[:position] + other + note[position + 1 :])
        with pytest.raises(LedgerBroken):
            SIGNER.verifier.open(note[:position] + note[position + 1 :])


def test_the_spare_bits_of_base64_are_no_second_spelling_of_a_signature() -> None:
    note = SIGNER.sign(TEXT)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = note[-3]
    other = digits[digits.index(last) ^ 1]
    assert base64.b64decode(note.rsplit(" ", 1)[1]) == base64.b64decode(note[:-3].rsplit(" ", 1)[1] + other + "=")
    with pytest.raises(LedgerBroken, match="not a signature line"):
        SIGNER.verifier.open(note[:-3] + other + note[-2:])


def test_a_witness_may_add_its_signature() -> None:
    witness = Signer("witness.example/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
    note = SIGNER.sign(TEXT)
    both = note + witness.sign(TEXT).removeprefix(TEXT + "\n")
    assert SIGNER.verifier.open(both) == witness.verifier.open(both) == TEXT


def test_a_wrong_signature_of_the_known_key_spoils_a_note_that_carries_a_right_one_too() -> None:
    other = SIGNER.sign(TEXT.replace("3", "4")).rsplit("\n\n", 1)[1]
    with pytest.raises(LedgerBroken, match="does not fit"):
        SIGNER.verifier.open(SIGNER.sign(TEXT) + other)


def test_another_key_under_the_same_name_is_not_the_known_key() -> None:
    impostor = Signer(SIGNER.name, Ed25519PrivateKey.from_private_bytes(b"i" * 32))
    with pytest.raises(LedgerBroken, match=r"is not signed by example\.com/departures"):
        SIGNER.verifier.open(impostor.sign(TEXT))


@pytest.mark.parametrize(
    "note", ["", "\n", "text\n", "text\n\n", "\n\n\n", TEXT, "a\n\n— b\n", "a\n\n— b c d\n", "\ud800\n\n— b AAAAAAAA\n"]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(LedgerBroken):
        SIGNER.verifier.open(note)


@pytest.mark.parametrize("name", ["", "with space", "a+b", "tab\tname", "no\u00a0break", "line\n"])
def test_a_name_that_would_not_parse_cannot_sign(name: str) -> None:
    with pytest.raises(ConfigInvalid, match="cannot name a signing key"):
        Signer(name, SIGNER.key)


@pytest.mark.parametrize(
    "key",
    ["", "name", "name+00000000", GO_KEY[:-1], GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY.replace("+ARp", "+BRp")],
)
def test_a_damaged_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(ConfigInvalid):
        Verifier.parse(key)
