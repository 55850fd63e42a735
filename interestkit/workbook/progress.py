"""The learner's record: attempts, hints, cards and reviews, in one SQLite file of the data folder.

What is *not* here: answers. They live in the learner's notebooks, so that losing this
file loses no work. Nothing here raises over the file: a damaged one is set aside, one that
cannot be written is reported once, and the work goes on.

The file has a rollback journal (no write-ahead log, which shared memory would need and a
network home does not offer) and full synchronisation: a kill, or a power cut, loses at
most the write in flight. It is opened for each write and closed after it, so that several
notebooks may write and none keeps writing into a file that another has set aside.
"""

import os
import sqlite3
from collections import namedtuple
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

FILE = "progress.sqlite"
PATIENCE = 5.0  # seconds to wait for another notebook's write, until it first fails
IMPATIENCE = 0.1  # seconds afterwards

# One tuple of statements for each schema version; a released one is never edited.
SCHEMA = (
    (
        "CREATE TABLE attempts (exercise TEXT NOT NULL, theme TEXT NOT NULL,"
        " score REAL NOT NULL CHECK (typeof(score) = 'real'), state TEXT NOT NULL,"
        " taken INTEGER NOT NULL CHECK (taken IN (0, 1)), at TEXT NOT NULL)",
        "CREATE TABLE hints (exercise TEXT PRIMARY KEY, seen INTEGER NOT NULL CHECK (typeof(seen) = 'integer'))",
        "CREATE TABLE cards (question TEXT PRIMARY KEY, card TEXT NOT NULL)",
        "CREATE TABLE reviews (question TEXT NOT NULL, rating INTEGER NOT NULL CHECK (rating IN (1, 2, 3, 4)),"
        " made INTEGER NOT NULL CHECK (typeof(made) = 'integer'),"
        " points INTEGER NOT NULL CHECK (typeof(points) = 'integer'),"
        " seconds REAL NOT NULL CHECK (typeof(seconds) = 'real'), at TEXT NOT NULL)",
    ),
)
TABLES = {
    "attempts": "exercise, theme, score, state, taken, at",
    "hints": "exercise, seen",
    "cards": "question, card",
    "reviews": "question, rating, made, points, seconds, at",
}

Attempt = namedtuple("Attempt", "exercise theme score state taken at")
Attempt.__doc__ = "One check of an exercise; `at` is a UTC time in ISO format."
Review = namedtuple("Review", "question rating made points seconds at")
Review.__doc__ = "One rehearsal of a question: rating 1 to 4, `made` of `points` made, seconds to answer, UTC time."
Tally = namedtuple("Tally", "tried solved taken")
Tally.__doc__ = "Exercises of a lesson that were tried, of these solved, of these only with the solution's own lines."


class _Damaged(Exception):
    """The file is no record of ours, or no longer one."""


class _Newer(Exception):
    """The file was written by a newer edition of the workbook."""


_TROUBLE = (sqlite3.Error, OSError, _Damaged, _Newer)
# What SQLite says of the place and not of the file; whatever else it says means damage.
_PLACE = {
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_AUTH,
}  # fmt: skip


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
            _lay_schema(blank, 0)
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
        except _Damaged:
            self._set_aside(path)
            return self._attempt_with(path, action)

    def _attempt_with(self, path, action):
        with _opened(path, IMPATIENCE if self._warned else PATIENCE, deep=not self._examined) as db:
            self._examined = True
            return action(db)

    def _find(self):
        path = self._path
        if path is None:
            from interestkit.workbook import places

            path = places.home() / FILE
        self._folder = os.path.dirname(path)
        return path

    def _set_aside(self, path):
        """Rename a damaged file, once, even if several notebooks find it damaged at the same time."""
        folder = self._folder
        with closing(_connect(os.path.join(folder, "progress.lock"), PATIENCE)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            try:
                with _opened(path, PATIENCE, deep=True):
                    return  # another notebook has mended it
            except _Damaged:
                pass
            name = f"progress-damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            count, aside = 1, f"{name}.sqlite"
            while os.path.exists(os.path.join(folder, aside)):
                count += 1
                aside = f"{name}-{count}.sqlite"
            # The journal goes first: left behind, it would be rolled back into the fresh file.
            if os.path.exists(f"{path}-journal"):
                os.rename(f"{path}-journal", os.path.join(folder, f"{aside}-journal"))
            os.rename(path, os.path.join(folder, aside))
        self._examined = False
        self._say(
            f"Your record of progress was damaged and is kept as {aside} in {folder}; a fresh one begins now, "
            "and the answers in your notebooks are untouched: run their checks to record them again."
        )

    def _warn(self, trouble):
        if self._warned:
            return
        self._warned = True
        if isinstance(trouble, _Newer):
            self._say(
                f"Your record of progress has version {trouble} and this workbook knows only {len(SCHEMA)}, so nothing "
                "is recorded for now: update the workbook (`git pull`, then `make env`); answers are still checked."
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


def _connect(path, patience):
    db = sqlite3.connect(path, timeout=patience, isolation_level=None)
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    db.execute("PRAGMA synchronous = FULL")
    return db


@contextmanager
def _opened(path, patience, deep):
    """A connection to a record that has been looked at; `_Damaged` says that it is none."""
    if not _has_whole_pages(path):
        raise _Damaged("the file is cut off")
    try:
        with closing(_connect(path, patience)) as db:
            _examine(db, deep)
            yield db
    except UnicodeDecodeError as error:  # SQLite's message quotes the damage
        raise _Damaged(error) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PLACE:
            raise
        raise _Damaged(error) from error


def _has_whole_pages(path):
    """False for a file cut off within a page, which SQLite would fill with zeros or take for an empty one."""
    if not os.path.exists(path) or os.path.isdir(path) or os.path.exists(f"{path}-journal"):
        return True
    with open(path, "rb") as file:
        header = file.read(18)
    size = os.path.getsize(path)
    page = int.from_bytes(header[16:18], "big")
    return size == 0 or size >= 512 and (page < 2 or size % page == 0)


def _examine(db, deep):
    """Lay the tables of a new file or of an older version; raise if the file is none of ours."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(SCHEMA):
        raise _Newer(version)
    if version < len(SCHEMA):
        _lay_schema(db, version)
    if deep:
        if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise _Damaged("the file is damaged")
        for table, columns in TABLES.items():
            db.execute(f"SELECT {columns} FROM {table} LIMIT 0")


def _lay_schema(db, version):
    db.execute("BEGIN IMMEDIATE")
    (now,) = db.execute("PRAGMA user_version").fetchone()  # another notebook may have been faster
    if now == version:
        if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise _Damaged("the file holds other tables")
        for statements in SCHEMA[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(SCHEMA)}")
    db.execute("COMMIT")
