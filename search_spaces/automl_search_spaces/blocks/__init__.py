"""Blocks: what a stage of a network is made of. One file each."""
