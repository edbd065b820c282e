"""Which model to trust: finalists, intervals, ties, the recommended one."""
