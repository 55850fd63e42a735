"""Three worlds for the simulated shop, and the shoppers who live in them.

A comparison made on the app holds in all three, or the lesson names the knob where it flips.
"""

from dataclasses import dataclass

import numpy as np

from interestkit.catalogue import CATEGORIES, POPULARITY
from interestkit.units import UNITS, apportion, happens, pick, spacings

# name: share of its shoppers in percent, and what they care for
_SEGMENTS = {
    "home cooks": (28, {"cooking": 4, "baking": 2, "wine": 1}),
    "pet people": (22, {"pets": 1}),
    "runners": (18, {"running": 3, "cycling": 2}),
    "night players": (14, {"gaming": 3, "music": 2, "coffee": 1}),
    "new parents": (10, {"baby": 4, "skincare": 1}),
    "quiet gardeners": (8, {"gardening": 2, "tea": 2, "books": 1}),
}
SEGMENTS = tuple(_SEGMENTS)
_SIZES = np.array([size for size, _ in _SEGMENTS.values()])
_CORES = np.array([[core.get(name, 0) for name in CATEGORIES] for _, core in _SEGMENTS.values()])
_TIERS = 3


@dataclass(frozen=True)
class World:
    """The knobs of a shop. `dataclasses.replace(WORLDS["hobbies"], ceiling=0.02)` turns one.

    Attributes:
        name: what a lesson calls it.
        shape: where interests come from: "segments" (six kinds of shopper), "hobbies" (each has one to
            three categories of their own) or "continuum" (a bit of everything, no kinds).
        noise: share of every interest that is spread at random over all categories.
        drifters: share of shoppers whose interest changes once, on a day of their own.
        turn: share of a drifter's interest that turns to something new.
        slide: days that the change takes; 1 is overnight.
        horizon: changes begin on days 0 to horizon - 1.
        ceiling: click probability, at position 1, of the best item there can be.
        indifferent: what is left of it, as a share, in a category without any interest.
        position_slope: position p is looked at with probability 1 / (1 + position_slope * (p - 1)).
        popularity_offset: the r-th most popular item counts 1 / (r + offset): small is steep.
        conversion: probability that a click on the best item there can be becomes a purchase.
    """

    name: str
    shape: str
    noise: float
    drifters: float
    turn: float
    slide: int
    horizon: int
    ceiling: float
    indifferent: float
    position_slope: float
    popularity_offset: int
    conversion: float

    def __post_init__(self):
        if self.shape not in ("segments", "hobbies", "continuum"):
            raise ValueError(f"shape must be segments, hobbies or continuum, got {self.shape!r}")
        for knob in ("noise", "drifters", "turn", "ceiling", "indifferent", "conversion"):
            if not 0 <= getattr(self, knob) <= 1:
                raise ValueError(f"{knob} must lie between 0 and 1, got {getattr(self, knob)}")
        for knob in ("slide", "horizon", "popularity_offset"):
            if getattr(self, knob) < 1:
                raise ValueError(f"{knob} must be at least 1, got {getattr(self, knob)}")
        if self.position_slope < 0:
            raise ValueError(f"position_slope must not be negative, got {self.position_slope}")


WORLDS = {
    "segments": World(
        name="segments", shape="segments", noise=0.2, drifters=0.1, turn=1.0, slide=1, horizon=90,
        ceiling=0.3, indifferent=0.06, position_slope=0.5, popularity_offset=50, conversion=0.4,
    ),
    "hobbies": World(
        name="hobbies", shape="hobbies", noise=0.1, drifters=0.5, turn=0.5, slide=1, horizon=90,
        ceiling=0.2, indifferent=0.1, position_slope=1.0, popularity_offset=3, conversion=0.3,
    ),
    "continuum": World(
        name="continuum", shape="continuum", noise=0.0, drifters=1.0, turn=0.7, slide=60, horizon=30,
        ceiling=0.4, indifferent=0.03, position_slope=0.25, popularity_offset=500, conversion=0.5,
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shoppers:
    """The users of a shop; all of it is truth that no log offers.

    Attributes:
        before, after: (n, categories) interests out of `UNITS`, before and after the change; equal for
            those who do not drift.
        change_day: (n,) the first day of the change, -1 for those who do not drift.
        segment, next_segment: (n,) index into `SEGMENTS`, before and after; -1 in worlds without segments.
        tier: (n,) the price tier they prefer: 0 cheap, 1 middle, 2 dear.
        activity: (n,) how often they come, as whole weights; the most active come 40 times as often as the least.
    """

    before: np.ndarray
    after: np.ndarray
    change_day: np.ndarray
    segment: np.ndarray
    next_segment: np.ndarray
    tier: np.ndarray
    activity: np.ndarray

    @classmethod
    def make(cls, count, world, rng):
        """Draw `count` shoppers of a world."""
        if count < 1:
            raise ValueError(f"users must be at least 1, got {count}")
        segment = np.full(count, -1)
        next_segment = segment
        drifts = happens(np.full(count, world.drifters), rng)
        if world.shape == "segments":
            segment = pick(_SIZES, count, rng)
            other = (segment + rng.integers(1, len(SEGMENTS), count)) % len(SEGMENTS)
            next_segment = np.where(drifts, other, segment)
        before = _interests(world, segment, count, rng)
        fresh = _interests(world, next_segment, count, rng)
        turned = apportion(_blend(before, fresh, world.turn), UNITS)
        return cls(
            before=before,
            after=np.where(drifts[:, None], turned, before),
            change_day=np.where(drifts, rng.integers(0, world.horizon, count), -1),
            segment=segment,
            next_segment=next_segment,
            tier=rng.integers(0, _TIERS, count),
            activity=2**20 // rng.integers(1_000, 40_000, count, endpoint=True),
        )

    def __len__(self):
        return len(self.tier)


def _blend(first, second, share):
    """Two arrays of whole numbers as one, in which the second counts for `share` (to 1/256)."""
    part = int(share * 256)
    return first * (256 - part) + second * part


def _interests(world, segment, count, rng):
    """(count, categories) interests out of `UNITS`, each row adding up to it."""
    kinds = len(CATEGORIES)
    if world.shape == "segments":
        core = apportion(_CORES[segment], UNITS)
    elif world.shape == "hobbies":
        favourites = np.argsort(-rng.integers(0, 2**32, (count, kinds)) * POPULARITY, axis=1, kind="stable")[:, :3]
        parts = 2 * UNITS + spacings(count, 3, 3 * UNITS, rng)  # none of them vanishes
        parts[np.arange(3) > rng.integers(0, 3, count)[:, None]] = 0  # one, two or three
        core = np.zeros((count, kinds), np.int64)
        np.put_along_axis(core, favourites, parts, 1)
    else:
        core = spacings(count, kinds, UNITS, rng) ** 2
    noise = spacings(count, kinds, UNITS, rng)
    return apportion(_blend(apportion(core, UNITS), noise, world.noise), UNITS)
