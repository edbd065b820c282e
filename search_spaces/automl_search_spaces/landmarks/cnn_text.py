"""Kernels three words wide and the largest value of each channel."""

from automl_search_spaces.landmarks.design import Design

DESIGN = Design(
    "cnn-text",
    architecture={
        "embedding": 64,
        "embedding_dropout": 0.0,
        "block": "plain",
        "stages": 1,
        "repeats": 1,
        "filters": 128,
        "kernel_size": 3,
        "normalization": "none",
        "activation": "relu",
        "head": "gmp",
        "dropout": 0.5,
    },
    training={
        "optimizer": "adam",
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "batch_size": 32,
        "augmentation": "none",
    },
    kinds=("text",),
)
