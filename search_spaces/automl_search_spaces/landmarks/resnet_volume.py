"""A residual network in space or time."""

from automl_search_spaces.landmarks.design import Design

#: Source: Hara et al. (2018), 3D ResNets, arXiv:1711.09577; widths and depth are
#: ours.
DESIGN = Design(
    "resnet-volume",
    architecture={
        "block": "residual",
        "stages": 3,
        "repeats": 1,
        "filters": 16,
        "growth": 2.0,
        "kernel_size": 3,
        "pooling": "max",
        "normalization": "batch",
        "activation": "relu",
        "head": "gap",
        "dropout": 0.2,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 3e-3,
        "weight_decay": 0.05,
        "schedule": "cosine",
        "batch_size": 16,
        "augmentation": "light",
    },
    kinds=("volume", "video"),
)
