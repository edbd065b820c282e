"""The hyperparameters of the space: what a network is made of, how it is trained."""
