"""What the app's pages show, and with which probability: exact, so that a log can be used off-policy."""

from dataclasses import dataclass

import numpy as np

from interestkit.units import UNITS, apportion

_GRAINS = 2**24  # the chances of the items of one category add up to this
_TRIES = 2_000
NAMED = ("uniform", "popular", "interest")


@dataclass(frozen=True, eq=False)
class Policy:
    """Draws a category for the shopper and an item in it; with probability `explore`, any item instead.

    Its probabilities are whole numbers over powers of two, and so are its draws: what `probability` says is
    what `draw` does, not an estimate of it. Make one with `Policy.make` or `shop.policy`.

    Any object with these two methods can take its place.
    """

    category: np.ndarray  # (m,) category of each item
    interest: np.ndarray  # (n or 1, categories) chances out of UNITS
    weight: np.ndarray  # (m,) chances out of _GRAINS within its category
    explore: int  # out of UNITS

    @classmethod
    def make(cls, category, interest, items, explore):
        """A policy from weights.

        Args:
            category: (m,) category of each item.
            interest: (n, categories) or (categories,) non-negative weights; rows need not add up to 1.
            items: (m,) positive weights of the items within their categories.
            explore: share of the draws that are uniform over all items, 0 to 1 (to 1/65,536).
        """
        interest = np.atleast_2d(np.asarray(interest, dtype=float))
        items = np.asarray(items, dtype=float)
        if not 0 <= explore <= 1:
            raise ValueError(f"explore must lie between 0 and 1, got {explore}")
        if items.shape != category.shape or not (np.isfinite(items).all() and (items > 0).all()):
            raise ValueError(f"items must be {len(category)} positive weights, one for each item")
        if not (np.isfinite(interest).all() and (interest >= 0).all() and (interest > 0).any(1).all()):
            raise ValueError("categories must be non-negative weights, with a positive one for each shopper")
        weight = np.empty(len(category), np.int64)
        for kind in range(interest.shape[1]):
            members = np.flatnonzero(category == kind)
            if members.size:
                whole = np.rint(items[members] / items[members].max() * 2**30).astype(np.int64)
                weight[members] = 1 + apportion(whole, _GRAINS - members.size)
        whole = np.rint(interest / interest.max(1, keepdims=True) * 2**30).astype(np.int64)
        return cls(category, apportion(whole, UNITS), weight, round(explore * UNITS))

    def __post_init__(self):
        order = np.argsort(self.category, kind="stable")
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_upto", np.cumsum(self.weight[order]))
        object.__setattr__(self, "_categories", np.cumsum(self.interest, axis=1).astype(np.uint32))

    def _row(self, users):
        return users if len(self.interest) > 1 else np.zeros_like(users)

    def draw(self, users, rng):
        """One item for each of the users, (s,); the same user twice gets two independent draws."""
        items = rng.integers(0, len(self.category), len(users))
        matched = np.flatnonzero(rng.integers(0, UNITS, len(users)) >= self.explore)
        rows = self._row(users[matched])
        chance = rng.integers(0, UNITS, len(rows), dtype=np.uint32)
        kind = np.empty(len(rows), np.int64)
        for part in range(0, len(rows), 2**16):  # bounds the memory of the (rows, categories) table
            chunk = slice(part, part + 2**16)
            kind[chunk] = (self._categories[rows[chunk]] <= chance[chunk, None]).sum(1)
        place = kind * _GRAINS + rng.integers(0, _GRAINS, len(rows))
        items[matched] = self._order[np.searchsorted(self._upto, place, side="right")]
        return items

    def probability(self, users, items):
        """The probability with which `draw` gives these items to these users, (s,)."""
        explore = self.explore / UNITS
        kind = self.category[items]
        matched = (self.interest[self._row(users), kind] / UNITS) * (self.weight[items] / _GRAINS)
        return (1 - explore) * matched + explore / len(self.category)


def fill_pages(policy, users, slots, rng):
    """Fill pages from the top, never showing an item twice on a page.

    Args:
        policy: with `draw(users, rng)` and `probability(users, items)`; or an (n, slots) array of fixed pages.
        users: (s,) whose pages they are.
        slots: items on a page.
        rng: NumPy generator that the items are drawn from.

    Returns:
        items: (s, slots) integer array.
        propensity: (s, slots) the probability with which the item was drawn for its place, given the user and
            the items above it: `policy.probability`, divided by what the items above have left of 1. Over all
            items not yet on the page it adds up to 1.
    """
    if isinstance(policy, np.ndarray):
        return policy[users], np.ones((len(users), slots))
    items = np.empty((len(users), slots), np.int64)
    propensity = np.empty((len(users), slots))
    left = np.ones(len(users))
    for slot in range(slots):
        above, here = items[:, :slot], items[:, slot]
        here[:] = policy.draw(users, rng)
        again = np.flatnonzero((above == here[:, None]).any(1))
        tries = 0
        while again.size:  # draw anew: what comes is the policy's draw, given that it is not on the page
            tries += 1
            if tries > _TRIES:
                raise ValueError(f"the policy is too sure of a few items to fill a page of {slots}; let it explore")
            here[again] = policy.draw(users[again], rng)
            again = again[(above[again] == here[again, None]).any(1)]
        chance = policy.probability(users, here)
        propensity[:, slot] = np.minimum(chance / left, 1)
        left = left - chance
    return items, propensity


def resolve(shop, policy, slots):
    """The policy that a name, an array of pages or an object stands for; `Shop.log` says what each means.

    Args:
        shop: the `Shop` it is for.
        policy: a name, an (n, slots) array of pages, or an object.
        slots: items on a page.

    Returns:
        an object with `draw` and `probability`, or the pages as an array.

    Raises:
        ValueError: for another name, pages of a wrong shape, with unknown or repeated items, or an object
            without the two methods.
    """
    if isinstance(policy, str):
        if policy not in NAMED:
            raise ValueError(f"policy must be one of {', '.join(NAMED)}, a Policy or pages, got {policy!r}")
        if policy == "uniform":
            return shop.policy(explore=1.0)
        if policy == "popular":
            return shop.policy(items=shop.popularity, explore=0.1)
        return shop.policy(categories=shop.true_interest(0), explore=0.1)
    if isinstance(policy, np.ndarray):
        shape = len(shop.shoppers), slots
        if policy.shape != shape or policy.dtype.kind not in "iu":
            raise ValueError(f"pages must be integers of shape {shape}, got {policy.dtype} of shape {policy.shape}")
        if policy.min() < 0 or policy.max() >= len(shop.items):
            raise ValueError(f"pages must hold items 0 to {len(shop.items) - 1}")
        if (np.diff(np.sort(policy, axis=1), axis=1) == 0).any():
            raise ValueError("a page must not show an item twice")
        return policy
    if not (hasattr(policy, "draw") and hasattr(policy, "probability")):
        raise ValueError(f"a policy has the methods draw and probability, {type(policy).__name__} has not")
    return policy
