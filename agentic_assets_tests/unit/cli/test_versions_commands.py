"""`agentic versions` and the part of `agentic lint` that holds versions, on a domain of one's own."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.domains import FOLDERS
from agentic_assets.errors import AgenticError, ReleaseRefused
from agentic_assets.releases.lock import LockBroken

AGENT = "domains/loans/loans_agent"
CONTRACT = "contracts/loans/loans_requests.odcs.yaml"
FEATURES = "domains/loans/features.py"
POLICY_LINE = "role: loans_reviewer"


def run(*arguments: str) -> Result:
    _forget()
    return CliRunner().invoke(cli, arguments)


def refused(*arguments: str) -> AgenticError:
    error = run(*arguments).exception
    assert isinstance(error, AgenticError)
    return error


def _forget() -> None:
    """Import the domain anew, as another process would."""
    import agentic_assets.domains as found

    for name in [name for name in sys.modules if name.startswith("agentic_assets.domains.loans")]:
        del sys.modules[name]
    vars(found).pop("loans", None)
    importlib.invalidate_caches()


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaffold")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv(FOLDERS, raising=False)
        patch.setenv("AGENTIC_HOME", str(folder / "home"))
        assert run("new", "domain", "loans").exit_code == 0
        shutil.copytree(folder, folder / "fresh", ignore=shutil.ignore_patterns("home", "__pycache__"))
        assert run("versions", "lock").exit_code == 0
    return folder


@pytest.fixture
def here(scaffold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose one domain is locked; `fresh` beside it holds the same before."""
    import agentic_assets.domains as found

    paths = list(found.__path__)
    shutil.copytree(scaffold, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("home", "__pycache__"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(FOLDERS, raising=False)
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    found.__path__[:] = paths
    _forget()


def _edit(file: str, before: str, after: str) -> None:
    text = Path(file).read_text("utf-8")
    assert before in text, f"{file} has no {before!r}"
    Path(file).write_text(text.replace(before, after, 1), encoding="utf-8")


def _said(result: Result) -> str:
    return " ".join(result.output.split())


def test_a_locked_domain_lints_and_is_locked_with_the_same_bytes(here: Path) -> None:
    before = (here / "versions.lock").read_bytes()
    assert run("lint").exit_code == 0
    assert "versions of loans, as they were locked" in run("versions", "lock").output
    assert (here / "versions.lock").read_bytes() == before


def test_a_domain_that_was_never_locked_is_told_and_fails_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here / "fresh")
    linted = run("lint", "--strict")
    assert linted.exit_code == 0
    assert "the versions of loans are not locked" in _said(linted)
    assert "loans: nothing is locked" in run("versions", "check").output


@pytest.mark.parametrize(
    ("file", "before", "after", "id", "least"),
    [
        (
            FEATURES,
            "MINUTE = timedelta(minutes=1)",
            "MINUTE = timedelta(minutes=2)",
            "feature_set loans_known@1.0.0",
            "1.1.0",
        ),
        (f"{AGENT}.policy.yaml", "confidence_bp < 6000", "confidence_bp < 6001", "policy loans_agent@1.0.0", "1.1.0"),
        (f"{AGENT}.cedar", "loans_team", "lenders", "policy loans_agent@1.0.0", "1.1.0"),
        (f"{AGENT}.rules.yaml", "confidence_bp: 8000", "confidence_bp: 8001", "rules loans_agent@1.0.0", "1.1.0"),
        (f"{AGENT}.agent.yaml", "amount_at_most: 195", "amount_at_most: 196", "agent loans_agent@1.0.0", "1.1.0"),
        (f"{AGENT}.agent.yaml", "phase: shadow", "phase: canary", "rollout loans_agent@1.0.0", "1.1.0"),
        (
            CONTRACT,
            "        physicalType: int64\n",
            "        physicalType: int32\n",
            "contract loans/loans_requests@1.0.0",
            "1.1.0",
        ),
        (
            CONTRACT,
            "        physicalType: int64\n        required: true\n",
            "        physicalType: int64\n",
            "contract loans/loans_requests@1.0.0",
            "2.0.0",
        ),
    ],
    ids=["feature set", "policy", "permission", "rules", "agent", "rollout", "tighter contract", "breaking contract"],
)
def test_lint_fails_where_content_changed_under_its_version(
    here: Path, file: str, before: str, after: str, id: str, least: str
) -> None:
    _edit(file, before, after)
    checked = run("versions", "check", "--json")
    assert checked.exit_code == 1
    (remark,) = [each for each in json.loads(checked.stdout)["remarks"] if each["severity"] == "error"]
    assert (remark["rule"], remark["version"], remark["least"]) == (
        "version-not-raised",
        id,
        least,
    )
    declared_in = file.replace(".cedar", ".policy.yaml")
    assert remark["path"] == declared_in
    line = Path(declared_in).read_text("utf-8").split("\n")[remark["line"] - 1]
    assert "version" in line or "agent: loans_agent@1.0.0" in line
    linted = run("lint")
    assert linted.exit_code == 1
    assert f"{id} changed: " in _said(linted)
    assert f"make it {least} " in _said(linted)


def test_the_code_of_a_check_counts_with_the_contract_that_names_it(here: Path) -> None:
    checks = Path("domains/loans/checks.py")
    checks.write_text(
        "import polars as pl\n\nfrom agentic_assets.contracts import predicate\n\nLEAST = 0\n\n\n"
        '@predicate("loans.enough")\ndef enough(column):\n    return pl.col(column) >= LEAST\n',
        encoding="utf-8",
    )
    _edit("domains/loans/__init__.py", "from .features", "from . import checks\nfrom .features")
    check = "        quality: [{type: custom, engine: agentic, implementation: loans.enough}]\n"
    _edit(CONTRACT, "        physicalType: int64\n", f"        physicalType: int64\n{check}")
    assert run("versions", "lock", "--amend").exit_code == 0
    _edit(str(checks), "LEAST = 0", "LEAST = 1")
    checked = _said(run("versions", "check"))
    assert "contract loans/loans_requests@1.0.0 changed: its code changed: `LEAST` in checks.py" in checked


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x = (", "SyntaxError: '(' was never closed"),
        ("x = nowhere", "NameError: name 'nowhere' is not defined"),
        ("KNOWN.source('none')", "feature set loans_known@1.0.0 uses facts 'none'"),
    ],
    ids=["syntax", "a name", "a promise"],
)
def test_code_that_does_not_run_is_a_remark_where_it_fails(here: Path, written: str, said: str) -> None:
    Path(FEATURES).write_text(f"{Path(FEATURES).read_text('utf-8')}{written}\n", encoding="utf-8")
    for command in ("lint", "versions"):
        found = run(command, *(["check"] if command == "versions" else []), "--json")
        assert found.exit_code == 1
        (remark,) = [each for each in json.loads(found.stdout)["remarks"] if each["severity"] == "error"]
        assert said in remark["message"]
        if "Error" in said:
            assert remark["path"] == FEATURES
            assert Path(FEATURES).read_text("utf-8").split("\n")[remark["line"] - 1] == written
    assert said in refused("versions", "lock").what


def test_every_format_names_the_place(here: Path) -> None:
    _edit(f"{AGENT}.policy.yaml", "within_minutes: 240", "within_minutes: 241")
    for name, said in (
        ("github", f"::error file={AGENT}.policy.yaml,line="),
        ("junit", "version-not-raised"),
        ("sarif", '"ruleId": "version-not-raised"'),
    ):
        linted = run("versions", "check", "--format", name)
        assert linted.exit_code == 1
        assert said in linted.stdout


def test_a_raised_version_passes_once_it_is_locked(here: Path) -> None:
    _edit(f"{AGENT}.policy.yaml", "within_minutes: 240", "within_minutes: 241")
    before = (here / "versions.lock").read_bytes()
    assert "make it 1.1.0" in refused("versions", "lock").what
    assert (here / "versions.lock").read_bytes() == before
    _edit(f"{AGENT}.policy.yaml", "version: 1.0.0", "version: 1.1.0")
    behind = run("versions", "check")
    assert behind.exit_code == 1
    assert "the lock is behind: policy loans_agent@1.1.0: not locked yet" in _said(behind)
    assert "run `agentic versions lock`" in _said(behind)
    assert run("versions", "lock").exit_code == 0
    assert run("versions", "check").exit_code == 0


def test_a_version_that_nobody_else_has_can_be_amended(here: Path) -> None:
    _edit(f"{AGENT}.policy.yaml", "within_minutes: 240", "within_minutes: 241")
    amended = run("versions", "lock", "--amend")
    assert amended.exit_code == 0
    assert "amended: policy loans_agent@1.0.0 changed: " in amended.output
    assert run("versions", "check").exit_code == 0


def test_a_version_that_was_amended_though_others_have_it_is_found_against_their_revision(here: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True, capture_output=True
        )

    git("init", "-q")
    git("add", CONTRACT)
    git("commit", "-qm", "before the lock")
    git("add", "versions.lock")
    git("commit", "-qm", "the lock")
    _edit(f"{AGENT}.policy.yaml", "within_minutes: 240", "within_minutes: 241")
    assert run("versions", "lock", "--amend").exit_code == 0
    assert run("versions", "check").exit_code == 0
    assert run("versions", "check", "--against", "HEAD~1").exit_code == 0
    found = run("versions", "check", "--against", "HEAD")
    assert found.exit_code == 1
    assert "policy loans_agent@1.0.0 changed: " in _said(found)
    _edit(f"{AGENT}.policy.yaml", "version: 1.0.0", "version: 1.1.0")
    assert run("versions", "lock").exit_code == 0
    assert run("versions", "check", "--against", "HEAD").exit_code == 0
    assert "git has nothing to compare with" in refused("versions", "check", "--against", "nowhere").what


def test_a_version_that_a_release_names_cannot_be_amended(here: Path) -> None:
    made = run("release", "create", "--domain", "loans", "--by", "ada", "--reason", "the first one")
    assert made.exit_code == 0, made.output
    _edit(f"{AGENT}.policy.yaml", "within_minutes: 240", "within_minutes: 241")
    error = refused("versions", "lock", "--amend")
    assert isinstance(error, ReleaseRefused)
    assert "the release r1 of loans names policy loans_agent@1.0.0" in error.what


def test_a_merge_conflict_is_named_and_writing_again_solves_it(here: Path) -> None:
    path = here / "versions.lock"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("[loans.", "<<<<<<< HEAD\n[loans.", 1), encoding="utf-8")
    linted = run("versions", "check", "--format", "github")
    assert linted.exit_code == 1
    assert "::error file=versions.lock,line=5,title=lock-broken::versions.lock holds a merge conflict" in linted.stdout
    assert isinstance(refused("versions", "lock"), LockBroken)
    assert "merge conflict" in refused("release", "create", "--domain", "loans", "--reason", "in a hurry").what
    theirs = whole.replace("loans_agent.policy", "")[: whole.index('[loans."policy ')]
    path.write_text(theirs, encoding="utf-8")
    assert run("versions", "lock").exit_code == 0
    assert path.read_text("utf-8") == whole


def test_domains_of_one_project_share_the_file_and_one_that_is_gone_is_told(here: Path) -> None:
    alone = (here / "versions.lock").read_text("utf-8")
    assert run("new", "domain", "claims").exit_code == 0
    assert run("lint").exit_code == 0
    assert run("versions", "lock", "claims").exit_code == 0
    both = (here / "versions.lock").read_text("utf-8")
    assert "[claims." in both
    assert alone[alone.index("[loans.") :] in both
    shutil.rmtree("domains/claims")
    left = run("versions", "check")
    assert left.exit_code == 1
    assert "locked, and no domain any more: claims" in _said(left)
    assert run("versions", "lock").exit_code == 0
    assert (here / "versions.lock").read_text("utf-8") == alone


def test_a_new_agent_of_a_locked_domain_is_to_be_locked_too(here: Path) -> None:
    made = run("new", "agent", "loans", "limits")
    assert "next: agentic versions lock; agentic lint" in made.output
    assert run("lint").exit_code == 1
    assert run("versions", "lock").exit_code == 0
    assert run("lint").exit_code == 0


def test_versions_are_listed_with_what_they_shape(here: Path) -> None:
    listed = json.loads(run("versions", "list", "loans", "--json").stdout)["versions"]
    named = {(one["kind"], one["name"]): one for one in listed}
    assert named["policy", "loans_agent"]["assets"] == ["decisions/loans_agent"]
    assert "rollout" in run("versions", "list").output
    assert "there is no domain 'nowhere'" in refused("versions", "list", "nowhere").what
