"""clusters.py against plain formulas, against scikit-learn, and against what a theorem says."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from interestkit import clusters, nearest


def blobs(rng, n=600, d=5, k=4, far=3.0):
    middle = rng.normal(size=(k, d)) * far
    return middle[rng.integers(0, k, n)] + rng.normal(size=(n, d))


def plain_assign(points, centers):
    return ((points[:, None] - centers[None]) ** 2).sum(-1).argmin(1)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


# The two steps


@pytest.mark.parametrize(("n", "d", "k"), [(1, 1, 1), (7, 3, 2), (50, 1, 9), (5000, 40, 3), (200, 2, 200)])
def test_assign_is_the_plain_formula(rng, n, d, k):
    points, centers = rng.normal(size=(n, d)), rng.normal(size=(k, d))
    assert np.array_equal(clusters.assign(points, centers), plain_assign(points, centers))


def test_ties_go_to_the_lowest_index(rng):
    grid = np.array(list(itertools.product(range(-3, 4), repeat=3))) / 7
    centers = np.concatenate([np.eye(3), -np.eye(3), np.eye(3)]) / 7
    assert np.array_equal(clusters.assign(grid, centers), plain_assign(grid, centers))
    assert clusters.assign(grid, centers).max() <= 5


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e6, 1e9])
def test_assign_is_exact_far_from_the_origin(rng, offset):
    points, centers = rng.normal(size=(3000, 6)) + offset, rng.normal(size=(8, 6)) + offset
    assert np.array_equal(clusters.assign(points, centers), plain_assign(points, centers))


def test_assign_is_exact_beside_an_outlier(rng):
    points = rng.normal(size=(500, 3))
    points[0] = 1e12
    centers = points[:5]
    assert np.array_equal(clusters.assign(points, centers), plain_assign(points, centers))


def test_update_is_the_mean_and_an_empty_cluster_stays(rng):
    points, old = rng.normal(size=(900, 4)), rng.normal(size=(6, 4))
    labels = rng.choice([0, 1, 3, 5], 900)
    before = old.copy()
    new = clusters.update(points, labels, old)
    for j in (0, 1, 3, 5):
        np.testing.assert_allclose(new[j], points[labels == j].mean(0), atol=1e-12)
    assert np.array_equal(new[[2, 4]], old[[2, 4]])
    assert np.array_equal(old, before)


# The whole


@pytest.mark.parametrize("seed", range(5))
def test_same_start_same_centers_as_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    points = blobs(rng, 4000, 8, 6, far=1.0)
    start = points[:6]
    ours = clusters.kmeans(points, start)
    theirs = KMeans(6, init=start, n_init=1, tol=0, max_iter=300).fit(points)
    np.testing.assert_allclose(ours.centers, theirs.cluster_centers_, atol=1e-6)
    assert np.array_equal(ours.labels, theirs.labels_)
    assert ours.inertia == pytest.approx(theirs.inertia_)
    assert ours.converged
    assert ours.iterations == theirs.n_iter_ - 1


def test_stops_after_max_iter_with_labels_of_its_centers(rng):
    points = blobs(rng, 3000, 3, 4, far=0.5)
    start = points[:7]
    ours = clusters.kmeans(points, start, max_iter=3)
    theirs = KMeans(7, init=start, n_init=1, tol=0, max_iter=3).fit(points)
    np.testing.assert_allclose(ours.centers, theirs.cluster_centers_, atol=1e-9)
    assert (ours.iterations, ours.converged) == (3, False)
    assert np.array_equal(ours.labels, clusters.assign(points, ours.centers))


def test_tol_means_what_it_means_in_scikit_learn(rng):
    points = blobs(rng, 3000, 3, 4, far=0.5)
    start = points[:7]
    ours = clusters.kmeans(points, start, tol=1e-2)
    theirs = KMeans(7, init=start, n_init=1, tol=1e-2).fit(points)
    assert ours.iterations == theirs.n_iter_ < clusters.kmeans(points, start).iterations
    np.testing.assert_allclose(ours.centers, theirs.cluster_centers_, atol=1e-9)


def test_inertia_never_rises_and_ends_at_a_fixed_point(rng):
    points = rng.random((2000, 4))
    run = clusters.kmeans(points, points[:9])
    assert len(run.history) == run.iterations + 1 > 3
    assert (np.diff(run.history) <= 1e-9 * run.history[0]).all()
    assert run.history[-1] == pytest.approx(run.inertia)
    assert run.inertia == pytest.approx(((points - run.centers[run.labels]) ** 2).sum())
    np.testing.assert_allclose(clusters.update(points, run.labels, run.centers), run.centers)
    assert clusters.inertia(points, run.centers) == pytest.approx(run.inertia)
    assert clusters.inertia(points, run.centers, np.roll(run.labels, 1)) > run.inertia


def test_a_lost_cluster_keeps_its_center_or_takes_the_farthest_point():
    points = np.array([[0.0], [1.0], [2.0], [10.0], [12.0], [20.0]])
    start = np.array([[1.0], [100.0], [12.0]])
    kept = clusters.kmeans(points, start)
    assert kept.centers.ravel().tolist() == [1.0, 100.0, 14.0]
    moved = clusters.kmeans(points, start, empty="farthest")
    theirs = KMeans(3, init=start, n_init=1, tol=0).fit(points)
    assert sorted(moved.centers.ravel()) == sorted(theirs.cluster_centers_.ravel())
    assert set(moved.labels) == {0, 1, 2}
    assert moved.inertia < kept.inertia


def test_more_clusters_than_different_points_ends(rng):
    points = np.repeat([[1.0, 2.0], [3.0, 4.0]], 5, axis=0)
    for empty in ("keep", "farthest"):
        run = clusters.kmeans(points, 4, rng=rng, empty=empty)
        assert run.inertia == 0
        assert len(set(run.labels)) == 2


def test_restarts_return_the_best(rng):
    points = blobs(rng, 500, 2, 8, far=9.0)
    one = clusters.kmeans(points, 8, rng=np.random.default_rng(3), seeding=clusters.seed_random)
    many = clusters.kmeans(points, 8, rng=np.random.default_rng(3), seeding=clusters.seed_random, restarts=12)
    assert many.inertia < one.inertia


def test_arguments_are_left_alone(rng):
    points = np.asfortranarray(rng.normal(size=(300, 4)))
    start = points[:3].copy()
    before, begun = points.copy(), start.copy()
    clusters.kmeans(points, start, empty="farthest")
    assert np.array_equal(points, before)
    assert np.array_equal(start, begun)


def test_lists_and_integers_are_taken():
    run = clusters.kmeans([[0, 0], [0, 2], [9, 9]], [[0, 0], [9, 9]])
    assert run.centers.tolist() == [[0, 1], [9, 9]]


# Seeding


def test_plus_plus_draws_by_squared_distance():
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    rng = np.random.default_rng(11)
    seen = np.zeros((4, 4))
    for _ in range(6000):
        first, second = clusters.seed_plus_plus(points, 2, rng).ravel()
        seen[np.flatnonzero(points == first)[0], np.flatnonzero(points == second)[0]] += 1
    gaps = (points - points.T) ** 2
    expected = gaps / gaps.sum(1, keepdims=True) * 6000 / 4
    assert (seen[expected == 0] == 0).all()
    off = expected > 0
    assert stats.chisquare(seen[off], expected[off] * seen.sum() / expected.sum()).pvalue > 1e-6


def test_plus_plus_draws_as_its_text_says(rng):
    points = rng.normal(size=(40, 3))
    twin = np.random.default_rng(99)
    chosen = [points[twin.integers(40)]]
    for _ in range(4):
        d2 = ((points[:, None] - np.array(chosen)) ** 2).sum(-1).min(1)
        chosen.append(points[twin.choice(40, p=d2 / d2.sum())])
    ours = clusters.seed_plus_plus(points, 5, np.random.default_rng(99))
    np.testing.assert_array_equal(ours, chosen)


@pytest.mark.parametrize("seeding", [clusters.seed_random, clusters.seed_plus_plus, clusters.seed_greedy])
def test_every_seeding_returns_different_rows(rng, seeding):
    points = np.repeat(np.arange(6.0), 4)[:, None]
    for _ in range(50):
        centers = seeding(points, 6 if seeding is not clusters.seed_random else 3, rng)
        assert np.isin(centers, points).all()
        if seeding is not clusters.seed_random:
            assert len(set(centers.ravel())) == 6
    rows = rng.normal(size=(9, 2))
    assert sorted(map(tuple, seeding(rows, 9, rng))) == sorted(map(tuple, rows))


def test_greedy_starts_are_cheaper(rng):
    points = blobs(rng, 800, 3, 10, far=4.0)

    def cost(seeding):
        return np.mean([clusters.inertia(points, seeding(points, 10, rng)) for _ in range(60)])

    assert cost(clusters.seed_greedy) < cost(clusters.seed_plus_plus) < cost(clusters.seed_random)


# Quality and agreement


def test_silhouette_by_hand():
    points = np.array([[0.0], [1.0], [5.0]])
    values = clusters.silhouette_samples(points, np.array([0, 0, 1]))
    np.testing.assert_allclose(values, [1 - 1 / 5, 1 - 1 / 4, 0])
    assert clusters.silhouette(points, np.array([0, 0, 1])) == pytest.approx(values.mean())


@pytest.mark.parametrize("offset", [0, 1e6])
def test_silhouette_is_scikit_learns(rng, offset):
    points = blobs(rng, 700, 6, 4, far=1.0) + offset
    labels = rng.integers(0, 7, 700) * 3
    labels[0] = 50  # alone
    ours = clusters.silhouette_samples(points, labels)
    np.testing.assert_allclose(ours, silhouette_samples(points - offset, labels), atol=1e-9)
    assert ours[0] == 0


def test_silhouette_in_blocks_is_silhouette(rng, monkeypatch):
    points, labels = rng.normal(size=(500, 3)), rng.integers(0, 4, 500)
    whole = clusters.silhouette_samples(points, labels)
    monkeypatch.setattr("interestkit.agreement.blocks", lambda n, *_, **__: nearest.blocks(n, n, 70 * n))
    np.testing.assert_allclose(clusters.silhouette_samples(points, labels), whole, atol=1e-12)


def test_equal_points_are_at_distance_0_despite_rounding(rng):
    points, labels = np.repeat(rng.normal(size=(20, 7)), 4, axis=0), np.repeat(np.arange(20), 4)
    assert clusters.silhouette_samples(points, labels).tolist() == [1] * 80
    same = np.full((5, 2), 0.1)
    assert clusters.silhouette_samples(same, np.array([0, 0, 1, 1, 1])).tolist() == [0] * 5


@pytest.mark.parametrize(("ka", "kb"), [(5, 5), (3, 6), (6, 3), (1, 1)])
def test_alignment_agrees_on_as_many_points_as_any_renaming(rng, ka, kb):
    for _ in range(20):
        a, b = rng.integers(0, ka, 60), rng.integers(0, kb, 60)
        aligned = clusters.align_labels(a, b)
        names = itertools.permutations(range(max(ka, kb)), kb)
        best = max((np.array(name)[b] == a).sum() for name in names)
        assert (aligned == a).sum() == best
        assert clusters.adjusted_rand(aligned, b) == 1


def test_alignment_is_not_greedy():
    # greedy takes the 5 first and is left with 0; the best pairs 4 + 4
    a = np.repeat([0, 0, 1], [5, 4, 4])
    b = np.repeat([0, 1, 0], [5, 4, 4])
    assert (clusters.align_labels(a, b) == a).sum() == 8


def test_adjusted_rand_is_scikit_learns(rng):
    for k in (1, 2, 9):
        a, b = rng.integers(0, k, 300), rng.integers(0, 4, 300)
        b[:150] = a[:150]
        assert clusters.adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b))
    assert clusters.adjusted_rand(a, (a + 3) % 9) == 1
    assert clusters.adjusted_rand([0, 0], [0, 0]) == clusters.adjusted_rand([0, 1], [1, 0]) == 1


# Refusals

TWO = np.zeros((2, 2))
REFUSED = [
    (lambda: clusters.assign([1.0, 2.0], TWO), "points must be a table"),
    (lambda: clusters.assign(TWO, np.zeros((2, 3))), "centers must have the 2 columns of points, got 3"),
    (lambda: clusters.assign([[np.nan]], [[1.0]]), "points must be finite"),
    (lambda: clusters.update(TWO, np.array([0, 2]), TWO), "labels must be below the 2 centers, got 2"),
    (lambda: clusters.update(TWO, np.array([0, -1]), TWO), "labels must be 2 whole numbers from 0"),
    (lambda: clusters.update(TWO, np.array([0.0, 1.0]), TWO), "labels must be 2 whole numbers from 0, got float64"),
    (lambda: clusters.kmeans(TWO, 2), "rng="),
    (lambda: clusters.seed_random(TWO, 3, None), "k must be a whole number from 1 to the 2 points, got 3"),
    (lambda: clusters.kmeans(TWO, 1.5, rng=np.random.default_rng(0)), "k must be a whole number"),
    (lambda: clusters.kmeans(TWO, TWO, empty="drop"), 'empty must be "keep" or "farthest"'),
    (lambda: clusters.kmeans(TWO, TWO, max_iter=0), "max_iter and restarts must be at least 1"),
    (lambda: clusters.silhouette(TWO, np.array([1, 1])), "at least 2 clusters"),
    (lambda: clusters.contingency([0, 1], [0, 1, 1]), "labels must be 2 whole numbers"),
]


@pytest.mark.parametrize(("call", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_refusals_are_one_sentence(call, says):
    with pytest.raises(ValueError) as refusal:
        call()
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)
