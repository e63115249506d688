from __future__ import annotations

import pytest

from agentic_assets.versions import Pin, Pins

CONTRACT = Pin("contract", "departures/schedule", "1.0.0", "aa")
AGENT = Pin("agent", "delay_risk", "1.0.0", "bb")


def test_the_same_pins_in_another_order_have_the_same_digest() -> None:
    assert Pins.of(CONTRACT, AGENT).digest == Pins.of(AGENT, CONTRACT).digest


def test_another_digest_of_one_version_gives_another_digest_of_the_pins() -> None:
    assert Pins.of(CONTRACT).digest != Pins.of(Pin("contract", "departures/schedule", "1.0.0", "ab")).digest


def test_pins_survive_their_json() -> None:
    pins = Pins.of(CONTRACT, AGENT)
    assert Pins.from_json(pins.to_json()) == pins


def test_one_thing_cannot_be_pinned_at_two_versions() -> None:
    with pytest.raises(ValueError, match=r"two versions at once.*delay_risk"):
        Pins.of(AGENT, Pin("agent", "delay_risk", "2.0.0", "cc"))
