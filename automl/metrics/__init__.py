"""What a model is judged by: a catalog of metrics, and their values on numpy arrays."""
