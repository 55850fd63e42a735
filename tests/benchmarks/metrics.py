"""nDCG, recall and MAP at 10 for 10,000 users' top 100, beside pytrec_eval and a pandas group-by.

Each is given its own kind of input, made beforehand: arrays and a sparse table, dicts of strings, data frames.
"""

import statistics
import time

from tests.benchmarks import figure, in_a_child

USERS, ITEMS, LENGTH, K, ROUNDS = 10_000, 5_000, 100, 10, 7
TIMES_PYTREC, TIMES_PANDAS = 15, 100


def figures():
    """Our time over each peer's, and how far the values are apart."""
    return in_a_child(__name__)


def measure():
    """Medians over interleaved rounds, so that a busy machine slows all alike."""
    from importlib.metadata import version

    import numpy as np
    import pandas as pd
    import pytrec_eval

    from interestkit import metrics
    from interestkit.recommenders import matrix

    rng = np.random.default_rng(0)
    ranked = np.array([rng.choice(ITEMS, LENGTH, replace=False) for _ in range(USERS)])
    relevant = np.concatenate([ranked[:, rng.choice(LENGTH, 10, replace=False)], rng.integers(0, ITEMS, (USERS, 5))], 1)
    user = np.repeat(np.arange(USERS), relevant.shape[1])
    truth = matrix(user, relevant.ravel(), shape=(USERS, ITEMS))
    truth.data = rng.integers(1, 4, truth.nnz).astype(float)

    def ours():
        found = metrics.evaluate(ranked, truth, K)
        return {name: metrics.mean(found[name]) for name in ("ndcg", "recall", "average_precision")}

    names = {"ndcg": f"ndcg_cut_{K}", "recall": f"recall_{K}", "average_precision": f"map_cut_{K}"}
    rows = [slice(*pair) for pair in zip(truth.indptr, truth.indptr[1:], strict=False)]
    judged = {
        str(u): dict(zip(map(str, truth.indices[row]), truth.data[row].astype(int).tolist(), strict=True))
        for u, row in enumerate(rows)
    }
    run = {str(u): {str(i): float(-p) for p, i in enumerate(row)} for u, row in enumerate(ranked)}
    evaluator = pytrec_eval.RelevanceEvaluator(judged, {f"ndcg_cut.{K}", f"recall.{K}", f"map_cut.{K}"})

    def pytrec():
        found = evaluator.evaluate(run).values()
        return {name: statistics.fmean(one[measure] for one in found) for name, measure in names.items()}

    shown = pd.DataFrame(
        {"user": np.repeat(np.arange(USERS), LENGTH), "item": ranked.ravel(), "rank": np.tile(np.arange(LENGTH), USERS)}
    )
    gains = pd.DataFrame(
        {"user": np.repeat(np.arange(USERS), np.diff(truth.indptr)), "item": truth.indices, "gain": truth.data}
    )

    def pandas():
        def of_one(group):
            gain, best = group["gain"].to_numpy(), wanted.loc[group.name].to_numpy()
            hits = gain > 0
            at = np.arange(1, len(gain) + 1)
            ideal = (np.sort(best)[::-1][:K] / np.log2(np.arange(2, min(K, len(best)) + 2))).sum()
            return pd.Series(
                {
                    "ndcg": (gain / np.log2(at + 1)).sum() / ideal,
                    "recall": hits.sum() / len(best),
                    "average_precision": (hits.cumsum() / at * hits).sum() / len(best),
                }
            )

        wanted = gains.set_index("user")["gain"]
        top = shown[shown["rank"] < K].merge(gains, on=["user", "item"], how="left").fillna({"gain": 0})
        return top.sort_values(["user", "rank"]).groupby("user")[["gain"]].apply(of_one).mean().to_dict()

    def seconds(function):
        begin = time.perf_counter()
        function()
        return time.perf_counter() - begin

    values = [ours(), pytrec(), pandas()]
    apart = max(abs(values[0][name] - other[name]) for other in values[1:] for name in names)
    times = [(seconds(ours), seconds(pytrec)) for _ in range(ROUNDS)]
    mine = statistics.median(own for own, _ in times)
    theirs = statistics.median(peer for _, peer in times)
    peer = f"pytrec_eval-terrier {version('pytrec_eval-terrier')}"
    what = f"nDCG, recall, MAP at {K}, {USERS:,} users x {LENGTH}"
    return [
        figure(f"{what}: time", mine / theirs, "times", 1 / TIMES_PYTREC, peer),
        figure(f"{what}: time", mine / seconds(pandas), "times", 1 / TIMES_PANDAS, f"pandas {pd.__version__} group-by"),
        figure(f"{what}: values apart", apart, "", 1e-9, f"{peer}, pandas"),
    ]
