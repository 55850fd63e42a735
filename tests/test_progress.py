"""The learner's record: what it counts, and what it survives."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interestkit.workbook import progress
from interestkit.workbook.progress import Attempt, Record, Review, Tally
from interestkit.workbook.record_file import SCHEMA

ROOT = Path(__file__).resolve().parents[1]
LESSON = "02_interest_clusters"


@pytest.fixture
def said():
    return []


@pytest.fixture
def record(tmp_path, said):
    return Record(tmp_path / "progress.sqlite", say=said.append)


def reopened(tmp_path, said=None):
    """The same file, as another notebook would see it."""
    return Record(tmp_path / "progress.sqlite", say=(said if said is not None else []).append)


def fill(record, attempts=40):
    for number in range(attempts):
        record.attempt(f"clusters.x{number % 5}", LESSON, number % 3 / 2, "wrong")
    record.hint("clusters.x1")
    record.save_card("q.one", {"card_id": 1}, Review("q.one", 3, 2, 3, 41.5, "2026-11-25T09:00:00+00:00"))


def child(code, *arguments, **popen):
    """Start a Python process that runs `code` on this kit."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True, env=environment, **popen
    )


# What it counts ---------------------------------------------------------------------


def test_solved_tried_and_taken_are_nested(record):
    record.attempt("clusters.assign", LESSON, 0.0, "misconception")
    record.attempt("clusters.assign", LESSON, 1.0, "right")
    record.attempt("clusters.update", LESSON, 0.5, "wrong")
    record.attempt("clusters.seed", LESSON, 1.0, "right", taken=True)
    record.attempt("ts.draw", "11_explore_exploit", 0.5, "wrong")
    assert record.solved(LESSON) == {"clusters.assign", "clusters.seed"}
    assert record.solved("11_explore_exploit") == record.solved("no_such_lesson") == set()
    assert record.summary() == {LESSON: Tally(3, 2, 1), "11_explore_exploit": Tally(1, 0, 0)}


def test_a_solution_taken_and_later_written_alone_counts_as_ones_own(record):
    record.attempt("clusters.assign", LESSON, 1.0, "right", taken=True)
    record.attempt("clusters.assign", LESSON, 1.0, "right")
    assert record.summary() == {LESSON: Tally(1, 1, 0)}


def test_a_failed_attempt_after_a_taken_one_does_not_make_it_ones_own(record):
    record.attempt("clusters.assign", LESSON, 1.0, "right", taken=True)
    record.attempt("clusters.assign", LESSON, 0.0, "error")
    assert record.summary() == {LESSON: Tally(1, 1, 1)}


def test_an_untouched_stub_is_no_attempt(record, tmp_path):
    record.attempt("clusters.assign", LESSON, 0.0, "not started")
    assert record.attempts() == []
    assert record.summary() == {}


def test_attempts_are_listed_in_order_and_by_exercise_and_lesson(record, tmp_path):
    record.attempt("b", LESSON, 0.25, "wrong")
    record.attempt("a", "11_explore_exploit", 1, "right", taken=True)
    record.attempt("b", LESSON, 1, "right")
    everything = reopened(tmp_path).attempts()
    assert [(a.exercise, a.score, a.state, a.taken) for a in everything] == [
        ("b", 0.25, "wrong", False),
        ("a", 1.0, "right", True),
        ("b", 1.0, "right", False),
    ]
    assert all(isinstance(a, Attempt) and a.at.endswith("+00:00") for a in everything)
    assert [a.score for a in record.attempts("b")] == [0.25, 1.0]
    assert [a.exercise for a in record.attempts(theme="11_explore_exploit")] == ["a"]


def test_hints_count_up_one_by_one_and_by_exercise(record, tmp_path):
    assert record.hints("clusters.assign") == 0
    assert [record.hint("clusters.assign") for _ in range(3)] == [1, 2, 3]
    assert record.hint("clusters.update") == 1
    assert reopened(tmp_path).hint("clusters.assign") == 4


def test_a_card_and_its_review_are_stored_together(record, tmp_path):
    assert record.card("dp.epsilon") is None
    review = Review("dp.epsilon", 2, 1, 3, 40.0, "2026-11-25T09:00:00+00:00")
    record.save_card("dp.epsilon", {"card_id": 7, "due": "2026-11-26"}, review)
    record.save_card("dp.epsilon", {"card_id": 7, "due": "2026-11-28"})
    again = reopened(tmp_path)
    assert again.card("dp.epsilon") == {"card_id": 7, "due": "2026-11-28"}
    assert again.cards() == {"dp.epsilon": {"card_id": 7, "due": "2026-11-28"}}
    assert again.reviews() == again.reviews("dp.epsilon") == [review]
    assert again.reviews("dp.delta") == []


def test_numbers_of_numpy_are_taken(record):
    import numpy as np

    record.attempt("a", LESSON, np.float32(0.5), "wrong", taken=np.bool_(True))
    record.save_card("q", {}, Review("q", np.int64(3), np.int64(1), np.int64(2), np.float64(3), "now"))
    assert record.attempts()[0].score == 0.5
    assert record.reviews()[0].rating == 3


def test_the_file_lies_in_the_data_folder_and_one_record_serves_a_process(tmp_path, monkeypatch):
    for name in ("one", "two"):
        monkeypatch.setenv("INTERESTKIT_HOME", str(tmp_path / name))
        progress.record().attempt("a", name, 1, "right")
        assert progress.record() is progress.record()
        assert progress.record().summary() == {name: Tally(1, 1, 0)}
        assert (tmp_path / name / "progress.sqlite").is_file()


def test_nothing_but_the_file_is_left_behind(record, tmp_path):
    fill(record)
    assert [path.name for path in tmp_path.iterdir()] == ["progress.sqlite"]


def test_importing_it_loads_nothing_heavy():
    code = """
import sys
from interestkit.workbook import progress
print(sorted({"numpy", "pandas", "IPython", "fsrs", "rich", "inspect", "platformdirs"} & set(sys.modules)))
"""
    out, _ = child(code).communicate()
    assert out == "[]\n"


# What it survives -------------------------------------------------------------------


def aside(tmp_path):
    return sorted(tmp_path.glob("progress-damaged-*.sqlite"))


def assert_set_aside(tmp_path, said, before, count=1):
    """The damaged file is kept as it was, one sentence says so, and the work goes on."""
    record = reopened(tmp_path, said)
    record.attempt("clusters.assign", LESSON, 1, "right")
    record.hint("clusters.assign")
    assert reopened(tmp_path, said).summary() == {LESSON: Tally(1, 1, 0)}
    kept = aside(tmp_path)
    assert len(kept) == len(said) == count
    assert before in [path.read_bytes() for path in kept]
    assert any(f"{path.name} in" in said[-1] for path in kept)
    assert "\n" not in said[-1]


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"\0" * 4096, b"x", "六户人家".encode() * 300])
def test_a_file_of_garbage_is_set_aside(tmp_path, said, content):
    (tmp_path / "progress.sqlite").write_bytes(content)
    assert_set_aside(tmp_path, said, content)


def test_another_programs_database_is_set_aside(tmp_path, said):
    db = sqlite3.connect(tmp_path / "progress.sqlite")
    db.execute("CREATE TABLE songs (title TEXT)")
    db.commit()
    db.close()
    assert_set_aside(tmp_path, said, (tmp_path / "progress.sqlite").read_bytes())


@pytest.mark.parametrize("change", ["DROP TABLE hints", "ALTER TABLE attempts RENAME COLUMN theme TO lesson"])
def test_a_record_of_the_wrong_schema_is_set_aside(tmp_path, said, record, change):
    fill(record)
    db = sqlite3.connect(tmp_path / "progress.sqlite")
    db.execute(change)
    db.commit()
    db.close()
    assert_set_aside(tmp_path, said, (tmp_path / "progress.sqlite").read_bytes())


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_set_aside(tmp_path, said, record, share):
    fill(record, 70)
    content = (tmp_path / "progress.sqlite").read_bytes()
    content = content[: int(len(content) * share)]
    (tmp_path / "progress.sqlite").write_bytes(content)
    assert_set_aside(tmp_path, said, content)


def test_an_empty_file_is_a_new_record(tmp_path, said):
    (tmp_path / "progress.sqlite").touch()
    reopened(tmp_path, said).attempt("a", LESSON, 1, "right")
    assert reopened(tmp_path, said).solved(LESSON) == {"a"}
    assert said == []


def test_files_set_aside_in_the_same_second_do_not_overwrite_each_other(tmp_path, said):
    for count in range(1, 4):
        content = b"garbage %d" % count * 100
        (tmp_path / "progress.sqlite").write_bytes(content)
        assert_set_aside(tmp_path, said, content, count)


def test_the_journal_of_a_damaged_file_goes_with_it(tmp_path, said):
    fill(reopened(tmp_path), 1)
    other = sqlite3.connect(tmp_path / "progress.sqlite", isolation_level=None)
    other.execute("DROP TABLE hints")
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM attempts")  # in flight: its journal stands beside the file
    journal = (tmp_path / "progress.sqlite-journal").read_bytes()
    assert reopened(tmp_path, said).summary() == {}
    (kept,) = tmp_path.glob("progress-damaged-*.sqlite-journal")
    assert kept.read_bytes() == journal
    assert not (tmp_path / "progress.sqlite-journal").exists()
    other.close()


def test_damage_while_a_notebook_is_open_is_survived_too(tmp_path, said, record):
    fill(record)
    (tmp_path / "progress.sqlite").write_bytes(b"garbage" * 1000)
    record.attempt("clusters.assign", LESSON, 1, "right")
    assert record.solved(LESSON) == {"clusters.assign"}
    assert len(said) == len(aside(tmp_path)) == 1


def test_no_flipped_bytes_make_it_raise(tmp_path):
    chance = random.Random(7)
    fill(reopened(tmp_path))
    sound = (tmp_path / "progress.sqlite").read_bytes()
    for trial in range(60):
        content = bytearray(sound)
        for _ in range(chance.choice((1, 8, 200))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        home = tmp_path / str(trial)
        home.mkdir()
        (home / "progress.sqlite").write_bytes(content)
        record = reopened(home)
        record.summary(), record.attempts(), record.cards(), record.reviews()
        record.attempt("new.one", "19_balance", 1, "right")
        record.hint("new.one")
        assert "new.one" in record.solved("19_balance"), trial


def test_text_that_is_no_utf8_is_read_as_well_as_it_can_be(tmp_path, said):
    fill(reopened(tmp_path), 1)
    content = (tmp_path / "progress.sqlite").read_bytes()
    assert content.count(b"clusters.x0") == 1
    (tmp_path / "progress.sqlite").write_bytes(content.replace(b"clusters.x0", b"\xfflusters.x0"))
    assert [attempt.exercise for attempt in reopened(tmp_path, said).attempts()] == ["\ufffdlusters.x0"]
    assert said == []


def test_a_record_of_a_newer_edition_is_left_alone(tmp_path, said, record):
    fill(record)
    db = sqlite3.connect(tmp_path / "progress.sqlite")
    db.execute(f"PRAGMA user_version = {len(SCHEMA) + 1}")
    db.close()
    content = (tmp_path / "progress.sqlite").read_bytes()
    old = reopened(tmp_path, said)
    old.attempt("a", LESSON, 1, "right")
    assert old.hint("a") == 1
    assert old.solved(LESSON) == {"a"}
    assert (tmp_path / "progress.sqlite").read_bytes() == content
    assert aside(tmp_path) == []
    assert len(said) == 1
    assert "update" in said[0]


def test_a_data_folder_that_cannot_be_made_costs_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INTERESTKIT_HOME", str(tmp_path / "file" / "home"))
    record = Record()
    record.attempt("a", LESSON, 1, "right")
    record.attempt("b", LESSON, 0.5, "wrong")
    assert [record.hint("a"), record.hint("a")] == [1, 2]
    assert record.summary() == {LESSON: Tally(2, 1, 0)}
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert "INTERESTKIT_HOME" in out
    assert err == ""


READ_ONLY = """
import os, sys
from interestkit.workbook.progress import Record
if os.geteuid() == 0:
    os.setuid(65534)
record = Record(sys.argv[1])
record.attempt("b", "02_interest_clusters", 1, "right")
record.attempt("c", "02_interest_clusters", 0.5, "wrong")
print(record.hint("a"), sorted(record.solved("02_interest_clusters")))
"""


def test_a_read_only_record_is_read_and_new_answers_count_until_the_kernel_ends(tmp_path):
    import shutil
    import tempfile

    home = Path(tempfile.mkdtemp())  # open to another user, which pytest's own folders are not
    try:
        record = Record(home / "progress.sqlite")
        record.attempt("a", LESSON, 1, "right")
        record.hint("a")
        (home / "progress.sqlite").chmod(0o444)
        home.chmod(0o555)
        out, _ = child(READ_ONLY, home / "progress.sqlite").communicate()
        warning, answer = out.splitlines()
        assert warning.startswith("Your progress cannot be saved for now")
        assert answer == "2 ['a', 'b']"
        assert Record(home / "progress.sqlite").summary() == {LESSON: Tally(1, 1, 0)}
    finally:
        home.chmod(0o755)
        shutil.rmtree(home)


FULL_DISK = """
import resource, sys
from interestkit.workbook.progress import Record
limit = resource.getrlimit(resource.RLIMIT_FSIZE)
record = Record(sys.argv[1])
record.attempt("a", "02_interest_clusters", 1, "right")
resource.setrlimit(resource.RLIMIT_FSIZE, (512, limit[1]))
for name in "bcd":
    record.attempt(name, "02_interest_clusters", 1, "right")
print(sorted(record.solved("02_interest_clusters")))
resource.setrlimit(resource.RLIMIT_FSIZE, limit)
record.attempt("e", "02_interest_clusters", 1, "right")
"""


def test_a_full_disk_costs_one_sentence_and_once_there_is_room_nothing_is_lost(tmp_path, said):
    out, _ = child(FULL_DISK, tmp_path / "progress.sqlite").communicate()
    warning, answer = out.splitlines()
    assert warning.startswith("Your progress cannot be saved for now")
    assert answer == "['a', 'b', 'c', 'd']"
    assert reopened(tmp_path, said).solved(LESSON) == set("abcde")
    assert said == []


def test_a_file_locked_for_long_delays_once_and_loses_nothing(tmp_path, said, record, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.3)
    fill(record, 1)
    other = sqlite3.connect(tmp_path / "progress.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    for name in "abc":
        record.attempt(name, LESSON, 1, "right")
    assert record.solved(LESSON) == set("abc")
    assert time.monotonic() - start < 2
    other.execute("ROLLBACK")
    other.close()
    assert record.solved(LESSON) == set("abc")
    assert reopened(tmp_path).solved(LESSON) == set("abc")
    assert len(said) == 1
    assert "another program holds the file" in said[0]


WRITER = """
import sys
from interestkit.workbook.progress import Record
record = Record(sys.argv[1])
sys.stdin.readline()
for number in range(40):
    record.attempt(f"{sys.argv[2]}.{number}", "02_interest_clusters", 1, "right")
    record.hint("clusters.assign")
"""


@pytest.mark.parametrize("before", ["nothing", "garbage"])
def test_notebooks_that_write_at_once_lose_nothing(tmp_path, said, before):
    if before == "garbage":
        (tmp_path / "progress.sqlite").write_bytes(b"garbage" * 1000)
    writers = [child(WRITER, tmp_path / "progress.sqlite", name, stdin=subprocess.PIPE) for name in "abcd"]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    outs = [writer.communicate()[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    record = reopened(tmp_path, said)
    assert len(record.attempts()) == len(record.solved(LESSON)) == 160
    assert record.hints("clusters.assign") == 160
    assert said == []
    damaged = 1 if before == "garbage" else 0
    assert sum(out.count("\n") for out in outs) == len(aside(tmp_path)) == damaged


ENDLESS = """
import sys
from interestkit.workbook.progress import Record
record = Record(sys.argv[1])
for number in range(100_000):
    record.attempt(f"x.{number}", "02_interest_clusters", 1, "right")
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_kill_loses_at_most_the_write_in_flight(tmp_path, said):
    written = 0
    for trial in range(6):
        process = child(ENDLESS, tmp_path / "progress.sqlite")
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.003 * trial)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        written += 3 + rest.count("\n")
        kept = len(reopened(tmp_path, said).attempts())
        assert written <= kept <= written + 1
        written = kept
    assert said == []
    assert aside(tmp_path) == []
