"""Splits into training and test rows, each with a detector for what leaks from the future into the past.

A split answers a question, so the question comes first. Tomorrow's purchases of known users: `by_time`. Users
never seen: `by_user`. What each user does next, in however distant a year: `leave_last_out`. `at_random`
answers none that a shop asks: its model has seen next week.

    split = by_time(week, cut=46)
    time_leaks(split, week)                     # [] where nothing leaks
    model.fit(rows[split.train])
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers for training and for testing, both in rising order."""

    train: np.ndarray
    test: np.ndarray

    @property
    def share(self):
        """Share of the split's rows that are test rows."""
        return len(self.test) / (len(self.train) + len(self.test))


@dataclass(frozen=True, eq=False)
class Leak:
    """One way in which training rows tell of test rows.

    Attributes:
        kind: "future", "shared users", "own future", "others' future" or "duplicates".
        rows: the training rows that leak.
        sentence: what is wrong, for a person.
    """

    kind: str
    rows: np.ndarray
    sentence: str


def by_time(time, cut, until=None, gap=0):
    """Train on what happened before `cut`, test on what happened from then on.

    Args:
        time: (n,) when each row happened: numbers, or NumPy dates.
        cut: the first moment of the test period.
        until: the moment at which it ends, itself left out; by default it has no end.
        gap: rows less than this long before `cut` are left out of training, as where labels arrive late.

    Returns:
        a `Split`; rows in the gap and after the end are in neither part.

    Raises:
        ValueError: if no row is left for training, or none for testing.
    """
    time = _moments(time)
    test = time >= cut
    if until is not None:
        test &= time < until
    return _split(time < (cut - gap if gap else cut), test, "before the cut", "in the test period")


def by_user(user, share, rng):
    """Test on whole users, drawn at random: how does it do for people that it has never seen?

    Args:
        user: (n,) the user of each row.
        share: share of the users that go to the test part, at least one.
        rng: the generator that draws them.

    Returns:
        a `Split`.

    Raises:
        ValueError: for a share not between 0 and 1, or where no user is left for training.
    """
    users, code = np.unique(np.asarray(user), return_inverse=True)
    tested = np.zeros(len(users), bool)
    tested[rng.permutation(len(users))[: _count(share, len(users))]] = True
    return _split(~tested[code], tested[code], "of other users", "of the users drawn")


def at_random(rows, share, rng):
    """Rows drawn at random, whenever they happened and whoever's they are. For comparison, not for use.

    Args:
        rows: how many rows there are.
        share: share of them that are test rows, at least one.
        rng: the generator that draws them.

    Returns:
        a `Split`.
    """
    tested = np.zeros(rows, bool)
    tested[rng.permutation(rows)[: _count(share, rows)]] = True
    return _split(~tested, tested, "left", "drawn")


def leave_last_out(user, time, last=1):
    """Test on the last moments of each user, train on all that came before them.

    A moment may hold many rows: a basket has one time of day, so it is left out whole. Users with no
    earlier moment stay in training.

    Args:
        user: (n,) the user of each row.
        time: (n,) when it happened.
        last: how many different moments of each user are tested.

    Returns:
        a `Split`. Different users are tested at different times, so one user's training rows may lie after
        another's test rows: `last_out_leaks` says how many do.

    Raises:
        ValueError: if no user has more than `last` moments.
    """
    time, code = _moments(time), np.unique(np.asarray(user), return_inverse=True)[1]
    _same_length(code, time)
    if not isinstance(last, (int, np.integer)) or last < 1:
        raise ValueError(f"last must be a whole number of at least 1, got {last!r}")
    when = np.unique(time, return_inverse=True)[1]
    pair, row = np.unique(code * np.int64(when.max(initial=0) + 1) + when, return_inverse=True)  # user, moment
    owner = pair // (when.max(initial=0) + 1)
    moments = np.bincount(owner, minlength=1)
    left = np.cumsum(moments)[owner] - np.arange(len(pair))  # 1 for a user's last moment
    tested = ((left <= last) & (moments[owner] > last))[row]
    return _split(~tested, tested, "that are not a user's last", "that are a user's last")


# Detectors ---------------------------------------------------------------------------


def time_leaks(split, time):
    """Training rows from the test period, or later.

    Args:
        split: a `Split`, or anything with row numbers `train` and `test`.
        time: (n,) when each row happened.

    Returns:
        a list with at most one `Leak`.
    """
    time = _moments(time)
    begin = time[split.test].min()
    late = split.train[time[split.train] >= begin]
    return _found("future", late, "training rows are as late as the first test row, or later")


def user_leaks(split, user):
    """Training rows of users who are tested.

    Args:
        split: as in `time_leaks`.
        user: (n,) the user of each row.

    Returns:
        a list with at most one `Leak`.
    """
    user = np.asarray(user)
    known = split.train[np.isin(user[split.train], user[split.test])]
    return _found("shared users", known, "training rows belong to users who are tested")


def last_out_leaks(split, user, time):
    """Training rows that lie after, or beside, a test row: of the same user, and of another user.

    Args:
        split: as in `time_leaks`.
        user: (n,) the user of each row.
        time: (n,) when it happened.

    Returns:
        a list of none, one or two `Leak`s. Other users' rows leak trends and sales, not the user's own choice.
    """
    time, code = _moments(time), np.unique(np.asarray(user), return_inverse=True)[1]
    _same_length(code, time)
    when = np.unique(time, return_inverse=True)[1]
    first = np.full(code.max(initial=0) + 1, len(time))  # each user's first test moment
    np.minimum.at(first, code[split.test], when[split.test])
    own = split.train[when[split.train] >= first[code[split.train]]]
    earliest = when[split.test].min()
    other = np.setdiff1d(split.train[when[split.train] >= earliest], own)
    return _found("own future", own, "training rows are as late as a test row of the same user, or later") + _found(
        "others' future", other, "training rows are as late as a test row of another user, or later"
    )


def duplicate_leaks(split, *columns):
    """Training rows that a test row repeats in all of the columns.

    Args:
        split: as in `time_leaks`.
        columns: (n,) arrays; what counts as the same row.

    Returns:
        a list with at most one `Leak`.
    """
    if not columns:
        raise ValueError("duplicate_leaks needs the columns that make two rows the same")
    codes = [np.unique(np.asarray(column), return_inverse=True)[1] for column in columns]
    _same_length(*codes)
    same = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1].ravel()
    twice = split.train[np.isin(same[split.train], same[split.test])]
    return _found("duplicates", twice, "training rows are repeated among the test rows")


# Inside ------------------------------------------------------------------------------


def _found(kind, rows, what):
    return [Leak(kind, rows, f"{len(rows):,} {what}.")] if len(rows) else []


def _split(train, test, what_trains, what_tests):
    if not train.any():
        raise ValueError(f"the split leaves no training row: there is none {what_trains}")
    if not test.any():
        raise ValueError(f"the split leaves no test row: there is none {what_tests}")
    return Split(np.flatnonzero(train), np.flatnonzero(test))


def _moments(time):
    time = np.asarray(time)
    if time.ndim != 1:
        raise ValueError(f"time must hold one moment for each row, got shape {time.shape}")
    missing = np.isnat(time) if time.dtype.kind in "mM" else time != time
    if np.any(missing):
        raise ValueError(f"time must be known for every row, and is missing for {np.sum(missing)}")
    return time


def _count(share, whole):
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, got {share}")
    return max(1, round(share * whole))


def _same_length(*columns):
    sizes = {len(column) for column in columns}
    if len(sizes) > 1:
        raise ValueError(f"all columns must have the same length, got {sorted(sizes)}")
