"""A user's domain of thirty days with two releases: a good one, and one whose feature set is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.evidence import Domain, Reading, verify_all
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets.releases import Activation, Releases
from agentic_assets.store import Store

__all__ = ["FIRST", "activated", "edit", "end_state", "new_loans", "released", "spoil", "standing", "taken_back"]

FIRST = date(2024, 1, 1)


def new_loans(folder: Path, *, days: int = 30, rows: int = 6) -> None:
    """Write the domain `loans` into the folder where the process stands: live, over some days."""
    assert CliRunner().invoke(cli, ["new", "domain", "loans"]).exit_code == 0
    place = folder / "domains" / "loans"
    last = FIRST + timedelta(days=days - 1)
    edit(place / "__init__.py", r"date\(2024, 1, 3\)", f"date({last.year}, {last.month}, {last.day})")
    edit(place / "loans_agent.agent.yaml", "phase: shadow", "phase: live")
    lines = ["request,asked_at,amount,channel"]
    for day in range(days):
        for row in range(rows):
            moment = f"{FIRST + timedelta(days=day)}T0{row}:00:00Z"
            lines.append(
                f"q{day:03d}{row},{moment},{100 + (day * 37 + row * 41) % 200},{'web' if row % 2 else 'branch'}"
            )
    (place / "data" / "loans_requests.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def edit(file: Path, pattern: str, new: str) -> None:
    """Change a text that stands in a file once."""
    text = file.read_text(encoding="utf-8")
    assert len(re.findall(pattern, text)) == 1, (pattern, file)
    file.write_text(re.sub(pattern, new, text), encoding="utf-8")


def released(home: Home, reason: str) -> Domain:
    """Release the domain as it lies in its folder, activate that, and run all its days."""
    domain = load_domain("loans")
    activated(domain, home, reason)
    assert run_load(domain, home).outcome.complete
    return domain


def activated(domain: Domain, home: Home, reason: str) -> None:
    """Release a domain and put it into force."""
    store = Store(home.store_url)
    try:
        made = Releases(store, home.keys).create(domain, author="tester", reason=reason)
        Releases(store, home.keys).activate(Activation(domain.name, made.number, "tester", reason))
    finally:
        store.close()


def standing(home: Home) -> Counter[tuple[str, str]]:
    """Say from the journal which actions stand in the world: those done and not undone."""
    journal = home.journals / "loans.jsonl"
    done: Counter[tuple[str, str]] = Counter()
    for line in journal.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        done[(said["entity"], said["action"])] += 1 if said["do"] == "execute" else -1
    return +done


def taken_back(home: Home) -> Counter[str]:
    """Count how often each key was compensated."""
    lines = (home.journals / "loans.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(said["key"] for said in map(json.loads, lines) if said["do"] == "compensate")


def end_state(home: Home) -> tuple[dict[str, str], dict[tuple[str, str], int], list[int], list[str]]:
    """Give every current data version, the actions that stand, the releases activated, and what verification finds."""
    reading = Reading(load_domain("loans"), home)
    try:
        versions = {
            f"{node.asset} {partition}": entry.data_version
            for node in reading.domain.graph.nodes
            for partition, entry in reading.manifest.current(node.asset).items()
        }
        activations = [one.release for one in Releases(reading.store, home.keys).activations("loans")]
        return versions, dict(standing(home)), activations, verify_all(reading).problems
    finally:
        reading.close()


def spoil(folder: Path) -> None:
    """Make the feature set wrong, with every version that this needs."""
    place = folder / "domains" / "loans"
    edit(
        place / "features.py",
        r'Value\("amount", "amount", pl.Int64\(\), "as delivered", "Amount, as delivered"\)',
        'Derived("amount", ("amount",), pl.col("amount") - 60, pl.Int64(), "as delivered", "Amount, as delivered")',
    )
    edit(place / "features.py", "kinds import Newest", "kinds import Derived, Newest")
    edit(place / "features.py", 'version="1.0.0"', 'version="1.0.1"')
    edit(place / "loans_agent.agent.yaml", "loans_known@1.0.0", "loans_known@1.0.1")
    edit(place / "loans_agent.agent.yaml", "version: 1.0.0", "version: 1.0.1")
    edit(place / "loans_agent.rules.yaml", "loans_agent@1.0.0", "loans_agent@1.0.1")
