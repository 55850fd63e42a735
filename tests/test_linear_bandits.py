"""linear_bandits.py: ridge regression in closed form, mabwiser, what doubt does to regret, and what is refused."""

import numpy as np
import pytest

from interestkit.linear_bandits import LinearThompson, LinUCB, NeuralLinear


@pytest.fixture
def rng():
    return np.random.default_rng(16)


def teach(bandit, arms, rewards, contexts):
    """Results for every run alike, whatever it would have chosen."""
    for arm, reward, context in zip(arms, rewards, contexts, strict=True):
        bandit._open += 1
        bandit.update(np.full(bandit.runs, arm), np.full(bandit.runs, reward), context)
    return bandit


def closed_form(contexts, rewards, ridge):
    precision = ridge * np.eye(contexts.shape[1]) + contexts.T @ contexts
    return np.linalg.inv(precision), np.linalg.solve(precision, contexts.T @ rewards)


@pytest.fixture
def log(rng):
    return rng.integers(0, 4, 300), rng.normal(size=300), rng.normal(size=(300, 6))


def test_disjoint_arms_are_ridge_regressions(log):
    arms, rewards, contexts = log
    bandit = teach(LinUCB(4, 6, runs=2, alpha=1.5, ridge=0.7), arms, rewards, contexts)
    x = contexts[0]
    for arm in range(4):
        inverse, weights = closed_form(contexts[arms == arm], rewards[arms == arm], 0.7)
        assert bandit.inverse[1, arm] == pytest.approx(inverse, abs=1e-9)
        assert bandit.weights[1, arm] == pytest.approx(weights, abs=1e-9)
        index = bandit._index(bandit._contexts(x), None)[0, arm]
        assert index == pytest.approx(x @ weights + 1.5 * np.sqrt(x @ inverse @ x))
    mean, width = bandit.expected(x)
    assert mean.shape == width.shape == (2, 4)


def test_shared_weights_are_one_ridge_regression(log, rng):
    arms, rewards, _ = log
    contexts = rng.normal(size=(300, 4, 6))
    bandit = teach(LinUCB(4, 6, runs=2, alpha=2.0, shared=True), arms, rewards, contexts)
    own = contexts[np.arange(300), arms]
    inverse, weights = closed_form(own, rewards, 1.0)
    assert bandit.weights == pytest.approx(np.tile(weights, (2, 1, 1)), abs=1e-9)
    x = contexts[5]
    expected = x @ weights + 2 * np.sqrt(((x @ inverse) * x).sum(1))
    assert bandit._index(bandit._contexts(x), None) == pytest.approx(np.tile(expected, (2, 1)), abs=1e-9)


def test_lin_ucb_agrees_with_mabwiser(log):
    from mabwiser.mab import MAB, LearningPolicy

    arms, rewards, contexts = log
    peer = MAB([0, 1, 2, 3], LearningPolicy.LinUCB(alpha=1.5, l2_lambda=1.0), seed=1)
    peer.fit(arms, rewards, contexts)
    theirs = [[row[arm] for arm in range(4)] for row in peer.predict_expectations(contexts[:5])]
    bandit = teach(LinUCB(4, 6, alpha=1.5), arms, rewards, contexts)
    ours = [bandit._index(bandit._contexts(x), None)[0] for x in contexts[:5]]
    assert np.array(ours) == pytest.approx(np.array(theirs), abs=1e-8)


@pytest.mark.parametrize("shared", [False, True])
def test_thompson_draws_what_the_model_believes(shared, log, rng):
    arms, rewards, contexts = log
    given = rng.normal(size=(300, 4, 6)) if shared else contexts
    bandit = teach(LinearThompson(4, 6, runs=4_000, noise=0.5, shared=shared), arms[:20], rewards[:20], given[:20])
    x = given[30]
    mean, width = bandit.expected(x)
    draws = bandit._index(bandit._contexts(x), rng)
    assert draws.mean(0) == pytest.approx(mean[0], abs=0.05)
    assert draws.std(0) == pytest.approx(0.5 * width[0], rel=0.06)
    if shared:  # one set of weights serves all arms, so their draws move together
        inverse = bandit.inverse[0, 0]
        assert np.cov(draws.T) == pytest.approx(0.25 * x @ inverse @ x.T, abs=0.02)


def play(bandit, weights, rounds, rng, constant=False):
    """Mean regret over the runs; each run has weights of its own, (runs, arms, d)."""
    runs, _, d = weights.shape
    lost = np.zeros(runs)
    for _ in range(rounds):
        x = np.tile(np.eye(d)[0], (runs, 1)) if constant else rng.normal(size=(runs, d))
        means = np.einsum("rad,rd->ra", weights, x)
        arm = bandit.choose(x, rng)
        own = means[np.arange(runs), arm]
        bandit.update(arm, own + 0.5 * rng.normal(size=runs), x)
        lost += means.max(1) - own
    return lost


def test_greedy_is_enough_where_contexts_vary_and_not_where_they_do_not(rng):
    """Bietti, Agarwal & Langford, A contextual bandit bake-off, JMLR 22 (2021), on why greedy often does well."""
    weights = rng.normal(size=(60, 5, 5)) / 5**0.5

    def lost(constant, **how):
        policy = LinearThompson(5, 5, 60, noise=0.5) if how.get("thompson") else LinUCB(5, 5, 60, **how)
        return play(policy, weights, 600, rng, constant).mean()

    varied = [lost(False, alpha=0.0), lost(False, alpha=0.5), lost(False, thompson=True)]
    constant = [lost(True, alpha=0.0), lost(True, alpha=0.5), lost(True, thompson=True)]
    assert varied[0] < 2.5 * min(varied[1:])
    assert constant[0] > 3 * max(constant[1:])


def test_a_shared_model_knows_an_item_that_was_never_shown(rng):
    truth, items = rng.normal(size=5), rng.normal(size=(30, 5))
    shown = rng.integers(0, 15, 200)  # the other half of the items is never shown
    rewards = items[shown] @ truth + 0.1 * rng.normal(size=200)
    bandit = teach(LinUCB(30, 5, shared=True), shown, rewards, [items] * 200)
    mean, _ = bandit.expected(items)
    assert np.corrcoef(mean[0, 15:], items[15:] @ truth)[0, 1] > 0.95


def test_neural_linear_learns_what_no_line_can(rng):
    def reward(x, arm):
        return np.where(arm == 0, np.abs(x[:, 0]), 0.8 - np.abs(x[:, 0]))

    runs = 6
    lost = {}
    for name, bandit in (
        ("linear", LinearThompson(2, 2, runs, noise=0.1)),
        ("neural", NeuralLinear(2, 2, runs, hidden=12, every=100, steps=150, noise=0.1, rng=rng)),
    ):
        total = np.zeros(runs)
        for step in range(800):
            x = rng.normal(size=(runs, 2))
            arm = bandit.choose(x, rng)
            bandit.update(arm, reward(x, arm) + 0.1 * rng.normal(size=runs), x)
            total += (step >= 400) * (np.maximum(reward(x, 0), reward(x, 1)) - reward(x, arm))
        lost[name] = total.mean()
    assert lost["neural"] < 0.35 * lost["linear"]


def test_neural_linear_trains_down_the_slope(rng):
    bandit = NeuralLinear(2, 3, 2, hidden=5, every=10_000, steps=1, rate=1e-3, rng=rng)
    raw, arms, rewards = rng.normal(size=(2, 40, 3)), rng.integers(0, 2, (2, 40)), rng.normal(size=(2, 40))
    bandit.weights = rng.normal(size=bandit.weights.shape)
    before, layer = bandit._layer.copy(), bandit._layer

    def loss(run, values):
        z = np.append(np.maximum(raw[run] @ values + bandit._bias[run], 0), np.ones((40, 1)), axis=1)
        return (((z * bandit.weights[run, arms[run]]).sum(1) - rewards[run]) ** 2).mean() / 2

    numeric = np.zeros_like(before)
    for place in np.ndindex(before.shape):
        up, down = before[place[0]].copy(), before[place[0]].copy()
        up[place[1:]] += 1e-6
        down[place[1:]] -= 1e-6
        numeric[place] = (loss(place[0], up) - loss(place[0], down)) / 2e-6
    bandit._train(raw, arms, rewards)  # Adam's first step goes by the sign of the slope
    sure = np.abs(numeric) > 1e-4
    assert sure.mean() > 0.8 and np.array_equal(np.sign(before - layer)[sure], np.sign(numeric)[sure])


def test_equal_arms_are_chosen_alike(rng):
    share = np.bincount(LinUCB(4, 3, runs=8_000).choose(np.ones(3), rng), minlength=4) / 8_000
    assert share == pytest.approx([0.25] * 4, abs=0.03)
    greedy = LinUCB(4, 3, runs=8_000, alpha=0.0).choose(np.ones(3), rng)
    assert np.bincount(greedy, minlength=4).min() > 1_500


def chosen(bandit, arm, reward, context):
    def call():
        bandit._open += 1
        bandit.update(arm, reward, context)

    return call


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: LinUCB(1, 3), "at least 2 arms"),
        (lambda: LinUCB(2, 0), "1 feature"),
        (lambda: LinUCB(2, 3, ridge=0), "ridge must be above 0"),
        (lambda: LinUCB(2, 3, alpha=-1), "alpha must be"),
        (lambda: LinearThompson(2, 3, noise=0), "noise must be above 0"),
        (lambda: LinUCB(2, 3).choose([1, np.nan, 2], np.random.default_rng(0)), "context must hold finite"),
        (lambda: LinUCB(2, 3).choose([1, 2], np.random.default_rng(0)), "context must have shape"),
        (lambda: LinUCB(2, 3, shared=True).choose([1, 2, 3], np.random.default_rng(0)), "context must have shape"),
        (lambda: LinUCB(2, 3).update([0], [1.0], [1, 2, 3]), "no result to come"),
        (chosen(LinUCB(2, 3), [2], [1.0], [1, 2, 3]), "no result to come"),
        (chosen(LinUCB(2, 3), [0], [np.nan], [1, 2, 3]), "finite number"),
        (chosen(LinUCB(2, 3, 2), [0], [1.0], [1, 2, 3]), "one entry for each of the 2 runs"),
        (chosen(LinUCB(2, 3), [0], [1.0], [1, np.inf, 3]), "context must hold finite"),
        (
            lambda: NeuralLinear(2, 3, rng=np.random.default_rng(0)).choose([1, 2], np.random.default_rng(0)),
            "context must have shape",
        ),
        (
            lambda: NeuralLinear(2, 2, rng=np.random.default_rng(0)).choose([1, np.nan], np.random.default_rng(0)),
            "context must hold finite",
        ),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
