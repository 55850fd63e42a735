"""Mechanisms that keep differential privacy, bounds on what one household can change, and a ledger for ε and δ.

For learning, not for releases. Noise drawn as floating-point numbers leaks through its last bits (Mironov, On
significance of the least significant bits for differential privacy, CCS 2012), and a generator with a seed can be
drawn again. Production uses OpenDP or Google's libraries for mechanisms and `dp-accounting` for the sum.

Neighbours differ in one household, added or removed with all its rows. `sensitivity` is the most that an answer can
move between neighbours: the L1 norm of the whole answer for Laplace and geometric noise, the L2 norm for Gaussian,
the largest move of any candidate's score for the exponential mechanism and noisy maximum. Bounds and sensitivities
must not be read off the data. What is computed from a private answer alone stays as private as the answer.
"""

import math
from dataclasses import dataclass

import numpy as np

from interestkit.accounting import analytic_sigma, check_delta, check_epsilon, check_sensitivity, classic_sigma

# Mechanisms: noise --------------------------------------------------------------------


def laplace(value, sensitivity, epsilon, rng):
    """Add Laplace noise of scale sensitivity/ε to every entry: ε-differentially private.

    Args:
        value: a number or an array, the true answer.
        sensitivity: L1, of the whole array together.
        epsilon: positive.
        rng: a NumPy generator.

    Returns:
        the answer with noise, a float or an array of the same shape. Its standard deviation is √2 · scale.

    Source:
        Dwork, McSherry, Nissim & Smith, Calibrating noise to sensitivity in private data analysis, TCC 2006.
    """
    value = _answer(value, sensitivity, epsilon, rng)
    return _plain(value + rng.laplace(0, sensitivity / epsilon, value.shape))


def gaussian(value, sensitivity, epsilon, delta, rng, calibration="analytic"):
    """Add Gaussian noise to every entry: (ε, δ)-differentially private.

    Args:
        value: a number or an array, the true answer.
        sensitivity: L2, of the whole array together.
        epsilon, delta: what is promised.
        rng: a NumPy generator.
        calibration: "analytic", or "classic", which is refused above ε = 1, where its proof ends.

    Returns:
        the answer with noise, a float or an array of the same shape.

    Source:
        Balle & Wang, Improving the Gaussian mechanism for differential privacy, ICML 2018.
    """
    value = _answer(value, sensitivity, epsilon, rng)
    if calibration not in ("analytic", "classic"):
        raise ValueError(f'calibration must be "analytic" or "classic", got {calibration!r}')
    if calibration == "classic" and epsilon > 1:
        raise ValueError(f'the classic calibration is proved for epsilon up to 1, got {epsilon}: use "analytic"')
    sigma = (analytic_sigma if calibration == "analytic" else classic_sigma)(epsilon, delta, sensitivity)
    return _plain(value + rng.normal(0, sigma, value.shape))


def geometric(count, sensitivity, epsilon, rng):
    """Add two-sided geometric noise to whole numbers: ε-differentially private, and whole numbers have no last bits.

    Args:
        count: a whole number or an array of them.
        sensitivity: L1, of the whole array together; a whole number.
        epsilon: positive.
        rng: a NumPy generator.

    Returns:
        whole numbers of the same shape. P(noise = z) is (1 - a)/(1 + a) · a^|z| with a = exp(-ε/sensitivity).

    Source:
        Ghosh, Roughgarden & Sundararajan, Universally utility-maximizing privacy mechanisms, STOC 2009.
    """
    exact = np.asarray(count)
    value = _answer(count, sensitivity, epsilon, rng)
    if exact.dtype.kind not in "biu" or sensitivity != int(sensitivity):
        raise ValueError("geometric noise is for whole numbers, of count and sensitivity alike: use laplace")
    if sensitivity / epsilon > 1e15:
        raise ValueError(f"epsilon is too small for whole numbers of 64 bits, got {epsilon}")
    success = -math.expm1(-epsilon / sensitivity)
    noise = rng.geometric(success, value.shape) - rng.geometric(success, value.shape)
    return _plain(exact.astype(np.int64) + noise)


# Mechanisms: choices ------------------------------------------------------------------


def exponential_chances(scores, sensitivity, epsilon, monotone=False):
    """The probabilities with which `exponential` chooses; that function says what the arguments mean.

    Args:
        scores, sensitivity, epsilon, monotone: as there.

    Returns:
        (..., k) probabilities.
    """
    logits = _logits(scores, sensitivity, epsilon, monotone)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def exponential(scores, sensitivity, epsilon, rng, monotone=False):
    """Choose a candidate with probability in proportion to exp(ε · score / (2 · sensitivity)).

    Args:
        scores: (..., k) a score for each candidate; higher is better. One choice is made in each row.
        sensitivity: the most that one household can move any score.
        epsilon: positive, for each choice.
        rng: a NumPy generator.
        monotone: whether a household, added, can move scores in one direction only, as counts: then without the 2.

    Returns:
        (...) index of the candidate.

    Source:
        McSherry & Talwar, Mechanism design via differential privacy, FOCS 2007.
    """
    _check_rng(rng)
    logits = _logits(scores, sensitivity, epsilon, monotone)
    return _plain((logits + rng.gumbel(size=logits.shape)).argmax(-1))


def noisy_max(scores, sensitivity, epsilon, rng, monotone=False):
    """Report noisy max: the index of the largest score after Laplace noise of scale 2 · sensitivity/ε.

    Only the index is private. The noisy score that won is not to be released; ask for it anew.

    Args:
        scores, sensitivity, epsilon, rng, monotone: as in `exponential`.

    Returns:
        (...) index of the candidate.

    Source:
        Dwork & Roth, The algorithmic foundations of differential privacy, 2014, claim 3.9, for counts. Other scores
        may move both ways: with the sensitivity added to all of one side, which changes no choice, they move one
        way, and twice as far.
    """
    _check_rng(rng)
    scores = _scores(scores, sensitivity, epsilon)
    scale = (1 if monotone else 2) * sensitivity / epsilon
    return _plain((scores + rng.laplace(0, scale, scores.shape)).argmax(-1))


# Mechanisms: at the shopper's side ----------------------------------------------------


def truth_chance(choices, epsilon):
    """The probability with which `randomised_response` reports the true answer.

    Args:
        choices: k, how many answers there are.
        epsilon: positive.

    Returns:
        e^ε / (e^ε + k - 1).
    """
    check_epsilon(epsilon)
    if choices < 2 or choices != int(choices):
        raise ValueError(f"choices must be a whole number of 2 or more, got {choices}")
    return 1 / (1 + (choices - 1) * math.exp(-epsilon))


def randomised_response(answers, choices, epsilon, rng):
    """Each household reports its true answer, or any other: ε-differentially private before anyone collects it.

    Args:
        answers: (n,) whole numbers from 0 to choices - 1.
        choices: k, how many answers there are.
        epsilon: positive.
        rng: a NumPy generator.

    Returns:
        (n,) reports.

    Source:
        Warner, JASA 60 (1965), for two answers; Kairouz, Oh & Viswanath, Extremal mechanisms for local differential
        privacy, NIPS 2014, for more.
    """
    _check_rng(rng)
    truth, answers = truth_chance(choices, epsilon), _choices("answers", answers, choices)
    lies = rng.random(answers.shape) >= truth
    return np.where(lies, (answers + rng.integers(1, choices, answers.shape)) % choices, answers)


def response_shares(reports, choices, epsilon):
    """Unbiased shares of the true answers from randomised reports.

    Args:
        reports: (n,) from `randomised_response` with the same `choices` and `epsilon`.
        choices, epsilon: as there.

    Returns:
        (choices,) shares that add up to 1. A rare answer's may be below 0: cut it off and it is biased.

    Source:
        Wang, Blocki, Li & Jha, Locally differentially private protocols for frequency estimation, USENIX 2017.
    """
    truth, reports = truth_chance(choices, epsilon), _choices("reports", reports, choices)
    other = (1 - truth) / (choices - 1)
    return (np.bincount(reports, minlength=choices) / len(reports) - other) / (truth - other)


# Bounds -------------------------------------------------------------------------------


def clamp(values, low, high):
    """Move values into bounds that are fixed before the data are seen.

    Args:
        values: array of numbers.
        low, high: finite, the first below the second.

    Returns:
        array of the same shape.
    """
    if low is None or high is None or not -math.inf < low < high < math.inf:
        raise ValueError(f"values need two finite bounds that do not come from the data, got {low} and {high}")
    return np.clip(_numbers("values", values), low, high)


def clip(rows, bound):
    """Shorten rows that are longer than the bound; others stay as they are.

    Args:
        rows: (n, d) array, or (d,).
        bound: largest L2 norm, positive.

    Returns:
        array of the same shape.
    """
    rows = _numbers("rows", rows)
    _check_bound(bound)
    norm = np.linalg.norm(rows, axis=-1, keepdims=True)
    with np.errstate(divide="ignore", over="ignore"):
        return rows * np.minimum(1, bound / norm)


def clip_households(rows, household, bound):
    """Add up each household's rows, then clip the sums: their total then moves by at most `bound` per household.

    To clip rows first and add them up afterwards bounds a row, not a household.

    Args:
        rows: (n, d) array.
        household: (n,) whose row it is.
        bound: largest L2 norm of a household's sum.

    Returns:
        households, sums: (h,) in order, and (h, d).
    """
    rows = _numbers("rows", rows)
    if rows.ndim != 2:
        raise ValueError(f"rows must be a table with a row for each purchase, got shape {rows.shape}")
    household = _households(household, len(rows))
    names, index = np.unique(household, return_inverse=True)
    sums = np.zeros((len(names), rows.shape[1]))
    np.add.at(sums, index, rows)
    return names, clip(sums, bound)


def bound_contributions(household, limit, rng):
    """Keep at most `limit` rows of each household, chosen at random, so that all of its rows count alike.

    Args:
        household: (n,) whose row it is.
        limit: rows that a household may have, at least 1.
        rng: a NumPy generator.

    Returns:
        indices of the rows kept, in order.
    """
    _check_rng(rng), _check_limit(limit)
    household = _households(household)
    index = np.unique(household, return_inverse=True)[1]
    order = np.lexsort((rng.random(len(index)), index))
    first = np.searchsorted(index[order], index[order])  # where each row's household begins
    return np.sort(order[np.arange(len(order)) - first < limit])


def check_contributions(household, limit):
    """Refuse data in which a household has more rows than the stated bound. The refusal is for the curator's eyes.

    Args:
        household: (n,) whose row it is.
        limit: rows that a household may have.

    Raises:
        ValueError: in one sentence, for the household with the most rows.
    """
    _check_limit(limit)
    names, rows = np.unique(_households(household), return_counts=True)
    if len(rows) and rows.max() > limit:
        raise ValueError(
            f"household {names[rows.argmax()]} has {rows.max()} rows, more than the stated {limit}: "
            "choose among them with bound_contributions first"
        )


def histogram(cell, household, cells, limit, epsilon, rng):
    """Private counts of rows in every cell, empty ones too: geometric noise for households of at most `limit` rows.

    Args:
        cell: (n,) whole numbers from 0 to cells - 1.
        household: (n,) whose row it is.
        cells: how many cells there are, whether or not anyone is in them.
        limit: rows that a household may have: the sensitivity.
        epsilon: positive, for the histogram as a whole.
        rng: a NumPy generator.

    Returns:
        (cells,) whole numbers, which may be negative.

    Raises:
        ValueError: for a household with more rows.
    """
    cell = _choices("cell", cell, cells)
    check_contributions(_households(household, len(cell)), limit)
    return geometric(np.bincount(cell, minlength=cells), limit, epsilon, rng)


# The ledger ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """What one release, or one group of parallel releases, cost.

    Attributes:
        what: a name.
        epsilon, delta: its cost.
    """

    what: str
    epsilon: float
    delta: float


class Ledger:
    """A budget of ε and δ that cannot be overspent: costs add up (basic composition).

    Ask it before every release: what is refused must not be released. It sees costs only, so it is right even where
    a question depends on earlier answers.

    Args:
        epsilon: positive.
        delta: 0 where only pure mechanisms are used.

    Attributes:
        entries: every `Entry` so far.
    """

    _ROUNDING = 1e-12  # of the budget: ten times 0.1 is one

    def __init__(self, epsilon, delta=0.0):
        check_epsilon(epsilon), check_delta(delta, zero=True)
        self.epsilon, self.delta, self.entries = float(epsilon), float(delta), []

    def __repr__(self):
        epsilon, delta = self.spent
        return f"Ledger(spent epsilon {epsilon:g} of {self.epsilon:g}, delta {delta:g} of {self.delta:g})"

    @property
    def spent(self):
        """ε and δ spent so far."""
        return math.fsum(one.epsilon for one in self.entries), math.fsum(one.delta for one in self.entries)

    @property
    def left(self):
        """ε and δ that may still be spent."""
        epsilon, delta = self.spent
        return max(0.0, self.epsilon - epsilon), max(0.0, self.delta - delta)

    def spend(self, epsilon, delta=0.0, what="a release"):
        """Sequential composition: pay for a release about data that others were about, too.

        Args:
            epsilon, delta: what the release costs.
            what: a name for the entry.

        Returns:
            the `Entry`.

        Raises:
            ValueError: where less is left; then nothing is spent.
        """
        check_epsilon(epsilon), check_delta(delta, zero=True)
        entry, left, spent = Entry(what, float(epsilon), float(delta)), self.left, self.spent
        for name, cost, so_far, budget, rest in zip(
            ("epsilon", "delta"), (entry.epsilon, entry.delta), spent, (self.epsilon, self.delta), left, strict=True
        ):
            if so_far + cost > budget * (1 + self._ROUNDING):
                raise ValueError(f"{what} costs {name} {cost:g}, but only {rest:g} of {budget:g} is left")
        self.entries.append(entry)
        return entry

    def spend_parallel(self, costs, members, what="parallel releases"):
        """Parallel composition: pay the largest cost once, for releases about groups that share no household.

        Rows may be divided as one likes; a household that is in two groups is met twice.

        Args:
            costs: (k,) of each release an ε, or a pair of ε and δ.
            members: k lists of the households in each group.
            what: a name for the entry.

        Returns:
            the `Entry`.

        Raises:
            ValueError: for groups that overlap, or where less is left; then nothing is spent.
        """
        if not len(costs) or len(costs) != len(members):
            raise ValueError(f"each group needs a cost, got {len(members)} groups and {len(costs)} costs")
        pairs = [(cost, 0.0) if np.ndim(cost) == 0 else tuple(cost) for cost in costs]
        for epsilon, delta in pairs:
            check_epsilon(epsilon), check_delta(delta, zero=True)
        groups = [np.unique(_households(group)) for group in members if len(group)]
        names, times = np.unique(np.concatenate(groups or [[]]), return_counts=True)
        if (times > 1).any():
            raise ValueError(
                f"these groups are not parallel: household {names[times.argmax()]} is in {times.max()} of them; "
                "use spend for each"
            )
        return self.spend(max(pair[0] for pair in pairs), max(pair[1] for pair in pairs), what)


# Inside -------------------------------------------------------------------------------


def _plain(array):
    """A number as a number, an array as an array."""
    return array.item() if np.ndim(array) == 0 else array


def _numbers(name, values):
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite numbers, got NaN or infinity")
    return values


def _answer(value, sensitivity, epsilon, rng):
    check_epsilon(epsilon), check_sensitivity(sensitivity), _check_rng(rng)
    return _numbers("the answer", value)


def _scores(scores, sensitivity, epsilon):
    check_epsilon(epsilon), check_sensitivity(sensitivity)
    scores = _numbers("scores", scores)
    if scores.ndim < 1 or scores.shape[-1] < 1:
        raise ValueError("scores must hold at least one candidate")
    return scores


def _logits(scores, sensitivity, epsilon, monotone):
    return _scores(scores, sensitivity, epsilon) * (epsilon / ((1 if monotone else 2) * sensitivity))


def _choices(name, values, choices):
    values = np.asarray(values)
    if values.ndim != 1 or not len(values) or values.dtype.kind not in "biu":
        raise ValueError(f"{name} must be a list of whole numbers, one for each row, and not empty")
    if values.min() < 0 or values.max() >= choices:
        raise ValueError(f"{name} must lie between 0 and {choices - 1}, got {values.min()} to {values.max()}")
    return values.astype(np.int64)


def _households(household, rows=None):
    household = np.asarray(list(household) if isinstance(household, (set, frozenset)) else household)
    if household.ndim != 1 or (household.dtype.kind in "fc" and not np.isfinite(household).all()):
        raise ValueError("household must name one household for each row, and no NaN")
    if rows is not None and len(household) != rows:
        raise ValueError(f"each row needs a household, got {rows} rows and {len(household)} households")
    return household


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a NumPy generator, which draws new noise at each call, got {rng!r}")


def _check_bound(bound):
    if not 0 < bound < math.inf:
        raise ValueError(f"bound must be a positive finite number, got {bound}")


def _check_limit(limit):
    if limit != limit or limit < 1 or limit != int(limit):
        raise ValueError(f"limit must be a whole number of rows, at least 1, got {limit}")
