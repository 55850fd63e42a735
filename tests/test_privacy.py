"""privacy.py: the distribution of every mechanism, bounds by hand, a ledger, what floating-point noise gives away."""

import math

import numpy as np
import pytest

from interestkit import privacy as dp
from interestkit.accounting import analytic_sigma, classic_sigma

N, ALARM = 400_000, 1e-7  # draws, and how often a right mechanism would fail one of these tests


@pytest.fixture
def rng():
    return np.random.default_rng(15)


def distance(sample, below, upto):
    """Largest distance of an empirical distribution from P(X < x) and P(X ≤ x)."""
    values, counts = np.unique(sample, return_counts=True)
    share = np.cumsum(counts) / len(sample)
    return max(np.abs(share - upto(values)).max(), np.abs(share - counts / len(sample) - below(values)).max())


def follows(sample, below, upto=None):
    """A test of a distribution that is wrong no more often than ALARM: Dvoretzky, Kiefer & Wolfowitz, by Massart."""
    return distance(sample, below, upto or below) < math.sqrt(math.log(2 / ALARM) / (2 * len(sample)))


def shares_follow(sample, chances):
    """The same for a few values, each by a Hoeffding bound."""
    shares = np.bincount(sample, minlength=len(chances)) / len(sample)
    return (np.abs(shares - chances) < math.sqrt(math.log(2 * len(chances) / ALARM) / (2 * len(sample)))).all()


def laplace_cdf(scale):
    return lambda x: np.where(x < 0, np.exp(np.minimum(x, 0) / scale) / 2, 1 - np.exp(-np.maximum(x, 0) / scale) / 2)


def normal_cdf(sigma):
    from scipy.special import ndtr

    return lambda x: ndtr(x / sigma)


def geometric_cdf(a):
    return lambda z: np.where(z < 0, a ** (-np.minimum(z, 0)) / (1 + a), 1 - a ** (np.maximum(z, 0) + 1) / (1 + a))


# Distributions ------------------------------------------------------------------------


def test_the_tests_of_distributions_are_sharp(rng):
    right = rng.laplace(0, 4, N)
    assert follows(right, laplace_cdf(4)) and not follows(right, laplace_cdf(4.2))
    assert not follows(np.abs(right), laplace_cdf(4)) and not follows(rng.normal(0, 5.6, N), laplace_cdf(4))
    assert shares_follow(rng.integers(0, 4, N), np.full(4, 0.25))
    assert not shares_follow(rng.integers(0, 4, N), np.array([0.27, 0.25, 0.25, 0.23]))


@pytest.mark.parametrize(("sensitivity", "epsilon"), [(1, 1), (5, 0.5), (0.3, 2)])
def test_laplace(rng, sensitivity, epsilon):
    noisy = dp.laplace(np.full(N, 7.0), sensitivity, epsilon, rng)
    assert follows(noisy - 7, laplace_cdf(sensitivity / epsilon))


@pytest.mark.parametrize(("sensitivity", "epsilon", "delta"), [(1, 1, 1e-5), (5, 0.5, 1e-6), (2, 10, 1e-5)])
def test_gaussian(rng, sensitivity, epsilon, delta):
    noisy = dp.gaussian(np.full(N, -3.0), sensitivity, epsilon, delta, rng)
    assert follows(noisy + 3, normal_cdf(analytic_sigma(epsilon, delta, sensitivity)))


def test_gaussian_by_the_textbook(rng):
    noisy = dp.gaussian(np.zeros(N), 2, 0.5, 1e-5, rng, calibration="classic")
    assert follows(noisy, normal_cdf(classic_sigma(0.5, 1e-5, 2)))


@pytest.mark.parametrize(("sensitivity", "epsilon"), [(1, 1), (5, 0.5), (3, 4)])
def test_geometric(rng, sensitivity, epsilon):
    noisy = dp.geometric(np.full(N, 7), sensitivity, epsilon, rng)
    upto = geometric_cdf(math.exp(-epsilon / sensitivity))
    assert noisy.dtype == np.int64
    assert follows(noisy - 7, lambda z: upto(z - 1), upto)


@pytest.mark.parametrize("monotone", [False, True])
def test_exponential(rng, monotone):
    scores = np.array([0, 3, 4, -2.5])
    weights = np.exp(scores * 1.5 / 2 / (1 if monotone else 2))
    chosen = dp.exponential(np.tile(scores, (N, 1)), 2, 1.5, rng, monotone)
    assert dp.exponential_chances(scores, 2, 1.5, monotone) == pytest.approx(weights / weights.sum())
    assert shares_follow(chosen, weights / weights.sum())


def test_the_odds_of_a_choice_are_bounded():
    """Exactly, for a household that likes one of ten candidates and no other: by e^ε, but only with the 2."""
    hers, others, nobody = np.eye(10)[0], 1 - np.eye(10)[0], np.zeros(10)

    def odds(one, other, monotone):
        chances = [dp.exponential_chances(scores, 1, 1, monotone) for scores in (one, other)]
        return np.abs(np.log(chances[0] / chances[1])).max()

    assert 0.85 < odds(hers, others, False) <= 1 and odds(hers, others, True) > 1.7
    assert 0.8 < odds(hers, nobody, True) <= 1  # a count can only grow


def test_exponential_does_not_overflow(rng):
    assert dp.exponential_chances([1e6, 0, 1e6], 1, 1) == pytest.approx([0.5, 0, 0.5])
    assert dp.exponential([-1e6, 0, -1e6], 1, 1, rng) == 1


@pytest.mark.parametrize(("monotone", "scale"), [(False, 4), (True, 2)])
def test_noisy_max(rng, monotone, scale):
    """Of two candidates the second wins where the difference of two Laplace draws is large enough: in closed form."""
    gap = 3.0
    chosen = dp.noisy_max(np.tile([gap, 0.0], (N, 1)), 3, 1.5, rng, monotone)
    second = (1 + gap / scale / 2) * math.exp(-gap / scale) / 2
    assert shares_follow(chosen, np.array([1 - second, second]))


@pytest.mark.parametrize(("choices", "epsilon"), [(2, 1), (5, 2), (20, 0.5)])
def test_randomised_response(rng, choices, epsilon):
    truth = math.exp(epsilon) / (math.exp(epsilon) + choices - 1)
    assert dp.truth_chance(choices, epsilon) == pytest.approx(truth)
    for answer in {0, choices - 1}:
        chances = np.full(choices, (1 - truth) / (choices - 1))
        chances[answer] = truth
        assert shares_follow(dp.randomised_response(np.full(N, answer), choices, epsilon, rng), chances)


def test_shares_from_randomised_reports_are_unbiased_and_as_noisy_as_stated(rng):
    n, runs, epsilon, choices = 2_000, 500, 1.0, 4
    answers = np.repeat([0, 1, 2], [n // 2, n // 4, n // 4])  # nobody answers 3
    found = np.array(
        [
            dp.response_shares(dp.randomised_response(answers, choices, epsilon, rng), choices, epsilon)
            for _ in range(runs)
        ]
    )
    e = math.exp(epsilon)
    error = math.sqrt((choices - 2 + e) / (n * (e - 1) ** 2))  # of a rare answer: Wang et al., 2017
    assert found[:, 3].std() == pytest.approx(error, rel=0.2)
    assert np.abs(found.mean(0) - [0.5, 0.25, 0.25, 0]).max() < 6 * 2 * error / runs**0.5
    assert found.sum(1) == pytest.approx(np.ones(runs)) and found.min() < 0


def test_shares_are_exact_where_reports_are_as_expected():
    truth = dp.truth_chance(3, math.log(4))  # 2/3
    assert truth == pytest.approx(2 / 3)
    reports = np.repeat([0, 1, 2], [4, 1, 1])  # what six people who all answer 0 report on average
    assert dp.response_shares(reports, 3, math.log(4)) == pytest.approx([1, 0, 0])


def test_every_call_draws_anew_and_every_entry_its_own(rng):
    for mechanism in (
        lambda value: dp.laplace(value, 1, 1, rng),
        lambda value: dp.gaussian(value, 1, 1, 1e-5, rng),
        lambda value: dp.geometric(value.astype(int), 1, 0.01, rng),
    ):
        first, second = mechanism(np.zeros(2_000)), mechanism(np.zeros(2_000))
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.12 and abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.12
        assert len(np.unique(first)) > 500


def test_numbers_stay_numbers_and_shapes_stay_shapes(rng):
    assert isinstance(dp.laplace(3, 1, 1, rng), float) and isinstance(dp.gaussian(3, 1, 1, 1e-5, rng), float)
    assert isinstance(dp.geometric(3, 1, 1, rng), int) and isinstance(dp.noisy_max([1, 2], 1, 1, rng), int)
    assert isinstance(dp.exponential([1, 2], 1, 1, rng), int)
    counts = np.arange(6).reshape(2, 3)
    assert dp.laplace(counts, 1, 1, rng).shape == dp.geometric(counts, 1, 1, rng).shape == (2, 3)
    assert dp.exponential(counts, 1, 1, rng).shape == dp.noisy_max(counts, 1, 1, rng).shape == (2,)
    assert counts.tolist() == [[0, 1, 2], [3, 4, 5]]


# What floating-point noise gives away -------------------------------------------------


def fine_bits(outputs):
    """Whether an output is no multiple of 2⁻⁵³."""
    return np.ldexp(outputs, 53) % 1 != 0


def test_laplace_on_floats_tells_neighbours_apart_by_the_last_bits(rng):
    """Around 0, doubles are finer than around 1; what was added to 1 never lands on the fine ones (Mironov, 2012)."""
    with_her, without_her = (dp.laplace(np.full(N, count), 1, 1, rng) for count in (1.0, 0.0))
    assert not fine_bits(with_her).any()
    assert fine_bits(without_her).mean() > 0.2
    assert with_her.min() < -1 and (np.abs(with_her) < 0.5).mean() > 0.18  # though both reach the same range


def reachable(output, scale):
    """Whether 0 + noise can be this double, where noise is ± scale · ln(v) and v a multiple of 2⁻⁵³ up to 1."""
    near = round(math.exp(-abs(output) / scale) * 2**53)
    return any(abs(output) == -scale * math.log(v / 2**53) for v in range(max(1, near - 8), near + 9))


def test_two_neighbours_reach_different_sets_of_doubles(rng):
    from_zero, from_one = (dp.laplace(np.full(2_000, count), 1, 1 / 3, rng) for count in (0.0, 1.0))
    assert np.mean([reachable(output, 3) for output in from_zero]) > 0.99
    assert 0.3 < np.mean([reachable(output, 3) for output in from_one]) < 0.6


def test_whole_numbers_have_no_last_bits(rng):
    with_her, without_her = (dp.geometric(np.full(N, count), 1, 1, rng) for count in (1, 0))
    assert set(range(-5, 7)) <= set(with_her.tolist()) & set(without_her.tolist())


# Bounds -------------------------------------------------------------------------------


def test_clamp():
    assert dp.clamp([-5, 0.5, 99], 0, 1).tolist() == [0, 0.5, 1]


def test_clip_by_hand():
    rows = np.array([[3.0, 4], [0.3, 0.4], [0, 0], [-30, 40]])
    assert dp.clip(rows, 2.5) == pytest.approx(np.array([[1.5, 2], [0.3, 0.4], [0, 0], [-1.5, 2]]))
    assert dp.clip([3.0, 4], 1) == pytest.approx([0.6, 0.8])
    assert rows[0].tolist() == [3, 4]


def test_a_household_is_clipped_as_one():
    rows = np.array([[3.0, 0], [0, 0.1], [0, 4], [3, 0]])
    households, sums = dp.clip_households(rows, ["b", "a", "b", "c"], 1)
    assert households.tolist() == ["a", "b", "c"]
    assert sums == pytest.approx(np.array([[0, 0.1], [0.6, 0.8], [1, 0]]))


def test_one_household_never_moves_the_clipped_total_by_more_than_the_bound(rng):
    household = rng.integers(0, 40, 500)
    rows = rng.standard_cauchy((500, 6))
    total = dp.clip_households(rows, household, 2.0)[1].sum(0)
    moves = []
    for one in range(40):
        without = dp.clip_households(rows[household != one], household[household != one], 2.0)[1].sum(0)
        moves.append(np.linalg.norm(total - without))
    assert 1.99 < max(moves) < 2 + 1e-9
    rows_first = dp.clip(rows, 2.0)  # the mistake: a household of many rows moves the total by more
    assert max(np.linalg.norm(rows_first[household == one].sum(0)) for one in range(40)) > 4


def test_contributions_are_bounded(rng):
    household = np.repeat(["x", "y", "z"], [1, 6, 3])[rng.permutation(10)]
    kept = dp.bound_contributions(household, 3, rng)
    assert (np.diff(kept) > 0).all()
    assert dict(zip(*np.unique(household[kept], return_counts=True), strict=True)) == {"x": 1, "y": 3, "z": 3}
    assert dp.bound_contributions(household, 6, rng).tolist() == list(range(10))
    assert dp.bound_contributions([], 2, rng).tolist() == []


def test_which_rows_are_kept_is_chance(rng):
    household = np.repeat([7, 8], [5, 1])
    kept = np.array([dp.bound_contributions(household, 2, rng) for _ in range(4_000)])
    share = np.bincount(kept.ravel(), minlength=6) / 4_000
    assert share == pytest.approx([0.4] * 5 + [1], abs=0.05)
    pairs = {tuple(row) for row in kept[:, :2].tolist()}
    assert len(pairs) == 10


def test_histogram(rng):
    cell, household = np.array([0, 0, 2, 2, 2]), np.array([1, 2, 1, 2, 3])
    noisy = np.array([dp.histogram(cell, household, 4, 2, 1.0, rng) for _ in range(20_000)])
    upto = geometric_cdf(math.exp(-1 / 2))
    for column, count in enumerate([2, 0, 3, 0]):
        assert follows(noisy[:, column] - count, lambda z: upto(z - 1), upto)
    with pytest.raises(ValueError, match="household 1 has 2 rows, more than the stated 1: choose among them"):
        dp.histogram(cell, household, 4, 1, 1.0, rng)


def test_contributions_are_checked():
    dp.check_contributions([5, 5, 6], 2)
    with pytest.raises(ValueError, match="household 5 has 2 rows, more than the stated 1"):
        dp.check_contributions([5, 5, 6], 1)


# The ledger ---------------------------------------------------------------------------


def test_a_ledger_adds_up_and_refuses_to_overspend():
    ledger = dp.Ledger(1.0, 1e-5)
    assert ledger.spend(0.6, what="baskets") == dp.Entry("baskets", 0.6, 0.0)
    ledger.spend(0.3, 1e-6)
    assert ledger.spent == pytest.approx((0.9, 1e-6)) and ledger.left == pytest.approx((0.1, 9e-6))
    with pytest.raises(ValueError, match="visits costs epsilon 0.2, but only 0.1 of 1 is left"):
        ledger.spend(0.2, what="visits")
    with pytest.raises(ValueError, match="a release costs delta 1e-05, but only 9e-06 of 1e-05 is left"):
        ledger.spend(0.05, 1e-5)
    assert len(ledger.entries) == 2 and ledger.spent == pytest.approx((0.9, 1e-6))  # a refusal costs nothing
    ledger.spend(0.1, 9e-6)
    assert repr(ledger) == "Ledger(spent epsilon 1 of 1, delta 1e-05 of 1e-05)"
    with pytest.raises(ValueError, match="only 0 of 1 is left"):
        ledger.spend(1e-9)


def test_asking_again_costs_again():
    ledger = dp.Ledger(1)
    for _ in range(2):
        ledger.spend(0.5, what="the same question")
    with pytest.raises(ValueError, match="only 0 of 1 is left"):
        ledger.spend(0.5)


def test_ten_tenths_are_one_and_no_more():
    ledger = dp.Ledger(1)
    for _ in range(10):
        ledger.spend(0.1)
    for tiny in (1e-11, 1e-3):
        with pytest.raises(ValueError, match="left"):
            ledger.spend(tiny)
    parts = dp.Ledger(0.7)
    for _ in range(11):
        parts.spend(0.7 / 11)
    crumbs = dp.Ledger(1)
    crumbs.spend(1 - 5e-13)
    crumbs.spend(1e-12)
    with pytest.raises(ValueError, match="left"):  # rounding is forgiven once, not at each release
        crumbs.spend(1e-12)


def test_a_pure_budget_has_no_delta():
    with pytest.raises(ValueError, match="a release costs delta 1e-09, but only 0 of 0 is left"):
        dp.Ledger(1).spend(0.1, 1e-9)


def test_groups_without_a_common_household_cost_as_much_as_the_dearest():
    ledger = dp.Ledger(1, 1e-5)
    entry = ledger.spend_parallel([0.5, 0.2, 0.7], [[1, 2, 2], {3, 4}, np.array([5])], what="regions")
    assert entry == dp.Entry("regions", 0.7, 0.0)
    assert ledger.spend_parallel([(0.1, 1e-6), (0.2, 1e-7), 0.05], [[1], [2], []]).delta == 1e-6
    assert ledger.spent == pytest.approx((0.9, 1e-6))
    with pytest.raises(ValueError, match="parallel releases costs epsilon 0.2"):
        ledger.spend_parallel([0.2], [[1]])


def test_overlapping_groups_are_not_parallel():
    ledger = dp.Ledger(10)
    with pytest.raises(ValueError, match="groups are not parallel: household 2 is in 3 of them; use spend for each"):
        ledger.spend_parallel([0.1] * 3, [[1, 2], [2, 3], [2]])
    with pytest.raises(ValueError, match="household ada is in 2 of them"):
        ledger.spend_parallel([0.1] * 2, [["ada", "bo"], ["ada"]])
    large = 2**60
    ledger.spend_parallel([0.1] * 3, [[large], [large + 1], []])  # ids are compared as they are
    assert ledger.spent == (0.1, 0)


# Refusals -----------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
ROWS = [[1.0, 2.0], [3.0, 4.0]]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dp.laplace(1, 1, 0, RNG), "epsilon must be a positive finite number, got 0"),
        (lambda: dp.laplace(1, 1, -1, RNG), "epsilon must be a positive finite number, got -1"),
        (lambda: dp.laplace(1, 1, NAN, RNG), "epsilon must be a positive finite number, got nan"),
        (lambda: dp.laplace(1, 1, INF, RNG), "epsilon must be a positive finite number, got inf"),
        (lambda: dp.laplace(1, INF, 1, RNG), "sensitivity must be a positive finite number, got inf: bound what one"),
        (lambda: dp.laplace(1, NAN, 1, RNG), "sensitivity must be a positive"),
        (lambda: dp.laplace(1, 0, 1, RNG), "sensitivity must be a positive"),
        (lambda: dp.laplace([1, NAN], 1, 1, RNG), "the answer must be finite numbers, got NaN"),
        (lambda: dp.laplace(1, 1, 1, 7), "rng must be a NumPy generator, which draws new noise at each call, got 7"),
        (lambda: dp.gaussian(1, 1, 0, 1e-5, RNG), "epsilon must be"),
        (lambda: dp.gaussian(1, 1, 1, 0, RNG), "delta must lie strictly between 0 and 1, got 0"),
        (lambda: dp.gaussian(1, 1, 1, 1, RNG), "delta must lie strictly between 0 and 1, got 1"),
        (lambda: dp.gaussian(1, 1, 1, NAN, RNG), "delta must lie strictly between 0 and 1, got nan"),
        (lambda: dp.gaussian(1, INF, 1, 1e-5, RNG), "sensitivity must be"),
        (lambda: dp.gaussian(NAN, 1, 1, 1e-5, RNG), "the answer must be finite"),
        (lambda: dp.gaussian(1, 1, 1, 1e-5, None), "rng must be a NumPy generator"),
        (lambda: dp.gaussian(1, 1, 1, 1e-5, RNG, "old"), 'calibration must be "analytic" or "classic"'),
        (lambda: dp.gaussian(1, 1, 2, 1e-5, RNG, "classic"), "the classic calibration is proved for epsilon up to 1"),
        (lambda: dp.geometric(1, 1, 0, RNG), "epsilon must be"),
        (lambda: dp.geometric(1, INF, 1, RNG), "sensitivity must be"),
        (lambda: dp.geometric(1.5, 1, 1, RNG), "geometric noise is for whole numbers"),
        (lambda: dp.geometric(1, 1.5, 1, RNG), "geometric noise is for whole numbers"),
        (lambda: dp.geometric(NAN, 1, 1, RNG), "the answer must be finite"),
        (lambda: dp.geometric(1, 1, 1e-16, RNG), "epsilon is too small for whole numbers"),
        (lambda: dp.geometric(1, 1, 1, 3), "rng must be"),
        (lambda: dp.exponential([1, 2], 1, 0, RNG), "epsilon must be"),
        (lambda: dp.exponential([1, 2], INF, 1, RNG), "sensitivity must be"),
        (lambda: dp.exponential([1, NAN], 1, 1, RNG), "scores must be finite"),
        (lambda: dp.exponential([], 1, 1, RNG), "scores must hold at least one candidate"),
        (lambda: dp.exponential([1, 2], 1, 1, 7), "rng must be"),
        (lambda: dp.exponential_chances([1, 2], 1, -1), "epsilon must be"),
        (lambda: dp.noisy_max([1, 2], 1, 0, RNG), "epsilon must be"),
        (lambda: dp.noisy_max([1, 2], 0, 1, RNG), "sensitivity must be"),
        (lambda: dp.noisy_max([NAN, 2], 1, 1, RNG), "scores must be finite"),
        (lambda: dp.noisy_max(3.0, 1, 1, RNG), "scores must hold at least one"),
        (lambda: dp.noisy_max([1, 2], 1, 1, None), "rng must be"),
        (lambda: dp.truth_chance(1, 1), "choices must be a whole number of 2 or more"),
        (lambda: dp.randomised_response([0, 1], 2, 0, RNG), "epsilon must be"),
        (lambda: dp.randomised_response([0, 2], 2, 1, RNG), "answers must lie between 0 and 1, got 0 to 2"),
        (lambda: dp.randomised_response([0, NAN], 2, 1, RNG), "answers must be a list of whole numbers"),
        (lambda: dp.randomised_response([], 2, 1, RNG), "answers must be a list"),
        (lambda: dp.randomised_response([0, 1], 2, 1, 7), "rng must be"),
        (lambda: dp.response_shares([0, 3], 3, 1), "reports must lie between 0 and 2"),
        (lambda: dp.response_shares([0, 1], 3, NAN), "epsilon must be"),
        (lambda: dp.clamp([1.0], None, 5), "values need two finite bounds that do not come from the data, got None"),
        (lambda: dp.clamp([1.0], 0, INF), "values need two finite bounds"),
        (lambda: dp.clamp([1.0], 5, 0), "values need two finite bounds"),
        (lambda: dp.clamp([1.0], NAN, 0), "values need two finite bounds"),
        (lambda: dp.clamp([NAN], 0, 1), "values must be finite numbers, got NaN"),
        (lambda: dp.clip(ROWS, 0), "bound must be a positive finite number, got 0"),
        (lambda: dp.clip(ROWS, INF), "bound must be a positive finite number, got inf"),
        (lambda: dp.clip([[1, NAN]], 1), "rows must be finite numbers"),
        (lambda: dp.clip_households(ROWS, [1], 1), "each row needs a household, got 2 rows and 1 households"),
        (lambda: dp.clip_households(ROWS, [1, NAN], 1), "household must name one household for each row, and no NaN"),
        (lambda: dp.clip_households([1.0, 2.0], [1, 1], 1), "rows must be a table"),
        (lambda: dp.clip_households(ROWS, [1, 1], NAN), "bound must be"),
        (lambda: dp.clip_households([[1, NAN]], [1], 1), "rows must be finite"),
        (lambda: dp.bound_contributions([1, 2], 0, RNG), "limit must be a whole number of rows, at least 1, got 0"),
        (lambda: dp.bound_contributions([1, NAN], 1, RNG), "household must name"),
        (lambda: dp.bound_contributions([1, 2], 1, 7), "rng must be"),
        (lambda: dp.check_contributions([1, 2], 1.5), "limit must be a whole number"),
        (lambda: dp.check_contributions([1, 2], NAN), "limit must be a whole number"),
        (lambda: dp.histogram([0, 9], [1, 2], 3, 1, 1, RNG), "cell must lie between 0 and 2"),
        (lambda: dp.histogram([0, 1], [1], 3, 1, 1, RNG), "each row needs a household"),
        (lambda: dp.histogram([0, 1], [1, 2], 3, 1, 0, RNG), "epsilon must be"),
        (lambda: dp.Ledger(0), "epsilon must be"),
        (lambda: dp.Ledger(1, 1), r"delta must lie in \[0, 1\), got 1"),
        (lambda: dp.Ledger(NAN), "epsilon must be"),
        (lambda: dp.Ledger(1).spend(0), "epsilon must be a positive finite number, got 0"),
        (lambda: dp.Ledger(1).spend(-0.5), "epsilon must be a positive finite number, got -0.5"),
        (lambda: dp.Ledger(1).spend(NAN), "epsilon must be"),
        (lambda: dp.Ledger(1, 0.1).spend(0.5, -0.1), "delta must lie"),
        (lambda: dp.Ledger(1).spend(1.5), "a release costs epsilon 1.5, but only 1 of 1 is left"),
        (lambda: dp.Ledger(1).spend_parallel([], []), "each group needs a cost, got 0 groups and 0 costs"),
        (lambda: dp.Ledger(1).spend_parallel([0.1], [[1], [2]]), "each group needs a cost, got 2 groups and 1 costs"),
        (lambda: dp.Ledger(1).spend_parallel([0.1, -1], [[1], [2]]), "epsilon must be"),
        (lambda: dp.Ledger(1, 0.1).spend_parallel([0.1, (0.1, -0.1)], [[1], [2]]), "delta must lie"),
        (lambda: dp.Ledger(1).spend_parallel([0.1, 0.1], [[1], [NAN]]), "household must name"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value) and str(refusal.value)[-1] not in ".,: "
