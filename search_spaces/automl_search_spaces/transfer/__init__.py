"""Trained networks as a starting point: found, loaded safely, cut, fitted to data."""
