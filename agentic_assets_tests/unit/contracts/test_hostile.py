"""Files that somebody wrote to do harm, and files that are wrong in any way: refused in words, or loaded."""

import copy
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, gate, lint, load_all
from agentic_assets.contracts.odcs.document import read
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import document, written

TOP = "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: active\n"
HEAD = f"{TOP}schema:\n  - name: t\n    properties:\n"
COLUMN = "      - {name: c, logicalType: string, logicalTypeOptions: {pattern: '%s'}}\n"
LAUGHS = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
HOSTILE: dict[str, tuple[str, str]] = {
    "billion laughs": ("a0: &a0 [x, x]\n" + LAUGHS, "more aliases than 16"),
    "a list of itself": ("a: &a [*a]\n", "expand to too much"),
    "10 MB of nesting": ("a: " + "[" * 10_000_000, "larger than 1,000,000 bytes"),
    "nested lists": ("a: " + "[" * 900_000, "nests deeper than 24"),
    "nested mappings": ("{a: " * 200_000, "nests deeper than 24"),
    "nested keys": ("? " * 400_000, "nests deeper than 24"),
    "nested blocks": ("".join(" " * depth + "a:\n" for depth in range(1_300)), "nests deeper than 24"),
    "many anchors": ("".join(f"a{n}: &b{n} x\n" for n in range(50_000)), "more values than 50,000"),
    "many keys in one line": ("{" + "a, " * 300_000, "more values than 50,000"),
    "many documents": ("---\na: 1\n" * 10_000, "more documents than 1"),
    "only a comment": ("#" * 900_000, "holds no mapping"),
    "nothing": ("", "holds no mapping"),
    "a huge number": ("a: " + "9" * 900_000, "not a value of its type"),
    "an infinite number": ("a: 1e999999999", "not a value of its type"),
    "a number beyond 64 bits": ("a: 18446744073709551616", "not a value of its type"),
    "a tag that runs code": ("a: !!python/object/apply:os.system [id]", "is not allowed"),
    "a tag of one's own": ("a: !secret x", "is not allowed"),
    "a duplicate key": ("a: 1\nb: 2\na: 3\n", "stands twice"),
    "a key that is a list": ("? [a]\n: 1\n", "a key must be plain text"),
    "NUL": ("a: \x00", "control characters"),
    "NUL as an escape": ('a: "\\0"', "U+0000"),
    "NUL in a key": ('"\\0": 1', "U+0000"),
    "a bell": ('a: "\\a"', "U+0007"),
    "half a surrogate": ('a: "\\ud800"', "is not YAML"),
    "a tab as indentation": ("a:\n\t- b", "is not YAML"),
    "a path as a table": (HEAD.replace("name: t", "name: ../../etc") + COLUMN % "x", "cannot be a folder"),
    "a path as a column": (HEAD + COLUMN.replace("name: c", "name: '*'") % "x", "cannot be used"),
    "a pattern that explodes": (HEAD + COLUMN % "((a{1,1000}){1,1000}){1,1000}", "exceeds size limit"),
    "a pattern of brackets": (HEAD + COLUMN % ("(" * 20_000), "unclosed group"),
    "no type is right": (
        HEAD + "".join(f"      - {{name: {n}, logicalType: [], primaryKey: 7, quality: {{}}}}\n" for n in range(2_000)),
        "problems:",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_few_words(tmp_path: Path, name: str) -> None:
    content, said = HOSTILE[name]
    path = written(tmp_path, content)
    with pytest.raises(ContractInvalid) as caught:
        load_all(path)
    assert said in str(caught.value)
    assert caught.value.hint
    assert len(str(caught.value)) < 4_000
    found = lint(path)
    assert not found.loads
    assert "error" in {note.severity for note in found.notes}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_file_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "things.odcs.yaml"
    path.write_bytes((HEAD + COLUMN % "é").encode(encoding))
    with pytest.raises(ContractInvalid, match=r"UTF-8|is not YAML"):
        load_all(path)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "things.odcs.yaml"
    path.write_bytes(("\ufeff" + HEAD + COLUMN % "x").replace("\n", "\r\n").encode())
    assert [contract.dataset for contract in load_all(path)] == ["t"]


def test_hostile_files_are_refused_within_little_time_and_memory(tmp_path: Path) -> None:
    for number, (content, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}.odcs.yaml").write_text(content, encoding="utf-8")
    columns = "".join(f"      - {{name: c{n}, logicalType: string}}\n" for n in range(8_000))
    (tmp_path / "wide.odcs.yaml").write_text(HEAD + columns, encoding="utf-8")
    code = "\n".join(
        [
            "import sys; from pathlib import Path; from agentic_assets.contracts import lint",
            "for path in Path(sys.argv[1]).glob('*'): lint(path)",
        ]
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        resource.setrlimit(resource.RLIMIT_DATA, (3 * 2**30, 3 * 2**30))

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], preexec_fn=limited, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2_000:]


def test_references_out_of_the_folder_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = "../../../../etc/passwd"
    item = {
        "name": "c",
        "logicalType": "string",
        "relationships": [{"to": f"{outside}.yaml#schema/a/properties/b"}, {"to": "other.id"}],
        "authoritativeDefinitions": [{"type": "definition", "url": f"file:///{outside}"}],
        "examples": [outside],
    }
    value = document(
        [item],
        servers=[{"server": "s", "type": "local", "path": outside, "format": "csv"}],
        authoritativeDefinitions=[{"type": "implementation", "url": outside}],
        customProperties=[{"property": "$ref", "value": outside}],
    )
    path = written(tmp_path, value)
    code = "\n".join(
        [
            "import sys; from pathlib import Path; from agentic_assets.contracts import lint, load_all",
            "path, opened = Path(sys.argv[1]), []",
            "load_all(path), lint(path)",  # what is read once a process is read by now
            "sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == 'open' else None)",
            "load_all(path), lint(path)",
            "print(*dict.fromkeys(opened), sep='\\n')",
        ]
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(path)]


BASES = [read(path, path.name).value for path in sorted((Path(__file__).parents[2] / "contracts").glob("*.odcs.yaml"))]
Place = tuple[Any, ...]


def places(value: Any, place: Place = ()) -> list[Place]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(deeper for key, child in children for deeper in places(child, (*place, key)))]


PLACES = [(base, place) for base in BASES for place in places(base)[1:]]
SAYINGS = [
    *("", " ", "x", "..", "../..", "/", "*", "^a$", "(", "${x}", "c", "é", "\u202e", "`", '"', "%", "v3.1.0", "1.0"),
    *(
        "integer",
        "object",
        "array",
        "map",
        "vector",
        "time",
        "timestamp",
        "number",
        "decimal(99,99)",
        "array<array<int>>",
    ),
    *(
        "2013-01-01",
        "25:00",
        "hh:mm",
        "MM",
        "yyyy",
        "dd.MM.yyyy HH",
        "percent",
        "Europe/Oslo",
        "SELECT COUNT(*) FROM x",
    ),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2, 2**63, -(2**63), 1.5, -0.0, 1e308, 40, 0.05]),
    st.sampled_from(SAYINGS),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5),
)
KEYS = st.sampled_from(["name", "value", "property", "to", "from", "metric", "mustBe", "type", "items", "x", ""])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=2))
def test_whatever_stands_anywhere_in_a_contract_it_loads_or_is_refused(
    damage: list[tuple[tuple[Any, Place], Any]],
) -> None:
    (base, _), _ = damage[0]
    value = copy.deepcopy(base)
    for (_, place), junk in damage:
        put(value, place, junk)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), value)
        found = lint(path)
        if found.loads:
            assert load_all(path) == found.contracts
        else:
            with pytest.raises(ContractInvalid) as caught:
                load_all(path)
            assert caught.value.hint
            assert len(str(caught.value)) < 4_000
    for contract in found.contracts:
        every_row_is_valid_or_quarantined(contract)


def put(value: Any, place: Place, junk: Any) -> None:
    around = value
    for key in place[:-1]:
        if not has(around, key):
            return
        around = around[key]
    if isinstance(around, dict) or has(around, place[-1]):
        around[place[-1]] = junk


def has(around: Any, key: Any) -> bool:
    if isinstance(around, list):
        return isinstance(key, int) and key < len(around)
    return isinstance(around, dict) and key in around


def every_row_is_valid_or_quarantined(contract: Contract) -> None:
    cells = ["x", None, "1", "2013-01-01", '{"lat":1}', '["a"]', "12:30"]
    frame = pl.DataFrame(dict.fromkeys(contract.schema or ["any"], cells))
    result = gate(frame, contract, partition="p")
    assert result.valid.height + result.quarantined.height == frame.height
    assert len(result.message()) < 10_000
