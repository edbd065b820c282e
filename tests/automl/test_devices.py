"""GPUs are counted without TensorFlow; there need not be one."""

import sys
from pathlib import Path

import pytest

from automl.workers import devices
from automl.workers.devices import Device, parse_devices, visible_devices
from automl.workers.pool import WorkerPool

LINES = """\
0, GPU-1f0a, NVIDIA A100-SXM4-40GB, 40960, 8.0
1, GPU-2b7c, Tesla V100-SXM2-16GB, 16384, 7.0
2, GPU-33de, Tesla P100-PCIE-16GB, 16384, 6.0
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `nvidia-smi` that knows three GPUs."""
    script = tmp_path / "nvidia-smi"
    script.write_text(f"#!{sys.executable}\nprint('''{LINES}''', end='')\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_precision_follows_from_what_the_device_computes_fast() -> None:
    policies = [device.precision for device in parse_devices(LINES)]
    assert policies == ["mixed_bfloat16", "mixed_float16", "float32"]
    assert parse_devices("No devices were found\n") == ()


def test_a_device_that_shares_the_memory_of_the_machine_names_none() -> None:
    (device,) = parse_devices("0, GPU-1f, NVIDIA GB10, [N/A], 12.1")
    assert device.memory_bytes > 0


@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        (None, ["GPU-1f0a", "GPU-2b7c", "GPU-33de"]),
        ("", []),
        ("-1", []),
        ("2,0", ["GPU-33de", "GPU-1f0a"]),
        ("0,7,1", ["GPU-1f0a"]),
        ("GPU-2b", ["GPU-2b7c"]),
    ],
)
@pytest.mark.usefixtures("tool")
def test_the_environment_narrows_the_devices(
    allowed: str | None, found: list[str]
) -> None:
    environment = {} if allowed is None else {"CUDA_VISIBLE_DEVICES": allowed}
    devices = visible_devices(environment)
    assert [device.identity for device in devices] == found


@pytest.mark.usefixtures("tool")
def test_devices_that_tensorflow_does_not_see_are_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "_PROBE", "print(0)")
    assert devices.usable_devices() == ()
    monkeypatch.setattr(devices, "_PROBE", "print(3)")
    assert len(devices.usable_devices()) == 3


def test_without_the_tool_there_is_no_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_devices({}) == ()


def surroundings(names: list[str], channel: object) -> list[object]:
    """Return what a worker's environment and Keras hold."""
    import os

    import keras

    return [*(os.environ.get(name) for name in names), keras.config.dtype_policy().name]


@pytest.mark.slow
def test_workers_take_devices_in_turn_and_train_in_their_precision(
    tmp_path: Path,
) -> None:
    from automl.workers.messages import Ended, Job

    gpus = (Device("GPU-a", "A", 2**30, 8.0), Device("GPU-b", "B", 2**31, 6.0))
    names = ["CUDA_VISIBLE_DEVICES", "TF_FORCE_GPU_ALLOW_GROWTH"]
    pool = WorkerPool(
        3, threads=1, log_file=tmp_path / "log", memory_limit=10**10, devices=gpus
    )
    try:
        for worker in pool.idle():
            pool.submit(worker, Job(surroundings, names, 120, trains=True))
        found: dict[int, list[object]] = {}
        while len(found) < 3:
            events = [e for e in pool.wait() if isinstance(e, Ended)]
            found |= {event.worker: event.result for event in events}
        assert pool.training_bytes == int(0.9 * 2**30 / 2)
        pool.submit(0, Job(surroundings, names, 120))
        while not (events := [e for e in pool.wait() if isinstance(e, Ended)]):
            pass
    finally:
        pool.close()
    assert [found[i][0] for i in range(3)] == ["GPU-a", "GPU-b", "GPU-a"]
    assert found[0][1:] == ["true", "mixed_bfloat16"]
    assert found[1][2] == "float32"
    assert events[0].result[2] == "float32"  # what does not train is exact
