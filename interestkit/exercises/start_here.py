"""Exercises of 00_start_here: a first one, to learn how the workbook answers."""

import numpy as np

from interestkit.workbook.exercise import exercise


@exercise(
    "start.shares",
    minutes=3,
    level="junior",
    hints=(
        "A household's share of a category is its count, as a part of all its purchases.",
        "Sum along each row first: that is one total for each household, not one for the whole table.",
        "Let the totals keep two dimensions, so that every row is divided by its own: `keepdims=True`. "
        "For a total of 0, divide by 1 instead.",
    ),
)
def shares(counts):
    """What part of each household's purchases fell into each category.

    Args:
        counts: (n, m) array of purchases: n households, m categories.
    Returns:
        (n, m) array whose rows sum to 1; a household without purchases has a row of zeros.
    """
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.maximum(totals, 1)


@shares.cases
def _(rng):
    yield np.array([[2, 1, 1], [0, 3, 1]])
    yield np.array([[5, 0], [0, 0], [0, 1]])  # nothing, and one thing, bought
    yield np.array([[0, 0, 0]])
    yield rng.integers(0, 9, (5, 3))
    yield rng.integers(0, 50, (3, 7))


@shares.alternative
def _(counts):
    result = []
    for row in counts:
        total = sum(row)
        result.append([count / total if total else 0.0 for count in row])
    return result


@shares.alternative
def _(counts):
    totals = counts.sum(1)
    result = np.zeros(counts.shape)
    return np.divide(counts, totals[:, None], out=result, where=totals[:, None] > 0)


@shares.misconception("You divided by the total of the whole table. Each household has a total of its own: one a row.")
def _(counts):
    return counts / max(counts.sum(), 1)


@shares.misconception("You divided by the total of each category, along the columns. A household is a row: `axis=1`.")
def _(counts):
    return counts / np.maximum(counts.sum(axis=0), 1)


@shares.misconception("0 divided by 0 is NaN: a household without purchases needs a row of zeros.")
def _(counts):
    return counts / counts.sum(axis=1, keepdims=True)


@shares.misconception(
    "You divided by the largest count of the row. Shares are parts of the row's sum, and add up to 1."
)
def _(counts):
    return counts / np.maximum(counts.max(axis=1, keepdims=True), 1)


@shares.misconception(
    "You divided by the total of each category, along the columns, and where that is 0 by nothing. "
    "A household is a row: `axis=1`."
)
def _(counts):
    return counts / counts.sum(axis=0)


@shares.misconception(
    "You divided by the total of the whole table, even where it is 0. Each row has a total of its own."
)
def _(counts):
    return counts / counts.sum()


@shares.misconception(
    "Your table holds whole numbers, and cuts the decimals off the shares: make it with `np.zeros(counts.shape)`."
)
def _(counts):
    result = np.zeros_like(counts)
    for i, row in enumerate(counts):
        result[i] = row / max(row.sum(), 1)
    return result
