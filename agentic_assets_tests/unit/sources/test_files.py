"""Files as a system of record: versions of exactly what was read."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.errors import SourceUnreadable
from agentic_assets.sources import Csv, Files, Parquet

AB = Csv(("a", "b"))


def test_the_version_is_the_digest_of_the_bytes_and_that_of_the_rows_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,x\n")
    source = Files(tmp_path, "x.csv", AB)
    assert source.version() == source.read().version == hashlib.sha256(b"a,b\n1,x\n").hexdigest()


def test_rows_are_numbered_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n9,x\n1,y\n")
    assert Files(tmp_path, "x.csv", AB).read().frame.rows() == [("9", "x", 1), ("1", "y", 2)]


def test_files_that_fit_a_pattern_are_read_in_the_order_of_their_names_and_numbered_on(tmp_path: Path) -> None:
    for name in ("2024-02", "2024-01"):
        (tmp_path / f"{name}.csv").write_bytes(f"b,a\n{name},1\n".encode())
    (tmp_path / "notes.txt").write_text("no data")
    assert Files(tmp_path, "*.csv", AB).read().frame.rows() == [("1", "2024-01", 1), ("1", "2024-02", 2)]


def test_a_folder_of_parquet_is_read_with_its_subfolders(tmp_path: Path) -> None:
    for month in (1, 2):
        (tmp_path / f"month={month}").mkdir()
        pl.DataFrame({"n": [month]}).write_parquet(tmp_path / f"month={month}" / "part.parquet")
    source = Files(tmp_path, "**/*.parquet", Parquet({"n": pl.Int64()}))
    assert source.read().frame.rows() == [(1, 1), (2, 2)]
    assert source.version() == source.read().version


def test_the_version_of_several_files_changes_with_bytes_names_and_number(tmp_path: Path) -> None:
    source = Files(tmp_path, "*.csv", AB)
    versions = []
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,x\n")
    versions.append(source.version())
    (tmp_path / "x.csv").rename(tmp_path / "y.csv")
    versions.append(source.version())
    (tmp_path / "z.csv").write_bytes(b"a,b\n1,x\n")
    versions.append(source.version())
    (tmp_path / "z.csv").write_bytes(b"a,b\n2,x\n")
    versions.append(source.version())
    assert len(set(versions)) == 4


def test_a_folder_that_is_moved_keeps_its_version(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.csv").write_bytes(b"a,b\n1,x\n")
    assert Files(tmp_path / "here", "*.csv", AB).version() == Files(tmp_path / "there", "*.csv", AB).version()


def test_no_file_that_fits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"\*\.csv: no file fits"):
        Files(tmp_path, "*.csv", AB).read()


def test_one_damaged_file_of_several_is_named_and_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,x\n")
    (tmp_path / "y.csv").write_bytes(b"a,b\n1,x")
    with pytest.raises(SourceUnreadable, match=r"y\.csv, line 2: the last line does not end"):
        Files(tmp_path, "*.csv", AB).read()


def test_a_file_that_comes_while_others_are_read_is_noticed(tmp_path: Path) -> None:
    class Late(Csv):
        def parse(self, content: bytes, where: str) -> pl.DataFrame:
            (tmp_path / "late.csv").write_bytes(b"a,b\n2,y\n")
            return super().parse(content, where)

    (tmp_path / "x.csv").write_bytes(b"a,b\n1,x\n")
    with pytest.raises(SourceUnreadable, match="came or went while they were read"):
        Files(tmp_path, "*.csv", Late(("a", "b"))).read()


def test_the_folder_may_be_found_only_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,x\n")
    source = Files(lambda: tmp_path, "x.csv", AB)
    assert source.location == "x.csv"
    assert source.read().frame.height == 1
