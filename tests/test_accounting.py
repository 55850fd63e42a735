"""accounting.py: against dp-accounting, OpenDP, values measured once, and the moments written out."""

import math

import numpy as np
import pytest
from dp_accounting import dp_event, gaussian_mechanism
from dp_accounting.rdp import RdpAccountant
from dp_accounting.rdp.rdp_privacy_accountant import DEFAULT_RDP_ORDERS

from interestkit import accounting as acc

SAMPLE, WHOLE = 256 / 60_000, tuple(range(2, 257))

# sampling rate, noise multiplier, steps, δ; and, measured with dp-accounting 0.6.0, its RDP accountant's ε, the ε of
# its privacy loss distributions (closer to the truth, never above), and by whole orders the older conversion's ε.
RUNS = {
    "images, 15 epochs": (SAMPLE, 1.3, 3_516, 1e-5, 0.9546, 0.8646, 1.192),
    "images, 60 epochs": (SAMPLE, 1.1, 14_063, 1e-5, 2.5967, 2.3818, 3.009),
    "images, 45 epochs": (SAMPLE, 0.7, 10_547, 1e-5, 6.3197, 5.6397, 7.123),
    "much noise": (0.01, 4.0, 10_000, 1e-5, 1.0355, 0.9470, None),
    "usual": (0.01, 1.0, 1_000, 1e-5, 2.1014, 1.8282, None),
    "large samples": (0.05, 1.0, 200, 1e-5, 5.3679, 4.7659, None),
    "little noise": (0.01, 0.5, 100, 1e-5, 8.0341, 6.4762, None),
    "one step": (0.01, 0.5, 1, 1e-5, None, None, None),
    "small delta": (1e-3, 0.6, 100_000, 1e-8, None, None, None),
    "every second": (0.5, 3.0, 100, 1e-6, None, None, None),
    "hopeless": (0.2, 1.0, 1_000, 1e-5, None, None, None),
    "everybody": (1.0, 2.0, 10, 1e-5, None, None, None),
}


def theirs(rate, noise, steps, delta, orders=DEFAULT_RDP_ORDERS):
    accountant = RdpAccountant(orders)
    step = dp_event.PoissonSampledDpEvent(rate, dp_event.GaussianDpEvent(noise))
    accountant.compose(dp_event.SelfComposedDpEvent(step, steps))
    return accountant, accountant.get_epsilon_and_optimal_order(delta)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RUNS)
def test_a_training_run_costs_what_dp_accounting_says(name):
    rate, noise, steps, delta, measured, tighter, older = RUNS[name]
    accountant, (epsilon, order) = theirs(rate, noise, steps, delta)
    curve = steps * acc.rdp_subsampled_gaussian(rate, noise)
    assert acc.rdp_epsilon(acc.ORDERS, curve, delta) == pytest.approx((epsilon, order), rel=1e-6)
    assert acc.dpsgd_epsilon(rate, noise, steps, delta) == pytest.approx(epsilon, rel=1e-6)
    assert acc.rdp_delta(acc.ORDERS, curve, epsilon)[0] == pytest.approx(accountant.get_delta(epsilon), rel=1e-5)
    if measured:
        assert epsilon == pytest.approx(measured, abs=6e-5)
        exact = acc.dpsgd_epsilon(rate, noise, steps, delta, exact=True)
        assert tighter < exact <= epsilon * (1 + 1e-9)
    if older:
        curve = steps * acc.rdp_subsampled_gaussian(rate, noise, WHOLE)
        assert acc.rdp_epsilon(WHOLE, curve, delta, "classic")[0] == pytest.approx(older, abs=6e-4)


@pytest.mark.parametrize(("name", "measured"), [("usual", 2.1078), ("little noise", 10.661), ("large samples", 5.3711)])
def test_whole_orders_alone_cost_more(name, measured):
    rate, noise, steps, delta = RUNS[name][:4]
    epsilon = acc.dpsgd_epsilon(rate, noise, steps, delta, WHOLE)
    assert epsilon == pytest.approx(measured, abs=6e-4)
    assert epsilon == pytest.approx(theirs(rate, noise, steps, delta, WHOLE)[1][0], rel=1e-9)


def test_our_orders_are_theirs():
    assert acc.ORDERS == tuple(DEFAULT_RDP_ORDERS)


# The moments themselves ---------------------------------------------------------------


def loop(rate, noise, order, signs):
    """ln A of section 3.3, term by term; for whole orders the second series ends by itself."""
    from scipy.special import binom, log_ndtr

    middle, twice = noise**2 * math.log(1 / rate - 1) + 0.5, 2 * noise**2
    total = 0.0
    for i in range(400):
        j = order - i
        chosen = binom(order, i) if signs else abs(binom(order, i))
        if not chosen:
            continue
        low = i * math.log(rate) + j * math.log1p(-rate) + i * (i - 1) / twice + log_ndtr((middle - i) / noise)
        high = j * math.log(rate) + i * math.log1p(-rate) + j * (j - 1) / twice + log_ndtr((j - middle) / noise)
        total += chosen * (math.exp(low) + math.exp(high))
    return math.log(total)


@pytest.mark.parametrize("order", [1.7, 2.5, 4.3, 9.9])
def test_between_whole_orders_the_series_is_a_bound_and_the_integral_the_truth(order):
    bound = (order - 1) * acc.rdp_subsampled_gaussian(0.02, 1.2, [order])[0]
    truth = (order - 1) * acc.rdp_subsampled_gaussian(0.02, 1.2, [order], exact=True)[0]
    assert bound == pytest.approx(loop(0.02, 1.2, order, signs=False), rel=1e-7)
    assert truth == pytest.approx(loop(0.02, 1.2, order, signs=True), rel=1e-7)
    assert truth < bound


@pytest.mark.parametrize(("rate", "noise"), [(0.01, 0.5), (0.05, 1.0), (0.5, 2.0), (0.9, 0.8), (0.3, 0.1)])
def test_the_integral_agrees_with_the_binomial_sum(rate, noise):
    whole = np.arange(2, 14.0)
    integrals = acc._integrals(rate, noise, whole) / (whole - 1)
    assert integrals == pytest.approx(acc.rdp_subsampled_gaussian(rate, noise, whole), rel=1e-8)


def test_the_integral_is_continuous_at_whole_orders_and_never_falls():
    orders = np.array([1.2, 1.6, 2, 2 + 1e-7, 2.7, 3 - 1e-7, 3, 5.5, 8, 8.5, 40.5])
    for rate, noise in [(0.01, 1.0), (0.3, 2.0), (0.004, 0.6)]:
        curve = acc.rdp_subsampled_gaussian(rate, noise, orders, exact=True)
        assert (np.diff(curve) > -1e-12).all()
        assert curve[3] == pytest.approx(curve[2], rel=1e-4) and curve[5] == pytest.approx(curve[6], rel=1e-4)


def test_a_small_curve_keeps_its_digits_and_is_never_rounded_to_nothing():
    rate, noise = 1e-6, 10.0  # A - 1 is about q² α (α - 1) / (2 z²)
    curve = acc.rdp_subsampled_gaussian(rate, noise, [1.5, 2, 2.5, 3])
    near = rate**2 * math.expm1(1 / noise**2)
    assert curve[1] == pytest.approx(near, rel=1e-9) and curve[3] == pytest.approx(1.5 * near, rel=1e-4)
    assert curve[0] == curve[1] and curve[2] == curve[3]  # the order above, which is never less
    assert acc.rdp_epsilon([1.5, 2, 2.5, 3], 10**12 * curve, 1e-5)[0] > 0


def test_the_bound_costs_a_little_where_small_orders_are_best():
    assert acc.dpsgd_epsilon(0.01, 0.5, 100, 1e-5) == pytest.approx(8.03412, abs=6e-6)
    assert acc.dpsgd_epsilon(0.01, 0.5, 100, 1e-5, exact=True) == pytest.approx(8.03073, abs=6e-6)


def test_everybody_in_each_sample_is_the_gaussian_itself():
    assert acc.rdp_subsampled_gaussian(1, 2.0) == pytest.approx(acc.rdp_gaussian(2.0))
    nearly = acc.rdp_subsampled_gaussian(1 - 1e-9, 2.0, [2, 7, 64])
    assert nearly == pytest.approx(acc.rdp_gaussian(2.0, [2, 7, 64]), rel=1e-6)


def test_more_noise_and_smaller_samples_cost_less():
    costs = [acc.dpsgd_epsilon(q, z, 500, 1e-5) for q, z in [(0.02, 0.8), (0.01, 0.8), (0.01, 1.2), (0.005, 1.2)]]
    assert costs == sorted(costs, reverse=True)


# One Gaussian -------------------------------------------------------------------------

# ε, δ, the smallest σ at sensitivity 1, the textbook's σ and its true δ: found once by an own search for the root of
# Balle & Wang's equation, and by dp-accounting 0.6.0.
GAUSSIANS = [
    (0.1, 1e-5, 30.749566, 48.448053, 2.6359406e-09),
    (0.1, 1e-6, 36.30469, 52.988025, 2.0488442e-10),
    (0.5, 1e-5, 7.031827, 9.689611, 1.6078540e-08),
    (0.5, 1e-6, 8.057618, 10.597605, 1.2499732e-09),
    (1, 1e-5, 3.730632, 4.844805, 4.1136920e-08),
    (1, 1e-6, 4.224679, 5.298803, 3.1999128e-09),
    (2, 1e-5, 1.993812, 2.422403, 1.3363968e-07),
    (2, 1e-6, 2.230476, 2.649401, 1.0419596e-08),
    (3, 1e-5, 1.390593, 1.614935, 3.2239292e-07),
    (3, 1e-6, 1.543861, 1.766268, 2.5233782e-08),
    (5, 1e-5, 0.891868, 0.968961, 1.3490037e-06),
    (5, 1e-6, 0.980049, 1.059761, 1.0690230e-07),
]


@pytest.mark.parametrize(("epsilon", "delta", "sigma", "classic", "true_delta"), GAUSSIANS)
def test_gaussian_noise(epsilon, delta, sigma, classic, true_delta):
    assert acc.analytic_sigma(epsilon, delta) == pytest.approx(sigma, abs=6e-7)
    assert acc.classic_sigma(epsilon, delta) == pytest.approx(classic, abs=6e-7)
    assert acc.gaussian_delta(acc.classic_sigma(epsilon, delta), epsilon) == pytest.approx(true_delta, rel=1e-6)
    assert acc.gaussian_delta(acc.analytic_sigma(epsilon, delta), epsilon) <= delta
    assert acc.gaussian_epsilon(sigma, delta) == pytest.approx(epsilon, rel=1e-5)
    assert acc.analytic_sigma(epsilon, delta) == pytest.approx(gaussian_mechanism.get_sigma_gaussian(epsilon, delta))
    assert acc.analytic_sigma(epsilon, delta, 5) == pytest.approx(5 * acc.analytic_sigma(epsilon, delta))
    assert acc.classic_sigma(epsilon, delta, 5) == pytest.approx(5 * acc.classic_sigma(epsilon, delta))


def test_the_textbook_formula_breaks_for_large_epsilon():
    def breaks(epsilon):
        return acc.gaussian_delta(acc.classic_sigma(epsilon, 1e-5), epsilon) > 1e-5

    assert not breaks(8.41) and breaks(8.43)
    assert acc.analytic_sigma(10, 1e-5) == pytest.approx(0.499889, abs=6e-7)
    assert acc.gaussian_delta(acc.classic_sigma(10, 1e-5), 10) == pytest.approx(2.27e-5, abs=6e-8)


THREE = [(1, 4.3772, 4.7284), (2, 1.9931, 2.1657), (4, 0.9263, 1.0123)]  # at δ = 1e-5


@pytest.mark.parametrize(("noise", "exact", "concentrated"), THREE)
def test_a_gaussian_by_three_accountants(noise, exact, concentrated):
    assert acc.gaussian_epsilon(noise, 1e-5) == pytest.approx(exact, abs=6e-5)
    assert acc.gaussian_epsilon(noise, 1e-5) == pytest.approx(gaussian_mechanism.get_epsilon_gaussian(noise, 1e-5))
    assert acc.zcdp_epsilon(acc.zcdp_gaussian(noise), 1e-5) == pytest.approx(concentrated, abs=6e-5)
    fine = np.linspace(1.05, 60, 4_000)
    renyi = acc.rdp_epsilon(fine, acc.rdp_gaussian(noise, fine), 1e-5)[0]
    assert concentrated - 6e-5 < renyi < concentrated + 2e-4


def test_gaussians_add_up_as_one():
    """Sixteen releases with multiplier 4 are one with multiplier 1, in every accountant."""
    assert 16 * acc.zcdp_gaussian(4) == pytest.approx(acc.zcdp_gaussian(1))
    assert 16 * acc.rdp_gaussian(4) == pytest.approx(acc.rdp_gaussian(1))


def test_delta_alone_can_pay_for_much_noise():
    assert acc.gaussian_epsilon(100, 0.5) == 0
    assert acc.rdp_epsilon([2.0], [1e-9], 0.01)[0] == 0
    assert acc.rdp_epsilon([2.0], [1e-3], 0.01)[0] > 0


# Concentrated, Laplace, composition ---------------------------------------------------


@pytest.mark.parametrize("rho", [0.001, 0.05, 0.5, 4.0])
@pytest.mark.parametrize("delta", [1e-2, 1e-5, 1e-9])
def test_concentrated_privacy_agrees_with_opendp(rho, delta):
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=float, nan=False)), dp.l2_distance(T=float)
    noise = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=(1 / (2 * rho)) ** 0.5))
    assert acc.zcdp_epsilon(rho, delta) == pytest.approx(noise.map(1.0).epsilon(delta), rel=1e-6)
    assert acc.zcdp_epsilon(rho, delta) < acc.zcdp_epsilon(rho, delta, "classic")
    assert acc.zcdp_epsilon(rho, delta, "classic") == pytest.approx(rho + 2 * math.sqrt(rho * math.log(1 / delta)))


def test_a_hundred_laplace_releases():
    """Scale 10 at sensitivity 1, δ = 1e-5: basic, advanced and Rényi, beside the value that dp-accounting gives."""
    assert acc.basic_composition([0.1] * 100) == pytest.approx((10, 0))
    assert acc.advanced_composition(0.1, 100, 1e-5) == pytest.approx((5.85, 1e-5), abs=5e-4)
    curve = 100 * acc.rdp_laplace(10)
    assert acc.rdp_epsilon(acc.ORDERS, curve, 1e-5)[0] == pytest.approx(4.5327, abs=6e-5)
    accountant = RdpAccountant(DEFAULT_RDP_ORDERS)
    accountant.compose(dp_event.SelfComposedDpEvent(dp_event.LaplaceDpEvent(10), 100))
    assert acc.rdp_epsilon(acc.ORDERS, curve, 1e-5)[0] == pytest.approx(accountant.get_epsilon(1e-5), rel=1e-9)
    concentrated = acc.zcdp_epsilon(100 * acc.zcdp_pure(0.1), 1e-5)
    assert 4.5327 < concentrated < 5.0
    assert acc.rdp_laplace(10, [1_000.0])[0] < 0.1


def test_composition_by_hand():
    assert acc.basic_composition([1, 0.5], [1e-6, 2e-6]) == pytest.approx((1.5, 3e-6))
    epsilon, delta = acc.advanced_composition(0.5, 4, 0.01, 0.002)
    assert epsilon == pytest.approx(math.sqrt(8 * math.log(100)) * 0.5 + 2 * (math.exp(0.5) - 1))
    assert delta == pytest.approx(0.018)
    assert acc.advanced_composition(2, 3, 1e-5)[0] > acc.basic_composition([2] * 3)[0]


def test_groups_and_samples():
    assert acc.group_privacy(1, 10, 1e-6) == pytest.approx((10, 0.0128183), rel=1e-5)
    assert acc.group_privacy(1, 20) == (20, 0)
    assert acc.group_privacy(1.5, 1, 1e-6) == pytest.approx((1.5, 1e-6))
    assert acc.group_privacy(5, 1_000, 1e-9) == (5_000, 1)
    assert acc.group_privacy(0.3, 3, 1e-6)[1] == pytest.approx(1e-6 * (1 + math.exp(0.3) + math.exp(0.6)))
    assert acc.amplified_by_sampling(1, 0.01, 1e-5) == pytest.approx((0.0170369, 1e-7), rel=1e-5)
    assert acc.amplified_by_sampling(2, 1) == pytest.approx((2, 0))


@pytest.mark.parametrize(("epsilon", "noise"), [(1, 1.5131), (2, 1.0223), (3, 0.8646), (8, 0.6159)])
def test_noise_for_a_budget(epsilon, noise):
    found = acc.dpsgd_noise(0.01, 1_000, epsilon, 1e-5)
    assert found == pytest.approx(noise, abs=6e-5)
    assert acc.dpsgd_epsilon(0.01, found, 1_000, 1e-5) <= epsilon < acc.dpsgd_epsilon(0.01, found - 1e-6, 1_000, 1e-5)


def test_a_search_ends():
    assert acc._smallest(lambda number: number >= 1e-30) == pytest.approx(1e-30)
    assert acc._smallest(lambda number: True) < 1e-99
    with pytest.raises(ValueError, match="no number is enough for this budget"):
        acc._smallest(lambda number: False)


# Refusals -----------------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: acc.analytic_sigma(0, 1e-5), "epsilon must be a positive finite number, got 0"),
        (lambda: acc.analytic_sigma(-1, 1e-5), "epsilon must be a positive finite number, got -1"),
        (lambda: acc.analytic_sigma(NAN, 1e-5), "epsilon must be a positive finite number, got nan"),
        (lambda: acc.analytic_sigma(1, 0), "delta must lie strictly between 0 and 1, got 0"),
        (lambda: acc.analytic_sigma(1, 1), "delta must lie strictly between 0 and 1, got 1"),
        (lambda: acc.analytic_sigma(1, NAN), "delta must lie strictly between 0 and 1, got nan"),
        (lambda: acc.analytic_sigma(1, 1e-5, math.inf), "sensitivity must be a positive finite number, got inf: bound"),
        (lambda: acc.analytic_sigma(1, 1e-5, NAN), "sensitivity must be a positive"),
        (lambda: acc.classic_sigma(0, 1e-5), "epsilon must be"),
        (lambda: acc.classic_sigma(1, 2), "delta must lie"),
        (lambda: acc.classic_sigma(1, 1e-5, 0), "sensitivity must be"),
        (lambda: acc.gaussian_delta(0, 1), "noise_multiplier must be a positive"),
        (lambda: acc.gaussian_delta(1, -1), "epsilon must be a finite number, 0 or more"),
        (lambda: acc.gaussian_epsilon(NAN, 1e-5), "noise_multiplier must be a positive"),
        (lambda: acc.gaussian_epsilon(1, -0.1), "delta must lie"),
        (lambda: acc.rdp_gaussian(0), "noise_multiplier must be"),
        (lambda: acc.rdp_gaussian(1, [1.0, 2.0]), "orders must be a list of finite numbers above 1"),
        (lambda: acc.rdp_gaussian(1, []), "orders must be a list"),
        (lambda: acc.rdp_gaussian(1, [2, NAN]), "orders must be a list"),
        (lambda: acc.rdp_gaussian(1, [2, math.inf]), "orders must be a list"),
        (lambda: acc.rdp_laplace(-1), "noise_multiplier must be"),
        (lambda: acc.rdp_subsampled_gaussian(0, 1), "sampling_rate must lie above 0"),
        (lambda: acc.rdp_subsampled_gaussian(1.1, 1), "sampling_rate must lie above 0 and be at most 1"),
        (lambda: acc.rdp_subsampled_gaussian(NAN, 1), "sampling_rate must lie"),
        (lambda: acc.rdp_subsampled_gaussian(0.1, NAN), "noise_multiplier must be"),
        (lambda: acc.rdp_subsampled_gaussian(0.1, 1, [0.5]), "orders must be a list"),
        (lambda: acc.rdp_epsilon([2, 3], [1], 1e-5), "rdp must hold a number of 0 or more for each order"),
        (lambda: acc.rdp_epsilon([2], [NAN], 1e-5), "rdp must hold a number of 0 or more for each order, and no NaN"),
        (lambda: acc.rdp_epsilon([2], [-1], 1e-5), "rdp must hold"),
        (lambda: acc.rdp_epsilon([2], [1], 0), "delta must lie"),
        (lambda: acc.rdp_epsilon([2], [1], 1e-5, "old"), 'conversion must be "improved" or "classic"'),
        (lambda: acc.rdp_delta([2], [1], 0), "epsilon must be"),
        (lambda: acc.rdp_delta([2, 3], [1], 1), "rdp must hold"),
        (lambda: acc.zcdp_gaussian(0), "noise_multiplier must be"),
        (lambda: acc.zcdp_pure(-1), "epsilon must be"),
        (lambda: acc.zcdp_epsilon(0, 1e-5), "rho must be a positive"),
        (lambda: acc.zcdp_epsilon(1, 1), "delta must lie"),
        (lambda: acc.zcdp_epsilon(1, 1e-5, "old"), "conversion must be"),
        (lambda: acc.basic_composition([1, 0]), "epsilon must be"),
        (lambda: acc.basic_composition([1], [1]), r"delta must lie in \[0, 1\)"),
        (lambda: acc.advanced_composition(0, 2, 1e-5), "epsilon must be"),
        (lambda: acc.advanced_composition(1, 0, 1e-5), "times must be a whole number of 1 or more, got 0"),
        (lambda: acc.advanced_composition(1, 2, 0), "delta must lie strictly"),
        (lambda: acc.advanced_composition(1, 2, 1e-5, -1), r"delta must lie in \[0, 1\)"),
        (lambda: acc.group_privacy(-1, 2), "epsilon must be"),
        (lambda: acc.group_privacy(1, 1.5), "size must be a whole number"),
        (lambda: acc.group_privacy(1, 2, 1), "delta must lie"),
        (lambda: acc.amplified_by_sampling(0, 0.1), "epsilon must be"),
        (lambda: acc.amplified_by_sampling(1, 0), "sampling_rate must lie"),
        (lambda: acc.amplified_by_sampling(1, 0.1, NAN), "delta must lie"),
        (lambda: acc.dpsgd_epsilon(0.01, 1, 0, 1e-5), "steps must be a whole number"),
        (lambda: acc.dpsgd_epsilon(0.01, 1, 10, 0), "delta must lie"),
        (lambda: acc.dpsgd_noise(0.01, 10, 0, 1e-5), "epsilon must be"),
        (lambda: acc.dpsgd_noise(0.01, 10, 1, 1.5), "delta must lie"),
        (lambda: acc.dpsgd_noise(2, 10, 1, 1e-5), "sampling_rate must lie"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value) and str(refusal.value)[-1] not in ".,: "
