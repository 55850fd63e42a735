"""DP-SGD with the household as unit: what one household can move, the noise, the normaliser, and refusals."""

import math

import numpy as np
import pytest

from interestkit.accounting import dpsgd_epsilon
from interestkit.exercises import private_learning as kit
from interestkit.private_learning import (
    Households,
    clipped_sum,
    household_sums,
    plain_step,
    private_step,
    sample,
    train,
)  # fmt: skip


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return Households.of(rng.normal(size=(60, 3)), rng.integers(0, 2, 60), rng.integers(0, 20, 60))


def test_sums_are_those_of_a_plain_loop():
    rng = np.random.default_rng(2)
    X, y, household = rng.normal(size=(9, 2)), rng.integers(0, 2, 9), np.array([5, 1, 5, 7, 1, 1, 7, 9, 5])
    data, weights = Households.of(X, y, household), np.array([0.3, -1.0])
    error = 1 / (1 + np.exp(-X @ weights)) - y
    loop = [sum(error[i] * X[i] for i in range(9) if household[i] == name) for name in (1, 5, 7, 9)]
    np.testing.assert_allclose(household_sums(weights, data.X, data.y, data.begin), loop)
    chosen = np.array([1, 3])
    np.testing.assert_allclose(household_sums(weights, *data.some(chosen)), np.array(loop)[chosen])


def test_a_household_moves_a_step_by_at_most_its_bound(data):
    X, y, begin = np.vstack([data.X, np.full((500, 3), 1e6)]), np.append(data.y, np.zeros(500)), data.begin
    more = Households(X, y, np.append(begin, len(X)))
    weights = np.array([0.1, 0.2, 0.3])
    totals = [clipped_sum(household_sums(weights, d.X, d.y, d.begin), 0.5) for d in (data, more)]
    assert np.linalg.norm(totals[1] - totals[0]) <= 0.5 + 1e-12


def test_the_step_that_is_written_in_the_lesson_is_the_kits(data):
    household = np.repeat(np.arange(len(data)), np.diff(data.begin))
    rows = (1 / (1 + np.exp(-data.X @ [0.1, 0.2, 0.3])) - data.y)[:, None] * data.X
    ours = clipped_sum(household_sums(np.array([0.1, 0.2, 0.3]), data.X, data.y, data.begin), 0.5) / 7
    lesson = kit.step(rows, household, 0.5, 1e-12, 7, np.random.default_rng(0))
    np.testing.assert_allclose(lesson, ours, atol=1e-11)


def test_noise_has_its_size_and_the_normaliser_is_the_stated_one(data):
    moves = np.array([
        private_step(np.zeros(3), data, 1.0, 0.5, 4.0, 1.0, 10, np.random.default_rng(i)) for i in range(4000)
    ])  # fmt: skip
    quiet = private_step(np.zeros(3), data, 1.0, 0.5, 0.0, 1.0, 10, np.random.default_rng(0))
    np.testing.assert_allclose(quiet * 10, -clipped_sum(household_sums(np.zeros(3), data.X, data.y, data.begin), 0.5))
    np.testing.assert_allclose(moves.std(0), 4.0 * 0.5 / 10, rtol=0.07)
    np.testing.assert_allclose(moves.mean(0), quiet, atol=6 * 0.2 / 4000**0.5)


def test_an_empty_sample_still_gets_its_noise(data):
    step = private_step(np.zeros(3), data, 1e-12, 1.0, 1.0, 1.0, 1.0, np.random.default_rng(0))
    assert (step != 0).all()
    assert len(sample(20, 1.0, np.random.default_rng(0))) == 20


def test_households_are_sampled_independently_of_each_other():
    """The accountant assumes a Poisson sample: its size varies as a binomial does, and pairs meet by chance alone."""
    rng = np.random.default_rng(3)
    taken = np.zeros((6_000, 30), dtype=bool)
    for row in taken:
        row[sample(30, 0.3, rng)] = True
    np.testing.assert_allclose(taken.mean(0), 0.3, atol=6 * (0.21 / 6_000) ** 0.5)
    np.testing.assert_allclose(taken.sum(1).var(), 30 * 0.21, rtol=0.12)
    assert abs((taken[:, 0] & taken[:, 1]).mean() - 0.09) < 6 * (0.09 * 0.91 / 6_000) ** 0.5


def test_a_plain_step_is_the_mean_over_households(data):
    sums = household_sums(np.zeros(3), data.X, data.y, data.begin)
    step = plain_step(np.zeros(3), data, 1.0, 0.5, np.random.default_rng(0))
    np.testing.assert_allclose(step, -0.5 * sums.mean(0))


def test_a_run_divides_by_the_expected_sample_unless_another_number_is_stated(data):
    settings = {"steps": 3, "rate": 0.5, "bound": 1.0, "noise": 2.0, "pace": 1.0}
    runs = [train(data, rng=np.random.default_rng(0), expected=e, **settings) for e in (None, len(data) / 2, len(data))]
    np.testing.assert_array_equal(runs[0].weights, runs[1].weights)
    assert not np.allclose(runs[0].weights, runs[2].weights)


def test_epsilon_is_the_accountants(data):
    run = train(data, steps=5, rate=0.5, bound=1.0, noise=2.0, pace=1.0, rng=np.random.default_rng(0))
    assert run.epsilon(1e-5) == dpsgd_epsilon(0.5, 2.0, 5, 1e-5)
    quiet = train(data, steps=5, rate=0.5, bound=1.0, noise=0.0, pace=1.0, rng=np.random.default_rng(0))
    assert quiet.epsilon(1e-5) == math.inf


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0}, {"rate": 1.1}, {"steps": 0}, {"steps": 1.5}, {"bound": 0}, {"noise": -1}, {"pace": 0},
     {"noise": math.nan}, {"bound": math.inf}, {"expected": 0}],
)  # fmt: skip
def test_what_cannot_be_private_is_refused(data, wrong):
    settings = {"steps": 5, "rate": 0.5, "bound": 1.0, "noise": 2.0, "pace": 1.0, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match="must"):
        train(data, **(settings | wrong))


@pytest.mark.parametrize(
    "rows", [([[math.nan]], [1], [0]), ([[1.0]], [2], [0]), ([[1.0]], [1, 0], [0]), (np.empty((0, 1)), [], [])]
)
def test_rows_that_cannot_be_learnt_from_are_refused(rows):
    with pytest.raises(ValueError, match=r"must|need"):
        Households.of(*rows)
