"""The best few of many scores, with ties decided the same way everywhere: the lowest id first."""

import numpy as np


def top_k(scores, k):
    """Ids of the highest scores of each row, the best first; of equal scores, the lowest id first.

    Args:
        scores: (n, m) array, or (m,) for one user. An item scored -inf is never shown.
        k: length of the lists, at least 1. More than m gives lists of all m items.

    Returns:
        (n, min(k, m)) whole numbers, or (min(k, m),) for one user; -1 where nothing is left to show.

    Raises:
        ValueError: for a NaN among the scores, or a k below 1.
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim == 1:
        return top_k(scores[None], k)[0]
    if scores.ndim != 2:
        raise ValueError(f"scores must have shape (users, items) or (items,), got {scores.shape}")
    k = min(length(k), scores.shape[1])
    if np.isnan(scores).any():
        raise ValueError(f"scores must be numbers, got NaN for user {np.isnan(scores).any(1).argmax()}")
    if k == 0:
        return np.empty((len(scores), 0), np.int64)
    last = np.partition(scores, scores.shape[1] - k, axis=1)[:, -k, None]  # the k-th highest of each row
    above, equal = scores > last, scores == last
    room = k - above.sum(1, keepdims=True)
    chosen = np.nonzero(above | (equal & (equal.cumsum(1) <= room)))[1].reshape(len(scores), k)  # ids rising
    value = np.take_along_axis(scores, chosen, 1)
    order = np.argsort(-value, axis=1, kind="stable")
    chosen, value = np.take_along_axis(chosen, order, 1), np.take_along_axis(value, order, 1)
    return np.where(value == -np.inf, -1, chosen)


def length(k):
    """The length of a list, checked.

    Args:
        k: what a caller asks for.

    Returns:
        the same, as an int.

    Raises:
        ValueError: if it is no whole number, or below 1.
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ValueError(f"k must be a whole number of at least 1, got {k!r}")
    return int(k)
