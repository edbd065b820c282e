"""The convolutional network for sentences: kernels 3, 4 and 5 words wide."""

from automl_search_spaces.landmarks.design import Design

#: Source: Kim (2014), arXiv:1408.5882, with words learnt from the data.
#: Measured on 15 % of the training split, best epoch: .895, .911 and .900 on TREC with
#: three seeds and 8 epochs; .773 on MR with one seed and 5 epochs.
DESIGN = Design(
    "kim-cnn",
    architecture={
        "embedding": 128,
        "embedding_dropout": 0.0,
        "block": "parallel",
        "stages": 1,
        "repeats": 1,
        "filters": 300,
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
