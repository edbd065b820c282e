"""Plain 3-wide convolutions with batch normalisation, in three stages."""

from automl_search_spaces.landmarks.design import Design

#: Source: Simonyan & Zisserman (2014), arXiv:1409.1556; widths and head are ours.
DESIGN = Design(
    "vgg-small",
    architecture={
        "block": "plain",
        "padding": "same",
        "stages": 3,
        "repeats": 2,
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
        "optimizer": "sgd",
        "learning_rate_sgd": 0.1,
        "momentum": 0.9,
        "nesterov": True,
        "weight_decay_sgd": 5e-4,
        "schedule": "cosine",
        "batch_size": 64,
        "augmentation": "light",
    },
)
