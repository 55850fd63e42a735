"""Exercises of 04_honest_evaluation: nDCG, a rate without a leak, AUC, and the size of a test."""

import math
from statistics import NormalDist

import numpy as np

from interestkit.workbook.exercise import exercise

# -------------------------------------------------------------------------------- nDCG


@exercise(
    "eval.ndcg",
    minutes=14,
    level="junior",
    hints=(
        "Look up the gain of each item shown. A place is worth less the lower it is: divide by the logarithm "
        "(base 2) of rank + 1, and add up the first k places.",
        "The ideal list begins with the user's largest gains, whether the list showed them or not. "
        "Sort each row of `gains`, the largest first, and cut it at k too.",
        "`np.take_along_axis(table, ids, axis=1)` looks up one entry for each id of a row. "
        "A list shorter than k has fewer places: use only as many discounts as it has.",
    ),
)
def ndcg(ranked, gains, k, gain):
    """For each user, the discounted gain of a list, divided by that of the best list there could be.

    Args:
        ranked: (n, r) item ids, each user's list, the best first; no id twice in a list.
        gains: (n, m) gain of every item for every user, 0 or more; 0 where it is not relevant. Not to be changed.
        k: how many places count; may be more than r, and at most m.
        gain: "linear" counts a gain g as g, "exponential" as 2**g - 1.
    Returns:
        (n,) numbers from 0 to 1; NaN for a user without a relevant item.
    """
    worth = gains if gain == "linear" else 2.0**gains - 1
    users = np.arange(len(worth))[:, None]
    shown = worth[users, ranked][:, :k]
    best = np.sort(worth)[:, ::-1][:, :k]
    discount = np.log2(np.arange(2, k + 2))
    most = (best / discount).sum(axis=1)
    most[most == 0] = np.nan  # no list could serve this user
    return (shown / discount[: shown.shape[1]]).sum(axis=1) / most


@ndcg.cases
def _(rng):
    yield np.array([[1, 0, 2]]), np.array([[3.0, 2.0, 0.0]]), 3, "linear"
    yield np.array([[1, 0, 2]]), np.array([[3.0, 2.0, 0.0]]), 3, "exponential"
    # more relevant items than places; one relevant item; none
    ranked = np.array([[4, 0, 2], [1, 3, 4], [0, 1, 2]])
    yield ranked, np.array([[1.0, 1, 0, 1, 1], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0]]), 2, "linear"
    yield np.array([[5, 2], [3, 4]]), np.array([[0.0, 2, 3, 1, 0, 2], [1, 2, 0, 0, 0, 0]]), 4, "exponential"  # short
    for k, gain in ((5, "linear"), (3, "exponential"), (7, "exponential")):
        ranked = np.array([rng.permutation(9)[:6] for _ in range(5)])
        gains = rng.integers(0, 4, (5, 9)) * (rng.random((5, 9)) < 0.7)
        gains[3] = 0
        gains[4, 2] = 5
        yield ranked, gains / 2, k, gain  # gains need not be whole


@ndcg.alternative
def _(ranked, gains, k, gain):
    def total(values):
        result = 0.0
        for place, value in enumerate(values[:k]):
            result += (value if gain == "linear" else 2**value - 1) / math.log2(place + 2)
        return result

    result = []
    for shown, row in zip(ranked, gains, strict=True):
        most = total(sorted(row, reverse=True))
        result.append(total([row[item] for item in shown]) / most if most else float("nan"))
    return result


@ndcg.alternative
def _(ranked, gains, k, gain):
    if gain == "exponential":
        gains = np.exp2(gains) - 1
    weight = 1 / np.log(np.arange(2, k + 2))  # the base cancels
    got = np.array([(row[shown][:k] * weight[: len(shown)]).sum() for shown, row in zip(ranked, gains, strict=True)])
    most = -np.partition(-gains, k - 1, axis=1)[:, :k]
    most = np.sort(most, axis=1)[:, ::-1] @ weight
    return np.divide(got, most, out=np.full(len(got), np.nan), where=most > 0)


def _ndcg(ranked, gains, k, gain, discount=None, ideal=None, empty=np.nan):
    """nDCG with another discount or another ideal list: `ideal(row, shown)` gives its gains."""
    discount = discount or (lambda rank: np.log2(rank + 1))
    result = []
    for shown, row in zip(ranked, gains, strict=True):
        values = [row[shown][:k], np.sort(row)[::-1][:k] if ideal is None else ideal(row, row[shown])]
        if gain == "exponential":
            values = [2.0**value - 1 for value in values]
        got, most = ((value / discount(np.arange(1, len(value) + 1))).sum() for value in values)
        result.append(got / most if most else 0.0 if row.any() else empty)
    return np.array(result)


@ndcg.misconception(
    "Your ideal list is the shown one, sorted. A list that misses the best items then looks perfect: "
    "take the ideal from all of the user's gains."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.sort(shown[:k])[::-1])


@ndcg.misconception(
    "Your ideal list knows only the items that were listed. The best list may use those that were left out: "
    "take it from all of the user's gains."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.sort(shown)[::-1][:k])


@ndcg.misconception(
    "You cut the ideal list at the length of the shown one. A short list loses its missing places, the ideal does not."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.sort(row)[::-1][: min(k, len(shown))])


@ndcg.misconception(
    "Your ideal list has k hits of gain 1, whatever the user's gains are. "
    "Make it of their own gains, as far as they go."
)
def _(ranked, gains, k, gain):
    return np.where(gains.any(axis=1), _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.ones(k)), np.nan)


@ndcg.misconception(
    "A user whose list has no hit got NaN. The list could have had one, so it scores 0; "
    "NaN is for users without a relevant item."
)
def _(ranked, gains, k, gain):
    right = _ndcg(ranked, gains, k, gain)
    return np.where(right == 0, np.nan, right)


@ndcg.misconception("You did not cut the ideal list at k, so a perfect list of k places cannot reach 1.")
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.sort(row)[::-1])


@ndcg.misconception(
    "Your ideal list has k items of the highest gain. The user may have fewer: "
    "the best achievable list is asked, made of their own gains."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.full(k, row.max()))


@ndcg.misconception(
    "Your discount is off by one: with log2(rank), ranks 1 and 2 count the same. The discount is log2(rank + 1)."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, discount=lambda rank: np.maximum(1, np.log2(rank)))


@ndcg.misconception("You divided by the rank. nDCG divides by log2(rank + 1), which falls more slowly.")
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, discount=lambda rank: rank)


@ndcg.misconception('You always counted the gains as they are. With `gain="exponential"`, a gain g counts 2**g - 1.')
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, "linear")


@ndcg.misconception('You always counted 2**g - 1. With `gain="linear"`, a gain counts as it is.')
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, "exponential")


@ndcg.misconception(
    "A user without a relevant item got 0. No list could have done better: return NaN, and leave the user out of means."
)
def _(ranked, gains, k, gain):
    return _ndcg(ranked, gains, k, gain, empty=0.0)


@ndcg.misconception("You returned the discounted gain itself. Divide it by that of the best list there could be.")
def _(ranked, gains, k, gain):
    return np.where(gains.any(axis=1), _ndcg(ranked, gains, k, gain, ideal=lambda row, shown: np.array([1.0])), np.nan)


# ---------------------------------------------------------------------- a rate without a leak


def nightly_rates(time, item, click, cut):
    """For each row from `cut` on, how often its item is clicked (the feature of the night)."""
    rates = []
    for i in item[time >= cut]:
        rates.append(click[item == i].mean())
    return np.array(rates)


@exercise(
    "eval.rates",
    minutes=12,
    level="mid",
    kind="bug",
    given=(nightly_rates,),
    hints=(
        "Which rows does the job of the night average over? One of them is the very row that is to be predicted.",
        "On the day of the cut, which rows did exist? Only those with a time before it may enter a rate.",
        "For an item without such a row, fall back on the rate over everything that happened before the cut.",
    ),
)
def rates(time, item, click, cut):
    """For each test row, the click rate of its item among the training rows.

    Args:
        time: (n,) when each row happened; in no order. Rows before `cut` are for training, all others for testing.
        item: (n,) the item of each row, a whole number from 0.
        click: (n,) 0 or 1.
        cut: the first moment of the test period; at least one row is earlier.
    Returns:
        (t,) one rate for each test row, in the order of the rows; t may be 0. An item without a training row gets
        the rate of all training rows.
    """
    past = time < cut
    usual = click[past].mean()
    result = []
    for i in item[~past]:
        known = click[past & (item == i)]
        result.append(known.mean() if len(known) else usual)
    return np.array(result)


@rates.cases
def _(rng):
    yield np.array([1, 2, 3, 4, 5]), np.array([7, 7, 8, 7, 7]), np.array([1, 0, 0, 1, 1]), 4
    yield np.array([5, 1, 3, 3, 2, 4]), np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 1, 0, 1]), 3
    yield np.array([2, 2, 6, 4, 4, 1, 4]), np.array([3, 5, 3, 9, 3, 3, 5]), np.array([1, 0, 0, 1, 1, 1, 1]), 4
    yield np.array([0.5, 9.0]), np.array([4, 4]), np.array([1, 0]), 1.5
    yield np.array([3, 1, 2]), np.array([6, 0, 6]), np.array([0, 1, 1]), 7  # nothing to test yet
    time, item = rng.integers(0, 9, 40), rng.integers(0, 6, 40)
    yield np.concatenate([[0, 6, 7], time]), np.concatenate([[2, 2, 11], item]), rng.integers(0, 2, 43), 6
    time = rng.permutation(30)
    yield time, rng.integers(0, 4, 30) + 5 * (time > 20), (rng.random(30) < 0.3).astype(int), 12


@rates.alternative
def _(time, item, click, cut):
    shown, clicked, total, hits = {}, {}, 0, 0
    for t, i, c in zip(time, item, click, strict=True):
        if t < cut:
            shown[i], clicked[i] = shown.get(i, 0) + 1, clicked.get(i, 0) + c
            total, hits = total + 1, hits + c
    return [
        clicked[i] / shown[i] if i in shown else hits / total for t, i in zip(time, item, strict=True) if not t < cut
    ]


@rates.alternative
def _(time, item, click, cut):
    code = np.unique(item, return_inverse=True)[1]
    past = time < cut
    shown = np.bincount(code[past], minlength=code.max() + 1)
    clicked = np.bincount(code[past], click[past], minlength=code.max() + 1)
    rate = np.where(shown > 0, clicked / np.maximum(shown, 1), click[past].mean())
    return rate[code[~past]]


def _rates(item, click, past, test, usual=None):
    """The rate of each test row's item among the rows `past`; what an unseen item gets is `usual`."""
    usual = click[past].mean() if usual is None else usual
    result = []
    for i in item[test]:
        known = click[past & (item == i)]
        result.append(known.mean() if len(known) else usual)
    return np.array(result, dtype=float)


@rates.misconception(
    "That is still what the job of the night does: each rate holds the row's own click, and the future. "
    "Average over the training rows only."
)
def _(time, item, click, cut):
    return nightly_rates(time, item, click, cut)


@rates.misconception(
    "You left each row's own click out of its rate, and kept those of later rows. "
    "On the day of the cut nobody knew them: average over the training rows only."
)
def _(time, item, click, cut):
    result = []
    for row in np.flatnonzero(time >= cut):
        known = np.delete(click, row)[np.delete(item, row) == item[row]]
        result.append(known.mean() if len(known) else click[time < cut].mean())
    return np.array(result)


@rates.misconception(
    "You trained on rows of the moment `cut` itself, which are test rows: their own clicks leak. Use `time < cut`."
)
def _(time, item, click, cut):
    return _rates(item, click, time <= cut, time >= cut)


@rates.misconception(
    "You gave an item without a training row the rate 0. Its rate is unknown: take that of all training rows."
)
def _(time, item, click, cut):
    return _rates(item, click, time < cut, time >= cut, usual=0.0)


@rates.misconception(
    "An item without a training row has no rate, and you returned NaN. Give it the rate of all training rows."
)
def _(time, item, click, cut):
    return _rates(item, click, time < cut, time >= cut, usual=np.nan)


@rates.misconception(
    "For items without a training row you fell back on the rate of all rows, test rows included. That leaks too: "
    "the fallback is learnt from the training rows."
)
def _(time, item, click, cut):
    return _rates(item, click, time < cut, time >= cut, usual=click.mean())


@rates.misconception(
    "Each test row learnt from all rows before it, test rows too. Learn from the rows before the cut only."
)
def _(time, item, click, cut):
    result = []
    for row in np.flatnonzero(time >= cut):
        known = click[(time < time[row]) & (item == item[row])]
        result.append(known.mean() if len(known) else click[time < cut].mean())
    return np.array(result, dtype=float)


@rates.misconception(
    "For items without a training row you took the mean of the other items' rates. An item shown once then speaks as "
    "loudly as one shown often: take the rate over all training rows."
)
def _(time, item, click, cut):
    past = time < cut
    each = [click[past & (item == i)].mean() for i in np.unique(item[past])]
    return _rates(item, click, past, time >= cut, usual=np.mean(each))


@rates.misconception("Your rates are right, in order of time. Return them in the order in which the test rows stand.")
def _(time, item, click, cut):
    right = _rates(item, click, time < cut, time >= cut)
    return right[np.argsort(time[time >= cut], kind="stable")]


@rates.misconception(
    "You took the rows of the moment `cut` for training. They are test rows and need a rate: training is `time < cut`.",
    crashes=True,
)
def _(time, item, click, cut):
    return _rates(item, click, time <= cut, time > cut)


@rates.misconception(
    "You returned one rate for each item. Asked is one for each test row, repeated where an item comes again.",
    crashes=True,
)
def _(time, item, click, cut):
    rows = np.flatnonzero(time >= cut)
    first = rows[np.unique(item[rows], return_index=True)[1]]
    return _rates(item, click, time < cut, first)


@rates.misconception("You took the rates from the test rows: these are what is to be predicted. Learn from the others.")
def _(time, item, click, cut):
    return _rates(item, click, time >= cut, time >= cut)


@rates.misconception("You cut the rows where they stand in the table. They are in no order: part them by `time`.")
def _(time, item, click, cut):
    past = np.arange(len(time)) < (time < cut).sum()
    return _rates(item, click, past, ~past)


@rates.misconception("You gave every test row the overall rate. Asked is the rate of its own item, where it is known.")
def _(time, item, click, cut):
    return np.full((time >= cut).sum(), click[time < cut].mean())


@rates.misconception("You returned a rate for every row. Asked is one for each test row.", crashes=True)
def _(time, item, click, cut):
    return _rates(item, click, time < cut, time == time)


# ---------------------------------------------------------------------------------- AUC


@exercise(
    "eval.auc",
    minutes=12,
    level="mid",
    hints=(
        "AUC is a probability: draw a positive and a negative row; how often does the positive have the higher score? "
        "A tie counts one half.",
        "Two loops over all pairs are right, and slow. Sort the negatives once; then one look-up tells for a positive "
        "how many negatives lie below it.",
        '`np.searchsorted` counts what is smaller, or with `side="right"` what is smaller or equal. '
        "The mean of the two counts treats ties fairly.",
    ),
)
def auc(label, score):
    """The probability that a positive row scores above a negative one; a tie counts one half.

    Args:
        label: (n,) 0 or 1; at least one row of each.
        score: (n,) any numbers; only their order matters.
    Returns:
        a number from 0 to 1.
    """
    positive, negative = score[label == 1], np.sort(score[label == 0])
    below = np.searchsorted(negative, positive)
    below_or_equal = np.searchsorted(negative, positive, side="right")
    return (below + below_or_equal).mean() / 2 / len(negative)


@auc.cases
def _(rng):
    yield np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.4, 0.4, 0.1, 0.7])
    yield np.array([0, 1, 1, 0, 0]), np.array([2.0, 2.0, 2.0, 2.0, 2.0])  # all tied
    yield np.array([0, 1, 0]), np.array([-3.0, -5.0, 0.2])  # one positive, no probabilities
    yield np.array([1, 0, 1, 1]), np.array([0.0, 0.2, 0.2, 0.9])  # one negative
    label = rng.permutation(np.repeat([0, 1], [23, 14]))
    yield label, rng.integers(0, 5, 37) + 2 * label
    yield label, np.round(rng.normal(size=37) + label, 1)
    yield rng.permutation(np.repeat([0, 1], [40, 3])), rng.random(43)
    yield label, rng.permutation(37) * 3e-14  # tiny, as products of probabilities are
    yield label, 60 + rng.permutation(37) * 1e-9  # close together


@auc.alternative
def _(label, score):
    wins, pairs = 0.0, 0
    for one, a in zip(label, score, strict=True):
        for other, b in zip(label, score, strict=True):
            if one == 1 and other == 0:
                pairs += 1
                wins += 1.0 if a > b else 0.5 if a == b else 0.0
    return wins / pairs


@auc.alternative
def _(label, score):
    from scipy.stats import rankdata

    positives = int(label.sum())
    negatives = len(label) - positives
    return (rankdata(score)[label == 1].sum() - positives * (positives + 1) / 2) / positives / negatives


def _pairs(label, score, worth):
    """The mean of `worth(positive, negative)` over all pairs."""
    positive, negative = score[label == 1], score[label == 0]
    return float(worth(positive[:, None], negative[None]).mean())


@auc.misconception("A tie counted as lost. It counts one half: a model that scores all rows the same has an AUC of ½.")
def _(label, score):
    return _pairs(label, score, lambda positive, negative: positive > negative)


@auc.misconception("A tie counted as won. It counts one half: otherwise a constant score would be perfect.")
def _(label, score):
    return _pairs(label, score, lambda positive, negative: positive >= negative)


@auc.misconception(
    "You ranked tied rows in the order in which they stand in the table. "
    "Rows with one score share their mean rank: a tied pair counts one half."
)
def _(label, score):
    return _pairs(label, np.argsort(np.argsort(score, kind="stable")), lambda positive, negative: positive > negative)


@auc.misconception(
    "You took nearly equal scores for a tie. A tie is exactly equal: scores may all be tiny, "
    "and their order still counts."
)
def _(label, score):
    return _pairs(label, score, lambda a, b: (a - b > 1e-6) + 0.5 * (np.abs(a - b) <= 1e-6))


@auc.misconception("Your ranks begin at 0. In the formula that takes n (n + 1) / 2 away they begin at 1.")
def _(label, score):
    positives, negatives = label.sum(), len(label) - label.sum()
    return auc.reference(label, score) - 1 / negatives if positives else np.nan


@auc.misconception("Your classes are exchanged: count the pairs in which the positive row scores higher.")
def _(label, score):
    return 1 - auc.reference(label, score)


@auc.misconception(
    "You divided by the square of the number of rows. The pairs are a positive with a negative: divide by their number."
)
def _(label, score):
    return auc.reference(label, score) * label.sum() * (len(label) - label.sum()) / len(label) ** 2


@auc.misconception("You measured accuracy at a threshold. AUC has no threshold: it compares pairs of rows.")
def _(label, score):
    return float(((score >= 0.5) == label).mean())


@auc.misconception(
    "You walked along the curve in the order of the table. "
    "Walk from the highest score down: sort the rows by score first."
)
def _(label, score):
    found = np.cumsum(label) / label.sum()
    return float(found[label == 0].mean())


# -------------------------------------------------------------------------- the size of a test


def planned_size(rate, lift, error, power):
    """Shoppers in each arm, as the analyst's sheet has it."""
    other = rate * (1 + lift)
    bar = NormalDist().inv_cdf(1 - error / 2)
    return math.ceil(bar**2 * rate * (1 - rate) / (other - rate) ** 2)


@exercise(
    "eval.sample-size",
    minutes=12,
    level="mid",
    kind="bug",
    extra=True,
    given=(planned_size,),
    hints=(
        "The measured difference scatters: a rate has the variance of one coin toss, divided by n, "
        "and the arms' variances add up.",
        "The true difference must exceed the bar of a two-sided test by enough that chance rarely pulls it below. "
        "In standard errors that is the sum of two normal quantiles.",
        "`NormalDist` has `inv_cdf` for quantiles. Half of `error` lies on each side. Set the difference equal to "
        "that sum times the standard error, solve for n, and round up.",
    ),
)
def shoppers_needed(rate, lift, error, power):
    """Shoppers in each arm, so that a two-sided test of two rates finds a relative lift with a given probability.

    Each shopper counts once, as a success or not. The arms have variances of their own (not pooled).

    Args:
        rate: success rate of the old arm, between 0 and 1.
        lift: relative change that the new arm makes: 0.1 turns a rate of 0.2 into 0.22. May be negative, not 0.
        error: false alarms allowed where nothing changed, as 0.05.
        power: probability of finding the lift where it is real, as 0.8; more than one half.
    Returns:
        a whole number, rounded up.
    """
    other = rate * (1 + lift)
    bar = NormalDist().inv_cdf(1 - error / 2) + NormalDist().inv_cdf(power)
    variance = rate * (1 - rate) + other * (1 - other)
    return math.ceil(bar**2 * variance / (other - rate) ** 2)


@shoppers_needed.cases
def _(rng):
    yield 0.2, 0.1, 0.05, 0.8
    yield 0.02, 0.05, 0.05, 0.9
    yield 0.4, -0.15, 0.01, 0.8
    yield 0.1, 0.4, 0.1, 0.95
    for _ in range(3):
        yield tuple(float(x) for x in (rng.uniform(0.02, 0.3), rng.uniform(0.05, 0.3), rng.uniform(0.01, 0.1), 0.85))


@shoppers_needed.alternative
def _(rate, lift, error, power):
    normal, other = NormalDist(), rate + rate * lift

    def finds(n):
        scatter = ((rate - rate * rate + other - other * other) / n) ** 0.5
        return normal.cdf(abs(other - rate) / scatter + normal.inv_cdf(error / 2)) >= power

    low, high = 0, 1
    while not finds(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if finds(middle) else (middle, high)
    return high


@shoppers_needed.alternative
def _(rate, lift, error, power):
    from scipy.stats import norm

    rates = np.array([rate, rate * (1 + lift)])
    return int(
        np.ceil((rates * (1 - rates)).sum() * ((norm.isf(error / 2) + norm.ppf(power)) / np.diff(rates)[0]) ** 2)
    )


def _needed(rate, other, bar, variance=None, squared=2):
    variance = rate * (1 - rate) + other * (1 - other) if variance is None else variance
    return max(1, math.ceil(bar**2 * variance / abs(other - rate) ** squared))


def _bar(error, power):
    return NormalDist().inv_cdf(1 - error / 2) + NormalDist().inv_cdf(power)


@shoppers_needed.misconception(
    "You took the lift as absolute. It is relative: a lift of 0.1 turns a rate of 0.2 into 0.22, not 0.3."
)
def _(rate, lift, error, power):
    other = rate + lift
    return _needed(rate, other, _bar(error, power), abs(rate * (1 - rate) + other * (1 - other)))


@shoppers_needed.misconception(
    "Your bar is that of a one-sided test. Two-sided, half of the false alarms lie on each side."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(2 * error, power))


@shoppers_needed.misconception(
    "That is still the analyst's sheet: it knows the scatter of one arm only, and nothing of the power."
)
def _(rate, lift, error, power):
    return planned_size(rate, lift, error, power)


@shoppers_needed.misconception(
    "You forgot the power: with this many shoppers, a real lift is found only half of the time. Add its quantile."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(error, 0.5))


@shoppers_needed.misconception(
    "You took the quantile of a missed lift where that of a found one is asked: it must be above zero."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(error, 1 - power))


@shoppers_needed.misconception(
    "You counted the scatter of one arm only. Both rates are measured, and their variances add up."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(error, power), variance=rate * (1 - rate))


@shoppers_needed.misconception(
    "You squared the two quantiles one by one. Add them first: the difference must clear both."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), (_bar(error, 0.5) ** 2 + NormalDist().inv_cdf(power) ** 2) ** 0.5)


@shoppers_needed.misconception(
    "You pooled the two rates into one variance. Here each arm has its own: p (1 - p) + q (1 - q)."
)
def _(rate, lift, error, power):
    pooled = rate * (1 + lift / 2)
    return _needed(rate, rate * (1 + lift), _bar(error, power), variance=2 * pooled * (1 - pooled))


@shoppers_needed.misconception(
    "You used the rule of 16. It fits one error and one power only: here both are arguments."
)
def _(rate, lift, error, power):
    return math.ceil(16 * rate * (1 - rate) / (rate * lift) ** 2)


@shoppers_needed.misconception("A negative lift makes the new rate smaller. You took its size only.")
def _(rate, lift, error, power):
    return shoppers_needed.reference(rate, abs(lift), error, power)


@shoppers_needed.misconception("You did not round. Half a shopper cannot be asked: round up to a whole number.")
def _(rate, lift, error, power):
    other = rate * (1 + lift)
    return _bar(error, power) ** 2 * (rate * (1 - rate) + other * (1 - other)) / (other - rate) ** 2


@shoppers_needed.misconception("You returned the shoppers of both arms together. Asked is the number in each.")
def _(rate, lift, error, power):
    return 2 * shoppers_needed.reference(rate, lift, error, power)


@shoppers_needed.misconception("You rounded down. One shopper fewer and the power is missed: round up.")
def _(rate, lift, error, power):
    return shoppers_needed.reference(rate, lift, error, power) - 1


@shoppers_needed.misconception(
    "You did not square the difference. Half the lift needs four times the shoppers, not twice."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(error, power), squared=1)


@shoppers_needed.misconception(
    "You used the old arm's variance for both. The new arm's rate differs, and so does its variance."
)
def _(rate, lift, error, power):
    return _needed(rate, rate * (1 + lift), _bar(error, power), variance=2 * rate * (1 - rate))
