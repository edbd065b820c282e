"""Training by a step of our own, traced in half the time of Keras's.

Keras updates every variable by some twenty operations of its own, which is what most of
the tracing is spent on. Updates of the usual optimizers go number by number: here all
weights are laid end to end, and the optimizer has one long variable to update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from automl.training.graphs import gradients_forgotten
from automl.training.normalization import fused_normalizations
from automl.training.numbers import CLIP, GivenRate, numbers_of, replaced, told
from automl.training.pipeline import read_batches
from automl.training.rates import rates_of

#: Optimizers of which each weight's update depends on no other weight.
_OPTIMIZERS = (
    keras.optimizers.SGD,
    keras.optimizers.Adam,
    keras.optimizers.AdamW,
    keras.optimizers.RMSprop,
    keras.optimizers.Nadam,
    keras.optimizers.Lion,
)

#: Settings under which Keras does more in a step than we do.
_FURTHER = (
    *("clipnorm", "clipvalue", "loss_scale_factor", "gradient_accumulation_steps"),
    "ema_overwrite_frequency",
)


def can_step(model: keras.Model) -> bool:
    """Whether `Stepping` trains a compiled model just as `fit` would."""
    optimizer, weights = model.optimizer, model.trainable_weights
    return (
        type(model).__module__.startswith("keras.")
        and type(optimizer) in _OPTIMIZERS
        and not optimizer.built
        and _is_told_ahead(optimizer._learning_rate)
        and not any(getattr(optimizer, name) for name in _FURTHER)
        and not (model.run_eagerly or model.jit_compile)
        and model.steps_per_execution == 1
        and bool(weights)
        and all(w.dtype == "float32" and w.constraint is None for w in weights)
        and not any(w.overwrite_with_gradient for w in weights)
    )


class Stepping:
    """A compiled model with what trains it, step by step.

    Attributes:
        batches: What `train` takes them from.
        model: What is trained.
    """

    batches = staticmethod(read_batches)

    def __init__(self, model: keras.Model) -> None:
        """Take over a model, of which `can_step` is true, before its first step."""
        self.model = model
        optimizer = model.optimizer
        self._schedule = optimizer._learning_rate
        self._rate = GivenRate()
        optimizer.learning_rate = self._rate
        self._numbers = numbers_of(model)
        self._values = [number.value for number in self._numbers]
        self._rows = [_Row(group) for group in _groups(model)]
        self._averages: Sequence[Any] = ()
        self._build()
        self._first = [_unless_zero(np.array(v)) for v in optimizer.variables]
        self._step = tf.function(self._traced_step, autograph=False)

    def begin_as(self, model: keras.Model) -> None:
        """Take up the initial state and the numbers of a model of equal structure.

        Args:
            model: Compiled, of the same `structure_of`, not trained yet.
        """
        self._schedule = model.optimizer._learning_rate
        self._values = [number.value for number in numbers_of(model)]
        for variable, other in zip(self.model.variables, model.variables, strict=True):
            variable.assign(other)
        optimizer = self.model.optimizer.variables
        for variable, value in zip(optimizer, self._first, strict=True):
            variable.assign(np.zeros(variable.shape) if value is None else value)
        self.take_up()

    def state(self) -> list[Any]:
        """Return every variable that the next step depends on.

        Weights, moving averages, the state of random layers, the optimizer's moments,
        its averages of the weights, and its step count.
        """
        return [*self.model.variables, *self.model.optimizer.variables]

    def take_up(self) -> None:
        """Go on from what `state` was set to."""
        for row in self._rows:
            row.gather()

    def train(
        self,
        batches: Iterable[tuple[Any, Any]],
        steps: int,
        after_step: Callable[[int, float], None],
    ) -> dict[str, float]:
        """Take a step on every batch, and return the means of loss and metrics.

        Args:
            batches: Inputs and targets.
            steps: How many there are.
            after_step: Told the number of the step, from 0, and its loss; what it
                raises ends the training.
        """
        self.model.reset_metrics()
        first = int(self.model.optimizer.iterations)
        rates = rates_of(self._schedule, np.arange(first, first + steps))
        for number, (x, y) in enumerate(batches):
            values = tf.constant([rates[number], *self._values], tf.float32)
            after_step(number, float(self._step(x, y, values)))
        results = self.model.get_metrics_result()
        return {name: float(value) for name, value in results.items()}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averages in place of the weights for a while, if there are any."""
        for row, average in zip(self._rows, self._averages, strict=False):
            row.scatter(average)
        try:
            yield
        finally:
            for row, _ in zip(self._rows, self._averages, strict=False):
                row.scatter(row.flat)

    def _build(self) -> None:
        """Make the variables of the optimizer and the metrics."""
        optimizer = self.model.optimizer
        kept = [row.flat for row in self._rows if not row.decays]
        optimizer.exclude_from_weight_decay(var_list=kept)
        optimizer.build([row.flat for row in self._rows])
        if optimizer.use_ema:
            self._averages = optimizer._model_variables_moving_average

    def _traced_step(self, x: Any, y: Any, values: Any) -> Any:
        """Do what `Model.train_step` does."""
        rate, *others = tf.unstack(values)
        model, self._rate.value = self.model, rate
        weights = [v.value for row in self._rows if row.trained for v in row.variables]
        with gradients_forgotten(), told(self._numbers, others):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(weights)
                with replaced(fused_normalizations(model)):
                    predicted = model(x, training=True)
                loss = model.compute_loss(x, y, predicted, training=True)
            model._loss_tracker.update_state(loss, sample_weight=tf.shape(x)[0])
            zero = tf.UnconnectedGradients.ZERO
            gradients = tape.gradient(loss, weights, unconnected_gradients=zero)
            self._update(gradients, others)
        model.compute_metrics(x, y, predicted)
        return loss

    def _update(self, gradients: Sequence[Any], values: Sequence[Any]) -> None:
        """Clip gradients, and have the optimizer update the weights."""
        told_now = zip(self._numbers, values, strict=True)
        clips = [value for number, value in told_now if number.name == CLIP]
        trained = [row for row in self._rows if row.trained]
        left = iter(gradients)
        flat = [_flat([next(left) for _ in row.variables]) for row in trained]
        if clips:
            flat, _ = tf.clip_by_global_norm(flat, clips[0])
        for row in self._rows:
            if not row.trained:
                row.gather()
        # Keras would sum gradients over replicas. There is one, and the sum's own
        # gradient, which TensorFlow registers, would keep this graph for good.
        optimizer = self.model.optimizer
        with replaced([(optimizer, "_all_reduce_sum_gradients", lambda pairs: pairs)]):
            optimizer.apply(flat, [row.flat for row in trained])
        for row in trained:
            row.scatter(row.flat)


class _Row:
    """Variables of a model laid end to end.

    Attributes:
        variables: Of the model.
        flat: Holds their numbers, one after another.
        decays: Whether the optimizer pulls them towards zero.
        trained: Whether they have gradients.
    """

    def __init__(self, group: tuple[list[Any], bool, bool]) -> None:
        self.variables, self.decays, self.trained = group
        self.flat = keras.Variable(_flat(self.variables), name="row")
        self._sizes = [int(np.prod(v.shape)) for v in self.variables]

    def gather(self) -> None:
        """Copy the variables into the row."""
        self.flat.assign(_flat(self.variables))

    def scatter(self, flat: Any) -> None:
        """Copy a row into the variables."""
        parts = tf.split(tf.convert_to_tensor(flat), self._sizes)
        for variable, part in zip(self.variables, parts, strict=True):
            variable.assign(tf.reshape(part, variable.shape))


def _is_told_ahead(rate: Any) -> bool:
    """Whether `rates_of` knows it: a schedule or a number, not any function."""
    schedule = keras.optimizers.schedules.LearningRateSchedule
    return isinstance(rate, schedule) or not callable(rate)


def _groups(model: keras.Model) -> list[tuple[list[Any], bool, bool]]:
    """Return variables to be laid end to end; whether they decay, and are trained.

    What is not trained but averaged is a group as well.
    """
    decays = model.optimizer._use_weight_decay
    trained = [(v, decays(v.value)) for v in model.trainable_weights]
    groups = [([v for v, d in trained if d], True, True)]
    groups.append(([v for v, d in trained if not d], False, True))
    if model.optimizer.use_ema:
        groups.append((model.non_trainable_weights, False, False))
    return [group for group in groups if group[0]]


def _unless_zero(value: np.ndarray) -> np.ndarray | None:
    """Return a value, or nothing where all of it is zero, as moments at first are."""
    return value if value.any() else None


def _flat(tensors: Sequence[Any]) -> Any:
    """Return tensors or variables end to end, float32."""
    return tf.concat([tf.reshape(tf.convert_to_tensor(t), [-1]) for t in tensors], 0)
