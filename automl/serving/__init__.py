"""A model behind HTTP, with TensorFlow Serving's REST paths."""
