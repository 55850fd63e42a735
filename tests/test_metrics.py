"""metrics.py: hand-worked tables, a written-out loop, and pytrec_eval and scikit-learn on random data."""

import math

import numpy as np
import pytest
import pytrec_eval
from scipy.sparse import csr_array
from sklearn.metrics import ndcg_score

from interestkit import metrics
from interestkit.ranking import top_k

NAMES = ("precision", "recall", "hit_rate", "reciprocal_rank", "average_precision", "ndcg")


@pytest.fixture
def rng():
    return np.random.default_rng(11)


# Hand-worked: five users, lists of four, k = 3. User 0 hits ranks 1 and 3 of two relevant; user 1 hits rank 2
# of four relevant; user 2 hits rank 4, beyond k; user 3 has nothing relevant; user 4 has an empty place.
RANKED = np.array([[5, 1, 7, 2], [0, 3, 9, 8], [4, 6, 8, 2], [1, 2, 3, 4], [6, -1, 0, 5]])
TRUTH = [[5, 7], [3, 10, 11, 12], [2], [], [0]]
BY_HAND = {
    "precision": [2 / 3, 1 / 3, 0, np.nan, 1 / 3],
    "recall": [1, 1 / 4, 0, np.nan, 1],
    "hit_rate": [1, 1, 0, np.nan, 1],
    "reciprocal_rank": [1, 1 / 2, 0, np.nan, 1 / 3],
    "average_precision": [(1 + 2 / 3) / 2, (1 / 2) / 4, 0, np.nan, 1 / 3],
    "ndcg": [
        (1 + 1 / 2) / (1 + 1 / math.log2(3)),
        (1 / math.log2(3)) / (1 + 1 / math.log2(3) + 1 / 2),
        0,
        np.nan,
        1 / 2,
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_by_hand(name):
    assert getattr(metrics, name)(RANKED, TRUTH, 3) == pytest.approx(BY_HAND[name], nan_ok=True)


def test_evaluate_gives_all_by_one_look():
    found = metrics.evaluate(RANKED, TRUTH, 3)
    assert tuple(found) == NAMES
    for name in NAMES:
        assert found[name] == pytest.approx(BY_HAND[name], nan_ok=True)


def test_conventions_by_hand():
    ten = np.arange(10)[None]
    assert metrics.ndcg(ten, [[0, 1]], 10) == pytest.approx([1.0])
    assert metrics.ndcg(ten, [[0, 1]], 10, ideal="k").round(4) == pytest.approx([0.3590])
    assert metrics.average_precision(ten, [range(20)], 10) == pytest.approx([0.5])
    assert metrics.average_precision(ten, [range(20)], 10, by="achievable") == pytest.approx([1.0])
    assert metrics.recall(ten, [range(20)], 10) == pytest.approx([0.5])
    assert metrics.recall(ten, [range(20)], 10, capped=True) == pytest.approx([1.0])
    graded = [{0: 2, 1: 3, 2: 0}]  # shown in the order 2, 3, 0
    assert metrics.ndcg(np.array([[0, 1, 2]]), graded, 10).round(4) == pytest.approx([0.9134])
    assert metrics.ndcg(np.array([[0, 1, 2]]), graded, 10, gain="exponential").round(4) == pytest.approx([0.8340])
    assert metrics.ndcg(np.array([[2, 9]]), [{2: 1, 5: 3, 6: 2, 7: 2}], 2, ideal="k") == pytest.approx(
        [1 / (3 * (1 + 1 / math.log2(3)))]
    )


def test_the_ideal_list_is_of_all_relevant_items_and_not_of_those_shown():
    shown_last = metrics.ndcg(np.array([[3, 4, 0]]), [{0: 1, 1: 3}], 3)
    assert shown_last == pytest.approx([0.5 / (3 + 1 / math.log2(3))])


def plain(ranked, gains, k):
    """One user's metrics in plain loops; `gains` is a dict without zeros."""
    shown = [gains.get(item, 0) if item >= 0 else 0 for item in list(ranked)[:k]]
    hits, first, precisions, gained = 0, None, 0.0, 0.0
    for place, gain in enumerate(shown, start=1):
        if gain > 0:
            hits += 1
            first = first or place
            precisions += hits / place
            gained += gain / math.log2(place + 1)
    if not gains:
        return [math.nan] * 6
    ideal = sum(g / math.log2(p + 1) for p, g in enumerate(sorted(gains.values(), reverse=True)[:k], start=1))
    reciprocal = 1 / first if first else 0
    return [hits / k, hits / len(gains), float(hits > 0), reciprocal, precisions / len(gains), gained / ideal]


def random_case(rng, users=200, items=40, length=25):
    """Lists with empty places at the end, and graded truth that is empty for some users."""
    ranked = np.argsort(rng.random((users, items)), axis=1)[:, :length]
    ranked[rng.random(users) < 0.2, 15:] = -1
    count = rng.integers(0, 12, users)
    truth = [{int(i): int(rng.integers(1, 4)) for i in rng.choice(items, c, replace=False)} if c else {} for c in count]
    return ranked, truth


@pytest.mark.parametrize("k", [1, 3, 10, 25, 100])
def test_agrees_with_plain_loops(rng, k):
    ranked, truth = random_case(rng)
    expected = np.array([plain(row, gains, k) for row, gains in zip(ranked, truth, strict=True)])
    found = metrics.evaluate(ranked, truth, k)
    assert np.isnan(expected).any() and (expected == 0).any()
    for column, name in enumerate(NAMES):
        np.testing.assert_allclose(found[name], expected[:, column], atol=1e-12)


@pytest.mark.parametrize("k", [1, 5, 10, 25])
def test_agrees_with_pytrec_eval(rng, k):
    ranked, truth = random_case(rng)
    judged = {str(u): {str(i): g for i, g in gains.items()} for u, gains in enumerate(truth) if gains}
    run = {str(u): {str(i): float(-p) for p, i in enumerate(row) if i >= 0} for u, row in enumerate(ranked)}
    theirs = {
        "precision": f"P.{k}",
        "recall": f"recall.{k}",
        "hit_rate": f"success.{k}",
        "average_precision": f"map_cut.{k}",
        "ndcg": f"ndcg_cut.{k}",
    }
    answers = pytrec_eval.RelevanceEvaluator(judged, set(theirs.values())).evaluate(run)
    ours = metrics.evaluate(ranked, truth, k)
    some = [u for u, gains in enumerate(truth) if gains]
    assert set(answers) == set(map(str, some))  # it drops users without relevant items; ours are NaN
    for name, measure in theirs.items():
        expected = [answers[str(u)][measure.replace(".", "_")] for u in some]
        np.testing.assert_allclose(ours[name][some], expected, atol=1e-12)


def test_reciprocal_rank_agrees_with_pytrec_eval_on_the_whole_list(rng):
    ranked, truth = random_case(rng)
    judged = {str(u): {str(i): g for i, g in gains.items()} for u, gains in enumerate(truth) if gains}
    run = {str(u): {str(i): float(-p) for p, i in enumerate(row) if i >= 0} for u, row in enumerate(ranked)}
    answers = pytrec_eval.RelevanceEvaluator(judged, {"recip_rank"}).evaluate(run)
    ours = metrics.reciprocal_rank(ranked, truth, ranked.shape[1])
    for user, found in answers.items():
        assert ours[int(user)] == pytest.approx(found["recip_rank"])


@pytest.mark.parametrize("k", [2, 10, 30, 50])
def test_ndcg_agrees_with_scikit_learn(rng, k):
    scores = rng.permuted(np.tile(np.arange(30.0), (60, 1)), axis=1)  # no ties: scikit-learn averages over them
    gains = rng.integers(0, 4, (60, 30)) * (rng.random((60, 30)) < 0.3)
    gains[gains.sum(1) == 0, 0] = 1
    expected = [ndcg_score(gains[u, None], scores[u, None], k=min(k, 30)) for u in range(60)]
    np.testing.assert_allclose(metrics.ndcg(top_k(scores, k), csr_array(gains), k), expected, atol=1e-12)


def test_truth_may_be_a_matrix_ids_or_gains(rng):
    ranked, truth = random_case(rng, users=30)
    table = np.zeros((30, 45))
    for user, gains in enumerate(truth):
        table[user, list(gains)] = list(gains.values())
    once = csr_array(table)
    doubled = csr_array((np.repeat(once.data / 2, 2), np.repeat(once.indices, 2), once.indptr * 2), shape=once.shape)
    explicit = csr_array(np.ones_like(table))
    explicit.data[:] = table.ravel()  # zeros that are stored
    expected = metrics.evaluate(ranked, truth, 7)
    for form in (csr_array(table), csr_array(table).tocsc(), doubled, explicit):
        for name, values in metrics.evaluate(ranked, form, 7).items():
            np.testing.assert_allclose(values, expected[name], atol=1e-12)
    flat = [list(gains) for gains in truth]
    np.testing.assert_allclose(metrics.recall(ranked, flat, 7), expected["recall"])
    assert (doubled.nnz, explicit.nnz) == (2 * np.count_nonzero(table), 30 * 45)  # nothing of the caller's changed


def test_a_list_may_be_shorter_than_k():
    assert metrics.precision(np.array([[1, 2]]), [[1, 2]], 10) == pytest.approx([0.2])
    assert metrics.ndcg(np.array([[1]]), [[1, 2]], 10) == pytest.approx([1 / (1 + 1 / math.log2(3))])
    assert metrics.recall(np.empty((2, 0), int), [[1], []], 3) == pytest.approx([0, np.nan], nan_ok=True)
    assert metrics.evaluate(np.empty((0, 4), int), [], 3)["ndcg"].shape == (0,)


@pytest.mark.parametrize(
    ("ranked", "truth", "k", "word"),
    [
        ([[1, 2]], [[1]], 0, "k must be a whole number of at least 1"),
        ([[1, 2]], [[1]], 2.5, "k must be a whole number"),
        ([[1, 2]], [[1]], True, "k must be a whole number"),
        ([[1, 2, 1]], [[1]], 3, "holds item 1 twice"),
        ([1, 2], [[1]], 2, "ranked must be an"),
        ([[1.0, 2.0]], [[1]], 2, "ranked must be an"),
        ([[1, -2]], [[1]], 2, "item ids must lie between 0 and"),
        ([[1, 9]], csr_array(np.eye(1, 5)), 2, "item ids must lie between 0 and 4"),
        ([[1, 2]], [[1], [2]], 2, "a row for each of the 1 lists"),
        ([[1, 2]], [{1: -1}], 2, "gains that are positive"),
        ([[1, 2]], [{1: math.nan}], 2, "gains that are positive"),
        ([[1, 2]], [[-1]], 2, "ids of at least 0"),
        ([[1, 2]], csr_array(np.array([[0, -1.0, 0]])), 2, "positive numbers or 0"),
        ([[1, 2]], csr_array(np.array([[0, math.nan, 0]])), 2, "positive numbers or 0"),
    ],
)
def test_bad_input_is_refused(ranked, truth, k, word):
    for name in NAMES:
        with pytest.raises(ValueError, match=word):
            getattr(metrics, name)(np.array(ranked), truth, k)


def test_a_repeat_beyond_k_is_no_matter():
    assert metrics.recall(np.array([[1, 2, 1]]), [[1]], 2) == pytest.approx([1])


def test_unknown_conventions_are_refused():
    with pytest.raises(ValueError, match="by must be"):
        metrics.average_precision(RANKED, TRUTH, 3, by="k")
    with pytest.raises(ValueError, match="gain must be"):
        metrics.ndcg(RANKED, TRUTH, 3, gain="square")
    with pytest.raises(ValueError, match="ideal"):
        metrics.ndcg(RANKED, TRUTH, 3, ideal="best")


def test_mean_leaves_out_users_without_a_value():
    assert metrics.mean([1, 0, np.nan, 0.5]) == 0.5
    for values in ([], [np.nan, np.nan]):
        with pytest.raises(ValueError, match="test period empty"):
            metrics.mean(values)


def test_interval_by_hand():
    center, low, high = metrics.interval([0, 1, np.nan, 1, 0])
    half = 1.959964 * math.sqrt(1 / 3) / 2
    assert (center, low, high) == pytest.approx((0.5, 0.5 - half, 0.5 + half), abs=1e-6)
    assert np.isnan(metrics.interval([1.0])[1:]).all()
    with pytest.raises(ValueError, match="confidence"):
        metrics.interval([0, 1], confidence=95)


def test_interval_covers_as_often_as_it_says(rng):
    draws = rng.random((2000, 300)) < 0.3
    inside = [low <= 0.3 <= high for _, low, high in map(metrics.interval, draws)]
    assert 0.93 < np.mean(inside) < 0.965


# top_k -------------------------------------------------------------------------------


def test_top_k_breaks_ties_by_the_lowest_id(rng):
    scores = rng.integers(0, 4, (300, 12)).astype(float)
    scores[rng.random(scores.shape) < 0.2] = -np.inf
    scores[0] = -np.inf
    for k in (1, 4, 12, 50):
        expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        expected = np.where(np.take_along_axis(scores, expected, 1) == -np.inf, -1, expected)
        assert np.array_equal(top_k(scores, k), expected)
        assert np.array_equal(top_k(scores[3], k), expected[3])


def test_top_k_refuses_what_cannot_be_ranked():
    with pytest.raises(ValueError, match="NaN for user 1"):
        top_k([[1, 2], [np.nan, 1]], 1)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        top_k([[1, 2]], 0)
    with pytest.raises(ValueError, match="must have shape"):
        top_k(np.zeros((2, 2, 2)), 1)
    assert top_k(np.zeros((3, 0)), 2).shape == (3, 0)
