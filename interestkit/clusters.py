"""K-means in NumPy: seeding, Lloyd's two steps, and what tells whether clusters mean anything.

For dense tables that fit in memory. Not here: sparse tables, sample weights, triangle-inequality
bounds, several threads; scikit-learn has them. Everything is computed in float64.

Two conventions hold throughout:

* **ties** go to the lowest index: a point as near to center 2 as to center 5 belongs to 2;
* **an empty cluster keeps its old center** in `update`, and in `kmeans` unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interestkit.agreement import (  # noqa: F401 (one place to look for all of clustering)
    adjusted_rand,
    align_labels,
    contingency,
    silhouette,
    silhouette_samples,
)
from interestkit.nearest import Look, blocks, fitting, sweep, table, to_one, to_own, whole


@dataclass(frozen=True)
class KMeansResult:
    """What `kmeans` found.

    Attributes:
        centers: (k, d) array.
        labels: (n,) integers in 0..k-1, the nearest of `centers` for each point.
        inertia: sum of squared distances of the points to their centers.
        iterations: how often the centers were updated. scikit-learn's `n_iter_` is one higher
            where the run converged: it counts the last look, which changes nothing.
        converged: whether the last update left every label as it was, or moved the centers
            by less than `tol`.
        history: (iterations + 1,) inertia after each assignment; it never rises.
    """

    centers: np.ndarray
    labels: np.ndarray
    inertia: float
    iterations: int
    converged: bool
    history: np.ndarray


# Lloyd's two steps


def assign(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Index of the nearest center for each point; the lowest index where several are as near.

    Args:
        points: (n, d) array.
        centers: (k, d) array.
    Returns:
        (n,) integers in 0..k-1.
    Raises:
        ValueError: if the shapes do not fit or a value is not finite.
    """
    points = table(points, "points")
    return sweep(Look(points), fitting(centers, points))[0]


def update(points: np.ndarray, labels: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Move each center to the mean of its points; an empty cluster keeps its old center.

    Args:
        points: (n, d) array.
        labels: (n,) integers in 0..k-1.
        centers: (k, d) array of old centers; not changed.
    Returns:
        (k, d) array of new centers.
    Raises:
        ValueError: if the shapes do not fit, or a label is no row of `centers`.
    """
    points = table(points, "points")
    centers = fitting(centers, points)
    labels = whole(labels, len(points))
    if labels.max() >= len(centers):
        raise ValueError(f"labels must be below the {len(centers)} centers, got {labels.max()}")
    sums, clusters = np.zeros_like(centers), np.arange(len(centers))[:, None]
    for block in blocks(len(points), points.shape[1] + len(centers)):
        sums += (labels[block] == clusters).astype(float) @ points[block]
    return _means(sums, np.bincount(labels, minlength=len(centers)), centers)


def kmeans(
    points: np.ndarray,
    start: int | np.ndarray,
    max_iter: int = 300,
    tol: float = 0.0,
    rng: np.random.Generator | None = None,
    *,
    seeding: Callable | None = None,
    restarts: int = 1,
    empty: str = "keep",
) -> KMeansResult:
    """Lloyd's algorithm: assign and update in turn until no label changes.

    Args:
        points: (n, d) array.
        start: the number of clusters k, or (k, d) starting centers.
        max_iter: at most so many updates.
        tol: stop early once the squared movement of all centers together is at most `tol`
            times the mean variance of a feature (scikit-learn's meaning of it).
        rng: where the start is drawn from; needed where `start` is a number.
        seeding: `seed_greedy` (the default), `seed_plus_plus` or `seed_random`.
        restarts: so many starts are drawn; the result with the lowest inertia is returned.
        empty: "keep" leaves the center of an empty cluster where it is; "farthest" moves it to
            the point that is farthest from its own center, as scikit-learn does.
    Returns:
        A `KMeansResult`.
    Raises:
        ValueError: if k does not fit the points, or an argument is out of its range.
    Source:
        Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28 (1982).
    """
    points = table(points, "points")
    if empty not in ("keep", "farthest"):
        raise ValueError(f'empty must be "keep" or "farthest", got {empty!r}')
    if max_iter < 1 or restarts < 1 or tol < 0:
        raise ValueError(
            f"max_iter and restarts must be at least 1 and tol at least 0, got {max_iter}, {restarts} and {tol}"
        )
    limit = tol * points.var(0).mean() if tol else 0.0
    if np.ndim(start):
        return _lloyd(points, fitting(start, points), max_iter, limit, empty)
    if rng is None:
        raise ValueError("kmeans draws its start by chance: give it a generator, rng=...")
    seeding = seeding or seed_greedy
    runs = (_lloyd(points, seeding(points, start, rng), max_iter, limit, empty) for _ in range(restarts))
    return min(runs, key=lambda run: run.inertia)


def inertia(points: np.ndarray, centers: np.ndarray, labels: np.ndarray | None = None) -> float:
    """Sum of squared distances from each point to its center: what k-means makes small.

    Args:
        points: (n, d) array.
        centers: (k, d) array.
        labels: (n,) integers; the nearest center of each point where not given.
    Returns:
        the sum, in squared units of the points.
    """
    points = table(points, "points")
    centers = fitting(centers, points)
    labels = assign(points, centers) if labels is None else whole(labels, len(points))
    return float(to_own(points, centers, labels).sum())


# Seeding


def seed_random(points: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k different rows of `points`, each set of rows as likely as any other.

    Args:
        points: (n, d) array.
        k: number of centers, at most n.
        rng: where the rows are drawn from.
    Returns:
        (k, d) array of centers.
    """
    points = _seedable(points, k)
    return points[rng.choice(len(points), k, replace=False)]


def seed_plus_plus(points: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++: each next center is a point drawn with probability proportional to D².

    D is a point's distance to the nearest center chosen so far; the first center is drawn
    uniformly. Where every point coincides with a chosen center (fewer different points than k),
    the next one is drawn uniformly.

    Args:
        points: (n, d) array.
        k: number of centers, at most n.
        rng: where the points are drawn from, as in `seed_greedy`.
    Returns:
        (k, d) array of centers, rows of `points` in the order in which they were drawn.
    Source:
        Arthur & Vassilvitskii, k-means++: the advantages of careful seeding, SODA 2007.
    """
    return seed_greedy(points, k, rng, candidates=1)


def seed_greedy(points: np.ndarray, k: int, rng: np.random.Generator, candidates: int | None = None) -> np.ndarray:
    """Greedy k-means++: of several points drawn as in k-means++, keep the one that helps most.

    Args:
        points: (n, d) array.
        k: number of centers, at most n.
        rng: where the points are drawn from: `rng.integers(n)` for the first, then
            `rng.choice(n, candidates, p=...)` for each further one.
        candidates: points drawn for each center; 2 + int(ln k), as in scikit-learn, if not given.
    Returns:
        (k, d) array of centers.
    Source:
        Arthur & Vassilvitskii 2007, section 7; scikit-learn's `_kmeans_plusplus`.
    """
    points = _seedable(points, k)
    candidates = candidates or 2 + int(np.log(k))
    n, chosen = len(points), [int(rng.integers(len(points)))]
    nearest = to_one(points, points[chosen[0]])
    while len(chosen) < k:
        total = nearest.sum()
        drawn = rng.choice(n, candidates, p=nearest / total if total > 0 else None)
        tables = [np.minimum(nearest, to_one(points, points[i])) for i in drawn]
        best = int(np.argmin([table.sum() for table in tables]))
        chosen.append(int(drawn[best]))
        nearest = tables[best]
    return points[chosen]


# The fast inside


def _lloyd(points, centers, max_iter, limit, empty) -> KMeansResult:
    look = Look(points)
    labels, sums, counts, cost = sweep(look, centers)
    history, iterations, converged = [cost], 0, False
    while iterations < max_iter and not converged:
        old, before = labels, centers
        centers = _means(sums, counts, centers)
        if empty == "farthest" and (counts == 0).any():
            centers = _move_to_farthest(points, labels, before, sums, counts)
        labels, sums, counts, cost = sweep(look, centers)
        history.append(cost)
        iterations += 1
        converged = np.array_equal(labels, old) or ((centers - before) ** 2).sum() <= limit
    exact = float(to_own(points, centers, labels).sum())
    return KMeansResult(centers, labels, exact, iterations, bool(converged), np.array(history))


def _means(sums, counts, old):
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], old)


def _move_to_farthest(points, labels, old, sums, counts):
    """Means, where each empty cluster takes the farthest point away from the cluster it was in."""
    far = to_own(points, old, labels)
    sums, counts = sums.copy(), counts.copy()
    for j in np.flatnonzero(counts == 0):
        i = int(far.argmax())
        if far[i] == 0:
            break
        sums[labels[i]] -= points[i]
        counts[labels[i]] -= 1
        sums[j], counts[j], far[i] = points[i], 1, 0
    return _means(sums, counts, old)


# Arguments


def _seedable(points, k) -> np.ndarray:
    points = table(points, "points")
    if not isinstance(k, (int, np.integer)) or not 1 <= k <= len(points):
        raise ValueError(f"k must be a whole number from 1 to the {len(points)} points, got {k!r}")
    return points
