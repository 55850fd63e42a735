"""off_policy.py: written-out loops, exact expectations on small problems, coverage on the app, and what is refused."""

import itertools

import numpy as np
import pytest

from interestkit import off_policy as ope
from interestkit.shop import Shop


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def random_log(rng, n=400, actions=5):
    """A log with contexts folded into the rows: every row has probabilities, a reward model, an action, a reward."""
    logging, policy = rng.dirichlet(np.ones(actions), n), rng.dirichlet(np.ones(actions), n)
    action = np.array([rng.choice(actions, p=row) for row in logging])
    row, model = np.arange(n), rng.random((n, actions))
    return {
        "reward": rng.normal(size=n),
        "propensity": logging[row, action],
        "target": policy[row, action],
        "q_logged": model[row, action],
        "q_target": (policy * model).sum(1),
    }


def looped(log, how, clip=np.inf):
    """Every estimator in plain Python."""
    rows = [dict(zip(log, values, strict=True)) for values in zip(*log.values(), strict=True)]
    total = weights = 0.0
    for row in rows:
        weight = min(row["target"] / row["propensity"], clip)
        weights += weight
        if how in ("ips", "snips"):
            total += weight * row["reward"]
        elif how == "dr":
            total += row["q_target"] + weight * (row["reward"] - row["q_logged"])
        elif how == "switch":
            raw = row["target"] / row["propensity"]
            total += row["q_target"] + (raw * (row["reward"] - row["q_logged"]) if raw <= 2.0 else 0)
        else:
            total += row["q_target"]
    return total / (weights if how == "snips" else len(rows))


@pytest.mark.parametrize("clip", [None, 1.5])
def test_estimators_agree_with_loops(rng, clip):
    for _ in range(5):
        log = random_log(rng)
        weighted = [log[name] for name in ("reward", "propensity", "target")]
        models = [log["q_logged"], log["q_target"]]
        limit = np.inf if clip is None else clip
        assert ope.ips(*weighted, clip).value == pytest.approx(looped(log, "ips", limit), abs=1e-9)
        assert ope.snips(*weighted, clip).value == pytest.approx(looped(log, "snips", limit), abs=1e-9)
        assert ope.doubly_robust(*weighted, *models, clip).value == pytest.approx(looped(log, "dr", limit), abs=1e-9)
        assert ope.switch(*weighted, *models, 2.0).value == pytest.approx(looped(log, "switch"), abs=1e-9)
        assert ope.direct_method(log["q_target"]).value == pytest.approx(looped(log, "dm"), abs=1e-9)
        assert ope.switch(*weighted, *models, 0).value == pytest.approx(looped(log, "dm"), abs=1e-9)
        assert ope.switch(*weighted, *models, np.inf).value == pytest.approx(looped(log, "dr"), abs=1e-9)


def test_by_hand():
    reward, propensity, target = [1, 0, 1], [0.5, 0.25, 0.2], [0.25, 0.5, 0.6]  # weights ½, 2, 3
    assert ope.ips(reward, propensity, target).value == pytest.approx(3.5 / 3)
    value = 3.5 / 5.5
    found = ope.snips(reward, propensity, target)
    assert found.value == pytest.approx(value)
    assert found.terms == pytest.approx(value + np.array([0.5 * (1 - value), -2 * value, 3 * (1 - value)]) / (5.5 / 3))
    assert ope.ips(reward, propensity, target, clip=1).value == pytest.approx(1.5 / 3)
    weights = ope.diagnose(propensity, target)
    assert (weights.rows, weights.mean, weights.largest) == pytest.approx((3, 5.5 / 3, 3))
    assert weights.effective == pytest.approx(5.5**2 / 13.25) and weights.zero == 0
    assert ope.replay([1, 0, 1, 1], [True, True, False, True]).value == pytest.approx(2 / 3)


def exact(estimator, logging, policy, means, n=2):
    """The exact expectation of an estimator over all logs of n rows with 0/1 rewards: no luck in it."""
    expected = 0.0
    for rows in itertools.product(itertools.product(range(len(logging)), (0, 1)), repeat=n):
        chance = np.prod([logging[a] * (means[a] if r else 1 - means[a]) for a, r in rows])
        actions, rewards = np.array([a for a, _ in rows]), np.array([r for _, r in rows], float)
        expected += chance * estimator(rewards, logging[actions], policy[actions], actions)
    return expected


LOGGING, POLICY, MEANS = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7]), np.array([0.2, 0.5, 0.8])
TRUTH = POLICY @ MEANS


def test_ips_is_unbiased_and_clipping_is_not():
    assert exact(lambda r, p, t, a: ope.ips(r, p, t).value, LOGGING, POLICY, MEANS) == pytest.approx(TRUTH)
    clipped = exact(lambda r, p, t, a: ope.ips(r, p, t, clip=2).value, LOGGING, POLICY, MEANS)
    assert clipped < TRUTH - 0.1


def test_doubly_robust_is_unbiased_if_either_half_is_right():
    wrong = np.array([0.9, 0.1, 0.3])

    def dr(model, propensities):
        return exact(
            lambda r, p, t, a: (
                ope.doubly_robust(r, propensities[a], t, model[a], np.full(len(a), POLICY @ model)).value
            ),
            LOGGING,
            POLICY,
            MEANS,
        )

    off = np.array([0.2, 0.3, 0.5])
    assert dr(wrong, LOGGING) == pytest.approx(TRUTH)
    assert dr(MEANS, off) == pytest.approx(TRUTH)
    assert abs(dr(wrong, off) - TRUTH) > 0.05


def test_snips_is_not_moved_by_a_shift_of_the_rewards(rng):
    log = random_log(rng)
    weighted = log["propensity"], log["target"]
    assert ope.snips(log["reward"] + 5, *weighted).value == pytest.approx(5 + ope.snips(log["reward"], *weighted).value)
    shifted = ope.ips(log["reward"] + 5, *weighted).value - ope.ips(log["reward"], *weighted).value
    assert abs(shifted - 5) > 0.01


def test_terms_have_the_value_as_their_mean(rng):
    log = random_log(rng)
    weighted = [log[name] for name in ("reward", "propensity", "target")]
    for estimate in (ope.ips(*weighted), ope.snips(*weighted, clip=3), ope.direct_method(log["q_target"])):
        assert estimate.terms.mean() == pytest.approx(estimate.value) and len(estimate.terms) == 400


# Intervals ---------------------------------------------------------------------------


def test_intervals_by_hand(rng):
    estimate = ope.ips([1, 0, 1, 0], [1.0] * 4, [1.0] * 4)
    half = 1.959964 * (1 / 3) ** 0.5 / 2
    assert estimate.interval() == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    log = np.log(4 / 0.05)
    half = np.sqrt(2 / 3 * log / 4) + 7 * log / 9
    assert estimate.interval(by="bernstein", bound=1) == pytest.approx((0.5 - half, 0.5 + half))
    terms = rng.normal(size=800)
    wide = ope.Estimate(terms.mean(), terms)
    assert wide.interval(by="bootstrap", rng=rng) == pytest.approx(wide.interval(), abs=0.015)
    assert wide.interval(confidence=0.5)[1] < wide.interval()[1]


def covered(estimator, truth, runs, rng, n, **how):
    inside = 0
    for _ in range(runs):
        action = rng.choice(3, n, p=LOGGING)
        reward = (rng.random(n) < MEANS[action]).astype(float)
        low, high = estimator(reward, LOGGING[action], POLICY[action]).interval(**how)
        inside += low <= truth <= high
    return inside / runs


@pytest.mark.parametrize("estimator", [ope.ips, ope.snips])
def test_normal_intervals_cover_where_weights_are_light(estimator, rng):
    assert 0.925 < covered(estimator, TRUTH, 1_500, rng, n=600) < 0.972


def test_bernstein_covers_always_and_is_wide(rng):
    assert covered(ope.ips, TRUTH, 400, rng, n=60, by="bernstein", bound=7.0) > 0.99


def test_intervals_cover_on_the_app(rng):
    """A log of the app, whose policy's value is known exactly: `shop.value`."""
    shop = Shop.make("hobbies", users=300, items=60, rng=rng)
    policy = shop.policy(categories=shop.true_interest(0), explore=0.2)
    inside, errors = 0, []
    for _ in range(120):
        log = shop.log(2_000, days=1, slots=1, policy="uniform", rng=rng)
        truth = shop.value(policy)[log.user].mean()  # of the shoppers who came
        weight = policy.probability(log.user, log.item)
        estimate = ope.ips(log.click.astype(float), log.propensity, weight)
        low, high = estimate.interval()
        inside += low <= truth <= high
        errors.append(estimate.value - truth)
    assert inside >= 105
    assert abs(np.mean(errors)) < 4 * np.std(errors) / 120**0.5


# Diagnostics -------------------------------------------------------------------------


def test_one_heavy_weight_leaves_few_effective_rows():
    weights = ope.diagnose(np.append(np.full(999, 0.5), 0.0005), np.append(np.full(999, 0.5), 0.5))
    assert weights.largest == pytest.approx(1000) and weights.effective == pytest.approx(1999**2 / (999 + 1e6))
    assert ope.diagnose([0.5, 0.5], [0, 0]).effective == 0 and ope.diagnose([0.5, 0.5], [0, 1]).zero == 0.5


def test_unsupported():
    assert ope.unsupported([0.5, 0.3, 0.2], [1.0, 0.0, 0.0]) == pytest.approx(0.5)
    assert ope.unsupported([[0, 1], [0.5, 0.5]], [[1, 0], [0.5, 0.5]]) == pytest.approx([1, 0])


def test_right_propensities_pass_and_wrong_ones_are_found(rng):
    logging, n = np.array([0.4, 0.3, 0.2, 0.1]), 4_000
    alarms = 0
    for _ in range(200):
        action = rng.choice(4, n, p=logging)
        alarms += len(ope.check_propensities(action, logging[action], 4)) > 0
    assert alarms <= 3
    shown = np.array([0.25] * 4)
    assert 3 in ope.check_propensities(action, shown[action], 4)
    varying = rng.dirichlet([5, 5, 5], n)  # each row has its own
    action = np.array([rng.choice(3, p=row) for row in varying])
    own = varying[np.arange(n), action]
    assert not len(ope.check_propensities(action, own, 3))
    averaged = np.array([own[action == a].mean() for a in range(3)])
    assert len(ope.check_propensities(action, averaged[action], 3)) == 3  # the averaging trap
    assert ope.check_propensities(rng.integers(0, 2, n), np.full(n, 1 / 3), 3).tolist() == [0, 1, 2]  # 2 never shown


FINE = ([1.0, 0.0], [0.5, 0.5], [0.2, 0.3])


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: ope.ips([1, 0], [0, 0.5], [0.2, 0.3]), "propensity must lie above 0"),
        (lambda: ope.ips([1, 0], [1.5, 0.5], [0.2, 0.3]), "propensity must lie above 0 and be at most 1"),
        (lambda: ope.ips([1, 0], [np.nan, 0.5], [0.2, 0.3]), "finite numbers"),
        (lambda: ope.ips([1, 0], [0.5, 0.5], [0.2, 1.3]), "target must hold probabilities"),
        (lambda: ope.ips([np.nan, 0], [0.5, 0.5], [0.2, 0.3]), "reward must be a list of finite"),
        (lambda: ope.ips([], [], []), "not empty"),
        (lambda: ope.ips([1, 0], [0.5], [0.2, 0.3]), "a row for each other"),
        (lambda: ope.ips(*FINE, clip=0), "clip must be above 0"),
        (lambda: ope.snips([1, 0], [0.5, 0.5], [0, 0]), "all weights are 0"),
        (lambda: ope.replay([1, 0], [False, False]), "no row matches"),
        (lambda: ope.doubly_robust(*FINE, [0.1], [0.1, 0.2]), "a row for each other"),
        (lambda: ope.doubly_robust(*FINE, [0.1, np.nan], [0.1, 0.2]), "q_logged must be"),
        (lambda: ope.switch(*FINE, [0.1, 0.1], [0.1, 0.2], -1), "limit must be 0 or more"),
        (lambda: ope.ips(*FINE).interval(by="t"), "by must be"),
        (lambda: ope.ips(*FINE).interval(by="bootstrap"), "give it a generator"),
        (lambda: ope.ips(*FINE).interval(by="bernstein"), "needs bound"),
        (lambda: ope.ips(*FINE).interval(confidence=1), "confidence between 0 and 1"),
        (lambda: ope.ips([1], [0.5], [0.5]).interval(), "at least 2 rows"),
        (lambda: ope.unsupported([0.5, 0.4], [0.5, 0.5]), "policy must hold probabilities"),
        (lambda: ope.unsupported([0.5, 0.5], [1.5, -0.5]), "logging must hold probabilities"),
        (lambda: ope.check_propensities([0, 3], [0.5, 0.5], 2), "whole numbers from 0 to 1"),
        (lambda: ope.check_propensities([0, 1], [0.0, 0.5], 2), "propensity must lie"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
