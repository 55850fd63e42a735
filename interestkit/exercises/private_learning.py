"""Exercises of 16_private_learning: a step of DP-SGD, the totals behind private centers, and a report with bugs."""

import numpy as np

from interestkit.workbook.chance import distribution, noise_summary
from interestkit.workbook.exercise import exercise

MANY = 300  # coordinates of the inputs on which one answer shows enough noise to be judged


def _short(sums, bound):
    return sums * np.minimum(1, bound / np.maximum(np.linalg.norm(sums, axis=-1, keepdims=True), 1e-300))


def _per_household(rows, household):
    names = np.unique(household)
    return (household == names[:, None]).astype(float) @ rows


def _moved(rows, household, bound):
    return _short(_per_household(rows, household), bound).sum(axis=0)


# ------------------------------------------------------------------------------ step


def _step_noise(result, gradients, household, bound, noise, expected):
    left = np.asarray(result) * expected - _moved(gradients, household, bound)
    if noise < 1e-3:  # almost no noise: what was added up shows
        return tuple(np.round(left / bound, 2).tolist())
    return noise_summary(left / (noise * bound)) if len(left) >= MANY else int(np.digitize(left[0], [0]))


@exercise(
    "private.step",
    minutes=15,
    level="mid",
    same=distribution(_step_noise, draws=50, alpha=1e-7),
    hints=(
        "A household may have several rows. What must be bounded is what all of them do together.",
        "A sum that is shorter than the bound stays as it is; a longer one is shortened to exactly the bound.",
        "The noise is drawn once per coordinate, for the total. The divisor is a number that you were given.",
    ),
)
def step(gradients, household, bound, noise, expected, rng):
    """The gradient of one step of DP-SGD, with the household as the unit.

    Args:
        gradients: (n, d) array, one row per purchase; n may be 0; not to be changed.
        household: (n,) whole numbers, whose row it is.
        bound: positive; the largest L2 norm of a household's summed gradient.
        noise: positive; the multiplier: the total's noise has standard deviation noise · bound in each coordinate.
        expected: positive; the stated number of households by which the noisy total is divided.
        rng: a NumPy generator for the noise.
    Returns:
        (d,) array.
    """
    names, place = np.unique(household, return_inverse=True)
    sums = np.zeros((len(names), gradients.shape[1]))
    np.add.at(sums, place, gradients)
    shorten = bound / np.linalg.norm(sums, axis=1, keepdims=True).clip(min=bound)
    return rng.normal((sums * shorten).sum(axis=0), noise * bound) / expected


@step.cases
def _(rng):
    yield np.array([[3.0, 4.0], [3.0, 4.0], [0.0, 1.0]]), np.array([7, 7, 9]), 2.0, 1e-6, 5.0  # almost no noise
    yield (
        np.array([[6.0, 0.0], [-5.0, 1.0], [0.0, 1.0], [0.0, 1.0]]),
        np.array([4, 4, 1, 1]),
        3.0,
        1e-6,
        2.5,
    )  # a short sum
    yield np.array([[0.0, 9.0], [1.0, 0.0], [0.0, -8.0], [7.0, 0.0]]), np.array([2, 5, 2, 8]), 1.0, 1e-6, 1.5
    yield rng.normal(0, 1, (6, MANY)), rng.integers(0, 4, 6), 0.7, 0.5, 9.0
    yield np.eye(2, MANY + 1) / 4, np.array([1, 3]), 2.0, 1.5, 3.0  # nobody near the bound
    yield np.zeros((0, MANY + 1)), np.zeros(0, dtype=int), 2.0, 3.0, 4.0
    yield np.array([[0.3, 0.1, 0.2]]), np.array([2]), 0.5, 2.0, 4.0


@step.alternative
def _(gradients, household, bound, noise, expected, rng):
    sums = {}
    for row, name in zip(gradients, household, strict=True):
        sums[int(name)] = [a + b for a, b in zip(sums.get(int(name), [0.0] * len(row)), row, strict=True)]
    total = [0.0] * gradients.shape[1]
    for values in sums.values():
        length = sum(value * value for value in values) ** 0.5
        factor = bound / length if length > bound else 1.0
        total = [a + factor * b for a, b in zip(total, values, strict=True)]
    return np.array([(value + rng.normal(0, noise * bound)) / expected for value in total])


@step.alternative
def _(gradients, household, bound, noise, expected, rng):
    names = np.unique(household)
    sums = (household == names[:, None]).astype(float) @ gradients
    factors = bound / np.maximum(np.sqrt((sums**2).sum(1)), bound)
    return (factors @ sums + noise * bound * rng.standard_normal(gradients.shape[1])) / expected


@step.misconception(
    "You clipped each row. A household with many rows then moves the total by many bounds: add up its rows first."
)
def _(gradients, household, bound, noise, expected, rng):
    return (_short(gradients, bound).sum(0) + rng.normal(0, noise * bound, gradients.shape[1])) / expected


@step.misconception(
    "You clipped the total. One household may still decide where all of it points: clip each household's sum."
)
def _(gradients, household, bound, noise, expected, rng):
    return (_short(gradients.sum(0), bound) + rng.normal(0, noise * bound, gradients.shape[1])) / expected


@step.misconception("Your noise does not grow with the bound. A multiplier is in units of the bound: multiply the two.")
def _(gradients, household, bound, noise, expected, rng):
    total = _short(_per_household(gradients, household), bound).sum(0)
    return (total + rng.normal(0, noise, gradients.shape[1])) / expected


@step.misconception(
    "You divided by how many households are there. That number depends on who is in: divide by `expected`."
)
def _(gradients, household, bound, noise, expected, rng):
    sums = _per_household(gradients, household)
    total = _short(sums, bound).sum(0)
    return (total + rng.normal(0, noise * bound, gradients.shape[1])) / max(1, len(sums))


@step.misconception("All coordinates got the same draw of noise. Their differences are exact: draw one for each.")
def _(gradients, household, bound, noise, expected, rng):
    total = _short(_per_household(gradients, household), bound).sum(0)
    return (total + rng.normal(0, noise * bound)) / expected


@step.misconception(
    "You clipped the mean over the households. One of them may still turn it: clip each household's sum."
)
def _(gradients, household, bound, noise, expected, rng):
    sums = _per_household(gradients, household)
    return _short(sums.sum(0) / expected, bound) + rng.normal(0, noise * bound / expected, gradients.shape[1])


@step.misconception("Your noise is sized by the longest sum at hand, so it tells who is there. Size it by the bound.")
def _(gradients, household, bound, noise, expected, rng):
    sums = _short(_per_household(gradients, household), bound)
    longest = max(np.linalg.norm(sums, axis=1).tolist(), default=0.0)
    return (sums.sum(0) + rng.normal(0, noise * min(bound, longest), gradients.shape[1])) / expected


@step.misconception("Each household got noise of its own. One draw for the total hides any of them: add noise once.")
def _(gradients, household, bound, noise, expected, rng):
    sums = _short(_per_household(gradients, household), bound)
    return (sums + rng.normal(0, noise * bound, sums.shape)).sum(0) / expected


@step.misconception("You averaged a household's rows. All its rows move the total together: add them up.")
def _(gradients, household, bound, noise, expected, rng):
    names = np.unique(household)
    means = [gradients[household == name].mean(0) for name in names]
    total = _short(np.reshape(means, (len(names), gradients.shape[1])), bound).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception("You shortened the rows and then the sums again. Add up the rows as they are, and shorten once.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(_short(gradients, bound), household, bound)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception("Nothing is shortened in your answer. A household's sum may then be as long as it likes: clip it.")
def _(gradients, household, bound, noise, expected, rng):
    return (gradients.sum(0) + rng.normal(0, noise * bound, gradients.shape[1])) / expected


@step.misconception("You made short sums longer. A sum within the bound stays as it is.")
def _(gradients, household, bound, noise, expected, rng):
    sums = _per_household(gradients, household)
    total = (bound * sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-300)).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception(
    "You cut each coordinate at the bound. The length of the whole sum must not exceed it: scale it down."
)
def _(gradients, household, bound, noise, expected, rng):
    total = np.clip(_per_household(gradients, household), -bound, bound).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception("You clipped only households with several rows. One long row must be shortened, too.")
def _(gradients, household, bound, noise, expected, rng):
    sums, rows = _per_household(gradients, household), np.unique(household, return_counts=True)[1]
    total = np.where(rows[:, None] > 1, _short(sums, bound), sums).sum(0)
    return (total + rng.normal(0, noise * bound, gradients.shape[1])) / expected


@step.misconception(
    "You divide by the larger of `expected` and the households at hand: that shows who is in. Use `expected`."
)
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.normal(0, noise * bound, len(total))) / max(expected, len(np.unique(household)))


@step.misconception("You divide by the number of rows. It depends on who is in: divide by the stated number.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.normal(0, noise * bound, len(total))) / max(1, len(gradients))


@step.misconception("You did not divide by `expected`: your answer is the total, not the mean.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return total + rng.normal(0, noise * bound, len(total))


@step.misconception("You added the noise after dividing. It belongs to the total: add it first, then divide both.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return total / expected + rng.normal(0, noise * bound, len(total))


@step.misconception("There is no noise in your answer. Clipping alone hides nobody: add noise to the total.")
def _(gradients, household, bound, noise, expected, rng):
    return _short(_per_household(gradients, household), bound).sum(0) / expected


@step.misconception("Where nobody is in the sample, your answer has no noise. That tells: add noise then, too.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.normal(0, noise * bound, len(total)) if len(gradients) else total) / expected


@step.misconception(
    "`sums[index] += rows` adds only one row of each household: NumPy writes each place once. Use np.add.at."
)
def _(gradients, household, bound, noise, expected, rng):
    names, index = np.unique(household, return_inverse=True)
    sums = np.zeros((len(names), gradients.shape[1]))
    sums[index] += gradients
    total = _short(sums, bound).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception(
    "`rng.normal` takes a standard deviation, and you gave it a variance: noise * bound, not its square."
)
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.normal(0, (noise * bound) ** 2, len(total))) / expected


@step.misconception("The multiplier is missing: the standard deviation is noise * bound, not the bound alone.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.normal(0, bound, len(total))) / expected


@step.misconception("That is Laplace noise. The accountant of DP-SGD assumes Gaussian noise: rng.normal.")
def _(gradients, household, bound, noise, expected, rng):
    total = _moved(gradients, household, bound)
    return (total + rng.laplace(0, noise * bound, len(total))) / expected


@step.misconception("You left out households that are too long. Shorten them to the bound: they still count.")
def _(gradients, household, bound, noise, expected, rng):
    sums = _per_household(gradients, household)
    total = np.where(np.linalg.norm(sums, axis=1, keepdims=True) > bound, 0, sums).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


@step.misconception(
    "You took one norm of all sums together: give np.linalg.norm the axis, and it has one per household."
)
def _(gradients, household, bound, noise, expected, rng):
    sums = _per_household(gradients, household)
    total = (sums * min(1, bound / max(np.linalg.norm(sums), 1e-300))).sum(0)
    return (total + rng.normal(0, noise * bound, len(total))) / expected


# ------------------------------------------------------------------------------ totals


def _totals_exact(points, labels, k):
    exact = np.zeros((k, points.shape[1] + 1))
    np.add.at(exact, labels, np.column_stack([np.ones(len(points)), np.clip(points, 0, 1)]))
    return exact


def _totals_noise(result, points, labels, k, epsilon):
    left = np.asarray(result) - _totals_exact(points, labels, k)
    if epsilon >= 1000:  # almost no noise: what was added up shows
        return tuple(np.round(left.ravel(), 1).tolist())
    d = points.shape[1]
    if k > 40:
        for part in (np.asarray(result)[:, 0], np.asarray(result)[:, 1:]):
            if (part >= 0).all() and (part == 0).mean() > 0.25:
                return "cut off at 0"
            if (part == np.round(part)).all():
                return "whole numbers"
    units = left * epsilon / 2 / np.array([1] + [d] * d)
    if k > MANY:  # with so many clusters the counts are looked at by themselves
        all_of_them = noise_summary(units.ravel())
        return all_of_them if isinstance(all_of_them, str) else noise_summary(units[:, 0])
    units = units.ravel()
    return noise_summary(units) if len(units) >= MANY else bool(units[0 if d == 1 else -1] > 0)


@exercise(
    "private.totals",
    minutes=12,
    level="mid",
    same=distribution(_totals_noise, draws=60, alpha=1e-7),
    hints=(
        "Move the points into the unit box first. Now you know how far one point can move each number.",
        "Empty clusters get noise, too: who is nowhere is also a secret. Every number gets a draw of its own.",
        "One point changes one count by at most 1, and one row of sums by at most d in L1. Each gets half of ε.",
    ),
)
def totals(points, labels, k, epsilon, rng):
    """Private counts and sums of clusters: ε for one household (one point) added or removed.

    Args:
        points: (n, d) array, a household each; n may be 0; moved into 0..1 in each coordinate; not to be changed.
        labels: (n,) whole numbers in 0..k-1. A household's label depends on its own point and on centers that were
            released before, so whoever else is in does not change it.
        k: number of clusters.
        epsilon: positive: half for all the counts, half for all the sums, each with Laplace noise.
        rng: a NumPy generator.
    Returns:
        (k, d + 1) array: the noisy count, then the noisy sum of each coordinate.
    """
    d = points.shape[1]
    exact = np.zeros((k, d + 1))
    np.add.at(exact, labels, np.column_stack([np.ones(len(points)), np.clip(points, 0, 1)]))
    return rng.laplace(exact, 2 / epsilon * np.array([1] + [d] * d))


@totals.cases
def _(rng):
    yield np.array([[0.2, 0.9], [9.0, 0.5], [0.4, -30.0]]), np.array([1, 1, 0]), 3, 1e4  # almost no noise
    yield np.array([[0.5], [40.0], [0.1]]), np.array([0, 2, 2]), 5, 1e4
    yield rng.random((4, 1)), rng.integers(0, MANY // 2, 4), MANY // 2, 0.5
    yield rng.random((5, 6)), rng.integers(0, 43, 5), 43, 3.0  # 301 numbers
    yield rng.random((5, 1)), rng.integers(0, 151, 5), 151, 2.0
    yield rng.random((5, 2)), rng.integers(0, MANY + 1, 5), MANY + 1, 1.0  # the counts' noise by itself
    yield np.zeros((0, 2)), np.zeros(0, dtype=int), 2, 1.0
    yield np.zeros((0, 1)), np.zeros(0, dtype=int), 2, 4.0


@totals.alternative
def _(points, labels, k, epsilon, rng):
    d = points.shape[1]
    counts, sums = rng.laplace(0, 2 / epsilon, (k, 1)), rng.laplace(0, 2 * d / epsilon, (k, d))
    answer = [[*one, *many] for one, many in zip(counts.tolist(), sums.tolist(), strict=True)]
    for point, label in zip(points, labels, strict=True):
        answer[label][0] += 1
        for j in range(d):
            answer[label][j + 1] += min(max(point[j], 0.0), 1.0)
    return np.array(answer)


@totals.alternative
def _(points, labels, k, epsilon, rng):
    member = (labels == np.arange(k)[:, None]).astype(float)
    counts = member.sum(1, keepdims=True) + rng.laplace(0, 2 / epsilon, (k, 1))
    shape = k, points.shape[1]
    sums = member @ np.clip(points, 0, 1) + rng.laplace(0, 2 * shape[1] / epsilon, shape)
    return np.hstack([counts, sums])


def _wrong(points, labels, k, scales, rng):
    exact = np.zeros((k, points.shape[1] + 1))
    np.add.at(exact, labels, np.column_stack([np.ones(len(points)), points]))
    return exact + rng.laplace(0, 1, exact.shape) * np.array([scales[0]] + [scales[1]] * points.shape[1])


@totals.misconception("You spent ε twice, on the counts and again on the sums. Together they may cost ε: halve it.")
def _(points, labels, k, epsilon, rng):
    return _wrong(np.clip(points, 0, 1), labels, k, (1 / epsilon, points.shape[1] / epsilon), rng)


@totals.misconception("The sums got noise for one coordinate. A point moves all d of them: their L1 sensitivity is d.")
def _(points, labels, k, epsilon, rng):
    return _wrong(np.clip(points, 0, 1), labels, k, (2 / epsilon, 2 / epsilon), rng)


@totals.misconception("The points were not moved into 0..1. Then one household can move a sum by any amount: clip.")
def _(points, labels, k, epsilon, rng):
    return _wrong(points, labels, k, (2 / epsilon, 2 * points.shape[1] / epsilon), rng)


@totals.misconception("Several numbers got the same draw of noise, so what they differ by is exact: draw one for each.")
def _(points, labels, k, epsilon, rng):
    d = points.shape[1]
    return _totals_exact(points, labels, k) + rng.laplace(0, 2 / epsilon, (k, 1)) * np.array([1] + [d] * d)


@totals.misconception("That noise is Gaussian, which keeps no ε with δ = 0. Counts and sums get Laplace noise here.")
def _(points, labels, k, epsilon, rng):
    d = points.shape[1]
    scale = 2**0.5 * 2 / epsilon * np.array([1] + [d] * d)
    return _totals_exact(points, labels, k) + rng.normal(0, 1, (k, d + 1)) * scale


@totals.misconception(
    "You cut the points above 1 only. A negative coordinate may then be as large as it likes: clip at 0, too."
)
def _(points, labels, k, epsilon, rng):
    return _wrong(np.minimum(points, 1), labels, k, (2 / epsilon, 2 * points.shape[1] / epsilon), rng)


@totals.misconception(
    "Your noise counts the clusters. A point is in one of them only, so k does not matter for what it moves."
)
def _(points, labels, k, epsilon, rng):
    scales = 2 * k / epsilon, 2 * k * points.shape[1] / epsilon
    return _wrong(np.clip(points, 0, 1), labels, k, scales, rng)


@totals.misconception(
    "The sums have no noise. They tell a single household's point as well as a count does: add noise."
)
def _(points, labels, k, epsilon, rng):
    return _wrong(np.clip(points, 0, 1), labels, k, (2 / epsilon, 0), rng)


@totals.misconception("The counts have no noise. An exact count tells whether somebody is in: add noise to it, too.")
def _(points, labels, k, epsilon, rng):
    return _wrong(np.clip(points, 0, 1), labels, k, (0, 2 * points.shape[1] / epsilon), rng)


@totals.misconception(
    "All numbers have noise of scale (d + 1)/ε. That keeps ε, too, but half was asked for counts, half for sums."
)
def _(points, labels, k, epsilon, rng):
    scale = (points.shape[1] + 1) / epsilon
    return _wrong(np.clip(points, 0, 1), labels, k, (scale, scale), rng)


@totals.misconception(
    "You cut noisy numbers off at 0. That costs no ε, but empty clusters then have too much on average: leave them."
)
def _(points, labels, k, epsilon, rng):
    answer = _wrong(np.clip(points, 0, 1), labels, k, (2 / epsilon, 2 * points.shape[1] / epsilon), rng)
    answer[:, 0] = np.maximum(0, answer[:, 0])
    return answer


@totals.misconception("Your counts are whole numbers. Rounding costs no ε, but decimal Laplace noise was asked.")
def _(points, labels, k, epsilon, rng):
    answer = _wrong(np.clip(points, 0, 1), labels, k, (2 / epsilon, 2 * points.shape[1] / epsilon), rng)
    answer[:, 0] = np.round(answer[:, 0])
    return answer


@totals.misconception("Empty clusters have no noise. An exact 0 tells that nobody is there: add noise to them, too.")
def _(points, labels, k, epsilon, rng):
    exact = _totals_exact(points, labels, k)
    answer = _wrong(np.clip(points, 0, 1), labels, k, (2 / epsilon, 2 * points.shape[1] / epsilon), rng)
    return np.where(exact[:, :1] == 0, 0.0, answer)


@totals.misconception("You multiplied by ε. A smaller ε needs more noise: divide by half of it.")
def _(points, labels, k, epsilon, rng):
    return _wrong(np.clip(points, 0, 1), labels, k, (epsilon / 2, points.shape[1] * epsilon / 2), rng)


# ------------------------------------------------------------------------------ report


def seller_report(cell, household, cells, limit, least, epsilon, rng):
    """Private counts for sellers (the draft that was merged)."""
    table = np.zeros((household.max() + 1, cells))
    np.add.at(table, (household, cell), 1)
    exact = np.minimum(table, limit).sum(axis=0)
    noisy = exact + rng.laplace(0, 1 / epsilon, cells)
    noisy[exact == 0] = 0
    return np.where(exact < least, 0, noisy)


def _kept(household, limit):
    """The first rows of each household, at most `limit`."""
    order = np.argsort(household, kind="stable")
    keep = np.zeros(len(household), dtype=bool)
    keep[order] = np.arange(len(order)) - np.searchsorted(household[order], household[order]) < limit
    return keep


def _capped(cell, household, cells, limit):
    return np.bincount(cell[_kept(household, limit)], minlength=cells).astype(float)


def _report_noise(result, cell, household, cells, limit, least, epsilon):
    shown = np.asarray(result, dtype=float)
    if ((shown != 0) & (shown < least)).any():
        return "a count below `least` is shown"
    if epsilon >= 1000:  # almost no noise: what was counted shows
        return tuple(np.round(shown, 1).tolist())
    seen = shown[shown > 0]
    if len(np.unique(seen)) < len(seen):
        return "cells share their noise, or have none"
    if cells < MANY:
        return int(shown[0] > 0)
    return float((shown.mean(), len(seen), np.square(shown).mean() ** 0.5)[cells % 3])


@exercise(
    "private.report",
    minutes=14,
    level="senior",
    kind="bug",
    given=(seller_report,),
    same=distribution(_report_noise, draws=70, alpha=1e-7),
    hints=(
        "There are four bugs. By how much does all that is printed move when one household with many rows leaves?",
        "A sensitivity belongs to a household. Is the cap in the draft one per household, over all cells?",
        "Look at each place where exact counts decide something (there are two): what does the reader learn from it?",
        "A household may have `limit` rows, so the scale of the noise is the limit over ε, in every cell.",
    ),
)
def report(cell, household, cells, limit, least, epsilon, rng):
    """Private counts of every cell: ε for one household added or removed with all its rows.

    Args:
        cell: (n,) whole numbers from 0 to cells - 1; n may be 0; not to be changed.
        household: (n,) whole numbers of 0 or more, whose row it is; not to be changed.
        cells: how many cells there are: a list agreed beforehand.
        limit: rows that a household may have, over all cells together: its first ones count, in the order given.
        least: positive; a noisy count below it is reported as 0.
        epsilon: positive: for the whole report, with Laplace noise in each cell.
        rng: a NumPy generator.
    Returns:
        (cells,) array of noisy counts, 0 where they were too small.
    """
    order = np.argsort(household, kind="stable")
    first = household[order].searchsorted(household[order])
    kept = cell[order][np.arange(len(cell)) - first < limit]
    exact = np.bincount(kept, minlength=cells)
    noisy = rng.laplace(exact, limit / epsilon)
    return np.where(np.less(noisy, least), 0.0, noisy)


@report.cases
def _(rng):
    yield np.array([0, 0, 1, 0, 1]), np.array([3, 3, 3, 3, 7]), 3, 2, 0.5, 1e4  # almost no noise: the counts show
    yield np.array([2, 0, 0, 2, 2, 2, 0, 2]), np.array([1, 0, 1, 1, 0, 1, 0, 1]), 3, 3, 1.5, 1e4  # in any order
    yield np.repeat(np.arange(90), 2), np.arange(180) // 2, MANY + 1, 4, 3.0, 1.0  # nobody at the limit
    yield np.repeat(np.arange(60), 2), np.arange(120) // 3, MANY, 3, 0.25, 0.5
    yield rng.integers(0, 2, 12), rng.integers(0, 3, 12), MANY + 2, 3, 2.0, 0.5  # most cells are empty
    yield rng.integers(0, 3, 60), rng.integers(0, 5, 60), 3, 4, 1.0, 2e3  # many rows of each, almost no noise
    yield np.zeros(0, int), np.zeros(0, int), 2, 2, 0.5, 1.0


@report.alternative
def _(cell, household, cells, limit, least, epsilon, rng):
    counts, rows = [0.0] * cells, {}
    for place, name in zip(cell.tolist(), household.tolist(), strict=True):
        rows[name] = rows.get(name, 0) + 1
        if rows[name] <= limit:
            counts[place] += 1
    noisy = [count + rng.laplace(0, limit / epsilon) for count in counts]
    return np.array([value if value >= least else 0.0 for value in noisy])


@report.alternative
def _(cell, household, cells, limit, least, epsilon, rng):
    order = np.argsort(household, kind="stable")
    names, first = np.unique(household[order], return_index=True)
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    noisy = rng.laplace(np.bincount(cell[order][rank < limit], minlength=cells), limit / epsilon)
    noisy[noisy < least] = 0
    return noisy


@report.misconception(
    "A household still counts up to the limit in every cell. The limit is for all cells together: keep its first rows."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    table = np.zeros((max(household.tolist(), default=0) + 1, cells))
    np.add.at(table, (household, cell), 1)
    noisy = np.minimum(table, limit).sum(0) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    "The noise hides one row. A household may have `limit` of them: the scale is the limit divided by ε."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    noisy = _capped(cell, household, cells, limit) + rng.laplace(0, 1 / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    "Empty cells are exactly 0 in your report. Then a number there proves that somebody came: add noise to all cells."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    exact = _capped(cell, household, cells, limit)
    noisy = exact + rng.laplace(0, limit / epsilon, cells)
    return np.where((noisy < least) | (exact == 0), 0.0, noisy)


@report.misconception(
    "You hid cells by their exact counts. Whether a cell is hidden then tells on its people: compare the noisy count."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    exact = _capped(cell, household, cells, limit)
    return np.where(exact < least, 0.0, exact + rng.laplace(0, limit / epsilon, cells))


@report.misconception(
    "You gave each cell a share of ε. The limit holds for a household's rows in all cells, so it has paid for them."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    noisy = _capped(cell, household, cells, limit) + rng.laplace(0, limit * cells / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    "That is still the draft, which stops without rows as well. Take its four bugs one by one.", crashes=True
)
def _(cell, household, cells, limit, least, epsilon, rng):
    return seller_report(cell, household, cells, limit, least, epsilon, rng)


@report.misconception(
    "You set small exact counts to 0 before adding noise. That, too, lets exact counts decide: leave them."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    exact = _capped(cell, household, cells, limit)
    noisy = np.where(exact < least, 0, exact) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    "Your noise is sized by the busiest household at hand, which shows in the report. Size it by `limit`."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    most = min(limit, max(np.bincount(household).tolist(), default=1))
    noisy = _capped(cell, household, cells, limit) + rng.laplace(0, most / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("You counted all rows of a household. Its first `limit` count, over all cells together.")
def _(cell, household, cells, limit, least, epsilon, rng):
    noisy = np.bincount(cell, minlength=cells) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("You kept each household's last rows. The first ones count, in the order given.")
def _(cell, household, cells, limit, least, epsilon, rng):
    keep = _kept(household[::-1], limit)[::-1]
    noisy = np.bincount(cell[keep], minlength=cells) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("All cells got the same draw of noise, so their differences are exact. Draw one for each cell.")
def _(cell, household, cells, limit, least, epsilon, rng):
    noisy = _capped(cell, household, cells, limit) + rng.laplace(0, limit / epsilon)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("No cell is hidden in your report. Noisy counts below `least` are to be reported as 0.")
def _(cell, household, cells, limit, least, epsilon, rng):
    return _capped(cell, household, cells, limit) + rng.laplace(0, limit / epsilon, cells)


@report.misconception(
    "Two bugs or more are left: the cap is still one for each cell, and exact counts still decide what is shown."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    table = np.zeros((household.max(initial=-1) + 1, cells))
    np.add.at(table, (household, cell), 1)
    exact = np.minimum(table, limit).sum(axis=0)
    noisy = exact + rng.laplace(0, limit / epsilon, cells)
    noisy[exact == 0] = 0
    return np.where(noisy < least, 0, noisy)


@report.misconception("Without rows your report has no noise: then it tells that nobody came. Draw it in any case.")
def _(cell, household, cells, limit, least, epsilon, rng):
    if not len(household):
        return np.zeros(cells)
    noisy = _capped(cell, household, cells, limit) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    'Rows of a household changed places: np.argsort keeps the order of equal ones only with kind="stable".'
)
def _(cell, household, cells, limit, least, epsilon, rng):
    order = np.argsort(household)
    first = household[order].searchsorted(household[order])
    kept = cell[order][np.arange(len(cell)) - first < limit]
    noisy = np.bincount(kept, minlength=cells) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("You left out households with more rows than the limit. Their first `limit` rows count.")
def _(cell, household, cells, limit, least, epsilon, rng):
    many = np.bincount(household, minlength=1)[household] > limit
    noisy = np.bincount(cell[~many], minlength=cells) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("You kept the first `limit` rows of the table. The limit is for each household.")
def _(cell, household, cells, limit, least, epsilon, rng):
    noisy = np.bincount(cell[:limit], minlength=cells) + rng.laplace(0, limit / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception("Two bugs are left: the cap is still one for each cell, and the noise still hides one row only.")
def _(cell, household, cells, limit, least, epsilon, rng):
    table = np.zeros((household.max(initial=-1) + 1, cells))
    np.add.at(table, (household, cell), 1)
    noisy = np.minimum(table, limit).sum(0) + rng.laplace(0, 1 / epsilon, cells)
    return np.where(noisy < least, 0.0, noisy)


@report.misconception(
    "Two bugs or more are left: the cap is still one for each cell, and cells are still hidden by their exact counts."
)
def _(cell, household, cells, limit, least, epsilon, rng):
    table = np.zeros((household.max(initial=-1) + 1, cells))
    np.add.at(table, (household, cell), 1)
    exact = np.minimum(table, limit).sum(0)
    return np.where(exact < least, 0.0, exact + rng.laplace(0, limit / epsilon, cells))
