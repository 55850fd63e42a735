"""Bandits that look at a context: LinUCB, linear Thompson sampling, and a neural-linear policy, many runs at once.

A context is a list of d numbers. In the *disjoint* model each arm has weights of its own, and all arms see the same
context: (runs, d). In the *shared* model there is one set of weights, and each arm has a context of its own, such as
an item's features: (runs, arms, d), so that what is learnt about one item serves another, a new one too.

    bandit = LinUCB(arms=10, features=20, runs=50, alpha=1.0)
    arm = bandit.choose(context, rng)               # (runs,)
    bandit.update(arm, reward, context)
"""

import numpy as np


class LinearBandit:
    """Ridge regression of the reward on the context, kept up to date one result at a time.

    Args:
        arms: how many arms.
        features: length d of a context.
        runs: how many independent copies play at once.
        ridge: strength of the penalty on the weights, above 0: the prior's precision, in units of the noise.
        shared: one set of weights for all arms (see the module).

    Attributes:
        weights: (runs, arms, d), or (runs, 1, d) where shared.
        inverse: (runs, arms or 1, d, d) inverse of ridge * I + sum of x xᵀ: the covariance of the weights, in units
            of the noise's variance.
    """

    def __init__(self, arms, features, runs=1, *, ridge=1.0, shared=False):
        if arms < 2 or features < 1 or runs < 1:
            raise ValueError(
                f"a linear bandit needs at least 2 arms, 1 feature and 1 run, got {arms}, {features} and {runs}"
            )
        if not ridge > 0:
            raise ValueError(f"ridge must be above 0, got {ridge}")
        self.arms, self.features, self.runs, self.ridge, self.shared = arms, features, runs, ridge, shared
        models = 1 if shared else arms
        self.inverse = np.tile(np.eye(features) / ridge, (runs, models, 1, 1))
        self.weights = np.zeros((runs, models, features))
        self._target = np.zeros((runs, models, features))
        self._open = np.zeros((runs, arms), np.int64)
        self._run = np.arange(runs)

    def choose(self, context, rng):
        """(runs,) the arm that each run plays for its context; of equally good ones, any.

        Args:
            context: (runs, d), or (d,) for all runs; (runs, arms, d) or (arms, d) in the shared model.
            rng: the generator.
        """
        x = self._contexts(context)
        arm = (self._index(x, rng) + 1e-9 * rng.random((self.runs, self.arms))).argmax(1)
        self._open[self._run, arm] += 1
        return arm

    def update(self, arm, reward, context):
        """Learn the results of arms that were chosen.

        Args:
            arm, reward: (runs,) each, or numbers where there is one run.
            context: what `choose` was given.

        Raises:
            ValueError: for an arm that has no result to come, or anything that is not finite.
        """
        arm, reward = np.atleast_1d(np.asarray(arm)), np.atleast_1d(np.asarray(reward, dtype=float))
        if arm.shape != (self.runs,) or reward.shape != (self.runs,) or arm.dtype.kind not in "iu":
            raise ValueError(f"arm and reward must hold one entry for each of the {self.runs} runs")
        if not np.isfinite(reward).all():
            raise ValueError("reward must be a finite number, got NaN or infinity")
        if arm.min() < 0 or arm.max() >= self.arms or (self._open[self._run, arm] < 1).any():
            raise ValueError("an arm has no result to come: it was not chosen, or it was answered already")
        x = self._contexts(context)
        self._open[self._run, arm] -= 1
        self._learn(arm, reward, np.broadcast_to(x, (self.runs, self.arms, self.features))[self._run, arm])

    def expected(self, context):
        """(runs, arms) predicted rewards, and their standard errors in units of the noise.

        Args:
            context: as in `choose`.
        """
        return self._mean(self._contexts(context)), self._width(self._contexts(context))

    # What a policy fills in -------------------------------------------------------------

    def _index(self, x, rng):
        raise NotImplementedError

    # Inside -----------------------------------------------------------------------------

    def _contexts(self, context):
        """(runs or 1, arms or 1, d), checked."""
        x = np.asarray(context, dtype=float)
        wanted = (self.arms, self.features) if self.shared else (self.features,)
        if x.shape not in (wanted, (self.runs, *wanted)):
            raise ValueError(f"context must have shape {wanted} or {(self.runs, *wanted)}, got {x.shape}")
        if not np.isfinite(x).all():
            raise ValueError("context must hold finite numbers, got NaN or infinity")
        return x.reshape(-1, self.arms if self.shared else 1, self.features)

    def _mean(self, x):
        return (self.weights * x).sum(2)

    def _width(self, x):
        return np.sqrt(np.maximum(((x[..., None, :] @ self.inverse)[..., 0, :] * x).sum(2), 0))

    def _learn(self, arm, reward, x):
        model = np.zeros_like(arm) if self.shared else arm
        inverse = self.inverse[self._run, model]  # (runs, d, d)
        gain = (inverse @ x[..., None])[..., 0]
        gain /= np.sqrt(1 + (gain * x).sum(1))[:, None]
        inverse -= gain[:, :, None] * gain[:, None, :]  # Sherman and Morrison
        self.inverse[self._run, model] = inverse
        self._target[self._run, model] += reward[:, None] * x
        self.weights[self._run, model] = (inverse @ self._target[self._run, model][..., None])[..., 0]


class LinUCB(LinearBandit):
    """The highest prediction + alpha * its standard error.

    Args:
        alpha: how much doubt is worth; 0 is greedy.
        others: see `LinearBandit`.

    Source:
        Li, Chu, Langford & Schapire, A contextual-bandit approach to personalized news article recommendation,
        WWW 2010, algorithm 1.
    """

    def __init__(self, arms, features, runs=1, alpha=1.0, **others):
        super().__init__(arms, features, runs, **others)
        if not alpha >= 0:
            raise ValueError(f"alpha must be 0 or more, got {alpha}")
        self.alpha = alpha

    def _index(self, x, rng):
        return self._mean(x) + self.alpha * self._width(x) if self.alpha else self._mean(x) + np.zeros((1, self.arms))


class LinearThompson(LinearBandit):
    """Draw each arm's reward from what its model believes, play the highest draw.

    In the disjoint model the arms' beliefs are independent, so each arm's predicted reward is drawn by itself. In the
    shared model the weights are drawn, once for all arms.

    Args:
        noise: standard deviation of the rewards, which scales the draws.
        others: see `LinearBandit`.

    Source:
        Agrawal & Goyal, Thompson sampling for contextual bandits with linear payoffs, ICML 2013.
    """

    def __init__(self, arms, features, runs=1, noise=1.0, **others):
        super().__init__(arms, features, runs, **others)
        if not noise > 0:
            raise ValueError(f"noise must be above 0, got {noise}")
        self.noise = noise

    def _index(self, x, rng):
        if not self.shared:
            return self._mean(x) + self.noise * self._width(x) * rng.standard_normal((self.runs, self.arms))
        root = np.linalg.cholesky(self.inverse[:, 0])  # (runs, d, d)
        drawn = self.weights[:, 0] + self.noise * (root @ rng.standard_normal((self.runs, self.features, 1)))[..., 0]
        return (drawn[:, None] * x).sum(2)


class NeuralLinear(LinearThompson):
    """Linear Thompson sampling on the last hidden layer of a small network, which is trained again now and then.

    The network learns what matters in a context; the doubt is that of the last layer alone, so it is too sure where
    the hidden layer itself is wrong.

    Args:
        arms, features, runs: as in `LinearBandit`; disjoint arms only.
        hidden: units of the hidden layer.
        every: results between two trainings; after each, the last layer is fitted to all results again.
        steps, rate: steps and step length of a training (full batches, Adam).
        noise, ridge: as in `LinearThompson`.
        rng: the generator of the first weights.

    Source:
        Riquelme, Tucker & Snoek, Deep Bayesian bandits showdown, ICLR 2018.
    """

    def __init__(
        self, arms, features, runs=1, *, hidden=16, every=100, steps=100, rate=0.01, noise=1.0, ridge=1.0, rng
    ):
        super().__init__(arms, hidden + 1, runs, noise=noise, ridge=ridge)
        self.inputs, self.every, self.steps, self.rate = features, every, steps, rate
        self._layer = rng.normal(0, (2 / features) ** 0.5, (runs, features, hidden))
        self._bias = np.zeros((runs, 1, hidden))
        self._log = []

    def _contexts(self, context):
        x = np.asarray(context, dtype=float)
        if x.shape not in ((self.inputs,), (self.runs, self.inputs)):
            raise ValueError(f"context must have shape ({self.inputs},) or ({self.runs}, {self.inputs}), got {x.shape}")
        if not np.isfinite(x).all():
            raise ValueError("context must hold finite numbers, got NaN or infinity")
        self._raw = np.broadcast_to(x, (self.runs, self.inputs))
        return self._represent(self._raw[:, None])

    def _represent(self, x):
        """(runs, n, hidden + 1): the hidden layer of (runs, n, inputs), and a 1 for the bias."""
        hidden = np.maximum(x @ self._layer + self._bias, 0)
        return np.concatenate([hidden, np.ones((*hidden.shape[:2], 1))], axis=2)

    def _learn(self, arm, reward, x):
        self._log.append((self._raw, arm, reward))
        if len(self._log) % self.every:
            super()._learn(arm, reward, x)
            return
        raw, arms, rewards = (np.stack(column, axis=1) for column in zip(*self._log, strict=True))
        self._train(raw, arms, rewards)
        z, chosen = self._represent(raw), (arms[:, :, None] == np.arange(self.arms)).astype(float)  # (runs, n, arms)
        moment = np.einsum("rna,rnd,rne->rade", chosen, z, z, optimize=True)
        self._target = np.einsum("rna,rn,rnd->rad", chosen, rewards, z, optimize=True)
        self.inverse = np.linalg.inv(self.ridge * np.eye(self.features) + moment)
        self.weights = (self.inverse @ self._target[..., None])[..., 0]

    def _train(self, raw, arms, rewards):
        """Move the hidden layer (and a last layer of its own) down the slope of the squared error."""
        n, head = raw.shape[1], self.weights.copy()
        parts = [self._layer, self._bias, head]
        first, second = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
        run = self._run[:, None]
        for step in range(1, self.steps + 1):
            z = self._represent(raw)
            own = head[run, arms]  # (runs, n, hidden + 1)
            error = ((z * own).sum(2) - rewards)[..., None] / n
            back = error * own[..., :-1] * (z[..., :-1] > 0)
            by_head = np.zeros_like(head)
            np.add.at(by_head, (np.broadcast_to(run, arms.shape), arms), error * z)
            slopes = [raw.transpose(0, 2, 1) @ back, back.sum(1, keepdims=True), by_head]
            for part, slope, m, v in zip(parts, slopes, first, second, strict=True):  # Adam
                m += 0.1 * (slope - m)
                v += 0.001 * (slope**2 - v)
                part -= self.rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
