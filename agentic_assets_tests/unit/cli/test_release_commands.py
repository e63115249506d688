"""`agentic release`: made, listed, compared and put in force as people read it, and as programs do."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from agentic_assets.cli import cli
from agentic_assets.errors import AgenticError, NotFound, ReleaseRefused
from agentic_assets.home import Home
from agentic_assets.releases import Makers
from agentic_assets.store import Store
from agentic_assets.store.schema import releases, snapshot_files
from agentic_assets_tests.unit.releases.conftest import Toy, home, store, toy

__all__ = ["home", "store", "toy"]

TOY = ("--domain", "toy")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, (*arguments, *TOY))


def said(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return " ".join(done.output.split())


def told(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, (*arguments, *TOY, "--json"))
    assert done.exit_code == 0, done.output + repr(done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(*arguments: str) -> AgenticError:
    error = run(*arguments).exception
    assert isinstance(error, AgenticError)
    return error


def released(toy: Toy, *values: int) -> None:
    for value in values:
        toy.value(value)
        said("release", "create", "--reason", f"value {value}")


def made(toy: Toy, home: Home) -> None:
    makers = Makers(toy.load(), home)
    for asset in ("raw/toy", "raw/double"):
        makers.run(asset, ["2024-01-01", "2024-01-02"], run_id="run")
    makers.close()


def test_a_domain_without_releases_says_how_to_make_one(toy: Toy) -> None:
    listed = said("release", "list")
    assert "toy has no release yet: `agentic release create --reason TEXT --domain toy` makes one" in listed
    assert told("release", "list") == {"domain": "toy", "in_force": None, "releases": []}


def test_a_domain_that_is_not_there_is_named() -> None:
    error = CliRunner().invoke(cli, ("release", "list", "--domain", "nobody")).exception
    assert isinstance(error, NotFound)


def test_a_release_says_who_made_it_and_what_is_next(toy: Toy) -> None:
    text = said("release", "create", "--reason", "first")
    assert "toy r1 is made and sealed" in text
    assert "by ada" in text
    assert "not in force yet: `agentic release activate r1" in text
    assert told("release", "show", "r1")["reason"] == "first"


@pytest.mark.parametrize("command", [("create",), ("activate", "r1")])
def test_nothing_happens_without_a_reason(toy: Toy, command: tuple[str, ...]) -> None:
    done = run("release", *command)
    assert done.exit_code == 2
    assert "say why" in done.output
    assert told("release", "list")["releases"] == []


def test_the_list_says_what_each_is_in_force_for_and_how_much_it_made(toy: Toy, home: Home) -> None:
    released(toy, 1)
    made(toy, home)
    released(toy, 2)
    said("release", "activate", "r1", "--reason", "go")
    said("release", "activate", "r2", "--reason", "try", "--partitions", "2024-01-01..2024-01-02")
    found = told("release", "list")
    assert found["in_force"] == "r1"
    assert [(one["in_force"], one["days_in_force"], one["partitions"]) for one in found["releases"]] == [
        (True, [], 4),
        (False, ["2024-01-01", "2024-01-02"], 0),
    ]
    text = said("release", "list")
    assert "everything else" in text
    assert "2 days from 2024-01-01 to 2024-01-02" in text


def test_one_release_is_shown_with_its_versions_sources_and_orders(toy: Toy) -> None:
    released(toy, 1)
    assert "never put in force" in said("release", "show", "r1")
    said("release", "activate", "r1", "--reason", "go")
    text = said("release", "show", "r1")
    assert "reason: value 1" in text
    assert "2 files" in text
    assert "put in force for everything" in text
    found = told("release", "show", "r1")
    assert [*found["files"]] == ["toy/__init__.py", "toy/numbers.py"]
    assert found["library"]["same_as_installed"] is True
    assert found["activations"][0]["reason"] == "go"


def test_putting_it_in_force_says_what_is_stale_and_what_to_run(toy: Toy, home: Home) -> None:
    released(toy, 1)
    made(toy, home)
    released(toy, 2)
    toy.value(1)
    found = told("release", "activate", "r2", "--reason", "go", "--partitions", "2024-01-01")
    assert found["stale"] == {"raw/toy": ["2024-01-01"], "raw/double": ["2024-01-01"]}
    assert found["next"].startswith("agentic run --domain toy --from 2024-01-01")
    assert "`agentic run --domain toy" in said("release", "activate", "r2", "--reason", "all")


def test_what_is_in_force_already_is_refused_and_nothing_recorded(toy: Toy) -> None:
    released(toy, 1)
    said("release", "activate", "r1", "--reason", "go")
    error = refused("release", "activate", "r1", "--reason", "again")
    assert isinstance(error, ReleaseRefused)
    assert "r1 is in force already for everything" in error.what
    assert len(told("release", "show", "r1")["activations"]) == 1


def test_days_outside_of_the_data_are_refused(toy: Toy) -> None:
    released(toy, 1)
    error = refused("release", "activate", "r1", "--reason", "go", "--partitions", "2030-01-01")
    assert "not a day of toy" in error.what
    assert told("release", "show", "r1")["activations"] == []
    back = run("release", "activate", "r1", "--reason", "go", "--partitions", "2024-01-02..2024-01-01")
    assert back.exit_code == 2


def test_a_release_that_does_not_load_is_never_put_in_force(toy: Toy) -> None:
    source = (toy.folder / "__init__.py").read_text()
    toy.write("__init__.py", f"import os\nassert not os.environ.get('LATER')\n{source}")
    released(toy, 1, 2)
    with pytest.MonkeyPatch.context() as later:
        later.setenv("LATER", "1")
        assert "does not load: AssertionError" in refused("release", "activate", "r1", "--reason", "go").what
    assert told("release", "list")["in_force"] is None


def test_a_difference_names_versions_files_and_assets(toy: Toy, home: Home) -> None:
    released(toy, 1)
    made(toy, home)
    released(toy, 2)
    text = said("release", "diff", "r1", "r2")
    assert "toy r1 -> r2: " in text
    assert "file toy/numbers.py: changed, +1 -1 lines" in text
    assert "-VALUE = 1 +VALUE = 2" in text
    assert "made anew: raw/toy is made by other code (2 partitions published)" in text
    found = told("release", "diff", "r1", "r2")
    assert [one["path"] for one in found["files"]] == ["toy/numbers.py"]
    assert "raw/toy" in [one["asset"] for one in found["assets"]]
    assert {one["kind"] for one in found["versions"]} == {"code"}


def test_one_release_is_compared_with_what_is_in_force_or_the_folder(toy: Toy) -> None:
    released(toy, 1, 2)
    toy.value(3)
    assert told("release", "diff", "r1")["old"]["name"] == "working tree"
    said("release", "activate", "r1", "--reason", "go")
    sides = [told("release", "diff", *which) for which in (["r2"], ["r1"], ["r2", "--working"])]
    assert [(one["old"]["name"], one["new"]["name"]) for one in sides] == [
        ("r1", "r2"),
        ("r1", "working tree"),
        ("r2", "working tree"),
    ]
    assert run("release", "diff", "r1", "r2", "--working").exit_code == 2


def test_equal_sides_differ_in_nothing(toy: Toy) -> None:
    released(toy, 1)
    assert "r1 -> working tree: nothing differs" in said("release", "diff", "r1", "--working")


def test_a_side_that_does_not_load_is_compared_by_files_and_versions(toy: Toy) -> None:
    released(toy, 1)
    source = (toy.folder / "__init__.py").read_text()
    toy.write("__init__.py", f"import os\nassert not os.environ.get('LATER')\n{source}")
    released(toy, 2)
    toy.value(4)
    with pytest.MonkeyPatch.context() as later:
        later.setenv("LATER", "1")
        found = told("release", "diff", "r1", "r2")
        assert found["assets"] is None
        assert (found["old"]["loads"], found["new"]["loads"]) == (True, False)
        assert [one["path"] for one in found["files"]] == ["toy/__init__.py", "toy/numbers.py"]
        assert "r2 does not load with this library" in said("release", "diff", "r1", "r2")


def test_status_says_what_is_in_force_and_how_the_folder_differs(toy: Toy, home: Home) -> None:
    assert "in force: what lies in the domain's folder" in said("status")
    released(toy, 1)
    said("release", "activate", "r1", "--reason", "go")
    found = told("status")["release"]
    assert (found["name"], found["by"], found["drift"]) == ("r1", "ada", "")
    toy.value(2)
    text = said("status")
    assert "in force: r1 since" in text
    assert "toy r1 is in force; what lies in the folder differs in code raw/" in text
    toy.write("__init__.py", "half a thought(")
    assert "what lies in the folder does not load (SyntaxError)" in said("status")


def test_verify_holds_releases_against_their_ledger(toy: Toy, store: Store) -> None:
    released(toy, 1)
    assert told("verify")["releases"] == 1
    with store.transaction() as connection:
        connection.execute(update(releases).values(author="eve"))
    done = run("verify")
    assert done.exit_code == 1
    assert "release 1 of toy is not the one that was recorded" in done.output


def test_verify_goes_on_when_the_release_in_force_cannot_be_loaded(toy: Toy, store: Store) -> None:
    released(toy, 1)
    said("release", "activate", "r1", "--reason", "go")
    toy.value(2)
    with store.transaction() as connection:
        connection.execute(update(snapshot_files).values(content=b"x"))
    done = run("verify")
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert "files of the sources" in done.output


def test_the_impact_is_counted_and_drawn_and_nothing_is_published(toy: Toy, home: Home) -> None:
    from agentic_assets.domains import load_domain

    assert CliRunner().invoke(cli, ("new", "domain", "loans")).exit_code == 0
    spec = toy.folder.parent / "loans" / "loans_agent.agent.yaml"
    text = spec.read_text().replace("phase: shadow", "phase: live")
    spec.write_text(text)
    loans = ("--domain", "loans")
    domain = load_domain("loans")
    makers = Makers(domain, home)
    days = domain.graph.calendar.days()
    for node in domain.graph.nodes:
        makers.run(node.asset, domain.graph.calendar.partitions(node.cut, days), run_id="run")
    makers.close()
    assert CliRunner().invoke(cli, ("release", "create", "--reason", "first", *loans)).exit_code == 0
    spec.write_text(text.replace("amount_at_most: 195", "amount_at_most: 400"))
    before = [*(home.lake.rglob("*.parquet"))]
    asked = ("release", "diff", "r1", "--working", "--impact", f"{days[0]}..{days[-1]}", *loans)
    done = CliRunner().invoke(cli, (*asked, "--json"))
    assert done.exit_code == 0, done.output + repr(done.exception)
    [found] = json.loads(done.stdout)["impact"]["agents"]
    assert (found["decisions_old"], found["decisions_new"], found["changed"]) == (10, 10, 2)
    assert found["actions"] == [{"before": "none", "after": "accept", "decisions": 2}]
    assert sum(found["daily"].values()) == 2
    assert found["cents"] is None
    page = Path(json.loads(done.stdout)["impact"]["page"]).read_text()
    assert "2 of 10 decisions take another action under working tree than r1" in page
    assert "<svg" in page
    assert [*(home.lake.rglob("*.parquet"))] == before
    assert "loans_agent: action none -> accept: 2" in CliRunner().invoke(cli, asked).output
