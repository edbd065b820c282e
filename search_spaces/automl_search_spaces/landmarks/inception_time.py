"""Inception modules with kernels of many lengths, for time series."""

from automl_search_spaces.landmarks.design import Design

#: Source: Ismail Fawaz et al. (2020), arXiv:1909.04939.
DESIGN = Design(
    "inception-time",
    architecture={
        "block": "inception_time",
        "stages": 2,
        "repeats": 3,
        "filters": 64,
        "growth": 1.0,
        "kernel_size": 11,
        "pooling": "none",
        "normalization": "batch",
        "activation": "relu",
        "head": "gap",
        "dropout": 0.2,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 0.05,
        "schedule": "cosine",
        "batch_size": 16,
        "augmentation": "light",
    },
    kinds=("series",),
)
