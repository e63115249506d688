"""Find the policy that a person means: a file, or that of a domain."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.policy import RuleSet

__all__ = ["TABLE", "chosen", "policy_files", "rules_in"]

TABLE = ".rules.yaml"


def policy_files(paths: Iterable[Path]) -> list[Path]:
    """List the files that are meant: a folder stands for its policies and rule tables, no path for all domains'.

    Raises NotFound for a folder that a person names and that holds none.
    """
    named = list(paths)
    if not named:
        from agentic_assets.domains import folders

        return list(dict.fromkeys(file for folder in folders() for file in rules_in(folder)))
    return list(dict.fromkeys(file for path in named for file in _files(path)))


def rules_in(folder: Path) -> list[Path]:
    """List the policies and rule tables below a folder, sorted; there may be none."""
    return sorted({*folder.rglob("policy.yaml"), *folder.rglob("*.policy.yaml"), *folder.rglob(f"*{TABLE}")})


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = rules_in(path)
    if not files:
        raise NotFound(f"{path} holds no policy.yaml, *.policy.yaml or *{TABLE}", hint="name a file")
    return files


def chosen(file: Path | None, domain_name: str, policy_name: str | None) -> RuleSet:
    """Load the policy of a file, or that of a domain: the one of that name, or that of its first agent."""
    from agentic_assets.domains import load_domain
    from agentic_assets.policy import load_ruleset

    if file is not None:
        return load_ruleset(file)
    policies = {subject.policy.name: subject.policy for subject in load_domain(domain_name).subjects}
    if not policies:
        raise NotFound(f"the domain {domain_name} has no policy", hint="name the file of one")
    wanted = policy_name or next(iter(policies))
    if wanted not in policies:
        hint = f"choose one of: {', '.join(sorted(policies))}"
        raise NotFound(f"the domain {domain_name} has no policy {wanted[:60]!r}", hint=hint)
    return policies[wanted]
