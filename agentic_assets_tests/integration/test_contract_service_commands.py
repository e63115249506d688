"""`agentic contract catalog` and `agentic contract service`, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.errors import AgenticError
from agentic_assets.home import Home
from agentic_assets.store import Store


def called(*arguments: str, home: Path, **environ: str) -> Result:
    return CliRunner().invoke(
        cli, ["contract", *arguments], env={"AGENTIC_HOME": str(home), **environ}, catch_exceptions=False
    )


def test_the_catalogue_is_written_without_a_home_and_makes_none(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = called("catalog", "--out", str(tmp_path / "site"), "--json", home=home)
    told = json.loads(done.stdout)
    assert Path(told["index"]) == tmp_path / "site" / "index.html"
    assert told["home"] is None
    assert "departures/schedule" in told["contracts"]
    assert told["contracts"].count("departures/schedule") == 1
    assert not home.exists()


def test_contracts_that_no_asset_keeps_are_listed_too(tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "lone.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: lone\nversion: 1.0.0\nstatus: draft\ndomain: other\n"
        "schema:\n  - name: lone\n    properties:\n      - {name: a, logicalType: string}\n"
    )
    arguments = ("catalog", "--out", str(tmp_path / "site"), "--contracts", str(folder), "--json")
    assert "other/lone" in json.loads(called(*arguments, home=tmp_path / "home").stdout)["contracts"]
    assert "Not in use here." in (tmp_path / "site" / "other-lone.html").read_text()


def test_an_unknown_domain_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(AgenticError, match="departures"):
        called("catalog", "--domain", "arrivals", "--out", str(tmp_path / "site"), home=tmp_path / "home")


def test_in_an_empty_home_every_due_partition_is_late_and_strict_fails(tmp_path: Path) -> None:
    done = called("service", "--strict", "--json", home=tmp_path / "home")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["as_of"] == "2014-01-01T05:00:00+00:00"
    [schedule] = [one for one in told["promises"] if one["asset"] == "sources/schedule"]
    assert (schedule["state"], len(schedule["partitions"])) == ("late", 365)


def test_a_day_to_judge_at_can_be_given(tmp_path: Path) -> None:
    told = json.loads(called("service", "--as-of", "2013-01-03", "--json", home=tmp_path / "home").stdout)
    [schedule] = [one for one in told["promises"] if one["asset"] == "sources/schedule"]
    assert schedule["partitions"] == ["2013-01-01", "2013-01-02", "2013-01-03"]


def test_the_catalogue_of_features_is_the_same_site_and_needs_no_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    arguments = ["features", "catalog", "--out", str(tmp_path / "site"), "--json"]
    done = CliRunner().invoke(cli, arguments, env={"AGENTIC_HOME": str(home)}, catch_exceptions=False)
    one = json.loads(done.stdout)["feature_sets"][0]
    assert (one["name"], one["features"], one["problem"]) == ("departure_delay@1.0.0", 60, None)
    assert Path(one["page"]).is_file()
    assert (tmp_path / "site" / "departures-schedule.html").is_file()
    assert not home.exists()


def test_in_a_home_where_nothing_is_published_yet_the_page_says_so(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    Store(home.store_url).close()
    arguments = ["features", "catalog", "--json"]
    done = CliRunner().invoke(cli, arguments, env={"AGENTIC_HOME": str(home.root)}, catch_exceptions=False)
    one = json.loads(done.stdout)["feature_sets"][0]
    assert one["problem"] == "nothing of this version is published"
    assert "No version of it is recorded in this home yet" in Path(one["page"]).read_text()
