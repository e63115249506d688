"""The catalogue: what its pages say, that nothing hostile gets through, and how it searches in a real browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agentic_assets.domains import load_domain
from agentic_assets.errors import ConfigInvalid
from agentic_assets.evidence.catalog import Catalog, build, gather, write_catalog
from agentic_assets.home import Home
from agentic_assets_tests.e2e.browser import chromium, visit
from agentic_assets_tests.unit.evidence.catalog_material import catalog, hostile, meters


@pytest.fixture
def made(tmp_path: Path) -> Catalog:
    return catalog(tmp_path)


class Tags(HTMLParser):
    """Collect every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def plain(page: str) -> str:
    """The text of a page, without elements and style."""
    page = page.replace("<wbr>", "")
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S))


def test_a_page_says_what_is_promised_who_answers_and_what_became_of_it(made: Catalog) -> None:
    said = plain(build(made)["plant-things.html"])
    for words in (
        "Meters of the plant",
        "meter people",
        "59 of 365 partitions",
        "meters that run backwards",
        "meter_reader",
        "May be held and read in",
        "feature set load@1.0.0",
        "Agents that decide on it",
        "throughput 3 is recorded and shown; nothing measures it",
        "2013-01-21",
    ):
        assert words in said, words


def test_an_example_of_a_masked_column_is_nowhere(made: Catalog) -> None:
    page = build(made)["plant-things.html"]
    assert "(masked)" in page
    columns = page[page.index('id="columns"') : page.index('id="rules"')]
    assert "ann@example.org" not in columns


def test_nothing_hostile_becomes_an_element_an_attribute_or_a_link(made: Catalog) -> None:
    for name, page in build(made).items():
        tags = Tags(page).found
        assert sum(tag == "script" for tag, _ in tags) == (1 if name == "index.html" else 0)
        assert not any(tag == "img" for tag, _ in tags)
        assert not any(key.startswith("on") for _, attributes in tags for key in attributes)
        for tag, attributes in tags:
            if tag == "a":
                assert re.match(r"(https://|[\w.-]+\.html|#)", attributes["href"] or ""), attributes
        assert "\u202e" not in plain(page)
    assert "{{7*7}}" in plain(build(made)["hostile.html"])


def test_a_domain_of_any_name_becomes_a_plain_file_name(tmp_path: Path) -> None:
    listed = gather((), [hostile(tmp_path), meters(tmp_path)]).listed
    assert all(re.fullmatch(r"[a-z0-9_-]+\.html", one.page) for one in listed)
    assert len({one.page for one in listed}) == 2


def test_equal_names_get_pages_of_their_own(tmp_path: Path) -> None:
    one, two = meters(tmp_path / "a"), meters(tmp_path / "b")
    pages = [found.page for found in gather((), [one, two]).listed]
    assert len(set(pages)) == 2


def test_the_same_catalogue_gives_the_same_pages(made: Catalog) -> None:
    assert build(made) == build(made)


def test_without_a_home_there_is_no_past_but_everything_else() -> None:
    gathered = gather((load_domain("departures"),))
    pages = build(gathered)
    page = plain(pages["departures-schedule.html"])
    assert "Quality so far" not in page
    assert "No home was read" in page
    assert 'href="departures-movements.html"' in pages["departures-outcomes.html"]
    assert 'href="departures-departure_delay.html"' in pages["departures-schedule.html"]


def test_an_agent_is_named_with_the_features_that_a_source_reaches_it_through() -> None:
    [weather] = [one for one in gather((load_domain("departures"),)).listed if one.asset == "sources/weather"]
    decider, *_ = weather.deciders
    assert decider.agent.startswith("delay_risk@")
    assert 0 < len(decider.features) < 60


def test_a_home_without_a_run_says_how_to_get_one(tmp_path: Path) -> None:
    gathered = gather((load_domain("departures"),), home=Home.at(tmp_path))
    assert "Nothing of it is published in this home yet" in build(gathered)["departures-weather.html"]


def test_writing_again_removes_the_page_of_a_contract_that_is_gone_and_nothing_else(
    made: Catalog, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.html").write_text("<p>mine</p>")
    index = write_catalog(made, folder)
    assert index == folder / "index.html"
    write_catalog(Catalog(made.listed[:1]), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "mine.html", "plant-things.html"]


def test_a_folder_that_cannot_be_written_is_named(made: Catalog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match="cannot be written"):
        write_catalog(made, tmp_path / "file" / "out")


@pytest.mark.browser
def test_in_a_browser_it_searches_narrows_and_leads_to_a_column(made: Catalog, tmp_path: Path) -> None:
    index = write_catalog(made, tmp_path / "out")
    with chromium() as browser, visit(browser, index.as_uri(), width=1280) as opened:
        page = opened.page
        told, items = page.locator("#told"), page.locator(".dataset:visible")
        assert told.inner_text() == "2 contracts"
        page.keyboard.press("/")
        page.keyboard.type("READING meters")
        assert (told.inner_text(), items.count()) == ("1 of 2 contracts", 1)
        assert page.locator(".matched:visible a").inner_text() == "reading"
        page.keyboard.press("Escape")
        assert items.count() == 2
        page.keyboard.type('owner:"meter people"')
        assert items.count() == 1
        assert page.locator('.pick[data-key="owner"][aria-pressed="true"]').count() == 1
        page.locator("#search").fill("")
        page.locator(".facets summary").click()
        page.locator('.pick[data-key="tag"]', has_text="hourly").click()
        assert page.locator("#search").input_value() == "tag:hourly"
        assert items.count() == 1
        page.locator("#search").fill("no such thing")
        assert page.locator("#nothing").is_visible()
        page.locator("#search").fill("column:reading")
        page.locator(".matched:visible a").click()
        page.wait_for_url("**/plant-things.html#column-reading")
        assert page.locator("tr:target").count() == 1
        page.go_back()
        page.wait_for_selector(".dataset")
        assert page.locator("#search").input_value() == "column:reading"
        assert opened.errors == []


@pytest.mark.browser
def test_no_page_asks_for_anything_fails_or_scrolls_sideways(made: Catalog, tmp_path: Path) -> None:
    index = write_catalog(made, tmp_path / "out")
    with chromium() as browser:
        for path in sorted(index.parent.glob("*.html")):
            for width in (360, 768, 1280):
                with visit(browser, path.as_uri(), width=width) as opened:
                    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, (path.name, width)
                    assert opened.page.evaluate("performance.getEntriesByType('resource').length") == 0
                    assert opened.page.evaluate("window.name") == ""
                    assert opened.errors == []
