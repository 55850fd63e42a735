"""ε of a training run beside that of `dp-accounting`, for the same orders; a private step beside a plain one."""

import time

from tests.benchmarks import figure, in_a_child

SETTINGS = ((256 / 60_000, 1.3, 3_516), (0.01, 1.0, 1_000), (0.05, 1.0, 200), (0.01, 0.5, 100))
DELTA, ROUNDS = 1e-5, 7
SHARE, APART, STEP = 0.3, 1e-6, 2.0


def figures():
    """The largest share of their time that a setting took, and how far apart the values are."""
    return in_a_child(__name__)


def measure():
    """Best of interleaved rounds, so that a busy machine slows both alike."""
    from importlib.metadata import version

    from dp_accounting import dp_event
    from dp_accounting.rdp import RdpAccountant

    from interestkit.accounting import ORDERS, dpsgd_epsilon

    def theirs(rate, noise, steps):
        step = dp_event.PoissonSampledDpEvent(rate, dp_event.GaussianDpEvent(noise))
        return RdpAccountant(ORDERS).compose(dp_event.SelfComposedDpEvent(step, steps)).get_epsilon(DELTA)

    def timed(epsilon, *setting):
        begin = time.perf_counter()
        value = epsilon(*setting)
        return time.perf_counter() - begin, value

    share = apart = 0.0
    for setting in SETTINGS:
        ours, peer = (min(pairs) for pairs in zip(
            *((timed(dpsgd_epsilon, *setting, DELTA), timed(theirs, *setting)) for _ in range(ROUNDS)), strict=True
        ))  # fmt: skip
        share, apart = max(share, ours[0] / peer[0]), max(apart, abs(ours[1] / peer[1] - 1))
    name = f"dp-accounting {version('dp-accounting')}"
    return [
        figure("Rényi accountant: time of a training run", share, "of theirs", SHARE, name),
        figure("Rényi accountant: ε apart", apart, "relative", APART, name),
        figure("DP-SGD: time of a step", private_step_share(), "of a plain step", STEP, "the same rows, by this kit"),
    ]


def private_step_share():
    """2,500 households of 1 to 12 rows and 200 columns, a tenth of them in a step; medians of interleaved rounds."""
    import numpy as np

    from interestkit.private_learning import Households, plain_step, private_step

    rng = np.random.default_rng(0)
    household = np.repeat(np.arange(2_500), rng.integers(1, 13, 2_500))
    data = Households.of(rng.normal(size=(len(household), 200)), rng.integers(0, 2, len(household)), household)
    weights, times = np.zeros(200), ([], [])
    for _ in range(60):
        for kept, step in zip(
            times,
            (lambda: plain_step(weights, data, 0.1, 1.0, rng),
             lambda: private_step(weights, data, 0.1, 1.0, 1.0, 1.0, 250, rng)),
            strict=True,
        ):  # fmt: skip
            begin = time.perf_counter()
            step()
            kept.append(time.perf_counter() - begin)
    plain, private = (float(np.median(kept)) for kept in times)
    return private / plain
