"""What the fork server imports once, so that a worker starts in a fraction of a second.

Importing builds no graph and starts no thread, so that forking afterwards is safe.
"""

import gc

import keras  # noqa: F401
import keras_tuner  # noqa: F401
import tensorflow as tf  # noqa: F401

import automl.training.trial  # noqa: F401

# What was imported stays: to search it for garbage in every trial takes 0.2 s.
gc.freeze()
