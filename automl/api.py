"""Searching from Python; the command line has the same options by the same names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from automl.opened_run import Run
from automl.python_data.writing import is_path
from automl.resuming import Further, go_on
from automl.run.python_options import (
    image_sides,
    joined,
    optional_text,
    worker_count,
)
from automl.run.request import (
    DEFAULT_FORMATS,
    SearchRequest,
    names_of,
    seconds_of,
)
from automl.searching import run_folder, start_search
from automl.tracking.callback import Callback


def search(
    data: Any,
    *,
    test_data: str | Path | None = None,
    target: str | Sequence[str] | None = None,
    group: str | None = None,
    task: str = "auto",
    kind: str = "auto",
    image_size: int | tuple[int, int] | None = None,
    split: str = "stratified",
    space: str | Path = "auto",
    pretrained: str | Path | None = None,
    strategy: str = "auto",
    objective: str | Sequence[str] | None = None,
    budget: str | float | None = None,
    trials: int | None = None,
    epochs: int | None = None,
    folds: int | None = None,
    ensemble: int | None = None,
    workers: int | str | None = "auto",
    cluster: str | None = None,
    max_params: int | None = None,
    max_macs: int | None = None,
    max_size: float | None = None,
    max_latency: float | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    export: str | Sequence[str] = DEFAULT_FORMATS,
    quantize: str = "none",
    track: str | Sequence[str] = (),
    callbacks: Sequence[Callback] = (),
    quiet: bool = False,
) -> Run:
    """Search for the best network, write the report, export the winner.

    Args:
        data: Path of a folder or file of labelled data; or the data itself: arrays
            `(x, y)` (`x` may be a list of texts), a dict with `x_train`, `y_train`,
            `x_test`, `y_test`, a pandas DataFrame (with a column of paths, of texts,
            or of numbers), a `tf.data.Dataset`, a Keras `PyDataset`, or a Hugging Face
            `Dataset` or `DatasetDict`. What is no path is written once to `input/` in
            the run, so that the run can be resumed.
        test_data: Path of a test split kept elsewhere.
        target: Column or columns that hold the answer; found by default.
        group: Column that names the patient, speaker or scan of a sample, none of
            which is then on both sides of a split.
        task: `auto`, `classification`, `multilabel` or `regression`.
        kind: `auto`, `image`, `series`, `audio`, `text`, `volume` or `video`.
        image_size: Height and width in pixels that images are resized to, one number
            for both; from the data by default.
        split: How missing splits are made: `stratified`, or by `time`.
        space: Name of a shipped search space, or a TOML, YAML or Python file with one.
        pretrained: A network to start from in place of a space: a `.keras` file, a
            name of `keras.applications`, or `NAME=WEIGHTS.h5`.
        strategy: `auto`, `random`, `grid`, `bayesian`, `hyperband`, `evolution`, or an
            oracle of your own as `FILE.py:NAME`.
        objective: What is searched for, such as `val_auc`; that of the task by
            default. With up to two costs behind it (`params`, `macs`, `size_mb`,
            `latency_ms`), the front of score and costs is searched for.
        budget: Wall-clock time for everything, such as `"10m"`, or seconds; ten
            minutes where no number of trials is given either.
        trials: Most networks to try; no limit by default.
        epochs: Epochs of a full training; from data and budget by default.
        folds: Folds to cross-validate the best networks with, 1 for none; what the
            data asks for by default.
        ensemble: Most networks to average the predictions of, where that pays; a
            single network by default.
        workers: Worker processes; one a GPU, or else one a core, by default.
        cluster: Ray cluster to run them on, `HOST:PORT` or `auto`; none by default.
        max_params: Most parameters of a network.
        max_macs: Most multiply-accumulates of a sample.
        max_size: Largest size of the weights in float32, in 10^6 bytes.
        max_latency: Largest median latency of one sample, in ms on this machine.
        seed: Seed of everything random.
        out: Folder of the run; `runs/<name of the data>` by default, `runs/data` for
            what is no path.
        export: Formats of the export: `savedmodel`, `keras`, `onnx`, `litert`.
        quantize: How LiteRT files keep their weights: `none`, `float16`, `dynamic` or
            `int8`.
        track: What to log to: `tensorboard[:FOLDER]`, `mlflow[:URI]`.
        callbacks: Told what happens; see `automl.tracking.callback.Callback`.
        quiet: Whether to show no progress on standard error.

    Returns:
        The run; its state tells whether it finished or was interrupted.

    Raises:
        RequestError: If the request can't be carried out.
        DataError: If the data can't be used.
        SpaceError: If the search space can't.
        NoTrialSucceededError: If no trial succeeded.
        NothingExportedError: If the run is finished, with its scores and report, but
            its model could be exported to no format.

    Example:
        >>> import automl
        >>> run = automl.search("digits.npz", budget="2m")  # doctest: +SKIP
        >>> run.best.test_score  # doctest: +SKIP
    """
    folder = run_folder(data, out)
    request = SearchRequest(
        data=str(data if is_path(data) else folder.absolute() / "input"),
        test_data=optional_text(test_data),
        target=joined(target),
        group=group,
        task=task,
        kind=kind,
        image_size=image_sides(image_size),
        split=split,
        space=str(space),
        pretrained=optional_text(pretrained),
        strategy=strategy,
        objective=joined(objective),
        budget_seconds=seconds_of(budget),
        trials=trials,
        epochs=epochs,
        folds=folds,
        ensemble=ensemble,
        workers=worker_count(workers),
        cluster=cluster,
        max_params=max_params,
        max_macs=max_macs,
        max_size_mb=max_size,
        max_latency_ms=max_latency,
        seed=seed,
        export=names_of(export),
        quantize=quantize,
        track=(track,) if isinstance(track, str) else tuple(track),
    )
    return start_search(data, request, folder, callbacks=callbacks, quiet=quiet)


def resume(
    path: str | Path,
    *,
    budget: str | float | None = None,
    trials: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    callbacks: Sequence[Callback] = (),
    quiet: bool = False,
) -> Run:
    """Go on with a run after a stop or a crash, or search it further.

    It is searched as its record says: Python files that this names are executed, as
    they were by `search`. Go on with runs of your own only.

    Args:
        path: Folder of the run.
        budget: Further wall-clock time; by default what was left of the old one, or
            no limit if the run is finished.
        trials: Trials in all; by default the old number, or no limit likewise.
        workers: Worker processes; by default as many as were asked for before.
        cluster: Ray cluster, `HOST:PORT` or `auto`, or `none` for this machine alone;
            by default what it was.
        callbacks: Told what happens; those of an earlier call are not kept.
        quiet: Whether to show no progress on standard error.

    Returns:
        The run; its state tells whether it finished or was interrupted.

    Raises:
        RequestError: If there is nothing to go on with, or the data or the strategy
            has changed since.
        DataError: If the data can't be used.
        SpaceError: If the search space can't.
        NoTrialSucceededError: If no trial succeeded.
        NothingExportedError: As `search`.
    """
    further = Further(seconds_of(budget), trials, workers, cluster)
    return go_on(Path(path), further, callbacks=callbacks, quiet=quiet)
