"""The error that a wrong request to this room raises."""


class SpaceError(ValueError):
    """A search space, block or landmark can't be had as asked."""
