"""Seeds for whatever is drawn, each its own, all from the seed of the run."""

import hashlib


def derive_seed(*parts: object) -> int:
    """Return a seed below 2^31 that differs wherever any part differs.

    KerasTuner counts its seed up by one for every value it draws, so that runs with
    neighbouring seeds share most of their configurations.

    Example:
        >>> derive_seed(0, "trial", 1) == derive_seed(0, "trial", 1)
        True
    """
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 2**31
