"""What a bid that binds nobody would have got."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from agentic_assets.coordination import AS_IF_BINDING, Bid, award, settle, sweep
from agentic_assets.policy import Settle
from agentic_assets_tests.unit.coordination.cases import bid, bids, frame

_BY_AWARD, _BY_LEASE = Settle("award"), Settle("lease", 60)


@pytest.mark.parametrize("how", [_BY_AWARD, _BY_LEASE])
def test_a_bid_in_shadow_takes_nothing_and_is_told_what_it_had_got(how: Settle) -> None:
    offered = [bid("live", 5), bid("better", 9, 1, binding=False, agent="s@1.0.0")]
    offered += [bid("worse", 1, 2, binding=False, agent="t@1.0.0")]
    settled = settle(frame(*offered), {"r": 1}, how)
    told = {row[0]: row[1:] for row in settled.select("bid_id", "granted", AS_IF_BINDING).iter_rows()}
    assert told == {"live": (True, True), "better": (False, True), "worse": (False, False)}


@given(bids(most=10, resources=2))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_what_is_not_binding_changes_nothing_for_what_is(offered: list[Bid]) -> None:
    capacity = {"r1": 1, "r2": 2}
    for how, meet in ((_BY_AWARD, award), (_BY_LEASE, sweep)):
        settled = settle(frame(*offered), capacity, how).filter("binding")
        alone = meet(frame(*(one for one in offered if one.binding)), capacity)
        assert settled.drop(AS_IF_BINDING).equals(alone)
        assert settled.get_column(AS_IF_BINDING).equals(settled.get_column("granted"), check_names=False)
