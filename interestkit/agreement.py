"""Do clusters mean anything, and do two clusterings say the same?"""

from __future__ import annotations

import numpy as np

from interestkit.nearest import EPS, blocks, table, whole


def silhouette_samples(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Silhouette of each point, (b - a) / max(a, b), between -1 and 1.

    a is the mean distance to the *other* points of its cluster, b the smallest mean distance to
    the points of another cluster. A point alone in its cluster has silhouette 0. Time grows with
    n², memory with n.

    Args:
        points: (n, d) array.
        labels: (n,) integers, at least two different ones.
    Returns:
        (n,) array.
    Source:
        Rousseeuw, Silhouettes, J. Comput. Appl. Math. 20 (1987).
    """
    points = table(points, "points")
    names, labels = np.unique(whole(labels, len(points)), return_inverse=True)
    if len(names) < 2:
        raise ValueError("a silhouette needs at least 2 clusters, got 1")
    points = points - points.mean(0)
    norms = np.einsum("ij,ij->i", points, points)
    member = np.eye(len(names))[labels]  # (n, k)
    sizes, result = member.sum(0), np.zeros(len(points))
    for block in blocks(len(points), len(points), budget=2**21):
        own, rows = labels[block], np.arange(len(labels[block]))
        scale = norms[block, None] + norms
        squares = scale - 2 * points[block] @ points.T
        squares[squares < 8 * EPS * scale] = 0  # equal points, up to rounding
        squares[rows, np.arange(block.start, block.stop)] = 0
        sums = np.sqrt(squares, out=squares) @ member  # (block, k)
        a = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
        means = sums / sizes
        means[rows, own] = np.inf
        b = means.min(1)
        widest = np.maximum(a, b)
        fits = (sizes[own] > 1) & (widest > 0)
        result[block] = np.divide(b - a, widest, out=np.zeros_like(a), where=fits)
    return result


def silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette of all points; see `silhouette_samples`.

    Args:
        points: (n, d) array.
        labels: (n,) integers, at least two different ones.
    Returns:
        a number from -1 to 1.
    """
    return float(silhouette_samples(points, labels).mean())


def contingency(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Table of how many points have label i in `a` and label j in `b`.

    Args:
        a: (n,) integers from 0.
        b: (n,) integers from 0.
    Returns:
        (max(a) + 1, max(b) + 1) array of counts.
    """
    a = whole(a, np.size(a))
    b = whole(b, len(a))
    rows, columns = a.max() + 1, b.max() + 1
    return np.bincount(a * columns + b, minlength=rows * columns).reshape(rows, columns)


def align_labels(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`b` with its clusters renamed so that as many points as possible have their label in `a`.

    The renaming is one to one, and no other one agrees on more points (an assignment problem,
    solved exactly). Clusters of `b` that are left over, where it has more, get new names after
    those of `a`.

    Args:
        a: (n,) integers from 0: the names to keep.
        b: (n,) integers from 0: the clusters to rename.
    Returns:
        (n,) integers, the clusters of `b` under their new names.
    Source:
        Kuhn, The Hungarian method for the assignment problem, Naval Res. Logist. Q. 2 (1955).
    """
    from scipy.optimize import linear_sum_assignment

    counts = contingency(a, b)
    size = max(counts.shape)
    square = np.zeros((size, size))
    square[: counts.shape[0], : counts.shape[1]] = counts
    old, new = linear_sum_assignment(square.T, maximize=True)  # rows: b, columns: names of a
    names = np.empty(size, int)
    names[old] = new
    return names[whole(b, len(a))]


def adjusted_rand(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index: how far two clusterings agree on pairs; 1 the same, 0 as by chance.

    Names of clusters do not matter.

    Args:
        a: (n,) integers from 0.
        b: (n,) integers from 0.
    Returns:
        a number up to 1.
    Source:
        Hubert & Arabie, Comparing partitions, J. Classification 2 (1985).
    """
    counts = contingency(a, b).astype(float)

    def pairs(sizes):
        return (sizes * (sizes - 1) / 2).sum()

    both, rows, columns = pairs(counts), pairs(counts.sum(1)), pairs(counts.sum(0))
    chance = rows * columns / max(pairs(counts.sum()), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))
