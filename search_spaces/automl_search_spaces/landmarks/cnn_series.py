"""Plain convolutions and dense layers, which know where in a series something is."""

from automl_search_spaces.landmarks.design import Design

#: Measured on a fifth of the training split (8 to 54 samples), one seed:
#: 1.00 on ItalyPowerDemand (.976 over three seeds), BasicMotions
#: (60 epochs) and JapaneseVowels (30).
DESIGN = Design(
    "cnn-series",
    architecture={
        "block": "plain",
        "padding": "same",
        "stages": 3,
        "repeats": 1,
        "filters": 32,
        "growth": 1.5,
        "kernel_size": 5,
        "pooling": "max",
        "normalization": "batch",
        "activation": "relu",
        "head": "dense",
        "dense_layers": 1,
        "dense_units": 120,
        "dropout": 0.4,
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
