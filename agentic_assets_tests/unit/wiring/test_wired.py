"""A domain wired in one call: what is not wired by itself is refused with what to do, contracts can be written."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.contracts import Contract, derived, gate, load_folder
from agentic_assets.decisions import DECISIONS
from agentic_assets.errors import ConfigInvalid, ContractInvalid
from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.pipeline import Calendar, Engine
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


def test_a_delivered_column_and_a_feature_join_those_that_are_stored(home: Path, tmp_path: Path) -> None:
    place = Home.at(tmp_path / "home")
    assert _made(place) == {"raw": {"published"}, "sources": {"published"}, "features": {"published"}}
    _edit(home / "__init__.py", '"channel",', '"channel",\n            "purpose",')
    delivered = home / "data" / "wiring_tried_requests.csv"
    header, *rows = delivered.read_text().splitlines()
    delivered.write_text("\n".join([f"{header},purpose", *(f"{row},car" for row in rows)]) + "\n")
    _edit(home / "features.py", 'version="1.0.0"', 'version="1.1.0"')
    _edit(
        home / "features.py",
        'Value("channel"',
        'Value("again", "amount", pl.Int64(), "as delivered", "The amount again"), Value("channel"',
    )
    _edit(home / "wiring_tried_agent.agent.yaml", "wiring_tried_known@1.0.0", "wiring_tried_known@1.1.0")
    assert _made(place) == {"raw": {"published"}, "sources": {"published"}, "features": {"published"}}
    from agentic_assets.domains import load_domain

    reading = Reading(load_domain("wiring_tried"), place)
    raw, known = (reading.current(f"{asset}") for asset in ("raw/wiring_tried_requests", "features/wiring_tried_known"))
    reading.close()
    assert raw.columns == ["request", "asked_at", "amount", "channel", "purpose", "source_row"]
    assert known.columns[3:] == ["amount", "again", "channel", "delivered_known_at"]
    assert known.get_column("again").equals(known.get_column("amount"), check_names=False)
    assert raw.get_column("purpose").unique().to_list() == ["car"]


def _made(place: Home) -> dict[str, set[str]]:
    """Make all up to the features as the domain is now, and give the states that are met."""
    from agentic_assets.domains import load_domain

    graph = load_domain("wiring_tried").graph
    engine = Engine(graph, place)
    made = {
        node.group: engine.run(node, graph.calendar.partitions(node.cut, graph.calendar.days()), run_id="r")
        for node in graph.nodes[:3]
    }
    engine.store.close()
    return {group: {result.state.value for result in results} for group, results in made.items()}


def _edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{file.name} has {text.count(before)} of {before!r}"
    file.write_text(text.replace(before, after), encoding="utf-8")


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
