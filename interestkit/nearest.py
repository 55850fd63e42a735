"""The nearest center of each point: the fast inside of `clusters`, block by block.

Blocks are of a size that stays in the cache of one core. Its users check the
arguments, with `table`, `fitting` and `whole`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

EPS = np.finfo(float).eps
CACHE = 2**17  # floats that a block may use: 1 MB


class Look:
    """What all sweeps over the same points share."""

    def __init__(self, points):
        self.points, self.middle = points, points.mean(0)
        gap = to_one(points, self.middle)
        self.spread, self.reach = gap.sum(), np.sqrt(gap.max())


def sweep(look, centers):
    """One look at all points: labels, and per cluster the sum and the number of its points.

    Block by block, so that a block's table of scores stays in the cache. With m the mean of the
    points, |x - c|² - |x - m|² = |c - m|² + 2 m(c - m) - 2 x(c - m): one matrix product. Where
    two scores differ by less than rounding may explain, the point is compared again by
    differences, so that labels are those of the plain formula, ties included.
    """
    (n, d), k, m = look.points.shape, len(centers), look.middle
    arms = centers - m
    squares = np.einsum("ij,ij->i", arms, arms)
    bias, weights = (squares + 2 * arms @ m)[:, None], -2 * arms
    # rounding: eps d for each product |x| |c - m|, |m| |c - m|, |c - m|², with room to spare
    far, home = np.sqrt(squares.max()), np.sqrt(m @ m)
    slack = 8 * (d + 4) * EPS * far * (look.reach + far + 2 * home)
    size = min(n, block_size(d + 2 * k))
    scores, ones = np.empty((k, size)), np.empty((k, size))
    nearest, near, index = np.empty(size), np.empty((k, size), bool), np.arange(k, dtype=float)
    labels, sums, counts, cost = np.empty(n, np.intp), np.zeros((k, d)), np.zeros(k), look.spread
    for block in blocks(n, d + 2 * k):
        x = look.points[block]  # (block, d)
        score, one, best, mask = (t[..., : len(x)] for t in (scores, ones, nearest, near))
        np.matmul(weights, x.T, out=score)  # (k, block)
        score += bias
        np.minimum.reduce(score, axis=0, out=best)
        cost += best.sum()
        best += slack
        np.less_equal(score, best, out=mask)
        members = np.count_nonzero(mask, axis=1)
        if members.sum() != len(x):
            _settle_ties(x, centers, mask)
            members = np.count_nonzero(mask, axis=1)
        one[...] = mask
        labels[block] = index @ one
        sums += one @ x
        counts += members
    return labels, sums, counts, max(float(cost), 0.0)


def _settle_ties(x, centers, mask):
    """Leave one True in each column of `mask` (k, block): the nearest center, computed plainly."""
    tied = np.flatnonzero(np.count_nonzero(mask, axis=0) > 1)
    step = max(1, 2**20 // centers.size)
    for i in range(0, len(tied), step):
        few = tied[i : i + step]
        winner = ((x[few][:, None] - centers[None]) ** 2).sum(-1).argmin(1)
        mask[:, few] = winner == np.arange(len(centers))[:, None]


def to_one(points, center):
    """(n,) squared distances to one center, by differences: exactly 0 for an equal point."""
    result = np.empty(len(points))
    for block in blocks(len(points), 2 * points.shape[1]):
        gap = points[block] - center
        np.einsum("ij,ij->i", gap, gap, out=result[block])
    return result


def to_own(points, centers, labels):
    """(n,) squared distances to the center of each point's own cluster."""
    result = np.empty(len(points))
    for block in blocks(len(points), 2 * points.shape[1]):
        gap = points[block] - centers[labels[block]]
        np.einsum("ij,ij->i", gap, gap, out=result[block])
    return result


def block_size(width: int, budget: int = CACHE) -> int:
    """Rows of `width` floats that fit in `budget` floats, at least 64."""
    return max(64, budget // max(width, 1))


def blocks(n: int, width: int, budget: int = CACHE) -> Iterator[slice]:
    """Slices of 0..n; a block of them, `width` floats a row, fits in `budget` floats."""
    size = block_size(width, budget)
    for i in range(0, n, size):
        yield slice(i, min(i + size, n))


# Arguments


def table(values, name: str) -> np.ndarray:
    """`values` as a (rows, columns) array of finite floats, or a ValueError that says why not."""
    result = np.asarray(values, dtype=float)
    if result.ndim != 2 or 0 in result.shape:
        raise ValueError(f"{name} must be a table (rows, columns), got shape {result.shape}")
    if not np.isfinite(result).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity in some row")
    return result


def fitting(centers, points) -> np.ndarray:
    """`centers` as a table with as many columns as `points`."""
    centers = table(centers, "centers")
    if centers.shape[1] != points.shape[1]:
        raise ValueError(f"centers must have the {points.shape[1]} columns of points, got {centers.shape[1]}")
    return centers


def whole(values, n: int) -> np.ndarray:
    """`values` as n labels."""
    labels = np.asarray(values)
    if labels.shape != (n,) or not n or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(f"labels must be {n} whole numbers from 0, got {labels.dtype} of shape {labels.shape}")
    return labels.astype(np.intp, copy=False)
