"""clusters.kmeans beside scikit-learn: the same start, the same iterations, one thread each.

`python tests/benchmarks/clusters.py` prints the figures as JSON. They are measured in a child
process, where the thread pools are held to one thread from the start.
"""

import json
import os
import statistics
import subprocess
import sys
import time

N, D, K, ITERATIONS, ROUNDS = 100_000, 16, 10, 10, 15
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def figures() -> list[dict]:
    """Measured figures, each {"name", "value", "unit", "bound", "ok", "peer"}."""
    child = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return json.loads(child.stdout)


def measure() -> list[dict]:
    """Medians over interleaved rounds, so that a busy machine slows both alike."""
    import numpy as np
    import sklearn
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    from interestkit import clusters

    rng = np.random.default_rng(0)
    middles = 4 * rng.normal(size=(K, D))
    points = middles[rng.integers(0, K, N)] + rng.normal(size=(N, D))
    start = points[rng.choice(N, K, replace=False)]
    peer = f"scikit-learn {sklearn.__version__}"

    def ours():
        return clusters.kmeans(points, start, max_iter=ITERATIONS)

    def theirs():
        return KMeans(K, init=start, n_init=1, max_iter=ITERATIONS, tol=0, algorithm="lloyd").fit(points)

    def seconds(run):
        begun = time.perf_counter()
        run()
        return time.perf_counter() - begun

    with threadpool_limits(1):
        a, b = ours(), theirs()
        times = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    if not a.iterations == b.n_iter_ == ITERATIONS:
        raise AssertionError(f"iterations differ: {a.iterations}, {b.n_iter_}")
    ratio = statistics.median(t for t, _ in times) / statistics.median(t for _, t in times)
    apart = float(abs(a.centers - b.cluster_centers_).max())
    return [
        figure(f"k-means, {N:,} x {D}, k = {K}: time", ratio, "times", 4, peer),
        figure(f"k-means, {N:,} x {D}, k = {K}: centers apart", apart, "", 1e-6, peer),
    ]


def figure(name, value, unit, bound, peer):
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "bound": bound,
        "ok": bool(value <= bound),
        "peer": peer,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
