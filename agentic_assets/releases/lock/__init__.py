"""`versions.lock`: what each version said when it was locked, in git, so that no content changes under its number."""

from agentic_assets.releases.lock.entry import Locked
from agentic_assets.releases.lock.file import (
    FILE,
    Lock,
    LockBroken,
    load_lock,
    lock_text,
    refuse_unlockable,
    write_lock,
)
from agentic_assets.releases.lock.judging import UNCOVERED, Finding, judge
from agentic_assets.releases.lock.weighing import changes_between, demanded

__all__ = [
    "FILE",
    "UNCOVERED",
    "Finding",
    "Lock",
    "LockBroken",
    "Locked",
    "changes_between",
    "demanded",
    "judge",
    "load_lock",
    "lock_text",
    "refuse_unlockable",
    "write_lock",
]
