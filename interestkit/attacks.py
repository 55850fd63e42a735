"""What an attacker learns: from data without names, from totals, from a model's losses, from a mechanism's outputs.

For learning, and for measuring one's own releases. An attack that fails shows that this attack fails; only a proof
shows that all do. Where a release is ε-differentially private, `tpr_bound` says how well any attack can do.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

# Linkage ------------------------------------------------------------------------------


def group_sizes(table):
    """How many rows share each row's quasi-identifiers: the k of k-anonymity is the smallest.

    Args:
        table: (n, d) array or data frame, a row for each household (for each purchase, one household would hide
            behind its own), a column for each quasi-identifier. All columns count jointly; a missing value is a value.

    Returns:
        (n,) whole numbers of 1 or more.

    Source:
        Sweeney, k-anonymity: a model for protecting privacy, 2002.
    """
    keys = _keys(table)
    sizes = Counter(keys)
    return np.array([sizes[key] for key in keys], dtype=np.int64)


def singled_out(table):
    """Share of rows that no other row equals: of this table. In a larger sample it is smaller on average.

    Args:
        table: as in `group_sizes`.

    Returns:
        a share from 0 to 1.
    """
    return float((group_sizes(table) == 1).mean())


def link(released, known):
    """Find people of whom something is known in a table without names.

    Args:
        released: (n, d) as in `group_sizes`.
        known: (m, d) the same columns, of people whose names the attacker has.

    Returns:
        (m,) for each of them the only row of `released` that fits, or -1 where none or several fit. If nothing is
        wrong in either table, a fit is that person if the person is known to be in `released`, or is alone among all
        who could be.
    """
    released, known = _keys(released), _keys(known)
    if len(released[0]) != len(known[0]):
        raise ValueError(f"both tables need the same columns, got {len(released[0])} and {len(known[0])}")
    sizes, place = Counter(released), {key: row for row, key in enumerate(released)}
    return np.array([place[key] if sizes[key] == 1 else -1 for key in known], dtype=np.int64)


# Totals -------------------------------------------------------------------------------


def difference(members, totals):
    """Solve published totals for the households behind them: two that differ in one household give it away.

    Args:
        members: (q, n) who is in which total, 0 or 1 (or a weight).
        totals: (q,) published totals.

    Returns:
        values, known: (n,) the smallest values that fit the totals, and (n,) whether the totals leave no other value.
        With noise in the totals, the values have it, too, often several times over.

    Source:
        Denning, Denning & Schwartz, The tracker: a threat to statistical database security, TODS 4 (1979).
    """
    members, totals = _finite("members", members, 2), _finite("totals", totals, 1)
    if len(members) != len(totals):
        raise ValueError(f"each total needs its row of members, got {len(totals)} totals and {len(members)} rows")
    inverse = np.linalg.pinv(members)
    known = np.abs(1 - (inverse * members.T).sum(1)) < 1e-9  # the diagonal of the projection on what was asked
    return inverse @ totals, known


def average(answers):
    """Average the noisy answers to one question that was asked again and again.

    Args:
        answers: (n,) or (n, d), each with noise of its own.

    Returns:
        mean, error: the error is the standard error, which falls with √n. Noise that was drawn once and stored does
        not fall, and shows as an error of 0.
    """
    answers = np.asarray(answers, dtype=float)
    if answers.ndim < 1 or len(answers) < 2 or not np.isfinite(answers).all():
        raise ValueError("answers must be at least two finite numbers or rows of them, and no NaN")
    return answers.mean(0), answers.std(0, ddof=1) / len(answers) ** 0.5


# Who was in? --------------------------------------------------------------------------


@dataclass(frozen=True)
class Success:
    """How well a score tells members from others.

    Attributes:
        auc: the chance that a member scores higher than another; a tie counts half.
        tpr: share of members found where at most `fpr` of the others are taken for members.
        fpr: that share.
        advantage: the largest difference of the two shares at one threshold.
    """

    auc: float
    tpr: float
    fpr: float
    advantage: float


def success(inside, outside, fpr=0.01):
    """Judge an attack by its scores. An AUC of a half may still name a few people with certainty: look at `tpr`.

    Args:
        inside: (m,) scores of members; higher means member.
        outside: (n,) scores of others, at least 1/fpr of them for a `tpr` that means something.
        fpr: share of others that may be taken for members.

    Returns:
        a `Success`. Its thresholds are scores, so ties are never split.

    Source:
        Carlini et al., Membership inference attacks from first principles, IEEE S&P 2022.
    """
    inside, outside = _finite("inside", inside, 1), _finite("outside", outside, 1)
    if not 0 <= fpr <= 1:
        raise ValueError(f"fpr must lie between 0 and 1, got {fpr}")
    others = np.sort(outside)
    below, upto = np.searchsorted(others, inside, "left"), np.searchsorted(others, inside, "right")
    auc = (below + upto).mean() / (2 * len(others))
    threshold = np.unique(np.concatenate([inside, outside]))
    true = (len(inside) - np.searchsorted(np.sort(inside), threshold, "left")) / len(inside)
    false = (len(others) - np.searchsorted(others, threshold, "left")) / len(others)
    found = true[false <= fpr].max(initial=0.0)
    return Success(float(auc), float(found), float(fpr), float(max(0.0, (true - false).max())))


def membership(loss_inside, loss_outside, fpr=0.01):
    """Loss threshold: a model errs less on what it has learnt from.

    Args:
        loss_inside: (m,) losses on rows the model was trained on.
        loss_outside: (n,) losses on rows of the same kind that it never saw.
        fpr: as in `success`.

    Returns:
        a `Success`.

    Source:
        Yeom, Giacomelli, Fredrikson & Jha, Privacy risk in machine learning, CSF 2018.
    """
    return success(-_finite("loss_inside", loss_inside, 1), -_finite("loss_outside", loss_outside, 1), fpr)


def trace(rows, published, population, variance=None, statistic="inner"):
    """Score whether households are in a cohort whose average was published.

    Args:
        rows: (n, d) what is known of each household, such as its basket.
        published: (d,) the cohort's average, exact or with noise.
        population: (d,) the average of people like them who are not in the cohort.
        variance: (d,) of a row's entries, to weigh the rare more; all alike by default.
        statistic: "inner": (row - population) · (published - population); "homer": how much closer the row is to the
            published average than to the population's, in L1.

    Returns:
        (n,) scores; higher means inside.

    Source:
        Dwork, Smith, Steinke, Ullman & Vadhan, Robust traceability from trace amounts, FOCS 2015; Homer et al., PLoS
        Genetics 4 (2008).
    """
    rows, published, population = (
        _finite("rows", rows, 2), _finite("published", published, 1), _finite("population", population, 1),
    )  # fmt: skip
    variance = np.ones(len(population)) if variance is None else _finite("variance", variance, 1)
    if not rows.shape[1] == len(published) == len(population) == len(variance):
        raise ValueError("rows, published, population and variance need the same columns")
    if variance.min() <= 0:
        raise ValueError("variance must be positive: leave out columns in which all are alike")
    if statistic == "inner":
        return (rows - population) @ ((published - population) / variance)
    if statistic == "homer":
        closer = np.abs(rows - population) - np.abs(rows - published)
        return (closer / np.sqrt(variance)).sum(1)
    raise ValueError(f'statistic must be "inner" or "homer", got {statistic!r}')


def tpr_bound(fpr, epsilon, delta=0.0):
    """The largest true-positive rate of any membership attack on an (ε, δ)-differentially private release.

    Args:
        fpr: false-positive rate, a number or an array.
        epsilon: 0 or more.
        delta: in [0, 1).

    Returns:
        like `fpr`: the smaller of e^ε · fpr + δ and 1 - e^-ε (1 - δ - fpr), at most 1.

    Source:
        Kairouz, Oh & Viswanath, The composition theorem for differential privacy, ICML 2015, theorem 2.1.
    """
    fpr = np.asarray(fpr, dtype=float)
    if not (0 <= epsilon < math.inf and 0 <= delta < 1 and ((fpr >= 0) & (fpr <= 1)).all()):
        raise ValueError(f"epsilon must be 0 or more, delta in [0, 1) and fpr in [0, 1], got {epsilon}, {delta}, {fpr}")
    few, many = np.exp(min(epsilon, 700)) * fpr + delta, 1 - np.exp(-epsilon) * (1 - delta - fpr)
    bound = np.minimum(np.minimum(few, many), 1.0)
    return float(bound) if bound.ndim == 0 else bound


# Audit --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Audit:
    """What two samples of outputs prove about a mechanism.

    Attributes:
        epsilon: with the stated confidence, the mechanism's ε is at least this; 0 where nothing is proved.
        event: index of the event that shows it, None where nothing is proved.
        shares: of the outputs that are in that event, in the first and the second sample.
        confidence: of all events together.
    """

    epsilon: float
    event: int | None
    shares: tuple
    confidence: float

    def contradicts(self, epsilon):
        """Whether the mechanism cannot have this ε (at the δ that the audit was given)."""
        return self.epsilon > epsilon


def audit(outputs, neighbour, events, delta=0.0, confidence=1 - 1e-6):
    """A lower bound on ε from outputs of one mechanism on two neighbouring data sets.

    Args:
        outputs: (n, ...) independent outputs on the one data set.
        neighbour: (m, ...) independent outputs on the other.
        events: functions that take all outputs of a sample and give (n,) whether each is in the event. They must be
            fixed before these samples are drawn: look for good ones in other samples. Their complements are tried,
            too, and both directions, all within the confidence.
        delta: the δ that is claimed.
        confidence: how often such a bound is true. A mechanism as good as its word is blamed no more often than
            1 - confidence, for any number of samples.

    Returns:
        an `Audit`. It can show that a claim is false, never that it is true.

    Source:
        Jagielski, Ullman & Oprea, Auditing differentially private machine learning, NeurIPS 2020; intervals: Clopper
        & Pearson, Biometrika 26 (1934), shared among events by Bonferroni.
    """
    outputs, neighbour, events = np.asarray(outputs), np.asarray(neighbour), list(events)
    if not 0 < confidence < 1 or not 0 <= delta < 1:
        raise ValueError(f"confidence must lie in (0, 1) and delta in [0, 1), got {confidence} and {delta}")
    if not events:
        raise ValueError("an audit needs at least one event, a function of the outputs")
    hits = np.array([[_hits(event, sample) for sample in (outputs, neighbour)] for event in events])
    sizes = np.array([len(outputs), len(neighbour)])
    low, high = clopper_pearson(hits, sizes, (1 - confidence) / (2 * len(events)))  # an interval in each sample
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(
            np.stack([(low - delta) / high[:, ::-1], (1 - high - delta) / (1 - low[:, ::-1])], axis=1)
        )  # (events, itself or its complement, which sample)
    found = np.where(np.isnan(found), -np.inf, found)
    best = np.unravel_index(found.argmax(), found.shape)[0]
    epsilon = float(found.max())
    if epsilon <= 0:
        return Audit(0.0, None, (), confidence)
    return Audit(epsilon, int(best), tuple((hits[best] / sizes).tolist()), confidence)


def clopper_pearson(hits, trials, error):
    """An exact interval for a probability: it misses the truth with a chance of at most `error`.

    Args:
        hits: array of counts.
        trials: array of how many were tried, that broadcasts.
        error: in (0, 1), shared by the two ends.

    Returns:
        low, high: arrays.

    Source:
        Clopper & Pearson, Biometrika 26 (1934).
    """
    from scipy.special import betainccinv, betaincinv

    hits, trials = np.broadcast_arrays(np.asarray(hits, dtype=float), np.asarray(trials, dtype=float))
    if not (0 < error < 1 and (hits >= 0).all() and (hits <= trials).all() and (trials > 0).all()):
        raise ValueError("hits must lie between 0 and trials, trials be positive, and error lie in (0, 1)")
    rest = trials - hits
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1), rest + 1, error / 2), 0.0)
    high = np.where(rest > 0, betainccinv(hits + 1, np.maximum(rest, 1), error / 2), 1.0)
    return low, high


def at_least(cuts):
    """Events for `audit`: a number is at or above each cut (and, by its complement, below it).

    Args:
        cuts: numbers that do not come from the samples to be audited.

    Returns:
        a list of functions.
    """
    return [lambda outputs, cut=cut: outputs >= cut for cut in cuts]


def equals(values):
    """Events for `audit`: an output is each of these values.

    Args:
        values: such as the indices of candidates.

    Returns:
        a list of functions.
    """
    return [lambda outputs, value=value: outputs == value for value in values]


# Inside -------------------------------------------------------------------------------


def _keys(table):
    """Each row as a tuple; NaN, which equals nothing, as None."""
    frame = hasattr(table, "itertuples")
    table = table if frame or isinstance(table, np.ndarray) else np.asarray(table, dtype=object)
    if len(table.shape) != 2 or not all(table.shape):
        raise ValueError(f"a table needs rows and columns, got shape {table.shape}")
    rows = table.astype(object).where(table.notna(), None).to_numpy().tolist() if frame else table.tolist()
    return [tuple(None if value is None or value != value else value for value in row) for row in rows]


def _finite(name, values, dimensions):
    values = np.asarray(values, dtype=float)
    if values.ndim != dimensions or not values.size or not np.isfinite(values).all():
        kind = "a list" if dimensions == 1 else "a table"
        raise ValueError(f"{name} must be {kind} of finite numbers, no NaN, and not empty")
    return values


def _hits(event, sample):
    if not sample.ndim or not len(sample) or (sample.dtype.kind == "f" and np.isnan(sample).any()):
        raise ValueError("outputs and neighbour must hold at least one output each, and no NaN")
    inside = np.asarray(event(sample))
    if inside.shape != (len(sample),) or inside.dtype != bool:
        raise ValueError(f"an event must say yes or no for each of the {len(sample)} outputs, got shape {inside.shape}")
    return int(inside.sum())
