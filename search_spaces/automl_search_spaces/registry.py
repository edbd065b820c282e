"""The search spaces by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.dimensions.declaration import DimensionError, Narrowing
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.landmark_space import LandmarkSpace
from automl_search_spaces.narrowing import combine
from automl_search_spaces.space import SearchSpace

#: Parameters that the flash memory of a small microcontroller holds as int8.
TINY_PARAMETERS = 250_000


@dataclass(frozen=True)
class Space:
    """A search space that can be asked for.

    Attributes:
        name: What it is called.
        summary: What it holds, in one sentence.
        narrowing: What it leaves of the dimensions.
        limits: Limits that always hold, by their argument of `create`.
        kinds: Kinds of data that it suits; empty for all.
        create: Makes the space, see `SearchSpace`.
    """

    name: str
    summary: str
    narrowing: Narrowing = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    create: Callable[..., SearchSpace | LandmarkSpace] = SearchSpace


SPACES: Catalog[Space] = Catalog(
    "search space",
    Space(
        "auto",
        "Every block and dimension that suits the data, bounded by data and budget.",
    ),
    Space(
        "cnn",
        "Stages of plain convolutions, as in LeNet and VGG.",
        {"block": ("plain",)},
    ),
    Space(
        "resnet",
        "Convolutions with shortcuts, as in ResNet.",
        {"block": ("residual", "bottleneck")},
    ),
    Space(
        "inception",
        "Kernels of several widths side by side, as in GoogLeNet and InceptionTime.",
        {"block": ("inception", "inception_time")},
    ),
    Space(
        "mobile",
        "Depthwise separable convolutions, as in Xception and MobileNet.",
        {"block": ("separable", "inverted")},
    ),
    Space(
        "tiny",
        "Networks for microcontrollers: at most 250,000 parameters, and layers that "
        "become int8.",
        {
            "block": ("plain", "separable", "inverted"),
            "filters": (6, 8, 12, 16, 24, 32),
            "kernel_size": (3, 5),
            "growth": (1.0, 1.5, 2.0),
            "pooling": ("max", "average", "stride"),
            "normalization": ("batch",),
            "activation": ("relu",),
            "squeeze_excitation": (False,),
            "head": ("gap",),
        },
        limits={"max_params": TINY_PARAMETERS},
        kinds=("image", "series", "audio", "volume", "video"),
    ),
    Space(
        "landmarks",
        "Published networks from LeNet-5 to ConvNeXt, whole or narrower.",
        create=LandmarkSpace,
    ),
)


def create_space(
    name: str,
    spec: DataSpec,
    *,
    narrowing: Narrowing | None = None,
    **options: Any,
) -> SearchSpace | LandmarkSpace:
    """Return the space called `name` for the data.

    Args:
        name: One of `SPACES.names`.
        spec: The data.
        narrowing: What is left of which dimension, besides what the space leaves.
        **options: What `SearchSpace` takes; limits of the space's own hold as well.

    Raises:
        SpaceError: If there is no such space, or it does not suit the data.
        DimensionError: If nothing is left of a dimension.
    """
    space = SPACES[name]
    if space.kinds and spec.kind not in space.kinds:
        raise SpaceError(
            f"The search space {name} does not suit data of kind {spec.kind!r}, only "
            f"{', '.join(space.kinds)}; choose another, such as auto."
        )
    for limit, value in space.limits.items():
        options[limit] = min(value, options.get(limit) or value)
    left = combine(space.narrowing, narrowing or {})
    try:
        return space.create(spec, narrowing=left, **options)
    except DimensionError as error:
        if error.dimension in (narrowing or {}) or error.dimension != "block":
            raise
        raise SpaceError(
            f"The search space {name} has no network for samples of shape "
            f"{spec.shape}; choose another, such as auto."
        ) from error
