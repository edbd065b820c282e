"""Scripts that load an export where this package, or Keras too, is absent."""
