"""The fully convolutional network for time series."""

from automl_search_spaces.landmarks.design import Design

#: Source: Wang, Yan & Oates (2017), arXiv:1611.06455; its kernels are 8, 5 and 3 and
#: its channels 128, 256 and 128.
#: Measured on a fifth of the training split (8 to 54 samples), one seed:
#: 1.00 on ItalyPowerDemand and BasicMotions (60 epochs).
DESIGN = Design(
    "fcn",
    architecture={
        "block": "plain",
        "padding": "same",
        "stages": 3,
        "repeats": 1,
        "filters": 64,
        "growth": 1.5,
        "kernel_size": 7,
        "pooling": "none",
        "normalization": "batch",
        "activation": "relu",
        "head": "gap",
        "dropout": 0.2,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 0.02,
        "schedule": "cosine",
        "batch_size": 16,
        "augmentation": "light",
    },
    kinds=("series",),
)
