"""Exercises of 02_interest_clusters: the parts of K-means, a silhouette, and labels that keep their names."""

from itertools import permutations

import numpy as np

from interestkit.workbook.chance import distribution
from interestkit.workbook.exercise import exercise

# ------------------------------------------------------------------------------ assign


@exercise(
    "clusters.assign",
    minutes=8,
    level="junior",
    hints=(
        "For each point you need its distance to every center, and then only which distance is smallest.",
        "Give points and centers a third axis each, so that their difference has the shape (n, k, d). "
        "Square it and sum over the last axis: that is an (n, k) table of squared distances.",
        "In each row of the table, the column of the smallest entry is the answer. NumPy's `argmin` takes an axis, "
        "and of several smallest entries it takes the first.",
    ),
)
def assign(points, centers):
    """Index of the nearest center for each point, by Euclidean distance.

    Args:
        points: (n, d) array.
        centers: (k, d) array.
    Returns:
        (n,) array of whole numbers in 0..k-1; the lowest one where several centers are as near.
    """
    squared = ((points[:, None] - centers[None]) ** 2).sum(axis=2)  # (n, k)
    return squared.argmin(axis=1)


@assign.cases
def _(rng):
    yield np.array([[0.0, 0.0], [10.0, 2.0], [4.0, 1.0]]), np.array([[1.0, 0.0], [9.0, 2.0]])
    yield np.array([[1.0], [3.0], [2.0], [7.0]]), np.array([[3.0], [1.0], [3.0]])  # ties, and a center twice
    yield np.array([[3.0, 3.0], [0.0, 5.0]]), np.array([[0.0, 0.0], [4.0, 7.0], [-2.0, 1.0]])
    yield np.array([[2.0, -1.0, 4.0]]), np.array([[5.0, 5.0, 5.0]])
    yield rng.normal(size=(12, 5)) * [1, 1, 1, 1, 9], rng.normal(size=(4, 5)) * [1, 1, 1, 1, 9]
    yield rng.integers(-5, 6, (40, 3)), rng.normal(0, 4, (7, 3))


@assign.alternative
def _(points, centers):
    labels = []
    for point in points:
        best, nearest = None, None
        for j, center in enumerate(centers):
            distance = sum((a - b) ** 2 for a, b in zip(point, center, strict=True))
            if best is None or distance < best:
                best, nearest = distance, j
        labels.append(nearest)
    return labels


@assign.alternative
def _(points, centers):
    return np.argmin((centers**2).sum(1) - 2 * points @ centers.T, axis=1)


@assign.misconception("You took the farthest center: `argmax` where the smallest distance is asked.")
def _(points, centers):
    return ((points[:, None] - centers[None]) ** 2).sum(2).argmax(1)


@assign.misconception(
    "You summed absolute differences. That is the city-block distance; here it is the Euclidean one: square first."
)
def _(points, centers):
    return np.abs(points[:, None] - centers[None]).sum(2).argmin(1)


@assign.misconception(
    "You summed the differences without squaring them, so that a plus in one column cancels a minus in another."
)
def _(points, centers):
    return (points[:, None] - centers[None]).sum(2).argmin(1)


@assign.misconception(
    "You took the center with the largest dot product. That favours long centers; the nearest one is asked."
)
def _(points, centers):
    return (points @ centers.T).argmax(1)


@assign.misconception(
    "Of several centers that are as near, you took the last. The lowest index is asked: compare with `<`."
)
def _(points, centers):
    squared = ((points[:, None] - centers[None]) ** 2).sum(2)
    return len(centers) - 1 - squared[:, ::-1].argmin(1)


@assign.misconception("Your labels begin at 1. Centers are numbered from 0, so that `centers[labels]` works.")
def _(points, centers):
    return ((points[:, None] - centers[None]) ** 2).sum(2).argmin(1) + 1


@assign.misconception(
    "You answered for each center which point is nearest to it. Each point needs its nearest center: the other axis.",
    crashes=True,
)
def _(points, centers):
    return ((points[:, None] - centers[None]) ** 2).sum(2).argmin(0)


@assign.misconception(
    "You returned the distance to the nearest center. Asked is which center that is: its number.", crashes=True
)
def _(points, centers):
    return np.sqrt(((points[:, None] - centers[None]) ** 2).sum(2)).min(1)


# ------------------------------------------------------------------------------ update


def nightly_update(points, labels, centers):
    """Move each center to the mean of its points (the job of the night)."""
    new = []
    for j in range(len(centers)):
        members = points[labels == j]
        new.append(members.sum(axis=0) / len(members))
    return np.array(new)


@exercise(
    "clusters.update",
    minutes=10,
    level="mid",
    kind="bug",
    given=(nightly_update,),
    hints=(
        "Try the job on three points and two centers, with every point in cluster 0. What does cluster 1 become?",
        "A cluster without members has no mean. The statement says what its center should be instead.",
        "Begin with a copy of the centers, as decimal numbers, and overwrite only the rows whose cluster has members.",
    ),
)
def update(points, labels, centers):
    """Move each center to the mean of its points; a cluster without points keeps its old center.

    Args:
        points: (n, d) array.
        labels: (n,) array of whole numbers in 0..k-1, the cluster of each point.
        centers: (k, d) array of the old centers; not to be changed.
    Returns:
        (k, d) array of the new centers, as decimal numbers.
    """
    new = centers.astype(float)
    for j in range(len(centers)):
        members = points[labels == j]
        if len(members):
            new[j] = members.mean(axis=0)
    return new


@update.cases
def _(rng):
    yield np.array([[0.0, 0.0], [2.0, 0.0], [10.0, 3.0]]), np.array([0, 0, 1]), np.array([[1.0, 1.0], [9.0, 9.0]])
    yield np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0, 2]), np.array([[0.0, 0.0], [7.0, 8.0], [4.0, 4.0]])
    yield np.array([[1.0], [2.0], [6.0]]), np.array([1, 0, 0]), np.array([[5.0], [1.0], [8.0], [9.0]])
    yield np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 0]), np.array([[3.0], [7.0]])
    yield np.array([[1, 2], [2, 4], [7, 7]]), np.array([1, 1, 0]), np.array([[6, 6], [1, 3]])
    yield rng.normal(size=(9, 4)), np.array([3, 3, 1, 1, 1, 0, 3, 0, 0]), rng.normal(size=(5, 4))
    yield rng.normal(3, 2, (30, 2)), rng.integers(0, 3, 30) * 2, rng.normal(3, 2, (6, 2))


@update.alternative
def _(points, labels, centers):
    new = []
    for j in range(len(centers)):
        members = [point for point, label in zip(points, labels, strict=True) if label == j]
        if members:
            new.append([sum(column) / len(members) for column in zip(*members, strict=True)])
        else:
            new.append(list(centers[j]))
    return np.array(new, dtype=float)


@update.alternative
def _(points, labels, centers):
    belongs = np.eye(len(centers))[labels]  # (n, k)
    counts = belongs.sum(0)[:, None]
    return np.where(counts > 0, belongs.T @ points / np.maximum(counts, 1), centers)


@update.misconception(
    "That is still what the job of the night does: an empty cluster divides 0 by 0 and becomes NaN. "
    "`argmin` takes NaN for the smallest, so that the next step gives every point to it."
)
def _(points, labels, centers):
    return nightly_update(points, labels, centers)


@update.misconception("You moved the center of an empty cluster to the origin. It should stay where it was.")
def _(points, labels, centers):
    counts = np.bincount(labels, minlength=len(centers))[:, None]
    return np.array([points[labels == j].sum(0) for j in range(len(centers))]) / np.maximum(counts, 1)


@update.misconception(
    "You moved the center of an empty cluster to the mean of all points. It should stay where it was."
)
def _(points, labels, centers):
    means = [points[labels == j].mean(0) if (labels == j).any() else points.mean(0) for j in range(len(centers))]
    return np.array(means)


@update.misconception(
    "You dropped the empty clusters, so every later cluster has a new number. Return one row for each old center.",
    crashes=True,
)
def _(points, labels, centers):
    return np.array([points[labels == j].mean(0) for j in np.unique(labels)])


@update.misconception(
    "You wrote the means into the caller's `centers`. Whoever still needs the old ones has lost them."
)
def _(points, labels, centers):
    if centers.dtype.kind != "f":
        return update.reference(points, labels, centers)
    for j in np.unique(labels):
        centers[j] = points[labels == j].mean(0)
    return centers


@update.misconception(
    "Your copy of whole-number centers holds whole numbers, and cuts the decimals off the means: "
    "make it decimal with `astype(float)`."
)
def _(points, labels, centers):
    new = centers.copy()
    for j in np.unique(labels):
        new[j] = points[labels == j].mean(0)
    return new


@update.misconception("You took the median of each column. K-means moves a center to the mean.")
def _(points, labels, centers):
    new = centers.astype(float)
    for j in np.unique(labels):
        new[j] = np.median(points[labels == j], axis=0)
    return new


# ------------------------------------------------------------------------ k-means++ seeding


def _row_chosen(result, points, k):
    """Which rows were drawn, in order: equal rows by the first of them, rows from the third on as one kind."""
    same = (np.asarray(result)[:, None] == points[None]).all(2)
    return tuple(min(int(row.argmax()), 2) if row.any() else -1 for row in same)


@exercise(
    "clusters.seed",
    minutes=12,
    level="mid",
    same=distribution(_row_chosen, draws=480, alpha=3e-7),
    hints=(
        "The first center is any point, each with the same probability.",
        "For each next center, find for every point the squared distance to the nearest center chosen so far. "
        "A point is drawn with a probability proportional to that.",
        "`rng.choice` takes the probabilities as `p=`; they must sum to 1. A point already chosen has the distance 0, "
        "so it is never drawn twice.",
    ),
)
def seed_centers(points, k, rng):
    """Draw k starting centers among the points as k-means++ does.

    The first is drawn uniformly. Each next one is drawn with a probability proportional to
    its squared distance to the nearest center that has been chosen so far.

    Args:
        points: (n, d) array with at least k different rows.
        k: number of centers.
        rng: NumPy generator to draw from.
    Returns:
        (k, d) array: k rows of `points`, in the order in which they were drawn.
    """
    centers = [points[rng.integers(len(points))]]
    while len(centers) < k:
        squared = ((points[:, None] - np.array(centers)[None]) ** 2).sum(axis=2)  # (n, chosen so far)
        nearest = squared.min(axis=1)
        centers.append(points[rng.choice(len(points), p=nearest / nearest.sum())])
    return np.array(centers)


@seed_centers.cases
def _(rng):
    yield np.array([8.0, -3.0, 8.0, 8.0, 8.0, 0.0, 0.3, -0.2, 0.1, -0.4, 0.2, -0.1, 0.4, -0.3])[:, None], 3
    yield np.concatenate([[3.3], np.linspace(-1, 1, 14)])[:, None], 2
    yield rng.normal(size=(3, 2)), 1


@seed_centers.alternative
def _(points, k, rng):
    chosen = [int(rng.random() * len(points))]
    for _ in range(k - 1):
        weights = [min(sum((a - b) ** 2 for a, b in zip(p, points[c], strict=True)) for c in chosen) for p in points]
        stop, total = rng.random() * sum(weights), 0.0
        for i, weight in enumerate(weights):
            total += weight
            if weight and total >= stop:
                chosen.append(i)
                break
    return [points[i] for i in chosen]


@seed_centers.alternative
def _(points, k, rng):
    centers = points[[rng.choice(len(points))]]
    nearest = np.full(len(points), np.inf)
    for _ in range(1, k):
        nearest = np.minimum(nearest, ((points - centers[-1]) ** 2).sum(1))
        i = np.searchsorted(nearest.cumsum(), rng.random() * nearest.sum(), side="right")
        centers = np.vstack([centers, points[i]])
    return centers


def _seeds(points, k, rng, weigh, first=None):
    """A seeding whose weights are `weigh((n, chosen) squared distances)`."""
    centers = [points[rng.integers(len(points)) if first is None else first]]
    while len(centers) < k:
        weights = weigh(((points[:, None] - np.array(centers)[None]) ** 2).sum(2))
        centers.append(points[rng.choice(len(points), p=weights / weights.sum())])
    return np.array(centers)


@seed_centers.misconception("You weighed by the distance. k-means++ weighs by its square: far points count for more.")
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: np.sqrt(squared.min(1)))


@seed_centers.misconception(
    "You drew several candidates and kept the best. That is the greedy variant; here each center is drawn once."
)
def _(points, k, rng):
    centers = [points[rng.integers(len(points))]]
    while len(centers) < k:
        nearest = ((points[:, None] - np.array(centers)[None]) ** 2).sum(2).min(1)
        candidates = points[rng.choice(len(points), 4, p=nearest / nearest.sum())]
        left = np.minimum(nearest, ((points[:, None] - candidates[None]) ** 2).sum(2).T).sum(1)
        centers.append(candidates[left.argmin()])
    return np.array(centers)


@seed_centers.misconception(
    "You took the farthest point each time. One outlier would then always be a center; k-means++ draws by chance."
)
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared.min(1) == squared.min(1).max())


@seed_centers.misconception(
    "You drew every center uniformly. That is the random start; k-means++ prefers points far from the centers so far."
)
def _(points, k, rng):
    return points[rng.choice(len(points), k, replace=False)]


@seed_centers.misconception(
    "You measured only the distance to the last center. What counts is the nearest of all centers chosen so far."
)
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared[:, -1])


@seed_centers.misconception(
    "You added up the squared distances to all centers chosen so far. What counts is the smallest of them: "
    "the distance to the nearest."
)
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared.sum(1))


@seed_centers.misconception(
    "You measured only the distance to the first center. Each further center changes what is near: "
    "take the nearest of all chosen so far."
)
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared[:, 0])


@seed_centers.misconception(
    "You squared twice: the weights grow with the fourth power of the distance. The squared distance is the weight."
)
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared.min(1) ** 2)


@seed_centers.misconception("Your centers are no rows of `points`. Draw which points become centers, and return those.")
def _(points, k, rng):
    return rng.normal(points.mean(axis=0), points.std(axis=0), (k, points.shape[1]))


@seed_centers.misconception("You always begin with the first point. The first center is drawn too, uniformly.")
def _(points, k, rng):
    return _seeds(points, k, rng, lambda squared: squared.min(1), first=0)


# ------------------------------------------------------------------------- silhouette


@exercise(
    "clusters.silhouette",
    minutes=15,
    level="mid",
    extra=True,
    hints=(
        "For one point: a is the mean distance to the others of its own cluster, b the mean distance to the points of "
        "the nearest other cluster. The silhouette compares the two.",
        "A point is not one of its own neighbours: its distance to itself does not enter a, nor the count.",
        "Compute the (n, n) table of distances once. For each point take the mean over each other cluster and keep the "
        "smallest as b. If the point is alone in its cluster, the result is 0.",
    ),
)
def silhouette(points, labels):
    """How much nearer each point is to its own cluster than to the next one.

    For a point with mean distance a to the other points of its cluster and b to those of the
    nearest other cluster: (b - a) / max(a, b). A point that is alone in its cluster has 0.

    Args:
        points: (n, d) array.
        labels: (n,) array of whole numbers; at least two clusters.
    Returns:
        (n,) array of numbers from -1 to 1.
    """
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))  # (n, n)
    result = np.zeros(len(points))
    for i in range(len(points)):
        own = (labels == labels[i]).sum() - 1
        if own:
            a = distances[i, labels == labels[i]].sum() / own
            b = min(distances[i, labels == other].mean() for other in np.unique(labels) if other != labels[i])
            result[i] = (b - a) / max(a, b)
    return result


@silhouette.cases
def _(rng):
    yield np.array([[0.0], [1.0], [5.0], [7.0]]), np.array([0, 0, 1, 1])
    yield np.array([[0.0, 0.0], [0.0, 2.0], [9.0, 0.0]]), np.array([1, 1, 0])  # one alone
    yield np.array([[0.0], [6.0], [1.0], [7.0], [3.0]]), np.array([0, 0, 1, 1, 2])  # badly clustered
    yield rng.normal(size=(9, 3)), np.array([0, 2, 2, 5, 0, 5, 5, 2, 0])
    yield (
        np.concatenate([rng.normal(0, 0.2, (8, 2)), rng.normal(4, 3, (6, 2)), [[30.0, -9.0]]]),
        np.repeat([0, 1, 2], [8, 6, 1]),
    )


@silhouette.alternative
def _(points, labels):
    result = []
    for i, point in enumerate(points):
        sums, counts = {}, {}
        for j, other in enumerate(points):
            if i != j:
                sums[labels[j]] = sums.get(labels[j], 0.0) + sum((point - other) ** 2) ** 0.5
                counts[labels[j]] = counts.get(labels[j], 0) + 1
        means = {label: sums[label] / counts[label] for label in sums}
        a = means.pop(labels[i], None)
        result.append(0.0 if a is None else (min(means.values()) - a) / max(a, min(means.values())))
    return result


@silhouette.alternative
def _(points, labels):
    names, label = np.unique(labels, return_inverse=True)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    belongs = np.eye(len(names))[label]
    counts = belongs.sum(0)
    means = distances @ belongs / counts
    rows = np.arange(len(points))
    own = counts[label]
    a = means[rows, label] * own / np.maximum(own - 1, 1)
    means[rows, label] = np.inf
    b = means.min(1)
    return np.where(own > 1, (b - a) / np.maximum(a, b), 0)


def _silhouettes(points, labels, a_and_b, alone=0.0):
    """Silhouettes from `a_and_b(i, distances)`."""
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(2))
    result = np.full(len(points), alone)
    for i in range(len(points)):
        if (labels == labels[i]).sum() > 1:
            a, b = a_and_b(i, distances)
            result[i] = (b - a) / max(a, b)
    return result


def _others(i, distances, labels):
    """Mean distances of a point to the points of each other cluster."""
    return [distances[i, labels == other].mean() for other in np.unique(labels) if other != labels[i]]


def _own(i, distances, labels):
    """Mean distance of a point to the other points of its cluster."""
    return distances[i, labels == labels[i]].sum() / ((labels == labels[i]).sum() - 1)


@silhouette.misconception(
    "You counted each point as its own neighbour: its distance 0 to itself makes every cluster look tighter than it is."
)
def _(points, labels):
    return _silhouettes(points, labels, lambda i, d: (d[i, labels == labels[i]].mean(), min(_others(i, d, labels))))


@silhouette.misconception(
    "For b you took all points outside the cluster together. Only the nearest other cluster counts."
)
def _(points, labels):
    return _silhouettes(points, labels, lambda i, d: (_own(i, d, labels), d[i, labels != labels[i]].mean()))


@silhouette.misconception("You used squared distances. The silhouette is defined on distances: take the root first.")
def _(points, labels):
    return _silhouettes(points, labels, lambda i, d: (_own(i, d**2, labels), min(_others(i, d**2, labels))))


@silhouette.misconception("Your sign is turned round: (b - a), so that a point well inside its cluster is near +1.")
def _(points, labels):
    return -silhouette.reference(points, labels)


@silhouette.misconception(
    "A point that is alone in its cluster has the silhouette 0 by definition. With 1, "
    "many tiny clusters would always look best."
)
def _(points, labels):
    return _silhouettes(points, labels, lambda i, d: (_own(i, d, labels), min(_others(i, d, labels))), alone=1.0)


@silhouette.misconception(
    "You measured distances to the clusters' centers. The silhouette takes mean distances to their points."
)
def _(points, labels):
    def distance(i, label):
        return np.sqrt(((points[i] - points[labels == label].mean(axis=0)) ** 2).sum())

    def a_and_b(i, d):
        return distance(i, labels[i]), min(distance(i, label) for label in np.unique(labels) if label != labels[i])

    return _silhouettes(points, labels, a_and_b)


# ------------------------------------------------------------------------------- align


@exercise(
    "clusters.align",
    minutes=12,
    level="senior",
    extra=True,
    hints=(
        "Count in a (k, k) table how many households have the old label i and the new label j.",
        "A renaming gives each new label one old name, and no name twice: it is a permutation. "
        "Its worth is the sum of the table's entries that it picks.",
        "For k up to 6 you can try all of them: `itertools.permutations` yields at most 720.",
    ),
)
def align(old, new, k):
    """Rename the new labels so that as many households as possible keep their old label.

    Args:
        old: (n,) array of whole numbers in 0..k-1, last night's labels; a number may be missing.
        new: (n,) array of whole numbers in 0..k-1, tonight's labels; a number may be missing.
        k: number of clusters, at most 6.
    Returns:
        (n,) array: `new` with its labels renamed by a permutation of 0..k-1.
    """
    kept = np.array([[np.sum((old == i) & (new == j)) for j in range(k)] for i in range(k)])  # (old, new)
    best = max(permutations(range(k)), key=lambda names: sum(kept[names[j], j] for j in range(k)))
    return np.array(best)[new]


@align.cases
def _(rng):
    yield np.array([0, 0, 0, 1, 1, 2]), np.array([2, 2, 2, 0, 0, 1]), 3
    yield np.repeat([0, 0, 1, 1, 2], [7, 6, 5, 1, 3]), np.repeat([0, 1, 0, 2, 2], [7, 6, 5, 1, 3]), 3
    yield np.repeat([0, 1, 1, 0], [5, 4, 3, 1]), np.repeat([1, 1, 0, 0], [5, 4, 3, 1]), 2
    yield np.array([2, 2, 0]), np.array([1, 1, 0]), 3  # a number is missing in both
    old = rng.permutation(np.repeat([0, 1, 2, 3], [40, 30, 20, 10]))
    yield old, rng.permutation(4)[np.where(rng.random(100) < 0.15, (old + 1) % 4, old)], 4
    old = rng.permutation(np.repeat(range(5), [31, 23, 17, 11, 5]))
    yield old, rng.permutation(5)[old], 5


@align.alternative
def _(old, new, k):
    best, most = None, -1
    for names in permutations(range(k)):
        renamed = [names[label] for label in new]
        agree = sum(a == b for a, b in zip(old, renamed, strict=True))
        if agree > most:
            best, most = renamed, agree
    return best


@align.alternative
def _(old, new, k):
    from scipy.optimize import linear_sum_assignment

    kept = np.zeros((k, k), dtype=int)
    np.add.at(kept, (new, old), 1)
    return linear_sum_assignment(kept, maximize=True)[1][new]


def _kept(old, new, k):
    """(old, new) counts."""
    return np.histogram2d(old, new, bins=(range(k + 1), range(k + 1)))[0].astype(int)


@align.misconception(
    "Each of your new labels takes the old name most common among its households, so two may take the same name "
    "and one vanishes. A renaming is a permutation."
)
def _(old, new, k):
    return _kept(old, new, k).argmax(axis=0)[new]


@align.misconception(
    "You gave the names away one by one, the largest overlap first. A greedy choice can cost more later than it gains: "
    "compare whole permutations."
)
def _(old, new, k):
    kept, names = _kept(old, new, k), np.zeros(k, dtype=int)
    for _ in range(k):
        i, j = np.unravel_index(kept.argmax(), kept.shape)
        names[j] = i
        kept[i, :] = kept[:, j] = -1
    return names[new]


@align.misconception("You renamed the old labels. Last night's names must stay; tonight's are to be renamed.")
def _(old, new, k):
    return align.reference(new, old, k)


@align.misconception("You applied the renaming backwards: it maps old names to new ones, and the other way is asked.")
def _(old, new, k):
    best = max(permutations(range(k)), key=lambda names: sum(_kept(old, new, k)[names[j], j] for j in range(k)))
    return np.argsort(best)[new]


@align.misconception("You matched the clusters by size. Two clusters of one size need not be the same households.")
def _(old, new, k):
    ranks = np.argsort(-np.bincount(old, minlength=k), kind="stable")
    names = np.zeros(k, dtype=int)
    names[np.argsort(-np.bincount(new, minlength=k), kind="stable")] = ranks
    return names[new]


@align.misconception(
    "You returned the renaming itself, one name for each cluster. Apply it: one label for each household.", crashes=True
)
def _(old, new, k):
    return np.array(
        max(permutations(range(k)), key=lambda names: sum(_kept(old, new, k)[names[j], j] for j in range(k)))
    )


@align.misconception(
    "You renamed one label after the other in one array, so that some were renamed twice. Look all names up at once."
)
def _(old, new, k):
    best = max(permutations(range(k)), key=lambda names: sum(_kept(old, new, k)[names[j], j] for j in range(k)))
    renamed = new.copy()
    for j in range(k):
        renamed[renamed == j] = best[j]
    return renamed
