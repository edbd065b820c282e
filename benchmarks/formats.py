"""Kind x task x format: what is exported, how it differs, scores, sizes and speeds.

Trains every landmark, and the usual network with every block, for some epochs on
small patterns that can be learned; exports them; and has each export score held-out
samples in a fresh process with nothing but its runtime. Prints one row an export, and
the reason of every one that fails. Last it counts them by format.

With `--out` each row is kept in a file of JSON lines as soon as it is known; the same
command again goes on from there, so that the table can be made in several sittings.

    PYTHONPATH=. python benchmarks/formats.py [--kinds image,audio] [--tasks regression]
        [--formats onnx,litert] [--quantize none,int8] [--only lenet,block] [--most 3]
        [--published] [--out formats.jsonl]
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np

from automl.export.job import WRITERS
from automl.export.litert_file import export_litert
from automl.export.names import FILES
from automl.export.verification import Reference, verify
from automl.metrics.answers import Answers
from automl.metrics.catalog import objectives_of
from automl.quiet import stderr_to
from automl.run.checks import QUANTIZATIONS
from automl_datasets.spec import TASKS, DataSpec
from automl_search_spaces.inference import inference_model
from automl_search_spaces.landmark_space import LandmarkSpace
from automl_search_spaces.space import SearchSpace
from benchmarks.json_lines import keep_row, read_rows
from benchmarks.printing import say
from tests.search_spaces.specs import EXAMPLES, learnable, make_example, make_spec

EPOCHS = 8
#: Published networks are as wide as this allows: some of rank 3 an eighth as wide.
PUBLISHED_MACS = 2_500_000_000
HELD_OUT = 12
_KEYS = ("kind", "task", "network", "format", "quantize")
#: Kinds whose usual example is too small for some blocks.
SHAPES = {"image": (32, 32, 3), "volume": (16, 16, 16, 1), "video": (8, 16, 16, 3)}
Row = dict[str, Any]
Space = SearchSpace | LandmarkSpace


def example_of(kind: str, task: str) -> DataSpec:
    """Return data that every block of its rank suits."""
    if kind in SHAPES:
        changes = {"classes": 4, "num_train": 32}
        return make_spec(SHAPES[kind], kind=kind, task=task, **changes)
    return make_example(kind, task)


def networks(
    spec: DataSpec, *, published: bool
) -> Iterator[tuple[str, Space, dict[str, Any]]]:
    """Yield name, space and values of every landmark, and of a network of each block.

    Landmarks are those that a search begins with; if asked, all published networks.
    """
    space = SearchSpace(spec, max_epochs=EPOCHS)
    for landmark in space.landmarks():
        yield f"landmark {landmark.name}", space, dict(landmark.values)
    for representation, bounds in space.ranges.items():
        for block in bounds.blocks:
            name = f"block {block} on {representation}"
            yield name, space, {"block": block, "representation": representation}
    if not published:
        return
    whole = LandmarkSpace(spec, max_epochs=EPOCHS, max_macs=PUBLISHED_MACS)
    for landmark in whole.landmarks():
        yield f"published {landmark.name}", whole, dict(landmark.values)


def trained(
    space: Space, values: dict[str, Any], x: np.ndarray, y: np.ndarray
) -> keras.Model:
    """Return the network, trained for a while, without its augmentation."""
    keras.utils.set_random_seed(0)
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    model = space.build(hp)
    model.fit(x, y, batch_size=8, epochs=EPOCHS, verbose=0)
    return inference_model(model)


def export_rows(
    network: keras.Model,
    reference: Reference,
    spec: DataSpec,
    samples: np.ndarray,
    asked: Iterable[tuple[str, str]],
) -> Iterator[Row]:
    """Yield what came of each format and quantization."""
    metric = objectives_of(spec.task)[0].removeprefix("val_")
    for name, quantize in asked:
        row: Row = {"format": name, "quantize": quantize, "metric": metric}
        write = WRITERS[name]
        if name == "litert":
            write = partial(export_litert, quantize=quantize, samples=samples)
        with tempfile.TemporaryDirectory() as folder:
            try:
                with stderr_to():
                    write(network, spec, Path(folder) / FILES[name])
            except Exception as error:  # converters raise whatever they like
                first = str(error).strip().partition("\n")[0]
                reason = f"not exported: {type(error).__name__}: {first}"
                yield {**row, "reason": reason}
                continue
            passed, failed = verify(Path(folder), [name], reference, quantize=quantize)
        for failure in failed:
            yield {**row, "reason": f"not proved: {failure.reason}"}
        for verification in passed:
            found = verification.to_json(metric, reference.answers)
            kept = ("max_difference", "test_score", "size_mb", "figures")
            yield row | {name: found[name] for name in kept}


def line(row: Row) -> str:
    """Return a row as the table shows it."""
    name = row["format"]
    if row["quantize"] != "none":
        name += f" {row['quantize']}"
    start = f"{row['kind']} | {row['task']} | {row['network']} | {name}"
    if "reason" in row:
        return f"{start} | {row['reason']}"
    one, many = (row["figures"][batch] for batch in ("batch_1", "batch_32"))
    return (
        f"{start} | exported | {row['max_difference']:.1e} "
        f"| {row['metric']} {row['test_score']:.3f} | {row['size_mb']:.3f} MB "
        f"| {one[0]:.2f} / {one[1]:.2f} ms | {many[0]:.1f} / {many[1]:.1f} ms"
    )


def example_rows(options: argparse.Namespace, kind: str, task: str) -> Iterator[Row]:
    """Yield the rows of one kind and task that are not known yet."""
    known = {tuple(row[key] for key in _KEYS) for row in options.known}
    spec = example_of(kind, task)
    x, y = learnable(spec)
    chosen = [
        network
        for network in networks(spec, published=options.published)
        if any(part in network[0] for part in options.only.split(","))
    ]
    for name, space, values in chosen[: options.most]:
        asked = [
            pair for pair in options.asked if (kind, task, name, *pair) not in known
        ]
        if not asked:
            continue
        network = trained(space, values, x[HELD_OUT:], y[HELD_OUT:])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "inputs.npy"
            np.save(file, x[:HELD_OUT])
            expected = network.predict(x[:HELD_OUT], verbose=0)
            answers = Answers.of(spec, y[:HELD_OUT])
            reference = Reference(file, expected, answers)
            for row in export_rows(network, reference, spec, x[HELD_OUT:], asked):
                yield {"kind": kind, "task": task, "network": name, **row}
        del network
        keras.backend.clear_session()
        gc.collect()


def benchmark(options: argparse.Namespace) -> None:
    """Print the table, and how many exports of each format passed."""
    say(
        "kind | task | network | format | exported | difference | score | size "
        "| p50 / p95 at batch 1 | at batch 32"
    )
    rows = list(options.known)
    for row in rows:
        say(line(row))
    start = time.monotonic()
    for kind in options.kinds.split(","):
        for task in options.tasks.split(","):
            for row in example_rows(options, kind, task):
                rows.append(row)
                say(line(row))
                keep_row(options.out, row)
    new = len(rows) - len(options.known)
    say(f"\n{new} exports in {time.monotonic() - start:.0f} s")
    tried = Counter((row["format"], row["quantize"]) for row in rows)
    passed = Counter(
        (row["format"], row["quantize"]) for row in rows if "reason" not in row
    )
    for pair, number in tried.items():
        say(f"{' '.join(pair)}: {passed[pair]} of {number} exported and proved")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default=",".join(EXAMPLES))
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--formats", default=",".join(FILES))
    parser.add_argument("--quantize", default=",".join(QUANTIZATIONS))
    parser.add_argument("--only", default="", help="Parts of names of networks.")
    parser.add_argument("--most", type=int, help="Networks of each kind and task.")
    parser.add_argument("--published", action="store_true", help="Also those.")
    parser.add_argument("--out", type=Path, help="File of JSON lines to go on with.")
    given = parser.parse_args()
    given.known = read_rows(given.out)
    given.asked = [
        (name, quantize)
        for name in given.formats.split(",")
        for quantize in (given.quantize.split(",") if name == "litert" else ["none"])
    ]
    benchmark(given)
