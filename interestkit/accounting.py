"""What a sequence of private releases adds up to: Rényi and zero-concentrated accounting, and ε for a given δ.

For learning: `dp-accounting` is what production uses, and the tests hold these functions to it.

A mechanism's Rényi differential privacy is a curve: for each order α > 1 a bound on the Rényi divergence of its
outputs on neighbouring data. Curves of releases add up, and one conversion at the end gives ε:

    curve = 1_000 * rdp_subsampled_gaussian(sampling_rate=0.01, noise_multiplier=1.0, orders=ORDERS)
    epsilon, order = rdp_epsilon(ORDERS, curve, delta=1e-5)         # 2.1014 at order 7.8

Neighbours differ in one household, added or removed. `noise_multiplier` is the standard deviation of the noise over
the L2 sensitivity. An ε says nothing without its δ, its unit, and the accountant that found it.
"""

import math

import numpy as np

ORDERS = (*(1 + x / 10 for x in range(1, 100)), *range(11, 64), 128, 256, 512, 1024)  # those of dp-accounting

_BLOCK, _TERMS = 50, 1_000  # terms of a series that are summed at once, and after which it is given up


# The Gaussian alone -------------------------------------------------------------------


def classic_sigma(epsilon, delta, sensitivity=1.0):
    """Standard deviation by the textbook's formula, which is proved for ε up to 1 and wrong for large ones.

    Args:
        epsilon, delta: what is promised.
        sensitivity: L2, in units of the answer.

    Returns:
        sensitivity · √(2 ln(1.25/δ)) / ε, in units of the answer.

    Source:
        Dwork & Roth, The algorithmic foundations of differential privacy, 2014, theorem A.1.
    """
    check_epsilon(epsilon), check_delta(delta), check_sensitivity(sensitivity)
    return sensitivity * math.sqrt(2 * math.log(1.25 / delta)) / epsilon


def analytic_sigma(epsilon, delta, sensitivity=1.0):
    """The smallest standard deviation with which Gaussian noise keeps (ε, δ), for any ε.

    Args:
        epsilon, delta: what is promised.
        sensitivity: L2, in units of the answer.

    Returns:
        the standard deviation, in units of the answer; rounded up in the twelfth digit.

    Source:
        Balle & Wang, Improving the Gaussian mechanism for differential privacy, ICML 2018, theorem 8.
    """
    check_epsilon(epsilon), check_delta(delta), check_sensitivity(sensitivity)
    goal = math.log(delta)
    return sensitivity * _smallest(lambda noise: _log_delta(noise, epsilon) <= goal)


def gaussian_delta(noise_multiplier, epsilon):
    """The exact δ of one Gaussian release at a given ε.

    Args:
        noise_multiplier: standard deviation over L2 sensitivity.
        epsilon: 0 or more.

    Returns:
        δ.

    Source:
        Balle & Wang, ICML 2018, theorem 8.
    """
    _check_positive("noise_multiplier", noise_multiplier)
    if not 0 <= epsilon < math.inf:
        raise ValueError(f"epsilon must be a finite number, 0 or more, got {epsilon}")
    return math.exp(_log_delta(noise_multiplier, epsilon))


def gaussian_epsilon(noise_multiplier, delta):
    """The exact ε of one Gaussian release at a given δ.

    Args:
        noise_multiplier: standard deviation over L2 sensitivity. Releases that add up as one: k of them with
            multiplier z are one with z/√k.
        delta: in (0, 1).

    Returns:
        ε; 0 where δ alone pays for it.
    """
    _check_positive("noise_multiplier", noise_multiplier), check_delta(delta)
    goal = math.log(delta)
    if _log_delta(noise_multiplier, 0) <= goal:
        return 0.0
    return _smallest(lambda epsilon: _log_delta(noise_multiplier, epsilon) <= goal)


# Curves -------------------------------------------------------------------------------


def rdp_gaussian(noise_multiplier, orders=ORDERS):
    """Rényi curve of the Gaussian mechanism: α / (2 z²).

    Args:
        noise_multiplier: z.
        orders: (k,) numbers above 1.

    Returns:
        (k,) curve.

    Source:
        Mironov, Rényi differential privacy, CSF 2017, proposition 7.
    """
    _check_positive("noise_multiplier", noise_multiplier)
    return _orders(orders) / (2 * noise_multiplier**2)


def rdp_laplace(noise_multiplier, orders=ORDERS):
    """Rényi curve of the Laplace mechanism.

    Args:
        noise_multiplier: scale of the noise over the L1 sensitivity, which is 1/ε of one release.
        orders: (k,) numbers above 1.

    Returns:
        (k,) curve, below 1/noise_multiplier.

    Source:
        Mironov, CSF 2017, proposition 6.
    """
    _check_positive("noise_multiplier", noise_multiplier)
    a = _orders(orders)
    up = np.log(a / (2 * a - 1)) + (a - 1) / noise_multiplier
    down = np.log((a - 1) / (2 * a - 1)) - a / noise_multiplier
    return np.logaddexp(up, down) / (a - 1)


def rdp_subsampled_gaussian(sampling_rate, noise_multiplier, orders=ORDERS, exact=False):
    """Rényi curve of the Gaussian mechanism on a Poisson sample: each household is in with the same chance, alone.

    Shuffled batches of a fixed size are another mechanism with another ε.

    Args:
        sampling_rate: q in (0, 1], the chance of a household to be in a step's sample.
        noise_multiplier: z, relative to what one household can move the sum.
        orders: (k,) numbers above 1. Whole ones are exact.
        exact: for other orders, integrate. By default they get what `dp-accounting` gives them: the series with
            the sizes of its terms, whose signs alternate in truth. That is a bound on the safe side, close to the
            truth at large orders and loose at small ones; infinite where 1,000 terms do not suffice.

    Returns:
        (k,) curve of one step.

    Source:
        Mironov, Talwar & Zhang, Rényi differential privacy of the sampled Gaussian mechanism, 2019, section 3.3.
    """
    _check_positive("noise_multiplier", noise_multiplier), _check_rate(sampling_rate)
    orders = _orders(orders)
    if sampling_rate == 1:
        return rdp_gaussian(noise_multiplier, orders)
    whole, log_a = orders == np.floor(orders), np.empty(len(orders))
    if whole.any():
        log_a[whole] = _whole_moments(sampling_rate, noise_multiplier, orders[whole].astype(int))
    if not whole.all():
        between = _integrals if exact else _series
        log_a[~whole] = between(sampling_rate, noise_multiplier, orders[~whole])
    rdp = log_a / (orders - 1)
    rounded = ~whole & (log_a < 1e-10)  # too small for its digits to be trusted; and curves never fall
    if rounded.any():
        rdp[rounded] = rdp_subsampled_gaussian(sampling_rate, noise_multiplier, np.ceil(orders[rounded]))
    return rdp


def rdp_epsilon(orders, rdp, delta, conversion="improved"):
    """The ε that a Rényi curve gives at a δ: the best over its orders.

    Args:
        orders: (k,) numbers above 1.
        rdp: (k,) curve, the sum over all releases.
        delta: in (0, 1).
        conversion: "improved" (as `dp-accounting`), or "classic": curve + ln(1/δ) / (α - 1), which is larger.

    Returns:
        epsilon, order: the second is where the first was found; at the end of `orders`, more orders may give less.

    Source:
        Canonne, Kamath & Steinke, The discrete Gaussian for differential privacy, NeurIPS 2020, proposition 12;
        classic: Mironov, CSF 2017, proposition 3.
    """
    orders, rdp = _curve(orders, rdp)
    check_delta(delta)
    if conversion == "improved":
        epsilon = np.where(orders > 1.01, rdp + _overhead(orders, delta), np.inf)
        epsilon[-np.expm1(-rdp) < delta**2] = 0  # the Kullback-Leibler divergence alone bounds δ
    elif conversion == "classic":
        epsilon = rdp - math.log(delta) / (orders - 1)
    else:
        raise ValueError(f'conversion must be "improved" or "classic", got {conversion!r}')
    best = epsilon.argmin()
    return max(0.0, float(epsilon[best])), float(orders[best])


def rdp_delta(orders, rdp, epsilon):
    """The δ that a Rényi curve gives at an ε; `rdp_epsilon` says what the other arguments mean.

    Args:
        orders, rdp: (k,) as there.
        epsilon: positive.

    Returns:
        delta, order.
    """
    orders, rdp = _curve(orders, rdp)
    check_epsilon(epsilon)
    rest = np.log1p(-1 / orders)
    log_delta = np.where(orders > 1.01, (orders - 1) * (rdp - epsilon + rest) - np.log(orders), np.inf)
    with np.errstate(divide="ignore"):
        log_delta = np.minimum(log_delta, 0.5 * np.log(-np.expm1(-rdp)))
    best = log_delta.argmin()
    return min(1.0, math.exp(log_delta[best])), float(orders[best])


# Zero-concentrated --------------------------------------------------------------------


def zcdp_gaussian(noise_multiplier):
    """ρ of the Gaussian mechanism, 1 / (2 z²). The ρ of several releases add up.

    Args:
        noise_multiplier: z.

    Returns:
        ρ.

    Source:
        Bun & Steinke, Concentrated differential privacy, TCC 2016 (arXiv 1605.02065), proposition 1.6.
    """
    _check_positive("noise_multiplier", noise_multiplier)
    return 1 / (2 * noise_multiplier**2)


def zcdp_pure(epsilon):
    """ρ of a mechanism that is ε-differentially private: ε²/2.

    Args:
        epsilon: positive.

    Returns:
        ρ.

    Source:
        Bun & Steinke, TCC 2016, proposition 1.4.
    """
    check_epsilon(epsilon)
    return epsilon**2 / 2


def zcdp_epsilon(rho, delta, conversion="improved"):
    """The ε of ρ-zero-concentrated differential privacy at a δ.

    Args:
        rho: positive, the sum over all releases.
        delta: in (0, 1).
        conversion: "improved", the best over all orders, or "classic": ρ + 2 √(ρ ln(1/δ)), which is larger.

    Returns:
        ε.

    Source:
        Canonne, Kamath & Steinke, NeurIPS 2020, proposition 12; classic: Bun & Steinke, TCC 2016, proposition 1.3.
    """
    _check_positive("rho", rho), check_delta(delta)
    if conversion == "classic":
        return rho + 2 * math.sqrt(rho * math.log(1 / delta))
    if conversion != "improved":
        raise ValueError(f'conversion must be "improved" or "classic", got {conversion!r}')
    from scipy.optimize import minimize_scalar

    def at(log_excess):
        order = 1 + math.exp(log_excess)
        return rho * order + _overhead(order, delta)

    start = math.log(math.sqrt(math.log(1 / delta) / rho))  # where the classic bound is attained
    return max(0.0, float(minimize_scalar(at, bounds=(start - 5, start + 5), options={"xatol": 1e-10}).fun))


# Composition, groups, samples ---------------------------------------------------------


def basic_composition(epsilons, deltas=()):
    """All releases together: ε and δ add up, whatever the mechanisms are and however they were chosen.

    Args:
        epsilons: (k,) positive.
        deltas: (k,) or none, where all are 0.

    Returns:
        epsilon, delta.

    Source:
        Dwork & Roth, 2014, theorem 3.16.
    """
    for epsilon in epsilons:
        check_epsilon(epsilon)
    for delta in deltas:
        check_delta(delta, zero=True)
    return math.fsum(epsilons), min(1.0, math.fsum(deltas))


def advanced_composition(epsilon, times, slack, delta=0.0):
    """Many equal releases: ε grows with the root of their number, for a little more δ.

    Args:
        epsilon, delta: of one release.
        times: k, how many releases.
        slack: δ', the additional δ, in (0, 1).

    Returns:
        epsilon, delta: √(2k ln(1/δ')) ε + kε(eᵉ - 1), and kδ + δ'. More than the basic sum where ε is large.

    Source:
        Dwork, Rothblum & Vadhan, FOCS 2010; as theorem 3.20 of Dwork & Roth, 2014.
    """
    check_epsilon(epsilon), check_delta(delta, zero=True), check_delta(slack), _check_count("times", times)
    total = math.sqrt(2 * times * math.log(1 / slack)) * epsilon + times * epsilon * math.expm1(epsilon)
    return total, min(1.0, times * delta + slack)


def group_privacy(epsilon, size, delta=0.0):
    """What is promised to a group whose data change together: a household's rows where the unit is a row.

    Args:
        epsilon, delta: promised to one.
        size: k, how many are in the group.

    Returns:
        epsilon, delta: kε, and δ (eᵏᵉ - 1) / (eᵉ - 1), at most 1.

    Source:
        Vadhan, The complexity of differential privacy, 2017, lemma 2.2, its sum written out.
    """
    check_epsilon(epsilon), check_delta(delta, zero=True), _check_count("size", size)
    if not delta:
        return size * epsilon, 0.0
    log_times = size * epsilon + math.log(-math.expm1(-size * epsilon)) - math.log(math.expm1(epsilon))
    return size * epsilon, math.exp(min(0.0, math.log(delta) + log_times))


def amplified_by_sampling(epsilon, sampling_rate, delta=0.0):
    """A mechanism on a Poisson sample of the households, of whom nobody knows who is in it.

    Args:
        epsilon, delta: of the mechanism on the sample.
        sampling_rate: q in (0, 1].

    Returns:
        epsilon, delta: ln(1 + q (eᵉ - 1)), and qδ.

    Source:
        Balle, Barthe & Gaboardi, Privacy amplification by subsampling, NeurIPS 2018, theorem 8.
    """
    check_epsilon(epsilon), check_delta(delta, zero=True), _check_rate(sampling_rate)
    return math.log1p(sampling_rate * math.expm1(epsilon)), sampling_rate * delta


# Private training ---------------------------------------------------------------------


def dpsgd_epsilon(sampling_rate, noise_multiplier, steps, delta, orders=ORDERS, exact=False):
    """ε of a training run: so many steps, each on a new Poisson sample, each household's gradient clipped.

    Args:
        sampling_rate, noise_multiplier, orders, exact: as in `rdp_subsampled_gaussian`.
        steps: how many.
        delta: in (0, 1); well below one over the number of households.

    Returns:
        ε.
    """
    _check_count("steps", steps)
    curve = steps * rdp_subsampled_gaussian(sampling_rate, noise_multiplier, orders, exact)
    return rdp_epsilon(orders, curve, delta)[0]


def dpsgd_noise(sampling_rate, steps, epsilon, delta, orders=ORDERS):
    """The smallest noise multiplier with which a training run keeps (ε, δ).

    Args:
        sampling_rate, steps, delta, orders: as in `dpsgd_epsilon`.
        epsilon: what may be spent.

    Returns:
        the noise multiplier, rounded up in the twelfth digit.
    """
    check_epsilon(epsilon)
    return _smallest(lambda noise: dpsgd_epsilon(sampling_rate, noise, steps, delta, orders) <= epsilon)


# Refusals that `privacy` shares -------------------------------------------------------


def check_epsilon(epsilon):
    """Refuse an ε that is not a positive finite number.

    Args:
        epsilon: a number.

    Raises:
        ValueError: in one sentence.
    """
    _check_positive("epsilon", epsilon)


def check_delta(delta, zero=False):
    """Refuse a δ outside (0, 1).

    Args:
        delta: a number.
        zero: whether 0 will do.

    Raises:
        ValueError: in one sentence.
    """
    if not ((0 < delta < 1) or (zero and delta == 0)):
        raise ValueError(f"delta must lie {'in [0, 1)' if zero else 'strictly between 0 and 1'}, got {delta}")


def check_sensitivity(sensitivity):
    """Refuse a sensitivity that is not a positive finite number: data without bounds have none.

    Args:
        sensitivity: a number.

    Raises:
        ValueError: in one sentence.
    """
    if not 0 < sensitivity < math.inf:
        raise ValueError(
            f"sensitivity must be a positive finite number, got {sensitivity}: bound what one household can change, "
            "with clamp, clip_households or bound_contributions"
        )


# Inside -------------------------------------------------------------------------------


def _log_delta(noise, epsilon):
    from scipy.special import log_ndtr

    up = log_ndtr(1 / (2 * noise) - epsilon * noise)
    down = epsilon + log_ndtr(-1 / (2 * noise) - epsilon * noise)
    return float(up + math.log(-math.expm1(down - up))) if down < up else -math.inf


def _overhead(orders, delta):
    """What the improved conversion adds to a curve."""
    return np.log1p(-1 / orders) - np.log(delta * orders) / (orders - 1)


def _whole_moments(q, z, orders):
    """ln A of whole orders by the binomial theorem; A - 1 is summed, so that a small curve keeps its digits."""
    from scipy.special import gammaln

    length = orders - 1  # terms 2 to α of each order, one order after the other
    start = np.cumsum(length) - length
    a = np.repeat(orders, length)
    i = np.arange(len(a)) - np.repeat(start, length) + 2
    factorial = gammaln(np.arange(orders.max() + 1) + 1.0)
    grown = i * (i - 1) / (2 * z**2)
    with np.errstate(divide="ignore"):
        term = factorial[a] - factorial[i] - factorial[a - i] + i * math.log(q) + (a - i) * math.log1p(-q)
        term += grown + np.log(-np.expm1(-grown))
        top = np.maximum.reduceat(term, start)
        finite = np.maximum(top, -1e300)
        return np.logaddexp(0, finite + np.log(np.add.reduceat(np.exp(term - np.repeat(finite, length)), start)))


def _series(q, z, orders):
    """ln of a bound on A for orders between whole ones: the two series of section 3.3, all terms positive."""
    from scipy.special import log_ndtr

    middle = z**2 * math.log(1 / q - 1) + 0.5
    log_q, log_rest = math.log(q), math.log1p(-q)
    found, left = np.full(len(orders), np.inf), np.arange(len(orders))
    total, binomial = np.full(len(orders), -np.inf), np.zeros(len(orders))
    for first in range(0, _TERMS, _BLOCK):
        i = np.arange(first, first + _BLOCK)
        j = orders[left, None] - i  # (orders left, terms)
        step = np.log(np.abs(j + 1)) - np.log(np.maximum(i, 1))
        if not first:
            step[:, 0] = 0
        log_binomial = binomial[left, None] + np.cumsum(step, axis=1)
        low = log_binomial + i * log_q + j * log_rest + i * (i - 1) / (2 * z**2) + log_ndtr((middle - i) / z)
        high = log_binomial + j * log_q + i * log_rest + j * (j - 1) / (2 * z**2) + log_ndtr((j - middle) / z)
        both = np.logaddexp(low, high)
        top = both.max(1)
        total[left] = np.logaddexp(total[left], top + np.log(np.exp(both - top[:, None]).sum(1)))
        binomial[left] = log_binomial[:, -1]
        small = np.maximum(low[:, -1], high[:, -1]) < total[left] - 30
        done = small & (low[:, -1] < low[:, -2]) & (high[:, -1] < high[:, -2])
        found[left[done]] = total[left[done]]
        left = left[~done]
        if not len(left):
            break
    return found


def _integrals(q, z, orders):
    """ln A for any orders, by the trapezoid rule, which is all but exact for such smooth and fading functions."""
    found, step = [], 0.1 * z * min(1, z)
    for order in orders:
        x = np.arange(-14 * z, order + 14 * z, step)
        ratio = np.logaddexp(math.log1p(-q), math.log(q) + (2 * x - 1) / (2 * z**2))
        term = order * ratio - x**2 / (2 * z**2)
        found.append(term.max() + np.log(np.exp(term - term.max()).sum() * step / (z * math.sqrt(2 * math.pi))))
    return np.array(found)


def _smallest(enough):
    """The smallest positive number that is enough, rounded up in the twelfth digit; more must be enough, too."""
    high = 1.0
    while not enough(high):
        if high > 1e100:
            raise ValueError("no number is enough for this budget")
        high *= 2
    low = high / 2
    while enough(low) and low > 1e-100:
        low, high = low / 2, low
    while high > low * (1 + 1e-12):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _orders(orders):
    orders = np.asarray(orders, dtype=float)
    if orders.ndim != 1 or not len(orders) or not ((orders > 1) & (orders < np.inf)).all():
        raise ValueError("orders must be a list of finite numbers above 1, and not empty")
    return orders


def _curve(orders, rdp):
    orders, rdp = _orders(orders), np.asarray(rdp, dtype=float)
    if rdp.shape != orders.shape or not (rdp >= 0).all():
        raise ValueError("rdp must hold a number of 0 or more for each order, and no NaN")
    return orders, rdp


def _check_positive(name, number):
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be a positive finite number, got {number}")


def _check_rate(sampling_rate):
    if not 0 < sampling_rate <= 1:
        raise ValueError(f"sampling_rate must lie above 0 and be at most 1, got {sampling_rate}")


def _check_count(name, count):
    if count != count or count < 1 or count != int(count):
        raise ValueError(f"{name} must be a whole number of 1 or more, got {count}")
