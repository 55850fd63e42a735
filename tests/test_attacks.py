"""attacks.py: by hand, by loops, on data whose answer is known; audits of right mechanisms and of broken ones."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from interestkit import attacks as att
from interestkit import privacy as dp
from interestkit.accounting import gaussian_epsilon


@pytest.fixture
def rng():
    return np.random.default_rng(51)


# Linkage ------------------------------------------------------------------------------

SHOPPERS = [["35-44", "B", 2], ["35-44", "B", 2], ["65+", "B", 2], ["35-44", "B", 1]]


def test_group_sizes_by_hand():
    assert att.group_sizes(SHOPPERS).tolist() == [2, 2, 1, 1]
    assert att.singled_out(SHOPPERS) == 0.5
    columns = np.array([[1, 2], [1, 3], [2, 2], [2, 3]])
    assert att.singled_out(columns) == 1  # jointly, though each column alone has groups of two
    assert att.singled_out([[7]]) == 1 and att.singled_out([[7], [7]]) == 0


def test_missing_values_are_values():
    table = pd.DataFrame({"age": ["35-44", None, None, pd.NA], "size": [1.0, np.nan, np.nan, 2.0]})
    assert att.group_sizes(table).tolist() == [1, 2, 2, 1]
    assert att.group_sizes(np.array([[np.nan, 1], [np.nan, 1], [0, 1]])).tolist() == [2, 2, 1]
    days = pd.to_datetime(["2024-01-01", None, "2024-01-01"])
    kinds = pd.DataFrame({"kind": pd.Categorical(["a", "b", "a"]), "when": days})
    assert att.group_sizes(kinds).tolist() == [2, 1, 2]


def test_group_sizes_agree_with_a_loop(rng):
    table = rng.integers(0, 4, (300, 4))
    assert att.group_sizes(table).tolist() == [sum((row == other).all() for other in table) for row in table]


def test_more_people_single_out_fewer(rng):
    table = rng.integers(0, 6, (2_000, 4))
    shares = [att.singled_out(table[:n]) for n in (100, 500, 2_000)]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[2] + 0.3


def test_link():
    known = [["65+", "B", 2], ["35-44", "B", 2], ["35-44", "B", 1], ["19-24", "A", 1]]
    assert att.link(SHOPPERS, known).tolist() == [2, -1, 3, -1]
    assert att.link(pd.DataFrame(SHOPPERS), known).tolist() == [2, -1, 3, -1]


# Totals -------------------------------------------------------------------------------


def test_two_totals_give_one_household_away():
    values, known = att.difference([[1, 1, 1, 1], [1, 1, 1, 0]], [100, 88])
    assert values[3] == pytest.approx(12) and known.tolist() == [False, False, False, True]


def test_differences_of_differences():
    members = [[1, 1, 1], [1, 1, 0], [0, 1, 1]]
    values, known = att.difference(members, np.array(members) @ [4.0, 5, 6])
    assert values == pytest.approx([4, 5, 6]) and known.all()
    assert not att.difference(members[:1], [15])[1].any()


def test_what_is_known_is_right_and_what_is_not_has_other_values(rng):
    for _ in range(30):
        members = rng.integers(0, 2, (5, 7))
        truth = rng.normal(size=7)
        values, known = att.difference(members, members @ truth)
        assert values[known] == pytest.approx(truth[known], abs=1e-8)
        _, size, directions = np.linalg.svd(members.astype(float))
        free = directions[(np.append(size, [0] * 2) < 1e-9)]  # ways to change the values that no total shows
        assert ((np.abs(free) > 1e-8).any(0) == ~known).all()


def test_noise_in_the_totals_is_in_the_difference(rng):
    answers = np.array([[100.0, 88.0]] * 4_000) + rng.laplace(0, 3, (4_000, 2))
    found = np.array([att.difference([[1, 1], [1, 0]], pair)[0][1] for pair in answers])
    assert found.mean() == pytest.approx(12, abs=0.6) and found.std() == pytest.approx(6, rel=0.1)


def test_averaging_repeated_answers(rng):
    mean, error = att.average(dp.laplace(np.full(10_000, 12.0), 1, 0.1, rng))
    assert error == pytest.approx(10 * 2**0.5 / 100, rel=0.1) and abs(mean - 12) < 6 * error
    assert att.average([3.0, 5.0]) == (4.0, 1.0)
    means, errors = att.average(np.array([[1.0, 7.0], [3.0, 7.0]]))
    assert means.tolist() == [2, 7] and errors.tolist() == [1, 0]


# Who was in? --------------------------------------------------------------------------


def by_loops(inside, outside, fpr):
    auc = np.mean([(a > b) + (a == b) / 2 for a, b in itertools.product(inside, outside)])
    tpr = advantage = 0.0
    for threshold in [*inside, *outside]:
        true, false = np.mean(np.array(inside) >= threshold), np.mean(np.array(outside) >= threshold)
        advantage = max(advantage, true - false)
        if false <= fpr:
            tpr = max(tpr, true)
    return att.Success(*(pytest.approx(number) for number in (auc, tpr, fpr, advantage)))


def test_success_agrees_with_loops(rng):
    for fpr, digits in itertools.product([0, 0.01, 0.1, 1], [1, 8]):
        inside, outside = rng.normal(0.7, 1, 80).round(digits), rng.normal(0, 1, 120).round(digits)
        assert att.success(inside, outside, fpr) == by_loops(inside, outside, fpr)


def test_success_by_hand():
    assert att.success([2, 3], [0, 1]) == att.Success(1, 1, 0.01, 1)
    assert att.success([1, 1], [1, 1]) == att.Success(0.5, 0, 0.01, 0)  # a tie cannot be split
    assert att.success([0], [1]) == att.Success(0, 0, 0.01, 0)
    few = att.success([9] * 5 + [0] * 95, [1] * 100)  # no better than a coin on average, and five are named
    assert few.auc < 0.5 and few.tpr == 0.05


def test_membership_finds_an_overfitted_model_and_no_other(rng):
    x, noise = rng.normal(size=(400, 60)), rng.normal(size=400)
    y = x[:, 0] + noise
    inside, outside = slice(0, 80), slice(80, 400)
    overfitted = np.linalg.lstsq(x[inside], y[inside], rcond=None)[0]
    loss = (y - x @ overfitted) ** 2
    assert att.membership(loss[inside], loss[outside]).auc > 0.75
    fresh = rng.normal(size=(2, 4_000)) ** 2
    assert att.membership(*fresh).auc == pytest.approx(0.5, abs=0.04)
    assert att.membership([0.1], [5.0]).auc == 1  # a small loss means member
    assert att.membership([0.1, 0.3], [0.2, 0.4], fpr=0.5).tpr == 1


def cohort(rng, size=100, items=600):
    """Baskets of a cohort whose average is published, and of a thousand others."""
    likes = rng.beta(0.5, 4, items)
    inside, outside = (rng.random((n, items)) < likes for n in (size, 1_000))
    return inside, outside, likes


@pytest.mark.parametrize("statistic", ["inner", "homer"])
def test_tracing_a_household_in_a_published_average(rng, statistic):
    inside, outside, likes = cohort(rng)
    published = inside.mean(0)
    found = att.success(*(att.trace(rows, published, likes, statistic=statistic) for rows in (inside, outside)))
    assert found.auc > 0.8 and found.tpr > 0.05
    private = dp.gaussian(dp.clip(inside, 6).mean(0), 6 / len(inside), 0.5, 1e-6, rng)  # the cohort's size is public
    hidden = att.success(*(att.trace(rows, private, likes, statistic=statistic) for rows in (inside, outside)))
    assert 0.3 < hidden.auc < 0.7


def test_rare_items_tell_more(rng):
    inside, outside, likes = cohort(rng)
    spread = likes * (1 - likes) + 1e-3
    plain, weighted = (
        att.success(*(att.trace(rows, inside.mean(0), likes, variance) for rows in (inside, outside))).auc
        for variance in (None, spread)
    )
    assert weighted > plain + 0.02


def test_trace_by_hand():
    assert att.trace([[1, 0], [0, 1]], [0.75, 0.25], [0.5, 0.5]).tolist() == [0.25, -0.25]
    assert att.trace([[1, 0]], [0.75, 0.25], [0.5, 0.5], [0.25, 0.5]).tolist() == [0.75]
    assert att.trace([[1, 0], [0, 1]], [0.75, 0.25], [0.5, 0.5], statistic="homer").tolist() == [0.5, -0.5]
    assert att.trace([[1, 0]], [0.75, 0.5], [0.5, 0.5], [0.25, 9], statistic="homer").tolist() == [0.5]


def test_the_bound_on_all_attacks():
    assert att.tpr_bound(0.01, 1) == pytest.approx(0.01 * math.e)
    assert att.tpr_bound(0.01, 1, 1e-3) == pytest.approx(0.01 * math.e + 1e-3)
    assert att.tpr_bound(0.9, 1) == pytest.approx(1 - 0.1 / math.e)
    assert att.tpr_bound(0.9, 1, 0.05) == pytest.approx(1 - 0.05 / math.e)
    assert att.tpr_bound([0.0, 0.5, 1.0], 0).tolist() == [0, 0.5, 1]
    assert att.tpr_bound(0.5, 1_000) == 1 and att.tpr_bound(0, 1_000) == 0
    fpr = np.linspace(0, 1, 100_001)
    for epsilon, advantage in [(1, 0.4621), (2, 0.7616)]:
        assert (att.tpr_bound(fpr, epsilon) - fpr).max() == pytest.approx(advantage, abs=1e-4)
        assert (att.tpr_bound(fpr, epsilon) - fpr).max() == pytest.approx(math.tanh(epsilon / 2), abs=1e-4)


def test_no_attack_on_a_private_answer_beats_the_bound(rng):
    inside, outside = dp.laplace(np.full(20_000, 1.0), 1, 1, rng), dp.laplace(np.zeros(20_000), 1, 1, rng)
    found = att.success(inside, outside, 0.01)
    assert found.tpr < att.tpr_bound(0.01, 1) + 0.01 and found.advantage < math.tanh(0.5) + 0.02
    assert found.tpr > 0.015  # and this one comes near


# The audit itself ---------------------------------------------------------------------


def test_clopper_pearson_by_hand():
    low, high = att.clopper_pearson([0, 10, 3], 10, 0.05)
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 10)) and low[1] == pytest.approx(0.025 ** (1 / 10))
    assert (low[2], high[2]) == (pytest.approx(0.0667, abs=1e-4), pytest.approx(0.6525, abs=1e-4))  # a table's values


@pytest.mark.parametrize(("n", "p"), [(20, 0.1), (200, 0.003), (50, 0.5)])
def test_clopper_pearson_covers(n, p):
    """Exactly: the chance that the interval misses p, summed over all counts."""
    counts = np.arange(n + 1)
    low, high = att.clopper_pearson(counts, n, 0.05)
    chances = np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in counts])
    assert 0 < chances[low > p].sum() <= 0.025 and chances[high < p].sum() <= 0.025


def test_an_audit_by_hand():
    outputs, neighbour = np.repeat([True, False], [900, 100]), np.repeat([True, False], [500, 500])
    found = att.audit(outputs, neighbour, [lambda yes: yes], confidence=0.95)
    low, high = att.clopper_pearson([900, 500], 1_000, 0.025)
    assert found.epsilon == pytest.approx(math.log((1 - high[1]) / (1 - low[0])))  # the complement shows more
    assert (found.event, found.shares, found.confidence) == (0, (0.9, 0.5), 0.95)
    assert found.contradicts(1) and not found.contradicts(2)
    two = att.audit(outputs, neighbour, [lambda yes: yes & False, lambda yes: yes], confidence=0.95)
    assert two.event == 1 and two.epsilon < found.epsilon  # a second event costs confidence
    with_delta = att.audit(outputs, neighbour, [lambda yes: yes], delta=0.1, confidence=0.95)
    assert with_delta.epsilon == pytest.approx(math.log((1 - high[1] - 0.1) / (1 - low[0])))
    turned = att.audit(~outputs, ~neighbour, [lambda yes: yes], delta=0.1, confidence=0.95)
    assert turned.epsilon == pytest.approx(with_delta.epsilon)


def test_events_for_numbers_and_for_values():
    low, high = att.at_least([1, 2])
    assert low(np.array([0, 1, 2])).tolist() == [False, True, True]
    assert high(np.array([0, 1, 2])).tolist() == [False, False, True]
    zero, one = att.equals([0, 1])
    assert zero(np.array([0, 1])).tolist() == [True, False] and one(np.array([0, 1])).tolist() == [False, True]


def test_both_directions_and_complements_are_tried():
    rare, common = np.repeat([True, False], [10, 990]), np.repeat([True, False], [200, 800])
    yes = [lambda outputs: outputs]
    pairs = [(rare, common), (common, rare), (~rare, ~common), (~common, ~rare)]
    bounds = {att.audit(*pair, yes).epsilon for pair in pairs}
    assert max(bounds) - min(bounds) < 1e-9 and min(bounds) > 0.5


def test_equal_samples_prove_nothing(rng):
    sample = rng.normal(size=5_000)
    found = att.audit(sample, sample, att.at_least([-1, 0, 1]))
    assert found == att.Audit(0.0, None, (), 1 - 1e-6) and not found.contradicts(0.001)


def test_the_confidence_holds():
    """A mechanism whose ε is exactly 1, blamed at 80 % confidence: in far fewer than a fifth of 2,000 audits."""
    rng, blamed = np.random.default_rng(8), 0
    for _ in range(2_000):
        pair = (dp.randomised_response(np.full(300, answer), 2, 1.0, rng) for answer in (0, 1))
        blamed += att.audit(*pair, att.equals([0]), confidence=0.8).contradicts(1.0)
    assert 0 < blamed < 400


# Audits of mechanisms -----------------------------------------------------------------

N = 200_000
ONES, ZEROS = np.ones(N), np.zeros(N)
RIVALS = 10  # candidates: she likes the first, and no other
HERS, OTHERS = np.eye(RIVALS)[0], 1 - np.eye(RIVALS)[0]
CUTS = att.at_least([-8, -4, -2, -1, 0, 0.5, 1, 2, 3, 5, 9])
PICKS = att.equals(range(RIVALS))


def many(row, n=N):
    return np.broadcast_to(row, (n, len(row)))


# Each with the pair of neighbours that tells most, events chosen for them, and the ε (and δ) that it promises.
RIGHT = {
    "laplace": (lambda x, rng: dp.laplace(x, 1, 1, rng), ONES, ZEROS, CUTS, 1, 0),
    "laplace of five rows": (lambda x, rng: dp.laplace(5 * x, 5, 2, rng), ONES, ZEROS, CUTS, 2, 0),
    "gaussian": (lambda x, rng: dp.gaussian(x, 1, 1, 1e-5, rng), ONES, ZEROS, CUTS, 1, 1e-5),
    "gaussian of large epsilon": (lambda x, rng: dp.gaussian(x, 1, 4, 1e-3, rng), ONES, ZEROS, CUTS, 4, 1e-3),
    "gaussian, classic": (lambda x, rng: dp.gaussian(x, 1, 1, 1e-5, rng, "classic"), ONES, ZEROS, CUTS, 1, 1e-5),
    "geometric": (lambda x, rng: dp.geometric(x.astype(int), 1, 1, rng), ONES, ZEROS, CUTS, 1, 0),
    "exponential": (lambda x, rng: dp.exponential(x, 1, 1, rng), many(HERS), many(OTHERS), PICKS, 1, 0),
    "exponential of counts": (
        lambda x, rng: dp.exponential(x, 1, 1, rng, monotone=True), many(HERS), many(0 * HERS), PICKS, 1, 0,
    ),
    "noisy max": (lambda x, rng: dp.noisy_max(x, 1, 1, rng), many(HERS), many(OTHERS), PICKS, 1, 0),
    "noisy max of counts": (
        lambda x, rng: dp.noisy_max(x, 1, 1, rng, monotone=True), many(HERS), many(0 * HERS), PICKS, 1, 0,
    ),
    "randomised response": (
        lambda x, rng: dp.randomised_response(x.astype(int), 5, 1, rng), ONES, ZEROS, att.equals(range(5)), 1, 0,
    ),
    "histogram": (
        lambda rows, rng: np.array([dp.histogram(*rows, 3, 2, 1.0, rng) for _ in range(20_000)]),
        (np.array([0, 1, 1, 1]), np.array([1, 2, 3, 3])), (np.array([0, 1]), np.array([1, 2])),
        [lambda found, cut=cut: found[:, 1] >= cut for cut in (0, 1, 2, 3)], 1, 0,
    ),
}  # fmt: skip


def audited(case, rng):
    mechanism, one, other, events, epsilon, delta = case
    return att.audit(mechanism(one, rng), mechanism(other, rng), events, delta), epsilon


@pytest.mark.parametrize("name", RIGHT)
def test_no_audit_contradicts_a_right_mechanism(name, rng):
    found, epsilon = audited(RIGHT[name], rng)
    assert not found.contradicts(epsilon), found


@pytest.mark.parametrize("name", ["laplace", "laplace of five rows", "geometric", "randomised response", "histogram"])
def test_the_audit_comes_near_the_truth(name, rng):
    found, epsilon = audited(RIGHT[name], rng)
    assert found.epsilon > 0.75 * epsilon


def test_the_audit_comes_near_the_exact_epsilon_of_a_gaussian(rng):
    noise = 1.0
    one, other = noise * rng.normal(size=(2, 1_000_000)) + [[1], [0]]
    found = att.audit(one, other, att.at_least([2, 2.5, 3, 3.5]), delta=1e-3)
    assert 0.7 * gaussian_epsilon(noise, 1e-3) < found.epsilon <= gaussian_epsilon(noise, 1e-3)


# Broken mechanisms --------------------------------------------------------------------


def stored(x, rng):
    """Two counts, of all and of all but her, with noise that is drawn once."""
    noise = rng.laplace(0, 2, len(x))
    return np.stack([9 + x + noise, 9 + noise], axis=1)


def signed(x, rng):
    return x + np.sign(x) * np.abs(rng.laplace(0, 1, len(x)))


def winners_value(scores, rng):
    """Noisy max, which gives the value away that won."""
    return (scores + rng.laplace(0, 2, scores.shape)).max(1)


def unclipped(rows, rng):
    """A household's sum, longer than the bound that the noise is made for."""
    return dp.laplace(rows.sum(1), 1, 1, rng)


def rows_clipped(rows, rng):
    """Each row clipped to 1, and a household has three."""
    return dp.laplace(np.clip(rows, -1, 1).sum(1), 1, 1, rng)


def scaled_by_the_data(x, rng):
    """Noise made for the largest value that happens to be there."""
    return x + rng.laplace(0, 1 + np.abs(x), len(x))


def sure_bounds(x, rng):
    """The answer is cut to bounds that are read off the data, after the noise."""
    return np.clip(dp.laplace(x, 1, 1, rng), None, x + 1)


ALL_UP, NONE_UP = many(np.ones(RIVALS)), many(np.zeros(RIVALS))
LOW = att.at_least([-1, -0.5, 0, 0.5, 1])

BROKEN = {
    "half the scale": (lambda x, rng: dp.laplace(x, 0.5, 1, rng), ONES, ZEROS, CUTS, 1, 0),
    "sensitivity forgotten": (lambda x, rng: dp.laplace(5 * x, 1, 1, rng), ONES, ZEROS, CUTS, 1, 0),
    "noise that grows with epsilon": (lambda x, rng: x + rng.laplace(0, 0.25, N), ONES, ZEROS, CUTS, 0.25, 0),
    "noise drawn once and stored": (
        stored, ONES, ZEROS, [lambda pair: pair[:, 0] - pair[:, 1] > 0.5], 1, 0,
    ),
    "the same seed each time": (
        lambda x, rng: x + np.random.default_rng(3).laplace(), ONES, ZEROS, CUTS, 1, 0,
    ),
    "randomised response for another epsilon": (
        lambda x, rng: dp.randomised_response(x.astype(int), 5, 1.5, rng), ONES, ZEROS, att.equals(range(5)), 1, 0,
    ),
    "randomised response that calls the chance to keep the chance to tell the truth": (
        lambda x, rng: np.where(rng.random(N) < dp.truth_chance(2, 1), x, rng.integers(0, 2, N)), ONES, ZEROS,
        att.equals([0, 1]), 1, 0,
    ),
    "exponential without the 2": (
        lambda x, rng: dp.exponential(x, 1, 1, rng, monotone=True), many(HERS), many(OTHERS), PICKS, 1, 0,
    ),
    "noisy max without the 2": (
        lambda x, rng: dp.noisy_max(x, 1, 2, rng, monotone=True), many(HERS), many(OTHERS), PICKS, 2, 0,
    ),
    "noisy max gives its value away": (winners_value, ALL_UP, NONE_UP, LOW, 1, 0),
    "clipping forgotten": (unclipped, many(np.ones(3)), many(np.zeros(3)), CUTS, 1, 0),
    "rows clipped, not households": (rows_clipped, many(np.full(3, 9.0)), many(np.zeros(3)), CUTS, 1, 0),
    "noise with the sign of the data": (signed, ONES, ZEROS, CUTS, 1, 0),
    "noise of one sign": (lambda x, rng: x + rng.exponential(1, N), ONES, ZEROS, CUTS, 1, 0),
    "noise scaled by the data": (scaled_by_the_data, 5 * ONES, ZEROS, CUTS, 1, 0),
    "bounds read off the data": (sure_bounds, ONES, ZEROS, att.at_least([1.5]), 1, 0),
    "Laplace's scale for the Gaussian": (lambda x, rng: x + rng.normal(0, 1, N), ONES, ZEROS, CUTS, 1, 1e-5),
    "one row counted, two given": (
        lambda x, rng: dp.geometric(2 * x.astype(int), 1, 1, rng), ONES, ZEROS, CUTS, 1, 0,
    ),
    "the last bits of a double": (
        lambda x, rng: dp.laplace(x, 1, 1, rng), ONES, ZEROS, [lambda found: np.ldexp(found, 53) % 1 != 0], 1, 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_an_audit_catches_a_broken_mechanism(name, rng):
    found, epsilon = audited(BROKEN[name], rng)
    assert found.contradicts(epsilon), found


# Refusals -----------------------------------------------------------------------------

NAN = float("nan")
FEW = [0.0, 1.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: att.group_sizes([1, 2, 3]), r"a table needs rows and columns, got shape \(3,\)"),
        (lambda: att.singled_out(np.zeros((0, 2))), "a table needs rows and columns"),
        (lambda: att.link([[1, 2]], [[1]]), "both tables need the same columns, got 2 and 1"),
        (lambda: att.difference([[1, 0]], [1, 2]), "each total needs its row of members, got 2 totals and 1 rows"),
        (lambda: att.difference([[1, NAN]], [1]), "members must be a table of finite numbers, no NaN"),
        (lambda: att.difference([[1, 0]], [NAN]), "totals must be a list of finite numbers, no NaN"),
        (lambda: att.average([1.0]), "answers must be at least two finite numbers"),
        (lambda: att.average([1.0, NAN]), "answers must be at least two finite numbers or rows of them, and no NaN"),
        (lambda: att.success([], FEW), "inside must be a list of finite numbers, no NaN, and not empty"),
        (lambda: att.success(FEW, [NAN]), "outside must be a list of finite"),
        (lambda: att.success(FEW, FEW, 2), "fpr must lie between 0 and 1, got 2"),
        (lambda: att.success(FEW, FEW, NAN), "fpr must lie between 0 and 1, got nan"),
        (lambda: att.membership([NAN], FEW), "loss_inside must be a list of finite"),
        (lambda: att.membership(FEW, []), "loss_outside must be a list of finite"),
        (lambda: att.trace([[1, 0]], [1, 0], [1]), "need the same columns"),
        (lambda: att.trace([1, 0], [1, 0], [1, 0]), "rows must be a table of finite"),
        (lambda: att.trace([[1, 0]], [1, NAN], [1, 0]), "published must be a list of finite"),
        (lambda: att.trace([[1, 0]], [1, 0], [1, NAN]), "population must be a list of finite"),
        (lambda: att.trace([[1, 0]], [1, 0], [1, 0], [1, 0]), "variance must be positive"),
        (lambda: att.trace([[1, 0]], [1, 0], [1, 0], statistic="cosine"), 'statistic must be "inner" or "homer"'),
        (lambda: att.tpr_bound(2, 1), "epsilon must be 0 or more, delta in"),
        (lambda: att.tpr_bound(0.1, -1), "epsilon must be 0 or more"),
        (lambda: att.tpr_bound(0.1, NAN), "epsilon must be 0 or more"),
        (lambda: att.tpr_bound(0.1, 1, 1), "epsilon must be 0 or more, delta in"),
        (lambda: att.audit(FEW, FEW, []), "an audit needs at least one event"),
        (lambda: att.audit(FEW, FEW, CUTS, confidence=1), r"confidence must lie in \(0, 1\)"),
        (lambda: att.audit(FEW, FEW, CUTS, delta=1), r"delta in \[0, 1\)"),
        (lambda: att.audit(FEW, FEW, CUTS, delta=NAN), r"delta in \[0, 1\)"),
        (lambda: att.audit([], FEW, CUTS), "must hold at least one output each"),
        (lambda: att.audit([0, NAN], FEW, CUTS), "at least one output each, and no NaN"),
        (lambda: att.audit(FEW, FEW, [lambda out: out]), "an event must say yes or no for each of the 2 outputs"),
        (lambda: att.audit(FEW, FEW, [lambda out: True]), "an event must say yes or no for each of the 2 outputs"),
        (lambda: att.clopper_pearson(3, 2, 0.05), "hits must lie between 0 and trials"),
        (lambda: att.clopper_pearson(0, 0, 0.05), "trials be positive"),
        (lambda: att.clopper_pearson(1, 2, 0), r"error lie in \(0, 1\)"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value) and str(refusal.value)[-1] not in ".,: "
