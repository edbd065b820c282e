"""Data handed over in Python, written down once as files that every phase reads."""
