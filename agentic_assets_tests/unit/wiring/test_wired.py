"""A domain wired in one call: what is not wired by itself is refused with what to do, contracts can be written."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.contracts import Contract, derived, gate, load_folder
from agentic_assets.decisions import DECISIONS
from agentic_assets.errors import ConfigInvalid, ContractInvalid
from agentic_assets.evidence import Domain
from agentic_assets.pipeline import Calendar
from agentic_assets.wiring import wired


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGENTIC_DOMAINS", raising=False)
    assert CliRunner().invoke(cli, ["new", "domain", "wiring_tried"]).exit_code == 0
    return tmp_path / "domains" / "wiring_tried"


def again(home: Path, contracts: dict[str, Contract] | None = None) -> Domain:
    from agentic_assets.domains import load_domain

    made = load_domain("wiring_tried")
    return wired(
        "wiring_tried",
        title=made.title,
        description=made.description,
        owner=made.owner,
        calendar=Calendar("UTC", made.graph.calendar.first, made.graph.calendar.last),
        folder=home,
        contracts=contracts or {},
        sources=made.graph.nodes[:2],
        feature_sets=tuple(made.feature_sets.values()),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: rules", "kind: llm", "an agent of kind llm is not wired by itself"),
        ("actions:", "resources: {desks: accept}\n\nactions:", "bids for desks, which is not wired by itself"),
        ("wiring_tried_known@1.0.0", "wiring_tried_known@1.0.1", "which the domain does not have"),
        ("name: wiring_tried_agent", "name: another", "declares the agent another"),
    ],
)
def test_a_spec_that_cannot_be_wired_is_refused_with_the_reason(home: Path, old: str, new: str, said: str) -> None:
    spec = home / "wiring_tried_agent.agent.yaml"
    text = spec.read_text(encoding="utf-8")
    assert text.count(old) == 1
    domain = again(home)
    assert [subject.agent.name for subject in domain.subjects] == ["wiring_tried_agent"]
    spec.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigInvalid, match=said):
        again(home)


def test_contracts_follow_from_code_unless_a_person_wrote_one(home: Path, tmp_path: Path) -> None:
    decisions = again(home).graph["decisions/wiring_tried_agent"].contract
    assert decisions is not None
    assert decisions.schema == dict(DECISIONS)
    assert decisions.primary_key == ("decision_id",)
    written = tmp_path / "written" / "agents.odcs.yaml"
    written.parent.mkdir()
    source = (tmp_path / "contracts" / "wiring_tried" / "wiring_tried_requests.odcs.yaml").read_text(encoding="utf-8")
    written.write_text(source.replace("wiring_tried_requests", "agents"), encoding="utf-8")
    own = load_folder(written.parent)
    assert again(home, own).graph["governance/wiring_tried_agents"].contract is own["agents"]


def test_a_derived_contract_is_enforced() -> None:
    import polars as pl

    schema = {"id": pl.String(), "amount": pl.Int64(), "note": pl.String()}
    contract = derived(
        "rows",
        domain="tried",
        version="1.0.0",
        purpose="Rows.",
        owner="me",
        schema=schema,
        key=("id",),
        required=("amount",),
    )
    good = pl.DataFrame({"id": ["a", "b"], "amount": [1, 2], "note": [None, "x"]}, schema=schema)
    assert gate(good, contract, partition="all").valid.equals(good)
    assert not gate(good.clear(), contract, partition="all").findings
    broken = good.with_columns(pl.Series("amount", [1, None], dtype=pl.Int64()))
    assert gate(broken, contract, partition="all").findings
    assert (
        contract.pin
        == derived(
            "rows",
            domain="tried",
            version="1.0.0",
            purpose="Rows.",
            owner="me",
            schema=schema,
            key=("id",),
            required=("amount",),
        ).pin
    )


def test_a_type_that_no_contract_is_derived_for_names_the_column() -> None:
    import polars as pl

    with pytest.raises(ContractInvalid, match="the column `many` is List"):
        derived(
            "rows", domain="tried", version="1.0.0", purpose="Rows.", owner="me", schema={"many": pl.List(pl.Int64())}
        )
