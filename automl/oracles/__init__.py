"""Search strategies: what to try next, and for how many epochs."""
