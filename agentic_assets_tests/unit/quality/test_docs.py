"""The Data Docs: a site that needs nothing but itself, made anew as a whole, and only where something changed."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import Expectation, Verbatim
from agentic_assets.errors import ConfigInvalid
from agentic_assets.quality import library, measured
from agentic_assets.quality.docs.offline import offline
from agentic_assets.quality.docs.site import Page, publish, written
from agentic_assets.quality.judging import suite_of, table_of
from agentic_assets.quality.verbatim import suite_of_rows
from agentic_assets_tests.unit.quality.samples import days, expecting, published


def rendered() -> str:
    expectations = [expecting("rowCount", column=None), expecting("mean")]
    rows = {day: [float(number)] * 5 for number, day in enumerate(days(9))} | {days(9)[-1]: [900.0] * 50}
    measures = measured(published(rows), expectations, days(9)).rows
    return library.rendered(
        library.validate(table_of(measures), suite_of("things", expectations, measures), index="partition")
    )


@pytest.fixture(scope="module")
def page() -> str:
    return offline(rendered(), title="things <2013>", crumbs="home")


def test_a_page_fetches_nothing_and_runs_nothing(page: str) -> None:
    assert not re.search(r"https?://", page)
    assert "<script" not in page
    assert "<link" not in page
    assert "<img" not in page
    assert not re.search(r"\son\w+=", page)
    assert 'href="../' not in page
    assert "default-src 'none'" in page


def test_a_page_keeps_what_the_library_says(page: str) -> None:
    for said in (
        "Evaluated Expectations",
        "mean-value: at most",
        "must always be greater than or equal to",
        "2013-01-09",
    ):
        assert said in page


def test_numbers_observed_on_rows_are_shown(caplog: pytest.LogCaptureFixture) -> None:
    asked = Verbatim("expect_column_median_to_be_between", {"column": "seats", "min_value": 100})
    suite, _ = suite_of_rows("planes", [Expectation("seats", "seats", asked)])
    rows = pl.DataFrame({"seats": [2, 149, 300]})
    shown = offline(library.rendered(library.validate(rows.to_pandas(), suite)), title="planes", crumbs="")
    assert "149" in shown
    assert caplog.records == []


def test_a_title_cannot_bring_markup(page: str) -> None:
    assert "<title>things &lt;2013&gt;</title>" in page


def entry(key: str = "k1", path: str = "things/2013-01.html") -> Page:
    return Page(path, "sources/things", "things 2013-01", "2013-01-01", "2013-01-09", 9, 2, 1, 0, key)


def test_a_page_whose_validation_did_not_change_is_not_rendered_again(tmp_path: Path) -> None:
    publish(tmp_path / "docs", {"things/2013-01.html": "kept<!-- validation k1 -->\n"}, [entry()], run_id="one")

    def never() -> object:
        raise AssertionError("it was validated again")

    assert written(entry(), never, tmp_path / "docs").startswith("kept")


def test_a_site_is_replaced_as_a_whole_and_nothing_of_the_old_one_stays(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    publish(folder, {"old/a.html": "old"}, [], run_id="one")
    publish(folder, {"new/b.html": "new"}, [entry()], run_id="two")
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*.html")) == ["index.html", "new/b.html"]
    assert [child.name for child in (tmp_path / ".docs").iterdir()] == ["two"]
    assert 'href="things/2013-01.html"' in (folder / "index.html").read_text()


def test_a_site_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    publish(folder, {"a.html": "old"}, [], run_id="one")
    (tmp_path / ".docs" / "two").write_text("in the way")
    with pytest.raises(ConfigInvalid, match="the docs cannot be written"):
        publish(folder, {"a.html/b.html": "x", "a.html": "new"}, [], run_id="two/../two")
    assert (folder / "a.html").read_text() == "old"


def test_a_folder_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with pytest.raises(ConfigInvalid, match="is not a site that was written here"):
        publish(tmp_path / "docs", {"a.html": "x"}, [], run_id="one")
