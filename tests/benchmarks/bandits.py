"""Rounds per second of simulated bandits, beside `river` and `mabwiser` playing one run in their own loop.

Theirs is the loop that their documentation shows: choose, see a click, learn. Ours plays 100 replications at once.

obp 0.5.7 is not run: it asks for torch 1.12, which no Python supported here has. Recorded once, on two cores, one run
in its own loop, thousands of rounds per second: ε-greedy 140 to 200, Thompson sampling 53 to 81, LinUCB 12 to 19.
"""

import time

from tests.benchmarks import figure, in_a_child

ARMS, ROUNDS, RUNS, FEATURES = 10, 10_000, 100, 20
TIMES = {"ε-greedy": 25, "UCB1": 25, "Thompson sampling": 15, "LinUCB": 10}
TURNS = 3


def figures():
    """The faster peer's rounds per second over ours, for each policy."""
    return in_a_child(__name__)


def measure():
    """Best of some turns, interleaved, so that a busy machine slows all alike."""
    import numpy as np

    rates, contexts = np.linspace(0.02, 0.20, ARMS), np.random.default_rng(0).normal(size=(2_000, FEATURES))
    found = []
    for name, (ours, peers) in players(rates, contexts).items():
        mine, best = 0.0, dict.fromkeys(peers, 0.0)
        for _ in range(TURNS):
            mine = max(mine, ours())
            for peer, play in peers.items():
                best[peer] = max(best[peer], play())
        fastest = max(best, key=best.get)
        found.append(figure(f"{name}: time of a round", best[fastest] / mine, "times", 1 / TIMES[name], fastest))
    return found


def players(rates, contexts):
    """For each policy: a function that gives our rounds per second, and one for each peer."""
    from importlib.metadata import version

    import numpy as np
    from mabwiser.mab import MAB, LearningPolicy
    from river import bandit, proba

    from interestkit import bandits, linear_bandits
    from interestkit.bandit_runs import simulate

    arms, luck = list(range(ARMS)), np.random.default_rng(1).random(20_000).tolist()
    named = [{f"x{j}": value for j, value in enumerate(row)} for row in contexts.tolist()]
    weights = np.random.default_rng(2).normal(size=(ARMS, FEATURES)) / FEATURES**0.5

    def ours(policy):
        def play():
            begin = time.perf_counter()
            simulate(policy(ARMS, RUNS), rates, ROUNDS, np.random.default_rng(3))
            return ROUNDS * RUNS / (time.perf_counter() - begin)

        return play

    def linear():
        policy, rng = linear_bandits.LinUCB(ARMS, FEATURES, RUNS), np.random.default_rng(3)
        begin = time.perf_counter()
        for row in contexts[:300]:
            arm = policy.choose(row, rng)
            policy.update(arm, rng.random(RUNS) < 1 / (1 + np.exp(-weights[arm] @ row)), row)
        return 300 * RUNS / (time.perf_counter() - begin)

    def river(make, rounds=10_000):
        def play():
            policy = make()
            begin = time.perf_counter()
            for step in range(rounds):
                arm = policy.pull(arms)
                policy.update(arm, int(luck[step] < rates[arm]))
            return rounds / (time.perf_counter() - begin)

        return play

    def river_linear():
        policy = bandit.LinUCBDisjoint(alpha=1.0, seed=1)
        begin = time.perf_counter()
        for step in range(500):
            arm = policy.pull(arms, context=named[step])
            policy.update(arm, named[step], int(luck[step] < 0.1))
        return 500 / (time.perf_counter() - begin)

    def mabwiser(learning, rounds=1_000, rows=None):
        def play():
            policy = MAB(arms, learning, seed=1)
            policy.fit(arms, [0] * ARMS, *([] if rows is None else [rows[:ARMS]]))
            begin = time.perf_counter()
            for step in range(rounds):
                context = [] if rows is None else [rows[step : step + 1]]
                arm = policy.predict(*context)
                policy.partial_fit([arm], [int(luck[step] < rates[arm])], *context)
            return rounds / (time.perf_counter() - begin)

        return play

    first, second = f"river {version('river')}", f"mabwiser {version('mabwiser')}"
    return {
        "ε-greedy": (
            ours(bandits.EpsilonGreedy),
            {
                first: river(lambda: bandit.EpsilonGreedy(epsilon=0.1, seed=1)),
                second: mabwiser(LearningPolicy.EpsilonGreedy(0.1)),
            },
        ),
        "UCB1": (
            ours(bandits.UCB1),
            {first: river(lambda: bandit.UCB(delta=1, seed=1)), second: mabwiser(LearningPolicy.UCB1(1.0))},
        ),
        "Thompson sampling": (
            ours(bandits.BetaThompson),
            {
                first: river(lambda: bandit.ThompsonSampling(reward_obj=proba.Beta(), seed=1)),
                second: mabwiser(LearningPolicy.ThompsonSampling()),
            },
        ),
        "LinUCB": (linear, {first: river_linear, second: mabwiser(LearningPolicy.LinUCB(1.0), 500, contexts)}),
    }
