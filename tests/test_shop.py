"""The simulated shop does what it says it does, and the same everywhere."""

import dataclasses
import hashlib
import os
import platform
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from interestkit import units
from interestkit.catalogue import CATEGORIES, CHINESE
from interestkit.logs import DAY
from interestkit.reviews import ASPECTS
from interestkit.shop import Shop
from interestkit.worlds import SEGMENTS, WORLDS

NAMED = ("uniform", "popular", "interest")
# Of the integers in the shops and logs of `fingerprint`; a change here changes printed numbers of lessons.
FINGERPRINTS = {"segments": "9cbafcc0452aca6d", "hobbies": "c367b40d3ec4c8d4", "continuum": "6aa4b23d467f36d1"}


def chance(number=1):
    return np.random.default_rng(number)


def fingerprint(world):
    """A hash of every integer of a shop and of one log for each named policy, all traps on."""
    rng = chance()
    shop = Shop.make(world, users=300, items=120, rng=rng)
    arrays = [shop.popularity, *vars(shop.shoppers).values()]
    arrays += [getattr(shop.items, field.name) for field in dataclasses.fields(shop.items)]
    for policy in NAMED:
        log = shop.log(10_000, policy=policy, rng=rng, gifts=0.1, bots=0.02, duplicates=0.05, cold=0.1)
        reviews = shop.reviews(log, rng=rng, fakes=0.2, duplicates=0.1)
        arrays += [*vars(log).values(), *vars(log.truth).values(), *vars(reviews).values()]
    digest = hashlib.sha256()
    for array in arrays:
        if isinstance(array, np.ndarray) and array.dtype.kind in "iub":
            digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="module", params=WORLDS)
def shop(request):
    return Shop.make(request.param, users=400, items=160, rng=chance())


@pytest.fixture(scope="module")
def log(shop):
    return shop.log(400_000, policy="popular", rng=chance(2))


def near(count, trials, probability, sigmas=6.0):
    """Whether a count is what so many trials of a probability give; wrong once in 5e8 where all is right."""
    spread = np.sqrt(np.sum(probability * (1 - probability) * np.ones(trials)))
    return abs(count - np.sum(probability * np.ones(trials))) <= sigmas * spread + 1


# The same everywhere


@pytest.mark.parametrize("world", WORLDS)
def test_integers_are_the_same_everywhere(world):
    assert fingerprint(world) == FINGERPRINTS[world]


def test_integers_are_the_same_on_a_processor_without_avx512():
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("the switch exists on x86-64 only")
    program = "from test_shop import fingerprint; print(fingerprint('continuum'))"
    other = {
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "OPENBLAS_CORETYPE": "Haswell",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=os.environ | other, capture_output=True, text=True
    )
    assert run.stdout.strip() == FINGERPRINTS["continuum"], run.stderr


def test_the_generator_decides(shop):
    first, again, other = (shop.log(1_000, bots=0.1, cold=0.1, rng=chance(seed)) for seed in (3, 3, 4))
    assert (first.item == again.item).all() and (first.click == again.click).all()
    assert (first.propensity == again.propensity).all()
    assert (first.item != other.item).any()


def test_importing_the_shop_loads_no_pandas():
    program = "import sys, interestkit.shop; print({'pandas', 'scipy', 'matplotlib'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


# Whole numbers


def test_apportion_by_hand():
    assert units.apportion([[1, 1, 1], [0, 3, 1]], 10).tolist() == [[4, 3, 3], [0, 8, 2]]


def test_spacings_add_up_and_are_uniform():
    parts = units.spacings(20_000, 4, 1_000, chance())
    assert (parts.sum(1) == 1_000).all() and parts.min() >= 0
    assert np.abs(parts.mean(0) - 250).max() < 10


def test_certain_and_impossible_events():
    assert units.happens(np.ones(1_000), chance()).all()
    assert not units.happens(np.zeros(1_000), chance()).any()


def test_an_event_is_a_draw_below_its_threshold_and_not_one_on_it():
    class Lowest:
        def integers(self, low, high, shape, dtype):
            return np.full(shape, low, dtype)

    assert units.happens(np.array([0, 2.0**-33, 2.0**-32, 1]), Lowest()).tolist() == [False, False, True, True]


def test_pick_follows_its_weights_and_never_picks_a_zero():
    picked = np.bincount(units.pick([0, 3, 0, 1, 0], 40_000, chance()), minlength=5)
    assert picked[[0, 2, 4]].sum() == 0 and near(picked[1], 40_000, 0.75)


# Who comes


def test_interests_add_up_to_one_on_every_day(shop):
    for day in (0, 29, 45, 400):
        interest = shop.true_interest(day)
        assert interest.shape == (400, len(CATEGORIES)) == (400, 16)
        assert interest.min() >= 0 and np.abs(interest.sum(1) - 1).max() < 1e-12


def test_only_the_segments_world_has_segments(shop):
    for day in (0, 400):
        segment = shop.true_segment(day)
        assert set(segment) == (set(range(len(SEGMENTS))) if shop.world.name == "segments" else {-1})


def test_shoppers_of_a_segment_share_its_core():
    shop = Shop.make("segments", users=2_000, items=16, rng=chance())
    interest, segment = shop.true_interest(), shop.true_segment()
    cooks, pets = (interest[segment == SEGMENTS.index(name)].mean(0) for name in ("home cooks", "pet people"))
    assert cooks.argmax() == CATEGORIES.index("cooking") and pets.argmax() == CATEGORIES.index("pets")
    assert pets.max() > 0.75
    assert near((segment == 0).sum(), 2_000, 0.28)


def test_hobbies_are_one_to_three_and_a_continuum_has_no_gaps():
    interest = Shop.make("hobbies", users=2_000, items=16, rng=chance()).true_interest()
    main = (interest > 0.1).sum(1)
    assert set(main) <= {1, 2, 3, 4} and (main <= 3).mean() > 0.95 and {1, 2, 3} <= set(main)
    top = np.sort(Shop.make("continuum", users=2_000, items=16, rng=chance()).true_interest().max(1))
    assert np.diff(top).max() < 0.1 and top[0] < 0.2 and top[-1] > 0.5


def test_interests_drift_when_and_as_far_as_the_world_says(shop):
    people, world = shop.shoppers, shop.world
    drifts = people.change_day >= 0
    assert near(drifts.sum(), 400, world.drifters)
    start, end = shop.true_interest(0), shop.true_interest(world.horizon + world.slide)
    assert (start == end)[~drifts].all() if (~drifts).any() else world.drifters == 1
    assert (start != end)[drifts].any(1).mean() > 0.9
    late = drifts & (people.change_day >= 10)
    assert (shop.true_interest(10) == start)[late].all()
    assert np.allclose(end[drifts], people.after[drifts] / units.UNITS)


def test_a_slide_is_half_way_after_half_its_days():
    shop = Shop.make("continuum", users=50, items=16, rng=chance())
    middle = shop.shoppers.change_day[0] + shop.world.slide // 2
    mean = (shop.shoppers.before[0] + shop.shoppers.after[0]) / 2 / units.UNITS
    assert np.allclose(shop.true_interest(middle)[0], mean, atol=1e-12)


def test_in_the_segments_world_drifters_move_to_another_segment():
    shop = Shop.make("segments", users=2_000, items=16, rng=chance())
    moved = shop.true_segment(0) != shop.true_segment(200)
    assert (moved == (shop.shoppers.change_day >= 0)).all() and moved.any()


# What is sold


def test_items_have_titles_and_prices_that_fit_their_tier(shop):
    frame = shop.items.frame()
    assert list(frame.columns) == ["item", "title", "category", "price", "seller"]
    assert set(frame["category"]) == set(CATEGORIES) and len(CHINESE) == len(CATEGORIES) == len(set(CHINESE))
    assert frame.loc[shop.items.tier == 2, "price"].min() >= 40 > frame.loc[shop.items.tier < 2, "price"].max()
    dear = frame.loc[shop.items.tier == 2, "title"].str.contains("fine|handmade")
    assert dear.all() and frame["title"].nunique() > 100
    assert frame["seller"].max() < len(shop.items.reliability) == 8


def test_looks_and_quality_go_together_but_are_not_the_same():
    items = Shop.make(users=1, items=5_000, rng=chance()).items
    assert 0.65 < np.corrcoef(items.look, items.quality)[0, 1] < 0.75
    assert 0.3 <= items.look.min() and items.look.max() <= 1 and 0 <= items.quality.min() <= items.quality.max() <= 1


# What is shown


@pytest.mark.parametrize("name", [*NAMED, "own"])
def test_probabilities_of_a_policy_add_up_to_one_and_its_draws_follow_them(shop, name):
    weights = chance(5).random((400, 16)) * (chance(6).random((400, 16)) < 0.5) + np.eye(16)[np.arange(400) % 16]
    policy = shop.policy(weights, chance(7).random(160) + 0.01, 0.2) if name == "own" else None
    log = shop.log(50_000, slots=1, policy=policy or name, rng=chance(8))
    policy = policy or {
        "uniform": shop.policy(explore=1),
        "popular": shop.policy(items=shop.popularity, explore=0.1),
    }.get(name, shop.policy(shop.true_interest(0), explore=0.1))
    every = np.arange(160)
    table = np.array([policy.probability(np.full(160, user), every) for user in range(400)])
    assert np.abs(table.sum(1) - 1).max() < 1e-12
    assert np.abs(log.propensity - table[log.user, log.item]).max() < 1e-15
    drawn = np.bincount(policy.draw(np.full(200_000, 17), chance(9)), minlength=160)
    expected = table[17] * 200_000
    common = expected > 10
    test = stats.chisquare(
        np.append(drawn[common], drawn[~common].sum() + 1e-9),
        np.append(expected[common], expected[~common].sum() + 1e-9),
    )
    assert test.pvalue > 1e-7


def test_uniform_means_exactly_one_in_m(shop):
    log = shop.log(1_000, slots=1, policy="uniform", rng=chance())
    assert (log.propensity == 1 / 160).all()


def test_a_page_never_repeats_an_item_and_its_propensities_know_what_stands_above(shop):
    policy = shop.policy(items=shop.popularity, explore=0.3)
    log = shop.log(20_000, slots=4, policy=policy, rng=chance())
    pages = log.item.reshape(-1, 4)
    assert (np.diff(np.sort(pages, axis=1), axis=1) > 0).all()
    assert (log.position.reshape(-1, 4) == [1, 2, 3, 4]).all()
    plain = policy.probability(log.user, log.item).reshape(-1, 4)
    left = 1 - np.cumsum(plain, axis=1) + plain
    assert np.allclose(log.propensity.reshape(-1, 4), plain / left, rtol=1e-12)


def test_second_places_are_drawn_with_the_logged_probability():
    shop = Shop.make(users=1, items=16, rng=chance())
    policy = shop.policy(items=np.arange(1, 17) ** 3.0, explore=0.1)
    log = shop.log(400_000, slots=2, policy=policy, rng=chance())
    first, second = log.item.reshape(-1, 2).T
    top = np.bincount(first).argmax()
    after_top = second[first == top]
    told = log.propensity.reshape(-1, 2)[first == top, 1]
    assert top not in after_top and len(after_top) > 20_000
    for item in set(after_top):
        assert near((after_top == item).sum(), len(after_top), told[after_top == item][0])
    assert abs(sum(told[after_top == item][0] for item in set(after_top)) - 1) < 1e-9


def test_fixed_pages_are_shown_with_certainty(shop):
    pages = shop.best_items(day=0, k=3)
    log = shop.log(3_000, slots=3, policy=pages, rng=chance())
    assert (log.item.reshape(-1, 3) == pages[log.user.reshape(-1, 3)[:, 0]]).all() and (log.propensity == 1).all()


def test_an_own_policy_object_will_do(shop):
    class Same:
        def draw(self, users, rng):
            return users % 160

        def probability(self, users, items):
            return (items == users % 160) * 1.0

    log = shop.log(500, slots=1, policy=Same(), rng=chance())
    assert (log.item == log.user % 160).all() and (log.propensity == 1).all()
    with pytest.raises(ValueError, match="too sure of a few items to fill a page of 2"):
        shop.log(500, slots=2, policy=Same(), rng=chance())


def test_the_popular_policy_shows_popular_items(shop, log):
    shown = np.bincount(log.item, minlength=160)
    assert stats.spearmanr(shown, shop.popularity)[0] > 0.5


# What they do


def test_clicks_are_as_frequent_as_the_truth_says(shop, log):
    truth = log.truth.click_probability
    ordinary = shop.click_probability(log.user, log.item, log.position, log.day)
    assert (truth == ordinary).all() and 0 < truth.min() and truth.max() <= shop.world.ceiling
    edges = np.quantile(truth, np.linspace(0, 1, 11)[1:-1])
    for part in range(10):
        rows = np.digitize(truth, edges) == part
        assert near(log.click[rows].sum(), rows.sum(), truth[rows])


def test_click_and_purchase_probability_by_hand():
    shop = Shop.make("hobbies", users=5, items=16, rng=chance())
    user, item, world = 2, 7, shop.world
    share = shop.true_interest(0)[user, shop.items.category[item]]
    taste = world.indifferent + (1 - world.indifferent) * share**2 / (share**2 + 1 / 64)
    fit = [[1, 0.6, 0.3], [0.7, 1, 0.7], [0.5, 0.8, 1]][shop.shoppers.tier[user]][shop.items.tier[item]]
    expected = world.ceiling * shop.items.look[item] * fit * taste / (1 + world.position_slope * 2)
    assert abs(shop.click_probability(user, item, position=3) - expected) < 1e-15
    expected = world.conversion * fit * (0.2 + 0.8 * shop.items.quality[item])
    assert abs(shop.purchase_probability(user, item) - expected) < 1e-15


def test_position_bias_is_recovered_from_a_uniform_log(shop):
    log = shop.log(1_000_000, policy="uniform", rng=chance(4))
    shown, clicked = log.position == 1, log.click[log.position == 1].sum()
    for position in (2, 3, 5):
        rows = log.position == position
        ratio = log.click[rows].sum() / clicked
        spread = ratio * np.sqrt(1 / log.click[rows].sum() + 1 / clicked)
        assert rows.sum() == shown.sum() and abs(ratio - shop.examined(position)) < 5 * spread
    assert shop.examined(1) == 1


def test_purchases_follow_clicks_with_the_true_probability(shop, log):
    assert not log.purchase[~log.click].any()
    clicked = log.click
    expected = shop.purchase_probability(log.user[clicked], log.item[clicked])
    assert near(log.purchase.sum(), clicked.sum(), expected)


def test_a_drifted_shopper_clicks_by_the_new_interest():
    world = dataclasses.replace(WORLDS["segments"], drifters=1.0, horizon=1)
    shop = Shop.make(world, users=300, items=160, rng=chance())
    counts = shop.category_counts(shop.log(300_000, first_day=10, rng=chance()))
    old, new = (np.take_along_axis(counts, shop.true_interest(day).argmax(1)[:, None], 1).sum() for day in (0, 10))
    assert new > 3 * old


def test_busy_shoppers_come_more_often(shop, log):
    visits = np.bincount(log.user, minlength=400)
    activity = shop.shoppers.activity / shop.shoppers.activity.sum()
    assert near(visits[0] / 5, 80_000, activity[0]) and near(visits[:200].sum() / 5, 80_000, activity[:200].sum())


def test_a_log_is_in_order_of_time_and_a_session_has_one_time_and_one_user(shop):
    log = shop.log(5_000, days=7, first_day=20, rng=chance())
    assert (np.diff(log.second) >= 0).all() and log.day.min() == 20 and log.day.max() == 26
    for column in (log.user, log.second, log.session):
        assert (np.ptp(column.reshape(-1, 5), axis=1) == 0).all()
    assert (log.session[::5] == np.arange(1_000)).all() and (log.day == log.second // DAY).all()


# The truth that no log offers


def test_a_plain_log_has_no_traps(log):
    truth = log.truth
    assert not (truth.is_gift.any() or truth.is_bot.any() or truth.is_duplicate.any() or truth.is_cold.any())
    assert len(log) == 400_000


def test_the_frame_holds_no_truth_unless_asked(shop):
    log = shop.log(1_000, rng=chance(), bots=0.1)
    plain, full = log.frame(), log.frame(truth=True)
    told = {"click_probability", "is_gift", "is_bot", "is_duplicate", "is_cold"}
    assert set(full.columns) - set(plain.columns) == told and "truth" not in full.columns
    assert (full["is_bot"] == log.truth.is_bot).all() and plain["user"].dtype == np.int32


def test_gifts_follow_somebody_elses_interest():
    shop = Shop.make("segments", users=300, items=160, rng=chance())
    log = shop.log(300_000, policy="interest", rng=chance(), gifts=0.25)
    gift = log.truth.is_gift
    assert near(gift[::5].sum(), 60_000, 0.25) and (gift.reshape(-1, 5) == gift[::5, None]).all()
    own = shop.click_probability(log.user, log.item, log.position, log.day)
    assert (log.truth.click_probability[~gift] == own[~gift]).all()
    assert log.truth.click_probability[gift].mean() < 0.5 * own[gift].mean()


def test_bots_click_on_anything_and_buy_nothing(shop):
    log = shop.log(100_000, rng=chance(), bots=0.05)
    bot = log.truth.is_bot
    assert len(np.unique(log.user[bot])) == 20 and not set(log.user[bot]) & set(log.user[~bot])
    assert near(log.click[bot].sum(), bot.sum(), 0.5) and not log.purchase[bot].any() and log.purchase.any()
    assert bot.mean() > 0.15


def test_duplicates_repeat_the_row_before(shop):
    log = shop.log(50_000, rng=chance(), duplicates=0.1)
    twice = np.flatnonzero(log.truth.is_duplicate)
    assert near(twice.size, 50_000, 0.1) and len(log) == 50_000 + twice.size
    frame = log.frame()
    assert frame.iloc[twice].reset_index(drop=True).equals(frame.iloc[twice - 1].reset_index(drop=True))
    assert frame[~log.truth.is_duplicate].duplicated().sum() == 0


def test_cold_shoppers_come_in_the_last_quarter_only(shop):
    log = shop.log(100_000, days=20, rng=chance(), cold=0.3)
    cold = log.truth.is_cold
    assert log.day[cold].min() == 15 and log.day[~cold].min() == 0
    assert 100 < len(np.unique(log.user[cold])) <= 120 and not set(log.user[cold]) & set(log.user[~cold])


# Exact answers


def test_best_items_are_those_of_a_full_table(shop):
    table = shop.click_probability(np.arange(400)[:, None], np.arange(160), day=40)
    best = shop.best_items(day=40, k=7)
    found = np.take_along_axis(table, best, 1)
    assert best.shape == (400, 7) and (np.diff(found, axis=1) <= 0).all()
    assert np.allclose(found, -np.sort(-table, axis=1)[:, :7], rtol=1e-12)
    assert (np.diff(np.sort(best, axis=1), axis=1) > 0).all()
    assert shop.best_items(k=160).shape == (400, 160)


def test_the_value_of_a_policy_is_that_of_a_full_table_and_of_its_log(shop):
    for policy in (shop.policy(shop.true_interest(0), shop.popularity, 0.2), shop.policy(items=shop.popularity)):
        table = shop.click_probability(np.arange(400)[:, None], np.arange(160), day=3)
        chances = np.array([policy.probability(np.full(160, user), np.arange(160)) for user in range(400)])
        assert np.allclose(shop.value(policy, day=3), (table * chances).sum(1), rtol=1e-12)
    log = shop.log(300_000, days=1, first_day=3, slots=1, policy=policy, rng=chance())
    activity = shop.shoppers.activity / shop.shoppers.activity.sum()
    assert near(log.click.sum(), len(log), activity @ shop.value(policy, day=3))


def test_category_counts_by_hand(shop):
    log = shop.log(2_000, rng=chance(), policy="interest")
    for of, rows in (("impression", np.ones(2_000, bool)), ("click", log.click), ("purchase", log.purchase)):
        expected = np.zeros((400, 16), int)
        np.add.at(expected, (log.user[rows], shop.items.category[log.item[rows]]), 1)
        assert (shop.category_counts(log, of) == expected).all()


# Reviews


def test_reviews_come_after_a_purchase_and_say_what_their_writers_think(shop, log):
    reviews = shop.reviews(log, rng=chance(), share=0.5)
    assert near(len(reviews), log.purchase.sum(), 0.5) and not (reviews.is_fake.any() or reviews.is_duplicate.any())
    bought = {}
    for user, item, second in zip(*(column[log.purchase] for column in (log.user, log.item, log.second)), strict=True):
        bought.setdefault((user, item), []).append(second)
    for user, item, second in zip(reviews.user, reviews.item, reviews.second, strict=True):
        assert any(DAY <= second - earlier <= 14 * DAY for earlier in bought[user, item])
    assert (np.diff(reviews.second) >= 0).all()
    assert (reviews.rating == np.clip(3 + np.where(reviews.likes, 1, -1).sum(1), 1, 5)).all()
    assert reviews.mentions.any(1).all()
    late = np.array(["waited two weeks" in text or "arrived late" in text for text in reviews.text])
    delivery = ASPECTS.index("delivery")
    assert (late == (reviews.mentions[:, delivery] & ~reviews.likes[:, delivery])).all() and late.any()
    assert all(text == text.strip() and "  " not in text and text for text in reviews.text)


def test_likes_follow_quality_price_and_seller(shop, log):
    reviews, items = shop.reviews(log, rng=chance(), share=1.0), shop.items
    goods = reviews.item
    chances = (
        items.quality[goods],
        (items.quality[goods] + 1 - items.tier[goods] / 2) / 2,
        items.reliability[items.seller[goods]],
    )
    for aspect, expected in enumerate(chances):
        assert near(reviews.likes[:, aspect].sum(), len(reviews), expected)


def test_fake_and_repeated_reviews_are_marked_and_not_in_the_frame(shop, log):
    reviews = shop.reviews(log, rng=chance(), fakes=0.5, duplicates=0.2)
    honest = ~reviews.is_fake & ~reviews.is_duplicate
    fakes = reviews.is_fake & ~reviews.is_duplicate
    assert fakes.sum() == round(honest.sum() / 2) and (reviews.rating[fakes] == 5).all()
    assert (shop.items.reliability[shop.items.seller[reviews.item[fakes]]] <= np.median(shop.items.reliability)).all()
    twice = np.flatnonzero(reviews.is_duplicate)
    assert near(twice.size, len(reviews) - twice.size, 0.2)
    assert (reviews.text[twice] == reviews.text[twice - 1]).all() and (
        reviews.user[twice] == reviews.user[twice - 1]
    ).all()
    assert list(reviews.frame().columns) == ["second", "user", "item", "rating", "text"]


def test_nobody_writes_about_a_row_that_was_only_logged_twice(shop):
    log = shop.log(100_000, rng=chance(), duplicates=0.5)
    reviews = shop.reviews(log, rng=chance(), share=1.0)
    assert len(reviews) == (log.purchase & ~log.truth.is_duplicate).sum() < log.purchase.sum()


def test_a_log_without_purchases_gives_no_reviews():
    world = dataclasses.replace(WORLDS["segments"], conversion=0.0)
    shop = Shop.make(world, users=10, items=16, rng=chance())
    reviews = shop.reviews(shop.log(500, rng=chance()), rng=chance(), fakes=1.0, duplicates=1.0)
    assert all(len(column) == 0 for column in vars(reviews).values())


# Memory


def peak(run):
    """Bytes that a call needs at most, beyond what was there."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_with_impressions_and_never_with_users_times_items():
    shops = []
    assert peak(lambda: shops.append(Shop.make(users=20_000, items=20_000, rng=chance()))) < 60e6
    small, large = (peak(lambda n=n: shops[0].log(n, policy="popular", rng=chance())) for n in (50_000, 200_000))
    assert large < 5 * small and large < 200e6
    assert peak(lambda: shops[0].best_items(k=3)) < 60e6
    assert peak(lambda: shops[0].value(shops[0].policy(items=shops[0].popularity))) < 60e6


# Wrong arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"world": "moon"}, "world must be one of segments, hobbies, continuum"),
        ({"users": 0}, "users must be at least 1, got 0"),
        ({"items": 15}, "items must be at least 16, one of each category, got 15"),
    ],
)
def test_a_shop_refuses_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Shop.make(**arguments, rng=chance())


@pytest.mark.parametrize(
    ("knob", "value", "message"),
    [
        ("shape", "flat", "shape must be segments, hobbies or continuum, got 'flat'"),
        ("ceiling", 1.5, "ceiling must lie between 0 and 1, got 1.5"),
        ("slide", 0, "slide must be at least 1, got 0"),
        ("position_slope", -1, "position_slope must not be negative, got -1"),
    ],
)
def test_a_world_refuses_wrong_knobs(knob, value, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(WORLDS["segments"], **{knob: value})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"impressions": 0}, "impressions must be a positive multiple of slots, got 0 for 5 slots"),
        ({"impressions": 7}, "impressions must be a positive multiple of slots, got 7 for 5 slots"),
        ({"slots": 0}, "slots must lie between 1 and the 160 items, got 0"),
        ({"slots": 161}, "slots must lie between 1 and the 160 items, got 161"),
        ({"days": 0}, "days must be at least 1 and first_day at least 0, got 0 and 0"),
        ({"first_day": -1}, "days must be at least 1 and first_day at least 0, got 30 and -1"),
        ({"gifts": 1.0}, "gifts must be a share from 0 to below 1, got 1.0"),
        ({"bots": -0.1}, "bots must be a share from 0 to below 1, got -0.1"),
        ({"duplicates": 2}, "duplicates must be a share from 0 to below 1, got 2"),
        ({"cold": 0.9999}, "cold must leave a shopper for the first days, got 0.9999 of 400"),
        ({"policy": "greedy"}, "policy must be one of uniform, popular, interest, a Policy or pages, got 'greedy'"),
        ({"policy": 3}, "a policy has the methods draw and probability, int has not"),
        ({"policy": np.zeros((400, 4), int)}, r"pages must be integers of shape \(400, 5\)"),
        ({"policy": np.zeros((400, 5))}, r"pages must be integers of shape \(400, 5\), got float64"),
        ({"policy": np.tile(np.arange(5), (400, 1)) - 1}, "pages must hold items 0 to 159"),
        ({"policy": np.zeros((400, 5), int)}, "a page must not show an item twice"),
    ],
)
def test_a_log_refuses_wrong_arguments(shop, arguments, message):
    with pytest.raises(ValueError, match=message):
        shop.log(**({"impressions": 500, "rng": chance()} | arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"explore": 2}, "explore must lie between 0 and 1, got 2"),
        ({"categories": np.zeros(16)}, "categories must be non-negative weights"),
        ({"categories": np.full(16, np.nan)}, "categories must be non-negative weights"),
        ({"categories": np.ones((3, 16))}, r"categories must have shape \(16,\) or \(400, 16\), got \(3, 16\)"),
        ({"items": np.zeros(160)}, "items must be 160 positive weights"),
        ({"items": np.ones(3)}, "items must be 160 positive weights"),
    ],
)
def test_a_policy_refuses_wrong_weights(shop, arguments, message):
    with pytest.raises(ValueError, match=message):
        shop.policy(**arguments)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda shop: shop.click_probability(400, 0), "user must be an id or ids from 0 to 399, got 400"),
        (lambda shop: shop.click_probability(0, -1), "item must be an id or ids from 0 to 159, got -1"),
        (lambda shop: shop.click_probability(0.5, 0), "user must be an id or ids from 0 to 399, got 0.5"),
        (lambda shop: shop.click_probability(0, 0, position=0), "position must be at least 1, which is the top, got 0"),
        (lambda shop: shop.purchase_probability(0, 160), "item must be an id or ids from 0 to 159, got 160"),
        (lambda shop: shop.best_items(k=0), "k must lie between 1 and 160, got 0"),
        (lambda shop: shop.category_counts(None, of="view"), "of must be impression, click or purchase, got 'view'"),
        (lambda shop: shop.reviews(None, rng=None, fakes=-1), "fakes must lie between 0 and 1, got -1"),
    ],
)
def test_a_shop_refuses_wrong_questions(shop, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(shop)
