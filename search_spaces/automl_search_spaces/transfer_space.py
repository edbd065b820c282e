"""The space of one trained network: how much of it is trained on, and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

import keras
import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import changes_of
from automl_search_spaces.dimensions.catalog import Values, active_values
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.dimensions.training import declare_training
from automl_search_spaces.heads import answer
from automl_search_spaces.landmarks.points import nearest_values
from automl_search_spaces.outline import without_weights
from automl_search_spaces.ranks import pool_globally
from automl_search_spaces.space import Landmark
from automl_search_spaces.transfer.entry import check_entry, enter, sizes_of
from automl_search_spaces.transfer.files import load_keras_file
from automl_search_spaces.transfer.grafting import graft, num_trained
from automl_search_spaces.trial_space import SpaceOptions, TrialSpace

_SHARES = (0.0, 0.25, 0.5, 1.0)

_TRAINING: Values = {
    "optimizer": "adamw",
    "weight_decay": 0.02,
    "schedule": "cosine",
    "batch_size": 32,
    "augmentation": "light",
    "dropout": 0.2,
}

#: What is tried first: a new head learns fast, a whole network that knows something
#: slowly.
_FIRST: Mapping[str, Values] = {
    "frozen": {"trainable": 0.0, "learning_rate": 5e-3},
    "fine-tuned": {"trainable": 1.0, "learning_rate": 1e-3},
}


class TransferSpace(TrialSpace):
    """A trained network with a new head, frozen or fine-tuned in part or as a whole."""

    def __init__(
        self, spec: DataSpec, *, trunk: Path, **options: Unpack[SpaceOptions]
    ) -> None:
        """Load the trunk.

        Args:
            spec: The data.
            trunk: File that `transfer.trunk.save_trunk` wrote.
            **options: See `SpaceOptions`.

        Raises:
            SpaceError: If a limit is below 1, or the trunk can't be loaded or does not
                suit the data.
        """
        self.trunk = load_keras_file(trunk)
        check_entry(self.trunk, spec)
        super().__init__(self.trunk.name, spec, **options)
        self.sizes = sizes_of(self.trunk, spec)

    def network(self, hp_values: Mapping[str, Any]) -> keras.Model:
        """Return the network of a trial, not compiled and without weights.

        Augmentation is left out.
        """
        values = {**self.complete(hp_values), "augmentation": "none"}
        with without_weights():
            return self._network(values, outline=True)

    def architecture(self) -> keras_tuner.HyperParameters:
        """Return the dimensions of the network alone, without its training."""
        hp = keras_tuner.HyperParameters()
        self._declare_network(Declaration(hp, self.narrowing))
        return hp

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return the trunk frozen and fine-tuned as a whole, if it fits."""
        found = []
        for name, values in _FIRST.items():
            wanted = {**_TRAINING, **values, "side": self._usual_side()}
            point = nearest_values(self._declare, wanted)
            if self.fits(point):
                found.append(Landmark(f"{self.trunk.name} {name}", point))
        return tuple(found)

    def notation(self, hp_values: Mapping[str, Any]) -> str:
        """Return the trunk, its side if that is open, and how much is trained on."""
        values = self.complete(hp_values)
        share = values["trainable"]
        words = [self.trunk.name]
        if len(self.sizes) > 1:
            words.append(f"{values['side']}px")
        words.append("frozen" if share == 0 else f"{100 * share:.0f}% fine-tuned")
        if values["dropout"] > 0:
            words.append(f"drop{values['dropout']:.1f}")
        return " ".join(words)

    def _declare_network(self, declaration: Declaration) -> None:
        declaration.choice("trainable", self._shares(), 0.0)
        declaration.choice("side", [s[0] for s in self.sizes], self._usual_side())
        declaration.number("dropout", 0.0, 0.5, 0.2, step=0.1)

    def _declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Declare every hyperparameter and return the value of every dimension."""
        declaration = Declaration(hp, self.narrowing)
        self._declare_network(declaration)
        declare_training(declaration, self.spec, balanced=self.balanced)
        return {"augmentation": "none", **declaration.fixed, **active_values(hp)}

    def _shares(self) -> list[float]:
        """Return the shares of the trunk that differ in what is trained on."""
        by_number = {num_trained(self.trunk, s): s for s in reversed(_SHARES)}
        return sorted(by_number.values())

    def _usual_side(self) -> int:
        """Return the smallest side that shows all of the data."""
        longest = max(self.spec.shape[:-1])
        sides = [size[0] for size in self.sizes]
        return next((side for side in sides if side >= longest), sides[-1])

    def _network(self, values: Values, *, outline: bool = False) -> keras.Model:
        """Return the network of `values`, not compiled."""
        inputs = x = keras.Input(tuple(int(n) for n in self.spec.shape))
        for layer in changes_of(self.spec, values).raw:
            x = layer(x)
        size = next(size for size in self.sizes if size[0] == values["side"])
        x = enter(x, self.spec, self.trunk, size)
        x = graft(self.trunk, x, share=values["trainable"], outline=outline)
        if len(x.shape) > 2:
            x = pool_globally(x)
        if values["dropout"] > 0:
            x = keras.layers.Dropout(values["dropout"])(x)
        return keras.Model(inputs, answer(x, self.spec))
