"""scoring.py: pairs counted one by one, scikit-learn on random data, and what is refused."""

import math

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss, roc_auc_score

from interestkit import metrics


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def pairs(label, score):
    """AUC by its definition: every positive against every negative."""
    won = [
        1.0 if p > n else 0.5 if p == n else 0.0
        for p, y in zip(score, label, strict=True)
        if y == 1
        for n, z in zip(score, label, strict=True)
        if z == 0
    ]
    return sum(won) / len(won)


def test_auc_by_hand():
    # positives .8 .5, negatives .5 .1: won, won, tied, won
    assert metrics.auc([1, 0, 1, 0], [0.8, 0.5, 0.5, 0.1]) == 3.5 / 4
    assert metrics.auc([True, False], [2, 1]) == 1
    assert metrics.auc([1, 0, 0], [0.3, 0.3, 0.3]) == 0.5
    assert metrics.auc([1, 0], [-np.inf, np.inf]) == 0


@pytest.mark.parametrize("levels", [1, 2, 5, 1000])
def test_auc_agrees_with_pairs_and_scikit_learn(rng, levels):
    label, score = rng.integers(0, 2, 120), rng.integers(0, levels, 120) / 7
    assert metrics.auc(label, score) == pytest.approx(pairs(label, score), abs=1e-12)
    assert metrics.auc(label, score) == pytest.approx(roc_auc_score(label, score), abs=1e-12)


def test_grouped_auc_by_hand():
    label = [1, 0, 0, 1, 1, 0, 1]
    score = [3, 1, 3, 9, 8, 2, 1]
    group = ["a", "a", "a", "b", "b", "c", "c"]  # a: (1 + 1/2) / 2; b has one class; c: 0
    groups, values, rows, positives = metrics.auc_by_group(label, score, group)
    assert groups.tolist() == ["a", "b", "c"]
    assert values == pytest.approx([0.75, np.nan, 0], nan_ok=True)
    assert (rows.tolist(), positives.tolist()) == ([3, 2, 2], [1, 2, 1])
    assert metrics.grouped_auc(label, score, group) == pytest.approx((3 * 0.75 + 2 * 0) / 5)
    assert metrics.grouped_auc(label, score, group, weight="positives") == pytest.approx(0.75 / 2)
    assert metrics.grouped_auc(label, score, group, weight="equal") == pytest.approx(0.75 / 2)
    weighted = metrics.grouped_auc([1, 1, 0, 1, 0], [2, 3, 1, 0, 1], [0, 0, 0, 1, 1], weight="positives")
    assert weighted == pytest.approx(2 / 3)


def test_grouped_auc_agrees_with_scikit_learn_group_by_group(rng):
    label, group = rng.integers(0, 2, 2000), rng.integers(0, 300, 2000) * 5 - 700
    score = rng.integers(0, 6, 2000)
    groups, values, rows, positives = metrics.auc_by_group(label, score, group)
    for name, value, count, ones in zip(groups, values, rows, positives, strict=True):
        own = group == name
        assert (count, ones) == (own.sum(), label[own].sum())
        if 0 < ones < count:
            assert value == pytest.approx(roc_auc_score(label[own], score[own]), abs=1e-12)
        else:
            assert np.isnan(value)


def test_a_model_of_base_rates_has_a_grouped_auc_of_one_half(rng):
    user = np.repeat(np.arange(200), 30)
    rate = rng.beta(0.5, 2, 200)[user]
    label = rng.random(len(user)) < rate
    assert metrics.auc(label, rate) > 0.75
    assert metrics.grouped_auc(label, rate, user) == 0.5


def test_log_loss_by_hand_and_against_scikit_learn(rng):
    assert metrics.log_loss([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2))
    assert metrics.log_loss([1, 0, 1], [0.9, 0.2, 0.5]) == pytest.approx(-math.log(0.9 * 0.8 * 0.5) / 3)
    label, probability = rng.integers(0, 2, 300), rng.random(300)
    probability[:6], label[:6] = [0, 1, 0, 1, 1e-20, 1 - 1e-17], [0, 1, 1, 0, 1, 0]
    assert metrics.log_loss(label, probability) == pytest.approx(log_loss(label, probability), rel=1e-12)


def test_calibration_by_hand():
    label, probability = [0, 1, 0, 1, 1], [0.05, 0.05, 0.2, 0.95, 1.0]
    table = metrics.calibration_table(label, probability)  # ten bins: [0, .1), [.2, .3), [.9, 1]
    assert table.predicted == pytest.approx([0.05, 0.2, 0.975])
    assert table.observed == pytest.approx([0.5, 0, 1])
    assert table.count.tolist() == [2, 1, 2]
    assert metrics.calibration_error(label, probability) == pytest.approx((2 * 0.45 + 0.2 + 2 * 0.025) / 5)


def test_bins_of_equal_count_keep_equal_predictions_together():
    probability = np.array([0.1, 0.1, 0.1, 0.2, 0.3, 0.4])
    table = metrics.calibration_table([0, 1, 0, 0, 1, 1], probability, bins=3, by="count")
    assert table.count.tolist() == [3, 1, 2]
    assert table.observed == pytest.approx([1 / 3, 0, 1])
    constant = metrics.calibration_table([0, 1, 0, 0], [0.25] * 4, bins=3, by="count")
    assert (constant.count.tolist(), constant.observed.tolist()) == ([4], [0.25])
    many = metrics.calibration_table(np.arange(1000) % 2, np.linspace(0, 1, 1000), bins=10, by="count")
    assert many.count.tolist() == [100] * 10


def test_calibration_agrees_with_scikit_learn(rng):
    probability = rng.random(5000) ** 2
    label = rng.random(5000) < probability
    table = metrics.calibration_table(label, probability, bins=15)
    observed, predicted = calibration_curve(label, probability, n_bins=15)
    assert table.observed == pytest.approx(observed) and table.predicted == pytest.approx(predicted)
    assert metrics.calibration_error(label, probability) < 0.04
    assert metrics.calibration_error(label, probability**3) > 0.1
    base = np.full(5000, label.mean())
    assert metrics.calibration_error(label, base) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: metrics.auc([1, 1], [0.2, 0.3]), "both classes, got only the label 1"),
        (lambda: metrics.auc([], []), "both classes"),
        (lambda: metrics.auc([1, 0], [0.2, np.nan]), "without NaN"),
        (lambda: metrics.auc([1, 2], [0.2, 0.3]), "0 and 1"),
        (lambda: metrics.auc([1, np.nan], [0.2, 0.3]), "0 and 1"),
        (lambda: metrics.auc([1, 0, 0], [0.2, 0.3]), "same length"),
        (lambda: metrics.auc([[1, 0]], [[0.2, 0.3]]), "list of 0 and 1"),
        (lambda: metrics.grouped_auc([1, 1, 0], [1, 2, 3], [0, 0, 1]), "there is none"),
        (lambda: metrics.grouped_auc([1, 0], [1, 2], [0, 0], weight="users"), "weight must be"),
        (lambda: metrics.grouped_auc([1, 0], [1, 2], [0]), "same length"),
        (lambda: metrics.log_loss([1, 0], [0.2, 1.2]), "between 0 and 1, got 0.2 to 1.2"),
        (lambda: metrics.log_loss([1, 0], [-0.1, 1]), "between 0 and 1"),
        (lambda: metrics.log_loss([1, 0], [np.nan, 1]), "without NaN"),
        (lambda: metrics.log_loss([], []), "at least one row"),
        (lambda: metrics.calibration_error([1, 0], [0.2, 2]), "between 0 and 1"),
        (lambda: metrics.calibration_error([1, 0], [0.2, 0.4], bins=0), "bins must be"),
        (lambda: metrics.calibration_error([1, 0], [0.2, 0.4], by="rows"), "by must be"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
