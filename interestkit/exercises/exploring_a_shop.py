"""Exercises of 12_exploring_a_shop: one step of LinUCB, clicks that come late, a page with guardrails, forgetting."""

import numpy as np

from interestkit.workbook.exercise import exercise

# ------------------------------------------------------------------------------ linucb


@exercise(
    "shop.linucb",
    minutes=15,
    level="mid",
    hints=(
        "An arm's weights solve a ridge regression: its `A` times the weights is its `b`. "
        "NumPy's `linalg` can solve that.",
        "The doubt about this context is the square root of a number: the context, times the inverse of the arm's own "
        "`A`, times the context again. Solving with the context as the right side avoids the inverse.",
        "Only the chosen arm learns: its matrix grows by the outer product of the context with itself, its vector by "
        "the context where there was a click. Copy both arrays first.",
    ),
)
def linucb(A, b, x, alpha, clicks):
    """One round of LinUCB: score every arm, choose one, see its click, learn.

    Args:
        A: (k, d, d) of each arm, ridge * I + the sum of x xᵀ over the rounds in which it was shown.
        b: (k, d) of each arm, the sum of click * x over the same rounds.
        x: (d,) the context of this round.
        alpha: what doubt is worth; 0 or more.
        clicks: (k,) what each arm would bring; only that of the chosen arm may be used.
    Returns:
        a dict: "scores" (k,), "arm" (the lowest one where several have the best score), and "A" (k, d, d) and
        "b" (k, d) after the round.
    """
    scores = np.empty(len(A))
    for arm in range(len(A)):
        weights = np.linalg.solve(A[arm], b[arm])
        doubt = np.sqrt(x @ np.linalg.solve(A[arm], x))
        scores[arm] = weights @ x + alpha * doubt
    arm = int(scores.argmax())
    A, b = A.copy(), b.copy()
    A[arm] += x[:, None] * x
    b[arm] += clicks[arm] * x
    return {"scores": scores, "arm": arm, "A": A, "b": b}


@linucb.cases
def _(rng):
    yield np.array([[[2.0]], [[5.0]]]), np.array([[1.0], [2.0]]), np.array([2.0]), 1.0, np.array([1.0, 0.0])
    one = np.eye(2)
    yield np.stack([one, one, one]), np.zeros((3, 2)), np.array([0.5, 2.0]), 0.5, np.array([1.0, 0.0, 1.0])  # a tie
    for k, d, alpha, ridge in ((4, 3, 0.0, 1.0), (3, 5, 2.0, 0.5), (6, 2, 0.7, 3.0), (5, 4, 1.5, 1.0)):
        A, b = np.tile(ridge * np.eye(d), (k, 1, 1)), np.zeros((k, d))
        for arm in range(k):
            past = rng.normal(size=(3 + 4 * arm, d))
            A[arm] += past.T @ past
            b[arm] = (rng.random(len(past)) < 0.4) @ past
        yield A, b, rng.normal(size=d) * 1.5, alpha, np.ones(k)  # a click, whichever it is
    yield A, b, rng.normal(size=4), 0.3, np.zeros(5)  # and none
    two = np.array([[[5.0, 1.0], [1.0, 4.0]], [[2.0, 0.0], [0.0, 3.0]], [[6.0, 1.0], [1.0, 5.0]]])
    past = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    yield two, past, np.array([1.0, 2.0]), 1.0, np.array([1.0, 0.0, 1.0])  # the second arm wins, without a click
    yield two, past, np.array([1.0, 2.0]), 1.0, np.array([0.0, 1.0, 0.0])  # and with the only one


@linucb.alternative
def _(A, b, x, alpha, clicks):
    k, d = len(A), len(x)
    scores = []
    for arm in range(k):
        inverse = np.linalg.inv(A[arm])
        mean = square = 0.0
        for i in range(d):
            for j in range(d):
                mean += x[i] * inverse[i][j] * b[arm][j]
                square += x[i] * inverse[i][j] * x[j]
        scores.append(mean + alpha * square**0.5)
    best = 0
    for arm in range(k):
        if scores[arm] > scores[best] + 1e-12:
            best = arm
    A, b = A.tolist(), b.tolist()
    for i in range(d):
        b[best][i] += clicks[best] * x[i]
        for j in range(d):
            A[best][i][j] += x[i] * x[j]
    return {"scores": np.array(scores), "arm": best, "A": np.array(A), "b": np.array(b)}


@linucb.alternative
def _(A, b, x, alpha, clicks):
    inverse = np.linalg.inv(A)  # (k, d, d)
    scores = np.einsum("kij,kj,i->k", inverse, b, x) + alpha * np.einsum("i,kij,j->k", x, inverse, x) ** 0.5
    scores = np.round(scores, 13)
    chosen = np.arange(len(A)) == np.argmax(scores)
    return {
        "scores": scores,
        "arm": int(np.argmax(scores)),
        "A": A + chosen[:, None, None] * (x[:, None] * x),
        "b": b + chosen[:, None] * clicks[:, None] * x,
    }


def _round(A, b, x, clicks, scores, learns=None):
    """A round with other scores; `learns(A, b, arm)` changes copies in another way."""
    arm = int(np.argmax(np.round(scores, 12)))
    A, b = A.copy(), b.copy()
    if learns:
        learns(A, b, arm)
    else:
        A[arm] += np.outer(x, x)
        b[arm] += clicks[arm] * x
    return {"scores": scores, "arm": arm, "A": A, "b": b}


def _mean_and_square(A, b, x):
    inverse = np.linalg.inv(A)
    return np.einsum("kij,kj,i->k", inverse, b, x), np.einsum("i,kij,j->k", x, inverse, x)


@linucb.misconception(
    "Your bonus has no square root. Without it, doubt is a variance: it fades as 1 / n, and arms are given up too soon."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, mean + alpha * square)


@linucb.misconception(
    "Your arms share one matrix, so what one arm has seen narrows the doubt about all. Use each arm's own `A`."
)
def _(A, b, x, alpha, clicks):
    together = np.tile(A.sum(0), (len(A), 1, 1))
    mean, square = _mean_and_square(together, b, x)
    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square))


@linucb.misconception(
    "You updated every arm. A shop sees one result only, that of the arm it showed: the others must stay as they were."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A += np.outer(x, x)
        b += clicks[:, None] * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "Your matrix grows only with a click. A showing without a click is evidence too: add x xᵀ for every showing."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += clicks[arm] * np.outer(x, x)
        b[arm] += clicks[arm] * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "Your `b` grows by x whether there was a click or not. Multiply by the chosen arm's click before you add."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += np.outer(x, x)
        b[arm] += x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "You learnt the first arm's click, whichever arm was shown. Read the chosen arm's entry alone: `clicks[arm]`."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += np.outer(x, x)
        b[arm] += clicks[0] * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "You learnt the highest of all clicks. The shop sees that of the arm it showed: `clicks[arm]`."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += np.outer(x, x)
        b[arm] += clicks.max() * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "Your scores are those after the update. Score and choose first; what this round teaches helps the next one."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)
    after = _round(A, b, x, clicks, mean + alpha * np.sqrt(square))
    mean, square = _mean_and_square(after["A"], after["b"], x)
    return {**after, "scores": mean + alpha * np.sqrt(square)}


@linucb.misconception(
    "You used `b` itself as the weights. It is a sum over all showings: solve with the arm's `A` to get the weights."
)
def _(A, b, x, alpha, clicks):
    _, square = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, b @ x + alpha * np.sqrt(square))


@linucb.misconception(
    "Your matrix grows by `x * x`, a row that is added to each of its rows. It needs the outer product, a table of "
    "every entry times every other: `np.outer(x, x)`."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += x * x
        b[arm] += clicks[arm] * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "Your matrix grows by `x @ x`, one number that is added everywhere. It needs the outer product, a table of every "
    "entry times every other: `np.outer(x, x)`."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += x @ x
        b[arm] += clicks[arm] * x

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception(
    "Your `b` grows by the click alone, the same in each entry. It grows by the click times the context."
)
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)

    def learns(A, b, arm):
        A[arm] += np.outer(x, x)
        b[arm] += clicks[arm]

    return _round(A, b, x, clicks, mean + alpha * np.sqrt(square), learns)


@linucb.misconception("Your `alpha` stands under the root. It multiplies the finished root.")
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, mean + np.sqrt(alpha * square))


@linucb.misconception("Your bonus uses `A` where its inverse belongs. It must shrink as the arm is shown; yours grows.")
def _(A, b, x, alpha, clicks):
    mean, _ = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, mean + alpha * np.sqrt(np.einsum("i,kij,j->k", x, A, x)))


@linucb.misconception("Your scores leave `alpha` out of the bonus. With alpha = 0 the rule must be greedy.")
def _(A, b, x, alpha, clicks):
    mean, square = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, mean + np.sqrt(square))


@linucb.misconception(
    "Your scores have no bonus. That is the greedy rule: add alpha times the doubt about this context."
)
def _(A, b, x, alpha, clicks):
    mean, _ = _mean_and_square(A, b, x)
    return _round(A, b, x, clicks, mean)


# ------------------------------------------------------------------------- late clicks


def counts_now(arm, shown_at, clicked_at, now, window, arms):
    """Clicks and misses of each arm, for the next update (the job that runs every ten minutes)."""
    shown = shown_at <= now
    click = clicked_at <= now
    clicks = np.bincount(arm[shown & click], minlength=arms)
    misses = np.bincount(arm[shown & ~click], minlength=arms)
    return np.stack([clicks, misses], axis=1)


@exercise(
    "shop.late-clicks",
    minutes=12,
    level="mid",
    kind="bug",
    given=(counts_now,),
    hints=(
        "Think of a banner that was switched on a minute ago. What does the job say about it, and why?",
        "A showing is decided when its window is over, not before. Until then it is neither a click nor a miss.",
        "If clicks counted at once and misses only later, the young showings that count would all be clicks. "
        "Both must wait for the same moment.",
    ),
)
def matured(arm, shown_at, clicked_at, now, window, arms):
    """Clicks and misses of each arm, from those showings alone whose window is over.

    Args:
        arm: (n,) whole numbers in 0..arms-1, what was shown.
        shown_at: (n,) minute of each showing.
        clicked_at: (n,) minute of its click, infinity where there is none.
        now: minute at which the job runs.
        window: minutes that a click may take; one that takes longer counts as a miss. A window that ends at `now`
            is over, and a click in its last minute counts.
        arms: how many arms there are.
    Returns:
        (arms, 2) whole numbers: clicks and misses of each arm.
    """
    over = shown_at + window <= now
    click = clicked_at - shown_at <= window
    clicks = np.bincount(arm[over & click], minlength=arms)
    misses = np.bincount(arm[over & ~click], minlength=arms)
    return np.stack([clicks, misses], axis=1)


@matured.cases
def _(rng):
    yield np.array([0, 0, 1]), np.array([0.0, 20.0, 25.0]), np.array([10.0, np.inf, 26.0]), 30.0, 15.0, 2
    # a window that ends now; a click in the last minute; one that is late; one that is young; an arm never shown
    yield (
        np.array([0, 0, 2, 2, 0, 2]),
        np.array([0.0, 40.0, 10.0, 20.0, 55.0, 50.0]),
        np.array([20.0, np.inf, 45.0, 35.0, 58.0, np.inf]),
        60.0,
        20.0,
        4,
    )
    yield np.array([], int), np.array([]), np.array([]), 12.0, 5.0, 3
    for n, arms, window in ((60, 3, 30.0), (200, 5, 45.0), (120, 2, 60.0)):
        shown_at = np.sort(rng.integers(0, 130, n)).astype(float)
        delay = np.where(rng.random(n) < 0.6, rng.integers(1, 90, n), np.inf)
        yield rng.integers(0, arms, n), shown_at, shown_at + delay, 120.0, window, arms


@matured.alternative
def _(arm, shown_at, clicked_at, now, window, arms):
    counts = [[0, 0] for _ in range(arms)]
    for which, shown, clicked in zip(arm.tolist(), shown_at, clicked_at, strict=True):
        if now - shown < window:
            continue
        late = clicked > shown + window
        counts[which][1 if late else 0] += 1
    return np.array(counts)


@matured.alternative
def _(arm, shown_at, clicked_at, now, window, arms):
    counts = np.zeros((arms, 2), int)
    over = now - shown_at >= window
    np.add.at(counts, (arm[over], (clicked_at > shown_at + window)[over].astype(int)), 1)
    return counts


def _counts(arm, clicks, misses, arms):
    return np.stack([np.bincount(arm[clicks], minlength=arms), np.bincount(arm[misses], minlength=arms)], axis=1)


@matured.misconception(
    "That is still what the job does: a young showing without a click is a miss. Wait until its window is over."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    return counts_now(arm, shown_at, clicked_at, now, window, arms)


@matured.misconception(
    "You count clicks at once and misses after the window. Of the young showings only the clicks count then, "
    "and every rate is too high: let both wait."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    click = clicked_at - shown_at <= window
    return _counts(arm, click & (clicked_at <= now), ~click & (shown_at + window <= now), arms)


@matured.misconception(
    "You count a late click, one after the window, as a click. By then its showing was booked as a miss: leave it so."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window <= now, clicked_at <= now
    return _counts(arm, over & click, over & ~click, arms)


@matured.misconception(
    "You left showings with a late click out. They count, as misses: otherwise the misses are too few."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window <= now, clicked_at - shown_at <= window
    return _counts(arm, over & click, over & ~np.isfinite(clicked_at), arms)


@matured.misconception(
    "You left out showings whose window ends right now. The statement says that such a window is over."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window < now, clicked_at - shown_at <= window
    return _counts(arm, over & click, over & ~click, arms)


@matured.misconception(
    "You took a click in the last minute of its window for a miss. The statement says that it counts."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window <= now, clicked_at - shown_at < window
    return _counts(arm, over & click, over & ~click, arms)


@matured.misconception(
    "Your clicks go to the arm that was shown last when they came in. A click belongs to the showing it came from."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window <= now, clicked_at - shown_at <= window
    found = _counts(arm, over & click, over & ~click, arms)
    if len(arm):
        last = arm[np.clip(np.searchsorted(np.sort(shown_at), clicked_at, side="right") - 1, 0, len(arm) - 1)]
        found[:, 0] = np.bincount(last[over & click], minlength=arms)
    return found


@matured.misconception(
    "`table[arm, 0] += 1` adds 1 once for each arm, however often it was shown. Use `np.bincount` or `np.add.at`."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    return np.minimum(matured.reference(arm, shown_at, clicked_at, now, window, arms), 1)


@matured.misconception(
    "You wait for no window: every showing counts, also those whose click may still come. Leave them out."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    click = clicked_at - shown_at <= window
    return _counts(arm, click, ~click, arms)


@matured.misconception(
    "Your table lies on its side. Asked is a row for each arm, with its clicks and its misses: (arms, 2).",
    crashes=True,
)
def _(arm, shown_at, clicked_at, now, window, arms):
    return matured.reference(arm, shown_at, clicked_at, now, window, arms).T


@matured.misconception(
    "Your second column holds all showings. Asked are the misses, which a Beta adds to its second parameter."
)
def _(arm, shown_at, clicked_at, now, window, arms):
    over, click = shown_at + window <= now, clicked_at - shown_at <= window
    return _counts(arm, over & click, over, arms)


# ------------------------------------------------------------------------------- guard


@exercise(
    "shop.guard",
    minutes=15,
    level="mid",
    hints=(
        "Begin with the safe page. Then walk through the explored items from the highest score down, one at a time.",
        "For each one, write down the page as it would be with it, and look at that page's revenue before you agree.",
        "An item that breaks the floor is skipped, and the walk goes on. The walk ends where the shopper's allowance "
        "or the page is used up.",
    ),
)
def guarded_page(score, revenue, explored, left, floor, k):
    """A page of k items that explores within two guardrails.

    Args:
        score: (m,) how much each item is worth showing, doubt included: the order of trying.
        revenue: (m,) whole numbers, expected revenue of each item when shown, in hundredths of a cent.
        explored: (m,) truth values, True for items still under exploration; at least k are False.
        left: how many explored items this shopper may still see today, 0 or more.
        floor: whole number, what the page must at least bring in, in hundredths of a cent.
        k: items on the page, 1 or more.
    Returns:
        (k,) ids: first the established items, highest revenue first, then the explored ones in the order in which
        they were added. Equal revenues and equal scores: the lowest id first.
    """
    safe = [i for i in np.argsort(-revenue, kind="stable") if not explored[i]][:k]
    new = []
    for i in np.argsort(-score, kind="stable"):
        if explored[i] and safe and len(new) < left:
            page = safe[:-1] + new + [i]
            if sum(revenue[j] for j in page) >= floor:
                safe, new = safe[:-1], new + [i]
    return np.array(safe + new)


@guarded_page.cases
def _(rng):
    yield np.array([0.1, 0.9, 0.5, 0.8]), np.array([5, 1, 4, 2]), np.array([False, True, False, True]), 1, 7, 2
    score, revenue = np.array([3.0, 3.0, 9.0, 8.0, 7.0, 1.0, 2.0]), np.array([60, 60, 5, 30, 30, 80, 50])
    explored = np.array([False, False, True, True, True, False, False])
    yield score, revenue, explored, 2, 170, 3  # the best score breaks the floor, the next one meets it exactly
    yield score, revenue, explored, 0, 10, 3  # nothing left for this shopper
    yield score, revenue, explored, 9, 0, 2  # more left than places
    yield score, revenue, explored, 3, 999, 4  # a floor that no page reaches: the safe page
    yield score, np.array([60, 60, 60, 60, 60, 60, 60]), explored, 2, 180, 3  # ties everywhere
    # the safe page is below the floor; one explored item lifts it over, the other does not
    yield np.array([0.0, 0.0, 1.0, 2.0]), np.array([10, 20, 90, 15]), np.array([False, False, True, True]), 2, 100, 2
    for m, k, left in ((14, 5, 2), (61, 6, 3), (18, 4, 3)):
        explored = rng.permutation(np.arange(m) % 2 == 1)
        revenue = np.where(explored, rng.integers(5, 70, m), rng.integers(40, 90, m))
        if m > 50:
            revenue = revenue // 8 * 8  # many ties
        safe = np.sort(revenue[~explored])[-k:].sum()
        yield rng.integers(0, 9, m) / 4, revenue, explored, left, int(safe * 0.8), k


@guarded_page.alternative
def _(score, revenue, explored, left, floor, k):
    ids = range(len(score))
    safe = sorted((i for i in ids if not explored[i]), key=lambda i: (-revenue[i], i))[:k]
    tries = sorted((i for i in ids if explored[i]), key=lambda i: (-score[i], i))
    total, new = 0, []
    for i in safe:
        total += int(revenue[i])
    for i in tries:
        if len(new) == left or not safe:
            break
        after = total - int(revenue[safe[-1]]) + int(revenue[i])
        if after < floor:
            continue
        total = after
        safe.pop()
        new.append(i)
    return safe + new


@guarded_page.alternative
def _(score, revenue, explored, left, floor, k):
    order = np.lexsort((np.arange(len(score)), -revenue, explored))
    page, used = list(order[:k]), 0
    for i in np.lexsort((np.arange(len(score)), -score, ~explored))[: explored.sum()]:
        if used in (left, k):
            break
        trial = page.copy()
        del trial[k - used - 1]
        trial.append(i)
        if revenue[trial].sum() >= floor:
            page, used = trial, used + 1
    return np.array(page)


def _walk(score, revenue, explored, left, k, agrees, drop=-1, stops=False, safe_of_all=False):
    """The page with other rules: `agrees(page)` says whether a page may be shown."""
    safe = [i for i in np.argsort(-revenue, kind="stable") if safe_of_all or not explored[i]][:k]
    new = []
    for i in np.argsort(-score, kind="stable"):
        if not explored[i] or i in safe or len(new) >= min(left, k):
            continue
        rest = safe[1:] if drop == 0 else safe[:-1]
        if agrees([*rest, *new, i]):
            safe, new = rest, [*new, i]
        elif stops:
            break
    return np.array(safe + new)


@guarded_page.misconception(
    "Your page ignores the floor. Before an explored item goes in, add up the page's revenue as it would be then."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: True)


@guarded_page.misconception(
    "Your page ignores how many explored items this shopper may still see. Stop when `left` of them are on the page."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, k, k, lambda page: revenue[page].sum() >= floor)


@guarded_page.misconception(
    "You stop at the first explored item that breaks the floor. Skip it: a later one may bring more and fit."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page].sum() >= floor, stops=True)


@guarded_page.misconception(
    "You refuse a page that meets the floor exactly. The page must bring in at least the floor: equal is enough."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page].sum() > floor)


@guarded_page.misconception(
    "Your explored items push out the best established one. They take the place of the one with the lowest revenue."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page].sum() >= floor, drop=0)


@guarded_page.misconception(
    "You try explored items in the order of their revenue. That is what they earn by the present guess; "
    "their order of trying is the score."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(revenue, revenue, explored, left, k, lambda page: revenue[page].sum() >= floor)


@guarded_page.misconception(
    "You hold each explored item to its share of the floor. The floor is for the page as a whole: "
    "its other items may carry a weak one."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page[-1]] * k >= floor)


@guarded_page.misconception(
    "You give up where the safe page is below the floor. The same rule holds there: an explored item that lifts the "
    "page to the floor may go in."
)
def _(score, revenue, explored, left, floor, k):
    safe = np.array([i for i in np.argsort(-revenue, kind="stable") if not explored[i]][:k])
    if revenue[safe].sum() < floor:
        return safe
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page].sum() >= floor)


@guarded_page.misconception(
    "Your safe page holds explored items. It is made of established ones alone; "
    "explored items enter later, within the shopper's allowance."
)
def _(score, revenue, explored, left, floor, k):
    return _walk(score, revenue, explored, left, k, lambda page: revenue[page].sum() >= floor, safe_of_all=True)


# ------------------------------------------------------------------------------ forget


@exercise(
    "shop.forget",
    minutes=8,
    level="mid",
    extra=True,
    hints=(
        "What was learnt is what lies on top of the prior. That part fades; the prior does not.",
        "Forget first, then add: today's results count in full.",
    ),
)
def forget(wins, losses, clicks, misses, discount, prior):
    """One night's update of Beta beliefs that fade towards their prior.

    Args:
        wins: (k,) first parameter of each arm's Beta.
        losses: (k,) second parameter of each arm's Beta.
        clicks: (k,) clicks of today.
        misses: (k,) showings of today without a click.
        discount: above 0 and at most 1: how much of what was learnt before today still counts.
        prior: (2,) the two parameters before any result.
    Returns:
        (k, 2) the two parameters of each arm after today. An arm that is not shown fades, too.
    """
    wins = prior[0] + discount * (wins - prior[0]) + clicks
    losses = prior[1] + discount * (losses - prior[1]) + misses
    return np.stack([wins, losses], axis=1)


@forget.cases
def _(rng):
    yield np.array([5.0, 1.0]), np.array([9.0, 3.0]), np.array([1, 0]), np.array([2, 0]), 0.5, np.array([1.0, 3.0])
    yield np.array([4.0]), np.array([16.0]), np.array([0]), np.array([0]), 0.9, np.array([2.0, 8.0])  # a quiet day
    yield np.array([3.0, 7.0]), np.array([2.0, 5.0]), np.array([2, 1]), np.array([0, 3]), 1.0, np.array([1.0, 2.0])
    for k, discount in ((5, 0.8), (9, 0.95), (3, 0.25)):
        prior = rng.uniform(0.5, 3, 2)
        shown = rng.integers(0, 30, k) * (np.arange(k) != 1)
        clicks = rng.binomial(shown, 0.3)
        yield (
            prior[0] + rng.uniform(0, 20, k),
            prior[1] + rng.uniform(0, 50, k),
            clicks,
            shown - clicks,
            discount,
            prior,
        )


@forget.alternative
def _(wins, losses, clicks, misses, discount, prior):
    rows = []
    for win, loss, click, miss in zip(wins, losses, clicks, misses, strict=True):
        kept = discount * win + (1 - discount) * prior[0]
        lost = discount * loss + (1 - discount) * prior[1]
        rows.append([kept + click, lost + miss])
    return np.array(rows)


@forget.alternative
def _(wins, losses, clicks, misses, discount, prior):
    learnt = np.column_stack([wins, losses]) - prior
    return prior + discount * learnt + np.column_stack([clicks, misses])


@forget.misconception(
    "Your beliefs fade towards zero, below the prior. Let only what was learnt on top of the prior fade."
)
def _(wins, losses, clicks, misses, discount, prior):
    return np.stack([discount * wins + clicks, discount * losses + misses], axis=1)


@forget.misconception("You faded today's results, too. Forget first, then add what today has brought.")
def _(wins, losses, clicks, misses, discount, prior):
    return prior + discount * (np.stack([wins + clicks, losses + misses], axis=1) - prior)


@forget.misconception(
    "Your belief fades only for arms that were shown. An arm nobody shows is the one whose news is oldest: fade all."
)
def _(wins, losses, clicks, misses, discount, prior):
    kept = np.where(clicks + misses > 0, discount, 1.0)[:, None]
    return prior + kept * (np.stack([wins, losses], axis=1) - prior) + np.stack([clicks, misses], axis=1)


@forget.misconception(
    "You took the prior off and did not put it back. What lies above it fades, then the prior is added again."
)
def _(wins, losses, clicks, misses, discount, prior):
    return discount * (np.stack([wins, losses], axis=1) - prior) + np.stack([clicks, misses], axis=1)


@forget.misconception(
    "Only your wins fade. Misses must fade at the same speed, or every arm looks worse from night to night."
)
def _(wins, losses, clicks, misses, discount, prior):
    return np.stack([prior[0] + discount * (wins - prior[0]) + clicks, losses + misses], axis=1)


@forget.misconception(
    "You keep 1 - discount of the past. The discount is the share that still counts: .99 forgets one hundredth."
)
def _(wins, losses, clicks, misses, discount, prior):
    return prior + (1 - discount) * (np.stack([wins, losses], axis=1) - prior) + np.stack([clicks, misses], axis=1)


@forget.misconception("You added today's showings without forgetting anything. Fade what was learnt before, then add.")
def _(wins, losses, clicks, misses, discount, prior):
    return np.stack([wins + clicks, losses + misses], axis=1) + 0 * prior


@forget.misconception(
    "You added the prior once more. Every belief holds it already: only what lies above it may fade."
)
def _(wins, losses, clicks, misses, discount, prior):
    return np.stack([discount * wins + clicks, discount * losses + misses], axis=1) + prior


@forget.misconception("You took a prior of 1 and 1 off. Here it is `prior`, which may be another.")
def _(wins, losses, clicks, misses, discount, prior):
    return prior + discount * (np.stack([wins, losses], axis=1) - 1) + np.stack([clicks, misses], axis=1)


@forget.misconception(
    "Your table lies on its side. Asked is a row for each arm, with its two parameters: (k, 2).", crashes=True
)
def _(wins, losses, clicks, misses, discount, prior):
    return forget.reference(wins, losses, clicks, misses, discount, prior).T


@forget.misconception("You added clicks to the second parameter and misses to the first. Clicks belong to the first.")
def _(wins, losses, clicks, misses, discount, prior):
    return prior + discount * (np.stack([wins, losses], axis=1) - prior) + np.stack([misses, clicks], axis=1)
