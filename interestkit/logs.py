"""What a simulated shop writes down, and beside it the truth that no real log holds."""

from dataclasses import dataclass, fields

import numpy as np

from interestkit.policies import fill_pages
from interestkit.units import happens, pick

DAY = 86_400  # seconds
_BOT_CLICKS = 0.5  # click probability of a bot, wherever and whatever
_BOT_VISITS = 10  # times as often as a shopper of the same activity


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of each row of a log.

    Attributes:
        click_probability: the chance with which the click was drawn.
        is_gift: somebody else's interest was served.
        is_bot: the user is a program.
        is_duplicate: the row repeats the one before it.
        is_cold: the user comes only in the last quarter of the days.
    """

    click_probability: np.ndarray
    is_gift: np.ndarray
    is_bot: np.ndarray
    is_duplicate: np.ndarray
    is_cold: np.ndarray


@dataclass(frozen=True, eq=False)
class Log:
    """Impressions in order of time, one array per column, each (rows,).

    Attributes:
        second: since the beginning of day 0; one for all impressions of a session.
        session: 0, 1, … in order of time.
        user, item: ids.
        position: 1 is the top of the page.
        propensity: probability with which the policy drew this item for this place, given the user and the
            items above it on the page.
        click, purchase: booleans; a purchase follows a click.
        truth: a `Truth`, kept apart.
    """

    second: np.ndarray
    session: np.ndarray
    user: np.ndarray
    item: np.ndarray
    position: np.ndarray
    propensity: np.ndarray
    click: np.ndarray
    purchase: np.ndarray
    truth: Truth

    def __len__(self):
        return len(self.user)

    @property
    def day(self):
        """(rows,) the day of each row; 0 is the first."""
        return self.second // DAY

    def frame(self, truth=False):
        """The log as a pandas DataFrame, with the columns of `truth` on request."""
        import pandas as pd

        columns = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "truth"}
        return pd.DataFrame(columns | (vars(self.truth) if truth else {}))


def simulate(shop, policy, rng, *, impressions, slots, begin, days, shares):
    """Write the log of a shop: `Shop.log` says what the arguments mean, `shares` has those of its four traps."""
    people = len(shop.shoppers)
    if days < 1 or begin < 0:
        raise ValueError(f"days must be at least 1 and first_day at least 0, got {days} and {begin}")
    if impressions < slots or impressions % slots:
        raise ValueError(f"impressions must be a positive multiple of slots, got {impressions} for {slots} slots")
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"{name} must be a share from 0 to below 1, got {share}")
    strangers = rng.permutation(people)
    is_bot, is_cold = np.zeros((2, people), bool)
    programs = round(shares["bots"] * people)
    is_bot[strangers[:programs]] = True
    is_cold[strangers[programs : programs + round(shares["cold"] * people)]] = True
    if is_cold.all():
        raise ValueError(f"cold must leave a shopper for the first days, got {shares['cold']} of {people}")

    # Who comes when: one row per session.
    sessions = impressions // slots
    begin, end = begin * DAY, (begin + days) * DAY
    second = np.sort(rng.integers(begin, end, sessions))
    early = np.searchsorted(second, end - days * DAY // 4)  # sessions before the cold shoppers come
    visits = shop.shoppers.activity * np.where(is_bot, _BOT_VISITS, 1)
    user = np.concatenate(
        [pick(np.where(is_cold, 0, visits), early, rng), pick(visits, sessions - early, rng)]
    )  # (sessions,)
    is_gift = happens(np.full(sessions, shares["gifts"]), rng)
    wisher = user.copy()
    wisher[is_gift] = rng.integers(0, people, is_gift.sum())
    item, propensity = fill_pages(policy, user, slots, rng)  # (sessions, slots)

    # What they do: one row per impression.
    row = np.repeat(np.arange(sessions, dtype=np.int32), slots)
    user, wisher, second, is_gift = user[row], wisher[row], second[row], is_gift[row]
    position = np.tile(np.arange(1, slots + 1), sessions)
    item, propensity = item.ravel(), propensity.ravel()
    chance = shop.click_probability(user, item, position, second // DAY, wisher)
    chance[is_bot[user]] = _BOT_CLICKS
    click = happens(chance, rng)
    clicked = np.flatnonzero(click)
    buys = happens(shop.purchase_probability(user[clicked], item[clicked]), rng)
    purchase = np.zeros(impressions, bool)
    purchase[clicked] = buys & ~is_bot[user[clicked]]

    twice = np.flatnonzero(happens(np.full(impressions, shares["duplicates"]), rng))
    columns = {
        "second": second.astype(np.int32),
        "session": row,
        "user": user.astype(np.int32),
        "item": item.astype(np.int32),
        "position": position.astype(np.int16),
        "propensity": propensity,
        "click": click,
        "purchase": purchase,
    }
    truth = {"click_probability": chance, "is_gift": is_gift, "is_bot": is_bot[user], "is_cold": is_cold[user]}
    repeats = np.zeros(impressions, bool)
    if twice.size:
        keep = np.insert(np.arange(impressions), twice + 1, twice)
        repeats = np.append(False, keep[1:] == keep[:-1])
        columns = {name: column[keep] for name, column in columns.items()}
        truth = {name: column[keep] for name, column in truth.items()}
    return Log(**columns, truth=Truth(**truth, is_duplicate=repeats))
