"""The test of distributions: no false alarm, power on what people get wrong, and Fisher's test as SciPy has it."""

import math

import numpy as np
import pytest
from scipy import stats

from interestkit.workbook.chance import ODD, distribution, fisher, noise_summary, smallest_p
from interestkit.workbook.compare import plain
from interestkit.workbook.exercise import all_exercises


@pytest.fixture
def rng():
    return np.random.default_rng(3)


DRAWS = {
    "a fair coin": lambda rng, n: rng.integers(2, size=n),
    "a rare event": lambda rng, n: rng.random(n) < 0.01,
    "five kinds": lambda rng, n: rng.choice(["a", "b", "c", "d", "e"], n, p=[0.6, 0.2, 0.1, 0.07, 0.03]),
    "many kinds": lambda rng, n: [f"kind {i}" for i in rng.integers(150, size=n)],
    "a normal number": lambda rng, n: rng.normal(size=n),
    "heavy tails": lambda rng, n: rng.standard_cauchy(n),
    "counts": lambda rng, n: rng.poisson(30, n),
    "zero or a number": lambda rng, n: np.where(rng.random(n) < 0.4, 0, rng.random(n)),
    "a number or a word": lambda rng, n: [x if x > -1 else "none" for x in rng.normal(size=n).tolist()],
    "pairs": lambda rng, n: [(int(i), int(j)) for i, j in rng.integers(3, size=(n, 2))],
    "one value": lambda rng, n: np.ones(n),
}


def draw(name, rng, n=120):
    values = DRAWS[name](rng, n)
    return values.tolist() if isinstance(values, np.ndarray) else values


@pytest.mark.parametrize("name", DRAWS)
def test_p_values_of_equal_distributions_are_conservative(name, rng):
    p = np.array([smallest_p(draw(name, rng), draw(name, rng)) for _ in range(300)])
    assert p.max() <= 1 and p.min() > 1e-6
    for level in (0.2, 0.05):
        # a level holds if what lies below it may come from that share: one in a million at most would not
        assert stats.binom.sf((p < level).sum() - 1, len(p), level) > 1e-6


def test_the_same_distribution_is_never_refused(rng):
    same = distribution()
    refused = 0
    for name in DRAWS:
        for _ in range(100):
            refused += same.differs(draw(name, rng, same.draws), draw(name, rng, same.draws))
    assert refused == 0


def test_the_stated_false_alarm_rate_is_below_one_in_a_million():
    """A right answer meets each input once; by Bonferroni its alarms add up to `alpha` an input."""
    assert distribution().alpha * 20 < 1e-6
    judged = [one for exercises in all_exercises().values() for one in exercises if one.draws > 1]
    assert judged
    for one in judged:
        assert one.same.alpha * len(one.inputs(0)) < 1e-6


def test_alpha_is_where_the_refusal_begins():
    first, second = [0] * 15 + [1] * 235, [0] * 62 + [1] * 188
    p = smallest_p(first, second)
    assert 1e-12 < p < 1e-3
    assert distribution(alpha=p * 1.01).differs(first, second)
    assert not distribution(alpha=p * 0.99).differs(first, second)


PAIRS = {
    "a coin of another side": (lambda rng, n: rng.random(n) < 0.5, lambda rng, n: rng.random(n) < 0.85),
    "a constant": (lambda rng, n: rng.integers(4, size=n), lambda rng, n: np.full(n, 2)),
    "a rare kind that never comes": (lambda rng, n: rng.random(n) < 0.2, lambda rng, n: np.zeros(n)),
    "four times the scale": (lambda rng, n: rng.laplace(0, 1, n), lambda rng, n: rng.laplace(0, 4, n)),
    "a shift by the deviation": (lambda rng, n: rng.normal(0, 1, n), lambda rng, n: rng.normal(1, 1, n)),
    "normal for Laplace, of another scale": (lambda rng, n: rng.laplace(0, 3, n), lambda rng, n: rng.normal(0, 1, n)),
    "one draw repeated": (lambda rng, n: rng.normal(size=n), lambda rng, n: np.full(n, rng.normal())),
    "few values for many": (lambda rng, n: rng.normal(size=n), lambda rng, n: np.sign(rng.normal(size=n))),
    "an order turned round": (lambda rng, n: [(0, 1)] * n, lambda rng, n: [(1, 0)] * n),
    "words for numbers": (lambda rng, n: rng.normal(size=n), lambda rng, n: ["none"] * n),
}


@pytest.mark.parametrize("name", PAIRS)
def test_other_distributions_are_seen(name, rng):
    same = distribution()
    for _ in range(20):
        first, second = ([*map(plain, draw(rng, same.draws))] for draw in PAIRS[name])
        assert same.differs(first, second) and same.differs(second, first)


def test_one_odd_draw_does_not_blind_the_test(rng):
    first, second = rng.normal(size=250).tolist(), rng.normal(2, 1, 250).tolist()
    for odd in (ODD, "nan", None, ("a", 1)):
        assert distribution().differs(first, [*second[:-1], odd])


def test_cuts_are_at_quantiles_and_each_costs_its_share():
    first, second = [float(i) for i in range(25)], [100.0 + i for i in range(25)]
    # 20 cuts of 50 pooled values; the nearest to the gap has 24 of the first 25 below it
    assert smallest_p(first, second) == smallest_p(second, first) == pytest.approx(20 * fisher(24, 25, 0, 25))
    # 3 kinds, 3 tables
    assert smallest_p(list("aaab"), list("cccb")) == pytest.approx(min(1, 3 * fisher(3, 4, 0, 4)))
    # 20 numbers are kinds still: 20 tables of one each
    assert smallest_p([0] * 30 + first[:20], [1] * 50) == pytest.approx(20 * fisher(1, 50, 50, 50))


def test_rounding_is_no_difference():
    first, second = [0.1 + 0.2] * 250, [0.3] * 250
    assert smallest_p(first, second) == 1
    same = distribution()
    pairs = [[same.summarise((1, value), ()) for value in sample] for sample in (first, second)]
    assert smallest_p(*pairs) == 1


def test_a_small_spread_far_from_zero_is_a_difference(rng):
    first, second = 1e9 + rng.normal(0, 0.1, 250), 1e9 + rng.normal(0.2, 0.1, 250)
    assert distribution().differs(first.tolist(), second.tolist())


def test_nothing_drawn_is_no_difference():
    assert smallest_p([], []) == 1


def test_fisher_is_scipys_test_with_the_smaller_tail_doubled(rng):
    for n, m in ((250, 250), (40, 90), (1, 7), (1000, 1000)):
        for _ in range(60):
            a, b = int(rng.integers(n + 1)), int(rng.integers(m + 1))
            table = [[a, n - a], [b, m - b]]
            tails = (stats.fisher_exact(table, side).pvalue for side in ("less", "greater"))
            assert fisher(a, n, b, m) == pytest.approx(min(1, 2 * min(tails)), rel=1e-9, abs=1e-300)


def test_fisher_of_a_small_urn_by_hand():
    # of 4 balls 2 are drawn, and both are the red ones: 1 of 6 ways
    assert fisher(2, 2, 0, 2) == pytest.approx(2 / 6)
    assert fisher(1, 2, 1, 2) == 1


# Summaries and forms -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "counted"),
    [
        (3, 3),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.array([1, 2]), (1, 2)),
        ([[1, 0.1 + 0.2], "a"], ((1, 0.3), "a")),
        (math.nan, "nan"),
        (math.inf, "inf"),
        ((math.inf, 1.0), (math.inf, 1.0)),
        ({1, 2}, frozenset({1, 2})),
        ({1: 2}, ODD),  # counts of dicts are not counted
    ],
)
def test_a_summary_is_a_number_or_can_be_counted(result, counted):
    seen = distribution().summarise(plain(result), ())
    assert seen == counted and type(seen) is type(counted)


def test_a_summary_gets_the_arguments_and_may_fail():
    same = distribution(lambda result, points, k: points[result] * k)
    assert same.summarise(1, ([10, 20], 3)) == 60
    assert same.summarise(7, ([10, 20], 3)) == ODD


def form(expected, got):
    same = distribution()
    found = {same.form(same.forms(expected), same.forms(order)) for order in (got, got[::-1])}
    kinds = {one and one.kind for one in found}
    assert len(kinds) == 1  # whichever draw comes first
    return kinds.pop()


def test_the_form_of_every_draw_counts():
    asked = [np.zeros(3), np.ones(3)]
    assert form(asked, [np.full(3, 7.0)] * 9) is None
    assert form(asked, [np.zeros(3)] * 9 + [np.zeros(2)]) == "shape"
    assert form(asked, [np.zeros(3)] * 9 + [None]) == "type"
    assert form(asked, [np.zeros(3)] * 9 + [np.array([1, np.nan, 2])]) == "finite"
    assert form([0.5, 1.5], [2.0, math.nan]) == "finite"
    assert form([("a", 1), ("b", 2)], [("c", 3), ("d",)]) == "shape"


def test_draws_may_have_any_shape_where_the_references_vary():
    assert form([np.zeros(3), np.zeros(2)], [np.zeros(5)]) is None
    assert form([np.zeros(3), np.zeros(2)], [None]) == "type"


def test_of_many_draws_one_of_each_form_is_kept():
    assert len(distribution().forms([np.zeros(3)] * 99 + [np.ones(3), np.zeros(2), None, 0.5, 1.5, math.inf])) == 5


def test_one_answer_with_much_noise_tells_its_scale_shape_and_middle(rng):
    """What `noise_summary` is for: few answers of 300 cells, and wrong noise is refused where one draw each is not."""

    def apart(noise, cells):
        wanted = [noise_summary(rng.laplace(size=cells)) for _ in range(70)]
        return smallest_p(wanted, [noise_summary(noise(cells)) for _ in range(70)])

    assert apart(lambda n: rng.laplace(0, 1.2, n), 300) < 1e-7  # size
    assert apart(lambda n: rng.normal(0, 1.2533, n), 301) < 1e-7  # the same mean size, other tails
    assert apart(lambda n: rng.exponential(1, n), 302) < 1e-7  # one side only
    assert all(apart(lambda n: rng.exponential(1, n) - rng.exponential(1, n), n) > 1e-7 for n in (300, 301, 302))


@pytest.mark.parametrize("noise", [np.r_[np.arange(1.0, 9.0), 3.0], np.r_[np.arange(1.0, 9.0), -3.0], [0.0, 0.0, 1.0]])
def test_shared_or_missing_noise_is_a_category(noise):
    assert "share" in noise_summary(np.array(noise))


def test_noise_of_another_kind_of_size_is_a_category():
    assert "added up" in noise_summary(np.array([0.1, -50.0]))
