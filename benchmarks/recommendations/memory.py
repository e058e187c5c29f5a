"""How much memory this process has needed at most."""

import resource


def peak_memory() -> float:
    """GiB, the greatest resident size so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
