"""Read the section `authorization` of a policy file and the Cedar text that it names."""

from __future__ import annotations

import re
from pathlib import Path

from agentic_assets.agents.declaration import NAME, Declaration
from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.authorization.authorization import Authorization, schema_of

__all__ = ["FILE", "RESOURCE", "read_authorization"]

FILE = re.compile(r"[A-Za-z0-9_.-]{1,80}\.cedar")
RESOURCE = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_MAX_BYTES = 200_000


def read_authorization(section: Declaration, folder: Path, actions: tuple[str, ...]) -> Authorization:
    """Read and validate the Cedar policies of a section; raises PolicyInvalid with the file and the policy at fault."""
    section.only("policies", "resource", "column")
    resource, column = section.text("resource", RESOURCE), section.text("column", NAME)
    if resource in ("Agent", "Action"):
        section.refuse("resource", f"`resource` is {resource}, which is taken", "name what actions are done to")
    path = folder / section.text("policies", FILE)
    acting = tuple(action for action in actions if action != NO_ACTION)
    policies = _formatted(_text(path), path)
    read = Authorization(policies=policies, actions=acting, resource=resource, column=column)
    unnamed = [number for number, name in read.names.items() if not name]
    if unnamed or len(set(read.names.values())) != len(read.names):
        raise PolicyInvalid(
            f"{path.name}: {len(unnamed)} of {len(read.names)} policies have no @id, or two share one",
            hint='write @id("name") above each: the ledger names the policies that permitted or forbade an action',
        )
    if not read.names:
        raise PolicyInvalid(f"{path.name}: there is no policy, so that every action is denied", hint="write a permit")
    _validate(read, path)
    return read


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise PolicyInvalid(f"{path.name} has {len(raw):,} bytes, {_MAX_BYTES:,} are permitted")
        return raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyInvalid(
            f"{path.name} cannot be read: {error}", hint="the Cedar policies stand beside the policy file"
        ) from error


def _formatted(text: str, path: Path) -> str:
    from cedarpy import format_policies, policies_to_json_str

    try:
        if "templates" in (read := policies_to_json_str(text)) and '"templates":{}' not in read:
            raise PolicyInvalid(f"{path.name}: templates are not supported", hint="write each policy out")
        return str(format_policies(text)) if text.strip() else ""
    except ValueError as error:
        raise PolicyInvalid(
            f"{path.name} is not Cedar: {str(error)[:300]}", hint="see https://docs.cedarpolicy.com"
        ) from error


def _validate(read: Authorization, path: Path) -> None:
    from cedarpy import validate_policies

    found = validate_policies(read.policies, schema_of(read.actions, read.resource))
    if found.validation_passed:
        return
    faults = [f"{read.names.get(one.policy_id, one.policy_id)}: {one.error[:200]}" for one in found.errors[:5]]
    raise PolicyInvalid(
        f"{path.name}: {len(found.errors)} faults:\n" + "\n".join(f"  - {fault}" for fault in faults),
        hint=f"a policy may name agents, the actions {', '.join(read.actions)}, and {read.resource} by name",
    )
