"""The half-life widget: what it computes, what it shows, what it refuses."""

import numpy as np
import pytest

from interestkit.exercises.traces_to_interest import fade
from interestkit.widgets import bars, fading, half_life_slider

WEEKLY = np.array([[4, 0, 0], [0, 2, 0], [0, 2, 0]])
NAMES = ["milk", "<b>tea</b>", "wine"]


def test_fading_by_hand():
    assert fading(WEEKLY, 1).tolist() == [1.0, 3.0, 0.0]
    assert fading(WEEKLY, np.inf).tolist() == [4.0, 4.0, 0.0]


@pytest.mark.parametrize("half_life", [0.5, 3, 26, np.inf])
def test_fading_agrees_with_the_exercise(half_life):
    weekly = np.random.default_rng(5).poisson(1, (9, 4))
    week, kind = np.nonzero(weekly)
    times = weekly[week, kind]
    expected = fade(np.repeat(week, times), np.repeat(kind, times), 8, half_life, 4)
    assert np.allclose(fading(weekly, half_life), expected)


@pytest.mark.parametrize("half_life", [0, -1, np.nan])
def test_a_half_life_is_positive(half_life):
    with pytest.raises(ValueError, match="half_life must be positive"):
        fading(WEEKLY, half_life)


def test_bars_are_sorted_escaped_and_say_their_share():
    text = bars(NAMES, np.array([0.25, 0.75, 0.0]), top=2)
    assert text.index("&lt;b&gt;tea") < text.index("milk")
    assert "75%" in text and "25%" in text
    assert "wine" not in text


def test_the_sliders_redraw_the_bars():
    half_life, asked, picture = half_life_slider(WEEKLY, NAMES).children
    half_life.value = 1
    assert picture.value == bars(NAMES, np.array([0.25, 0.75, 0.0]))
    asked.value = 1
    assert picture.value == bars(NAMES, np.array([1.0, 0.0, 0.0]))


def test_a_household_that_has_not_come_yet():
    *_, picture = half_life_slider(np.zeros((2, 3)), NAMES, week=1).children
    assert picture.value == "No purchase so far."


@pytest.mark.parametrize(("names", "week", "says"), [(["milk"], 1, "weekly must have"), (NAMES, 4, "week must lie")])
def test_what_does_not_fit_is_refused(names, week, says):
    with pytest.raises(ValueError, match=says):
        half_life_slider(WEEKLY, names, week=week)
