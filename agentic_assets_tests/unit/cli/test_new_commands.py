"""`agentic new` and `agentic lint`: what is written loads as it is, and what cannot be is said before anything is."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.agents import load_spec
from agentic_assets.agents.rules import load_rules
from agentic_assets.cli import cli
from agentic_assets.contracts import lint, load
from agentic_assets.domains import FOLDERS, domain_names, folders, load_domain
from agentic_assets.errors import AgenticError, ConfigInvalid, NotFound, SourceUnreadable
from agentic_assets.policy import load_ruleset

ODD = (
    "null,when,on,select,is_new,rate,note\n"
    "a,2024-02-01T23:30:00Z,1,5,true,0.5,x\nb,2024-02-04T00:00:00Z,2,,false,1.5,\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    import agentic_assets.domains as found

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(FOLDERS, raising=False)
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    paths, modules = list(found.__path__), set(sys.modules)
    yield tmp_path
    found.__path__[:] = paths
    for name in set(sys.modules) - modules:
        if name.startswith("agentic_assets.domains.") and not name.startswith("agentic_assets.domains.departures"):
            del sys.modules[name]
            vars(found).pop(name.split(".")[2], None)
    importlib.invalidate_caches()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def refused(*arguments: str) -> AgenticError:
    error = run(*arguments).exception
    assert isinstance(error, AgenticError)
    return error


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_written_file_loads(here: Path) -> None:
    assert run("new", "domain", "loans").exit_code == 0
    home = here / "domains" / "loans"
    spec = load_spec(home / "loans_agent.agent.yaml")
    assert load_rules(home / "loans_agent.rules.yaml", spec).agent == "loans_agent@1.0.0"
    assert load_ruleset(home / "loans_agent.policy.yaml").authorization is not None
    contract = here / "contracts" / "loans" / "loans_requests.odcs.yaml"
    assert load(contract).primary_key == ("request",)
    assert [note for note in lint(contract).notes if note.severity != "info"] == []
    for script in here.rglob("*.py"):
        compile(script.read_text(encoding="utf-8"), script.name, "exec")


def test_the_domain_has_all_that_follows_from_an_agent(here: Path) -> None:
    run("new", "domain", "loans")
    domain = load_domain("loans")
    assert [node.asset for node in domain.graph.nodes] == [
        "raw/loans_requests",
        "sources/loans_requests",
        "features/loans_known",
        "features/loans_known_proofs",
        "proposals/loans_agent",
        "decisions/loans_agent",
        "governance/loans_agent_ledger",
        "actions/loans_agent",
        "governance/loans_agents",
    ]
    assert all(node.contract is not None for node in domain.graph.nodes[1:])
    assert "loans" in domain_names()


def test_names_that_yaml_and_sql_take_for_words_are_names(here: Path) -> None:
    (here / "odd.csv").write_text(ODD, encoding="utf-8")
    options = ("--data", "odd.csv", "--key", "null", "--moment", "when", "--agent", "yes")
    made = run("new", "domain", "no", *options, "--action", "on", "--action", "off")
    assert made.exit_code == 0, made.output
    spec = load_spec(here / "domains" / "no" / "yes.agent.yaml")
    assert (spec.name, spec.entity, spec.actions) == ("yes", "null", ("none", "on", "off"))
    assert [*spec.columns] == ["is_new", "note", "on", "rate", "select"]
    assert load_domain("no").graph.calendar.last.isoformat() == "2024-02-04"


def test_a_second_agent_joins_its_domain(here: Path) -> None:
    run("new", "domain", "loans")
    made = run("new", "agent", "loans", "limits", "--action", "raise_limit")
    assert made.exit_code == 0, made.output
    assert [spec.id for spec in load_domain("loans").agents] == ["limits@1.0.0", "loans_agent@1.0.0"]


def test_the_same_command_writes_the_same_bytes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for name in ("one", "two"):
        (here / name).mkdir()
        monkeypatch.chdir(here / name)
        assert run("new", "domain", f"twice{name}").exit_code == 0
        written.append(
            {
                path.replace(f"twice{name}", "it"): content.replace(f"twice{name}".encode(), b"it")
                for path, content in files(here / name).items()
                if path.endswith((".yaml", ".cedar", ".csv"))
            }
        )
    assert written[0] == written[1]


@pytest.mark.parametrize("name", ["Loans", "1loans", "lo-ans", "../loans", "class", "", "l" * 64, "löans"])
def test_what_cannot_be_a_name_is_refused_before_anything_is_written(here: Path, name: str) -> None:
    made = run("new", "domain", "--", name)
    assert made.exit_code == 2
    assert "cannot be a name" in made.output
    assert files(here) == {}


def test_a_name_that_is_taken_is_refused(here: Path) -> None:
    assert "there is a domain 'departures' already" in refused("new", "domain", "departures").what
    run("new", "domain", "loans")
    assert "there is a domain 'loans' already" in refused("new", "domain", "loans").what
    assert "has an agent 'loans_agent' already" in refused("new", "agent", "loans", "loans_agent").what


def test_a_name_under_which_no_version_could_be_locked_is_refused(here: Path) -> None:
    error = refused("new", "domain", "lock")
    assert "a domain cannot be called 'lock'" in str(error)
    assert files(here) == {}


def test_a_file_that_is_there_is_never_changed(here: Path) -> None:
    kept = here / "contracts" / "loans" / "loans_requests.odcs.yaml"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine", encoding="utf-8")
    error = refused("new", "domain", "loans")
    assert isinstance(error, ConfigInvalid)
    assert "1 of the files are there already" in error.what
    assert files(here) == {"contracts/loans/loans_requests.odcs.yaml": b"mine"}


def test_a_domain_that_would_not_load_leaves_nothing_behind(here: Path) -> None:
    """The agent is called as the source is: two datasets of one name."""
    assert (
        "two datasets of the name loans_requests" in refused("new", "domain", "loans", "--agent", "loans_requests").what
    )
    assert files(here) == {}
    assert not (here / "domains").exists()


def test_agents_join_domains_of_ones_own_only() -> None:
    assert "is part of the library" in refused("new", "agent", "departures", "another").what
    assert isinstance(refused("new", "agent", "nowhere", "another"), NotFound)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("request,asked_at\na,2024-01-01T00:00:00Z\n", "has nothing beside"),
        ("request,asked_at,amount\na,yesterday,1\n", "is no moment in 1 of 1 rows"),
        ("request,asked_at,amount\na,2024-01-01T00:00:00Z,1\na,2024-01-01T00:00:00Z,2\n", "names 1 of 2 rows"),
        ("request,asked_at,Amount\na,2024-01-01T00:00:00Z,1\n", "1 columns need another name: 'Amount'"),
        ("request,asked_at,day\na,2024-01-01T00:00:00Z,1\n", "1 columns need another name: 'day'"),
        ("id,asked_at,amount\na,2024-01-01T00:00:00Z,1\n", "has no column `request`"),
        ("", "has no column `request`"),
    ],
)
def test_rows_that_cannot_be_decided_about_are_refused_with_the_reason(here: Path, rows: str, said: str) -> None:
    (here / "rows.csv").write_text(rows, encoding="utf-8")
    error = refused("new", "domain", "loans", "--data", "rows.csv")
    assert isinstance(error, SourceUnreadable)
    assert said in error.what
    assert files(here) == {"rows.csv": rows.encode()}


def test_lint_of_a_new_domain_finds_nothing_wrong_and_names_what_breaks_later(here: Path) -> None:
    run("new", "domain", "loans")
    fine = run("lint", "--strict")
    assert fine.exit_code == 0, fine.output
    assert "1 domain (loans): " in fine.output
    spec = here / "domains" / "loans" / "loans_agent.agent.yaml"
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("loans_known@1.0.0", "loans_known@2.0.0"), encoding="utf-8"
    )
    broken = run("lint")
    assert broken.exit_code == 1
    assert "reads loans_known@2.0.0, which the domain does not have" in " ".join(broken.output.split())


def test_folders_of_domains_are_named_and_must_be_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "domain", "loans")
    monkeypatch.setenv(FOLDERS, str(here / "nowhere"))
    with pytest.raises(ConfigInvalid, match="which is no folder"):
        folders()
    monkeypatch.setenv(FOLDERS, str(here / "domains"))
    monkeypatch.chdir(here.parent)
    assert load_domain("loans").name == "loans"


def test_a_new_domain_that_nobody_would_look_for_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "elsewhere").mkdir()
    monkeypatch.setenv(FOLDERS, str(here / "elsewhere"))
    error = refused("new", "domain", "loans")
    assert isinstance(error, ConfigInvalid)
    assert "not in domains/ where you stand" in str(error)
    assert files(here) == {}


def test_one_name_in_two_folders_is_refused(here: Path) -> None:
    (here / "domains" / "departures").mkdir(parents=True)
    (here / "domains" / "departures" / "__init__.py").touch()
    with pytest.raises(ConfigInvalid, match="two folders hold a domain 'departures'"):
        domain_names()


def test_a_domain_that_is_called_otherwise_than_its_folder_is_refused(here: Path) -> None:
    run("new", "domain", "claims")
    own = here / "domains" / "claims" / "__init__.py"
    own.write_text(own.read_text().replace('        "claims",\n', '        "others",\n'), encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="the folder claims holds a domain that is called 'others'"):
        load_domain("claims")


def test_two_new_domains_share_a_lake_and_the_dagster_ui(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("new", "domain", "loans").exit_code == 0
    assert run("new", "domain", "claims").exit_code == 0
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    listed = "print(sorted(job.name for job in defs.jobs if 'load' in job.name))"
    script = f"from agentic_assets.definitions import defs; {listed}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=here, timeout=120)
    assert done.stdout.strip() == "['claims_historical_load', 'historical_load', 'loans_historical_load']", done.stderr


def test_a_dataset_that_another_domain_makes_is_refused_and_nothing_is_left(here: Path) -> None:
    run("new", "domain", "loans")
    before = {name: content for name, content in files(here).items() if not name.startswith("home")}
    data = str(here / "domains" / "loans" / "data" / "loans_requests.csv")
    error = refused("new", "domain", "claims", "--data", data)
    assert "the domains claims and loans both make raw/loans_requests" in error.what
    assert {name: content for name, content in files(here).items() if not name.startswith("home")} == before
