"""Convolutions on the waveform itself."""

from automl_search_spaces.landmarks.design import Design

#: Source: Dai et al. (2017), arXiv:1610.00087, M5; the stem's stride and the widths
#: are ours.
DESIGN = Design(
    "m5",
    architecture={
        "representation": "waveform",
        "block": "plain",
        "padding": "same",
        "stages": 4,
        "repeats": 1,
        "filters": 32,
        "growth": 1.5,
        "kernel_size": 5,
        "pooling": "max",
        "normalization": "batch",
        "activation": "relu",
        "head": "gap",
        "dropout": 0.2,
    },
    training={
        "optimizer": "adamw",
        "learning_rate": 3e-3,
        "weight_decay": 0.02,
        "schedule": "cosine",
        "batch_size": 32,
        "augmentation": "light",
    },
    kinds=("audio",),
)
