"""A user's own models as a search space: KerasTuner's `build(hp)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import tensorflow as tf

from automl.user_file import fault_of_file
from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.space import Landmark

_DEFAULT_BATCH_SIZE = 64
_MAX_NOTATION_VALUES = 6


class UserSpace:
    """The models that a user's `build(hp)` returns.

    The model must be compiled, take the numbers as the data set holds them, and give
    probabilities. A hyperparameter called `batch_size` sets the batch size.
    """

    def __init__(
        self, path: Path, build: Callable[..., keras.Model], spec: DataSpec
    ) -> None:
        """Wrap a build function.

        Args:
            path: The file that defines it; its name is what networks are called.
            build: Takes `keras_tuner.HyperParameters`, returns a compiled model.
            spec: The data.
        """
        self.path = path
        self.spec = spec
        self._build = build

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model for the values in `hp`.

        Raises:
            SpaceError: If the user's code fails, or returns no model for the data.
        """
        try:
            model = self._build(hp)
        except (MemoryError, tf.errors.ResourceExhaustedError):
            raise
        except Exception as error:
            raise failure(self.path, error) from error
        self._check(model)
        return model

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declare every dimension that is active, by building a model."""
        self.build(hp)

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return nothing: a user's space has no published networks."""
        return ()

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Return that it does: only a build tells what a network of a user's costs."""
        return True

    def batch_size(self, values: Mapping[str, Any]) -> int:
        """Return the samples a batch."""
        return int(values.get("batch_size", _DEFAULT_BATCH_SIZE))

    def notation(self, values: Mapping[str, Any]) -> str:
        """Return the file's name and the first values."""
        shown = list(values.items())[:_MAX_NOTATION_VALUES]
        return " ".join([self.path.stem, *(f"{name}={value}" for name, value in shown)])

    def _check(self, model: Any) -> None:
        """Refuse what can't be trained on the data."""
        if not isinstance(model, keras.Model) or not model.compiled:
            kind = "a model that is not" if isinstance(model, keras.Model) else "none"
            raise SpaceError(
                f"{self.path}: build(hp) must return a compiled keras.Model, but it "
                f"returned {kind}{'' if kind == 'none' else ' compiled'}."
            )
        given = tuple(self.spec.shape), (self.spec.num_outputs,)
        taken = _sample_shape(model.inputs), _sample_shape(model.outputs)
        for what, shape, wanted in zip(("take", "give"), taken, given, strict=True):
            if not _admits(shape, wanted):
                raise SpaceError(
                    f"{self.path}: the model must {what} samples of shape {wanted}, "
                    f"but its shape is {shape}."
                )


def failure(path: Path, error: BaseException) -> SpaceError:
    """Return an error that says on which line of a user's file it happened."""
    return SpaceError(fault_of_file(path, error))


def _sample_shape(tensors: Any) -> tuple[int | None, ...] | None:
    """Return the shape of one sample, `None` where there is not one tensor."""
    return tuple(tensors[0].shape[1:]) if tensors and len(tensors) == 1 else None


def _admits(shape: tuple[int | None, ...] | None, sample: tuple[int, ...]) -> bool:
    """Whether a model of that shape takes or gives such samples."""
    if shape is None or len(shape) != len(sample):
        return False
    return all(a is None or a == b for a, b in zip(shape, sample, strict=True))
