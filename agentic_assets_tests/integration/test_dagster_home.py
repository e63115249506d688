"""The folder that serves as `DAGSTER_HOME`."""

import threading
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef

from agentic_assets.errors import ConfigInvalid
from agentic_assets.home import Home
from agentic_assets.orchestration import instance as package
from agentic_assets.orchestration.instance import open_instance, prepare_dagster_home
from agentic_assets.orchestration.instance.batch import BatchWriting

PROJECT = Path(__file__).parents[2]


def test_the_settings_of_the_project_and_of_the_package_are_the_same() -> None:
    packaged = Path(package.__file__).with_name("dagster.yaml")
    assert (PROJECT / "dagster.yaml").read_text() == packaged.read_text()


def test_plain_dagster_in_the_folder_of_the_project_keeps_its_state_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    temporary = tmp_path / "removed when dagster dev ends"
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(temporary), config_dir=str(PROJECT))) as instance:
        assert isinstance(instance.event_log_storage, BatchWriting)
    assert (tmp_path / "home" / "dagster" / "history" / "runs.db").exists()


def test_the_workspace_loads_the_definitions_of_the_package() -> None:
    (loaded,) = yaml.safe_load((PROJECT / "workspace.yaml").read_text())["load_from"]
    assert loaded["python_module"]["module_name"] == "agentic_assets.definitions"


def test_a_prepared_home_names_its_own_folder_and_is_not_written_twice(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    folder = prepare_dagster_home(home)
    file = folder / "dagster.yaml"
    assert folder == home.dagster
    assert yaml.safe_load(file.read_text())["storage"]["custom"]["config"] == {"base_dir": str(folder)}
    before = file.stat()
    prepare_dagster_home(home)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_home_that_was_moved_is_prepared_for_its_new_place(tmp_path: Path) -> None:
    prepare_dagster_home(Home.at(tmp_path / "old"))
    (tmp_path / "old").rename(tmp_path / "new")
    folder = prepare_dagster_home(Home.at(tmp_path / "new"))
    assert yaml.safe_load((folder / "dagster.yaml").read_text())["storage"]["custom"]["config"] == {
        "base_dir": str(folder)
    }


def test_many_that_prepare_a_home_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    threads = [threading.Thread(target=prepare_dagster_home, args=(home,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [file.name for file in home.dagster.iterdir()] == ["dagster.yaml"]
    assert yaml.safe_load((home.dagster / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}


def test_a_dagster_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.dagster.write_text("a file")
    with pytest.raises(ConfigInvalid, match="dagster cannot be written"):
        prepare_dagster_home(home)


def test_an_instance_of_a_home_sends_nothing_and_welcomes_nobody(tmp_path: Path) -> None:
    with open_instance(Home.at(tmp_path)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.root_directory == str(tmp_path / "dagster")
