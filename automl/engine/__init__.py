"""The conductor: from a request to a finished run."""
