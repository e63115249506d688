import polars as pl
import pytest

from agentic_assets.contracts.odcs.patterns import FORMATS, full_match, time_zones


def matches(pattern: str, text: str) -> bool:
    return bool(pl.select(pl.lit(text).str.contains(full_match(pattern))).item())


def test_a_pattern_must_match_the_whole_text() -> None:
    assert matches("N[0-9]+", "N12")
    assert not matches("N[0-9]+", "xN12")
    assert not matches("a|b", "ab")


def test_classes_are_ascii_as_in_ecma() -> None:
    assert matches(r"\d\w", "1a")
    assert not matches(r"\d", "٣")
    assert not matches(r"\w", "é")
    assert matches(r"[\w-]+", "a-b_1")
    assert matches(r"\D\W", "a-")


def test_signs_that_only_rust_gives_a_meaning_stand_for_themselves() -> None:
    assert matches("[a&&b]+", "a&b")
    assert matches("[[a]+", "[a")
    assert matches(r"[~~x]", "~")


def test_an_escaped_bracket_opens_no_class() -> None:
    assert matches(r"\[[&a]\]", "[&]")


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "a{2,1}", "*", "[z-a]"])
def test_what_polars_cannot_run_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        full_match(pattern)


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("email", "a.b@example.org", "a@b@c"),
        ("uri", "https://example.org/x", "no uri"),
        ("hostname", "a-1.example.org", "-a"),
        ("ipv4", "10.0.0.255", "10.0.0.256"),
    ],
)
def test_formats_tell_good_from_bad(format_: str, good: str, bad: str) -> None:
    assert matches(FORMATS[format_], good)
    assert not matches(FORMATS[format_], bad)


def test_time_zones_are_those_of_the_pinned_database() -> None:
    assert {"America/New_York", "Pacific/Honolulu", "Asia/Chongqing", "UTC"} <= set(time_zones())
    assert "Mars/Olympus" not in time_zones()
