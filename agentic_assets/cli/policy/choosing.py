"""Find the policy that a person means: a file, or that of a domain."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.policy import RuleSet

__all__ = ["chosen", "policy_files"]


def policy_files(paths: Iterable[Path]) -> list[Path]:
    """List the files that are meant: a folder stands for its policies, no path for those of all domains."""
    named = list(paths)
    if not named:
        from agentic_assets import domains

        named = [Path(folder) for folder in domains.__path__]
    return list(dict.fromkeys(file for path in named for file in _files(path)))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted({*path.rglob("policy.yaml"), *path.rglob("*.policy.yaml")})
    if not files:
        raise NotFound(f"{path} holds no policy.yaml and no *.policy.yaml", hint="name a file")
    return files


def chosen(file: Path | None, domain_name: str, policy_name: str | None) -> RuleSet:
    """Load the policy of a file, or that of a domain; where it has several, the one of that name."""
    from agentic_assets.domains import load_domain
    from agentic_assets.policy import load_ruleset

    if file is not None:
        return load_ruleset(file)
    policies = {subject.policy.name: subject.policy for subject in load_domain(domain_name).subjects}
    if policy_name is None and len(policies) == 1:
        return next(iter(policies.values()))
    if policy_name not in policies:
        said = f"no policy {policy_name[:60]!r}" if policy_name else "several policies"
        raise NotFound(
            f"the domain {domain_name} has {said}",
            hint=f"choose with --policy one of: {', '.join(sorted(policies))}",
        )
    return policies[policy_name]
