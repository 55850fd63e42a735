"""A logistic model by gradient steps, plain and private, with the household as the unit.

    data = Households.of(X, y, household)
    run = train(data, steps=200, rate=0.1, bound=1.0, noise=2.0, pace=1.0, rng=rng)
    run.weights, run.epsilon(delta=1e-5)

For learning: noise from floating-point numbers leaks through its last bits. Production uses Opacus or TF Privacy with
`dp-accounting`. Neighbours differ in one household, added or removed with all its rows. The promise covers the weights
and every step's weights. It does not cover choices that were made by looking at the data: bound, steps, columns, scale.
"""

import math
from dataclasses import dataclass

import numpy as np

from interestkit.accounting import dpsgd_epsilon


@dataclass(frozen=True, eq=False)
class Households:
    """Rows, those of a household side by side.

    Attributes:
        X: (n, d) features, bounded or not: gradients are clipped.
        y: (n,) 0 or 1.
        begin: (h + 1,) where each household's rows begin, and the end.
    """

    X: np.ndarray
    y: np.ndarray
    begin: np.ndarray

    @classmethod
    def of(cls, X, y, household):
        """Sort rows by household.

        Raises:
            ValueError: for NaN, labels other than 0 and 1, or arrays of unequal length.
        """
        X, y, household = np.asarray(X, dtype=float), np.asarray(y), np.asarray(household)
        if X.ndim != 2 or not len(X) or not len(X) == len(y) == len(household):
            raise ValueError(f"X, y and household need a row each, got {X.shape}, {y.shape} and {household.shape}")
        if not np.isfinite(X).all() or not np.isin(y, (0, 1)).all():
            raise ValueError("X must be finite and y 0 or 1, and neither NaN")
        order = np.argsort(household, kind="stable")
        first = np.unique(household[order], return_index=True)[1]
        return cls(X[order], y[order].astype(float), np.append(first, len(X)))

    def __len__(self):
        return len(self.begin) - 1

    def some(self, chosen):
        """Rows of the chosen households, and where each household begins among them.

        Args:
            chosen: (m,) household numbers.
        """
        sizes = self.begin[chosen + 1] - self.begin[chosen]
        begin = np.append(0, np.cumsum(sizes))
        rows = np.arange(begin[-1]) + np.repeat(self.begin[chosen] - begin[:-1], sizes)
        return self.X[rows], self.y[rows], begin


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training run.

    Attributes:
        weights: (d,).
        rate, noise, steps: as in `train`.
    """

    weights: np.ndarray
    rate: float
    noise: float
    steps: int

    def epsilon(self, delta):
        """ε at δ for households added or removed; infinite without noise.

        Args:
            delta: well below one over the number of households.
        """
        return dpsgd_epsilon(self.rate, self.noise, self.steps, delta) if self.noise else math.inf


def chance_of_one(X, weights):
    """Probability of a 1 by a logistic model.

    Args:
        X: (n, d) features.
        weights: (d,).

    Returns:
        (n,) from 0 to 1.
    """
    from scipy.special import expit

    return expit(X @ weights)


def household_sums(weights, X, y, begin):
    """The gradient of the log loss, added up over each household's rows.

    Args:
        weights: (d,).
        X, y, begin: as in `Households`.

    Returns:
        (h, d) a row for each household.
    """
    from scipy.sparse import csr_array

    error = chance_of_one(X, weights) - y
    return csr_array((error, np.arange(len(y)), begin), shape=(len(begin) - 1, len(y))) @ X


def clipped_sum(sums, bound):
    """The total of the households' gradients, each shortened to `bound`: one household moves it by no more.

    Args:
        sums: (h, d).
        bound: largest L2 norm, positive.

    Returns:
        (d,) array.
    """
    norm = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    return (bound / np.maximum(norm, bound)) @ sums


def sample(households, rate, rng):
    """A Poisson sample: each household is in with probability `rate`, whoever else is. The accountant assumes this.

    Args:
        households: how many.
        rate: in (0, 1].
        rng: a NumPy generator.

    Returns:
        (m,) whole numbers below `households`, ascending; m differs from sample to sample.
    """
    return np.flatnonzero(rng.random(households) < rate)


def plain_step(weights, data, rate, pace, rng):
    """A step without privacy: the sample's mean gradient per household.

    Args:
        weights, data, rate, pace, rng: as in `private_step`.

    Returns:
        (d,) new weights.
    """
    X, y, begin = data.some(sample(len(data), rate, rng))
    return weights - pace * (chance_of_one(X, weights) - y) @ X / max(1, len(begin) - 1)


def private_step(weights, data, rate, bound, noise, pace, expected, rng):
    """A step of DP-SGD: clip each household's sum, add noise once, divide by a number fixed beforehand.

    Args:
        weights, data: (d,) and `Households`.
        rate: of the Poisson sample.
        bound: largest norm of a household's gradient.
        noise: multiplier: its standard deviation is noise · bound in each coordinate of the total.
        pace: learning rate.
        expected: households in a sample, on average. A stated number: the sample's own size would tell who was in.
        rng: a NumPy generator.

    Returns:
        (d,) new weights.

    Source:
        Abadi et al., Deep learning with differential privacy, CCS 2016; the user as unit: McMahan et al., ICLR 2018.
    """
    X, y, begin = data.some(sample(len(data), rate, rng))
    total = clipped_sum(household_sums(weights, X, y, begin), bound)
    return weights - pace * (total + rng.normal(0, noise * bound, len(weights))) / expected


def train(data, *, steps, rate, bound, noise, pace, rng, expected=None):
    """DP-SGD from weights of 0.

    Args:
        data: `Households`.
        steps, rate, bound, noise, pace, expected: as in `private_step`. `expected` is rate times the number of
            households by default, which takes that number as public: state one where it is not.
        rng: a NumPy generator.

    Returns:
        a `Run`.

    Raises:
        ValueError: for a rate outside (0, 1], or numbers that are not positive.
    """
    if not 0 < rate <= 1:
        raise ValueError(f"rate must lie in (0, 1], got {rate}")
    if steps < 1 or steps != int(steps):
        raise ValueError(f"steps must be a whole number of 1 or more, got {steps}")
    if not (0 < bound < math.inf and 0 <= noise < math.inf and 0 < pace < math.inf):
        raise ValueError(f"bound and pace must be positive and noise 0 or more, got {bound}, {pace} and {noise}")
    expected = rate * len(data) if expected is None else expected
    if not 0 < expected < math.inf:
        raise ValueError(f"expected must be positive, got {expected}")
    weights = np.zeros(data.X.shape[1])
    for _ in range(steps):
        weights = private_step(weights, data, rate, bound, noise, pace, expected, rng)
    return Run(weights, rate, noise, int(steps))
