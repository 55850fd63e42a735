"""ε of a training run by our Rényi accountant, beside that of `dp-accounting`, for the same orders."""

import time

from tests.benchmarks import figure, in_a_child

SETTINGS = ((256 / 60_000, 1.3, 3_516), (0.01, 1.0, 1_000), (0.05, 1.0, 200), (0.01, 0.5, 100))
DELTA, ROUNDS = 1e-5, 7
SHARE, APART = 0.3, 1e-6


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
    ]
