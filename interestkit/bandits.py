"""Bandits without a context, many runs at once: ε-greedy, UCB1, KL-UCB, Thompson sampling, and how they forget.

Each holds `runs` independent copies of itself as arrays, so that a regret curve with its band takes seconds:

    bandit = BetaThompson(arms=3, runs=200)
    for _ in range(1_000):
        arm = bandit.choose(rng)                    # (runs,) one arm for each run
        bandit.update(arm, rng.random(200) < click_rate[arm])

`simulate` in `bandit_runs` plays whole experiments; policies that look at a context are in `linear_bandits`.
Chance is drawn some rounds ahead, from the generator that `choose` is given.
"""

from collections import deque
from itertools import repeat

import numpy as np

_AHEAD = 256  # rounds of chance that are drawn at once
_NUDGE = 1e-9  # at most so much is added to a value, anew whenever it is learnt: it decides between equal arms


class Bandit:
    """What all policies share: counts, means, and which results are still to come.

    Args:
        arms: how many arms, at least 2.
        runs: how many independent copies play at once.
        discount: every round, all that was learnt counts so much: 1 forgets nothing, .99 half of it in 69 rounds.
        window: learn from so many results only, the latest ones; all by default.
        untried: the value of an arm without a result: infinity tries each arm once, the first ones first.

    Attributes:
        counts: (runs, arms) results that count for each arm; not whole where results are discounted.
        means: (runs, arms) their mean reward, `untried` where there is none.
        round: how many results each run has seen.
    """

    def __init__(self, arms, runs=1, *, discount=1.0, window=None, untried=np.inf):
        if arms < 2 or runs < 1:
            raise ValueError(f"a bandit needs at least 2 arms and 1 run, got {arms} and {runs}")
        if not 0 < discount <= 1:
            raise ValueError(f"discount must lie above 0 and be at most 1, got {discount}")
        if window is not None and (window < 1 or discount < 1):
            raise ValueError("window must be at least 1 result, and cannot be combined with a discount")
        self.arms, self.runs, self.discount, self.window, self.untried = arms, runs, discount, window, untried
        self.round = 0
        self._n, self._sum = np.zeros(runs * arms), np.zeros(runs * arms)
        self._value = np.full(runs * arms, float(untried))  # the means, each with its nudge
        self._row = np.arange(runs) * arms
        self._open = np.zeros(runs * arms, np.int64)  # chosen, and not answered yet
        self._kept, self._source = deque(), None

    @property
    def counts(self):
        """(runs, arms) results that count for each arm."""
        return self._n.reshape(self.runs, self.arms).copy()

    @property
    def means(self):
        """(runs, arms) mean reward of each arm."""
        tried = self._n > 0
        means = np.where(tried, self._sum / np.where(tried, self._n, 1), self.untried)
        return means.reshape(self.runs, self.arms)

    def choose(self, rng):
        """(runs,) the arm that each run plays next; of equally good ones, any.

        Args:
            rng: a NumPy generator, the same one in every round.
        """
        arm = self._choose(rng)
        self._open[self._row + arm] += 1
        return arm

    def update(self, arm, reward):
        """Learn the results of arms that were chosen, now or some rounds ago.

        Args:
            arm: (runs,) or a number where there is one run.
            reward: (runs,) what they brought.

        Raises:
            ValueError: for an arm that was not chosen or was answered already, or a reward that this policy cannot
                learn from.
        """
        arm, reward = np.atleast_1d(np.asarray(arm)), np.atleast_1d(np.asarray(reward, dtype=float))
        if arm.shape != (self.runs,) or reward.shape != (self.runs,) or arm.dtype.kind not in "iu":
            raise ValueError(f"arm and reward must hold one entry for each of the {self.runs} runs")
        if arm.min() < 0 or arm.max() >= self.arms:
            raise ValueError(f"arm must lie between 0 and {self.arms - 1}, got {arm.min()} to {arm.max()}")
        unknown = self._open[self._row + arm] < 1
        if unknown.any():
            raise ValueError(
                f"arm {arm[unknown][0]} of run {unknown.argmax()} has no result to come: it was not chosen"
            )
        self._check(reward)
        self._open[self._row + arm] -= 1
        self._learn(self._row + arm, reward)

    # What a policy may fill in ---------------------------------------------------------

    def _check(self, reward):
        if not np.isfinite(reward).all():
            raise ValueError("reward must be a finite number, got NaN or infinity")

    def _draws(self, rng):
        """The chance of each round, in turn, as a tuple."""
        return repeat(())

    def _index(self):
        """(runs × arms,) what to maximise; further arguments are what `_draws` yields."""
        raise NotImplementedError

    # Inside ----------------------------------------------------------------------------

    def _next(self, rng):
        """This round's chance."""
        if rng is not self._source:
            if self._source is None:
                self._nudges = _NUDGE * rng.random((_AHEAD, self.runs))
                self._value += _NUDGE * rng.random(self.runs * self.arms)
            self._source, self._chance = rng, self._draws(rng)
        return next(self._chance)

    def _choose(self, rng):
        return self._index(*self._next(rng)).reshape(self.runs, self.arms).argmax(1)

    def _learn(self, cell, reward):
        """Learn a reward for one cell of each run: its row and arm, counted through the flat tables."""
        self.round += 1
        if self.discount < 1:
            self._n *= self.discount
            self._sum *= self.discount
        self._n[cell] = n = self._n[cell] + 1
        self._sum[cell] = total = self._sum[cell] + reward
        self._value[cell] = total / n + self._nudges[self.round % _AHEAD]
        if self.window is not None:
            self._kept.append((cell, reward))
            if len(self._kept) > self.window:
                self._forget(*self._kept.popleft())

    def _forget(self, cell, reward):
        n = self._n[cell] - 1
        total = np.where(n > 0, self._sum[cell] - reward, 0.0)
        self._n[cell], self._sum[cell] = n, total
        self._value[cell] = np.where(n > 0, total / np.maximum(n, 1), self.untried)
        self._value[cell] += self._nudges[self.round % _AHEAD]


class EpsilonGreedy(Bandit):
    """Any arm with probability ε, otherwise the best mean so far.

    Args:
        epsilon: ε of every round; 0 never explores.
        decay: where given, ε falls: min(1, decay * arms / round) in round 1, 2, ….
        others: see `Bandit`.

    Source:
        Auer, Cesa-Bianchi & Fischer, Finite-time analysis of the multiarmed bandit problem, Machine Learning 47 (2002).
    """

    def __init__(self, arms, runs=1, epsilon=0.1, *, decay=None, **others):
        super().__init__(arms, runs, **others)
        if not 0 <= epsilon <= 1 or (decay is not None and not decay > 0):
            raise ValueError(f"epsilon must lie between 0 and 1 and decay above 0, got {epsilon} and {decay}")
        self.epsilon, self.decay = epsilon, decay

    def _draws(self, rng):
        while True:
            shape = (_AHEAD, self.runs)
            luck, any_arm = rng.random(shape), rng.integers(0, self.arms, shape)
            yield from zip(luck, luck < self.epsilon, any_arm, strict=True)

    def _choose(self, rng):
        luck, explores, any_arm = self._next(rng)
        if self.decay is not None:
            explores = luck < self.decay * self.arms / (self.round + 1)
        arm = self._value.reshape(self.runs, self.arms).argmax(1)
        np.copyto(arm, any_arm, where=explores)
        return arm


class UCB1(Bandit):
    """The highest mean + width * sqrt(2 ln(round) / count): every arm has the benefit of its doubt.

    The bonus comes from Hoeffding's inequality for rewards between 0 and 1. For rewards up to 100 yuan, the
    width is 100: with another one it explores too little or too much.

    Args:
        width: the range of the rewards.
        others: see `Bandit`.

    Source:
        Auer, Cesa-Bianchi & Fischer 2002; with a discount or a window, Garivier & Moulines, ALT 2011.
    """

    def __init__(self, arms, runs=1, width=1.0, **others):
        super().__init__(arms, runs, **others)
        if not width >= 0:
            raise ValueError(f"width must be 0 or more, got {width}")
        self.width = width

    def _seen(self):
        """How many results are remembered: what the logarithm is taken of."""
        if self.discount < 1:
            return (1 - self.discount**self.round) / (1 - self.discount)
        return self.round if self.window is None else min(self.round, self.window)

    def _index(self):
        spread = self.width * np.sqrt(2 * np.log(max(self._seen(), 1)))
        return self._value + spread / np.sqrt(np.maximum(self._n, 1e-12))


class KLUCB(Bandit):
    """The highest mean that the data do not contradict: count * KL(mean, q) ≤ ln(round), for rewards from 0 to 1.

    Source:
        Garivier & Cappé, The KL-UCB algorithm for bounded stochastic bandits and beyond, COLT 2011 (with c = 0).
    """

    def _check(self, reward):
        if not ((reward >= 0) & (reward <= 1)).all():
            raise ValueError(f"KL-UCB needs rewards from 0 to 1, got {reward.min():g} to {reward.max():g}")

    def _index(self):
        tried = self._n > 0
        exact = np.where(tried, self._sum / np.where(tried, self._n, 1), 0.5)
        mean = np.clip(exact, 0, 1)  # what is forgotten leaves rounding behind
        budget = np.log(max(self.round, 1)) / np.maximum(self._n, 1e-12)
        low, high = mean, np.minimum(1.0, mean + np.sqrt(budget / 2))  # Pinsker's inequality
        with np.errstate(divide="ignore", invalid="ignore"):
            entropy = np.where(mean > 0, mean * np.log(mean), 0) + np.where(mean < 1, (1 - mean) * np.log1p(-mean), 0)
            for _ in range(16):
                middle = (low + high) / 2
                cross = np.where(mean > 0, mean * np.log(middle), 0)
                cross += np.where(mean < 1, (1 - mean) * np.log1p(-middle), 0)
                inside = entropy - cross < budget
                low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        return np.where(tried, low + (self._value - exact), self.untried)


class BetaThompson(Bandit):
    """Thompson sampling for clicks: draw each arm's rate from its Beta posterior, play the highest draw.

    Args:
        prior: the Beta's two parameters before any result: clicks, then misses, plus one each.
        others: see `Bandit`.

    Source:
        Thompson, Biometrika 25 (1933); Chapelle & Li, An empirical evaluation of Thompson sampling, NIPS 2011.
    """

    def __init__(self, arms, runs=1, prior=(1.0, 1.0), **others):
        super().__init__(arms, runs, **others)
        if not (np.array(prior) > 0).all() or len(prior) != 2:
            raise ValueError(f"prior must be two numbers above 0, got {prior}")
        self.prior = prior

    def _check(self, reward):
        wrong = ~np.isin(reward, (0, 1))
        if wrong.any():
            raise ValueError(
                f"a Beta posterior counts clicks and misses: rewards must be 0 or 1, got {reward[wrong].ravel()[0]:g}"
            )

    def _draws(self, rng):
        return repeat((rng,))

    def _index(self, rng):
        wins, losses = self.prior
        return rng.beta(wins + self._sum, losses + np.maximum(self._n - self._sum, 0))


class GaussianThompson(Bandit):
    """Thompson sampling for rewards with normal noise of known size and a normal prior on each mean.

    Args:
        noise: standard deviation of a reward around its arm's mean.
        prior: mean and standard deviation of an arm's mean before any result.
        others: see `Bandit`.

    Source:
        Russo et al., A tutorial on Thompson sampling, Foundations and Trends in Machine Learning 11 (2018).
    """

    def __init__(self, arms, runs=1, noise=1.0, prior=(0.0, 1.0), **others):
        super().__init__(arms, runs, **others)
        if not noise > 0 or not prior[1] > 0:
            raise ValueError(f"noise and the prior's standard deviation must be above 0, got {noise} and {prior[1]}")
        self.noise, self.prior = noise, prior

    def _draws(self, rng):
        while True:
            yield from zip(rng.standard_normal((_AHEAD, self.runs * self.arms)), strict=True)

    def _index(self, normal):
        weight, prior = 1 / self.noise**2, 1 / self.prior[1] ** 2
        precision = prior + weight * self._n
        return (prior * self.prior[0] + weight * self._sum) / precision + normal / np.sqrt(precision)
