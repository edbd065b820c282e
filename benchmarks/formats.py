"""Kind x task x format: what is exported, how it differs, scores, sizes and speeds.

Trains every landmark, and the usual network with every block, for some epochs on
small patterns that can be learned; exports them; and has each export score held-out
samples in a fresh process with nothing but its runtime. Prints one row an export, and
the reason of every one that fails.

    PYTHONPATH=. python benchmarks/formats.py [--kinds image,audio] [--tasks regression]
        [--formats onnx,litert] [--quantize none,int8] [--only landmarks|blocks]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np

from automl.errors import RequestError
from automl.export.job import FORMATS
from automl.export.litert_file import export_litert
from automl.export.verification import Reference, verify
from automl.metrics.answers import Answers
from automl.metrics.catalog import DEFAULTS
from automl.run.request import QUANTIZATIONS
from automl_datasets.spec import TASKS, DataSpec
from automl_search_spaces.inference import inference_model
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import EXAMPLES, learnable, make_example

EPOCHS = 8
HELD_OUT = 12


def networks(space: SearchSpace, only: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and values of the networks to export."""
    if only != "blocks":
        for landmark in space.landmarks():
            yield landmark.name, dict(landmark.values)
    if only != "landmarks":
        for representation, bounds in space.ranges.items():
            for block in bounds.blocks:
                name = f"{block} on {representation}"
                yield name, {"block": block, "representation": representation}


def trained(
    space: SearchSpace, values: dict[str, Any], x: np.ndarray, y: np.ndarray
) -> keras.Model:
    """Return the network, trained for a while, without its augmentation."""
    keras.utils.set_random_seed(0)
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    model = space.build(hp)
    model.fit(x, y, batch_size=8, epochs=EPOCHS, verbose=0)
    return inference_model(model)


def rows(
    network: keras.Model,
    reference: Reference,
    spec: DataSpec,
    samples: np.ndarray,
    asked: list[tuple[str, str]],
) -> Iterator[str]:
    """Yield what came of each format and quantization."""
    metric = DEFAULTS[spec.task]
    for name, quantize in asked:
        label = name if quantize == "none" else f"{name} {quantize}"
        file_name, write = FORMATS[name]
        if name == "litert":
            write = partial(export_litert, quantize=quantize, samples=samples)
        with tempfile.TemporaryDirectory() as folder:
            try:
                write(network, spec, Path(folder) / file_name)
            except RequestError as error:
                yield f"{label} | not exported: {error}"
                continue
            passed, failed = verify(Path(folder), [name], reference, quantize=quantize)
        for failure in failed:
            yield f"{label} | failed: {failure.reason}"
        for verification in passed:
            found = verification.to_json(metric, reference.answers)
            one, many = (found["figures"][batch] for batch in ("batch_1", "batch_32"))
            yield (
                f"{label} | exported | {found['max_difference']:.1e} "
                f"| {metric} {found['test_score']:.3f} | {found['size_mb']:.3f} MB "
                f"| {one[0]:.2f} / {one[1]:.2f} ms | {many[0]:.1f} / {many[1]:.1f} ms"
            )


def benchmark(options: argparse.Namespace) -> None:
    """Print the table."""
    print("kind | task | network | format | exported | difference | score | size "  # noqa: T201
          "| p50 / p95 at batch 1 | at batch 32")  # fmt: skip
    asked = [
        (name, quantize)
        for name in options.formats.split(",")
        for quantize in (options.quantize.split(",") if name == "litert" else ["none"])
    ]
    for kind in options.kinds.split(","):
        for task in options.tasks.split(","):
            spec = make_example(kind, task)
            space = SearchSpace(spec, max_epochs=EPOCHS)
            x, y = learnable(spec)
            for name, values in networks(space, options.only):
                network = trained(space, values, x[HELD_OUT:], y[HELD_OUT:])
                with tempfile.TemporaryDirectory() as folder:
                    file = Path(folder) / "inputs.npy"
                    np.save(file, x[:HELD_OUT])
                    expected = network.predict(x[:HELD_OUT], verbose=0)
                    answers = Answers.of(spec, y[:HELD_OUT])
                    reference = Reference(file, expected, answers)
                    for row in rows(network, reference, spec, x[HELD_OUT:], asked):
                        line = f"{kind} | {task} | {name} | {row}"
                        print(line, flush=True)  # noqa: T201
                keras.backend.clear_session()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default=",".join(EXAMPLES))
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--quantize", default=",".join(QUANTIZATIONS))
    parser.add_argument("--only", choices=("all", "landmarks", "blocks"), default="all")
    benchmark(parser.parse_args())
