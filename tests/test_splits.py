"""splits.py: what each split keeps apart, what its detector finds, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from interestkit import splits


@pytest.fixture
def rng():
    return np.random.default_rng(13)


@pytest.fixture
def rows(rng):
    """Users and weeks of 600 rows, in no order."""
    return rng.integers(0, 40, 600) * 3, rng.integers(1, 54, 600)


def kinds(leaks):
    return [leak.kind for leak in leaks]


def whole(split, rows):
    return np.array_equal(np.sort(np.append(split.train, split.test)), np.arange(rows))


def test_by_time(rows):
    _, week = rows
    split = splits.by_time(week, 46)
    assert whole(split, 600) and week[split.train].max() == 45 and week[split.test].min() == 46
    assert splits.time_leaks(split, week) == []
    assert split.share == pytest.approx((week >= 46).mean())


def test_by_time_with_an_end_and_a_gap():
    time = np.array([1, 2, 3, 4, 5, 6, 7])
    split = splits.by_time(time, 5, until=7, gap=2)
    assert (split.train.tolist(), split.test.tolist()) == ([0, 1], [4, 5])  # 3 and 4 are in the gap, 7 after the end


def test_by_time_takes_dates():
    time = np.array(["2017-01-01", "2017-03-01", "2017-02-01"], dtype="datetime64[s]")
    split = splits.by_time(time, np.datetime64("2017-02-15"), gap=np.timedelta64(20, "D"))
    assert (split.train.tolist(), split.test.tolist()) == ([0], [1])
    assert splits.time_leaks(split, time) == []


def test_a_random_split_leaks_the_future(rows, rng):
    user, week = rows
    split = splits.at_random(600, 0.2, rng)
    assert whole(split, 600) and len(split.test) == 120
    (leak,) = splits.time_leaks(split, week)
    assert leak.kind == "future" and str(len(leak.rows)) in leak.sentence
    assert np.array_equal(leak.rows, split.train[week[split.train] >= week[split.test].min()])
    assert kinds(splits.user_leaks(split, user)) == ["shared users"]


def test_by_user(rows, rng):
    user, _ = rows
    split = splits.by_user(user, 0.25, rng)
    assert whole(split, 600) and not set(user[split.train]) & set(user[split.test])
    assert len(set(user[split.test])) == 10
    assert splits.user_leaks(split, user) == []
    broken = SimpleNamespace(train=np.append(split.train, split.test[:2]), test=split.test[2:])
    (leak,) = splits.user_leaks(broken, user)
    assert set(split.test[:2]) <= set(leak.rows)


def test_leave_last_out_by_hand():
    user = np.array([7, 7, 7, 7, 2, 2, 9])
    time = np.array([3, 1, 3, 2, 5, 4, 1])
    split = splits.leave_last_out(user, time)
    assert split.test.tolist() == [0, 2, 4]  # 7's basket at 3 whole, 2's last; 9 has no earlier moment
    assert split.train.tolist() == [1, 3, 5, 6]
    two = splits.leave_last_out(user, time, last=2)
    assert (two.test.tolist(), two.train.tolist()) == ([0, 2, 3], [1, 4, 5, 6])  # 2 has no third moment


def test_leave_last_out_keeps_a_users_future_apart_and_not_that_of_others(rows):
    user, week = rows
    split = splits.leave_last_out(user, week)
    assert whole(split, 600)
    for one in set(user):
        own = user == one
        assert week[split.test][own[split.test]].min() > week[split.train][own[split.train]].max()
    (leak,) = splits.last_out_leaks(split, user, week)
    assert leak.kind == "others' future"
    assert (week[leak.rows] >= week[split.test].min()).all()


def test_leaving_one_line_of_a_basket_out_leaks_its_other_lines():
    user, time = np.array([0, 0, 0, 1, 1]), np.array([1, 2, 2, 1, 1])
    split = SimpleNamespace(train=np.array([0, 1, 3]), test=np.array([2, 4]))
    own, *_ = splits.last_out_leaks(split, user, time)
    assert own.kind == "own future" and own.rows.tolist() == [1, 3]


def test_rows_of_the_same_moment_as_anothers_test_row_leak():
    user, time = np.array([0, 0, 1, 1]), np.array([1, 5, 4, 6])
    assert splits.last_out_leaks(splits.leave_last_out(user, time), user, time) == []
    (other,) = splits.last_out_leaks(splits.leave_last_out(user, [1, 4, 4, 6]), user, [1, 4, 4, 6])
    assert other.kind == "others' future" and other.rows.tolist() == [2]


def test_duplicates():
    user, item, week = np.array([0, 0, 1, 0]), np.array([5, 5, 5, 6]), np.array([1, 1, 1, 2])
    split = SimpleNamespace(train=np.array([0, 2]), test=np.array([1, 3]))
    (leak,) = splits.duplicate_leaks(split, user, item, week)
    assert leak.kind == "duplicates" and leak.rows.tolist() == [0]
    assert splits.duplicate_leaks(split, user, item, np.arange(4)) == []
    assert splits.duplicate_leaks(split, user)[0].rows.tolist() == [0]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: splits.by_time([1, 2, 3], 1), "no training row: there is none before the cut"),
        (lambda: splits.by_time([1, 2, 3], 3, gap=5), "no training row"),
        (lambda: splits.by_time([1, 2, 3], 9), "no test row: there is none in the test period"),
        (lambda: splits.by_time([1, 2, 5], 3, until=5), "no test row"),
        (lambda: splits.by_time([1, np.nan, 5], 3), "missing for 1"),
        (lambda: splits.by_time(np.array(["2017-01-01", "NaT"], "M8[s]"), np.datetime64("2017-01-01")), "missing"),
        (lambda: splits.by_time([[1, 2]], 2), "one moment for each row"),
        (lambda: splits.by_user([4, 4], 0.5, np.random.default_rng(0)), "no training row"),
        (lambda: splits.by_user([4, 5], 1.0, np.random.default_rng(0)), "share must lie"),
        (lambda: splits.by_user([4, 5], 0, np.random.default_rng(0)), "share must lie"),
        (lambda: splits.at_random(1, 0.5, np.random.default_rng(0)), "no training row"),
        (lambda: splits.leave_last_out([1, 2], [1, 1]), "no test row"),
        (lambda: splits.leave_last_out([1, 1], [1, 2], last=0), "last must be"),
        (lambda: splits.leave_last_out([1, 1], [1]), "same length"),
        (lambda: splits.leave_last_out([], []), "no training row"),
        (lambda: splits.duplicate_leaks(splits.Split(np.array([0]), np.array([1]))), "needs the columns"),
    ],
)
def test_bad_splits_are_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
