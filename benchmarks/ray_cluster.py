"""A search on a real Ray cluster of which one machine is killed and another joins.

The machines are network namespaces of this one, joined by a bridge, each with a Ray
node of its own, token authentication on; none but the head sees the run directory.
Needs Linux, root, `ip` and Ray. Prints what the cluster did and every trial,
and ends with 1 where a finished trial was lost or the search did not finish.

    python benchmarks/ray_cluster.py --trials 12 --epochs 9
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.printing import say

NETWORK = "10.77.13"
BRIDGE = "automl-bridge"
PORT = 6379
STORE_BYTES = 200_000_000
HEAD, FIRST, SECOND, THIRD = "head", "first", "second", "third"
MACHINES = (HEAD, FIRST, SECOND, THIRD)


def address(machine: str) -> str:
    """Return a machine's address on the bridge."""
    return f"{NETWORK}.{MACHINES.index(machine) + 1}"


def namespace(machine: str) -> str:
    """Return the name of a machine's network namespace."""
    return f"automl-{machine}"


def ip(*arguments: str) -> None:
    """Call `ip`."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def missing() -> str:
    """Return why this machine can't hold the cluster, or an empty text."""
    if shutil.which("ip") is None or os.geteuid():
        return "network namespaces need Linux, root and `ip`"
    if shutil.which("ray", path=str(Path(sys.executable).parent)) is None:
        return "Ray is not installed"
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
    except subprocess.CalledProcessError as error:
        return f"no bridge can be made: {error.stderr.strip()}"
    ip("link", "delete", BRIDGE)
    return ""


@contextlib.contextmanager
def network() -> Iterator[None]:
    """Make the machines and their network; end what runs on them, and remove them."""
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("link", "set", BRIDGE, "up")
    try:
        for number, machine in enumerate(MACHINES):
            name, end = namespace(machine), f"{os.getpid()}-{number}"
            ours, theirs = f"o{end}", f"t{end}"
            ip("netns", "add", name)
            ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
            ip("link", "set", ours, "master", BRIDGE, "up")
            ip("link", "set", theirs, "netns", name)
            ip("-n", name, "addr", "add", f"{address(machine)}/24", "dev", theirs)
            ip("-n", name, "link", "set", theirs, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for machine in MACHINES:
            with contextlib.suppress(subprocess.CalledProcessError):
                kill(machine)
                ip("netns", "delete", namespace(machine))
        ip("link", "delete", BRIDGE)


def kill(machine: str) -> None:
    """End everything that runs on a machine, at once."""
    answer = subprocess.run(
        ["ip", "netns", "pids", namespace(machine)],
        check=True,
        capture_output=True,
        text=True,
    )
    for pid in answer.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def start(
    machine: str, *command: str, environment: Mapping[str, str], **options: Any
) -> subprocess.Popen[str]:
    """Start a command on a machine."""
    return subprocess.Popen(
        ["ip", "netns", "exec", namespace(machine), *command],
        env=dict(environment),
        text=True,
        **options,
    )


def start_ray(
    machine: str, folder: Path, environment: Mapping[str, str], cpus: int
) -> None:
    """Start a Ray node; on all but the head the run directory is out of sight."""
    ray = str(Path(sys.executable).parent / "ray")
    place = f"--node-ip-address={address(machine)}"
    limits = f"--num-cpus={cpus} --object-store-memory={STORE_BYTES} --block"
    if machine == HEAD:
        call = f"exec {ray} start --head --port={PORT} {place} {limits}"
        call += " --include-dashboard=false"
    else:
        hide = f"mount -t tmpfs none {folder / 'runs'}"
        call = f"{hide} && exec {ray} start --address={address(HEAD)}:{PORT} {place}"
        call += f" {limits}"
    log = (folder / f"{machine}.log").open("w")
    start(machine, "sh", "-c", call, environment=environment, stdout=log, stderr=log)


def finished_rungs(run: Path) -> dict[str, int]:
    """Return the trained epochs of each trial that has a score."""
    found = {}
    for file in run.glob("trials/*/trial.json"):
        with contextlib.suppress(ValueError):
            record = json.loads(file.read_text())
            trainings = record["trainings"]
            if trainings and trainings[0]["val_score"] is not None:
                found[record["trial"]] = trainings[0]["epochs"]
    return found


def wait_until(happened: Any, process: subprocess.Popen[str], what: str) -> None:
    """Wait for something while a process runs."""
    while not happened():
        if process.poll() is not None:
            sys.exit(f"The search ended before {what}.")
        time.sleep(0.2)


def search(folder: Path, trials: int, epochs: int) -> tuple[int, dict[str, int]]:
    """Search while a machine is killed and another joins.

    Returns:
        The exit code, and what was finished when the machine was killed.
    """
    (folder / "token").write_text(secrets.token_hex(32))
    environment = {
        **os.environ,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    start_ray(HEAD, folder, environment, cpus=0)
    time.sleep(8)
    for machine in (FIRST, SECOND):  # one after the other: they share /tmp/ray
        start_ray(machine, folder, environment, cpus=1)
        time.sleep(8)
    run = folder / "runs" / "digits"
    command = [
        sys.executable, "-m", "automl", "search", "--data", str(folder / "digits.npz"),
        "--out", str(run), "--trials", str(trials), "--epochs", str(epochs),
        "--cluster", f"{address(HEAD)}:{PORT}",
    ]  # fmt: skip
    process = start(HEAD, *command, environment=environment)
    wait_until(lambda: len(finished_rungs(run)) >= 2, process, "a machine was killed")
    before = finished_rungs(run)
    say(f"killing {address(FIRST)} after {len(before)} trials have a score")
    kill(FIRST)
    time.sleep(5)
    start_ray(THIRD, folder, environment, cpus=1)
    return process.wait(), before


def main() -> int:
    """Build the cluster, search, and say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=9)
    options = parser.parse_args()
    if reason := missing():
        say(f"This can't be run here: {reason}.")
        return 0
    with TemporaryDirectory(prefix="ray-cluster-") as name, network():
        folder = Path(name)
        (folder / "runs").mkdir()
        digits = load_digits()
        images = digits.images.astype(np.uint8)[..., None]
        np.savez(folder / "digits.npz", x=images, y=digits.target)
        code, before = search(folder, options.trials, options.epochs)
        run = folder / "runs" / "digits"
        after = finished_rungs(run)
        lost = [trial for trial, done in before.items() if after.get(trial, 0) < done]
        lines = (run / "log.txt").read_text().splitlines()
        say("\n".join(line for line in lines if line.startswith(("cluster", "trial"))))
        say((run / "leaderboard.csv").read_text())
        joined = sum(" joined " in line for line in lines)
        say(f"{joined} machines joined")
        if code or joined < len(MACHINES) - 1:
            for machine in MACHINES:
                log = folder / f"{machine}.log"
                say(machine, log.read_text()[-2000:] if log.exists() else "")
    say(f"exit code {code}; {len(after)} trials with a score, {len(lost)} lost: {lost}")
    return 1 if code or lost or joined < len(MACHINES) - 1 else 0


if __name__ == "__main__":
    sys.exit(main())
