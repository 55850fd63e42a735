"""Coupons on the app: a coin decides who gets one, and the truth tells what it did to each shopper.

Who is at home in a category buys there anyway. A coupon moves those who are half interested, and those who
look for low prices most; shoppers of dear things are put off a little. With h = s / (s + 1/8) for the share s
of the category in a shopper's interest, they buy in the week of the campaign with the probability

    0.5 * h * (0.3, 0.6, 1)[price tier]                                    without a coupon
    the same  +  0.4 * h * (1 - h) * (1, 0.4, -0.2)[price tier]            with one

These numbers are invented. No public log of a shop with randomised coupons and shoppers' interests is known to us.
"""

from dataclasses import dataclass

import numpy as np

from interestkit.units import happens

_ANYWAY = np.array([0.3, 0.6, 1.0])  # by price tier
_MOVED = np.array([1.0, 0.4, -0.2])


@dataclass(frozen=True, eq=False)
class Campaign:
    """One campaign, a row for each shopper, in order of their ids; the last two arrays are the truth.

    Attributes:
        coupon: (n,) 1 for those who got one, 0 for the others.
        bought: (n,) whether they bought in the category.
        propensity: (n,) the probability of what was done: of the coupon, or of none.
        without, with_coupon: (n,) the probability that they buy without and with a coupon.
    """

    coupon: np.ndarray
    bought: np.ndarray
    propensity: np.ndarray
    without: np.ndarray
    with_coupon: np.ndarray


def send(shop, category, share=0.5, *, day=0, rng):
    """Send coupons for a category to shoppers drawn by chance, and see who buys.

    Args:
        shop: a `shop.Shop`.
        category: one of `shop.categories`.
        share: the probability with which a shopper gets one, above 0 and below 1.
        day: of the campaign; interests drift.
        rng: decides who gets one, and who buys.

    Returns:
        A `Campaign`.

    Raises:
        ValueError: for an unknown category, or a share that leaves one of the two groups empty.
    """
    if category not in shop.categories:
        raise ValueError(f"category must be one of {', '.join(shop.categories)}, got {category!r}")
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, so that both groups exist, got {share}")
    interest, tier = shop.true_interest(day)[:, shop.categories.index(category)], shop.shoppers.tier
    habit = interest / (interest + 1 / 8)
    without = 0.5 * habit * _ANYWAY[tier]
    with_coupon = without + 0.4 * habit * (1 - habit) * _MOVED[tier]
    coupon = happens(np.full(len(tier), share), rng)
    return Campaign(
        coupon=coupon.astype(np.int64),
        bought=happens(np.where(coupon, with_coupon, without), rng),
        propensity=np.where(coupon, share, 1 - share),
        without=without,
        with_coupon=with_coupon,
    )
