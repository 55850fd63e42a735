"""recommenders.py: plain loops, `implicit` as a peer, the shared interface, and what is refused."""

import warnings

import numpy as np
import pytest
from implicit.nearest_neighbours import CosineRecommender
from scipy.sparse import csr_array, csr_matrix

from interestkit import recommenders
from interestkit.recommenders import ItemCosine, OwnFrequency, Popularity, matrix

#         item  0  1  2  3  4
COUNTS = [[2, 1, 0, 0, 0], [3, 0, 1, 0, 0], [0, 4, 1, 0, 0], [0, 0, 0, 0, 0]]  # user 3 and items 3, 4 are cold
ALL = [0, 1, 2, 3]


@pytest.fixture
def rng():
    return np.random.default_rng(14)


@pytest.fixture
def history(rng):
    """80 users, 50 items, counts, with a cold user and a cold item."""
    table = rng.poisson(0.25, (80, 50)).astype(float)
    table[7], table[:, 11] = 0, 0
    return csr_array(table)


def models():
    return [Popularity(), Popularity("count"), OwnFrequency(), ItemCosine(), ItemCosine(3.0), ItemCosine(0, 5)]


def test_matrix_adds_up_what_is_repeated():
    table = matrix([0, 0, 2], [1, 1, 0], shape=(4, 3))
    assert table.toarray().tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert matrix([0, 0], [1, 1], [0.5, 0.25]).toarray().tolist() == [[0, 0.75]]
    assert matrix([1], [0], [0]).nnz == 0
    assert matrix(np.array([], int), np.array([], int), shape=(2, 2)).shape == (2, 2)


def test_popularity_by_hand():
    table = csr_array(COUNTS)
    assert Popularity().fit(table).scores([3]).tolist() == [[2, 2, 2, 0, 0]]
    assert Popularity("count").fit(table).scores([0]).tolist() == [[5, 5, 2, 0, 0]]
    model = Popularity().fit(csr_array([[0, 1, 1], [0, 1, 0]]))
    assert model.recommend([0, 1], 3, exclude_seen=False).tolist() == [[1, 2, 0], [1, 2, 0]]
    assert model.recommend([0, 1], 3, exclude_seen=True).tolist() == [[0, -1, -1], [2, 0, -1]]


def test_own_frequency_by_hand():
    model = OwnFrequency().fit(csr_array(COUNTS))
    assert model.scores([2]).tolist() == [[0, 4, 1, 0, 0]]
    assert model.recommend(ALL, 3, exclude_seen=False).tolist() == [[0, 1, 2], [0, 2, 1], [1, 2, 0], [0, 1, 2]]


def test_item_cosine_by_hand():
    model = ItemCosine().fit(csr_array(COUNTS))
    norms = np.sqrt([13, 17, 2])
    zero_one, zero_two, one_two = 2 / (norms[0] * norms[1]), 3 / (norms[0] * norms[2]), 4 / (norms[1] * norms[2])
    expected = np.array([[0, zero_one, zero_two], [zero_one, 0, one_two], [zero_two, one_two, 0]])
    assert model.similarity_.toarray()[:3, :3] == pytest.approx(expected)
    assert model.similarity_.toarray()[3:].sum() == 0
    assert model.scores([0])[0, :3] == pytest.approx([zero_one, 2 * zero_one, 2 * zero_two + one_two])
    damped = ItemCosine(damping=5).fit(csr_array(COUNTS))
    assert damped.similarity_.toarray()[0, 1] == pytest.approx(2 / (norms[0] * norms[1] + 5))


def plain_similarity(table, damping):
    items = table.T
    return np.array(
        [
            [
                0.0
                if i == j or not x.any() or not y.any()
                else x @ y / (np.linalg.norm(x) * np.linalg.norm(y) + damping)
                for j, y in enumerate(items)
            ]
            for i, x in enumerate(items)
        ]
    )


@pytest.mark.parametrize("damping", [0.0, 2.5])
def test_item_cosine_agrees_with_loops(history, damping, monkeypatch):
    monkeypatch.setattr(recommenders, "_BLOCK", 150)  # several blocks
    model = ItemCosine(damping).fit(history)
    expected = plain_similarity(history.toarray(), damping)
    assert model.similarity_.toarray() == pytest.approx(expected)
    assert model.scores(np.arange(80)) == pytest.approx(history.toarray() @ expected)


def test_item_cosine_agrees_with_implicit(history):
    peer = CosineRecommender(K=51, num_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it converts its own table, and warns of that
        peer.fit(csr_matrix(history), show_progress=False)
    theirs = peer.similarity.toarray()
    np.fill_diagonal(theirs, 0)
    assert ItemCosine().fit(history).similarity_.toarray() == pytest.approx(theirs, abs=1e-7)


def test_neighbours_keep_the_most_similar(history):
    whole = ItemCosine().fit(history).similarity_.toarray()
    kept = ItemCosine(neighbours=4).fit(history).similarity_.toarray()  # column j: what item j passes its score to
    for item in range(50):
        best = np.argsort(-whole[item], kind="stable")[:4]
        expected = np.zeros(50)
        expected[best] = whole[item, best]
        assert kept[:, item] == pytest.approx(expected)


@pytest.mark.parametrize("model", models(), ids=["users", "count", "own", "cosine", "damped", "neighbours"])
@pytest.mark.parametrize("exclude_seen", [True, False])
def test_the_interface(model, exclude_seen, history, monkeypatch):
    monkeypatch.setattr(recommenders, "_BLOCK", 150)
    users = np.array([7, 0, 33, 0])
    assert model.fit(history) is model
    scores, lists = model.scores(users), model.recommend(users, 10, exclude_seen=exclude_seen)
    assert scores.shape == (4, 50) and scores.dtype == float and lists.shape == (4, 10)
    for user, own, row in zip(users, scores, lists, strict=True):
        seen = history[[user]].indices if exclude_seen else []
        left = [item for item in range(50) if item not in seen]
        expected = sorted(left, key=lambda item: (-own[item], -model.popularity_[item], item))[:10]
        assert row.tolist() == expected
    assert np.array_equal(lists[0], Popularity().fit(history).recommend([7], 10, exclude_seen=False)[0]) or (
        isinstance(model, Popularity) and model.weight == "count"
    )  # no history: the popular items
    everything = model.recommend(users, 99, exclude_seen=exclude_seen)
    assert everything.shape == (4, 50)
    assert ((everything >= 0).sum(1) == 50 - exclude_seen * np.diff(history.indptr)[users]).all()
    assert model.recommend([], 3, exclude_seen=exclude_seen).shape == (0, 3)


def test_exclude_seen_must_be_said(history):
    with pytest.raises(TypeError, match="exclude_seen"):
        Popularity().fit(history).recommend([0], 3)


def test_fitting_changes_nothing_of_the_callers(history):
    table = csr_array(([1.0, 2.0, 0.0], [1, 1, 0], [0, 2, 3]), shape=(2, 2))  # an entry twice, and a stored zero
    before = table.toarray()
    for model in models():
        model.fit(table).recommend([0, 1], 2, exclude_seen=True)
    assert table.nnz == 3
    assert np.array_equal(table.toarray(), before)
    assert OwnFrequency().fit(table).scores([0]).tolist() == [[0, 3]]
    assert Popularity().fit(table).popularity_.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: matrix([0], [-1]), "item must hold whole numbers of at least 0"),
        (lambda: matrix([0.5], [1]), "user must hold whole numbers"),
        (lambda: matrix([0], [1], [-2]), "at least 0, got a negative one"),
        (lambda: matrix([0], [1], [np.nan]), "NaN"),
        (lambda: matrix([0], [1, 2]), "equally long"),
        (lambda: matrix([5], [1], shape=(3, 3)), "shape must hold 6 users"),
        (lambda: Popularity().fit(csr_array([[-1.0]])), "negative one"),
        (lambda: Popularity().fit(csr_array([[np.inf]])), "infinity"),
        (lambda: Popularity().fit(csr_array((2, 0))), "at least one item"),
        (lambda: Popularity("rows"), "weight must be"),
        (lambda: ItemCosine(-1), "damping must be"),
        (lambda: ItemCosine(np.nan), "damping must be"),
        (lambda: ItemCosine(0, 0), "at least 1, got 0"),
        (lambda: OwnFrequency().scores([0]), "call fit first"),
        (lambda: OwnFrequency().fit(csr_array(COUNTS)).scores([4]), "row numbers from 0 to 3"),
        (lambda: OwnFrequency().fit(csr_array(COUNTS)).scores([-1]), "row numbers from 0 to 3"),
        (lambda: OwnFrequency().fit(csr_array(COUNTS)).recommend(0, 0, exclude_seen=True), "at least 1, got 0"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
