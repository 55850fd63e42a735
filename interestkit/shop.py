"""The app: a simulated shop whose true interests are known, which no log offers.

So regret, privacy loss and off-policy error can be measured exactly. What it is not: evidence about real
shoppers. It shows what follows from its assumptions, and `worlds.WORLDS` holds three sets of them.

    shop = Shop.make("segments", users=2_000, items=1_000, rng=rng(1))
    log = shop.log(impressions=200_000, days=30, policy="popular", rng=rng(2))
    log.frame()                                    # what a shop would have
    log.truth.click_probability, log.truth.is_bot  # what it would not
    shop.true_interest(day=30)

A shopper clicks with the probability

    examined(position) * ceiling * look(item) * fit(price tiers) * (indifferent + (1 - indifferent) * taste)

where taste = s² / (s² + 1/64) for the share s of the item's category in their interest on that day; a click
becomes a purchase with probability conversion * fit * (0.2 + 0.8 * quality(item)).

Same seed: integers and ids are equal everywhere (see `units`), floats to 1e-12. Nothing of the size
users × items is ever made, so a million impressions take about a second.
"""

from dataclasses import dataclass

import numpy as np

from interestkit.catalogue import CATEGORIES, Items
from interestkit.logs import simulate
from interestkit.policies import Policy, resolve
from interestkit.reviews import write_reviews
from interestkit.units import UNITS
from interestkit.worlds import WORLDS, Shoppers, World

_HALF = 1 / 64  # square of the share of interest at which taste is one half
_FIT = np.array([[1.0, 0.6, 0.3], [0.7, 1.0, 0.7], [0.5, 0.8, 1.0]])  # shopper's tier, item's tier


def _ids(name, ids, count):
    """`ids` as an array, if all of them are ids."""
    ids = np.asarray(ids)
    if ids.dtype.kind not in "iu" or (ids.size and (ids.min() < 0 or ids.max() >= count)):
        raise ValueError(f"{name} must be an id or ids from 0 to {count - 1}, got {ids}")
    return ids


@dataclass(frozen=True, eq=False)
class Shop:
    """A shop: its world, its items and its shoppers.

    Attributes:
        world: the knobs, a `worlds.World`.
        items: what it sells, a `catalogue.Items`.
        shoppers: who comes, a `worlds.Shoppers` (all of it truth).
        popularity: (m,) whole weights, how popular each item is; better-looking items tend to be.
    """

    world: World
    items: Items
    shoppers: Shoppers
    popularity: np.ndarray

    @classmethod
    def make(cls, world="segments", users=2_000, items=1_000, *, rng):
        """A shop in a world: the name of one of `WORLDS`, or a `World`.

        Raises:
            ValueError: for an unknown world, no users, or fewer items than categories.
        """
        if isinstance(world, str):
            if world not in WORLDS:
                raise ValueError(f"world must be one of {', '.join(WORLDS)} or a World, got {world!r}")
            world = WORLDS[world]
        goods = Items.make(items, rng)
        score = (goods.look * UNITS).astype(np.int64) + rng.integers(0, UNITS, items)
        rank = np.empty(items, np.int64)
        rank[np.argsort(-score, kind="stable")] = np.arange(items)
        return cls(world, goods, Shoppers.make(users, world, rng), 2**24 // (rank + world.popularity_offset))

    @property
    def categories(self):
        """Names of the categories, in the order of every `categories` axis."""
        return CATEGORIES

    def _progress(self, users, day):
        """How many of the `slide` days of their change lie behind these users."""
        return np.clip(day - self.shoppers.change_day[users], 0, self.world.slide)

    def true_interest(self, day=0):
        """(n, categories) interests on a day, each row adding up to 1."""
        done = self._progress(np.arange(len(self.shoppers)), day)[:, None]
        units = self.shoppers.before * (self.world.slide - done) + self.shoppers.after * done
        return units / (self.world.slide * UNITS)

    def true_segment(self, day=0):
        """(n,) index into `worlds.SEGMENTS` on a day; -1 in worlds without segments."""
        changed = self._progress(np.arange(len(self.shoppers)), day) * 2 >= self.world.slide
        return np.where(changed, self.shoppers.next_segment, self.shoppers.segment)

    def _taste(self, share):
        """What an interest does to clicks, from `indifferent` to 1."""
        square = share * share
        return self.world.indifferent + (1 - self.world.indifferent) * (square / (square + _HALF))

    def _appeal(self, items, tier):
        """What an item itself does to clicks of shoppers of a price tier."""
        return self.world.ceiling * self.items.look[items] * _FIT[tier, self.items.tier[items]]

    def examined(self, position):
        """The probability that a position is looked at; the top is position 1."""
        position = np.asarray(position)
        if position.size and position.min() < 1:
            raise ValueError(f"position must be at least 1, which is the top, got {position.min()}")
        return 1 / (1 + self.world.position_slope * (position - 1))

    def click_probability(self, user, item, position=1, day=0, wisher=None):
        """The true probability of a click; arguments are numbers or arrays that broadcast.

        Args:
            user, item: ids, 0 to n - 1 and 0 to m - 1.
            position: 1 is the top.
            day: 0 is the first.
            wisher: for a gift, the one whose interest counts; the user's own by default.
        """
        user, item = _ids("user", user, len(self.shoppers)), _ids("item", item, len(self.items))
        wisher = user if wisher is None else _ids("wisher", wisher, len(self.shoppers))
        kind, people = self.items.category[item], self.shoppers
        done = self._progress(wisher, day)
        units = people.before[wisher, kind] * (self.world.slide - done) + people.after[wisher, kind] * done
        taste = self._taste(units / (self.world.slide * UNITS))
        return self.examined(position) * (self._appeal(item, people.tier[user]) * taste)

    def purchase_probability(self, user, item):
        """The true probability that a click becomes a purchase."""
        user, item = _ids("user", user, len(self.shoppers)), _ids("item", item, len(self.items))
        fit = _FIT[self.shoppers.tier[user], self.items.tier[item]]
        return self.world.conversion * (0.2 + 0.8 * self.items.quality[item]) * fit

    def best_items(self, day=0, k=1):
        """(n, k) the items that each shopper would click most on a day, the best first: the oracle's page.

        Regret is measured against `click_probability` of these. Costs n × categories × k, not users × items.
        """
        if not 1 <= k <= len(self.items):
            raise ValueError(f"k must lie between 1 and {len(self.items)}, got {k}")
        every, best = np.arange(len(self.items)), []  # per price tier: the k best of each category
        for tier in range(len(_FIT)):
            order = np.lexsort((every, -self._appeal(every, tier), self.items.category))
            start = np.searchsorted(self.items.category[order], np.arange(len(CATEGORIES) + 1))
            best.append(np.concatenate([order[a : min(a + k, b)] for a, b in zip(start, start[1:], strict=False)]))
        chosen = np.empty((len(self.shoppers), k), np.int64)
        for user in np.array_split(np.arange(len(self.shoppers)), -(-len(self.shoppers) // 1_024)):
            for tier, candidates in enumerate(best):
                rows = user[self.shoppers.tier[user] == tier]
                value = self.click_probability(rows[:, None], candidates, day=day)
                chosen[rows] = candidates[np.argsort(-value, axis=1, kind="stable")[:, :k]]
        return chosen

    def policy(self, categories=None, items=None, explore=0.0):
        """A policy for `log`: a category by the shopper's weights, then an item by its weight.

        Args:
            categories: (n, categories) or (categories,) weights; by default, the sum of their items' weights.
            items: (m,) positive weights; equal by default.
            explore: share of the draws that are uniform over all items.
        """
        weights = np.ones(len(self.items)) if items is None else np.asarray(items, dtype=float)
        if categories is None and weights.shape == self.items.category.shape:
            categories = np.bincount(self.items.category, weights, len(CATEGORIES))
        categories = np.ones(len(CATEGORIES)) if categories is None else np.asarray(categories)
        if categories.shape not in ((len(CATEGORIES),), (len(self.shoppers), len(CATEGORIES))):
            raise ValueError(
                f"categories must have shape ({len(CATEGORIES)},) or ({len(self.shoppers)}, {len(CATEGORIES)}), "
                f"got {categories.shape}"
            )
        return Policy.make(self.items.category, categories, weights, explore)

    def value(self, policy, day=0):
        """(n,) the exact click probability at position 1 of what a `Policy` shows each shopper.

        What an off-policy estimate should come to; weigh shoppers by `shoppers.activity` for that of a log.
        """
        taste = self._taste(self.true_interest(day))  # (n, categories)
        every, explore = np.arange(len(self.items)), policy.explore / UNITS
        chosen, any_item = [], []
        for tier in range(len(_FIT)):
            draw = self._appeal(every, tier)
            within = policy.weight / np.bincount(self.items.category, policy.weight)[self.items.category]
            chosen.append(np.bincount(self.items.category, draw * within, len(CATEGORIES)))
            any_item.append(np.bincount(self.items.category, draw, len(CATEGORIES)) / len(every))
        tier = self.shoppers.tier
        by_interest = (policy.interest / UNITS * taste * np.array(chosen)[tier]).sum(1)
        return (1 - explore) * by_interest + explore * (taste * np.array(any_item)[tier]).sum(1)

    def log(
        self,
        impressions,
        days=30,
        *,
        slots=5,
        policy="uniform",
        rng,
        first_day=0,
        gifts=0.0,
        bots=0.0,
        duplicates=0.0,
        cold=0.0,
    ):
        """Open the shop for some days and write down what happens, in order of time.

        Args:
            impressions: how many items are shown, a multiple of `slots`: 5 in each of impressions / 5 sessions.
            days: over how many days they are spread.
            slots: items on a page.
            policy: what the pages show. "uniform": any item. "popular": a category by the popularity of its
                items, an item by its own, 10 % uniform. "interest": a category by the shopper's interest on day
                0 and any item in it, 10 % uniform; it goes stale as they drift. Or a `Policy` made by
                `shop.policy`, or an (n, slots) array of items: a fixed page for each shopper.
            rng: the generator; the same one, and the same arguments, give the same log.
            first_day: the day on which the log begins.
            gifts: share of the sessions in which a shopper looks for somebody else.
            bots: share of the shoppers that are programs: ten times as many visits, a click on every second
                impression whatever it shows, no purchase.
            duplicates: share of the rows that are written twice.
            cold: share of the shoppers who come only in the last quarter of the days.

        Returns:
            A `logs.Log`.

        Raises:
            ValueError: for wrong arguments, or a policy that cannot fill a page without repeating an item.
        """
        if not 1 <= slots <= len(self.items):
            raise ValueError(f"slots must lie between 1 and the {len(self.items)} items, got {slots}")
        return simulate(
            self,
            resolve(self, policy, slots),
            rng,
            impressions=impressions,
            slots=slots,
            begin=first_day,
            days=days,
            shares={"gifts": gifts, "bots": bots, "duplicates": duplicates, "cold": cold},
        )

    def category_counts(self, log, of="click"):
        """(n, categories) how many impressions, clicks or purchases each shopper has in each category.

        Args:
            log: a `logs.Log` of this shop.
            of: "impression", "click" or "purchase".
        """
        if of not in ("impression", "click", "purchase"):
            raise ValueError(f"of must be impression, click or purchase, got {of!r}")
        rows = slice(None) if of == "impression" else getattr(log, of)
        cell = log.user[rows] * np.int64(len(CATEGORIES)) + self.items.category[log.item[rows]]
        shape = len(self.shoppers), len(CATEGORIES)
        return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)

    def reviews(self, log, *, rng, **knobs):
        """Reviews that some of a log's buyers write, fakes and duplicates on request: `reviews.write_reviews`."""
        return write_reviews(self, log, rng, **knobs)
