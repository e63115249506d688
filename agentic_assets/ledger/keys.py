"""The ledger's signing key: one PEM file that only its owner may read.

The file is plain PKCS #8, so that `openssl pkey -in ledger.pem -pubout` shows the public key without this package.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agentic_assets.errors import ConfigInvalid

__all__ = ["KEY_FILE", "create_key", "load_key"]

KEY_FILE = "ledger.pem"


def create_key(folder: Path) -> Ed25519PrivateKey:
    """Load the key of `folder`, making it first when there is none; of two processes at once, one makes it.

    Raises ConfigInvalid when the folder or the file cannot be trusted or written.
    """
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _refuse_shared(folder, stat.S_IWGRP | stat.S_IWOTH, "700")
            _write_once(path)
    except OSError as error:
        raise ConfigInvalid(
            f"the signing key {path} cannot be created: {error.strerror}", hint="make the folder writable for this user"
        ) from error
    return load_key(folder)


def load_key(folder: Path) -> Ed25519PrivateKey:
    """Load the key of `folder`. Raises ConfigInvalid when it is missing, damaged, or open to other users."""
    path = folder / KEY_FILE
    try:
        _refuse_shared(folder, stat.S_IWGRP | stat.S_IWOTH, "700")
        _refuse_shared(path, stat.S_IRWXG | stat.S_IRWXO, "600")
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigInvalid(
            f"there is no signing key at {path}", hint="the first seal makes it; restore it if something was sealed"
        ) from None
    except OSError as error:
        raise ConfigInvalid(f"the signing key {path} cannot be read: {error.strerror}") from error
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # who only verifies needs no key

    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigInvalid(
            f"the signing key {path} is damaged: no unencrypted Ed25519 key in PEM",
            hint="restore it from a backup; a new key cannot continue a sealed log",
        )
    return key


def _write_once(path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 0600 from the start
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first, and its key is the key
            os.link(draft, path)  # unlike a rename, a link never replaces a key that is there
    finally:
        os.unlink(draft)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _refuse_shared(path: Path, bits: int, mode: str) -> None:
    found = stat.S_IMODE(path.stat().st_mode)
    if found & bits:
        raise ConfigInvalid(f"{path} is open to other users (mode {found:o})", hint=f"chmod {mode} {path}")
