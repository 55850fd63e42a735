"""How good are lists? Precision, recall, hit rate, reciprocal rank, average precision and nDCG, a value per user.

The same list scores an nDCG@10 of 1.0 or 0.359, and an average precision of 0.5 or 1.0, depending on the
library. So each function states its convention, and where two are in use, an argument chooses. In all of them:

* `ranked` is an (n, r) array of item ids, the best first; -1 is an empty place, which counts as a miss.
  An id twice in one list is refused.
* `truth` is a sparse (n, m) matrix of gains (nothing stored, or 0: not relevant), or a sequence with, for each
  user, the relevant ids, or a dict from id to gain.
* `k` may be more than the length of the lists: the missing places are misses.
* A user without a relevant item has no value: NaN, not 0. `mean` and `interval` leave such users out.

What judges probabilities instead of lists is in `scoring`, and can be called from here.
"""

from statistics import NormalDist

import numpy as np

from interestkit.ranking import length
from interestkit.scoring import (  # noqa: F401 (one place to look for all of evaluation)
    auc,
    auc_by_group,
    calibration_error,
    calibration_table,
    grouped_auc,
    log_loss,
)


def precision(ranked, truth, k):
    """Share of the k places that hold a relevant item: hits / k, also where fewer than k items are relevant.

    Args:
        ranked, truth, k: see the module.

    Returns:
        (n,) array; NaN for users without a relevant item.
    """
    return _precision(_Judged(ranked, truth, k))


def recall(ranked, truth, k, capped=False):
    """Share of the relevant items that the first k places hold: hits / relevant.

    Args:
        ranked, truth, k: see the module.
        capped: divide by min(k, relevant) instead, so that a list of k hits scores 1.

    Returns:
        (n,) array; NaN for users without a relevant item.
    """
    return _recall(_Judged(ranked, truth, k), capped)


def hit_rate(ranked, truth, k):
    """1 where the first k places hold a relevant item, otherwise 0.

    Args:
        ranked, truth, k: see the module.

    Returns:
        (n,) array; NaN for users without a relevant item. Its mean is HR@k.
    """
    return _hit_rate(_Judged(ranked, truth, k))


def reciprocal_rank(ranked, truth, k):
    """1 / rank of the first relevant item among the first k places, 0 where there is none.

    Args:
        ranked, truth, k: see the module.

    Returns:
        (n,) array; NaN for users without a relevant item. Its mean is MRR@k.
    """
    return _reciprocal_rank(_Judged(ranked, truth, k))


def average_precision(ranked, truth, k, by="relevant"):
    """Sum of precision@rank over the ranks of the hits, divided by what `by` says. Its mean is MAP@k.

    Args:
        ranked, truth, k: see the module.
        by: "relevant" divides by the number of relevant items, as trec_eval does: with 20 relevant items, ten
            hits in ten places score 0.5. "achievable" divides by min(k, relevant): they score 1.

    Returns:
        (n,) array; NaN for users without a relevant item.
    """
    return _average_precision(_Judged(ranked, truth, k), by)


def ndcg(ranked, truth, k, gain="linear", ideal="achievable"):
    """Discounted cumulative gain / that of an ideal list; rank r is worth 1 / log2(r + 1).

    Args:
        ranked, truth, k: see the module.
        gain: "linear" counts a gain as it is (trec_eval, scikit-learn); "exponential" counts 2**gain - 1
            (Burges et al. 2005). The same for gains of 0 and 1.
        ideal: "achievable" is the best list that the user's relevant items allow, all of them, cut at k.
            "k" divides as if k items of the user's highest gain existed: a user with two relevant items then
            cannot reach 1, however good the list.

    Returns:
        (n,) array; NaN for users without a relevant item.

    Source:
        Järvelin & Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20 (2002), with the
        discount log2(rank + 1) of later practice.
    """
    return _ndcg(_Judged(ranked, truth, k), gain, ideal)


def evaluate(ranked, truth, k):
    """All of these metrics by their default conventions, with one look at the lists.

    Args:
        ranked, truth, k: see the module.

    Returns:
        dict from the function's name to its (n,) array.
    """
    judged = _Judged(ranked, truth, k)
    return {
        "precision": _precision(judged),
        "recall": _recall(judged),
        "hit_rate": _hit_rate(judged),
        "reciprocal_rank": _reciprocal_rank(judged),
        "average_precision": _average_precision(judged),
        "ndcg": _ndcg(judged),
    }


def mean(values):
    """Mean over the users that have a value.

    Args:
        values: (n,) array, one value per user; NaN is left out.

    Returns:
        the mean.

    Raises:
        ValueError: if no user has one.
    """
    return interval(values)[0]


def interval(values, confidence=0.95):
    """Mean over the users that have a value, with the normal interval for it.

    Right for some hundred users or more, who count as independent of each other. For two models on the same
    users, take the interval of their differences: `interval(a - b)`.

    Args:
        values: (n,) array, one value per user; NaN is left out.
        confidence: how often such intervals should hold the true mean.

    Returns:
        mean, low, high; low and high are NaN for a single user.

    Raises:
        ValueError: if no user has a value, or the confidence is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    values = np.asarray(values, dtype=float).ravel()
    values = values[~np.isnan(values)]
    if not len(values):
        raise ValueError("no user has a value: nobody has a relevant item (is the test period empty?)")
    center = float(values.mean())
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(values.std(ddof=1) if len(values) > 1 else np.nan)
    half /= len(values) ** 0.5
    return center, center - half, center + half


# From lists to gains -----------------------------------------------------------------


class _Judged:
    """Lists after one look at the truth.

    Attributes:
        k: length at which the lists are cut.
        gains: (n, min(k, r)) gain of each item shown, 0 for a miss.
        hits: the same as True and False.
        relevant: (n,) how many items are relevant; NaN where none is, so that dividing by it gives NaN.
    """

    def __init__(self, ranked, truth, k):
        self.k = length(k)
        ranked = np.asarray(ranked)
        if ranked.ndim != 2 or ranked.dtype.kind not in "iu":
            raise ValueError(f"ranked must be an (n, r) array of item ids, got shape {ranked.shape} of {ranked.dtype}")
        self._truth = _matrix(truth, len(ranked), int(ranked.max(initial=-1)) + 1)
        ranked = ranked[:, : self.k]
        if ranked.size and (ranked.min() < -1 or ranked.max() >= self._truth.shape[1]):
            raise ValueError(
                f"item ids must lie between 0 and {self._truth.shape[1] - 1}, or be -1 for an empty place, "
                f"got {ranked.min()} to {ranked.max()}"
            )
        in_order = np.sort(ranked, axis=1)
        twice = (in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)
        if twice.any():
            user = twice.any(1).argmax()
            raise ValueError(f"the list of user {user} holds item {in_order[user, 1:][twice[user]][0]} twice")
        rows = np.repeat(np.arange(len(ranked)), ranked.shape[1])
        found = self._truth[rows, np.maximum(ranked, 0).ravel()] if ranked.size else np.zeros(0)
        self.gains = np.where(ranked >= 0, np.asarray(found, dtype=float).reshape(ranked.shape), 0.0)
        self.hits = self.gains > 0
        stored = np.diff(self._truth.indptr)
        self.relevant = np.where(stored > 0, stored, np.nan)

    def best(self, change):
        """(n, k) the gains of each user's relevant items after `change`, the highest first, 0 beyond them."""
        data, start = change(self._truth.data), self._truth.indptr
        count, best = np.diff(start), np.zeros((len(start) - 1, self.k))
        in_order = np.argsort(count, kind="stable")  # users with as many relevant items are sorted together
        for users in np.array_split(in_order, 1 + len(in_order) // 1_024):
            place = np.arange(count[users].max(initial=0))
            inside = place < count[users][:, None]
            gains = np.zeros(inside.shape)
            gains[inside] = data[(start[users][:, None] + place)[inside]]
            gains.sort(axis=1)
            best[users, : len(place)] = gains[:, ::-1][:, : self.k]
        return best


def _matrix(truth, users, items):
    """`truth` as a CSR matrix of positive gains, with at least so many columns."""
    from scipy.sparse import csr_array, issparse

    if not issparse(truth):
        truth = _listed(truth, items)
    elif (truth.data < 0).any() or np.isnan(truth.data).any():
        raise ValueError("gains must be positive numbers or 0, got a negative one or NaN")
    if truth.shape[0] != users:
        raise ValueError(f"truth must have a row for each of the {users} lists, got {truth.shape[0]}")
    if truth.format != "csr" or not truth.has_canonical_format or (truth.data == 0).any():
        truth = csr_array(truth, copy=True)
        truth.sum_duplicates()
        truth.eliminate_zeros()
    return truth


def _listed(truth, items):
    """A CSR matrix of what was given as ids, or dicts from id to gain, for each user."""
    from scipy.sparse import csr_array

    rows = [dict(row) if isinstance(row, dict) else dict.fromkeys(row, 1.0) for row in truth]
    ids = np.array([item for row in rows for item in row], dtype=np.int64)
    gains = np.array([gain for row in rows for gain in row.values()], dtype=float)
    if (ids < 0).any() or (gains < 0).any() or np.isnan(gains).any():
        raise ValueError("truth must hold ids of at least 0 and gains that are positive numbers or 0")
    starts = np.cumsum([0, *map(len, rows)])
    matrix = csr_array((gains, ids, starts), shape=(len(rows), max(items, ids.max(initial=-1) + 1)))
    matrix.sort_indices()
    matrix.eliminate_zeros()
    return matrix


# The metrics of judged lists ----------------------------------------------------------


def _precision(judged):
    return judged.hits.sum(1) / judged.k + 0 * judged.relevant


def _recall(judged, capped=False):
    return judged.hits.sum(1) / (np.minimum(judged.k, judged.relevant) if capped else judged.relevant)


def _hit_rate(judged):
    return judged.hits.any(1) + 0 * judged.relevant


def _reciprocal_rank(judged):
    first = judged.hits.argmax(1) if judged.hits.size else np.zeros(len(judged.hits), int)
    return np.where(judged.hits.any(1), 1 / (first + 1), 0.0) + 0 * judged.relevant


def _average_precision(judged, by="relevant"):
    if by not in ("relevant", "achievable"):
        raise ValueError(f'by must be "relevant" or "achievable", got {by!r}')
    ranks = np.arange(1, judged.hits.shape[1] + 1)
    total = (judged.hits.cumsum(1) / ranks * judged.hits).sum(1)
    return total / (judged.relevant if by == "relevant" else np.minimum(judged.k, judged.relevant))


def _ndcg(judged, gain="linear", ideal="achievable"):
    if gain not in ("linear", "exponential") or ideal not in ("achievable", "k"):
        raise ValueError(
            f'gain must be "linear" or "exponential" and ideal "achievable" or "k", got {gain!r} and {ideal!r}'
        )
    change = (lambda gains: gains) if gain == "linear" else (lambda gains: 2.0**gains - 1)
    discount = 1 / np.log2(np.arange(2, judged.k + 2))
    best = judged.best(change)
    most = best @ discount if ideal == "achievable" else best[:, 0] * discount.sum()
    gained = change(judged.gains) @ discount[: judged.gains.shape[1]]
    return gained / np.where(most > 0, most, np.nan)
