"""Exercises of 14_why_anonymising_fails: the k of k-anonymity, the seed's masking, and two totals that differ."""

from collections import Counter

import numpy as np

from interestkit.workbook.exercise import exercise

# ------------------------------------------------------------------------------ sizes


@exercise(
    "anonymity.sizes",
    minutes=10,
    level="junior",
    hints=(
        "Two households hide behind each other only if they agree in every column at once.",
        "Turn each row into one thing that can be counted, such as a tuple, and count those.",
        "Then look up each row's count again, so that the answer has one entry for each row, in the rows' order.",
    ),
)
def sizes(table):
    """How many rows share each row's values, in all columns jointly.

    Args:
        table: (n, d) array of whole numbers, a row for each household; -1 stands for "not known".
    Returns:
        (n,) array of whole numbers of 1 or more, the row itself included; "not known" is a value like any other.
    """
    equal = table[:, None] == table[None]  # (n, n, d)
    return equal.all(axis=2).sum(axis=1)


@sizes.cases
def _(rng):
    yield np.array([[1, 2], [1, 2], [1, 3], [2, 2], [2, 3]])
    yield np.array([[-1, 4], [-1, 4], [0, 4], [-1, 5]])
    yield np.array([[7], [7], [3]])
    yield np.array([[2, 2, 2]])
    yield np.array([[1, 2], [2, 1], [3, 0], [2, 1]])
    yield np.array([[1, 23], [12, 3], [1, 23], [-1, 23], [231, 0], [101, 2], [1, 3]])  # alike only if put together
    yield np.array([[1, 0, 2], [1, 1, 2], [1, 0, 2], [2, 0, 2]])  # the middle column decides
    yield np.zeros((0, 2), dtype=int)
    yield rng.integers(0, 3, (30, 3))


@sizes.alternative
def _(table):
    return np.array([sum((row == other).all() for other in table) for row in table], dtype=int)


@sizes.alternative
def _(table):
    found = []
    for row in table.tolist():
        same = 0
        for other in table.tolist():
            same += row == other
        found.append(same)
    return np.array(found, dtype=int)


@sizes.misconception(
    "You counted each column alone and took the smallest. Columns single out jointly: compare whole rows."
)
def _(table):
    return np.array([min((table[:, j] == row[j]).sum() for j in range(len(row))) for row in table], dtype=int)


@sizes.misconception("You left the row itself out. A household that is alone has a group of one, not of none.")
def _(table):
    return sizes.reference(table) - 1


@sizes.misconception(
    "You gave 0 to rows with an unknown value. Two unknowns look alike to an attacker: count -1 as a value."
)
def _(table):
    return sizes.reference(table) * (table != -1).all(1)


@sizes.misconception(
    "You let rows with an unknown value agree with nobody. But a blank can be looked for: -1 is a value."
)
def _(table):
    return np.where((table != -1).all(1), sizes.reference(table), 1)


@sizes.misconception("You counted rows that agree in some column. A group agrees in every column at once: use `all`.")
def _(table):
    return (table[:, None] == table[None]).any(axis=2).sum(axis=1)


@sizes.misconception("You glued the values together, so different rows look alike. Compare the rows as tuples.")
def _(table):
    keys = ["".join(map(str, row)) for row in table.tolist()]
    return np.array([keys.count(key) for key in keys], dtype=int)


@sizes.misconception("You compared the sums of the rows. Different rows may have one sum: compare the values.")
def _(table):
    total = table.sum(1)
    return np.array([(total == value).sum() for value in total], dtype=int)


@sizes.misconception(
    "That is one number for each different row. Give every row the size of its group, in the rows' order.", crashes=True
)
def _(table):
    return np.array(list(Counter(map(tuple, table.tolist())).values()), dtype=int)


@sizes.misconception(
    "That is one number for each different row, in sorted order. Look each row's own group up.", crashes=True
)
def _(table):
    return np.unique(table, axis=0, return_counts=True)[1]


@sizes.misconception("You let an unknown value fit anything. Here an attacker can look for a blank: -1 equals only -1.")
def _(table):
    fits = (table[:, None] == table[None]) | (table[:, None] == -1) | (table[None] == -1)
    return fits.all(axis=2).sum(axis=1)


# ------------------------------------------------------------------------------ mask


def mask_table(table, width, k):
    """Generalise ages to bands and suppress small groups (as it was shipped)."""
    masked = table.copy()
    masked[:, 0] = masked[:, 0] // width * width
    count = Counter(tuple(row) for row in table.tolist())
    return masked[[count[tuple(row)] >= k for row in table.tolist()]]


@exercise(
    "anonymity.mask",
    minutes=12,
    level="mid",
    kind="bug",
    given=(mask_table,),
    hints=(
        "Run it on ages 31 and 34, second columns equal, width 10 and k = 2. Who is left, and who should be?",
        "The attacker sees the table that goes out. Whose groups does the faulty function count?",
        "Generalise first, count the generalised rows, and keep those whose group is large enough.",
    ),
)
def mask(table, width, k):
    """Generalise ages to bands, then leave out the rows of groups smaller than k.

    Args:
        table: (n, d) array of whole numbers, the age (known, 0 or more) in column 0; not to be changed.
        width: of an age band; an age becomes the lowest age of its band (bands begin at 0).
        k: the smallest group that may go out.
    Returns:
        (m, d) array of the rows that go out, generalised, in their order; m may be 0.
    """
    masked = table.copy()
    masked[:, 0] = masked[:, 0] // width * width
    count = Counter(tuple(row) for row in masked.tolist())
    return masked[[count[tuple(row)] >= k for row in masked.tolist()]]


@mask.cases
def _(rng):
    yield np.array([[31, 1], [34, 1], [31, 2], [47, 1]]), 10, 2
    yield np.array([[20, 5], [20, 5], [29, 5], [30, 5]]), 10, 3
    yield np.array([[18, 0], [65, 1]]), 5, 2
    yield np.array([[40], [44], [45], [40], [49]]), 5, 2
    yield np.array([[33, 2], [33, 3]]), 20, 1
    yield np.array([[31, 0]]), 10, 2  # the whole table is a small group
    yield np.array([[31, 1, 5], [34, 2, 5], [38, 1, 5], [25, 1, 5]]), 10, 2  # the middle column decides
    yield np.array([[31, 1, 5], [34, 1, 6], [38, 1, 5], [33, 1, 7]]), 10, 2  # the last column decides
    yield np.zeros((0, 3), dtype=int), 10, 2
    yield np.column_stack([rng.integers(18, 80, 40), rng.integers(0, 2, 40)]), 15, 4


@mask.alternative
def _(table, width, k):
    rows = [[row[0] - row[0] % width, *row[1:]] for row in table.tolist()]
    kept = [row for row in rows if rows.count(row) >= k]
    return np.array(kept, dtype=table.dtype).reshape(-1, table.shape[1])


@mask.alternative
def _(table, width, k):
    masked = np.column_stack([table[:, 0] - table[:, 0] % width, table[:, 1:]])
    same = (masked[:, None] == masked[None]).all(2).sum(1)
    return masked[same >= k]


@mask.misconception(
    "That still counts the groups of the exact ages. Whoever hides in a band is thrown away: count what goes out.",
    crashes=True,
)
def _(table, width, k):
    return mask_table(table, width, k)


@mask.misconception(
    "A group of exactly k rows may go out, counting the row itself. Yours asks for one row more.", crashes=True
)
def _(table, width, k):
    return mask.reference(table, width, k + 1)


@mask.misconception(
    "You generalised, and left the small groups in. They are still singled out: leave them out.", crashes=True
)
def _(table, width, k):
    return mask.reference(table, width, 1)


@mask.misconception(
    "You count one table and look its rows up in the other. Use the masked rows for both.", crashes=True
)
def _(table, width, k):
    masked = mask.reference(table, width, 1)
    count = Counter(map(tuple, masked.tolist()))
    return masked[np.array([count[tuple(row)] >= k for row in table.tolist()], dtype=bool)]


@mask.misconception(
    "You sent a table smaller than k out whole. Its rows form a small group, too: leave them out.", crashes=True
)
def _(table, width, k):
    return mask.reference(table, width, 1 if len(table) < k else k)


@mask.misconception("You numbered the bands. The lowest age of the band is asked: multiply by the width again.")
def _(table, width, k):
    masked = mask.reference(table, width, k)
    masked[:, 0] //= width
    return masked


@mask.misconception("You wrote the bands into the caller's table. Work on a copy: the exact ages are still needed.")
def _(table, width, k):
    table[:, 0] = table[:, 0] // width * width
    return table[sizes.reference(table) >= k]


@mask.misconception("You counted bands alone. The other columns go out, too: a group shares all of them.", crashes=True)
def _(table, width, k):
    masked = mask.reference(table, width, 1)
    return masked[sizes.reference(masked[:, :1]) >= k]


@mask.misconception(
    "You look masked rows up among the exact ones. The groups must be counted in the masked table, too.", crashes=True
)
def _(table, width, k):
    masked = mask.reference(table, width, 1)
    count = Counter(map(tuple, table.tolist()))
    return masked[np.array([count[tuple(row)] >= k for row in masked.tolist()], dtype=bool)]


@mask.misconception("You chose the right rows, and let their exact ages out. Send the bands.")
def _(table, width, k):
    return table[sizes.reference(mask.reference(table, width, 1)) >= k]


@mask.misconception(
    "You sent each group once. Every row of a group that is large enough goes out, in its place.", crashes=True
)
def _(table, width, k):
    rows = dict.fromkeys(map(tuple, mask.reference(table, width, k).tolist()))
    return np.array(list(rows), dtype=table.dtype).reshape(-1, table.shape[1])


# ------------------------------------------------------------------------------ differencing


@exercise(
    "anonymity.differencing",
    minutes=12,
    level="mid",
    hints=(
        "What is left of two totals when you take one away from the other? Those who are in both cancel.",
        "Look at each pair of rows of `members`. Which pairs differ in exactly one household?",
        "The sign depends on which of the two totals holds the household. Begin with an array full of NaN.",
    ),
)
def differencing(members, totals):
    """What each household spent, where two published totals differ in this household only.

    Args:
        members: (q, n) array of 0 and 1: who is in which total, at least two households in each.
        totals: (q,) array of exact totals; a refund may make one smaller.
    Returns:
        (n,) decimal numbers, negative ones too; NaN for a household that no pair of totals gives away.
    """
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members)):
        for j in range(len(members)):
            gap = members[i] - members[j]
            if np.abs(gap).sum() == 1 and gap.sum() == 1:
                values[gap.argmax()] = totals[i] - totals[j]
    return values


@differencing.cases
def _(rng):
    yield np.array([[1, 1, 1], [1, 1, 0]]), np.array([100.0, 88.0])
    yield np.array([[1, 0, 1, 0], [1, 1, 1, 0], [0, 1, 1, 0]]), np.array([9.0, 14.0, 11.0])
    yield np.array([[1, 1, 0], [0, 1, 1]]), np.array([5.0, 8.0])
    yield np.array([[1, 1, 1, 1]]), np.array([20.0])
    yield np.array([[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]]), np.array([3.0, 3.0, 3.0])
    yield np.array([[1, 1, 0, 1], [1, 1, 1, 1]]), np.array([20.25, 15.0])  # a refund
    twice = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 0, 1, 0], [1, 0, 0, 1, 1]])
    yield twice, twice @ np.array([5.5, 7.0, 9.5, 2.0, 1.0])  # one household, two pairs
    spent = rng.integers(-9, 50, 5) / 4
    members = np.vstack([np.tri(5, dtype=int)[2:], [[1, 0, 1, 0, 1]]])
    yield members, members @ spent


@differencing.alternative
def _(members, totals):
    values = [float("nan")] * members.shape[1]
    groups = [{i for i, inside in enumerate(row) if inside} for row in members]
    for small, less in zip(groups, totals, strict=True):
        for large, more in zip(groups, totals, strict=True):
            if small < large and len(large - small) == 1:
                values[next(iter(large - small))] = more - less
    return np.array(values)


@differencing.alternative
def _(members, totals):
    gaps = members[:, None] - members[None]
    i, j = np.nonzero((np.abs(gaps).sum(2) == 1) & (gaps.sum(2) == 1))
    values = np.full(members.shape[1], np.nan)
    values[gaps[i, j].argmax(1)] = totals[i] - totals[j]
    return values


@differencing.misconception(
    "Some of your amounts have the wrong sign: it depends on which of the two totals holds the household."
)
def _(members, totals):
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members)):
        for j in range(i + 1, len(members)):
            gap = np.abs(members[i] - members[j])
            if gap.sum() == 1:
                values[gap.argmax()] = totals[i] - totals[j]
    return values


@differencing.misconception("You dropped the sign. A refund is a negative amount: larger cohort minus smaller one.")
def _(members, totals):
    return np.abs(differencing.reference(members, totals))


@differencing.misconception("You added up what several pairs say of one household. They agree: take it once.")
def _(members, totals):
    values, given = np.zeros(members.shape[1]), np.zeros(members.shape[1], dtype=bool)
    for i in range(len(members)):
        for j in range(len(members)):
            gap = members[i] - members[j]
            if np.abs(gap).sum() == 1 and gap.sum() == 1:
                values[gap.argmax()] += totals[i] - totals[j]
                given[gap.argmax()] = True
    return np.where(given, values, np.nan)


@differencing.misconception(
    "You compared how many are in each total, not who. Look for exactly one difference in `members`."
)
def _(members, totals):
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members)):
        for j in range(len(members)):
            if members[i].sum() - members[j].sum() == 1:
                values[(members[i] - members[j]).argmax()] = totals[i] - totals[j]
    return values


@differencing.misconception(
    "You solved all equations together, a stronger attack. Here only pairs that differ in one household are asked."
)
def _(members, totals):
    inverse = np.linalg.pinv(members)
    known = np.abs(1 - (inverse * members.T).sum(1)) < 1e-9
    return np.where(known, np.round(inverse @ totals, 9), np.nan)


@differencing.misconception("Your sign is turned round: take the smaller cohort's total from the larger one's.")
def _(members, totals):
    return -differencing.reference(members, totals)


@differencing.misconception("You gave 0 to households that nothing gives away. Not known is NaN; 0 is an amount.")
def _(members, totals):
    return np.nan_to_num(differencing.reference(members, totals))


@differencing.misconception("You compared neighbouring totals only. An attacker compares every pair.")
def _(members, totals):
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members) - 1):
        gap = members[i] - members[i + 1]
        if np.abs(gap).sum() == 1:
            values[np.abs(gap).argmax()] = (totals[i] - totals[i + 1]) * gap.sum()
    return values


@differencing.misconception(
    "You looked at the sizes of the cohorts alone. Sizes that differ by one may hide several changes: compare members."
)
def _(members, totals):
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members)):
        for j in range(len(members)):
            gap = members[i] - members[j]
            if gap.sum() == 1 or (gap.sum() == 0 and np.abs(gap).any()):
                values[gap.argmax()] = totals[i] - totals[j]
    return values


@differencing.misconception(
    "Each pair comes up both ways round, and you let both write. Keep the way whose first total holds the household."
)
def _(members, totals):
    values = np.full(members.shape[1], np.nan)
    for i in range(len(members)):
        for j in range(len(members)):
            gap = np.abs(members[i] - members[j])
            if gap.sum() == 1:
                values[gap.argmax()] = totals[i] - totals[j]
    return values


@differencing.misconception(
    "You went on with amounts found before, a stronger attack. Here only pairs that differ in one household are asked."
)
def _(members, totals):
    values = differencing.reference(members, totals)
    for _ in range(members.shape[1]):
        for i in range(len(members)):
            for j in range(len(members)):
                gap = members[i] - members[j]
                open_ = np.flatnonzero((gap != 0) & np.isnan(values))
                if len(open_) == 1:
                    rest = totals[i] - totals[j] - np.nansum(gap * values)
                    values[open_[0]] = rest * gap[open_[0]]
    return values


@differencing.misconception(
    "You left negative amounts out. Who is in decides which cohort is larger, not the totals: a refund counts, too."
)
def _(members, totals):
    values = differencing.reference(members, totals)
    return np.where(values < 0, np.nan, values)


# ------------------------------------------------------------------------------ diversity


@exercise(
    "anonymity.diversity",
    minutes=10,
    level="mid",
    extra=True,
    hints=(
        "First find the rows of one group: those that agree with yours in every column of the table.",
        "Of these rows, collect the sensitive values. How many are left when each is kept once?",
        "A set keeps each value once. Give every row of a group the size of its group's set.",
    ),
)
def diversity(table, sensitive):
    """How many different sensitive values each row's group holds.

    Args:
        table: (n, d) array of whole numbers, the quasi-identifiers.
        sensitive: (n,) array of whole numbers, the value to protect.
    Returns:
        (n,) array of whole numbers of 1 or more.
    """
    same = (table[:, None] == table[None]).all(axis=2)  # (n, n): are the two rows in one group?
    return np.array([len(np.unique(sensitive[group])) for group in same])


@diversity.cases
def _(rng):
    yield np.array([[1, 2], [1, 2], [1, 3], [1, 2]]), np.array([5, 7, 5, 5])
    yield np.array([[1], [1], [2], [2], [2]]), np.array([0, 0, 1, 0, 1])
    yield np.array([[3, 1], [1, 3], [3, 1]]), np.array([4, 4, 4])
    yield np.array([[8, 8, 8]]), np.array([0])
    yield np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1], [12, 1, 1]]), np.array([3, 4, -1, -1])  # the middle column decides
    yield np.array([[1, 12], [11, 2], [-1, 12], [1, 12]]), np.array([0, 1, 2, 3])
    yield np.array([[1, 1, 1], [1, 1, 2], [1, 1, 1], [1, 1, 2]]), np.array([3, 4, 3, 5])  # the last column decides
    yield np.array([[-1, 2], [-1, 2], [0, 2]]), np.array([3, 4, 5])  # a blank is a value
    yield np.zeros((0, 2), dtype=int), np.zeros(0, dtype=int)
    yield rng.integers(0, 3, (40, 2)), rng.integers(0, 5, 40)


@diversity.alternative
def _(table, sensitive):
    values = {}
    for row, value in zip(table.tolist(), sensitive.tolist(), strict=True):
        values.setdefault(tuple(row), set()).add(value)
    return np.array([len(values[tuple(row)]) for row in table.tolist()], dtype=int)


@diversity.alternative
def _(table, sensitive):
    rows = table.tolist()
    found = []
    for row in rows:
        seen = []
        for other, value in zip(rows, sensitive.tolist(), strict=True):
            if other == row and value not in seen:
                seen.append(value)
        found.append(len(seen))
    return np.array(found, dtype=int)


@diversity.misconception(
    "That is how many rows the group has. Count each sensitive value once, however often it is there."
)
def _(table, sensitive):
    return sizes.reference(table)


@diversity.misconception("You counted the values of the whole table. Look inside each row's own group only.")
def _(table, sensitive):
    return np.full(len(table), len(np.unique(sensitive)), dtype=int)


@diversity.misconception(
    "You counted rows that agree in the table and in the sensitive value. Count the different values of a group."
)
def _(table, sensitive):
    return sizes.reference(np.column_stack([table, sensitive]))


@diversity.misconception("Your groups agree in the first column only. A group shares every column of the table.")
def _(table, sensitive):
    return diversity.reference(table[:, :1], sensitive)


@diversity.misconception("Your groups agree in some column. A group shares every column at once: use `all`.")
def _(table, sensitive):
    same = (table[:, None] == table[None]).any(axis=2)
    return np.array([len(np.unique(sensitive[group])) for group in same], dtype=int)


@diversity.misconception(
    "You gave one number per group. Give every row the number of its group, in the rows' order.", crashes=True
)
def _(table, sensitive):
    _, first = np.unique(table, axis=0, return_index=True)
    return diversity.reference(table, sensitive)[np.sort(first)]


@diversity.misconception("You left -1 out of the sensitive values. It is a value like any other.")
def _(table, sensitive):
    same = (table[:, None] == table[None]).all(axis=2)
    return np.array([len(np.unique(sensitive[group & (sensitive != -1)])) for group in same], dtype=int)


@diversity.misconception("You glued the columns together, so different rows look alike. Compare whole rows.")
def _(table, sensitive):
    keys = np.array(["".join(map(str, row)) for row in table.tolist()])
    return np.array([len(np.unique(sensitive[keys == key])) for key in keys], dtype=int)
