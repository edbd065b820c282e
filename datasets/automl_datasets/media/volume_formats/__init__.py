"""Formats of files that hold one volume each. One module a format."""
