"""AutoKeras under a wall-clock limit: one contender of `same_budget.py`.

AutoKeras 3.0.0 fails on Keras 3.13 and later (it hands numpy integers to layers), so it
gets an environment of its own with the versions on which it runs. This file is run
there: nothing of ours but its neighbours is imported.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

REQUIREMENTS = ("autokeras==3.0.0", "keras==3.12.0", "tensorflow-cpu==2.20.0")
_ENDLESS = 100_000


def environment(folder: Path) -> Path:
    """Return the Python of AutoKeras's environment, which is set up if need be."""
    python, mark = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join(REQUIREMENTS)
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True
        )
        mark.write_text(wanted)
    return python


def make_model(rank: int, *, seed: int, folder: Path) -> Any:
    """Return AutoKeras's own choice for images, else its convolutions of any rank."""
    import autokeras

    options = {
        "max_trials": _ENDLESS,
        "objective": "val_accuracy",
        "seed": seed,
        "directory": folder,
        "overwrite": True,
    }
    if rank == 2:
        return autokeras.ImageClassifier(**options)
    inputs = autokeras.Input()
    found = autokeras.ConvBlock()(autokeras.Normalization()(inputs))
    outputs = autokeras.ClassificationHead()(found)
    return autokeras.AutoModel(inputs=inputs, outputs=outputs, **options)


def compete(folder: Path, limit: Any, *, seed: int, out: Path) -> dict[str, Any]:
    """Search until the time is up, and score the best network once."""
    import keras

    from benchmarks.peer_data import read_features
    from benchmarks.time_limit import DeadlineError

    keras.utils.set_random_seed(seed)
    train, val, test = (read_features(folder, s) for s in ("train", "val", "test"))
    model = make_model(train.inputs.ndim - 2, seed=seed, folder=out)
    model.tuner.pre_create_trial = limit.check
    with suppress(DeadlineError):
        model.fit(*train, validation_data=tuple(val), callbacks=[limit], verbose=0)
    ranked = model.tuner.oracle.get_best_trials(_ENDLESS)  # with those that did not end
    trials = [trial for trial in ranked if trial.status == "COMPLETED"]
    if not trials:
        messages = [trial.message for trial in model.tuner.oracle.trials.values()]
        raise RuntimeError(f"no trial of {len(messages)} ended well: {messages[:1]}")
    _keep_pipeline(model.tuner, trials[0].trial_id)
    return {
        "test_score": float(model.evaluate(*test, verbose=0)[1]),
        "val_score": trials[0].score,
        "best": limit.best,
        "step_seconds": limit.step_seconds,
        "trials": len(trials),
    }


def _keep_pipeline(tuner: Any, trial: str) -> None:
    """Put the best trial's preprocessing where a search that ends by itself does."""
    from autokeras import pipeline

    pipeline.load_pipeline(tuner._pipeline_path(trial)).save(tuner.best_pipeline_path)


def main() -> None:
    """Compete, and write `result.json`."""
    from benchmarks.time_limit import TimeLimit, peer_parser

    options = peer_parser(__doc__.splitlines()[0]).parse_args()
    limit = TimeLimit(options.started, options.budget)
    result = compete(options.data, limit, seed=options.seed, out=options.out)
    (options.out / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
