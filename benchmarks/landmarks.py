"""Two published findings, reproduced with the networks and layers of this product.

    python benchmarks/landmarks.py                 # both
    python benchmarks/landmarks.py --only lenet5   # or shortcuts

`lenet5` trains LeNet-5 out on MNIST and prints its test accuracy beside the published
one. `shortcuts` trains two networks of forty layers on CIFAR-10 (20 000 JPEG files for
training) that differ in nothing but the additions of residual learning, and prints the
test accuracy of both. Neither uses the test split for anything but the last line.
The data is found through AUTOML_TEST_DATA (default ../shared/data).
"""

from __future__ import annotations

import argparse
import io
import tarfile
import time
from collections.abc import Callable

import keras
import numpy as np
from PIL import Image

from automl_search_spaces.published.catalog import build_landmark
from automl_search_spaces.published.layers import averaged, normalized
from benchmarks.every_kind import DATA
from benchmarks.printing import say

#: LeCun et al. (1998), section III: errors of 0.95 % without and 0.8 % with distorted
#: training samples.
LENET5_PLAIN, LENET5_DISTORTED = 0.9905, 0.992
LENET5_EPOCHS, SHIFT = 20, 2 / 32

#: He et al. (2016), arXiv:1512.03385, section 4.2: three stages of equal depth.
STAGES, WIDTH, PAIRS = 3, 8, 6
SHORTCUT_EPOCHS = 8

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def mnist() -> Arrays:
    """Return digits in the middle of 32x32, the background at -0.1 and ink at 1.175."""
    with np.load(DATA / "2d/mnist/mnist.npz") as held:
        names = ("x_train", "y_train", "x_test", "y_test")
        x_train, y_train, x_test, y_test = (held[name] for name in names)

    def prepared(x: np.ndarray) -> np.ndarray:
        framed = np.pad(x, ((0, 0), (2, 2), (2, 2)))[..., None]
        return (framed / 255 * 1.275 - 0.1).astype("float32")

    return prepared(x_train), y_train, prepared(x_test), y_test


def cifar10() -> Arrays:
    """Return photographs of 32x32x3, standardised, and their classes."""
    images: dict[str, list[np.ndarray]] = {"train": [], "test": []}
    names: dict[str, list[str]] = {"train": [], "test": []}
    with tarfile.open(DATA / "2d/cifar10_jpg/cifar10_jpg.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None or not member.name.endswith(".jpg"):
                continue
            _, split, name, _ = member.name.split("/")
            images[split].append(np.asarray(Image.open(io.BytesIO(file.read()))))
            names[split].append(name)
    classes = sorted(set(names["train"]))
    x_train, x_test = (np.stack(images[s]).astype("float32") for s in images)
    y_train, y_test = (np.array([classes.index(n) for n in names[s]]) for s in names)
    mean, deviation = x_train.mean((0, 1, 2)), x_train.std((0, 1, 2))
    return (x_train - mean) / deviation, y_train, (x_test - mean) / deviation, y_test


def lenet5() -> keras.Model:
    """Return LeNet-5 behind shifts of its samples by up to two pixels."""
    inputs = keras.Input((32, 32, 1))
    shift = keras.layers.RandomTranslation(
        SHIFT, SHIFT, fill_mode="nearest", interpolation="nearest"
    )
    network = build_landmark("lenet5", (32, 32, 1), 10)
    return keras.Model(inputs, network(shift(inputs)))


def deep_network(*, shortcuts: bool) -> keras.Model:
    """Return forty layers, the input of every pair added to its output or not.

    The layer that changes size and width stands between the pairs, so that both
    networks have the same layers and parameters.
    """
    inputs = keras.Input((32, 32, 3))
    x = inputs
    for stage in range(STAGES):
        filters = WIDTH * 2**stage
        x = normalized(x, filters, 3, strides=2)
        for _ in range(PAIRS):
            branch = normalized(x, filters, 3)
            branch = normalized(branch, filters, 3, activation=None)
            branch = keras.layers.Add()([x, branch]) if shortcuts else branch
            x = keras.layers.Activation("relu")(branch)
    outputs = keras.layers.Dense(10, activation="softmax")(averaged(x))
    return keras.Model(inputs, outputs)


def train_and_test(
    build: Callable[[], keras.Model], data: Arrays, *, epochs: int, seed: int
) -> tuple[float, float, int]:
    """Return test accuracy, seconds and parameters of a network trained out.

    Adam, batches of 128, a cosine from 0.002 to zero.
    """
    keras.utils.set_random_seed(seed)
    x_train, y_train, x_test, y_test = data
    model = build()
    steps = epochs * -(-len(x_train) // 128)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    start = time.perf_counter()
    model.fit(x_train, y_train, batch_size=128, epochs=epochs, verbose=2)
    seconds = time.perf_counter() - start
    predicted = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(predicted == y_test)), seconds, model.count_params()


def reproduce_lenet5(seed: int, epochs: int | None) -> None:
    """Print LeNet-5's accuracy on MNIST."""
    epochs = epochs or LENET5_EPOCHS
    accuracy, seconds, params = train_and_test(
        lenet5, mnist(), epochs=epochs, seed=seed
    )
    say(
        f"lenet5 on MNIST: {accuracy:.2%} (published {LENET5_PLAIN:.2%}, with "
        f"distorted samples {LENET5_DISTORTED:.2%}); {params:,} parameters, "
        f"{epochs} epochs, seed {seed}, {seconds:.0f} s"
    )


def reproduce_shortcuts(seed: int, epochs: int | None) -> None:
    """Print the accuracy on CIFAR-10 of forty layers without and with shortcuts."""
    epochs, data = epochs or SHORTCUT_EPOCHS, cifar10()
    for shortcuts in (False, True):
        accuracy, seconds, params = train_and_test(
            lambda: deep_network(shortcuts=shortcuts),  # noqa: B023
            data,
            epochs=epochs,
            seed=seed,
        )
        name = "residual" if shortcuts else "plain"
        depth = STAGES * (1 + 2 * PAIRS) + 1
        say(
            f"{name} on CIFAR-10 JPEG: {accuracy:.2%}; {depth} layers, {params:,} "
            f"parameters, {epochs} epochs, seed {seed}, {seconds:.0f} s"
        )


def main() -> None:
    """Reproduce what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["lenet5", "shortcuts"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, help="fewer, to try it")
    options = parser.parse_args()
    for seed in options.seeds:
        if options.only != "shortcuts":
            reproduce_lenet5(seed, options.epochs)
        if options.only != "lenet5":
            reproduce_shortcuts(seed, options.epochs)


if __name__ == "__main__":
    main()
