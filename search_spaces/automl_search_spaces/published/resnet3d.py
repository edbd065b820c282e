"""The three-dimensional residual network with 18 layers, for video and volumes."""

from __future__ import annotations

from typing import Any

from automl_search_spaces.published.layers import averaged, normalized
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.resnet import basic, stages
from automl_search_spaces.published.scale import Scale

_REPEATS = (2, 2, 2, 2)


def body(x: Any, scale: Scale) -> Any:
    """A stem that keeps the frames, four stages of basic units, an average.

    Source:
        Tran et al. (2018), arXiv:1711.11248: R3D-18.
    """
    strides = (1, 2, 2) if scale.published else scale.strides(0)
    kernel: Any = (3, 7, 7) if max(strides) > 1 else 3
    x = normalized(x, scale.filters(64), kernel, strides=strides)
    return averaged(stages(x, scale, basic, _REPEATS))


NETWORKS = (PublishedNetwork("resnet3d18", body, (16, 112, 112, 3), 4, ranks=(3,)),)
