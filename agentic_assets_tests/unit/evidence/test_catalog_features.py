"""The catalogue's pages of feature sets: what they say, what they hide, and how they are found in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from agentic_assets.domains import load_domains
from agentic_assets.evidence.catalog import Catalog, build, gather, write_catalog
from agentic_assets.evidence.catalog.feature_sets.material import Drift, Measured
from agentic_assets_tests.e2e.browser import chromium, visit
from agentic_assets_tests.unit.evidence.feature_material import SECRET, load_set, with_sets
from agentic_assets_tests.unit.evidence.test_catalog import Tags, plain

PAGE = "plant-features-load.html"


@pytest.fixture
def made(tmp_path: Path) -> Catalog:
    return with_sets(tmp_path)


def feature_of(page: str, name: str) -> str:
    return page.split(f'id="feature-{name}"')[1].partition("</article>")[0]


def test_a_page_says_what_a_set_is_what_is_proved_of_it_and_what_changed(made: Catalog) -> None:
    said = " ".join(plain(build(made)[PAGE]).split())
    for words in (
        "meter_id of sources/meters",
        "2 h before due_at: nothing that became known later enters",
        "31 days; no window is longer than 28 days",
        "sources/people.*",
        "Null online once its newest fact is older than 6 h.",
        "1 law of 2 did not hold. 1 month does not stand.",
        "refused: the proof failed",
        "From 1.0.0 to 1.1.0",
        "was removed: whoever reads it fails",
        "load@2.0.0 pins load@1.0.0, which is not what is defined now",
        "has another digest than what was published under this number",
    ):
        assert words in said, words


def test_a_feature_says_its_meaning_unit_kind_owner_sources_nulls_values_and_users(made: Catalog) -> None:
    entry = feature_of(build(made)[PAGE], "mean_reading")
    said = " ".join(plain(entry).split())
    for words in (
        "Mean reading of the last hour",
        "Unit kW",
        "Type Int32",
        "Kind window",
        "Owner meter people",
        "Class internal",
        "load@2.0.0 (agent)",
        "100.0 % of the gain of load@2013-02",
        "4.19\N{NO-BREAK SPACE}% null, at most 100.0\N{NO-BREAK SPACE}% on 2013-01-31",
        "\N{MINUS SIGN}3 to 40, median 4; 3 are no finite numbers",
    ):
        assert words.replace("\N{NO-BREAK SPACE}", " ") in said.replace("\N{NO-BREAK SPACE}", " "), words
    assert 'href="plant-things.html#column-reading"' in entry
    assert entry.count("<svg") == 4


def test_a_page_says_on_which_days_a_set_drifted_and_why(made: Catalog) -> None:
    page = build(made)[PAGE]
    said = " ".join(plain(page.split('id="drift"')[1].partition("</section>")[0]).split())
    for words in (
        "19 days were steady, 1 day drifted, 1 day was an incident of the data and 10 days had too little history",
        "Incident: 31 January 2013. Drifted: 20 January 2013.",
        "31 January 2013 view past stopped: nothing came",
        "20 January 2013 mean_reading is 9 on average, over 4",
        "Features that moved most often",
        "features/load_drift",
        "Drift warns; an incident warns.",
    ):
        assert words in said, words


def test_a_feature_shows_how_far_it_moved_beside_how_its_values_lie(made: Catalog) -> None:
    entry = feature_of(build(made)[PAGE], "mean_reading")
    said = " ".join(plain(entry).split())
    for what in ("The distribution moved farther", "The daily mean was higher"):
        assert f"{what} than usual on 2 of 21 days, at most 457 times its threshold, on 31 January 2013" in said
    label = "The distribution (mean_reading), 11 to 31 January 2013: over its threshold on 2 of 21 days"
    assert f'role="img" aria-label="{label}"' in entry
    drawn = entry.split(label)[1].partition("</svg>")[0]
    assert re.findall(r'class="fill-(\w+)"', drawn) == ["quiet", "escalate", "deny"]
    assert "moved no farther than usual on any of 21 days" in feature_of(build(made)[PAGE], "readings_today")


def test_a_view_shows_how_far_the_age_of_its_facts_moved(made: Catalog) -> None:
    view = build(made)[PAGE].split('id="view-0"')[1].partition('<article class="feature"')[0]
    assert "The age of its newest fact moved farther than usual on 1 of 1 day, at most over 1,000 times" in plain(view)


def test_where_a_mean_is_masked_neither_it_nor_the_reasons_that_name_it_are_shown(made: Catalog) -> None:
    one = replace(load_set(), masked=frozenset({"mean_reading"}))
    page = plain(build(replace(made, sets=(one,)))[PAGE])
    assert "is 9 on average" not in page
    assert "The daily mean" not in page
    assert "it would tell values that are masked" in page


def test_a_set_that_nobody_watches_has_no_part_about_drift(made: Catalog) -> None:
    page = build(replace(made, sets=(replace(load_set(), drift=None),)))[PAGE]
    assert 'id="drift"' not in page
    broken = replace(load_set(), drift=Drift("features/load_drift", problem="the lake is broken"))
    assert "No verdict is shown: the lake is broken." in plain(build(replace(made, sets=(broken,)))[PAGE])


def test_a_feature_without_nulls_and_one_without_a_split_say_so(made: Catalog) -> None:
    said = plain(feature_of(build(made)[PAGE], "readings_today"))
    assert "never null" in said
    assert "no split rests on it" in said


def test_text_features_show_their_most_frequent_values(made: Catalog) -> None:
    said = " ".join(plain(feature_of(build(made)[PAGE], "plant")).split())
    assert "north" in said
    assert "7 others" in said
    assert "9 different values" in said


def test_a_masked_feature_shows_nulls_and_no_value(made: Catalog) -> None:
    page = build(made)[PAGE]
    assert "Values are masked." in feature_of(page, "mail")
    assert "null" in plain(feature_of(page, "mail"))
    assert SECRET not in page


def test_nothing_hostile_in_a_feature_set_becomes_an_element_an_attribute_or_a_link(made: Catalog) -> None:
    for name, page in build(made).items():
        tags = Tags(page).found
        assert sum(tag == "script" for tag, _ in tags) == (name == "index.html")
        assert not any(tag == "img" for tag, _ in tags)
        assert not any(key.startswith("on") for _, attributes in tags for key in attributes)
        for tag, attributes in tags:
            if tag == "a":
                assert re.match(r"(https://|[\w.-]+\.html|#)", attributes["href"] or ""), attributes
        assert "\u202e" not in plain(page)


def test_figures_that_could_not_be_read_are_said_to_lack(made: Catalog) -> None:
    broken = replace(load_set(), measured=Measured(problem="the file of 2013-01-02 is missing"))
    page = plain(build(replace(made, sets=(broken,)))[PAGE])
    assert "No figures are shown: the file of 2013-01-02 is missing." in page
    assert "Mean reading of the last hour" in page


def test_the_same_feature_sets_give_the_same_pages(made: Catalog) -> None:
    assert build(made) == build(made)


def test_without_a_home_a_page_has_meaning_and_lineage_but_no_figures() -> None:
    gathered = gather(load_domains())
    [one] = [one for one in gathered.sets if one.card["name"] == "departure_delay"]
    page = build(gathered)[one.page]
    entry = feature_of(page, "wx_precip_3h")
    assert 'href="departures-weather.html#column-precip"' in entry
    assert "Precipitation at the origin" in entry
    assert "models/delay_risk" in plain(entry)
    assert "<svg" not in entry
    assert 'id="versions"' not in page
    assert 'id="proofs"' not in page


def test_every_link_of_the_site_leads_to_a_page_and_a_place_that_are_there() -> None:
    pages = build(gather(load_domains()))
    tags = {name: Tags(page).found for name, page in pages.items()}
    places = {name: {attributes["id"] for _, attributes in found if "id" in attributes} for name, found in tags.items()}
    links = [
        (name, attributes["href"] or "") for name, found in tags.items() for tag, attributes in found if tag == "a"
    ]
    inside = [(name, *href.partition("#")[::2]) for name, href in links if not href.startswith("http")]
    assert len(inside) > 500
    for name, page, place in inside:
        assert (page or name) in pages, (name, page)
        assert not place or unquote(place) in places[page or name], (name, page, place)


def test_the_contract_of_a_set_and_its_page_lead_to_each_other() -> None:
    pages = build(gather(load_domains()))
    assert 'href="departures-departure_delay.html"' in pages["departures-features-departure_delay.html"]
    assert 'href="departures-features-departure_delay.html"' in pages["departures-departure_delay.html"]


@pytest.mark.browser
def test_in_a_browser_features_are_found_by_name_meaning_unit_and_source(made: Catalog, tmp_path: Path) -> None:
    index = write_catalog(replace(made, sets=made.sets[:1]), tmp_path / "out")
    with chromium() as browser, visit(browser, index.as_uri(), width=1280) as opened:
        page = opened.page
        told, matched = page.locator("#told"), page.locator(".dataset:visible .matched a")
        assert told.inner_text() == "2 contracts, 1 feature set"
        for query, features in (
            ("readings_today", ["readings_today"]),
            ("since midnight", ["readings_today"]),
            ("unit:kw", ["mean_reading"]),
            ("unit:kw last", ["mean_reading"]),
            ("source:meters.email", ["mail"]),
            ("feature:read", ["mean_reading", "readings_today"]),
            ('kind:"feature set" window', ["mean_reading", "readings_today"]),
        ):
            page.locator("#search").fill(query)
            assert matched.all_inner_texts() == features, query
            assert told.inner_text() == "0 of 2 contracts, 1 of 1 feature set", query
        page.locator("#search").fill("unit:kw source:email")
        assert told.inner_text() == "0 of 2 contracts, 0 of 1 feature set"
        page.locator("#search").fill("column:reading")
        assert told.inner_text() == "1 of 2 contracts, 0 of 1 feature set"
        page.locator("#search").fill("kW readings")
        matched.first.click()
        page.wait_for_url(f"**/{PAGE}#feature-*")
        assert page.locator("article:target").count() == 1
        page.locator("article:target .traits a", has_text="sources/meters.reading").first.click()
        page.wait_for_url("**/plant-things.html#column-reading")
        assert page.locator("tr:target").count() == 1
        assert opened.errors == []


@pytest.mark.browser
def test_no_page_of_a_set_asks_for_anything_fails_or_scrolls_sideways(made: Catalog, tmp_path: Path) -> None:
    index = write_catalog(made, tmp_path / "out")
    with chromium() as browser:
        for name in (PAGE, "hostile-set.html", "index.html"):
            for width in (360, 768, 1280):
                with visit(browser, (index.parent / name).as_uri(), width=width) as opened:
                    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                    assert opened.page.evaluate("performance.getEntriesByType('resource').length") == 0
                    assert opened.errors == []
