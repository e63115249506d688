"""The bar of the lock, on the real domain: what shapes a decision cannot change under its version, words can."""

from pathlib import Path

import pytest

from agentic_assets.domains import load_domain
from agentic_assets.releases import Declared, declared
from agentic_assets.releases.lock import Finding, Locked, judge, load_lock, lock_text, write_lock
from agentic_assets_tests.unit.releases.copied import Copy

MOVEMENTS = "contracts/departures/movements.odcs.yaml"
CHANGES = {
    "a constant in a feature's function": (
        ("feature_sets/departure_delay.py", "_TURNAROUND: Final = 45", "_TURNAROUND: Final = 46"),
        ("feature_set departure_delay@1.0.0", "1.1.0", "its code or an expression differs"),
    ),
    "a quota of a policy": (
        ("policy.yaml", "limit: 60", "limit: 61"),
        ("policy departures@1.3.0", "1.4.0", "`notify_quota` the quota changed: `limit` was 60 and is 61"),
    ),
    "a pattern of a contract": (
        (MOVEMENTS, "pattern: '^[A-Z]{3}$'", "pattern: '^[A-Z]{2,3}$'"),
        ("contract departures/movements@1.2.0", "2.0.0", "`dest`: pattern loosened"),
    ),
    "a parameter of a model": (
        ("models.py", '"num_leaves": 31', '"num_leaves": 32'),
        ("recipe delay_risk@1.0.0", "1.1.0", "`num_leaves` the parameter was 31 and is 32"),
    ),
    "a constant beside an agent's function": (
        ("agent.py", "_TOSS = 5_000", "_TOSS = 5_001"),
        ("agent delay_risk@1.1.0", "1.2.0", "its code changed: `_TOSS` in agent.py"),
    ),
    "a pattern that an agent's function uses": (
        ("station_brief.py", '"heav": ("heavy",)', '"heav": ("heavy", "strong")'),
        ("agent station_brief@1.0.0", "1.1.0", "its code changed: `_GROUNDS` in station_brief.py"),
    ),
    "a rule of a table": (
        ("turnaround.rules.yaml", "score_bp: 8800", "score_bp: 8700"),
        ("rules turnaround@1.0.0", "1.1.0", "`aircraft_very_late` the rule changed"),
    ),
    "a prompt": (
        ("station_brief.prompt.yaml", "Give one short reason", "Give a reason"),
        ("prompt station_brief@1.0.0", "1.1.0", "`instructions` was"),
    ),
    "the phase in which an agent is born": (
        ("delay_risk.agent.yaml", "phase: live", "phase: canary"),
        ("rollout delay_risk@1.1.0", "1.2.0", "`phase` was 'live' and is 'canary'"),
    ),
    "the day of an agent's review": (
        ("station_brief.agent.yaml", "review_by: 2014-06-30", "review_by: 2014-07-31"),
        ("rollout station_brief@1.0.0", "1.0.1", "`review_by` was '2014-06-30'"),
    ),
}
WORDS = (
    ("agent.py", '"""The agent `delay_risk`', '"""An agent, `delay_risk`'),
    ("agent.py", "_TOSS = 5_000", "_TOSS = 5000  # a toss"),
    ("costs.py", "\n\n", "\n\n# Assumed.\n\n"),
    ("feature_sets/departure_delay.py", '"Operating carrier, IATA code"', '"Who operates the flight"'),
    ("policy.yaml", "no model serves this month", "nothing serves this month"),
    ("delay_risk.agent.yaml", "say how sure it is", "tell how sure it is"),
    ("turnaround.rules.yaml", "# The slack", "# What is called slack"),
    (MOVEMENTS, "IATA code of the airport of departure.", "Where it leaves."),
    (MOVEMENTS, "tags: [source, daily, flights, outcomes]", "tags: [source]"),
    (MOVEMENTS, "Only the three airports of New York are in scope.", "New York."),
)


@pytest.fixture(scope="module")
def real() -> tuple[Declared, ...]:
    return declared(load_domain("departures"))


@pytest.fixture(scope="module")
def locked(real: tuple[Declared, ...]) -> tuple[Locked, ...]:
    return tuple(Locked.of(one) for one in real)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, locked: tuple[Locked, ...]) -> dict[str, Finding]:
    """What is found when all of CHANGES are made and no version is raised."""
    copy = Copy(tmp_path_factory.mktemp("changed"))
    for edit, _ in CHANGES.values():
        copy.edit(*edit)
    return {finding.id or finding.rule: finding for finding in judge(copy.declared(), locked)}


@pytest.mark.parametrize("change", CHANGES)
def test_content_that_changed_under_its_version_is_named_with_the_version_that_it_takes(
    findings: dict[str, Finding], change: str
) -> None:
    _, (id, least, said) = CHANGES[change]
    finding = findings[id]
    assert finding.rule == "version-not-raised"
    assert finding.refuses
    assert finding.least == least
    assert said in finding.what
    assert f"make it {least} " in finding.hint


def test_nothing_else_is_found(findings: dict[str, Finding]) -> None:
    assert findings.keys() == {id for _, (id, _, _) in CHANGES.values()}


def test_words_comments_and_layout_are_no_change(tmp_path: Path, real: tuple[Declared, ...]) -> None:
    copy = Copy(tmp_path)
    for edit in WORDS:
        copy.edit(*edit)
    assert copy.declared() == real


def test_raised_versions_leave_only_the_lock_to_be_written(tmp_path: Path, locked: tuple[Locked, ...]) -> None:
    copy = Copy(tmp_path)
    copy.edit("policy.yaml", "limit: 60", "limit: 61")
    copy.edit("policy.yaml", "version: 1.3.0", "version: 1.4.0")
    copy.edit("models.py", "rounds=80", "rounds=81")
    copy.edit("models.py", 'version="1.0.0"', 'version="1.1.0"')
    copy.edit(MOVEMENTS, "pattern: '^[A-Z]{3}$'", "pattern: '^[A-Z]{2,3}$'")
    copy.edit(MOVEMENTS, "version: 1.2.0", "version: 1.3.0")
    made = copy.declared()
    small, behind = judge(made, locked)
    assert (small.rule, small.id, small.least) == ("version-too-small", "contract departures/movements@1.3.0", "2.0.0")
    assert (behind.rule, behind.refuses) == ("lock-behind", False)
    assert "policy departures@1.4.0, recipe delay_risk@1.1.0: not locked yet" in behind.what
    assert judge(made, [Locked.of(one) for one in made]) == ()


def test_code_that_no_version_names_is_told_and_fails_nothing(tmp_path: Path, locked: tuple[Locked, ...]) -> None:
    copy = Copy(tmp_path)
    copy.edit("outcomes.py", "def score(", "SHARE = 1\n\n\ndef score(")
    copy.edit("sources.py", "_DAY_MINUTES = 1440", "_DAY_MINUTES = 24 * 60")
    (finding,) = judge(copy.declared(), locked)
    assert (finding.rule, finding.refuses) == ("code-without-version", False)
    assert finding.assets == ("sources/movements", "sources/schedule")


def test_each_version_names_the_assets_that_it_shapes(real: tuple[Declared, ...]) -> None:
    shaped = {one.id: one.assets for one in real}
    assert shaped["policy briefings@1.0.0"] == ("decisions/station_brief",)
    assert shaped["recordings station_brief"] == ("proposals/station_brief",)
    assert shaped["rollout turnaround@1.0.0"] == shaped["agent turnaround@1.0.0"]
    assert "decisions/delay_risk" in shaped["agent delay_risk@1.1.0"]


def test_the_file_is_the_same_whatever_the_order_and_gives_back_what_was_written(
    tmp_path: Path, locked: tuple[Locked, ...]
) -> None:
    path = tmp_path / "versions.lock"
    assert write_lock(path, {"departures": locked})
    assert not write_lock(path, {"departures": locked[::-1]})
    read = {one.key: (one.digest, one.says) for one in load_lock(path)["departures"]}
    assert read == {one.key: (one.digest, one.says) for one in locked}
    assert lock_text(load_lock(path)) == path.read_text("utf-8")


def test_the_lock_in_git_is_the_one_that_would_be_written() -> None:
    """Whoever changes the domain raises the version and runs `agentic versions lock`."""
    held = load_lock(Path(__file__).parents[3] / "versions.lock")
    found = judge(declared(load_domain("departures")), held["departures"])
    assert [finding.what for finding in found if finding.rule != "code-without-version"] == []
