"""Coupons on the app: the coin is fair, the truth is what it says, and bad input is refused."""

import numpy as np
import pytest

from interestkit import coupons
from interestkit.shop import Shop
from interestkit.worlds import WORLDS


def chance(number=1):
    return np.random.default_rng(number)


@pytest.fixture(scope="module", params=WORLDS)
def shop(request):
    return Shop.make(request.param, users=60_000, items=16, rng=chance())


@pytest.fixture(scope="module")
def campaign(shop):
    return coupons.send(shop, "cooking", 0.3, rng=chance(2))


def far(found, expected, variance, rows):
    """How many standard errors lie between a mean of `rows` rows and what it should be."""
    return abs(found - expected) / np.sqrt(variance / rows)


def test_a_coin_decides_and_its_probability_is_logged(campaign):
    got = campaign.coupon == 1
    assert far(got.mean(), 0.3, 0.21, len(got)) < 6
    assert (campaign.propensity[got] == 0.3).all() and (campaign.propensity[~got] == 0.7).all()
    assert abs(np.corrcoef(campaign.coupon, campaign.without)[0, 1]) < 6 / np.sqrt(len(got))


def test_they_buy_as_the_truth_says(shop, campaign):
    truth = np.where(campaign.coupon, campaign.with_coupon, campaign.without)
    for tier in range(3):
        for got in (0, 1):
            rows = (shop.shoppers.tier == tier) & (campaign.coupon == got)
            spread = (truth * (1 - truth))[rows].mean()
            assert far(campaign.bought[rows].mean(), truth[rows].mean(), spread, rows.sum()) < 6


def test_the_truth_is_the_formula_of_the_docstring(shop, campaign):
    share = shop.true_interest()[:, shop.categories.index("cooking")]
    for n in (0, 1, 2, 3, 4, 5):
        h, tier = share[n] / (share[n] + 1 / 8), shop.shoppers.tier[n]
        without = 0.5 * h * (0.3, 0.6, 1)[tier]
        assert campaign.without[n] == pytest.approx(without)
        assert campaign.with_coupon[n] == pytest.approx(without + 0.4 * h * (1 - h) * (1, 0.4, -0.2)[tier])


def test_probabilities_are_probabilities(campaign):
    for truth in (campaign.without, campaign.with_coupon):
        assert truth.min() >= 0 and truth.max() <= 1


def test_response_and_uplift_point_to_different_shoppers(shop, campaign):
    tiers = [shop.shoppers.tier == tier for tier in range(3)]
    response = [campaign.with_coupon[rows].mean() for rows in tiers]
    uplift = [(campaign.with_coupon - campaign.without)[rows].mean() for rows in tiers]
    assert np.argmax(response) == 2 and np.argmax(uplift) == 0 and uplift[2] < 0


def test_the_same_seed_gives_the_same_campaign_and_another_day_another_truth(shop):
    first, again = (coupons.send(shop, "tea", rng=chance(3)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(vars(first).values(), vars(again).values(), strict=True))
    assert (coupons.send(shop, "tea", day=80, rng=chance(3)).without != first.without).any()


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, np.nan])
def test_a_share_that_leaves_a_group_empty_is_refused(shop, share):
    with pytest.raises(ValueError, match="both groups exist"):
        coupons.send(shop, "tea", share, rng=chance())


def test_an_unknown_category_is_refused(shop):
    with pytest.raises(ValueError, match="category must be one of"):
        coupons.send(shop, "yachts", rng=chance())
