"""The space of published networks: which of them, how wide, and how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import keras
import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import changes_of
from automl_search_spaces.cost import count_macs
from automl_search_spaces.dimensions.catalog import Values, active_values
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.dimensions.training import declare_training
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.heads import answer
from automl_search_spaces.landmarks.points import nearest_values
from automl_search_spaces.outline import without_weights
from automl_search_spaces.published.catalog import PUBLISHED
from automl_search_spaces.representations.catalog import (
    REPRESENTATIONS,
    representations_of,
)
from automl_search_spaces.space import Landmark
from automl_search_spaces.trial_space import SpaceOptions, TrialSpace

#: Factors of every number of filters, and how people write them.
WIDTHS: Mapping[float, str] = {1.0: "", 0.5: " x1/2", 0.25: " x1/4", 0.125: " x1/8"}

#: The dimensions on which a network hangs.
_NETWORK = ("network", "width", "mel_bands", "embedding", "embedding_dropout")

#: How a network is trained first, unless it says otherwise itself.
_TRAINING: Values = {
    "optimizer": "adamw",
    "learning_rate": 2e-3,
    "weight_decay": 0.02,
    "schedule": "cosine",
    "batch_size": 32,
    "augmentation": "light",
}


class LandmarkSpace(TrialSpace):
    """Published networks for one data set, whole or narrower, and their training.

    Example:
        >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
        ...                 ("a", "b"), 80, 10, 10, (10.0,), (3.0,))
        >>> space = LandmarkSpace(spec, max_epochs=5)
        >>> space.notation({"network": "resnet18", "width": 0.5})
        'resnet18 x1/2'
    """

    def __init__(self, spec: DataSpec, **options: Unpack[SpaceOptions]) -> None:
        """Choose the networks that admit the data.

        Args:
            spec: The data.
            **options: See `SpaceOptions`.

        Raises:
            SpaceError: If a limit is below 1, or no network admits the data.
        """
        super().__init__("landmarks", spec, **options)
        self.representation = next(iter(representations_of(spec)), "")
        self.networks = self._admitted()
        self._outlines: dict[tuple[Any, ...], keras.Model] = {}

    def network(self, hp_values: Mapping[str, Any]) -> keras.Model:
        """Return the network of a trial, not compiled and without weights.

        Augmentation is left out; what trials share is built once.
        """
        values = {**self.complete(hp_values), "augmentation": "none"}
        key = tuple(values.get(name) for name in _NETWORK)
        if key not in self._outlines:
            with without_weights():
                self._outlines[key] = self._network(values)
        return self._outlines[key]

    def architecture(self) -> keras_tuner.HyperParameters:
        """Return the dimensions of the network alone, without its training."""
        hp = keras_tuner.HyperParameters()
        self._declare_network(Declaration(hp, self.narrowing))
        return hp

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return every network at the greatest width that fits, the cheapest first."""
        found = [self._widest(name) for name in self.networks]
        fitting = [landmark for landmark in found if landmark is not None]
        return tuple(sorted(fitting, key=self._macs))

    def notation(self, hp_values: Mapping[str, Any]) -> str:
        """Return the published name, and the width if it is not the published one."""
        values = self.complete(hp_values)
        return f"{values['network']}{WIDTHS[values['width']]}"

    def _admitted(self) -> tuple[str, ...]:
        """Return the names of the networks that admit the data."""
        if self.representation:
            shape = REPRESENTATIONS[self.representation].shape(self.spec, {})
            names = tuple(n.name for n in PUBLISHED if n.admits(shape))
            if names:
                return names
        raise SpaceError(
            f"No landmark network admits samples of kind {self.spec.kind!r} and shape "
            f"{self.spec.shape}; choose another space."
        )

    def _declare_network(self, declaration: Declaration) -> None:
        declaration.choice("network", self.networks, self.networks[0])
        declaration.choice("width", list(WIDTHS), 1.0)
        REPRESENTATIONS[self.representation].declare(declaration, self.spec)

    def _declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Declare every hyperparameter and return the value of every dimension."""
        declaration = Declaration(hp, self.narrowing)
        self._declare_network(declaration)
        declare_training(declaration, self.spec, balanced=self.balanced)
        usual = {"augmentation": "none", "representation": self.representation}
        return {**usual, **declaration.fixed, **active_values(hp)}

    def _widest(self, name: str) -> Landmark | None:
        """Return a network at the greatest width that fits, if there is one."""
        points = [self._point(name, width) for width in WIDTHS]
        left = [point for point in points if point is not None]
        if not left or not (self.fits(left[0]) or self.fits(left[-1])):
            return None
        return Landmark(name, next(point for point in left if self.fits(point)))

    def _point(self, name: str, width: float) -> dict[str, Any] | None:
        """Return a network as it is first trained, or nothing if it is not left."""
        wanted = {**_TRAINING, **PUBLISHED[name].training}
        wanted |= {"network": name, "width": width}
        values = nearest_values(self._declare, wanted)
        left = self.complete(values)
        return values if (left["network"], left["width"]) == (name, width) else None

    def _macs(self, landmark: Landmark) -> int:
        return count_macs(self.network(landmark.values)).total

    def _network(self, values: Values) -> keras.Model:
        inputs, x = _represented(self.spec, values)
        x = PUBLISHED[values["network"]].apply(x, values["width"])
        return keras.Model(inputs, answer(x, self.spec))


def _represented(spec: DataSpec, values: Values) -> tuple[Any, Any]:
    """Return the input and what a network sees of it; padding is zero there."""
    dtype = "int32" if spec.kind == "text" else "float32"
    inputs = keras.Input(tuple(int(n) for n in spec.shape), dtype=dtype)
    represent = REPRESENTATIONS[values["representation"]].apply
    return inputs, represent(inputs, spec, values, changes_of(spec, values)).x
