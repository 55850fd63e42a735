"""What the simulated shop sells: items with a category, a title, a price, a seller, and a true quality."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from interestkit.units import UNITS

# name: Chinese name, how many of a hundred hobbies it is, and its things
_KINDS = {
    "running": ("跑步", 8, ("running shoes", "running socks", "running belt", "reflective vest")),
    "cycling": ("骑行", 6, ("bike helmet", "bike light", "cycling gloves", "repair kit")),
    "camping": ("露营", 5, ("two-person tent", "sleeping bag", "camping stove", "headlamp")),
    "gardening": ("园艺", 6, ("flower pot", "pruning shears", "seed set", "watering can")),
    "pets": ("宠物", 9, ("cat food", "dog leash", "scratching post", "pet bed")),
    "baby": ("母婴", 6, ("baby bottle", "diapers", "baby blanket", "stroller bag")),
    "cooking": ("烹饪", 10, ("frying pan", "chef's knife", "spice rack", "cutting board")),
    "baking": ("烘焙", 5, ("cake tin", "rolling pin", "bread flour", "piping set")),
    "coffee": ("咖啡", 8, ("coffee beans", "coffee grinder", "espresso cups", "milk frother")),
    "tea": ("茶", 6, ("green tea", "teapot", "tea cups", "oolong tea")),
    "wine": ("葡萄酒", 4, ("red wine", "wine glasses", "corkscrew", "white wine")),
    "skincare": ("护肤", 8, ("sunscreen", "face cream", "hand lotion", "cleansing foam")),
    "gaming": ("游戏", 7, ("game controller", "gaming headset", "board game", "mouse pad")),
    "music": ("音乐", 4, ("guitar strings", "earphones", "vinyl record", "music stand")),
    "books": ("图书", 5, ("crime novel", "cookbook", "picture book", "travel guide")),
    "home": ("家居", 3, ("desk lamp", "bed linen", "storage box", "wall clock")),
}
CATEGORIES = tuple(_KINDS)
CHINESE = tuple(kind[0] for kind in _KINDS.values())
POPULARITY = np.array([kind[1] for kind in _KINDS.values()])
_THINGS = np.array([kind[2] for kind in _KINDS.values()], dtype=object)  # (categories, 4)
_STYLES = np.array([["everyday", "simple"], ["classic", "sturdy"], ["fine", "handmade"]], dtype=object)
_BRANDS = np.array("Arlen Brisk Corvo Delmar Ember Fennel Gault Hollis Ister Juno Kestrel Lumen".split(), dtype=object)
_CENTS = np.array([[300, 1_500], [1_500, 4_000], [4_000, 12_000]])  # by price tier
_ITEMS_PER_SELLER = 20


@dataclass(frozen=True, eq=False)
class Items:
    """The items of a shop; the first five arrays are what any shop knows, the last three are the truth.

    Attributes:
        category: (m,) index into `CATEGORIES`.
        seller: (m,) seller ids, 0 to m / 20.
        tier: (m,) price tier: 0 cheap, 1 middle, 2 dear.
        cents: (m,) price in hundredths of a dollar.
        words: (m, 2) which thing and which style the title names.
        look: (m,) how inviting the picture is, 0.3 to 1: it moves clicks.
        quality: (m,) how good the item is, 0 to 1: it moves purchases and reviews. Correlated with `look`.
        reliability: (sellers,) how often a seller delivers well, 0.4 to 1.
    """

    category: np.ndarray
    seller: np.ndarray
    tier: np.ndarray
    cents: np.ndarray
    words: np.ndarray
    look: np.ndarray
    quality: np.ndarray
    reliability: np.ndarray

    @classmethod
    def make(cls, count, rng):
        """Draw `count` items, at least one of each category."""
        kinds = len(CATEGORIES)
        if count < kinds:
            raise ValueError(f"items must be at least {kinds}, one of each category, got {count}")
        category = rng.permutation(np.arange(count) % kinds)
        sellers = -(-count // _ITEMS_PER_SELLER)
        tier = rng.integers(0, len(_CENTS), count)
        look, other = rng.integers(0, UNITS, (2, count))
        return cls(
            category=category,
            seller=rng.integers(0, sellers, count),
            tier=tier,
            cents=rng.integers(_CENTS[tier, 0], _CENTS[tier, 1]),
            words=rng.integers(0, (_THINGS.shape[1], _STYLES.shape[1]), (count, 2)),
            look=0.3 + 0.7 * (look / UNITS),
            quality=(look + other) / (2 * UNITS),
            reliability=0.4 + 0.6 * (rng.integers(0, UNITS, sellers) / UNITS),
        )

    def __len__(self):
        return len(self.category)

    @property
    def price(self):
        """(m,) prices in dollars."""
        return self.cents / 100

    @cached_property
    def title(self):
        """(m,) array of texts, as "Ember fine teapot": brand (the seller's), style (the price tier's), thing."""
        thing, style = self.words.T
        brand = _BRANDS[self.seller % len(_BRANDS)]
        return brand + " " + _STYLES[self.tier, style] + " " + _THINGS[self.category, thing]

    def frame(self):
        """What a shop knows of its items, as a pandas DataFrame; no truth in it."""
        import pandas as pd

        return pd.DataFrame(
            {
                "item": np.arange(len(self)),
                "title": self.title,
                "category": np.array(CATEGORIES)[self.category],
                "price": self.price,
                "seller": self.seller,
            }
        )
