"""A residual network that trains in minutes on one core."""

from automl_search_spaces.landmarks.design import Design

#: Source: He et al. (2016), arXiv:1512.03385; the widths are ours.
DESIGN = Design(
    "resnet-small",
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
        "dropout": 0.0,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 5e-3,
        "weight_decay": 0.02,
        "schedule": "cosine",
        "batch_size": 64,
        "augmentation": "light",
    },
)
