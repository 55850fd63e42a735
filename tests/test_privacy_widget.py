"""The ε widget: what it computes, what it shows, what it refuses."""

import math

import numpy as np
import pytest

from interestkit.privacy_widget import epsilon_slider, odds, table


def test_odds_by_hand():
    assert odds(math.log(3)) == pytest.approx((3, 0.75))


def test_noise_is_scaled_by_limit_over_epsilon_and_names_are_escaped():
    text = table(["<b>tea</b>"], [100], [1.0], limit=5, epsilon=0.5)
    assert "110 (true 100)" in text and "&lt;b&gt;tea" in text


def test_two_baskets_of_a_household_are_two_steps_apart():
    text = table(["tea"], [100], [1.0], limit=5, epsilon=math.log(3))
    assert "is in become at most 3.00 to 1 (a bet is right at most 75.0% of the time)" in text
    assert "which of two baskets it has, at most 9.00 to 1" in text


def test_the_slider_redraws():
    slider, picture = epsilon_slider(["tea", "milk"], [10, 20], 2, np.random.default_rng(3)).children
    before = picture.value
    slider.value = 10.0
    assert picture.value != before and "22026.47 to 1" in picture.value


def test_counts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="counts must have shape"):
        epsilon_slider(["tea"], [1, 2], 2, np.random.default_rng(3))


def test_epsilon_is_positive():
    with pytest.raises(ValueError, match="epsilon"):
        odds(0)
