"""An independent verifier of transparency logs, in an environment of its own: it shares no code with ours."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["verified"]

_PYTHON = Path(__file__).parents[2] / ".venv-tlog" / "bin" / "python"

# Reads cases from stdin, and says of each whether it stands; whatever it cannot read does not.
_VERIFY = """
import json, sys
from aics_tlog import parse_note, parse_vkey, verify_checkpoint, verify_consistency, verify_leaf_inclusion

def unhex(path):
    return [bytes.fromhex(step) for step in path]

def opened(text, key, origin):
    checked = verify_checkpoint(parse_note(text), parse_vkey(key), expected_origin=origin)
    if not checked.ok:
        raise ValueError(str(checked))
    from aics_tlog import parse_checkpoint
    return parse_checkpoint(parse_note(text).text)

def stands(case):
    if case["kind"] == "inclusion":
        tree = opened(case["checkpoint"], case["key"], case["origin"])
        leaf = bytes.fromhex(case["leaf"])
        return verify_leaf_inclusion(leaf, case["index"], tree.size, unhex(case["path"]), tree.root)
    old = opened(case["old"], case["key"], case["origin"])
    new = opened(case["new"], case["key"], case["origin"])
    return verify_consistency(old.size, new.size, old.root, new.root, unhex(case["path"]))

for case in json.load(sys.stdin):
    try:
        print(json.dumps([bool(stands(case)), ""]))
    except Exception as error:
        print(json.dumps([False, f"{type(error).__name__}: {error}"]))
"""


def verified(cases: list[dict[str, Any]]) -> list[tuple[bool, str]]:
    """Say of each case whether the other implementation lets it stand, and its error where it could not read it."""
    assert _PYTHON.exists(), "the verifier is missing: `make .venv-tlog/.ready` sets it up"
    command = [str(_PYTHON), "-c", _VERIFY]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [(stands, why) for stands, why in map(json.loads, done.stdout.splitlines())]
