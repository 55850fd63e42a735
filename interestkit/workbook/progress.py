"""The learner's record: attempts, hints, cards and reviews, in one SQLite file of the data folder.

What is *not* here: answers. They live in the learner's notebooks, so that losing this
file loses no work. Nothing here raises over the file: a damaged one is set aside, one that
cannot be written is reported once, and the work goes on.

The file is opened for each write and closed after it, so that several notebooks may write
and none keeps writing into a file that another has set aside.
"""

import os
import sqlite3
from collections import namedtuple
from contextlib import closing, suppress
from datetime import UTC, datetime

from interestkit.workbook.record_file import SCHEMA, Damaged, Newer, lay_schema, opened, set_aside

FILE = "progress.sqlite"
PATIENCE = 5.0  # seconds to wait for another notebook's write, until it first fails
IMPATIENCE = 0.1  # seconds afterwards
_TROUBLE = (sqlite3.Error, OSError, Damaged, Newer)

Attempt = namedtuple("Attempt", "exercise theme score state taken at")
Attempt.__doc__ = "One check of an exercise; `at` is a UTC time in ISO format."
Review = namedtuple("Review", "question rating made points seconds at")
Review.__doc__ = "One rehearsal of a question: rating 1 to 4, `made` of `points` made, seconds to answer, UTC time."
Tally = namedtuple("Tally", "tried solved taken")
Tally.__doc__ = "Exercises of a lesson that were tried, of these solved, of these only with the solution's own lines."


class Record:
    """What a learner has done, kept across notebooks and days.

    Args:
        path: the file; the data folder's `progress.sqlite` where it is None.
        say: where a sentence about the file goes.
    """

    def __init__(self, path=None, say=print):
        self._path = path
        self._folder = "your data folder"
        self._say = say
        self._pending = []  # writes that the file has not taken yet
        self._warned = False
        self._examined = False

    # What lessons record ------------------------------------------------------------

    def attempt(self, exercise, theme, score, state, taken=False):
        """Record one check. An untouched stub ("not started") is no attempt and is not stored."""
        if state != "not started":
            self._write(
                "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?)",
                (exercise, theme, float(score), str(state), bool(taken), _stamp()),
            )

    def attempts(self, exercise=None, theme=None):
        """Attempts in order, of one exercise or lesson where it is named."""
        rows = self._read(
            "SELECT * FROM attempts WHERE (?1 IS NULL OR exercise = ?1) AND (?2 IS NULL OR theme = ?2) ORDER BY rowid",
            (exercise, theme),
        )
        return [Attempt(*row)._replace(taken=bool(row[4])) for row in rows]

    def solved(self, theme):
        """Ids of the lesson's exercises that were right at least once, taken from the solution or not."""
        return {row[0] for row in self._read("SELECT exercise FROM attempts WHERE theme = ? AND score >= 1", (theme,))}

    def summary(self):
        """A `Tally` for each lesson with an attempt: `{"02_interest_clusters": Tally(4, 3, 1)}`."""
        rows = self._read(
            "SELECT theme, count(*), sum(right), sum(right AND taken) FROM"
            " (SELECT theme, max(score) >= 1 AS right, min(CASE WHEN score >= 1 THEN taken END) AS taken"
            " FROM attempts GROUP BY theme, exercise) GROUP BY theme ORDER BY theme"
        )
        return {theme: Tally(tried, solved, taken or 0) for theme, tried, solved, taken in rows}

    def hint(self, exercise):
        """Count one more hint as seen, and return how many that makes: 1 the first time."""
        self._write("INSERT INTO hints VALUES (?, 1) ON CONFLICT (exercise) DO UPDATE SET seen = seen + 1", (exercise,))
        return self.hints(exercise)

    def hints(self, exercise):
        """How many hints of an exercise have been seen."""
        return sum(row[0] for row in self._read("SELECT seen FROM hints WHERE exercise = ?", (exercise,)))

    # What practice records ----------------------------------------------------------

    def card(self, question):
        """The scheduler's state of a question as a dict, or None where it is new."""
        return self.cards().get(question)

    def cards(self):
        """The scheduler's state of every question rehearsed so far."""
        import json

        cards = {}
        for question, card in self._read("SELECT question, card FROM cards"):
            with suppress(ValueError):  # one that cannot be read is as good as new
                cards[question] = json.loads(card)
        return cards

    def save_card(self, question, card, review=None):
        """Store a question's card and the `Review` that made it, both or neither."""
        import json

        statements = ["INSERT OR REPLACE INTO cards VALUES (?, ?)", (question, json.dumps(card))]
        if review is not None:
            name, rating, made, points, seconds, at = review
            statements += [
                "INSERT INTO reviews VALUES (?, ?, ?, ?, ?, ?)",
                (name, int(rating), int(made), int(points), float(seconds), at),
            ]
        self._write(*statements)

    def reviews(self, question=None):
        """Reviews in order, of one question where it is named."""
        rows = self._read("SELECT * FROM reviews WHERE ?1 IS NULL OR question = ?1 ORDER BY rowid", (question,))
        return [Review(*row) for row in rows]

    # The file -----------------------------------------------------------------------

    def _write(self, *statements):
        """Run pairs of SQL and values as one transaction: now, or with the next that the file takes."""
        self._pending.append(list(zip(statements[::2], statements[1::2], strict=True)))
        self._flush()

    def _flush(self):
        try:
            self._with_file(self._apply)
            self._pending.clear()
        except _TROUBLE as trouble:
            self._warn(trouble)

    def _apply(self, db):
        db.execute("BEGIN IMMEDIATE")
        for transaction in self._pending:
            for sql, values in transaction:
                db.execute(sql, values)
        db.execute("COMMIT")

    def _read(self, sql, values=()):
        """Rows of the file, with the writes that it has not taken yet."""
        if self._pending:
            self._flush()
        try:
            return self._with_file(lambda db: self._select(db, sql, values))
        except _TROUBLE as trouble:
            self._warn(trouble)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as blank:
            lay_schema(blank, 0)
            return self._select(blank, sql, values)

    def _select(self, db, sql, values):
        if not self._pending:
            return db.execute(sql, values).fetchall()
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            db.backup(copy)
            self._apply(copy)
            return copy.execute(sql, values).fetchall()

    def _with_file(self, action):
        """`action(connection)` on the record's file, on a fresh one if the file proves damaged."""
        path = self._find()
        try:
            return self._attempt_with(path, action)
        except Damaged:
            aside = set_aside(path, PATIENCE)
            if aside:
                self._examined = False
                self._say(
                    f"Your record of progress was damaged and is kept as {aside} in {self._folder}; a fresh one begins "
                    "now, and the answers in your notebooks are untouched: run their checks to record them again."
                )
            return self._attempt_with(path, action)

    def _attempt_with(self, path, action):
        with opened(path, IMPATIENCE if self._warned else PATIENCE, deep=not self._examined) as db:
            self._examined = True
            return action(db)

    def _find(self):
        path = self._path
        if path is None:
            from interestkit.workbook import places

            path = places.home() / FILE
        self._folder = os.path.dirname(path)
        return path

    def _warn(self, trouble):
        if self._warned:
            return
        self._warned = True
        if isinstance(trouble, Newer):
            self._say(
                f"Your record of progress has version {trouble} and this workbook knows only {len(SCHEMA)}, so nothing "
                "is recorded for now: update the workbook (`git pull`, then `make env`); answers are still checked."
            )
        elif getattr(trouble, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._say(
                f"Your progress is not saved as long as another program holds the file in {self._folder}: close that "
                "program, and the next check saves it; answers are still checked."
            )
        else:
            self._say(
                f"Your progress cannot be saved for now ({trouble}), while answers are still checked: make room in "
                f"{self._folder}, or set INTERESTKIT_HOME to a folder that you may write to."
            )


_records = {}


def record():
    """This process's record, one for each data folder, so that a warning is given once."""
    return _records.setdefault(os.environ.get("INTERESTKIT_HOME"), Record())


def _stamp():
    return datetime.now(UTC).isoformat(timespec="seconds")
