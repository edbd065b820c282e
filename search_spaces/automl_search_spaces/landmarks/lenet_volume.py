"""Few plain convolutions and a dense layer, which knows where something is."""

from automl_search_spaces.landmarks.design import Design

#: Source: after LeCun et al. (1998), in three dimensions. Without augmentation: the
#: other landmarks of volumes shift them, which does harm where the place matters.
DESIGN = Design(
    "lenet-volume",
    architecture={
        "block": "plain",
        "padding": "same",
        "stages": 2,
        "repeats": 1,
        "filters": 12,
        "growth": 2.0,
        "kernel_size": 3,
        "pooling": "max",
        "normalization": "batch",
        "activation": "relu",
        "head": "dense",
        "dense_layers": 1,
        "dense_units": 64,
        "dropout": 0.4,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 0.02,
        "schedule": "cosine",
        "batch_size": 16,
        "augmentation": "none",
    },
    kinds=("volume", "video"),
)
