"""How a model does on samples that it does not learn from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from automl.metrics.answers import Answers
from automl.metrics.catalog import DEFAULTS, metrics_of
from automl.metrics.scores import scores
from automl.training.errors import TrialFailedError
from automl.training.pipeline import EVALUATION_BATCH_SIZE
from automl.training.samples import Samples
from automl_datasets.spec import DataSpec

# Beyond so many predicted numbers sorting them for every metric would be felt.
_MOST_NUMBERS = 1_000_000


class Validation:
    """Predictions and metrics of one model on one set of samples.

    Attributes:
        names: The metrics that `scores` returns.
    """

    def __init__(
        self,
        predict: Any,
        samples: Samples,
        spec: DataSpec,
        *,
        objective: str,
        after_batch: Callable[[], None],
    ) -> None:
        """Prepare to predict.

        Args:
            predict: From samples `(batch, *spec.shape)` to a tensor of predictions.
            samples: What to validate on.
            spec: The data.
            objective: Whose metric is always among the scores.
            after_batch: Called after every batch; what it raises ends the prediction.
        """
        self._predict = predict
        self._after_batch = after_batch
        self._inputs = samples.inputs
        self._answers = Answers.of(spec, samples.targets)
        self.names = [metric.name for metric in metrics_of(spec.task)]
        if len(samples.targets) * spec.num_outputs > _MOST_NUMBERS:
            asked = objective.removeprefix("val_")
            self.names = sorted({asked, DEFAULTS[spec.task], "loss"})

    def predictions(self) -> np.ndarray:
        """Return what the model says now, float32 `(n, outputs)`."""
        count, size = self._inputs.shape[0], EVALUATION_BATCH_SIZE
        parts = []
        for first in range(0, count, size):
            row = np.arange(first, min(first + size, count))
            parts.append(self._predict(np.asarray(self._inputs[row])).numpy())
            self._after_batch()
        return np.concatenate(parts).astype(np.float32)

    def scores(self, epoch: int) -> dict[str, float]:
        """Return the metrics under their names as objectives, `val_<name>`.

        Args:
            epoch: Number of the epoch that has ended, for the message.

        Raises:
            TrialFailedError: If predictions or loss are not finite.
        """
        predictions = self.predictions()
        if not np.isfinite(predictions).all():
            raise TrialFailedError(
                f"the predictions became nan or infinite in epoch {epoch}"
            )
        values = scores(self.names, predictions, self._answers)
        if not math.isfinite(values["loss"]):
            raise TrialFailedError(
                f"the validation loss became {values['loss']} in epoch {epoch}"
            )
        return {f"val_{name}": value for name, value in values.items()}
