"""Landmarks: networks that are good, or known, before any trial. One file each."""
