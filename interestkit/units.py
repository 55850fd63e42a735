"""Shares and chances as whole numbers, so that the simulated shop is the same on every processor.

Two processors may differ in the last bit of a sum, a power or an exponential, and a comparison turns
that bit into another customer. So shares are whole numbers out of `UNITS`, sums of them are exact, and an
event is a 32-bit whole number below a threshold. The thresholds come from +, -, * and / on single
elements, which IEEE 754 rounds in one way only; no sum of floats, power, root or exponential decides.
"""

import numpy as np

UNITS = 2**16  # an interest, a share of users, a chance of a category
_CHANCES = 2**32  # the grain of an event


def apportion(weights, total):
    """Whole shares in proportion to whole weights; what rounding leaves goes to the largest.

    Args:
        weights: (..., k) non-negative integers, at least one positive in each row, `weights.sum() * total`
            below 2**63.
        total: what each row of the result adds up to.

    Returns:
        (..., k) int64 array.
    """
    weights = np.asarray(weights, dtype=np.int64)
    shares = weights * total // weights.sum(-1, keepdims=True)
    largest = weights.argmax(-1)[..., None]
    rest = total - shares.sum(-1, keepdims=True)
    np.put_along_axis(shares, largest, np.take_along_axis(shares, largest, -1) + rest, -1)
    return shares


def spacings(rows, k, total, rng):
    """Split `total` into k whole parts at uniformly drawn places: a flat Dirichlet without a logarithm.

    Returns:
        (rows, k) int64 array of non-negative numbers, each row adding up to `total`.
    """
    cuts = np.sort(rng.integers(0, total, (rows, k - 1), endpoint=True), axis=1)
    return np.diff(cuts, axis=1, prepend=0, append=total)


def happens(probability, rng):
    """Draw events: True with the given probabilities, which are cut to multiples of 2**-32."""
    threshold = (np.asarray(probability) * _CHANCES).astype(np.int64)
    return rng.integers(0, _CHANCES, threshold.shape, dtype=np.uint32) < threshold


def pick(weights, size, rng):
    """Draw places with probabilities in proportion to whole weights.

    Args:
        weights: (k,) non-negative integers, at least one positive.
        size: how many.

    Returns:
        (size,) int64 array of values in 0..k-1.
    """
    upto = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.searchsorted(upto, rng.integers(0, upto[-1], size), side="right")
