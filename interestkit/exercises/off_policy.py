"""Exercises of 13_off_policy: reweighting a log, doubly robust, a job that averages propensities, and clipping."""

import numpy as np

from interestkit.workbook.exercise import exercise

# ---------------------------------------------------------------------------- estimate


@exercise(
    "ope.estimate",
    minutes=12,
    level="mid",
    hints=(
        "Each row stands for as many rows as its weight says: how often the target takes this action, for each time "
        "that the logging policy takes it.",
        "IPS and SNIPS have the same numerator, the summed products of weight and reward. They differ only in what "
        "they divide it by: the number of rows, or the summed weights.",
        "The effective sample size compares the square of a sum with a sum of squares. With equal weights it is n.",
    ),
)
def estimate(reward, propensity, target):
    """IPS, SNIPS and the effective sample size of a log for another policy.

    Args:
        reward: (n,) rewards.
        propensity: (n,) probability with which the logging policy took the logged action; above 0.
        target: (n,) probability with which the other policy takes that same action; may be 0.
    Returns:
        (3,) numbers: IPS, SNIPS, and (sum of weights)² / (sum of squared weights);
        all three 0 where every weight is 0.
    """
    weight = target / propensity
    total = weight.sum()
    if total == 0:
        return np.zeros(3)
    gain = (weight * reward).sum()
    return np.array([gain / len(reward), gain / total, total**2 / (weight**2).sum()])


@estimate.cases
def _(rng):
    yield np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.25, 0.2]), np.array([0.25, 0.5, 0.6])
    yield np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.1, 0.9, 0.3]), np.array([0.0, 1.0, 0.0, 1.0])
    yield np.array([2.0, 5.0]), np.array([0.5, 0.5]), np.array([0.0, 0.0])  # the target never does what was logged
    yield np.array([-3.0]), np.array([0.8]), np.array([0.2])
    yield np.array([0.0, 0.0, 0.0]), np.array([0.5, 0.5, 0.5]), np.array([0.5, 0.5, 0.25])  # not one click
    yield np.array([1, 0]), np.array([0.0002, 0.5]), np.array([0.5, 0.5])  # a weight of 2,500
    yield np.array([1, 0, 0, 1, 0]), np.array([0.001, 0.9, 0.8, 0.9, 0.7]), np.array([0.5, 0.4, 0.3, 0.6, 0.2])
    yield rng.normal(2, 3, 40), rng.uniform(0.05, 1, 40), rng.uniform(0, 1, 40) * (rng.random(40) < 0.7)
    p = rng.uniform(0.1, 0.9, 25)
    yield (rng.random(25) < 0.3).astype(float), p, p  # the logging policy itself


@estimate.alternative
def _(reward, propensity, target):
    gain = total = squares = 0.0
    for r, p, t in zip(reward, propensity, target, strict=True):
        weight = t / p
        gain += weight * r
        total += weight
        squares += weight * weight
    return [gain / len(reward), gain / total if total else 0.0, total * total / squares if squares else 0.0]


@estimate.alternative
def _(reward, propensity, target):
    weight = target / propensity
    if not weight.any():
        return (0.0, 0.0, 0.0)
    return (
        np.mean(weight * reward),
        np.average(reward, weights=weight),
        len(weight) * weight.mean() ** 2 / np.mean(weight**2),
    )


def _three(reward, weight, count=None):
    """The three numbers for other weights."""
    total, squares = weight.sum(), (weight**2).sum()
    gain = (weight * reward).sum()
    return np.array(
        [
            gain / (len(reward) if count is None else max(count, 1)),
            gain / total if total else 0.0,
            total**2 / squares if squares else 0.0,
        ]
    )


@estimate.misconception(
    "You took plain means of the log. They say what the logging policy earned: weigh each row by target / propensity."
)
def _(reward, propensity, target):
    return np.array([reward.mean(), reward.mean(), len(reward)])


@estimate.misconception(
    "Your ratio is upside down. A row counts for more where the *target* takes its action more often: "
    "target / propensity."
)
def _(reward, propensity, target):
    return _three(reward, propensity / np.where(target > 0, target, 1) * (target > 0))


@estimate.misconception(
    "Your ratio is upside down, and it divides by zero where the target never takes the logged action. "
    "A row counts for more where the *target* takes its action more often: target / propensity."
)
def _(reward, propensity, target):
    with np.errstate(divide="ignore", invalid="ignore"):
        return _three(reward, propensity / target) if target.any() else np.zeros(3)


@estimate.misconception(
    "You weighed by 1 / propensity: what the target does enters only where it does nothing at all. "
    "The weight is target / propensity."
)
def _(reward, propensity, target):
    return _three(reward, 1 / propensity) if target.any() else np.zeros(3)


@estimate.misconception(
    "You weighed by 1 / propensity and forgot the target's own probability. That is the value of taking every action."
)
def _(reward, propensity, target):
    return _three(reward, 1 / propensity)


@estimate.misconception(
    "Your SNIPS divides by n, so it is IPS again. Self-normalised means: divide by the summed weights."
)
def _(reward, propensity, target):
    found = estimate.reference(reward, propensity, target)
    return np.array([found[0], found[0], found[2]])


@estimate.misconception("Your IPS is a sum. Divide it by the number of rows.")
def _(reward, propensity, target):
    found = estimate.reference(reward, propensity, target)
    return np.array([found[0] * len(reward), *found[1:]])


@estimate.misconception(
    "Your effective sample size is upside down: the square of the sum stands above, the sum of the squares below."
)
def _(reward, propensity, target):
    found = estimate.reference(reward, propensity, target)
    return np.array([*found[:2], 1 / found[2] if found[2] else 0.0])


@estimate.misconception(
    "Your IPS divides by the summed weights, which is SNIPS. Plain IPS divides by the number of rows."
)
def _(reward, propensity, target):
    found = estimate.reference(reward, propensity, target)
    return np.array([found[1], found[1], found[2]])


@estimate.misconception(
    "Your IPS averages only over rows whose weight is above 0. Rows with weight 0 count too: divide by all n rows."
)
def _(reward, propensity, target):
    weight = target / propensity
    return _three(reward, weight, count=(weight > 0).sum())


@estimate.misconception(
    "You counted the rows with a weight above 0 as the effective sample size. One heavy row can outweigh them all: "
    "compare the squared sum with the sum of squares."
)
def _(reward, propensity, target):
    found = estimate.reference(reward, propensity, target)
    return np.array([*found[:2], (target > 0).sum()])


@estimate.misconception(
    "Your effective sample size forgets to square the sum of the weights. With ten equal weights of 2 it must be 10."
)
def _(reward, propensity, target):
    weight = target / propensity
    found = estimate.reference(reward, propensity, target)
    return np.array([*found[:2], weight.sum() / (weight**2).sum() if weight.any() else 0.0])


# ----------------------------------------------------------------------- doubly_robust


@exercise(
    "ope.two-halves",
    minutes=15,
    level="mid",
    hints=(
        "Begin with what the model says about the target: for each row, its predictions averaged over all actions with "
        "the target's probabilities.",
        "Then ask how wrong the model was where you can see it. That is a residual of the *logged* action, and rows "
        "are reweighted as in IPS.",
        "`np.arange(n)` together with `action` picks one column from each row of `policy` and of `model`.",
    ),
)
def doubly_robust(reward, action, propensity, policy, model):
    """The doubly robust estimate of a policy's value.

    Args:
        reward: (n,) rewards.
        action: (n,) whole numbers in 0..k-1, the actions that were logged.
        propensity: (n,) probability with which the logging policy took that action; above 0.
        policy: (n, k) the target's probabilities of all actions in each row.
        model: (n, k) predicted reward of each action in each row.
    Returns:
        a number.
    """
    row = np.arange(len(reward))
    weight = policy[row, action] / propensity
    return ((policy * model).sum(axis=1) + weight * (reward - model[row, action])).mean()


@doubly_robust.cases
def _(rng):
    yield np.array([1.0]), np.array([2]), np.array([0.4]), np.array([[0.2, 0.3, 0.5]]), np.array([[0.6, 0.4, 0.1]])
    yield (
        np.array([1.0, 0.0]),
        np.array([2, 0]),
        np.array([0.1, 0.6]),
        np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),  # a deterministic target
        np.array([[0.1, 0.2, 0.3], [0.0, 0.9, 0.5]]),
    )
    yield np.array([3.0]), np.array([0]), np.array([0.4]), np.array([[0.7, 0.3]]), np.zeros((1, 2))
    yield (
        np.array([1, 0]),  # clicks, and a row without one where the model expected some
        np.array([1, 0]),
        np.array([0.2, 0.8]),
        np.array([[0.5, 0.4, 0.1], [0.4, 0.6, 0.0]]),
        np.array([[0.3, 0.6, 0.5], [0.2, 0.9, 0.7]]),
    )
    yield np.array([0, 1]), np.array([0, 0]), np.array([0.0005, 0.5]), np.full((2, 3), 1 / 3), np.full((2, 3), 0.1)
    for n, k in ((12, 4), (30, 2), (7, 9)):
        logging, policy = rng.dirichlet(np.ones(k), n), rng.dirichlet(np.ones(k) * 0.5, n)
        action = rng.integers(0, k, n)
        propensity = np.maximum(logging[np.arange(n), action], 0.02)
        yield rng.normal(1, 2, n), action, propensity, policy, rng.normal(1, 1, (n, k))


@doubly_robust.alternative
def _(reward, action, propensity, policy, model):
    total = 0.0
    for i, a in enumerate(action):
        total += sum(p * q for p, q in zip(policy[i], model[i], strict=True))
        total += policy[i][a] / propensity[i] * (reward[i] - model[i][a])
    return total / len(action)


@doubly_robust.alternative
def _(reward, action, propensity, policy, model):
    taken = np.eye(policy.shape[1])[action]  # (n, k)
    filled = model + taken * (reward[:, None] - model) / propensity[:, None]
    return (policy * filled).sum() / len(reward)


def _parts(reward, action, propensity, policy, model):
    """Weight, prediction for the logged action, and prediction for the target."""
    row = np.arange(len(reward))
    return policy[row, action] / propensity, model[row, action], (policy * model).sum(1)


@doubly_robust.misconception(
    "Your residual compares the reward with the prediction for the target policy. "
    "The reward came from the logged action: subtract the model's prediction for that one."
)
def _(reward, action, propensity, policy, model):
    weight, _, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted + weight * (reward - wanted)).mean()


@doubly_robust.misconception(
    "Your residual has no weight. It tells how wrong the model is for the logging policy's actions; "
    "weigh it with target / propensity."
)
def _(reward, action, propensity, policy, model):
    _, logged, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted + reward - logged).mean()


@doubly_robust.misconception(
    "Your first part uses the prediction for the logged action. It should be the target's: "
    "the average over all actions, with the target's probabilities."
)
def _(reward, action, propensity, policy, model):
    weight, logged, _ = _parts(reward, action, propensity, policy, model)
    return (logged + weight * (reward - logged)).mean()


@doubly_robust.misconception(
    "Your first part averages the predictions over all actions alike. The target does not take all of them alike: "
    "weigh them with its probabilities."
)
def _(reward, action, propensity, policy, model):
    weight, logged, _ = _parts(reward, action, propensity, policy, model)
    return (model.mean(1) + weight * (reward - logged)).mean()


@doubly_robust.misconception(
    "Your residual has the wrong sign: where the reward is above the prediction, the estimate must go up."
)
def _(reward, action, propensity, policy, model):
    weight, logged, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted - weight * (reward - logged)).mean()


@doubly_robust.misconception(
    "Your ratio is upside down. A residual counts for more where the *target* takes the logged action more often: "
    "target / propensity."
)
def _(reward, action, propensity, policy, model):
    weight, logged, wanted = _parts(reward, action, propensity, policy, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (wanted + (reward - logged) / weight).mean()


@doubly_robust.misconception("You returned one number for each row. The estimate is their mean.", crashes=True)
def _(reward, action, propensity, policy, model):
    weight, logged, wanted = _parts(reward, action, propensity, policy, model)
    return wanted + weight * (reward - logged)


@doubly_robust.misconception("You added the rows up. The estimate is their mean: divide by the number of rows.")
def _(reward, action, propensity, policy, model):
    weight, logged, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted + weight * (reward - logged)).sum()


@doubly_robust.misconception(
    "You added IPS to the model's answer, so the reward is counted twice. "
    "Weigh only what the model missed: the reward minus its prediction for the logged action."
)
def _(reward, action, propensity, policy, model):
    weight, _, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted + weight * reward).mean()


@doubly_robust.misconception(
    "You weighed the residual by 1 / propensity. The weight is target / propensity: "
    "actions that the target avoids hardly count."
)
def _(reward, action, propensity, policy, model):
    _, logged, wanted = _parts(reward, action, propensity, policy, model)
    return (wanted + (reward - logged) / propensity).mean()


@doubly_robust.misconception(
    "You returned IPS: the model is not in it. Add its prediction for the target, and weigh the residual, "
    "not the reward."
)
def _(reward, action, propensity, policy, model):
    return (_parts(reward, action, propensity, policy, model)[0] * reward).mean()


@doubly_robust.misconception(
    "You returned the model's predictions for the target, uncorrected. Add the weighted residuals of the logged rows."
)
def _(reward, action, propensity, policy, model):
    return _parts(reward, action, propensity, policy, model)[2].mean()


# ------------------------------------------------------------------------------ shares


def nightly_shares(action, propensity, policy):
    """How much of the estimate each row decides (the job of the night)."""
    shown = np.bincount(action, minlength=len(policy))
    average = np.bincount(action, propensity, len(policy)) / np.maximum(shown, 1)
    weight = policy[action] / average[action]
    total = weight.sum()
    return weight / total if total > 0 else weight


@exercise(
    "ope.shares",
    minutes=8,
    level="mid",
    kind="bug",
    given=(nightly_shares,),
    hints=(
        "Try one item that was drawn twice, once at 0.1 and once at 0.9. Which of the two rows stands for more others?",
        "Rows of an item are logged more often in moments when its probability was high. "
        "So an average over *logged* rows is too high, and the rare moments count too little.",
        "The probability belongs to the decision, not to the item. Each row has its own.",
    ),
)
def shares(action, propensity, policy):
    """How much of the estimate each row decides: its weight, as a share of all rows' weights.

    Args:
        action: (n,) whole numbers in 0..k-1, the items that were shown.
        propensity: (n,) probability with which each was drawn, at that moment; above 0.
        policy: (k,) probabilities of the policy in question, the same in each row.
    Returns:
        (n,) numbers that add up to 1; all 0 where every weight is 0.
    """
    weight = policy[action] / propensity
    total = weight.sum()
    return weight / total if total > 0 else weight


@shares.cases
def _(rng):
    yield np.array([0, 0, 1]), np.array([0.1, 0.9, 0.5]), np.array([0.5, 0.5])
    yield np.array([2, 2, 2, 0]), np.array([0.2, 0.4, 0.8, 0.3]), np.array([0.1, 0.3, 0.6])  # item 1 is never shown
    yield np.array([1, 1]), np.array([0.25, 0.5]), np.array([1.0, 0.0])  # the policy never shows what was logged
    yield np.array([0, 1, 1]), np.array([0.5, 0.25, 0.5]), np.array([0.0, 1.0])  # it never shows one of them
    yield np.array([0, 1]), np.array([0.5, 0.25]), np.array([1e-4, 0.9999])
    yield np.array([0, 1, 1]), np.array([1e-6, 0.3, 0.7]), np.array([0.0125, 0.9875])
    yield np.array([0, 2]), np.array([0.9, 0.8]), np.array([0.1, 0.8, 0.1])  # the weights add up to less than 1
    yield rng.integers(0, 6, 40), rng.uniform(0.01, 0.9, 40), rng.dirichlet(np.ones(6))
    yield rng.integers(0, 3, 15), rng.uniform(0.2, 0.5, 15), rng.dirichlet(np.ones(4))


@shares.alternative
def _(action, propensity, policy):
    weights = [policy[a] / p for a, p in zip(action, propensity, strict=True)]
    total = sum(weights)
    return [weight / total if total else 0.0 for weight in weights]


@shares.alternative
def _(action, propensity, policy):
    weight = np.take(policy, action) * np.reciprocal(propensity.astype(float))
    return weight / max(weight.sum(), 1e-300)


def _normed(weight):
    total = weight.sum()
    return weight / total if total > 0 else weight


@shares.misconception(
    "That is still what the job does: it divides by the *average* propensity of the item. Divide by the row's own."
)
def _(action, propensity, policy):
    return nightly_shares(action, propensity, policy)


@shares.misconception(
    "You divided by the item's share of the log. That is right only if its probability never changed; "
    "each row was drawn with the probability that it names."
)
def _(action, propensity, policy):
    return _normed(policy[action] / (np.bincount(action, minlength=len(policy))[action] / len(action)))


@shares.misconception("Your ratio is upside down: the policy in question stands above, the propensity below.")
def _(action, propensity, policy):
    wanted = policy[action]
    return _normed(np.where(wanted > 0, propensity / np.where(wanted > 0, wanted, 1), 0))


@shares.misconception(
    "You left the policy out: 1 / propensity makes every item count alike. Multiply by the policy's probability."
)
def _(action, propensity, policy):
    return _normed(1 / propensity)


@shares.misconception("Those are the weights themselves. Asked is each row's share: divide by their sum.")
def _(action, propensity, policy):
    return policy[action] / propensity


@shares.misconception("You scaled the weights to a mean of 1. Shares add up to 1: divide by the sum, not by the mean.")
def _(action, propensity, policy):
    return _normed(policy[action] / propensity) * len(action)


@shares.misconception(
    "You averaged the finished weights of each item. Rows of one item were drawn with different probabilities, "
    "and so they count differently."
)
def _(action, propensity, policy):
    shown = np.bincount(action, minlength=len(policy))
    mean = np.bincount(action, policy[action] / propensity, len(policy)) / np.maximum(shown, 1)
    return _normed(mean[action])


# -------------------------------------------------------------------------------- clip


@exercise(
    "ope.clip",
    minutes=10,
    level="mid",
    extra=True,
    hints=(
        "A weight above the limit becomes the limit. All rows stay, and the mean goes over all of them.",
        "With rewards between 0 and 1, a row can lose at most the weight that was cut off it.",
        "The second number is the mean of what was cut off, over all rows, whatever their reward was.",
    ),
)
def clip(reward, propensity, target, limit):
    """Clipped IPS, and by how much clipping may have lowered it.

    Args:
        reward: (n,) rewards from 0 to 1.
        propensity: (n,) probability with which the logging policy took the logged action; above 0.
        target: (n,) probability with which the policy in question takes it.
        limit: the largest weight allowed, above 0.
    Returns:
        (2,) numbers: clipped IPS; and how much higher it could be if every row had had the reward 1 on the
        part of its weight that was cut off.
    """
    weight = target / propensity
    kept = weight.clip(max=limit)
    return np.array([(kept * reward).mean(), (weight - kept).mean()])


@clip.cases
def _(rng):
    yield np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.1, 0.05]), np.array([0.25, 0.5, 0.5]), 4
    yield np.array([1.0, 1.0]), np.array([0.5, 0.2]), np.array([0.5, 0.4]), 2.0  # exactly at the limit
    yield np.array([0.0, 1.0, 0.5]), np.array([0.001, 0.9, 0.3]), np.array([0.5, 0.0, 0.9]), 0.5
    yield np.array([0.7]), np.array([0.1]), np.array([0.9]), 100
    yield np.array([1, 0, 1, 0]), np.array([0.1, 0.2, 0.5, 0.9]), np.array([0.45, 0.5, 0.3, 0.1]), 1.5
    yield rng.random(30), rng.uniform(0.02, 0.9, 30), rng.uniform(0, 1, 30), 3
    yield (rng.random(50) < 0.2).astype(float), rng.uniform(0.01, 0.5, 50), rng.uniform(0, 0.6, 50), 1.5


@clip.alternative
def _(reward, propensity, target, limit):
    value = lost = 0.0
    for r, p, t in zip(reward, propensity, target, strict=True):
        weight = t / p
        value += min(weight, limit) * r
        lost += max(weight - limit, 0.0)
    return [value / len(reward), lost / len(reward)]


@clip.alternative
def _(reward, propensity, target, limit):
    weight = target / propensity
    lost = np.clip(weight - limit, 0, None)
    return np.mean((weight - lost) * reward), np.mean(lost)


@clip.misconception("You threw the rows above the limit away. Clipping keeps them, with the limit as their weight.")
def _(reward, propensity, target, limit):
    weight = target / propensity
    kept = np.where(weight <= limit, weight, 0)
    return np.array([(kept * reward).mean(), (weight - kept).mean()])


@clip.misconception("You divided by the summed clipped weights. That is another estimator; clipped IPS divides by n.")
def _(reward, propensity, target, limit):
    weight = target / propensity
    kept = np.minimum(weight, limit)
    return np.array([(kept * reward).sum() / max(kept.sum(), 1e-12), (weight - kept).mean()])


@clip.misconception(
    "Your second number counts only rows that had a reward. How high it could be depends on all rows that were cut, "
    "since the rows of another log might have had one."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    kept = np.minimum(weight, limit)
    return np.array([(kept * reward).mean(), ((weight - kept) * reward).mean()])


@clip.misconception(
    "Your second number is where unclipped IPS could lie at most. Asked is the distance to it: leave the estimate out."
)
def _(reward, propensity, target, limit):
    found = clip.reference(reward, propensity, target, limit)
    return np.array([found[0], found.sum()])


@clip.misconception(
    "Your second number gives every row the reward 1 on its whole weight. Only what was cut off is in doubt: "
    "the kept part was counted with the reward that was seen."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    value = (np.minimum(weight, limit) * reward).mean()
    return np.array([value, weight.mean() - value])


@clip.misconception(
    "Your second number lets rows below the limit pay back what others lost. A row that was not cut has lost 0, "
    "not less than 0."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    return np.array([(np.minimum(weight, limit) * reward).mean(), (weight - limit).mean()])


@clip.misconception(
    "You cut the second number off at 1 minus the estimate. IPS itself can leave the range of the rewards, "
    "and clipping may have taken more than 1 from it."
)
def _(reward, propensity, target, limit):
    value, lost = clip.reference(reward, propensity, target, limit)
    return np.array([value, min(lost, 1 - value)])


@clip.misconception(
    "Your second number is the share of the rows that were cut. What counts is how much weight they lost."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    return np.array([(np.minimum(weight, limit) * reward).mean(), (weight > limit).mean()])


@clip.misconception(
    "You raised small weights to the limit: `maximum` where `minimum` is needed. The limit is the largest weight."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    kept = np.maximum(weight, limit)
    return np.array([(kept * reward).mean(), np.maximum(weight - limit, 0).mean()])


@clip.misconception(
    "You averaged what was cut off over the rows that were cut. Over all rows, please: it is to be added to a mean "
    "over all rows."
)
def _(reward, propensity, target, limit):
    weight = target / propensity
    kept = np.minimum(weight, limit)
    return np.array([(kept * reward).mean(), (weight - kept).sum() / max((weight > limit).sum(), 1)])
