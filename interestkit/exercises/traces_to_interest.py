"""Exercises of 01_traces_to_interest: sessions, fading interests, a feature that must not know the future, lift."""

from collections import defaultdict

import numpy as np

from interestkit.workbook.exercise import exercise

# ---------------------------------------------------------------------------- sessions


@exercise(
    "traces.sessions",
    minutes=12,
    level="junior",
    hints=(
        "Put the events in order first: by user, and within a user by time. `np.lexsort` sorts by its last key first.",
        "In that order an event opens a session if its user is another one than in the row before, "
        "or if the pause since that row is longer than the gap.",
        "A running sum over these openings numbers all sessions. Take off what each user's first event has, "
        "and write the numbers back to where the events stood.",
    ),
)
def sessions(user, second, gap):
    """Number each event's session, per user from 0, in order of time.

    A user's next event opens a new session if more than `gap` seconds lie between it and
    the user's event before it.

    Args:
        user: (n,) array of user ids, whole numbers.
        second: (n,) array of times in seconds, in any order.
        gap: a positive number of seconds; a pause of exactly `gap` does not open a session.
    Returns:
        (n,) array of whole numbers, in the order of the input.
    """
    order = np.lexsort((second, user))
    person, time = user[order], second[order]
    first = np.append(True, person[1:] != person[:-1])[: len(order)]
    opens = first | np.append(True, np.diff(time) > gap)[: len(order)]
    count = np.cumsum(opens)
    at_first = count[first][np.cumsum(first) - 1]
    number = np.empty(len(order), int)
    number[order] = count - at_first
    return number


@sessions.cases
def _(rng):
    yield np.array([7, 7, 4, 7]), np.array([0, 20, 25, 100]), 30
    yield np.array([2, 1, 2, 1, 2]), np.array([90, 5, 30, 66, 0]), 60  # unsorted
    yield np.array([3, 3, 3]), np.array([0, 60, 121]), 60  # exactly the gap, then one more
    yield np.array([5, 5, 5, 5]), np.array([0, 20, 40, 61]), 25  # longer than the gap in sum
    yield np.array([9]), np.array([1_000]), 10
    yield np.array([], int), np.array([], int), 10
    yield np.array([1, 1, 2, 2]), np.array([50, 50, 50, 500]), 100  # at the same second
    yield rng.integers(0, 4, 40), rng.integers(0, 2_000, 40), 75
    yield np.array([0, 1, 0]), np.array([0, 5, 2_000_000]), 10
    yield np.array([1, 1, 1]), np.array([0, 100, 50]), 60  # out of order, and one visit
    yield np.array([4, 4, 4]), np.array([10.4, 0.5, 20.7]), 10.0  # times need not be whole


@sessions.alternative
def _(user, second, gap):
    events = sorted((second[i], i) for i in range(len(user)))
    before, number, result = {}, {}, [0] * len(user)
    for time, i in events:
        who = int(user[i])
        if who not in number:
            number[who] = 0
        elif time - before[who] > gap:
            number[who] += 1
        before[who] = time
        result[i] = number[who]
    return np.array(result, dtype=int)


@sessions.alternative
def _(user, second, gap):
    result = np.zeros(len(user), int)
    for who in np.unique(user):
        rows = np.flatnonzero(user == who)
        rows = rows[np.argsort(second[rows], kind="stable")]
        result[rows[1:]] = np.cumsum(np.diff(second[rows]) > gap)
    return result


def _in_order(user, second, opens_after):
    """Session numbers per user by a rule on (time, time before, time the session began)."""
    order, result, state = np.lexsort((second, user)), np.zeros(len(user), int), {}
    for i in order:
        who, time = int(user[i]), second[i]
        before, began, number = state.get(who, (None, time, 0))
        if before is not None and opens_after(time, before, began):
            number, began = number + 1, time
        result[i], state[who] = number, (time, began, number)
    return result


@sessions.misconception(
    "You took the events as they came. Logs arrive out of order: sort by user and time first, then look at pauses."
)
def _(user, second, gap):
    result, last, number = np.zeros(len(user), int), {}, defaultdict(int)
    for i, (who, time) in enumerate(zip(user.tolist(), second.tolist(), strict=True)):
        number[who] += who in last and time - last[who] > gap
        last[who], result[i] = time, number[who]
    return result


@sessions.misconception(
    "A pause of exactly `gap` opened a session. Only a longer one does: compare with `>` instead of `>=`."
)
def _(user, second, gap):
    return _in_order(user, second, lambda time, before, began: time - before >= gap)


@sessions.misconception(
    "You measured from the session's first event. Measure from the event before: a session may last long, "
    "as long as no pause in it does."
)
def _(user, second, gap):
    return _in_order(user, second, lambda time, before, began: time - began > gap)


@sessions.misconception(
    "Your numbers go on from one user to the next. Each user's first session is number 0: "
    "take off the number of the user's first event."
)
def _(user, second, gap):
    order = np.lexsort((second, user))
    opens = (np.diff(user[order]) != 0) | (np.diff(second[order]) > gap)
    result = np.zeros(len(user), int)
    result[order[1:]] = np.cumsum(opens)
    return result


@sessions.misconception(
    "You looked at the pause between any two events, whoever they belong to. Compare an event with the one before "
    "it of the same user."
)
def _(user, second, gap):
    order = np.argsort(second, kind="stable")
    result = np.zeros(len(user), int)
    result[order[1:]] = np.cumsum(np.diff(second[order]) > gap)
    return result


@sessions.misconception(
    "Your numbers are right, in another order: sorted by user and time. Write each back to the place of its event."
)
def _(user, second, gap):
    right = _in_order(user, second, lambda time, before, began: time - before > gap)
    return right[np.lexsort((second, user))]


@sessions.misconception("Your sessions are counted from 1. The first session of a user is number 0.")
def _(user, second, gap):
    return _in_order(user, second, lambda time, before, began: time - before > gap) + 1


# -------------------------------------------------------------------------------- fade


@exercise(
    "traces.fade",
    minutes=10,
    level="junior",
    hints=(
        "An event's weight depends on its age only: 1 today, one half after one half-life, a quarter after two.",
        "Leave out what lies after `now` before anything else. What happens at `now` itself has age 0 and counts.",
        "Begin with a zero for every category. Where one category comes several times, `interest[category] += weight` "
        "adds only once: loop over the events, or let NumPy's `bincount` add up the weights (it has a `minlength`).",
    ),
)
def fade(day, category, now, half_life, categories):
    """Interest in each category: its events, each halved once per half-life of age.

    Events after `now` have not happened yet: they count nothing. An event at `now` counts 1.

    Args:
        day: (n,) array of the days of the events, in any order.
        category: (n,) array of whole numbers in 0..categories-1.
        now: the day on which we ask.
        half_life: days after which an event counts half; `np.inf` never forgets.
        categories: how many categories there are.
    Returns:
        (categories,) array of sums, not normalised; 0 for a category without events.
    """
    known = day <= now
    interest = np.zeros(categories)
    np.add.at(interest, category[known], 0.5 ** ((now - day[known]) / half_life))
    return interest


@fade.cases
def _(rng):
    yield np.array([10, 6, 2, 10]), np.array([0, 0, 0, 2]), 10, 4, 3
    yield np.array([5, 1, 9, 5]), np.array([1, 0, 1, 1]), 5, 2.0, 4  # one event lies in the future
    yield np.array([8, 8]), np.array([1, 1]), 3, 7, 2  # all in the future
    yield np.array([0, 3, 30]), np.array([2, 0, 2]), 30, np.inf, 5
    yield np.array([1, 9]), np.array([0, 0]), 5, np.inf, 2  # nothing fades, and the future still counts nothing
    yield np.array([3, 9, 9]), np.array([1, 0, 1]), 21, 6, 2  # nobody came lately
    yield np.array([], int), np.array([], int), 4, 3, 3
    yield rng.integers(0, 60, 50), rng.integers(0, 6, 50), 45, 13.0, 8


@fade.alternative
def _(day, category, now, half_life, categories):
    interest = [0.0] * categories
    for when, kind in zip(day, category, strict=True):
        if when <= now:
            interest[kind] += 2.0 ** -((now - when) / half_life)
    return np.array(interest)


@fade.alternative
def _(day, category, now, half_life, categories):
    weight = np.where(day <= now, np.exp(-np.log(2) * np.maximum(now - day, 0) / half_life), 0)
    return weight @ (category[:, None] == np.arange(categories))


def _faded(day, category, categories, weight):
    return np.bincount(category, weight, minlength=categories).astype(float)


@fade.misconception(
    "You used exp(−age / half-life). After one half-life that leaves 0.37, not one half: use 0.5 ** (age / half_life)."
)
def _(day, category, now, half_life, categories):
    known = day <= now
    return _faded(day[known], category[known], categories, np.exp((day[known] - now) / half_life))


@fade.misconception(
    "You let events after `now` count. They have not happened yet, and with a negative age they count more than 1."
)
def _(day, category, now, half_life, categories):
    return _faded(day, category, categories, 0.5 ** ((now - day) / half_life))


@fade.misconception(
    "You gave events after `now` the age 0, so that they count 1. They have not happened yet: leave them out."
)
def _(day, category, now, half_life, categories):
    return _faded(day, category, categories, 0.5 ** (np.maximum(now - day, 0) / half_life))


@fade.misconception("An event on the day `now` itself was left out. It has age 0 and counts 1.")
def _(day, category, now, half_life, categories):
    known = day < now
    return _faded(day[known], category[known], categories, 0.5 ** ((now - day[known]) / half_life))


@fade.misconception("You divided by the sum. How much interest there is would be lost: return the sums as they are.")
def _(day, category, now, half_life, categories):
    right = fade.reference(day, category, now, half_life, categories)
    return right / right.sum() if right.any() else right


@fade.misconception("Each category got the weight of its latest event only. Two events are more than one: add them up.")
def _(day, category, now, half_life, categories):
    interest = np.zeros(categories)
    known = day <= now
    np.maximum.at(interest, category[known], 0.5 ** ((now - day[known]) / half_life))
    return interest


@fade.misconception(
    "`interest[category] += weight` adds only once where a category comes several times. "
    "Loop over the events, or let `np.bincount` or `np.add.at` add them up."
)
def _(day, category, now, half_life, categories):
    known, interest = day <= now, np.zeros(categories)
    interest[category[known]] += 0.5 ** ((now - day[known]) / half_life)
    return interest


@fade.misconception("You counted whole half-lives only. Weights fall a little every day: divide with `/`, not `//`.")
def _(day, category, now, half_life, categories):
    known = day <= now
    return _faded(day[known], category[known], categories, 0.5 ** np.floor((now - day[known]) / half_life))


@fade.misconception("You divided by the number of events. Two events are more than one: return their sum.")
def _(day, category, now, half_life, categories):
    right = fade.reference(day, category, now, half_life, categories)
    return right / np.maximum(np.bincount(category, minlength=categories), 1)


@fade.misconception(
    "You counted the age from the latest event. Count it from `now`: somebody who has not come for a year has cooled."
)
def _(day, category, now, half_life, categories):
    known = day <= now
    latest = day[known].max(initial=0)
    return _faded(day[known], category[known], categories, 0.5 ** ((latest - day[known]) / half_life))


@fade.misconception(
    "You let interest fall on a straight line, to nothing after two half-lives. It halves, and halves again."
)
def _(day, category, now, half_life, categories):
    known = day <= now
    return _faded(day[known], category[known], categories, np.maximum(1 - (now - day[known]) / (2 * half_life), 0))


# ------------------------------------------------------------------------------- known


def review_feature(user, moment, reviewer, written):
    """How many reviews each row's user has written (a feature for training)."""
    written_by = np.bincount(reviewer, minlength=user.max(initial=0) + 1)
    return written_by[user]


@exercise(
    "traces.known",
    minutes=12,
    level="mid",
    kind="bug",
    given=(review_feature,),
    hints=(
        "Call the function with one user, one moment and one review that is written a day later. What should it say, "
        "and what does it say?",
        "A row may use what was known at its own moment. Two rows of one user may have different moments, "
        "so one number per user cannot be right.",
        "Compare every row with every review: the same person, and written earlier than the row's moment. "
        "Count where both hold.",
    ),
)
def known(user, moment, reviewer, written):
    """How many reviews each row's user had written before the row's moment.

    Args:
        user: (n,) array of user ids, one row for each prediction to be made.
        moment: (n,) array, the time of each prediction.
        reviewer: (r,) array of user ids, who wrote each review.
        written: (r,) array, when it was written, in any order. A review of the very moment is not yet known.
    Returns:
        (n,) array of whole numbers.
    """
    same = user[:, None] == reviewer[None]  # (n, r)
    return (same & (written[None] < moment[:, None])).sum(axis=1)


@known.cases
def _(rng):
    yield np.array([1, 1, 0]), np.array([10, 30, 20]), np.array([1, 1, 0, 1]), np.array([5, 20, 40, 25])
    yield np.array([2, 2]), np.array([7, 3]), np.array([2, 2, 0]), np.array([7, 1, 2])  # one at the very moment
    yield np.array([0, 4]), np.array([9, 9]), np.array([1, 1, 4]), np.array([1, 2, 12])
    yield np.array([0]), np.array([2_000_000]), np.array([0, 1]), np.array([1_500_000, 5])  # seconds are large
    yield np.array([1, 1]), np.array([9, 2]), np.array([1, 1]), np.array([3, 3])  # two reviews at once
    yield np.array([3]), np.array([5]), np.array([], int), np.array([], int)
    yield np.array([], int), np.array([], int), np.array([1]), np.array([1])
    yield rng.integers(0, 5, 12), rng.integers(0, 40, 12), rng.integers(0, 6, 30), rng.integers(0, 40, 30)


@known.alternative
def _(user, moment, reviewer, written):
    counts = []
    for who, now in zip(user, moment, strict=True):
        count = 0
        for author, when in zip(reviewer, written, strict=True):
            if author == who and when < now:
                count += 1
        counts.append(count)
    return np.array(counts, dtype=int)


@known.alternative
def _(user, moment, reviewer, written):
    counts = np.zeros(len(user), int)
    for who in np.unique(user):
        rows = user == who
        counts[rows] = np.searchsorted(np.sort(written[reviewer == who]), moment[rows], side="left")
    return counts


@known.misconception(
    "That is still the join on the latest state: every review counts, also those written after the row's moment. "
    "Compare `written` with `moment`."
)
def _(user, moment, reviewer, written):
    return review_feature(user, moment, reviewer, written)


@known.misconception(
    "A review of the very moment counted. It is not yet known when the prediction is made: compare with `<`."
)
def _(user, moment, reviewer, written):
    return ((user[:, None] == reviewer) & (written <= moment[:, None])).sum(1)


@known.misconception("You counted the reviews of everybody. A row may count those of its own user only.")
def _(user, moment, reviewer, written):
    return (np.broadcast_to(written, (len(user), len(written))) < moment[:, None]).sum(1)


@known.misconception(
    "You cut all rows at the last moment of the table. An early row then still sees its future: "
    "each row has a moment of its own."
)
def _(user, moment, reviewer, written):
    return ((user[:, None] == reviewer) & (written < moment.max(initial=0))).sum(1)


@known.misconception(
    "You cut all rows at the first moment of the table. No future leaks, and later rows lose what they may know."
)
def _(user, moment, reviewer, written):
    first = moment.min() if len(moment) else 0
    return ((user[:, None] == reviewer) & (written < first)).sum(1)


@known.misconception("You counted the reviews after the moment. Those before it are known: turn the sign.")
def _(user, moment, reviewer, written):
    return ((user[:, None] == reviewer) & (written > moment[:, None])).sum(1)


@known.misconception("You said whether there is a review. Asked is how many.")
def _(user, moment, reviewer, written):
    return ((user[:, None] == reviewer) & (written < moment[:, None])).any(1).astype(int)


# -------------------------------------------------------------------------------- lift


@exercise(
    "traces.lift",
    minutes=12,
    level="mid",
    extra=True,
    hints=(
        "What would a household have bought, had it spread its lines as the whole shop does? Call that the expected "
        "table: it has the shape of the counts.",
        "The shop's share of a category is that category's lines of everybody over all lines.",
        "Add the same small number to what was counted and to what was expected, and divide.",
    ),
)
def lift(counts, add):
    """How many times as much of each category a household bought as the shop's average would have it.

    Expected is the household's number of lines times the category's share of all lines. `add` is
    added to the count and to the expected number, so that little evidence stays near 1.

    Args:
        counts: (n, m) array of purchase lines, with at least one line somewhere.
        add: a positive number of lines.
    Returns:
        (n, m) array; 1 for a household, or a category, without lines.
    """
    share = counts.sum(axis=0) / counts.sum()  # (m,) of the shop
    expected = counts.sum(axis=1, keepdims=True) * share
    return (counts + add) / (expected + add)


@lift.cases
def _(rng):
    yield np.array([[6, 2], [1, 1], [0, 10]]), 2
    yield np.array([[3, 0, 0, 1], [0, 0, 0, 0], [9, 0, 5, 2]]), 3.0  # a household and a category without lines
    yield np.array([[4, 4, 8]]), 0.5
    yield rng.poisson(2, (5, 7)) * np.array([1, 1, 4, 1, 9, 1, 1]), 1.5
    yield np.array([[3.0, 1.0], [0.0, 2.0], [5.0, 0.0]]), 4


@lift.alternative
def _(counts, add):
    everything = sum(sum(row) for row in counts.tolist())
    table = []
    for row in counts.tolist():
        lines = sum(row)
        table.append([])
        for j, count in enumerate(row):
            category = sum(other[j] for other in counts.tolist())
            table[-1].append((count + add) / (lines * category / everything + add))
    return np.array(table)


@lift.alternative
def _(counts, add):
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return 1 + (counts - expected) / (expected + add)


@lift.misconception(
    "You added to the count alone. A category nobody expects then gets a huge lift: add to the expected number too."
)
def _(counts, add):
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return (counts + add) / np.maximum(expected, 1e-9)


@lift.misconception(
    "You averaged the households' shares, so that a household of one line speaks as loudly as one of thousands. "
    "Take the category's lines over all lines."
)
def _(counts, add):
    lines = counts.sum(1, keepdims=True)
    share = (counts / np.maximum(lines, 1)).mean(0)
    return (counts + add) / (lines * share + add)


@lift.misconception(
    "You added to every count before the shares were taken. The expected number comes from the counts as they are."
)
def _(counts, add):
    more = counts + add
    expected = np.outer(more.sum(1), more.sum(0)) / more.sum()
    return more / expected


@lift.misconception(
    "You left out how much the household buys, and compared with the average household. "
    "Whoever buys a lot then likes everything."
)
def _(counts, add):
    return (counts + add) / (counts.mean(0) + add)


@lift.misconception("You took the shares of the household alone. Divide by what the shop's average would have it buy.")
def _(counts, add):
    return (counts + add) / (counts.sum(1, keepdims=True) + add)


@lift.misconception("You returned the logarithm. Asked is the ratio itself, 1 where nothing stands out.")
def _(counts, add):
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return np.log((counts + add) / (expected + add))
