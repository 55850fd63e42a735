"""Many runs of a bandit at once: regret curves with bands, with results that come at once, in batches, or late."""

from collections import deque
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

_AHEAD = 256


@dataclass(frozen=True, eq=False)
class Runs:
    """What happened in each round of each run.

    Attributes:
        arm: (rounds, runs) the arm played.
        reward: (rounds, runs) what it brought.
        regret: (rounds, runs) regret so far: the best arm's true mean minus that of the arm played, added up. The
            true means are used, not the rewards, so that luck in the draws does not count.
        best: (rounds, runs) whether the arm played was one with the best mean.
    """

    arm: np.ndarray
    reward: np.ndarray
    regret: np.ndarray
    best: np.ndarray

    @property
    def total(self):
        """(runs,) regret at the end."""
        return self.regret[-1]

    def band(self, confidence=0.95):
        """The mean regret of each round, with the normal interval for it.

        Args:
            confidence: how often such intervals should hold the true mean.

        Returns:
            mean, low, high: (rounds,) arrays.
        """
        mean = self.regret.mean(1)
        half = NormalDist().inv_cdf((1 + confidence) / 2) * self.regret.std(1, ddof=1) / self.regret.shape[1] ** 0.5
        return mean, mean - half, mean + half


def simulate(bandit, means, rounds, rng, *, noise=None, batch=1, delay=0):
    """Play a bandit against arms whose means are known to us and not to it.

    Args:
        bandit: a fresh policy of `bandits`; it is used up.
        means: true means: (arms,); (runs, arms) where each run has its own; (rounds, 1 or runs, arms) where they
            move.
        rounds: how many rounds are played.
        rng: the generator of all chance.
        noise: None for clicks, which are 1 with the mean as probability; otherwise the standard deviation of
            normal rewards.
        batch: results are told after every so many rounds, all at once.
        delay: and not before so many further rounds have been played.

    Returns:
        `Runs`.

    Raises:
        ValueError: for means of another shape, probabilities outside [0, 1], or rewards that the policy cannot
            learn from.
    """
    means = np.asarray(means, dtype=float)
    moving = means[(None,) * max(0, 3 - means.ndim)]  # (1 or rounds, 1 or runs, arms)
    if any(
        size not in fit for size, fit in zip(moving.shape, ((1, rounds), (1, bandit.runs), (bandit.arms,)), strict=True)
    ):
        raise ValueError(
            f"means must have shape ({bandit.arms},), ({bandit.runs}, {bandit.arms}) or ({rounds}, {bandit.runs}, "
            f"{bandit.arms}), got {means.shape}"
        )
    if noise is None and not ((means >= 0) & (means <= 1)).all():
        raise ValueError(f"click rates must lie between 0 and 1, got {means.min():g} to {means.max():g}")
    if batch < 1 or delay < 0 or rounds < 1:
        raise ValueError(f"batch and rounds must be at least 1 and delay at least 0, got {batch}, {rounds} and {delay}")
    table = np.broadcast_to(moving, (len(moving), bandit.runs, bandit.arms))
    rows, flat = np.arange(bandit.runs) * bandit.arms, table.reshape(len(table), -1)
    gaps = (table.max(2, keepdims=True) - table).reshape(len(table), -1)
    shape = rounds, bandit.runs
    runs = Runs(np.empty(shape, np.int64), np.empty(shape), np.empty(shape), np.empty(shape, bool))
    choose, learn, so_far = bandit._choose, bandit._learn, np.zeros(bandit.runs)
    now, at_once, waiting = flat[0], batch == 1 and not delay, deque()
    for begin in range(0, rounds, _AHEAD):
        part = slice(begin, min(begin + _AHEAD, rounds))
        arms, rewards, regret = runs.arm[part], runs.reward[part], runs.regret[part]
        chance = rng.random(arms.shape) if noise is None else noise * rng.standard_normal(arms.shape)
        for step, luck in enumerate(chance):
            if len(flat) > 1:
                now = flat[begin + step]
            arms[step] = arm = choose(rng)
            cell = rows + arm
            rewards[step] = reward = luck < now[cell] if noise is None else luck + now[cell]
            if not (begin or step):
                bandit._check(reward)  # before anything is learnt from what the policy cannot learn from
            if at_once:
                learn(cell, reward)
                continue
            waiting.append((cell, reward))
            if (begin + step + 1) % batch == 0:
                while len(waiting) > delay:
                    learn(*waiting.popleft())
        bandit._check(rewards)
        lost = np.take_along_axis(gaps[part], rows + arms, 1) if len(gaps) > 1 else gaps[0][rows + arms]
        np.equal(lost, 0, out=runs.best[part])
        lost[0] += so_far
        np.cumsum(lost, axis=0, out=regret)
        so_far = regret[-1]
    return runs
