"""A job's call and files on a machine that does not see the run directory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from automl.workers.messages import Job
from automl.workers.parcels import (
    Parcel,
    Places,
    fixed_files,
    foreign_name,
    pack_job,
    run_parcel,
    unpack_message,
    unpack_result,
)


class Ears:
    """A channel that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def send(self, message: object) -> None:
        self.heard.append(message)

    def ask(self, message: object) -> str:
        self.heard.append(message)
        return "yes"

    def stop_requested(self) -> bool:
        return False


def promote(argument: Mapping[str, Any], channel: Any) -> tuple[str, str, str]:
    """Go on from a checkpoint, as a training does."""
    folder = argument["folder"]
    data = (argument["data"] / "train.txt").read_text()
    space = Path(argument["space"]).read_text()
    channel.send({"epoch": 1})
    answer = channel.ask("may I?")
    (folder / "epoch-0003.npz").write_text("three " + answer)
    (folder / "deep").mkdir()
    (folder / "deep" / "best.npz").write_text("best")
    (folder / "epoch-0001.npz").unlink()
    return (folder / "kept.npz").read_text(), data, space


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    for name, text in {
        "run.json": "{}",
        "data/train.txt": "samples",
        "input/space.py": "networks",
        "input/original.npz": "as handed over",
        "trials/0001/search/epoch-0001.npz": "one",
        "trials/0001/search/kept.npz": "kept",
        "trials/0002/search/epoch-0001.npz": "another trial's",
    }.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text)
    return run


@pytest.fixture
def job(run: Path) -> Job:
    argument = {
        "folder": run / "trials/0001/search",
        "data": run / "data",
        "space": "/elsewhere/space.py",
    }
    return Job(promote, argument, 60)


def test_a_job_takes_its_own_files_along_and_nothing_else(run: Path, job: Job) -> None:
    parcel = pack_job(job, run, ["/elsewhere/space.py"])
    folder = "trials/0001/search/"
    assert set(parcel.files) == {folder + "epoch-0001.npz", folder + "kept.npz"}
    assert str(run).encode() not in parcel.content
    fixed = fixed_files(run, ["/elsewhere/space.py"])
    assert set(fixed) == {"data/train.txt", foreign_name("/elsewhere/space.py")}


def test_a_job_pointed_at_the_run_itself_takes_nothing_along(run: Path) -> None:
    assert not pack_job(Job(promote, {"run": run}, 60), run).files


def test_what_a_job_wrote_and_removed_comes_back(
    run: Path, job: Job, tmp_path: Path
) -> None:
    parcel = pack_job(job, run, ["/elsewhere/space.py"])
    there = Places(tmp_path / "there", tmp_path / "worker-0")
    for name, file in fixed_files(run, ["/elsewhere/space.py"]).items():
        (there.fixed / name).parent.mkdir(parents=True, exist_ok=True)
        (there.fixed / name).write_bytes(file.read_bytes())
    ears = Ears()
    returned = run_parcel((parcel, there), ears)
    assert [unpack_message(m) for m in ears.heard] == [{"epoch": 1}, "may I?"]
    assert not there.own.exists()
    folder = run / "trials/0001/search"
    assert unpack_result(returned, run) == ("kept", "samples", "networks")
    names = {f.relative_to(folder).as_posix() for f in folder.rglob("*.npz")}
    assert names == {"epoch-0003.npz", "kept.npz", "deep/best.npz"}
    assert (folder / "epoch-0003.npz").read_text() == "three yes"


def test_what_a_killed_worker_left_does_not_reach_the_next_job(
    run: Path, tmp_path: Path
) -> None:
    places = Places(run, tmp_path / "worker-0")
    (places.own / "trials").mkdir(parents=True)
    (places.own / "trials" / "left.npz").write_text("left")
    parcel = pack_job(Job(list_files, run, 60), run)
    assert unpack_result(run_parcel((parcel, places), Ears()), run) == []


def list_files(folder: Path, channel: Any) -> list[str]:
    return [file.name for file in folder.rglob("*")]


def test_a_parcel_replaces_before_it_removes(run: Path) -> None:
    blocked = run / "trials" / "0001" / "search" / "kept.npz" / "below"
    name = blocked.relative_to(run).as_posix()
    old = "trials/0001/search/epoch-0001.npz"
    with pytest.raises(OSError, match="kept"):
        unpack_result(Parcel(b"", {name: b"new"}, (old,)), run)
    assert (run / old).exists()
