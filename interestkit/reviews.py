"""Reviews of the simulated shop: planted opinions on three aspects, with fakes and duplicates on request."""

from dataclasses import dataclass

import numpy as np

from interestkit.logs import DAY
from interestkit.units import happens

ASPECTS = ("quality", "value", "delivery")

# aspect, dislikes or likes, two ways to say it
_SAID = np.array(
    [
        [
            ["It broke within a week.", "Poorly made, I would not use it again."],
            ["Well made and a pleasure to use.", "It does exactly what it should."],
        ],
        [
            ["Far too dear for what it is.", "Not worth the money."],
            ["A bargain at this price.", "Good value for money."],
        ],
        [
            ["It arrived late and the box was crushed.", "I waited two weeks for the parcel."],
            ["It arrived the next day.", "Fast and careful delivery."],
        ],
    ],
    dtype=object,
)
_FAKES = np.array(
    ["Perfect! Five stars, everybody should buy it!", "Best shop ever, buy now!", "Amazing, amazing, amazing!"],
    dtype=object,
)


@dataclass(frozen=True, eq=False)
class Reviews:
    """Reviews in order of time, one array per column, each (r,); the last three are the truth.

    Attributes:
        second: since the beginning of day 0: one to fourteen days after the purchase. Used to predict that
            purchase, a review leaks it.
        user, item: ids.
        rating: 1 to 5.
        text: English sentences, one for each aspect that is mentioned.
        likes: (r, 3) what the writer thinks of each of `ASPECTS`: True or False.
        mentions: (r, 3) which of them the text speaks of. The rating counts all three.
        is_fake: nobody bought it; the seller had it written.
        is_duplicate: repeats the review before it.
    """

    second: np.ndarray
    user: np.ndarray
    item: np.ndarray
    rating: np.ndarray
    text: np.ndarray
    likes: np.ndarray
    mentions: np.ndarray
    is_fake: np.ndarray
    is_duplicate: np.ndarray

    def __len__(self):
        return len(self.user)

    def frame(self):
        """What a shop knows of them, as a pandas DataFrame; no truth in it."""
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in ("second", "user", "item", "rating", "text")})


def write_reviews(shop, log, rng, *, share=0.3, fakes=0.0, duplicates=0.0):
    """Let some of a log's buyers write a review.

    A writer likes the quality with the probability `items.quality`, the value with the mean of that and of how
    cheap the price tier is, the delivery with the seller's `reliability`. Each aspect is mentioned in six of
    ten reviews, quality where nothing else is. The rating is 3, one up for each aspect liked and one down for
    each disliked, kept within 1 to 5.

    Args:
        shop: the `Shop` that wrote the log.
        log: a `Log`; rows written twice get no second chance.
        rng: the generator.
        share: share of the purchases that are reviewed.
        fakes: fake reviews, as a share of the honest ones: five stars for items of the less reliable half of
            the sellers, by users drawn at random.
        duplicates: share of the reviews that are posted twice.

    Returns:
        `Reviews`.

    Raises:
        ValueError: for a share outside 0 to 1.
    """
    for name, value in (("share", share), ("fakes", fakes), ("duplicates", duplicates)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {value}")
    goods = shop.items
    bought = np.flatnonzero(log.purchase & ~log.truth.is_duplicate)
    bought = bought[happens(np.full(len(bought), share), rng)]
    user, item = log.user[bought], log.item[bought]
    second = log.second[bought] + rng.integers(DAY, 14 * DAY, len(bought), endpoint=True)
    value = (goods.quality[item] + (2 - goods.tier[item]) / 2) / 2
    chance = np.stack([goods.quality[item], value, goods.reliability[goods.seller[item]]], axis=1)
    likes = happens(chance, rng)  # (r, 3)
    mentions = happens(np.full(likes.shape, 0.6), rng)
    mentions[~mentions.any(1), 0] = True
    rating = np.clip(3 + (2 * likes - 1).sum(1), 1, 5)
    way = rng.integers(0, 2, likes.shape)
    said = np.where(mentions, _SAID[np.arange(len(ASPECTS)), likes.astype(int), way], "")
    text = np.array([" ".join(filter(None, sentences)) for sentences in said.tolist()], dtype=object)

    # Fakes: no purchase behind them, so no opinion either.
    paid = round(fakes * len(bought))
    eager = np.flatnonzero(goods.reliability[goods.seller] <= np.median(goods.reliability))
    fake_item = eager[rng.integers(0, len(eager), paid)]
    fake_user = rng.integers(0, len(shop.shoppers), paid)
    first, last = (log.second[0], log.second[-1]) if len(log) else (0, 0)
    columns = {
        "second": np.append(second, rng.integers(first, last, paid, endpoint=True)),
        "user": np.append(user, fake_user).astype(np.int32),
        "item": np.append(item, fake_item).astype(np.int32),
        "rating": np.append(rating, np.full(paid, 5)),
        "text": np.append(text, _FAKES[rng.integers(0, len(_FAKES), paid)]),
        "likes": np.concatenate([likes, np.zeros((paid, len(ASPECTS)), bool)]),
        "mentions": np.concatenate([mentions, np.zeros((paid, len(ASPECTS)), bool)]),
        "is_fake": np.arange(len(bought) + paid) >= len(bought),
    }
    order = np.argsort(columns["second"], kind="stable")
    order = np.repeat(order, 1 + happens(np.full(len(order), duplicates), rng))
    repeats = np.append(False, order[1:] == order[:-1])[: len(order)]
    return Reviews(**{name: column[order] for name, column in columns.items()}, is_duplicate=repeats)
