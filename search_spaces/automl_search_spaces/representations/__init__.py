"""Representations: from raw samples to what convolutions work on. One file each."""
