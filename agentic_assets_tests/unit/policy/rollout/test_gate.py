"""The rollout gate: each phase has its effect, a stop wins, canaries stay canaries, and no row depends on another."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.rollout import ANY, ROLLED, Control, Kind, Phase, Stage, roll_out
from agentic_assets_tests.unit.policy.cases import policy, quota
from agentic_assets_tests.unit.policy.rollout.orders import AGENT, START, control, judged, moment, staged

_law = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LIVE = Stage(Phase.LIVE)


def _gate(rows: list[dict[str, Any]], *controls: Control, born: Stage = LIVE, **said: Any) -> pl.DataFrame:
    frame = judged(rows)
    return roll_out(frame, frame.get_column("legacy"), controls, born, agent=AGENT, **said)


def _first(rolled: pl.DataFrame) -> tuple[Any, ...]:
    return rolled.row(0)


def test_a_live_agent_does_what_the_policy_left_of_its_proposals() -> None:
    rolled = _gate([{"action": "standby", "effective": "none"}, {"action": "notify"}])
    assert rolled.schema == ROLLED
    assert rolled.rows() == [("live", "none", None), ("live", "notify", None)]


def test_in_shadow_the_rule_before_acts() -> None:
    assert _first(_gate([{"effective": "standby"}], born=Stage(Phase.SHADOW))) == ("shadow", "notify", None)


def test_without_a_rule_before_nothing_is_done_in_shadow() -> None:
    rolled = roll_out(judged([{}]), None, (), Stage(Phase.SHADOW), agent=AGENT)
    assert _first(rolled) == ("shadow", "none", None)


def test_where_the_rule_before_is_silent_nothing_is_done() -> None:
    assert _first(_gate([{"legacy": None}], born=Stage(Phase.SHADOW)))[1] == "none"


def test_a_stop_falls_back_and_says_which_order_it_was() -> None:
    stop = control("stop")
    assert _first(_gate([{}], stop)) == ("stopped", "notify", stop.id)


def test_an_order_counts_from_its_moment_of_the_data_on() -> None:
    rolled = _gate([{"hours": 4}, {"hours": 5}, {"hours": 6}], control("stop", 5))
    assert rolled.get_column("phase").to_list() == ["live", "stopped", "stopped"]


@pytest.mark.parametrize("agent", [ANY, "porter", "porter@2.0.0"])
def test_a_stop_reaches_the_agents_it_names(agent: str) -> None:
    assert _first(_gate([{}], control("stop", agent=agent)))[0] == "stopped"


@pytest.mark.parametrize("agent", ["port", "porter@1.0.0", "porters"])
def test_a_stop_of_another_agent_or_version_does_not(agent: str) -> None:
    assert _first(_gate([{}], control("stop", agent=agent)))[0] == "live"


def test_a_stopped_action_is_stopped_when_proposed_and_when_the_policy_puts_it_in_place() -> None:
    rows = [{"action": "standby"}, {"action": "notify"}, {"action": "standby", "effective": "notify"}]
    by_standby = _gate(rows, control("stop", action="standby"))
    by_notify = _gate(rows, control("stop", action="notify"))
    assert by_standby.get_column("phase").to_list() == ["stopped", "live", "stopped"]
    assert by_notify.get_column("phase").to_list() == ["live", "stopped", "stopped"]


def test_a_resume_lifts_the_stop_of_its_own_scope_and_no_other() -> None:
    all_, own = control("stop", 0, 1), control("stop", 1, 2, agent="porter")
    resumed = control("resume", 2, 3, agent="porter")
    assert _gate([{"hours": 3}], all_, own, resumed).row(0) == ("stopped", "notify", all_.id)
    assert _gate([{"hours": 3}], own, resumed).row(0) == ("live", "standby", None)


def test_what_is_ordered_later_for_an_earlier_moment_does_not_lift_what_follows_it() -> None:
    late_word = control("resume", 1, 2)
    assert _gate([{"hours": 6}], control("stop", 5, 1), late_word).row(0)[0] == "stopped"


def test_a_trip_falls_back_until_a_person_resets_it() -> None:
    trip, reset = control("trip", 1, 1, agent="porter"), control("reset", 3, 2, agent="porter")
    rolled = _gate([{"hours": 0}, {"hours": 2}, {"hours": 4}], trip, reset)
    assert rolled.rows() == [("live", "standby", None), ("tripped", "notify", trip.id), ("live", "standby", None)]


def test_a_reset_may_let_the_agent_come_back_as_a_canary() -> None:
    trip = control("trip", 1, 1, agent=AGENT)
    reset = control("reset", 3, 2, agent=AGENT, stage=Stage(Phase.CANARY, 0))
    assert _gate([{"hours": 4}], trip, reset).row(0) == ("legacy", "notify", reset.id)


def test_a_stage_of_the_very_version_replaces_the_one_it_was_born_with() -> None:
    live = staged("live")
    assert _gate([{}], live, born=Stage(Phase.SHADOW)).row(0) == ("live", "standby", live.id)


@pytest.mark.parametrize("scope", [{"agent": "porter"}, {"agent": ANY}, {"action": "standby"}])
def test_a_stage_of_a_wider_or_narrower_scope_only_makes_it_more_cautious(scope: dict[str, Any]) -> None:
    up, down = staged("live", **scope), staged("shadow", **scope)
    assert _gate([{}], up, born=Stage(Phase.SHADOW)).row(0)[0] == "shadow"
    assert _gate([{}], down, born=LIVE).row(0) == ("shadow", "notify", down.id)


def test_a_canary_lets_its_share_act_and_leaves_the_others_to_the_rule_before() -> None:
    rolled = _gate([{}] * 400, staged("canary", 2_500))
    inside = rolled.filter(pl.col("phase") == "canary")
    assert 60 < inside.height < 140
    assert set(inside.get_column("effective_action")) == {"standby"}
    outside = rolled.filter(pl.col("phase") != "canary")
    assert set(outside.rows()) == {("legacy", "notify", staged("canary", 2_500).id)}


def test_after_the_day_of_its_review_an_agent_is_in_shadow_whatever_was_ordered() -> None:
    rolled = _gate([{"hours": 23}, {"hours": 24}], staged("live"), born=LIVE, review_by=START.date())
    assert rolled.get_column("phase").to_list() == ["live", "shadow"]
    assert rolled.get_column("control").to_list() == [staged("live").id, None]


def test_a_stop_is_named_also_when_the_review_is_overdue() -> None:
    assert _gate([{"hours": 30}], control("stop"), review_by=START.date()).row(0)[0] == "stopped"


def test_rows_without_entity_or_moment_are_refused() -> None:
    for name in ("entity", "decided_at"):
        frame = judged([{}]).with_columns(pl.lit(None).cast(judged([{}]).schema[name]).alias(name))
        with pytest.raises(PolicyInvalid, match=name):
            roll_out(frame, None, (), LIVE, agent=AGENT)


def test_legacy_actions_of_other_rows_are_refused() -> None:
    with pytest.raises(PolicyInvalid, match="2 legacy actions for 1"):
        roll_out(judged([{}]), pl.Series(["none", "none"]), (), LIVE, agent=AGENT)


def test_no_rows_give_no_rows() -> None:
    assert _gate([], control("stop", action="standby"), staged("canary", 10)).schema == ROLLED


# Laws.

_scopes = st.tuples(st.sampled_from([ANY, "porter", AGENT, "other"]), st.sampled_from([ANY, "standby", "notify"]))
_stages = st.sampled_from([Stage(Phase.SHADOW), LIVE, *(Stage(Phase.CANARY, share) for share in (0, 3_000, 10_000))])


@st.composite
def _controls(draw: st.DrawFn) -> list[Control]:
    made = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        kind = draw(st.sampled_from(list(Kind)))
        agent, action = draw(_scopes)
        stage = draw(_stages) if kind is Kind.STAGE else None
        action = ANY if kind in (Kind.TRIP, Kind.RESET) else action
        hours = draw(st.integers(0, 12))
        made.append(control(kind, hours, number, agent=agent, action=action, stage=stage))
    return made


_rows = st.lists(
    st.fixed_dictionaries(
        {
            "hours": st.integers(0, 14),
            "action": st.sampled_from(["none", "notify", "standby"]),
            "effective": st.sampled_from(["none", "notify", "standby"]),
            "legacy": st.sampled_from(["none", "notify", "standby", None]),
            "origin": st.sampled_from(["EWR", "JFK"]),
        }
    ),
    max_size=25,
)


@given(_rows, _controls(), _stages, st.randoms(use_true_random=False))
@_law
def test_the_order_of_rows_and_of_controls_changes_nothing(
    rows: list[dict[str, Any]], controls: list[Control], born: Stage, random: Any
) -> None:
    frame = judged(rows)
    mixed = frame.sample(fraction=1, shuffle=True, seed=random.randrange(10**6))
    jumbled = random.sample(controls, len(controls))
    told = [
        one.hstack(roll_out(one, one.get_column("legacy"), orders, born, agent=AGENT).rename({"effective_action": "e"}))
        for one, orders in ((frame, controls), (mixed, jumbled))
    ]
    assert told[0].sort("entity").equals(told[1].sort("entity"))


@given(_rows, _controls(), _stages)
@_law
def test_a_batch_says_of_each_row_what_the_row_alone_would_hear(
    rows: list[dict[str, Any]], controls: list[Control], born: Stage
) -> None:
    frame = judged(rows)
    due = (START + timedelta(days=0)).date()
    whole = roll_out(frame, frame.get_column("legacy"), controls, born, agent=AGENT, review_by=due)
    alone = [
        roll_out(row, row.get_column("legacy"), controls, born, agent=AGENT, review_by=due)
        for row in frame.iter_slices(1)
    ]
    assert whole.equals(pl.concat([whole.clear(), *alone]))


@given(_rows, _controls(), _stages, _scopes)
@_law
def test_a_stop_wins_over_everything(
    rows: list[dict[str, Any]], controls: list[Control], born: Stage, scope: tuple[str, str]
) -> None:
    before = [one for one in controls if one.kind is not Kind.RESUME]
    stop = control("stop", 0, 99, agent=scope[0], action=scope[1])
    rolled = judged(rows).select("action", "legacy").hstack(_gate(rows, *before, stop))
    meant = rolled.filter((pl.col("action") == scope[1]) | (scope[1] == ANY), scope[0] != "other")
    assert set(meant.get_column("phase")) <= {"stopped"}
    assert meant.get_column("effective_action").equals(meant.get_column("legacy").fill_null("none").rename("e"))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=30), st.integers(0, 10_000), st.integers(0, 10_000))
@_law
def test_a_growing_share_keeps_every_entity_that_is_in_the_canary(names: list[str], one: int, other: int) -> None:
    frame = judged([{}] * len(names)).with_columns(pl.Series("entity", names))
    few, many = (
        roll_out(frame, None, (), Stage(Phase.CANARY, share), agent=AGENT).get_column("phase") == "canary"
        for share in sorted((one, other))
    )
    assert not (few & ~many).any()


@given(_rows, st.integers(0, 10_000), st.booleans())
@_law
def test_agent_and_rule_before_together_stay_within_the_quotas(
    tmp_path: Path, rows: list[dict[str, Any]], share: int, stopped: bool
) -> None:
    cascade = (quota("standbys", "standby", 2, "transform", to="notify"), quota("notices", "notify", 3, "deny"))
    ruleset = policy(
        tmp_path,
        quotas=tuple({**one, "per": ["origin"], "order_by": ["entity"]} for one in cascade),
        reads={"action": "string", "entity": "string", "origin": "string", "late": "boolean"},
    )
    proposed = judged(rows).with_columns(late=pl.lit(False)).drop("effective_action")
    from agentic_assets.policy import judge

    frame = judge(proposed, ruleset)
    controls = [control("stop", 5)] if stopped else []
    born = Stage(Phase.CANARY, share)
    rolled = roll_out(frame, frame.get_column("legacy"), controls, born, agent=AGENT, ruleset=ruleset)
    agents = rolled.get_column("phase") == "canary"
    kept = frame.get_column("effective_action").filter(agents)
    assert rolled.get_column("effective_action").filter(agents).equals(kept)
    taken = frame.select("origin").hstack(rolled).group_by("origin", "effective_action").len()
    for action, limit in (("standby", 2), ("notify", 3)):
        counts = taken.filter(pl.col("effective_action") == action).get_column("len").to_list()
        assert all(count <= limit for count in counts)


def test_no_moment_is_later_than_the_review_of_an_agent_that_is_never_due() -> None:
    assert _gate([{"hours": 24 * 365 * 900}], review_by=date.max).row(0)[0] == "live"
    assert moment(0) == START
