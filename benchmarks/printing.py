"""What the benchmarks print."""


def say(*words: object) -> None:
    """Print a line at once, also into a file that somebody watches."""
    print(*words, flush=True)  # noqa: T201
