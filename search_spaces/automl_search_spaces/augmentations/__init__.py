"""Augmentations: random changes of training samples. One file a family."""
