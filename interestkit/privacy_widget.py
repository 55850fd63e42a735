"""A widget: what ε does to a histogram of interests, and to the odds of somebody who bets on one household.

Not for a claim: a widget's output is not compared. What it shows stands in one, in the cell that follows it.
"""

import html
import math

import numpy as np

from interestkit.accounting import check_epsilon, check_sensitivity


def odds(epsilon):
    """What the attacker can make of even odds on whether a household is in, and how often the better guess is right.

    Args:
        epsilon: positive.

    Returns:
        largest odds e^ε, and the chance e^ε / (1 + e^ε).
    """
    check_epsilon(epsilon)
    return math.exp(epsilon), 1 / (1 + math.exp(-epsilon))


def table(names, counts, noise, limit, epsilon):
    """True and noisy counts as an HTML table, with the attacker's odds in words.

    Args:
        names: (m,) names of the interests.
        counts: (m,) counts.
        noise: (m,) draws of Laplace noise of scale 1.
        limit: rows that a household may have.
        epsilon: positive.

    Returns:
        HTML, names escaped.
    """
    times, right = odds(epsilon)
    check_sensitivity(limit)
    noisy = np.asarray(counts) + np.asarray(noise) * limit / epsilon
    top = max(1.0, float(np.max(counts)))
    rows = []
    for name, count, shown in zip(names, counts, noisy, strict=True):
        width = min(100.0, max(0.0, 100 * shown / top))
        rows.append(
            f"<tr><td style='text-align: right'>{html.escape(str(name))}</td>"
            f"<td style='width: 20em'><div style='background: #1a85ff; height: 1em; width: {width:.0f}%'></div></td>"
            f"<td>{shown:.0f} (true {count})</td></tr>"
        )
    return (
        f"<p>Even odds on whether a household is in become at most {times:.2f} to 1 (a bet is right at most "
        f"{right:.1%} of the time); on which of two baskets it has, at most {times**2:.2f} to 1.</p>"
        f"<table aria-label='counts with noise'>{''.join(rows)}</table>"
    )


def epsilon_slider(names, counts, limit, rng):
    """A slider for ε over a noisy histogram. The draws stay the same while it moves: to be looked at, not released.

    Args:
        names: (m,) names of the interests.
        counts: (m,) counts of rows, of households with at most `limit` rows.
        limit: rows that a household may have.
        rng: a NumPy generator.

    Returns:
        an `ipywidgets.VBox`; its last child holds the table.

    Raises:
        ValueError: if names and counts do not fit.
    """
    import ipywidgets as w

    counts = np.asarray(counts)
    if counts.shape != (len(names),):
        raise ValueError(f"counts must have shape ({len(names)},), got {counts.shape}")
    noise = rng.laplace(size=len(names))
    slider = w.SelectionSlider(
        options=[0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0], value=1.0, description="epsilon", layout=w.Layout(width="32em")
    )
    picture = w.HTML()

    def draw(_=None):
        picture.value = table(names, counts, noise, limit, slider.value)

    slider.observe(draw, names="value")
    draw()
    return w.VBox([slider, picture])
