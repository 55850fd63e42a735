"""Exercises of 15_differential_privacy: coins undone, a histogram per household, totals with bugs, a private choice."""

import math

import numpy as np

from interestkit.workbook.chance import distribution, noise_summary
from interestkit.workbook.exercise import exercise

# --------------------------------------------------------------------------- response


@exercise(
    "privacy.response",
    minutes=10,
    level="junior",
    hints=(
        "Write the chance of reporting 1 as a line in the true share: who says 1 honestly, and who by a lie?",
        "A true 1 is kept with probability p, a true 0 is turned into 1 with 1 - p. Solve for the share.",
        "Take the lies of an all-zero crowd, 1 - p, away from the reported share. Then divide by the slope.",
    ),
)
def response(reports, epsilon):
    """Unbiased share of true ones behind randomised reports.

    Each report is the true answer with probability p = e^ε / (1 + e^ε), and the other answer otherwise.

    Args:
        reports: (n,) array of 0 and 1, n at least 1.
        epsilon: positive.
    Returns:
        one number, which may lie below 0 or above 1.
    """
    keep = 1 / (1 + math.exp(-epsilon))
    return float((reports.mean() - (1 - keep)) / (2 * keep - 1))


@response.cases
def _(rng):
    yield np.array([1, 0, 0, 1, 0]), math.log(3)
    yield np.array([0, 0, 0]), 1.0  # an estimate below 0
    yield np.array([1, 1]), 2.0  # and above 1
    yield np.array([1]), 0.5
    yield rng.integers(0, 2, 50), 1.7


@response.alternative
def _(reports, epsilon):
    keep, total = math.exp(epsilon) / (1 + math.exp(epsilon)), 0.0
    for report in reports:
        total += (report - (1 - keep)) / (2 * keep - 1)
    return total / len(reports)


@response.alternative
def _(reports, epsilon):
    return 0.5 + (np.mean(reports) - 0.5) / math.tanh(epsilon / 2)


@response.misconception("You returned the share of reported ones. The lies are still in it: undo them.")
def _(reports, epsilon):
    return float(reports.mean())


@response.misconception("You cut the estimate off at 0 and 1. Averaged over days, that is biased: leave it as it is.")
def _(reports, epsilon):
    return min(1.0, max(0.0, response.reference(reports, epsilon)))


@response.misconception(
    "You read p as the chance to tell the truth and else to toss a fair coin. Here the other answer is given otherwise."
)
def _(reports, epsilon):
    keep = 1 / (1 + math.exp(-epsilon))
    return float((reports.mean() - (1 - keep) / 2) / keep)


@response.misconception("You took away the lies but did not divide: the line's slope is 2p - 1.")
def _(reports, epsilon):
    return float(reports.mean() - 1 / (1 + math.exp(epsilon)))


@response.misconception("You swapped p and 1 - p, and so found the share of zeros.")
def _(reports, epsilon):
    return 1 - response.reference(reports, epsilon)


@response.misconception("You cut the estimate off at 0. Averaged over days, that is biased upwards: leave it as it is.")
def _(reports, epsilon):
    return max(0.0, response.reference(reports, epsilon))


@response.misconception("You divided by p. The line through both answers has the slope 2p - 1: divide by that.")
def _(reports, epsilon):
    keep = 1 / (1 + math.exp(-epsilon))
    return float((reports.mean() - (1 - keep)) / keep)


@response.misconception("That is how many true ones there are. The share is asked: divide by the number of reports.")
def _(reports, epsilon):
    return response.reference(reports, epsilon) * len(reports)


@response.misconception("You cut the estimate off at 1. Averaged over days, that is biased: leave it as it is.")
def _(reports, epsilon):
    return min(1.0, response.reference(reports, epsilon))


# ------------------------------------------------------------------------------ noise

MANY = 300  # cells of the inputs on which one answer shows enough noise to be judged


def _small_noise(noise, epsilon):
    """Few draws: what is left when a large ε leaves almost no noise, or coarse bins of the first."""
    return tuple(np.round(noise / epsilon, 1).tolist()) if epsilon >= 100 else int(np.digitize(noise[0], [-1, 0, 1]))


def _judge(noise, epsilon):
    return noise_summary(noise) if len(noise) >= MANY else _small_noise(noise, epsilon)


# -------------------------------------------------------------------------- histogram


def _first(household, limit):
    """Which rows are among the first `limit` of their household."""
    seen, keep = {}, []
    for one in household.tolist():
        seen[one] = seen.get(one, 0) + 1
        keep.append(seen[one] <= limit)
    return np.array(keep)


def _counts(cell, household, cells, limit):
    return np.bincount(cell[_first(household, limit)], minlength=cells)


def _noise(result, cell, household, cells, limit, epsilon):
    return _judge((np.asarray(result) - _counts(cell, household, cells, limit)) * epsilon / limit, epsilon)


@exercise(
    "privacy.histogram",
    minutes=15,
    level="mid",
    same=distribution(_noise, draws=90, alpha=1e-7),
    hints=(
        "First bound what a household can change: walk through the rows and count how many each household has had.",
        "A household with `limit` rows moves the counts by `limit` in L1. That is the sensitivity.",
        "Every cell gets noise of its own, empty cells too, from the generator that you are given.",
        "The scale of Laplace noise is the sensitivity over ε, and `rng.laplace(0, scale, cells)` draws one a cell.",
    ),
)
def histogram(cell, household, cells, limit, epsilon, rng):
    """Counts of rows per cell, ε-differentially private for a household added or removed.

    Only the first `limit` rows of each household count. Every cell gets Laplace noise of its own.

    Args:
        cell: (n,) array of whole numbers in 0..cells-1; not to be changed.
        household: (n,) array of whole numbers: whose row it is, in any order; not to be changed.
        cells: number of cells.
        limit: whole number, at least 1.
        epsilon: positive, for the whole histogram.
        rng: NumPy generator to draw from.
    Returns:
        (cells,) array of decimal numbers; some may be negative.
    """
    keep = [np.sum(household[:i] == household[i]) < limit for i in range(len(household))]
    return rng.laplace(np.bincount(cell[keep], minlength=cells), limit / epsilon)  # around each count


@histogram.cases
def _(rng):
    yield np.array([0, 0, 0, 1]), np.array([7, 7, 7, 8]), 3, 2, 1000.0  # almost no noise: the counts show
    yield np.array([2, 0, 2, 1, 2, 0, 2]), np.array([5, 3, 5, 3, 5, 3, 9]), 3, 2, 600.0  # households in any order
    yield np.array([1, 0, 1, 0, 2, 2]), np.array([4, 4, 4, 4, 4, 6]), 4, 3, 800.0  # one household, two cells
    yield np.array([0, 0, 1]), np.array([1, 1, 2]), MANY + 1, 5, 2.0  # nobody reaches the limit
    yield rng.integers(0, MANY, 12), np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4]), MANY, 4, 0.5
    yield np.array([2, 2, 2, 2]), np.array([1, 2, 3, 4]), 3, 1, 0.5  # two empty cells


@histogram.alternative
def _(cell, household, cells, limit, epsilon, rng):
    counts, seen = [0.0] * cells, {}
    for c, h in zip(cell, household, strict=True):
        seen[h] = seen.get(h, 0) + 1
        if seen[h] <= limit:
            counts[c] += 1
    return np.array(counts) + rng.laplace(0, limit / epsilon, cells)


@histogram.alternative
def _(cell, household, cells, limit, epsilon, rng):
    scale = limit / epsilon
    noise = rng.exponential(scale, cells) - rng.exponential(scale, cells)
    return _counts(cell, household, cells, limit) + noise


@histogram.misconception("You counted all rows. A household with many then moves the counts by more than `limit`.")
def _(cell, household, cells, limit, epsilon, rng):
    return np.bincount(cell, minlength=cells) + rng.laplace(0, limit / epsilon, cells)


@histogram.misconception(
    "You took `limit` rows of a household in each cell. Over all cells it then has more than `limit`."
)
def _(cell, household, cells, limit, epsilon, rng):
    keep = _first(household * cells + cell, limit)
    return np.bincount(cell[keep], minlength=cells) + rng.laplace(0, limit / epsilon, cells)


@histogram.misconception("Your noise ignores the limit: its scale is that of households with one row.")
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.laplace(0, 1 / epsilon, cells)


@histogram.misconception("Your noise grows with ε. A smaller ε promises more, so it needs more noise: divide.")
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.laplace(0, limit * epsilon, cells)


@histogram.misconception(
    "Your noise is sized by the busiest household at hand, so its size tells who is there. The sensitivity is `limit`."
)
def _(cell, household, cells, limit, epsilon, rng):
    most = min(limit, np.bincount(household).max())
    return _counts(cell, household, cells, limit) + rng.laplace(0, most / epsilon, cells)


@histogram.misconception("That is Gaussian noise: it keeps no ε without a δ. Laplace noise of scale limit/ε is asked.")
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.normal(0, 2**0.5 * limit / epsilon, cells)


@histogram.misconception(
    "Some cells have the same noise: drawn once for all, rounded or cut. Draw one for each cell, and leave it as it is."
)
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.laplace(0, limit / epsilon)


@histogram.misconception(
    "Some cells show an exact 0. Where only empty ones do, it tells that nobody is there: noise all of them."
)
def _(cell, household, cells, limit, epsilon, rng):
    counts = _counts(cell, household, cells, limit)
    return np.where(counts > 0, counts + rng.laplace(0, limit / epsilon, cells), 0.0)


@histogram.misconception(
    "Random rows keep the promise, too, but here the first `limit` rows of each household are asked."
)
def _(cell, household, cells, limit, epsilon, rng):
    order = np.lexsort((rng.random(len(household)), household))
    ordered = household[order]
    keep = order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < limit]
    return np.bincount(cell[keep], minlength=cells) + rng.laplace(0, limit / epsilon, cells)


@histogram.misconception("You kept one row too many of a household: `limit` rows, not limit + 1.")
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit + 1) + rng.laplace(0, limit / epsilon, cells)


@histogram.misconception(
    "That is Gaussian noise: no size of it keeps ε without a δ. Draw Laplace noise of scale limit/ε."
)
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.normal(0, limit / epsilon, cells)


@histogram.misconception(
    "Your noise grows with the number of cells. A household moves all of them together by `limit` only."
)
def _(cell, household, cells, limit, epsilon, rng):
    return _counts(cell, household, cells, limit) + rng.laplace(0, limit * cells / epsilon, cells)


# ---------------------------------------------------------------------------- release


def nightly_totals(values, high, epsilon, rng):
    """The private total of each department, a row per household (the job of the night)."""
    bound = values.max()
    totals = np.clip(values, 0, bound).sum(axis=0)
    return totals + rng.laplace(0, bound * epsilon, len(totals))


def _kept(values, high):
    return np.clip(values, 0, high).sum(axis=0)


def _spread(result, values, high, epsilon):
    return _judge((np.asarray(result) - _kept(values, high)) * epsilon / (high * values.shape[1]), epsilon)


@exercise(
    "privacy.release",
    minutes=12,
    level="mid",
    kind="bug",
    given=(nightly_totals,),
    same=distribution(_spread, draws=90, alpha=1e-7),
    hints=(
        "There are three bugs. Which number of the function changes if the biggest spender leaves?",
        "A bound must be fixed before the data are seen: it is among the arguments.",
        "What happens to the noise when ε is made ten times smaller? Which way should it go?",
        "A household has a value in every department. By how much can it move all totals together, in L1?",
    ),
)
def release(values, high, epsilon, rng):
    """Total of each department, together ε-differentially private for a household added or removed.

    Args:
        values: (n, m) array of decimal numbers, a row per household, a column per department; n and m at least 1;
            not to be changed.
        high: positive; each value is moved into 0..high.
        epsilon: positive, for all m totals together.
        rng: NumPy generator to draw from.
    Returns:
        (m,) decimal numbers; some may be negative.
    """
    totals = np.clip(values, 0, high).sum(axis=0)
    return rng.laplace(totals, high * values.shape[1] / epsilon)  # around each total


@release.cases
def _(rng):
    yield np.array([[1.0, 2.0], [30.0, 0.0], [-4.0, 3.0]]), 5.0, 1000.0  # almost no noise: the totals show
    yield np.array([[-40.0], [-3.0], [-2.0], [3.0]]), 2.0, 700.0
    yield rng.uniform(0, 9, (2, MANY)), 4.0, 3.0
    yield rng.uniform(0, 2, (2, MANY + 1)), 6.0, 0.5  # nobody reaches the bound
    yield np.array([[0.5, 1.0, 1.5]]), 6.0, 1.0


@release.alternative
def _(values, high, epsilon, rng):
    departments = values.shape[1]
    noise = rng.laplace(0, departments * high / epsilon, departments)
    totals = []
    for column, extra in zip(values.T.tolist(), noise.tolist(), strict=True):
        total = 0.0
        for value in column:
            total += min(high, max(0.0, value))
        totals.append(total + extra)
    return np.array(totals)


@release.alternative
def _(values, high, epsilon, rng):
    households, departments = values.shape
    noise = rng.exponential(size=departments) - rng.exponential(size=departments)
    return np.minimum(np.maximum(values, 0), high).sum(0) + noise * high * departments / epsilon


@release.misconception("That is still the job of the night: look for what it reads off the data, and for its noise.")
def _(values, high, epsilon, rng):
    return nightly_totals(values, high, epsilon, rng)


@release.misconception("The noise still grows with ε. A smaller ε promises more and needs more noise: divide.")
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.laplace(0, high * values.shape[1] * epsilon, values.shape[1])


@release.misconception(
    "Your noise is sized for one total. A household is in all of them and may move each by `high`: add these moves up."
)
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.laplace(0, high / epsilon, values.shape[1])


@release.misconception("The bound still comes from the data, so the biggest spender sets the noise: use `high`.")
def _(values, high, epsilon, rng):
    bound = values.max()
    return np.clip(values, 0, bound).sum(0) + rng.laplace(0, abs(bound) * values.shape[1] / epsilon, values.shape[1])


@release.misconception(
    "Your bound is the smaller of `high` and the largest value at hand, so the noise tells who is there: use `high`."
)
def _(values, high, epsilon, rng):
    bound = min(high, values.max())
    return _kept(values, bound) + rng.laplace(0, bound * values.shape[1] / epsilon, values.shape[1])


@release.misconception("You did not move the values into bounds, so one household can change a total by any amount.")
def _(values, high, epsilon, rng):
    return values.sum(0) + rng.laplace(0, high * values.shape[1] / epsilon, values.shape[1])


@release.misconception(
    "You capped values at `high` and let negative ones in: a large refund then moves a total freely."
)
def _(values, high, epsilon, rng):
    scale = high * values.shape[1] / epsilon
    return np.minimum(values, high).sum(0) + rng.laplace(0, scale, values.shape[1])


@release.misconception(
    "Some totals have the same noise. Drawn once for all, it leaves differences exact; do not round or cut it."
)
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.laplace(0, high * values.shape[1] / epsilon)


@release.misconception(
    "Gaussian noise keeps no ε without a δ, however it is sized. Draw Laplace noise for these totals."
)
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.normal(0, 2**0.5 * high * values.shape[1] / epsilon, values.shape[1])


@release.misconception("You added no noise. Tonight's totals and tomorrow's then give a newcomer away exactly.")
def _(values, high, epsilon, rng):
    return _kept(values, high)


@release.misconception(
    "The bound is right now. Two bugs are left, both in the noise: which way ε goes, and how many totals one moves."
)
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.laplace(0, high * epsilon, values.shape[1])


@release.misconception(
    "Right: noise is divided by ε. Two bugs are left: where the bound comes from, and how many totals one moves."
)
def _(values, high, epsilon, rng):
    bound = values.max()
    return np.clip(values, 0, bound).sum(0) + rng.laplace(0, abs(bound) / epsilon, values.shape[1])


@release.misconception("Values are still cut at the largest one at hand: cut them at `high`.")
def _(values, high, epsilon, rng):
    return np.clip(values, 0, values.max()).sum(0) + rng.laplace(0, high * values.shape[1] / epsilon, values.shape[1])


@release.misconception("The noise is still sized by the largest value at hand: size it by `high`.")
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.laplace(0, abs(values.max()) * values.shape[1] / epsilon, values.shape[1])


@release.misconception(
    "That noise is Gaussian: no size of it keeps ε without a δ. Draw Laplace noise for these totals."
)
def _(values, high, epsilon, rng):
    return _kept(values, high) + rng.normal(0, high * values.shape[1] / epsilon, values.shape[1])


# ----------------------------------------------------------------------------- choice


@exercise(
    "privacy.choice",
    minutes=10,
    level="mid",
    extra=True,
    hints=(
        "A candidate's weight is exponential in its score. The statement says with which factor.",
        "Only differences of scores matter: subtract the largest first, and nothing overflows.",
    ),
)
def choice(scores, sensitivity, epsilon):
    """Probabilities of the exponential mechanism: in proportion to exp(ε · score / (2 · sensitivity)).

    Args:
        scores: (k,) array of decimal numbers, k at least 1, also large ones such as 5,000; not to be changed.
        sensitivity: positive.
        epsilon: positive.
    Returns:
        (k,) array that sums to 1.
    """
    weights = np.exp(epsilon * (scores - scores.max()) / (2 * sensitivity))
    return weights / weights.sum()


@choice.cases
def _(rng):
    yield np.array([3.0, 1.0, 0.0]), 2.0, 1.5
    yield np.array([2.0, 2.0]), 1.0, 1.0
    yield np.array([5000.0, 4999.0, 4990.0]), 2.0, 3.0
    yield np.array([5000.0, 4999.0, 0.0]), 2.0, 3.0
    yield np.array([-5000.0, -4999.0, -4990.0]), 1.0, 2.0
    yield np.array([0.0, 1.0, 2.0, 5000.0]), 2.0, 3.0
    yield np.array([-4.0]), 1.0, 0.1
    yield rng.normal(0, 3, 6), 3.0, 2.0


@choice.alternative
def _(scores, sensitivity, epsilon):
    return [
        1 / sum(math.exp(epsilon * (other - score) / (2 * sensitivity)) if other - score < 400 else math.inf
                for other in scores)
        for score in scores
    ]  # fmt: skip


@choice.alternative
def _(scores, sensitivity, epsilon):
    logits = scores * epsilon / (2 * sensitivity)
    return np.exp(logits - np.logaddexp.reduce(logits))


def _chosen(scores, factor):
    weights = np.exp(factor * (scores - scores.max()))
    return weights / weights.sum()


@choice.misconception("You forgot the 2. When one score rises and another falls, that may cost twice the ε promised.")
def _(scores, sensitivity, epsilon):
    return _chosen(scores, epsilon / sensitivity)


@choice.misconception("You left the sensitivity out. Scores that move more need flatter probabilities.")
def _(scores, sensitivity, epsilon):
    return _chosen(scores, epsilon / 2)


@choice.misconception("You turned the sign round: the worst candidate looks best.")
def _(scores, sensitivity, epsilon):
    return _chosen(-scores, epsilon / (2 * sensitivity))


@choice.misconception("You always take the best one. Without chance nothing is promised.")
def _(scores, sensitivity, epsilon):
    return (np.arange(len(scores)) == scores.argmax()).astype(float)


@choice.misconception("`/ 2 * sensitivity` multiplies by the sensitivity: write brackets, `/ (2 * sensitivity)`.")
def _(scores, sensitivity, epsilon):
    return _chosen(scores, epsilon / 2 * sensitivity)
