"""bandits.py and bandit_runs.py: published regrets, plain loops, what is forgotten, and what is refused."""

import numpy as np
import pytest

from interestkit.bandit_runs import simulate
from interestkit.bandits import KLUCB, UCB1, BetaThompson, EpsilonGreedy, GaussianThompson

TEN = [0.1, 0.05, 0.05, 0.05, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01]  # Garivier & Cappé 2011, scenario 2
THREE = [0.9, 0.8, 0.7]  # Russo et al. 2018

# Mean regret and its standard error, measured once by an implementation written apart from this one (plain NumPy,
# 400 runs of the ten arms, 100 for KL-UCB, 4,000 of the three, 2,000 of the testbed).
TEN_ARMS = {
    "Thompson": (lambda runs: BetaThompson(10, runs), 200, 89.5, 0.6),
    "KL-UCB": (lambda runs: KLUCB(10, runs), 40, 129.9, 2.0),
    "decay": (lambda runs: EpsilonGreedy(10, runs, decay=5, untried=1), 200, 197.6, 17.5),
    "ε = .1": (lambda runs: EpsilonGreedy(10, runs, 0.1, untried=1), 200, 200.3, 5.6),
    "ε = .01": (lambda runs: EpsilonGreedy(10, runs, 0.01, untried=1), 200, 423.5, 21.8),
    "UCB1": (lambda runs: UCB1(10, runs), 200, 841.6, 1.6),
}
THREE_ARMS = {
    "Thompson": (lambda runs: BetaThompson(3, runs), 10.9, 0.1),
    "UCB1": (lambda runs: UCB1(3, runs), 46.1, 0.1),
    "greedy": (lambda runs: EpsilonGreedy(3, runs, 0, untried=1), 34.7, 0.9),
    "ε = .1": (lambda runs: EpsilonGreedy(3, runs, 0.1, untried=1), 19.7, 0.3),
}
TESTBED = {
    "greedy": (lambda runs: EpsilonGreedy(10, runs, 0, untried=0), 521.5, 12.7, 0.347),
    "ε = .01": (lambda runs: EpsilonGreedy(10, runs, 0.01, untried=0), 350.4, 9.4, 0.584),
    "ε = .1": (lambda runs: EpsilonGreedy(10, runs, 0.1, untried=0), 233.6, 2.8, 0.8),
    "UCB, c = 2": (lambda runs: UCB1(10, runs, width=2**0.5), 148.3, 0.7, 0.854),
    "UCB, c = √2": (lambda runs: UCB1(10, runs), 90.6, 0.6, 0.905),
    "Thompson": (lambda runs: GaussianThompson(10, runs), 68.3, 0.7, 0.918),
}


@pytest.fixture
def rng():
    return np.random.default_rng(15)


def within_five_errors(total, expected, error):
    own = total.std(ddof=1) / len(total) ** 0.5
    return abs(total.mean() - expected) <= 5 * (own**2 + error**2) ** 0.5


@pytest.mark.parametrize(("make", "runs", "expected", "error"), TEN_ARMS.values(), ids=TEN_ARMS)
def test_regret_of_the_ten_arms(make, runs, expected, error, rng):
    assert within_five_errors(simulate(make(runs), TEN, 20_000, rng).total, expected, error)


@pytest.mark.parametrize(("make", "expected", "error"), THREE_ARMS.values(), ids=THREE_ARMS)
def test_regret_of_the_three_arms(make, expected, error, rng):
    assert within_five_errors(simulate(make(2_000), THREE, 1_000, rng).total, expected, error)


@pytest.mark.parametrize(("make", "expected", "error", "best"), TESTBED.values(), ids=TESTBED)
def test_regret_of_the_ten_armed_testbed(make, expected, error, best, rng):
    """Sutton & Barto, Reinforcement Learning, section 2.3: 2,000 problems, 1,000 rounds."""
    runs = simulate(make(2_000), rng.normal(size=(2_000, 10)), 1_000, rng, noise=1)
    assert within_five_errors(runs.total, expected, error)
    assert runs.best[-100:].mean() == pytest.approx(best, abs=0.055)


# Each policy, one decision at a time -----------------------------------------------------


def taught(bandit, arms, rewards, rng):
    """A bandit after these results, whatever it would have chosen."""
    bandit._next(rng)
    for arm, reward in zip(arms, rewards, strict=True):
        bandit._open[:] += 1
        bandit.update(np.full(bandit.runs, arm), np.full(bandit.runs, reward))
    return bandit


def test_means_and_counts(rng):
    bandit = taught(EpsilonGreedy(3, 2), [0, 2, 0], [1, 0.5, 0], rng)
    assert bandit.counts.tolist() == [[2, 0, 1]] * 2 and bandit.round == 3
    assert bandit.means.tolist() == [[0.5, np.inf, 0.5]] * 2


def test_epsilon_greedy_explores_as_often_as_it_says(rng):
    bandit = taught(EpsilonGreedy(4, 20_000, 0.2, untried=0), [1], [1.0], rng)
    share = np.bincount(bandit.choose(rng), minlength=4) / 20_000
    assert share == pytest.approx([0.05, 0.85, 0.05, 0.05], abs=0.01)


def test_epsilon_falls_with_the_rounds(rng):
    bandit = taught(EpsilonGreedy(4, 20_000, decay=2, untried=0), [1] * 15, [1.0] * 15, rng)  # round 16: ε = 8 / 16
    assert (bandit.choose(rng) == 1).mean() == pytest.approx(0.5 + 0.5 / 4, abs=0.02)


def test_equal_arms_are_equally_likely(rng):
    for bandit in (EpsilonGreedy(4, 20_000, 0, untried=0), taught(UCB1(4, 20_000), [0, 1, 2, 3], [0.5] * 4, rng)):
        share = np.bincount(bandit.choose(rng), minlength=4) / 20_000
        assert share.min() > 0.15  # the nudges of one round after another differ, so no arm is left out


def test_ucb1_by_the_formula(rng):
    arms, rewards = [0, 1, 2, 0, 0, 1], [1.0, 0.0, 0.4, 0.0, 1.0, 0.7]
    bandit = taught(UCB1(3, width=2.0), arms, rewards, rng)
    expected = [2 / 3, 0.35, 0.4] + 2 * np.sqrt(2 * np.log(6) / np.array([3, 2, 1]))
    assert bandit._index(*bandit._next(rng)) == pytest.approx(expected, abs=1e-8)


def test_ucb1_agrees_with_mabwiser(rng):
    from mabwiser.mab import MAB, LearningPolicy

    arms, rewards = rng.integers(0, 4, 200), (rng.random(200) < 0.3).astype(float)
    peer = MAB([0, 1, 2, 3], LearningPolicy.UCB1(alpha=1.0), seed=1)
    peer.fit(arms, rewards)
    bandit = taught(UCB1(4), arms, rewards, rng)
    theirs = [peer.predict_expectations()[arm] for arm in range(4)]
    assert bandit._index(*bandit._next(rng)) == pytest.approx(theirs, abs=1e-8)


def test_kl_ucb_solves_its_equation(rng):
    arms, rewards = [0, 0, 0, 0, 1, 1, 2, 2], [1, 0, 0, 0, 0, 0, 1, 1]
    bandit = taught(KLUCB(3), arms, rewards, rng)
    index = bandit._index(*bandit._next(rng))

    def kl(p, q):
        return sum(a * np.log(a / b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0)

    for arm, (mean, count) in enumerate(((0.25, 4), (0.0, 2))):
        assert count * kl(mean, index[arm]) == pytest.approx(np.log(8), rel=1e-3) and index[arm] > mean
    assert index[2] == pytest.approx(1)


def test_thompson_draws_from_the_posterior(rng):
    arms, rewards = [0] * 5 + [1] * 3, [1, 0, 0, 1, 0, 1, 1, 0]
    bandit = taught(BetaThompson(2, 4_000, prior=(2, 3)), arms, rewards, rng)
    draws = bandit._index(*bandit._next(rng)).reshape(4_000, 2)
    a, b = np.array([4.0, 4.0]), np.array([6.0, 4.0])
    assert draws.mean(0) == pytest.approx(a / (a + b), abs=0.01)
    assert draws.var(0) == pytest.approx(a * b / ((a + b) ** 2 * (a + b + 1)), rel=0.1)


def test_gaussian_thompson_draws_from_the_posterior(rng):
    bandit = taught(GaussianThompson(2, 4_000, noise=2.0, prior=(1.0, 3.0)), [0, 0, 1], [4.0, 6.0, -1.0], rng)
    draws = bandit._index(*bandit._next(rng)).reshape(4_000, 2)
    precision = 1 / 9 + np.array([2, 1]) / 4
    assert draws.mean(0) == pytest.approx((1 / 9 + np.array([10, -1]) / 4) / precision, abs=0.1)
    assert draws.std(0) == pytest.approx(precision**-0.5, rel=0.05)


# Forgetting ------------------------------------------------------------------------------


def test_a_discount_weighs_results_by_their_age(rng):
    arms, rewards = [0, 1, 0, 0], [1.0, 1.0, 0.0, 1.0]
    bandit = taught(UCB1(2, discount=0.5), arms, rewards, rng)
    assert bandit.counts == pytest.approx(np.array([[1 + 0.5 + 0.125, 0.25]]))
    assert bandit.means == pytest.approx(np.array([[(1 + 0.125) / 1.625, 1.0]]))
    assert bandit._seen() == pytest.approx(1.875)


def test_a_window_keeps_the_latest_results(rng):
    bandit = taught(UCB1(2, window=3), [1, 0, 0, 0, 1, 0], [1.0, 1.0, 0.0, 1.0, 0.0, 0.0], rng)
    assert bandit.counts.tolist() == [[2, 1]] and bandit.means.tolist() == [[0.5, 0]]
    assert bandit._seen() == 3
    forgotten = taught(EpsilonGreedy(2, window=2, untried=7), [1, 0, 0], [1.0, 0.0, 0.0], rng)
    assert forgotten.means.tolist() == [[0, 7]]


@pytest.mark.parametrize("how", [{"discount": 0.99}, {"window": 100}])
def test_forgetting_pays_where_arms_change(how, rng):
    means = np.tile([[[0.8, 0.2]]], (2_000, 1, 1))
    means[1_000:] = means[1_000:, :, ::-1]
    lost = [simulate(BetaThompson(2, 60, **options), means, 2_000, rng).total.mean() for options in ({}, how)]
    still = [simulate(BetaThompson(2, 60, **options), means[0, 0], 2_000, rng).total.mean() for options in ({}, how)]
    assert lost[1] < 0.6 * lost[0] and still[1] > still[0]


# Runs ------------------------------------------------------------------------------------


def test_regret_is_the_gap_times_the_pulls(rng):
    runs = simulate(EpsilonGreedy(3, 5), [0.5, 0.9, 0.2], 40, rng)
    gap = np.array([0.4, 0.0, 0.7])
    pulls = np.stack([(runs.arm == arm).sum(0) for arm in range(3)])
    assert runs.total == pytest.approx(gap @ pulls)
    assert (np.diff(runs.regret, axis=0) >= 0).all() and runs.best.sum() == pulls[1].sum()
    mean, low, high = runs.band()
    assert mean == pytest.approx(runs.regret.mean(1)) and (low <= mean).all() and (mean <= high).all()
    assert high[-1] - mean[-1] == pytest.approx(1.959964 * runs.total.std(ddof=1) / 5**0.5, rel=1e-6)


def test_rewards_have_the_means_they_should(rng):
    clicks = simulate(EpsilonGreedy(2, 400, 1.0), [0.3, 0.6], 200, rng)
    for arm, mean in enumerate((0.3, 0.6)):
        assert clicks.reward[clicks.arm == arm].mean() == pytest.approx(mean, abs=0.01)
    assert set(np.unique(clicks.reward)) == {0, 1}
    normal = simulate(EpsilonGreedy(2, 400, 1.0), [3, -1], 200, rng, noise=2)
    assert normal.reward[normal.arm == 1].mean() == pytest.approx(-1, abs=0.05)
    assert normal.reward[normal.arm == 1].std() == pytest.approx(2, abs=0.05)


def test_each_run_may_have_its_own_means_and_they_may_move(rng):
    own = simulate(EpsilonGreedy(2, 3), [[1, 0], [0, 1], [1, 0]], 50, rng)
    assert np.array_equal(own.reward, np.where(own.arm == [0, 1, 0], 1, 0))
    moving = np.zeros((60, 1, 2))
    moving[:30, 0, 0] = moving[30:, 0, 1] = 1
    moved = simulate(EpsilonGreedy(2, 3, 1.0), moving, 60, rng)
    assert np.array_equal(moved.reward, moved.arm == np.repeat([0, 1], 30)[:, None])
    assert np.array_equal(moved.best, moved.reward == 1)


class Spy(EpsilonGreedy):
    """Notes when it learns."""

    def _learn(self, cell, reward):
        self.learnt = [*getattr(self, "learnt", []), self.chosen]
        super()._learn(cell, reward)

    def _choose(self, rng):
        self.chosen = getattr(self, "chosen", 0) + 1
        return super()._choose(rng)


def test_results_come_in_batches_and_late(rng):
    def told(**how):
        spy = Spy(2)
        simulate(spy, [0.5, 0.5], 9, rng, **how)
        return spy.learnt

    assert told() == list(range(1, 10))
    assert told(batch=3) == [3] * 3 + [6] * 3 + [9] * 3
    assert told(delay=2) == [3, 4, 5, 6, 7, 8, 9]  # the first result is told after the third choice
    assert told(batch=4, delay=1) == [4] * 3 + [8] * 4


def test_a_batch_hurts_what_repeats_itself_most(rng):
    """UCB1 shows one arm for the whole batch, Thompson sampling draws anew (Chapelle & Li 2011)."""
    lost = {
        (policy, batch): simulate(policy(10, 100), TEN, 4_000, rng, batch=batch).total.mean()
        for policy in (UCB1, BetaThompson)
        for batch in (1, 500)
    }
    rise = {policy: lost[policy, 500] - lost[policy, 1] for policy in (UCB1, BetaThompson)}
    assert rise[UCB1] > rise[BetaThompson] > 0


def test_the_same_seed_gives_the_same_runs():
    for make in (lambda: UCB1(3, 5), lambda: BetaThompson(3, 5), lambda: GaussianThompson(3, 5)):
        first, second = (simulate(make(), THREE, 300, np.random.default_rng(4)) for _ in range(2))
        assert np.array_equal(first.arm, second.arm)


def test_choose_and_update_play_as_simulate_does(rng):
    bandit, lost = BetaThompson(3, 2_000), 0.0
    for _ in range(300):
        arm = bandit.choose(rng)
        bandit.update(arm, rng.random(2_000) < np.array(THREE)[arm])
        lost = lost + 0.9 - np.array(THREE)[arm]
    runs = simulate(BetaThompson(3, 2_000), THREE, 300, rng)
    assert within_five_errors(runs.total, lost.mean(), lost.std() / 2_000**0.5)


# What is refused -------------------------------------------------------------------------


def after(bandit, arm, reward, chosen=True):
    def call():
        if chosen:
            bandit._open[:] += 1
        bandit.update(arm, reward)

    return call


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: UCB1(1), "at least 2 arms"),
        (lambda: UCB1(2, 0), "at least 2 arms and 1 run"),
        (lambda: UCB1(2, discount=0), "discount must lie"),
        (lambda: UCB1(2, window=0), "window must be"),
        (lambda: UCB1(2, window=5, discount=0.9), "cannot be combined"),
        (lambda: UCB1(2, width=-1), "width must be"),
        (lambda: EpsilonGreedy(2, epsilon=1.5), "epsilon must lie"),
        (lambda: EpsilonGreedy(2, decay=0), "decay above 0"),
        (lambda: BetaThompson(2, prior=(1, 0)), "prior must be"),
        (lambda: GaussianThompson(2, noise=0), "noise and the prior"),
        (after(BetaThompson(2), 0, 0.5), "rewards must be 0 or 1, got 0.5"),
        (after(KLUCB(2), 0, 1.5), "rewards from 0 to 1"),
        (after(KLUCB(2), 0, np.nan), "rewards from 0 to 1"),
        (after(UCB1(2), 0, np.nan), "finite number"),
        (after(UCB1(2), 2, 1.0), "arm must lie between 0 and 1"),
        (after(UCB1(2), 1, 1.0, chosen=False), "it was not chosen"),
        (after(UCB1(2, 3), 1, 1.0), "one entry for each of the 3 runs"),
        (after(UCB1(2), 0.5, 1.0), "one entry for each"),
        (lambda: simulate(UCB1(2), [0.1, 0.2, 0.3], 5, np.random.default_rng(0)), "means must have shape"),
        (lambda: simulate(UCB1(2), np.zeros((4, 1, 2)), 5, np.random.default_rng(0)), "means must have shape"),
        (lambda: simulate(UCB1(2), [0.1, 1.2], 5, np.random.default_rng(0)), "between 0 and 1, got 0.1 to 1.2"),
        (lambda: simulate(UCB1(2), [0.1, np.nan], 5, np.random.default_rng(0)), "between 0 and 1"),
        (lambda: simulate(UCB1(2), [0.1, 0.2], 5, np.random.default_rng(0), batch=0), "batch and rounds"),
        (lambda: simulate(BetaThompson(2, 50), [-1, -2], 50, np.random.default_rng(0), noise=1), "must be 0 or 1"),
        (lambda: simulate(KLUCB(2), [0.5, 0.5], 600, np.random.default_rng(0), noise=0.2), "from 0 to 1"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_an_answer_counts_once(rng):
    bandit = UCB1(2)
    arm = bandit.choose(rng)
    bandit.update(arm, [1.0])
    with pytest.raises(ValueError, match="has no result to come"):
        bandit.update(arm, [1.0])
    late = [bandit.choose(rng) for _ in range(2)]  # two are open now: their results may come in any order
    for arm in reversed(late):
        bandit.update(arm, [0.0])
