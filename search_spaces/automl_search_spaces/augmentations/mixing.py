"""Mixing the samples of a batch with one another, and their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.declaration import Declaration

#: Mixing is for long and strong training: not offered with these augmentations.
_GENTLE = frozenset({"none", "light"})

#: The parameter of the beta distribution that shares are drawn from.
#: Source: Zhang et al. (2018), arXiv:1710.09412, 0.1 to 0.4 on ImageNet; Yun et al.
#: (2019), arXiv:1905.04899, 1 throughout.
_CONCENTRATIONS: Mapping[str, float] = {"mixup": 0.2, "cutmix": 1.0}

#: Axes of a box that is cut, counted with the batch; a video's is the same in every
#: frame. Source: Yun et al. (2020), VideoMix, arXiv:2012.03457.
_BOXES: Mapping[str, tuple[int, ...]] = {
    "image": (1, 2),
    "volume": (1, 2, 3),
    "video": (2, 3),
}

_MIXED_KINDS = frozenset({"image", "series", "audio", "volume", "video"})


@dataclass(frozen=True)
class Mixing:
    """How the samples of a batch are mixed.

    Attributes:
        kind: `mixup` adds two samples; `cutmix` puts a box of one into the other.
        concentration: Both parameters of the beta distribution of the shares.
        num_classes: Classes that the mixed targets are shares of.
        axes: Axes along which a box is cut, counted with the batch.
    """

    kind: str
    concentration: float
    num_classes: int
    axes: tuple[int, ...] = ()


def mixing_of(spec: DataSpec, values: Mapping[str, Any]) -> Mixing | None:
    """Return how a trial mixes its batches, or `None` if it does not.

    Args:
        spec: The data.
        values: The value of every dimension.
    """
    kind = values.get("mixing", "none")
    if kind == "none" or values["augmentation"] in _GENTLE:
        return None
    axes = _BOXES[spec.kind] if kind == "cutmix" else ()
    return Mixing(kind, _CONCENTRATIONS[kind], spec.num_classes, axes)


def declare_mixing(
    declaration: Declaration, spec: DataSpec, strengths: Sequence[str]
) -> None:
    """Declare `mixing`, of classes only, where augmentation is not gentle.

    Args:
        declaration: The dimensions.
        spec: The data.
        strengths: Values of `augmentation` that the data admit.
    """
    if spec.task != "classification" or spec.kind not in _MIXED_KINDS:
        return
    names = ["none", "mixup", *(["cutmix"] if spec.kind in _BOXES else [])]
    with declaration.when("augmentation", [s for s in strengths if s not in _GENTLE]):
        declaration.choice("mixing", names, "none")
