from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agentic_assets.errors import ConfigInvalid
from agentic_assets.ledger.keys import KEY_FILE, create_key, load_key


def test_a_new_key_is_readable_by_its_owner_only_and_nothing_else_is_left(keys: Path) -> None:
    create_key(keys)
    assert stat.S_IMODE((keys / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert [path.name for path in keys.iterdir()] == [KEY_FILE]


def test_a_key_that_is_there_is_kept(keys: Path) -> None:
    first = create_key(keys).private_bytes_raw()
    assert create_key(keys).private_bytes_raw() == load_key(keys).private_bytes_raw() == first


def test_processes_that_start_together_agree_on_one_key(keys: Path) -> None:
    keys.parent.mkdir(parents=True, exist_ok=True)
    program = (
        "import sys, pathlib\n"
        "from agentic_assets.ledger.keys import create_key\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(create_key(pathlib.Path(sys.argv[1])).private_bytes_raw().hex())\n"
    )
    command = [sys.executable, "-c", program, str(keys)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    seen = {process.communicate()[0] for process in started}
    assert len(seen) == 1
    assert seen == {load_key(keys).private_bytes_raw().hex() + "\n"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o700 | 0o007])
def test_a_key_that_others_may_touch_is_refused(keys: Path, mode: int) -> None:
    create_key(keys)
    (keys / KEY_FILE).chmod(mode)
    with pytest.raises(ConfigInvalid, match=f"open to other users \\(mode {mode:o}\\)\nhint: chmod 600"):
        load_key(keys)


def test_a_folder_where_others_may_put_their_key_is_refused(keys: Path) -> None:
    create_key(keys)
    keys.chmod(0o770)
    with pytest.raises(ConfigInvalid, match="chmod 700"):
        load_key(keys)
    (keys / KEY_FILE).unlink()
    with pytest.raises(ConfigInvalid, match="chmod 700"):
        create_key(keys)


@pytest.mark.parametrize("keep", [0, 1, 40, 100])
def test_a_damaged_key_is_refused_and_not_replaced(keys: Path, keep: int) -> None:
    create_key(keys)
    path = keys / KEY_FILE
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ConfigInvalid, match="damaged"):
        create_key(keys)
    assert path.stat().st_size == keep


def test_a_key_of_another_kind_is_refused(keys: Path) -> None:
    create_key(keys)
    rsa = generate_private_key(public_exponent=65537, key_size=1024)
    (keys / KEY_FILE).write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ConfigInvalid, match="no unencrypted Ed25519 key"):
        load_key(keys)


def test_a_missing_key_is_named(keys: Path) -> None:
    with pytest.raises(ConfigInvalid, match=f"no signing key at {keys}"):
        load_key(keys)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match="cannot be created"):
        create_key(tmp_path / "file" / "keys")
