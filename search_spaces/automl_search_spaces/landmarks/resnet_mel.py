"""A residual network on a log-mel spectrogram."""

from automl_search_spaces.landmarks.design import Design

#: Source: Hershey et al. (2017), arXiv:1609.09430; widths and depth are ours.
DESIGN = Design(
    "resnet-mel",
    architecture={
        "representation": "mel",
        "mel_bands": 40,
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
        "weight_decay": 0.02,
        "schedule": "cosine",
        "batch_size": 32,
        "augmentation": "light",
    },
    kinds=("audio",),
)
