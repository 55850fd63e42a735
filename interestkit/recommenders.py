"""Recommenders behind one interface: popularity, own frequency, item-item cosine.

    history = matrix(user, item)                                       # sparse (n users, m items)
    model = ItemCosine(damping=10).fit(history)
    model.scores([3, 8])                                               # (2, m)
    model.recommend([3, 8], n=10, exclude_seen=True)                   # (2, 10) item ids

Whether a user may be shown what they already have decides the task, so `exclude_seen` must be said:
False to replenish, True to discover. Ties, and users without a history, are filled by popularity.
"""

import numpy as np

from interestkit.ranking import length, top_k

_BLOCK = 2**22  # scores that are held at once


def matrix(user, item, weight=None, shape=None):
    """A sparse table of who has how much of what; rows that repeat a user and an item are added up.

    Args:
        user: (r,) row numbers from 0.
        item: (r,) column numbers from 0.
        weight: (r,) what a row counts; 1 by default.
        shape: (users, items); by default just large enough.

    Returns:
        SciPy CSR array of floats.

    Raises:
        ValueError: for negative ids or weights, NaN, or ids outside `shape`.
    """
    from scipy.sparse import coo_array

    user, item = np.asarray(user), np.asarray(item)
    weight = np.ones(len(user)) if weight is None else np.asarray(weight, dtype=float)
    if not len(user) == len(item) == len(weight):
        raise ValueError(f"user, item and weight must be equally long, got {len(user)}, {len(item)}, {len(weight)}")
    for name, ids in (("user", user), ("item", item)):
        if len(ids) and (ids.dtype.kind not in "iu" or ids.min() < 0):
            raise ValueError(f"{name} must hold whole numbers of at least 0, got {ids.min()} of {ids.dtype}")
    size = (user.max(initial=-1) + 1, item.max(initial=-1) + 1)
    shape = size if shape is None else shape
    if shape[0] < size[0] or shape[1] < size[1]:
        raise ValueError(f"shape must hold {size[0]} users and {size[1]} items, got {tuple(shape)}")
    return _history(coo_array((weight, (user.astype(np.int64), item.astype(np.int64))), shape=shape))


class Recommender:
    """What all models share. A model fills in `_learn(history)` and `_score(rows)`.

    Attributes:
        history_: (n, m) what it was fitted to.
        popularity_: (m,) how many users have each item.
    """

    def fit(self, interactions):
        """Learn from a sparse (n, m) table of counts or weights; returns the model.

        Raises:
            ValueError: for negative or NaN entries, or a table without items.
        """
        self.history_ = _history(interactions)
        if not self.history_.shape[1]:
            raise ValueError("interactions must have at least one item")
        self.popularity_ = np.bincount(self.history_.indices, minlength=self.history_.shape[1])
        self._learn(self.history_)
        return self

    def scores(self, users):
        """(len(users), m) score of every item for these users; only their order counts.

        Args:
            users: row numbers of the fitted table.
        """
        users = self._known(users)
        return self._score(self.history_[users])

    def recommend(self, users, n, *, exclude_seen):
        """The best n items for each user.

        Args:
            users: row numbers of the fitted table.
            n: length of the lists, at least 1; at most the whole catalogue is given.
            exclude_seen: leave out what the user has in the fitted table.

        Returns:
            (len(users), min(n, m)) item ids, the best first; -1 where nothing is left. Of equal scores the more
            popular item comes first, then the lower id.
        """
        users, n = self._known(users), min(length(n), self.history_.shape[1])
        by_popularity = np.argsort(-self.popularity_, kind="stable")
        lists = np.empty((len(users), n), np.int64)
        block = max(1, _BLOCK // self.history_.shape[1])
        for begin in range(0, len(users), block):
            rows = self.history_[users[begin : begin + block]]
            scores = np.array(self._score(rows), dtype=float)
            if exclude_seen:
                scores[np.repeat(np.arange(len(scores)), np.diff(rows.indptr)), rows.indices] = -np.inf
            place = top_k(scores[:, by_popularity], n)
            lists[begin : begin + block] = np.where(place < 0, -1, by_popularity[place])
        return lists

    def _known(self, users):
        if not hasattr(self, "history_"):
            raise ValueError("the model has learnt nothing yet: call fit first")
        users = np.atleast_1d(np.asarray(users))
        if len(users) and (users.dtype.kind not in "iu" or users.min() < 0 or users.max() >= self.history_.shape[0]):
            raise ValueError(f"users must be row numbers from 0 to {self.history_.shape[0] - 1}, got {users}")
        return users.astype(np.int64)

    def _learn(self, history):
        raise NotImplementedError

    def _score(self, rows):
        raise NotImplementedError


class Popularity(Recommender):
    """The same list for everybody: by how many users have an item, or how much of it there is.

    Args:
        weight: "users" counts users, "count" adds up the entries, so that one heavy buyer counts often.
    """

    def __init__(self, weight="users"):
        if weight not in ("users", "count"):
            raise ValueError(f'weight must be "users" or "count", got {weight!r}')
        self.weight = weight

    def _learn(self, history):
        self.score_ = self.popularity_.astype(float) if self.weight == "users" else history.sum(axis=0)

    def _score(self, rows):
        return np.tile(self.score_, (rows.shape[0], 1))


class OwnFrequency(Recommender):
    """What the user has most of. The bar for replenishing; with what they have left out, it is popularity."""

    def _learn(self, history):
        pass

    def _score(self, rows):
        return rows.toarray()


class ItemCosine(Recommender):
    """Items like those that the user has: item-item collaborative filtering with cosine similarity.

    The similarity of two items is x·y / (|x| |y| + damping) over their users' entries, and a score the sum of
    an item's similarities to the user's items, weighted by the user's entries. An item is not similar to
    itself (0), and one without users to none.

    Args:
        damping: 0 or more, in the units of |x| |y|: with 0, two items that share their only buyer are as
            similar as can be; damping makes small evidence count less.
        neighbours: keep only so many of each item's most similar items; all by default.

    Attributes:
        similarity_: sparse (m, m).

    Source:
        Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001.
    """

    def __init__(self, damping=0.0, neighbours=None):
        if not damping >= 0:
            raise ValueError(f"damping must be 0 or more, got {damping}")
        self.damping, self.neighbours = damping, neighbours if neighbours is None else length(neighbours)

    def _learn(self, history):
        from scipy.sparse import csr_array, vstack

        norm = np.sqrt(history.power(2).sum(axis=0))
        by_item, parts = history.T.tocsr(), []
        block = max(1, _BLOCK // history.shape[1])
        for begin in range(0, history.shape[1], block):
            part = (by_item[begin : begin + block] @ history).tocoo()
            row, column = part.coords
            other = row + begin != column
            row, column, dot = row[other], column[other], part.data[other]
            value = dot / (norm[row + begin] * norm[column] + self.damping)
            part = csr_array((value, (row, column)), shape=part.shape)
            if self.neighbours is not None:
                part = _strongest(part, self.neighbours)
            parts.append(part)
        self.similarity_ = vstack(parts, format="csr").T.tocsr()

    def _score(self, rows):
        return (rows @ self.similarity_).toarray()


def _strongest(similarity, keep):
    """The `keep` largest entries of each row of a sparse table; of equal ones, those of the lowest columns."""
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(similarity.shape[0]), np.diff(similarity.indptr))
    order = np.lexsort((similarity.indices, -similarity.data, rows))
    place = np.arange(len(order)) - similarity.indptr[:-1][rows]
    kept = order[place < keep]
    return csr_array((similarity.data[kept], (rows[kept], similarity.indices[kept])), shape=similarity.shape)


def _history(interactions):
    """`interactions` as a CSR array of floats without stored zeros, checked."""
    from scipy.sparse import csr_array

    table = csr_array(interactions, dtype=float, copy=True)
    table.sum_duplicates()
    if len(table.data) and not (table.data.min() >= 0 and np.isfinite(table.data).all()):
        raise ValueError("interactions must be finite numbers of at least 0, got a negative one, NaN or infinity")
    table.eliminate_zeros()
    return table
