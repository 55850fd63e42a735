"""How good are scores and probabilities? AUC, grouped AUC, log-loss and calibration.

AUC asks only for the order of the scores. Log-loss and calibration ask whether 0.2 means one in five.
Labels are 0 and 1 (or False and True). Reach these through `metrics`.
"""

from dataclasses import dataclass

import numpy as np


def auc(label, score):
    """Probability that a positive scores above a negative, a tie counting one half; O(n log n).

    Args:
        label: (n,) 0 or 1.
        score: (n,) numbers; only their order counts.

    Returns:
        a number from 0 to 1.

    Raises:
        ValueError: for one class only, other labels than 0 and 1, or NaN.

    Source:
        Hanley & McNeil, The meaning and use of the area under a ROC curve, Radiology 143 (1982).
    """
    label, score = _labels(label), _numbers("score", score)
    _same_length(label=label, score=score)
    value = _auc_of_groups(label, score, np.zeros(len(label), np.int64), 1)[0][0]
    if np.isnan(value):
        raise ValueError(f"auc needs both classes, got only the label {label[0] if len(label) else 'of no row'}")
    return float(value)


def auc_by_group(label, score, group):
    """The AUC of each group (each user) alone.

    Args:
        label, score: as in `auc`.
        group: (n,) the group of each row.

    Returns:
        groups: (g,) the different groups, in order.
        auc: (g,) their AUC, NaN where a group has one class only.
        rows: (g,) how many rows each has.
        positives: (g,) how many of them are positive.
    """
    label, score, group = _labels(label), _numbers("score", score), np.asarray(group)
    _same_length(label=label, score=score, group=group)
    groups, code = np.unique(group, return_inverse=True)
    values, rows, positives = _auc_of_groups(label, score, code, len(groups))
    return groups, values, rows, positives


def grouped_auc(label, score, group, weight="rows"):
    """Mean of the groups' AUC (GAUC), over the groups that hold both classes.

    A model that knows only how often each user clicks has an AUC far above one half, and a grouped one of
    one half: within a user, all of its scores are tied.

    Args:
        label, score, group: as in `auc_by_group`.
        weight: what a group counts by: its "rows" (impressions), its "positives" (clicks), or "equal".

    Returns:
        a number from 0 to 1.

    Raises:
        ValueError: if no group holds both classes; otherwise as `auc`.

    Source:
        Zhou et al., Deep Interest Network, KDD 2018, section 6.2 (weighted by impressions).
    """
    if weight not in ("rows", "positives", "equal"):
        raise ValueError(f'weight must be "rows", "positives" or "equal", got {weight!r}')
    _, values, rows, positives = auc_by_group(label, score, group)
    counts = ~np.isnan(values)
    if not counts.any():
        raise ValueError("grouped_auc needs a group that holds both classes, and there is none")
    weights = {"rows": rows, "positives": positives, "equal": np.ones(len(rows))}[weight]
    return float(np.average(values[counts], weights=weights[counts]))


def log_loss(label, probability):
    """Mean of -ln(probability given to what happened), in nats.

    Args:
        label: (n,) 0 or 1.
        probability: (n,) of label 1. Moved into [ε, 1 - ε] first, ε = 2.2e-16, as scikit-learn does: a sure
            and wrong prediction costs 36, not infinity.

    Returns:
        the mean; ln 2 = 0.693 for always saying one half.

    Raises:
        ValueError: for a probability outside [0, 1] or NaN, or other labels than 0 and 1, or no row.
    """
    label, probability = _labels(label), _probabilities(probability)
    _same_length(label=label, probability=probability)
    tiny = np.finfo(float).eps
    sure = np.clip(np.where(label == 1, probability, 1 - probability), tiny, 1 - tiny)
    return float(-np.log(sure).mean())


@dataclass(frozen=True, eq=False)
class CalibrationTable:
    """Predictions in bins, beside what happened; bins without a row are left out.

    Attributes:
        predicted: (b,) mean predicted probability of each bin.
        observed: (b,) share of label 1 in it.
        count: (b,) rows in it.
    """

    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray


def calibration_table(label, probability, bins=10, by="width"):
    """Group predictions into bins and compare what they promise with what happened.

    Args:
        label, probability: as in `log_loss`.
        bins: how many, at least 1.
        by: "width" cuts [0, 1] into equally wide bins, the left edge belonging to the bin; "count" puts equally
            many rows into each, in order of the prediction, equal predictions into the same bin. Where
            positives are rare, nearly all rows fall into the first bin of equal width: use "count".

    Returns:
        a `CalibrationTable`.
    """
    label, probability = _labels(label), _probabilities(probability)
    _same_length(label=label, probability=probability)
    if not isinstance(bins, (int, np.integer)) or bins < 1:
        raise ValueError(f"bins must be a whole number of at least 1, got {bins!r}")
    if by == "width":
        place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    elif by == "count":
        _, code, size = np.unique(probability, return_inverse=True, return_counts=True)
        place = ((np.cumsum(size) - size) * bins // len(probability))[code]
    else:
        raise ValueError(f'by must be "width" or "count", got {by!r}')
    count = np.bincount(place, minlength=bins)
    full = count > 0
    total = count[full]
    predicted = np.bincount(place, probability, bins)[full] / total
    return CalibrationTable(predicted, np.bincount(place, label, bins)[full] / total, total)


def calibration_error(label, probability, bins=10, by="width"):
    """Expected calibration error: mean of |observed - predicted| over bins, weighted by their rows.

    Zero says only that the bins' means fit; always predicting the base rate scores 0. It rises with the number
    of bins, so compare models at the same `bins` and `by`.

    Args:
        label, probability, bins, by: as in `calibration_table`.

    Returns:
        a number from 0 to 1.

    Source:
        Naeini, Cooper & Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.
    """
    table = calibration_table(label, probability, bins, by)
    return float(np.average(np.abs(table.observed - table.predicted), weights=table.count))


# Inside ------------------------------------------------------------------------------


def _auc_of_groups(label, score, code, groups):
    """AUC, rows and positives of each group; ties inside a group share their mean rank."""
    order = np.lexsort((score, code))
    code, score, label = code[order], score[order], label[order]
    new = np.ones(len(code), bool)
    new[1:] = (code[1:] != code[:-1]) | (score[1:] != score[:-1])
    first = np.flatnonzero(new)
    size = np.diff(np.append(first, len(code)))
    rows, positives = np.bincount(code, minlength=groups), np.bincount(code, label, groups).astype(np.int64)
    start = np.cumsum(rows) - rows
    rank = np.repeat(first + (size + 1) / 2, size) - start[code]  # within the group, from 1
    ranks = np.bincount(code, rank * label, groups)
    pairs = positives * (rows - positives)
    wins = ranks - positives * (positives + 1) / 2
    return np.where(pairs > 0, wins / np.where(pairs > 0, pairs, 1), np.nan), rows, positives


def _labels(label):
    label = np.asarray(label)
    if label.ndim != 1 or not np.isin(label, (0, 1)).all():
        raise ValueError("label must be a list of 0 and 1")
    return label.astype(np.int64)


def _numbers(name, values):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or np.isnan(values).any():
        raise ValueError(f"{name} must be a list of numbers without NaN")
    return values


def _probabilities(values):
    values = _numbers("probability", values)
    if not len(values):
        raise ValueError("probability must hold at least one row")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(f"probability must lie between 0 and 1, got {values.min():g} to {values.max():g}")
    return values


def _same_length(**arrays):
    sizes = {name: len(array) for name, array in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"all must have the same length, got {', '.join(f'{n} of {s}' for n, s in sizes.items())}")
