"""The run directory: the one record of what happened."""
