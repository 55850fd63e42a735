"""The file of the learner's record: its tables, whether it is sound, setting it aside where it is not.

It has a rollback journal (no write-ahead log, which shared memory would need and a network
home does not offer) and full synchronisation: a kill, or a power cut, loses at most the
write in flight.
"""

import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime

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

# What SQLite says of the place and not of the file; whatever else it says means damage.
PLACE = {
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_AUTH,
}  # fmt: skip


class Damaged(Exception):
    """The file is no record of ours, or no longer one."""


class Newer(Exception):
    """The file was written by a newer edition of the workbook."""


def _connect(path, patience):
    db = sqlite3.connect(path, timeout=patience, isolation_level=None)
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    db.execute("PRAGMA synchronous = FULL")
    return db


@contextmanager
def opened(path, patience, deep):
    """A connection to a record that has been looked at; `Damaged` says that it is none."""
    if not _has_whole_pages(path):
        raise Damaged("the file is cut off")
    try:
        with closing(_connect(path, patience)) as db:
            _examine(db, deep)
            yield db
    except UnicodeDecodeError as error:  # SQLite's message quotes the damage
        raise Damaged(error) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in PLACE:
            raise
        raise Damaged(error) from error


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
        raise Newer(version)
    if version < len(SCHEMA):
        lay_schema(db, version)
    if deep:
        if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise Damaged("the file is damaged")
        for table, columns in TABLES.items():
            db.execute(f"SELECT {columns} FROM {table} LIMIT 0")


def lay_schema(db, version):
    """Bring a file of an older version, or an empty one (version 0), to the newest, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    (now,) = db.execute("PRAGMA user_version").fetchone()  # another notebook may have been faster
    if now == version:
        if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise Damaged("the file holds other tables")
        for statements in SCHEMA[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(SCHEMA)}")
    db.execute("COMMIT")


def set_aside(path, patience):
    """Rename a damaged file, once, even if several notebooks find it damaged at the same time.

    Returns:
        The file's new name, or None where another notebook has set it aside already.
    """
    folder = os.path.dirname(path)
    with closing(_connect(os.path.join(folder, "progress.lock"), patience)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        try:
            with opened(path, patience, deep=True):
                return None
        except Damaged:
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
        return aside
