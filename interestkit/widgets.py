"""Widgets that a learner moves by hand: how a half-life changes what a household seems to like.

Not for a claim: a widget's output is not compared. What it shows stands in one, beside a still picture.
"""

import html

import numpy as np


def fading(weekly, half_life):
    """Weekly counts added up, each week halved once per half-life before the last one.

    Args:
        weekly: (weeks, m) counts, the oldest week first.
        half_life: in weeks, above 0; `np.inf` never forgets.

    Returns:
        (m,) array of decimal numbers.

    Raises:
        ValueError: for a half-life that is not positive.
    """
    if not half_life > 0:
        raise ValueError(f"half_life must be positive, got {half_life}")
    weekly = np.asarray(weekly)
    age = np.arange(len(weekly) - 1, -1, -1)
    return 0.5 ** (age / half_life) @ weekly


def bars(names, share, top=6):
    """The largest shares as an HTML table with bars; each row says its name and percentage in words.

    Args:
        names: (m,) names.
        share: (m,) shares from 0 to 1.
        top: how many rows.

    Returns:
        HTML, names escaped.
    """
    rows = []
    for j in np.argsort(-share, kind="stable")[:top]:
        part = f"{share[j]:.0%}"
        rows.append(
            f"<tr><td style='text-align: right'>{html.escape(str(names[j]))}</td>"
            f"<td style='width: 20em'><div style='background: #1a85ff; height: 1em; width: {part}'></div></td>"
            f"<td>{part}</td></tr>"
        )
    return f"<table aria-label='largest shares of interest'>{''.join(rows)}</table>"


def half_life_slider(weekly, names, week=None, top=6):
    """Two sliders, for the half-life and for the week in which we ask, over bars of what then looks largest.

    Args:
        weekly: (weeks, m) counts of one household, the oldest week first.
        names: (m,) names of the columns.
        week: the week to begin with, counted from 1; the last by default.
        top: how many bars.

    Returns:
        an `ipywidgets.VBox`; its last child holds the bars.

    Raises:
        ValueError: if names and counts do not fit, or the week is not one of theirs.
    """
    import ipywidgets as w

    weekly = np.asarray(weekly)
    if weekly.ndim != 2 or weekly.shape[1] != len(names):
        raise ValueError(f"weekly must have shape (weeks, {len(names)}), got {weekly.shape}")
    week = len(weekly) if week is None else week
    if not 1 <= week <= len(weekly):
        raise ValueError(f"week must lie between 1 and {len(weekly)}, got {week}")
    choices = [("1", 1), ("2", 2), ("4", 4), ("8", 8), ("13", 13), ("26", 26), ("never forgets", np.inf)]
    wide = {"description_width": "11em"}
    layout = w.Layout(width="32em")
    half_life = w.SelectionSlider(options=choices, value=4, description="half-life in weeks", style=wide, layout=layout)
    asked = w.IntSlider(week, 1, len(weekly), description="asked after week", style=wide, layout=layout)
    picture = w.HTML()

    def draw(_=None):
        interest = fading(weekly[: asked.value], half_life.value)
        total = interest.sum()
        picture.value = bars(names, interest / total, top) if total else "No purchase so far."

    for slider in (half_life, asked):
        slider.observe(draw, names="value")
    draw()
    return w.VBox([half_life, asked, picture])
