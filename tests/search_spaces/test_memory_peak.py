"""Estimated memory beside what a fresh process really takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: What `memory` promises: estimates are wrong by at most this factor.
FACTOR = 2.0

SCRIPT = """
import json, sys, threading, time
import keras, numpy as np, psutil
import tensorflow as tf
from automl_search_spaces.cost import layer_costs
from automl_search_spaces.memory import training_bytes

shape, batch, normalization, activation = json.loads(sys.argv[1])
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
layers = keras.layers
rank = len(shape) - 1
inputs = x = keras.Input(shape)
for stage in range(2):
    for _ in range(2):
        x = getattr(layers, f"Conv{rank}D")(16, 3, padding="same", use_bias=False)(x)
        if normalization == "batch":
            x = layers.BatchNormalization()(x)
        x = layers.Activation(activation)(x)
    x = getattr(layers, f"MaxPooling{rank}D")(2)(x)
x = getattr(layers, f"GlobalAveragePooling{rank}D")()(x)
model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
data = np.zeros((batch, *shape), "float32"), np.zeros(batch, "int64")
model.fit(data[0][:2], data[1][:2], verbose=0)
process = psutil.Process()
before = peak = process.memory_info().rss
ended = threading.Event()

def watch():
    global peak
    while not ended.wait(0.002):
        peak = max(peak, process.memory_info().rss)

watcher = threading.Thread(target=watch)
watcher.start()
model.fit(*data, batch_size=batch, epochs=2, verbose=0)
ended.set()
watcher.join()
print(json.dumps([peak - before, training_bytes(layer_costs(model), batch)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "network",
    [
        ((64, 64, 3), 64, "batch", "relu"),
        ((20, 24, 24, 1), 24, "none", "elu"),
    ],
    ids=["images", "volumes"],
)
def test_a_training_takes_about_the_memory_that_is_estimated(
    network: tuple[object, ...],
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(network)],
        capture_output=True,
        text=True,
        check=True,
    )
    measured, estimated = json.loads(run.stdout.strip().splitlines()[-1])
    assert measured > 50e6, "too little to tell"
    assert 1 / FACTOR < estimated / measured < FACTOR
