"""Exercises of 03_interest_predictor: features as of a moment, a logistic step, a network's gradient, calibration."""

import numpy as np

from interestkit.workbook.exercise import exercise

# ---------------------------------------------------------------------------- features


def nightly_features(household, kind, week, cut, shape):
    """Features as of the beginning of week `cut` (the job of the night)."""
    n, m = shape
    last = np.zeros(shape)  # 0 stands for never
    np.maximum.at(last, (household, kind), week)
    recent = week >= cut - 12
    times = np.zeros(shape)
    np.add.at(times, (household[recent], kind[recent]), 1)
    popularity = np.broadcast_to((times > 0).mean(axis=0), shape)
    return np.stack([cut - last, times, popularity], axis=2)


@exercise(
    "predictor.features",
    minutes=12,
    level="mid",
    kind="bug",
    given=(nightly_features,),
    hints=(
        "Ask of each of the three numbers: would it be the same if the purchases of week `cut` and later were erased?",
        "A purchase in week `cut` itself is already part of what is to be predicted.",
        "Throw away first, in all three arrays at once, what was not yet known. Then the rest of the job can stay.",
    ),
)
def features_as_of(household, kind, week, cut, shape):
    """What was known of each household and kind of product when week `cut` began.

    Args:
        household: (lines,) array of whole numbers: who bought.
        kind: (lines,) array of whole numbers: which kind.
        week: (lines,) array of whole numbers from 1 on: when, in any order. No such triple comes twice.
        cut: the week that begins now, above 12. Its purchases, and all later ones, are not known yet.
        shape: (n, m), the numbers of households and of kinds.
    Returns:
        (n, m, 3) array. [:, :, 0]: weeks since the last purchase, `cut` where there was none.
        [:, :, 1]: in how many of the last 12 weeks before `cut` the kind was bought.
        [:, :, 2]: the share of all n households that bought the kind in those 12 weeks.
    """
    known = week < cut
    household, kind, week = household[known], kind[known], week[known]
    last = np.zeros(shape)  # 0 stands for never
    np.maximum.at(last, (household, kind), week)
    recent = week >= cut - 12
    times = np.zeros(shape)
    np.add.at(times, (household[recent], kind[recent]), 1)
    popularity = np.broadcast_to((times > 0).mean(axis=0), shape)
    return np.stack([cut - last, times, popularity], axis=2)


@features_as_of.cases
def _(rng):
    yield np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), np.array([15, 20, 20, 22]), 20, (2, 2)
    # bought in the first and in the last week that count, in the week before those, and in the week of the cut
    yield np.array([0, 1, 2, 3]), np.array([0, 0, 0, 0]), np.array([8, 19, 7, 20]), 20, (4, 2)
    yield np.array([0, 1]), np.array([1, 0]), np.array([14, 16]), 14, (3, 2)  # nothing is known yet
    household, kind, week = np.unravel_index(rng.choice(5 * 4 * 30, 150, replace=False), (5, 4, 30))
    yield household, kind, week + 1, 25, (5, 4)
    order = rng.permutation(150)
    yield household[order], kind[order], week[order] + 1, 17, (6, 4)


@features_as_of.alternative
def _(household, kind, week, cut, shape):
    n, m = shape
    result = np.zeros((n, m, 3))
    for i in range(n):
        for j in range(m):
            weeks = [w for a, b, w in zip(household, kind, week, strict=True) if a == i and b == j and w < cut]
            result[i, j, 0] = cut - max(weeks) if weeks else cut
            result[i, j, 1] = sum(w >= cut - 12 for w in weeks)
    for j in range(m):
        result[:, j, 2] = sum(result[i, j, 1] > 0 for i in range(n)) / n
    return result


@features_as_of.alternative
def _(household, kind, week, cut, shape):
    bought = np.zeros((*shape, max(cut, week.max() + 1)), dtype=bool)  # (n, m, weeks)
    bought[household, kind, week] = True
    bought = bought[:, :, :cut]
    since = np.where(bought.any(2), bought[:, :, ::-1].argmax(2) + 1, cut)
    times = bought[:, :, -12:].sum(2)
    return np.dstack([since, times, np.tile((times > 0).mean(0), (shape[0], 1))])


def _features(household, kind, week, cut, shape, for_last, for_times, for_share=None, never=None):
    """The three features, from the lines that each is given."""
    last, times, other = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.maximum.at(last, (household[for_last], kind[for_last]), week[for_last])
    np.add.at(times, (household[for_times], kind[for_times]), 1)
    for_share = for_times if for_share is None else for_share
    np.add.at(other, (household[for_share], kind[for_share]), 1)
    share = np.broadcast_to((other > 0).mean(0), shape)
    return np.stack([np.where(last > 0, cut - last, cut if never is None else never), times, share], axis=2)


@features_as_of.misconception(
    "That is still what the job of the night does: purchases of week `cut` and later enter all three numbers. "
    "Drop them before anything is counted."
)
def _(household, kind, week, cut, shape):
    return nightly_features(household, kind, week, cut, shape)


@features_as_of.misconception(
    "You mended the counts, and the last purchase may still lie in the future: it gives weeks below 1. "
    "Only weeks before the cut may enter it."
)
def _(household, kind, week, cut, shape):
    recent = (week < cut) & (week >= cut - 12)
    return _features(household, kind, week, cut, shape, week > 0, recent)


@features_as_of.misconception(
    "You mended the last purchase, and the counts of the 12 weeks still go on after the cut. "
    "They need an upper end too."
)
def _(household, kind, week, cut, shape):
    return _features(household, kind, week, cut, shape, week < cut, week >= cut - 12)


@features_as_of.misconception(
    "You let the week of the cut in. Its purchases are part of what is to be predicted: compare with `<`."
)
def _(household, kind, week, cut, shape):
    known = week <= cut
    return _features(household, kind, week, cut, shape, known, known & (week >= cut - 12))


@features_as_of.misconception(
    "Your popularity still counts purchases after the cut. That other households bought it later is not known either."
)
def _(household, kind, week, cut, shape):
    known = week < cut
    return _features(household, kind, week, cut, shape, known, known & (week >= cut - 12), week >= cut - 12)


@features_as_of.misconception(
    "Your window has 11 weeks. The 12 weeks before the cut begin with week `cut - 12`, and that one counts."
)
def _(household, kind, week, cut, shape):
    known = week < cut
    return _features(household, kind, week, cut, shape, known, known & (week > cut - 12))


@features_as_of.misconception("Your window has 13 weeks. The 12 weeks before the cut begin with week `cut - 12`.")
def _(household, kind, week, cut, shape):
    known = week < cut
    return _features(household, kind, week, cut, shape, known, known & (week >= cut - 13))


@features_as_of.misconception(
    "You left out the week just before the cut. It is over when week `cut` begins: it is known."
)
def _(household, kind, week, cut, shape):
    known = week < cut - 1
    return _features(household, kind, week, cut, shape, known, known & (week >= cut - 12))


@features_as_of.misconception(
    "Where nothing was bought before the cut you gave 0 weeks, as if it had just been bought. Asked is `cut`."
)
def _(household, kind, week, cut, shape):
    known = week < cut
    return _features(household, kind, week, cut, shape, known, known & (week >= cut - 12), never=0)


# ------------------------------------------------------------------------ logistic step


@exercise(
    "predictor.step",
    minutes=10,
    level="junior",
    hints=(
        "First the probabilities: a sigmoid of one number per row. Then ask how far each is from its label.",
        "The derivative of the loss of one row by its logit is the probability minus the label. "
        "The chain rule multiplies it by the row's features: one slope for each weight.",
        "Take means over the rows. The penalty adds `l2` times the weights, and nothing for the last one. "
        "Then go against the gradient.",
    ),
)
def logistic_step(weights, features, labels, rate, l2):
    """One step of gradient descent on the mean log loss plus `l2 / 2` times the sum of the squared weights.

    The last weight is the bias: its feature is 1 in every row, and it is not penalised.

    Args:
        weights: (d,) array; not to be changed.
        features: (n, d) array whose last column is 1.
        labels: (n,) array of 0 and 1.
        rate: the length of the step, above 0.
        l2: strength of the penalty, at least 0.
    Returns:
        (d,) array of the new weights.
    """
    probability = 1 / (1 + np.exp(-(features @ weights)))  # (n,)
    penalty = l2 * weights
    penalty[-1] = 0
    return weights - rate * (features.T @ (probability - labels) / len(labels) + penalty)


def _with_ones(features):
    """Features with a last column of ones."""
    return np.column_stack([features, np.ones(len(features))])


@logistic_step.cases
def _(rng):
    yield np.array([1.0, 0.5]), np.array([[1.0, 1.0], [0.0, 1.0], [3.0, 1.0]]), np.array([1, 0, 1]), 0.5, 0.1
    yield np.zeros(4), np.array([[2.0, -1.0, 0.5, 1.0]]), np.array([0]), 0.3, 0.0
    yield np.array([2.0, -1.0]), np.array([[0.5, 1.0], [1.0, 1.0], [-3.0, 1.0]]), np.array([1, 1, 1]), 2.0, 0.7
    yield rng.normal(size=5), _with_ones(rng.normal(size=(7, 4))), np.array([0, 1, 0, 0, 1, 0, 0]), 0.7, 0.25
    yield rng.normal(size=3), _with_ones(rng.normal(1, 2, (30, 2))), (rng.random(30) < 0.3).astype(int), 1.3, 0.4


@logistic_step.alternative
def _(weights, features, labels, rate, l2):
    slopes, n = [0.0] * len(weights), len(labels)
    for row, label in zip(features, labels, strict=True):
        logit = sum(w * x for w, x in zip(weights, row, strict=True))
        error = 1 / (1 + np.exp(-logit)) - label
        for j, x in enumerate(row):
            slopes[j] += error * x / n
    for j in range(len(weights) - 1):
        slopes[j] += l2 * weights[j]
    return [w - rate * s for w, s in zip(weights, slopes, strict=True)]


@logistic_step.alternative
def _(weights, features, labels, rate, l2):
    sign = 2 * labels - 1  # the loss of a row is log(1 + exp(-sign * logit))
    by_logit = -sign / (1 + np.exp(sign * (features * weights).sum(1)))
    shrink = np.append(np.full(len(weights) - 1, 1 - rate * l2), 1.0)
    return shrink * weights - rate * (by_logit[:, None] * features).mean(0)


def _step(weights, features, labels, rate, slope, penalty):
    """A step along `slope(errors, probabilities)` and `penalty` times all weights but the bias."""
    probability = 1 / (1 + np.exp(-(features @ weights)))
    return weights - rate * (slope(probability - labels, probability) + np.append(penalty * weights[:-1], 0))


@logistic_step.misconception("You went up the slope: the loss grows. Subtract the gradient.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, -rate, lambda e, p: features.T @ e / len(e), l2)


@logistic_step.misconception(
    "You added the rows up. The loss is a mean: divide by their number, or the step grows with the data."
)
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e, l2)


@logistic_step.misconception(
    "You penalised the bias too. It carries the base rate: pulled to 0 it draws an average row's probability "
    "towards one half."
)
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e) + l2 * weights, 0)


@logistic_step.misconception(
    "You took the gradient of the squared error: it has a factor p (1 - p) that the log loss does not have."
)
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ (e * p * (1 - p)) / len(e), l2)


@logistic_step.misconception("You left the penalty out of the gradient: it pulls each weight by `l2` times itself.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e), 0)


@logistic_step.misconception(
    "Your penalty pulls half as hard as asked. The derivative of l2 / 2 times a square is l2 times the weight."
)
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e), l2 / 2)


@logistic_step.misconception("Your penalty pushes the weights away from 0. It adds `l2` times the weight to the slope.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e), -l2)


@logistic_step.misconception("The first weight went without penalty. The bias is the last one.")
def _(weights, features, labels, rate, l2):
    pulled = np.append(0, l2 * weights[1:])
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e) + pulled, 0)


@logistic_step.misconception("Your step has the length of the slope. Multiply the slope by `rate`.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, 1, lambda e, p: features.T @ e / len(e), l2)


@logistic_step.misconception("You returned the slope. Asked are the weights after the step.")
def _(weights, features, labels, rate, l2):
    return (weights - logistic_step.reference(weights, features, labels, rate, l2)) / rate


@logistic_step.misconception("You took the penalty's derivative as `2 * l2` times the weights. The loss has l2 / 2.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ e / len(e), 2 * l2)


@logistic_step.misconception("Your bias never moves. It is not penalised, and still it has a slope.")
def _(weights, features, labels, rate, l2):
    return np.append(logistic_step.reference(weights, features, labels, rate, l2)[:-1], weights[-1])


@logistic_step.misconception(
    "You left the sigmoid out and took the logit for the probability. That is a step of linear regression."
)
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: features.T @ (features @ weights - labels) / len(e), l2)


@logistic_step.misconception("Your error is turned round: the probability minus the label, not the label minus it.")
def _(weights, features, labels, rate, l2):
    return _step(weights, features, labels, rate, lambda e, p: -features.T @ e / len(e), l2)


# ----------------------------------------------------------------------------- backward


def forward(features, w1, b1, w2, b2):
    """A network with one hidden layer: probabilities (n,), and the hidden layer (n, h) that backward needs."""
    hidden = np.maximum(features @ w1 + b1, 0)  # (n, d) @ (d, h): ReLU
    logits = hidden @ w2 + b2  # (n, h) @ (h,): no ReLU here, a logit may be negative
    return 1 / (1 + np.exp(-logits)), hidden


@exercise(
    "predictor.backward",
    minutes=15,
    level="mid",
    given=(forward,),
    hints=(
        "Begin at the end, as in logistic regression: the mean loss by each logit is (probability - label) / n.",
        "From the logits to w2 and b2: the same as logistic regression with the hidden layer as its features. "
        "From the logits to the hidden layer: each row's slope times w2, an (n, h) table.",
        "ReLU lets a slope through where the hidden value is above 0, and stops it elsewhere. What is left meets the "
        "features for w1, and is summed over the rows for b1. Every gradient has the shape of its parameter.",
    ),
)
def backward(features, labels, w1, b1, w2, b2):
    """Gradients of the mean log loss of `forward`, one for each parameter.

    Where the sum before ReLU is exactly 0, ReLU's slope counts as 0.

    Args:
        features: (n, d) array.
        labels: (n,) array of 0 and 1.
        w1: (d, h) array.
        b1: (h,) array.
        w2: (h,) array.
        b2: a number.
    Returns:
        A dict with the gradients "w1", "b1", "w2" and "b2", each of the shape of its parameter.
    """
    probability, hidden = forward(features, w1, b1, w2, b2)
    by_logit = (probability - labels) / len(labels)  # (n,)
    by_hidden = by_logit[:, None] * w2 * (hidden > 0)  # (n, h)
    return {
        "w1": features.T @ by_hidden,
        "b1": by_hidden.sum(axis=0),
        "w2": hidden.T @ by_logit,
        "b2": by_logit.sum(),
    }


@backward.cases
def _(rng):
    yield (
        np.array([[1.0, 2.0]]), np.array([1]),
        np.array([[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]]), np.array([0.0, 0.5, 0.0]), np.array([1.0, -2.0, 0.5]), 0.25,
    )  # fmt: skip
    yield (  # a unit that is dead for every row, and one that gets exactly 0
        np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 1]),
        np.array([[-1.0, 1.0]]), np.array([0.0, -2.0]), np.array([1.5, 0.7]), -0.4,
    )  # fmt: skip
    yield rng.normal(size=(1, 3)), np.array([1]), rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4), 0.1
    n, d, h = 9, 4, 5
    yield (
        rng.normal(size=(n, d)), np.array([0, 0, 1, 0, 1, 0, 0, 0, 1]),
        rng.normal(size=(d, h)), rng.normal(size=h), rng.normal(size=h), -0.7,
    )  # fmt: skip


@backward.alternative
def _(features, labels, w1, b1, w2, b2):
    (n, d), h = features.shape, len(b1)
    g1, c1, g2, c2 = np.zeros((d, h)), np.zeros(h), np.zeros(h), 0.0
    for row, label in zip(features, labels, strict=True):
        before = [b1[k] + sum(row[j] * w1[j, k] for j in range(d)) for k in range(h)]
        logit = b2 + sum(max(before[k], 0) * w2[k] for k in range(h))
        error = (1 / (1 + np.exp(-logit)) - label) / n
        c2 += error
        for k in range(h):
            g2[k] += error * max(before[k], 0)
            if before[k] > 0:
                c1[k] += error * w2[k]
                for j in range(d):
                    g1[j, k] += error * w2[k] * row[j]
    return {"w1": g1, "b1": c1, "w2": g2, "b2": c2}


@backward.alternative
def _(features, labels, w1, b1, w2, b2):
    before = features @ w1 + b1
    hidden = np.where(before > 0, before, 0)
    error = 1 / (1 + np.exp(-(hidden @ w2 + b2))) - labels
    gate = (before > 0).astype(float)
    error = error / len(error)
    g1 = np.einsum("n,nd,nh,h->dh", error, features, gate, w2)
    c1 = np.einsum("n,nh,h->h", error, gate, w2)
    return {"b2": error.sum(), "w2": error @ hidden, "b1": c1, "w1": g1}


def _backward(features, labels, w1, b1, w2, b2, by_logit=None, gate=None, back=None):
    """Gradients with a part replaced."""
    probability, hidden = forward(features, w1, b1, w2, b2)
    by_logit = (probability - labels) / len(labels) if by_logit is None else by_logit(probability, hidden)
    by_hidden = by_logit[:, None] * (w2 if back is None else back) * (hidden > 0 if gate is None else gate(hidden))
    return {"w1": features.T @ by_hidden, "b1": by_hidden.sum(0), "w2": hidden.T @ by_logit, "b2": by_logit.sum()}


@backward.misconception(
    "You forgot ReLU on the way back (or compared its output with `>= 0`, which is always true). "
    "A unit that gave 0 did not depend on its weights: its slope is stopped."
)
def _(features, labels, w1, b1, w2, b2):
    return _backward(features, labels, w1, b1, w2, b2, gate=np.ones_like)


@backward.misconception(
    "You let a slope through where a unit gets exactly 0. Here ReLU's slope at 0 counts as 0: compare with `> 0`."
)
def _(features, labels, w1, b1, w2, b2):
    before = features @ w1 + b1
    return _backward(features, labels, w1, b1, w2, b2, gate=lambda hidden: before >= 0)


@backward.misconception("Your gradients are sums over the rows. The loss is a mean: divide by their number, once.")
def _(features, labels, w1, b1, w2, b2):
    return _backward(features, labels, w1, b1, w2, b2, by_logit=lambda p, hidden: p - labels)


@backward.misconception("You divided by the number of rows in the last layer and again in the first. Once is enough.")
def _(features, labels, w1, b1, w2, b2):
    right = _backward(features, labels, w1, b1, w2, b2)
    return right | {"w1": right["w1"] / len(labels), "b1": right["b1"] / len(labels)}


@backward.misconception("Your gradients point the other way: the error is the probability minus the label.")
def _(features, labels, w1, b1, w2, b2):
    return {name: -slope for name, slope in _backward(features, labels, w1, b1, w2, b2).items()}


@backward.misconception(
    "You left w2 out of the way back. A hidden unit matters to the loss as much as its outgoing weight says."
)
def _(features, labels, w1, b1, w2, b2):
    return _backward(features, labels, w1, b1, w2, b2, back=np.ones_like(w2))


@backward.misconception(
    "You went back through an already updated w2. All gradients belong to the parameters that made the forward pass."
)
def _(features, labels, w1, b1, w2, b2):
    return _backward(features, labels, w1, b1, w2, b2, back=w2 - _backward(features, labels, w1, b1, w2, b2)["w2"])


@backward.misconception(
    "You multiplied by p (1 - p) at the output. With the log loss the sigmoid's slope cancels: p - y is all."
)
def _(features, labels, w1, b1, w2, b2):
    return _backward(
        features, labels, w1, b1, w2, b2, by_logit=lambda p, hidden: (p - labels) * p * (1 - p) / len(labels)
    )


# -------------------------------------------------------------------------- recalibrate


def nightly_recalibrate(probability, kept):
    """Probabilities for everybody, from a model trained on a share of the non-buyers (the job of the night)."""
    return probability * kept


@exercise(
    "predictor.recalibrate",
    minutes=10,
    level="mid",
    kind="bug",
    extra=True,
    given=(nightly_recalibrate,),
    hints=(
        "Think in odds: buyers to non-buyers. Which of the two did the thinning change, and by what factor?",
        "Keeping one non-buyer in ten makes the odds ten times too large. Undo that on the odds, then go back "
        "from odds to a probability.",
        "Write the probability as odds / (1 + odds) and multiply through, so that a probability of 1 "
        "divides by no zero.",
    ),
)
def recalibrate(probability, kept):
    """Probabilities for everybody, from a model that was trained on all buyers and a share of the others.

    Args:
        probability: (n,) array of the model's outputs, from 0 to 1, both ends possible.
        kept: the share of non-buyers that was kept for training, above 0, at most 1.
    Returns:
        (n,) array of corrected probabilities; 0 stays 0, and 1 stays 1.
    """
    return probability * kept / (probability * kept + (1 - probability))


@recalibrate.cases
def _(rng):
    yield np.array([0.5, 0.2, 0.9]), 0.01
    yield np.array([0.0, 1.0, 0.3, 1e-12]), 0.1
    yield np.array([0.4, 0.7]), 1.0
    yield np.array([0.25]), 0.5
    yield np.array([0.99, 0.999, 1 - 1e-6]), 0.04
    yield rng.random(12), 0.04


@recalibrate.alternative
def _(probability, kept):
    result = []
    for p in probability:
        buyers, others = p, (1 - p) / kept  # put back whom the thinning took out
        result.append(buyers / (buyers + others))
    return result


@recalibrate.alternative
def _(probability, kept):
    with np.errstate(divide="ignore"):
        logit = np.log(probability) - np.log1p(-probability) + np.log(kept)
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-logit))


@recalibrate.misconception(
    "That is still what the job of the night does: it multiplies the probability by the share. That fits only where "
    "the probability is small: a certain buyer must stay at 1."
)
def _(probability, kept):
    return probability * kept


@recalibrate.misconception(
    "You used the share of non-buyers that was dropped. `kept` is the share that stayed, and it is what multiplies."
)
def _(probability, kept):
    return probability * (1 - kept) / (probability * (1 - kept) + np.maximum(1 - probability, 1e-300))


@recalibrate.misconception("You corrected the wrong way: non-buyers were taken out, so the true chance is lower.")
def _(probability, kept):
    return probability / (probability + kept * (1 - probability))


@recalibrate.misconception("You returned the odds. Go back to a probability: odds / (1 + odds).")
def _(probability, kept):
    return kept * probability / np.maximum(1 - probability, 1e-12)


@recalibrate.misconception(
    "You divided the probability by the share. The result leaves the range of probabilities, in the wrong direction."
)
def _(probability, kept):
    return probability / kept


@recalibrate.misconception(
    "You scaled the outputs to another mean. That can push a probability beyond 1; "
    "what is off by a constant factor are the odds."
)
def _(probability, kept):
    prior = kept / (1 + kept)
    return probability * prior / max(probability.mean(), 1e-12)


@recalibrate.misconception(
    "You changed the logit by the share itself. On logits the correction is the logarithm of the share."
)
def _(probability, kept):
    with np.errstate(divide="ignore", over="ignore"):
        return 1 / (1 + np.exp(-(np.log(probability) - np.log1p(-probability) - kept)))
