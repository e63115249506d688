"""The input contract: an agent is shown what it declares and nothing else, or it is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.agents import PROPOSALS, AbstainingAgent, ModelAgent, Spec, check_feed, propose, propose_one
from agentic_assets.errors import ConfigInvalid, ModelRefused, PartitionRefused
from agentic_assets.features import AsOf, View
from agentic_assets.language import Type
from agentic_assets.models import Artefact, Scorer, train
from agentic_assets_tests.unit.agents.rules.cases import COLUMNS, SCHEMA, agent, rows, rule, spec
from agentic_assets_tests.unit.features.shop import feature, shop
from agentic_assets_tests.unit.models.rows import CUT, RECIPE
from agentic_assets_tests.unit.models.rows import rows as history


@dataclass
class _Looking:
    """An agent that remembers what it was shown."""

    spec: Spec
    shown: list[pl.DataFrame] = field(default_factory=list)

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        self.shown.append(features)
        return AbstainingAgent(self.spec, "looking").propose(features)


def _counted(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(timedelta(hours=2))
    return View("seen", {"parcels": window.count()}, window.known_at)


def _fed_by_shop(folder: Path, columns: Mapping[str, str]) -> Spec:
    return spec(folder, input={"feature_set": "shop@1.0.0", "entity": "order", "columns": dict(columns)})


def test_an_agent_is_shown_the_entity_and_its_columns_only(tmp_path: Path) -> None:
    looking = _Looking(replace(spec(tmp_path), columns={"heat": Type.NUMBER}))
    propose(looking, rows({}))
    assert looking.shown[0].columns == ["machine", "heat"]


def test_an_agent_that_declares_no_columns_is_shown_all(tmp_path: Path) -> None:
    looking = _Looking(replace(spec(tmp_path), columns={}))
    propose(looking, rows({}))
    assert looking.shown[0].columns == SCHEMA.names()


@pytest.mark.parametrize("column", COLUMNS)
def test_without_a_column_that_it_reads_an_agent_is_not_asked(tmp_path: Path, column: str) -> None:
    looking = _Looking(spec(tmp_path))
    with pytest.raises(PartitionRefused, match=rf"is not given what its input declares:\n  - no column `{column}`"):
        propose(looking, rows({}).drop(column))
    assert looking.shown == []


@pytest.mark.parametrize("column", COLUMNS)
def test_with_a_column_of_another_type_an_agent_is_not_asked(tmp_path: Path, column: str) -> None:
    looking = _Looking(spec(tmp_path))
    with pytest.raises(PartitionRefused, match=rf"`{column}` is Categorical, not {COLUMNS[column]}"):
        propose(looking, rows({}).with_columns(pl.lit("x").cast(pl.Categorical).alias(column)))
    assert looking.shown == []


def test_a_timestamp_without_utc_is_another_type(tmp_path: Path) -> None:
    with pytest.raises(PartitionRefused, match="`seen_at` is Datetime"):
        propose(_Looking(spec(tmp_path)), rows({}).with_columns(pl.col("seen_at").dt.replace_time_zone(None)))


def test_without_the_entity_an_agent_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(PartitionRefused, match="no text column `machine`, which names the entity"):
        propose(_Looking(spec(tmp_path)), rows({}).drop("machine"))


def test_a_feature_set_must_be_the_version_and_hold_the_columns_before_anything_runs(tmp_path: Path) -> None:
    offered = shop(_counted, feature("parcels", pl.Int32()), code=(_counted,))
    check_feed(_fed_by_shop(tmp_path, {"parcels": "integer"}), offered)
    with pytest.raises(ConfigInvalid, match=r"no column `parcles`"):
        check_feed(_fed_by_shop(tmp_path, {"parcles": "integer"}), offered)
    with pytest.raises(ConfigInvalid, match=r"`parcels` is Int32, not string"):
        check_feed(_fed_by_shop(tmp_path, {"parcels": "string"}), offered)
    with pytest.raises(ConfigInvalid, match=r"reads readings@1\.0\.0 by `machine`, and is given shop@1\.0\.0"):
        check_feed(spec(tmp_path), offered)


def test_one_row_without_a_column_that_is_read_is_refused(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("tight", "slack < tight"))
    (row,) = rows({}).rows(named=True)
    del row["slack"]
    with pytest.raises(PartitionRefused, match=r"agent sentinel@1\.2\.0 reads slack, which the row lacks"):
        propose_one(asked, row, SCHEMA)


def _by_score(features: pl.DataFrame, score_bp: pl.Series, declared: Spec) -> pl.DataFrame:
    action = pl.when(pl.col("score_bp") >= 5_000).then(pl.lit("stop")).otherwise(pl.lit("none"))
    zeros = (pl.lit(0, dtype=PROPOSALS[name]).alias(name) for name in ("benefit_cents", "cost_cents"))
    scored = features.with_columns(score_bp.alias("score_bp"))
    return scored.select(
        pl.col(declared.entity).alias("entity"),
        action.alias("action"),
        "score_bp",
        pl.col("score_bp").alias("confidence_bp"),
        *zeros,
        pl.concat_str(pl.lit("wind "), pl.col("wind").fill_nan(None).cast(pl.String).fill_null("?")).alias("reason"),
    )


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return train(RECIPE, history(), serves="2013-02", cut=CUT)


_READ = {"id": pl.String(), "carrier": pl.String(), "wind": pl.Float64(), "late": pl.Float64(), "hour": pl.Int32()}
_NUMBERS = st.one_of(st.none(), st.just(float("nan")), st.floats(-5, 5))
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "carrier": st.sampled_from((None, "AA", "B6", "ZZ")),
            "wind": _NUMBERS,
            "late": _NUMBERS,
            "hour": st.one_of(st.none(), st.integers(0, 23)),
        }
    ),
    max_size=5,
)


@given(made=_ROWS)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_model_answers_one_row_as_in_its_batch_whatever_is_null_or_nan(
    tmp_path_factory: Any, artefact: Artefact, made: list[dict[str, Any]]
) -> None:
    declared = spec(
        tmp_path_factory.mktemp("spec"),
        kind="model",
        input={"feature_set": "readings@1.0.0", "entity": "id"},
    )
    asked = ModelAgent(declared, Scorer(artefact), _by_score)
    frame = pl.DataFrame([{"id": f"r{place}", **row} for place, row in enumerate(made)], schema=_READ)
    batch = propose(asked, frame).rows(named=True)
    assert [propose_one(asked, row, _READ) for row in frame.iter_rows(named=True)] == batch


def test_an_edited_model_never_becomes_an_agent(artefact: Artefact) -> None:
    edited = artefact.to_bytes().replace(b"leaf_value=", b"leaf_value=9 ", 1)
    with pytest.raises(ModelRefused):
        Scorer(Artefact.from_bytes(edited, artefact.digest))
