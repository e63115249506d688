from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger import Checkpoint, Signer

SIGNER = Signer("example.com/departures", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
# The example of c2sp.org/tlog-checkpoint, without its signature.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_example_of_the_specification_is_read_and_written_alike() -> None:
    checkpoint = Checkpoint.parse(EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert checkpoint.text() == EXAMPLE


def test_what_was_signed_is_opened() -> None:
    checkpoint = Checkpoint(SIGNER.name, 0, bytes(32))
    assert Checkpoint.open(checkpoint.sign(SIGNER), SIGNER.verifier, origin=SIGNER.name) == checkpoint


def test_a_checkpoint_of_another_tree_is_refused() -> None:
    note = Checkpoint(f"{SIGNER.name}/2013-02-08/0", 3, bytes(32)).sign(SIGNER)
    with pytest.raises(LedgerBroken, match=r"2013-02-08/0', not of 'example\.com/departures/2013-02-09/0'"):
        Checkpoint.open(note, SIGNER.verifier, origin=f"{SIGNER.name}/2013-02-09/0")


@pytest.mark.parametrize(
    "text",
    [EXAMPLE.replace("20852163", size) for size in ("", "-1", "+1", "007", "1.0", " 1", "1_0", "\u0661", "9" * 30, "x")]
    + [EXAMPLE.replace("CsUY", digits) for digits in ("", "Cs", "CsU!", "CsUYCsUY")]
    + [EXAMPLE.replace("q2I=", "q2J="), EXAMPLE.replace("q2I=", "q2I"), "\n" + EXAMPLE.split("\n", 1)[1]]
    + [EXAMPLE[:-1], EXAMPLE + "an extension\n", EXAMPLE + "\n", "", "\n\n\n"],
)
def test_only_the_one_spelling_of_a_checkpoint_is_read(text: str) -> None:
    with pytest.raises(LedgerBroken, match="not a checkpoint"):
        Checkpoint.parse(text)
