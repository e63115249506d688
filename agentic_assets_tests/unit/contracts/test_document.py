from itertools import pairwise
from pathlib import Path

import pytest

from agentic_assets.contracts import load
from agentic_assets.contracts.odcs.document import place_text, read
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import document, written

GOOD = "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\n"


def refusal(folder: Path, text: str | bytes) -> str:
    path = folder / "things.odcs.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ContractInvalid) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith("things.odcs.yaml:")
    assert "hint: " in message
    assert len(message) < 2_000
    return message


def test_a_billion_laughs_are_refused_before_they_are_built(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [*{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}]" for p, n in pairwise("abcdefghi")]
    assert "uses more aliases than 16" in refusal(tmp_path, "\n".join(lines))


def test_few_aliases_that_expand_to_much_are_refused(tmp_path: Path) -> None:
    lines = ["a: &a [" + ", ".join("x" * 200) + "]"]
    lines += [f"{n}: &{n} [*{p}, *{p}]" for p, n in pairwise("abcdefghi")]
    assert "aliases expand to too much" in refusal(tmp_path, "\n".join(lines))


def test_an_alias_to_itself_is_refused(tmp_path: Path) -> None:
    assert "aliases expand to too much" in refusal(tmp_path, "a: &a [*a]")


def test_deep_nesting_is_refused_without_recursion(tmp_path: Path) -> None:
    assert "nests deeper than 24" in refusal(tmp_path, "[" * 900_000)


def test_a_file_above_a_megabyte_is_refused_unread(tmp_path: Path) -> None:
    assert "is larger than 1,000,000 bytes" in refusal(tmp_path, "a: " + "x" * 1_000_000)


def test_too_many_values_are_refused(tmp_path: Path) -> None:
    assert "holds more values than 50,000" in refusal(tmp_path, "a: [" + "1," * 60_000 + "]")


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD + "version: 2.0.0\n")
    assert "things.odcs.yaml:5: the key `version` stands twice in the file" in message


def test_a_tag_that_would_make_an_object_is_refused(tmp_path: Path) -> None:
    assert "is not allowed" in refusal(tmp_path, "a: !!python/object/apply:os.system ['true']")


def test_two_documents_in_a_file_are_refused(tmp_path: Path) -> None:
    assert "holds more documents than 1" in refusal(tmp_path, GOOD + "---\n" + GOOD)


def test_text_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "things.odcs.yaml:6: is not YAML" in refusal(tmp_path, GOOD + "x: [1\ny: 2\n")


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    assert "is not UTF-8" in refusal(tmp_path, b"a: \xff\xfe")


@pytest.mark.parametrize("text", ["", "- 1\n- 2\n", "plain", "null"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert "holds no mapping" in refusal(tmp_path, text)


@pytest.mark.parametrize("number", [".nan", ".inf"])
def test_a_number_that_is_none_stays_text(tmp_path: Path, number: str) -> None:
    assert read(written(tmp_path, f"a: {number}"), "x").value == {"a": number}


@pytest.mark.parametrize("number", ["1e999", "9" * 400, "9" * 9_000])
def test_a_number_that_overflows_is_refused(tmp_path: Path, number: str) -> None:
    assert "is not a value of its type" in refusal(tmp_path, f"a: {number}")


def test_a_missing_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(ContractInvalid, match="No such file") as caught:
        load(tmp_path / "none.odcs.yaml")
    assert caught.value.hint == "check the path and its rights"


def test_scalars_are_read_as_yaml_1_2(tmp_path: Path) -> None:
    text = "a: no\nb: 12:30\nc: 2013-01-01\nd: 010\ne: true\nf: ~\ng: 1_000\nh: 1.5e3\ni: ''\n"
    value = read(written(tmp_path, text), "x").value
    assert value == {
        "a": "no",
        "b": "12:30",
        "c": "2013-01-01",
        "d": 10,
        "e": True,
        "f": None,
        "g": "1_000",
        "h": 1500.0,
        "i": "",
    }


def test_a_place_knows_its_line_or_that_of_what_is_around_it(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a:\n  - b: 1\n    c: 2\n"), "x")
    assert found.line(("a", 0, "c")) == 3
    assert found.line(("a", 0, "none", 7)) == 2
    assert place_text(("schema", 0, "properties", 3, "name")) == "schema[0].properties[3].name"


def test_no_control_of_a_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    value = document([{"name": "c", "logicalType": "string"}])
    value["schema"][0]["name"] = "../../etc/passwd"
    with pytest.raises(ContractInvalid, match="cannot be a folder"):
        load(written(tmp_path, value))
