"""LeNet-5: 61 706 parameters for 28x28x1 or 32x32x1 and 10 classes."""

from automl_search_spaces.landmarks.design import Design

#: Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to
#: document recognition. Its subsampling is a plain average here, C3 is connected
#: fully, and softmax stands for the radial basis functions.
DESIGN = Design(
    "lenet5",
    architecture={
        "block": "plain",
        "padding": "valid",
        "stages": 2,
        "repeats": 1,
        "filters": 6,
        "growth": 2.7,
        "kernel_size": 5,
        "pooling": "average",
        "normalization": "none",
        "activation": "tanh",
        "head": "dense",
        "dense_layers": 2,
        "dense_units": 120,
        "dropout": 0.0,
    },
    training={
        "optimizer": "adam",
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "batch_size": 64,
        "augmentation": "light",
        "flip": False,  # so that one landmark tells left from right
    },
    published=True,
)
