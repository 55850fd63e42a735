"""What would another policy have earned? Estimates from a log that a policy wrote whose probabilities are known.

A log has, for each row, the reward, the `propensity` (the probability with which the logging policy took the action
that it took), and, for the policy in question, `target`: the probability with which *it* would take that action
there. Their ratio is the row's weight. A model of the reward adds `q_logged` (its prediction for the action taken)
and `q_target` (its prediction for the target policy: the mean over actions, weighted by the target's probabilities).

Every estimator returns an `Estimate`: a value, and the term of each row, whose mean it is, for intervals.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True, eq=False)
class Estimate:
    """A policy's value, and what each row contributes to it.

    Attributes:
        value: the estimate, in units of the reward per row.
        terms: (n,) whose mean is the value. For the self-normalised estimator, its linearised terms.
    """

    value: float
    terms: np.ndarray

    def interval(self, confidence=0.95, by="normal", *, rng=None, draws=1_000, bound=None):
        """An interval for the value.

        Args:
            confidence: how often such intervals should hold the truth.
            by: "normal" for many rows and light weights; "bootstrap" draws rows again; "bernstein" is the empirical
                Bernstein bound, which needs a `bound` and holds for any number of rows, at the price of width.
            rng, draws: for the bootstrap.
            bound: how far apart two terms can be: the largest possible weight times the range of the reward.

        Returns:
            low, high.

        Raises:
            ValueError: for a single row, another method, or a missing argument.

        Source:
            Maurer & Pontil, Empirical Bernstein bounds and sample variance penalization, COLT 2009, theorem 4.
        """
        n = len(self.terms)
        if n < 2 or not 0 < confidence < 1:
            raise ValueError(
                f"an interval needs at least 2 rows and a confidence between 0 and 1, got {n}, {confidence}"
            )
        if by == "normal":
            half = NormalDist().inv_cdf((1 + confidence) / 2) * self.terms.std(ddof=1) / n**0.5
        elif by == "bernstein":
            if bound is None or bound <= 0:
                raise ValueError("the empirical Bernstein bound needs bound=…, the range of a term")
            log = np.log(4 / (1 - confidence))  # each side gets half of the error
            half = np.sqrt(2 * self.terms.var(ddof=1) * log / n) + 7 * bound * log / (3 * (n - 1))
        elif by == "bootstrap":
            if rng is None:
                raise ValueError("the bootstrap draws rows by chance: give it a generator, rng=…")
            means = np.array([self.terms[rng.integers(0, n, n)].mean() for _ in range(draws)])
            low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
            return float(low), float(high)
        else:
            raise ValueError(f'by must be "normal", "bootstrap" or "bernstein", got {by!r}')
        return float(self.value - half), float(self.value + half)


def replay(reward, same):
    """Mean reward of the rows in which both policies take the same action.

    Right where the log was written uniformly at random. Otherwise the rows that match are those that the logging
    policy liked.

    Args:
        reward: (n,) numbers.
        same: (n,) whether the target's action, drawn or deterministic, is the logged one.

    Returns:
        an `Estimate` with a term for each matching row.

    Source:
        Li, Chu, Langford & Wang, Unbiased offline evaluation of contextual-bandit-based news article recommendation
        algorithms, WSDM 2011.
    """
    reward, same = _column("reward", reward), np.asarray(same, dtype=bool)
    _equally_long(reward=reward, same=same)
    if not same.any():
        raise ValueError("no row matches: the target never takes the action that was logged")
    return _mean(reward[same])


def direct_method(q_target):
    """Mean of a reward model's predictions for the target policy; as wrong as the model is.

    Args:
        q_target: (n,) see the module.

    Returns:
        an `Estimate`; its interval knows nothing of the model's error.
    """
    return _mean(_column("q_target", q_target))


def ips(reward, propensity, target, clip=None):
    """Inverse propensity scoring: mean of weight * reward. Unbiased where propensities are right and have support.

    Args:
        reward, propensity, target: (n,) see the module.
        clip: the largest weight allowed; smaller variance, and a bias toward 0 for rewards of 0 or more.

    Returns:
        an `Estimate`.

    Source:
        Horvitz & Thompson, JASA 47 (1952); clipping: Ionides, J. Comput. Graph. Stat. 17 (2008).
    """
    reward, weight = _weighted(reward, propensity, target, clip)
    return _mean(weight * reward)


def snips(reward, propensity, target, clip=None):
    """Self-normalised IPS: sum of weight * reward / sum of weights. A little biased, never outside the rewards' range.

    Args:
        reward, propensity, target, clip: as in `ips`.

    Returns:
        an `Estimate`; its terms are value + weight * (reward - value) / mean weight.

    Raises:
        ValueError: where all weights are 0.

    Source:
        Swaminathan & Joachims, The self-normalized estimator for counterfactual learning, NIPS 2015.
    """
    reward, weight = _weighted(reward, propensity, target, clip)
    total = weight.sum()
    if total == 0:
        raise ValueError("all weights are 0: the target never takes an action that was logged")
    value = float((weight * reward).sum() / total)
    return Estimate(value, value + weight * (reward - value) / (total / len(weight)))


def doubly_robust(reward, propensity, target, q_logged, q_target, clip=None):
    """The model's predictions, corrected by weighted residuals: unbiased if the model or the propensities are right.

    Args:
        reward, propensity, target, q_logged, q_target: (n,) see the module.
        clip: the largest weight allowed.

    Returns:
        an `Estimate`.

    Source:
        Dudík, Langford & Li, Doubly robust policy evaluation and learning, ICML 2011.
    """
    reward, weight = _weighted(reward, propensity, target, clip)
    q_logged, q_target = _column("q_logged", q_logged), _column("q_target", q_target)
    _equally_long(reward=reward, q_logged=q_logged, q_target=q_target)
    return _mean(q_target + weight * (reward - q_logged))


def switch(reward, propensity, target, q_logged, q_target, limit):
    """Doubly robust where the weight is at most `limit`, the model alone where it is more.

    Args:
        reward, propensity, target, q_logged, q_target: (n,) see the module.
        limit: 0 is the direct method, infinity doubly robust.

    Returns:
        an `Estimate`.

    Source:
        Wang, Agarwal & Dudík, Optimal and adaptive off-policy evaluation in contextual bandits, ICML 2017 (doubly
        robust instead of IPS where weights are small: SWITCH-DR).
    """
    if not limit >= 0:
        raise ValueError(f"limit must be 0 or more, got {limit}")
    reward, weight = _weighted(reward, propensity, target, None)
    q_logged, q_target = _column("q_logged", q_logged), _column("q_target", q_target)
    _equally_long(reward=reward, q_logged=q_logged, q_target=q_target)
    return _mean(q_target + np.where(weight <= limit, weight, 0) * (reward - q_logged))


# Diagnostics --------------------------------------------------------------------------


@dataclass(frozen=True)
class Weights:
    """How far a log can be trusted about a target policy.

    Attributes:
        rows: n.
        mean: mean weight; near 1 where propensities are right and have support.
        largest: the largest weight.
        effective: Kish's effective sample size, (sum w)² / sum w².
        zero: share of rows whose action the target never takes.
    """

    rows: int
    mean: float
    largest: float
    effective: float
    zero: float


def diagnose(propensity, target):
    """Weights of a log at a glance.

    Args:
        propensity, target: (n,) see the module.

    Returns:
        `Weights`.
    """
    _, weight = _weighted(np.zeros(len(np.atleast_1d(propensity))), propensity, target, None)
    square = (weight**2).sum()
    effective = weight.sum() ** 2 / square if square else 0.0
    return Weights(len(weight), weight.mean(), weight.max(), float(effective), float((weight == 0).mean()))


def unsupported(policy, logging):
    """Probability with which the target takes actions that the logging policy never takes.

    Args:
        policy, logging: (n, actions) or (actions,) probabilities of every action, of the target and of the logger.

    Returns:
        (n,) or a number: 0 where there is support. What happens there, no reweighting can tell.
    """
    policy, logging = _distribution("policy", policy), _distribution("logging", logging)
    return np.where(logging > 0, 0.0, policy).sum(-1)


def check_propensities(action, propensity, actions, confidence=0.999):
    """Do logged propensities fit how often the actions were taken? Sum over rows of [action = a] / propensity ≈ n.

    Args:
        action: (n,) whole numbers from 0.
        propensity: (n,) logged probability of that action.
        actions: how many actions there are; every one must be possible in every row.
        confidence: of the test of all actions together (a normal bound for each, shared by Bonferroni).

    Returns:
        the actions for which they do not fit, as an array; empty where nothing speaks against them. Weights as heavy
        as their number allow no normal bound: look at `diagnose` first.

    Raises:
        ValueError: for an action outside the range, or a propensity not in (0, 1].
    """
    propensity, action = _propensities(propensity), np.asarray(action)
    _equally_long(action=action, propensity=propensity)
    if action.dtype.kind not in "iu" or action.min() < 0 or action.max() >= actions:
        raise ValueError(f"action must hold whole numbers from 0 to {actions - 1}")
    n, inverse = len(action), 1 / propensity
    mean = np.bincount(action, inverse, actions) / n
    square = np.bincount(action, inverse**2, actions) / n
    error = np.sqrt(np.maximum(square - mean**2, 1e-300) / n)
    bar = NormalDist().inv_cdf(1 - (1 - confidence) / (2 * actions))
    never = np.bincount(action, minlength=actions) == 0
    return np.flatnonzero((np.abs(mean - 1) > bar * error) & ~(never & (n < 10 * actions)))


# Inside -------------------------------------------------------------------------------


def _mean(terms):
    return Estimate(float(terms.mean()), terms)


def _weighted(reward, propensity, target, clip):
    """The reward and the weight of each row, checked."""
    reward, propensity, target = _column("reward", reward), _propensities(propensity), _column("target", target)
    _equally_long(reward=reward, propensity=propensity, target=target)
    if target.min() < 0 or target.max() > 1:
        raise ValueError(f"target must hold probabilities, got {target.min():g} to {target.max():g}")
    if clip is not None and not clip > 0:
        raise ValueError(f"clip must be above 0, got {clip}")
    weight = target / propensity
    return reward, weight if clip is None else np.minimum(weight, clip)


def _propensities(propensity):
    propensity = _column("propensity", propensity)
    if propensity.min() <= 0 or propensity.max() > 1:
        raise ValueError(
            f"propensity must lie above 0 and be at most 1, got {propensity.min():g} to {propensity.max():g}: "
            "a logged action had some probability"
        )
    return propensity


def _distribution(name, table):
    table = np.asarray(table, dtype=float)
    if not (table >= 0).all() or not np.allclose(table.sum(-1), 1, atol=1e-6):
        raise ValueError(f"{name} must hold probabilities that add up to 1 in each row")
    return table


def _column(name, values):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"{name} must be a list of finite numbers, one for each row, and not empty")
    return values


def _equally_long(**columns):
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            f"all must have a row for each other, got {', '.join(f'{n} of {s}' for n, s in sizes.items())}"
        )
