"""A claim holds or stops the notebook, chance has one door, and a refusal is one line."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from interestkit.workbook.claims import claim, rng, seed
from interestkit.workbook.errors import WorkbookError, did_you_mean, nearest


@pytest.fixture(autouse=True)
def no_family(monkeypatch):
    monkeypatch.delenv("INTERESTKIT_SEED", raising=False)
    monkeypatch.delenv("INTERESTKIT_CLAIMS", raising=False)


# claim ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("holds", [True, np.True_, np.bool_(1), np.float64(1) < 2])
def test_a_claim_that_holds_is_printed(holds, capsys):
    claim("toy.holds", holds, "one is less than two")
    assert capsys.readouterr() == ("✔ toy.holds: one is less than two\n", "")


@pytest.mark.parametrize("holds", [False, np.False_])
def test_a_claim_that_does_not_hold_stops(holds, capsys):
    with pytest.raises(WorkbookError) as refusal:
        claim("toy.fails", holds, "two is less than one")
    assert str(refusal.value) == "The claim toy.fails does not hold here: two is less than one"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "holds", [1, 0, None, "True", 1.0, np.nan, [True], np.array([True]), np.array(True), np.ones(3, bool), {}, print]
)
@pytest.mark.parametrize("recording", [False, True])
def test_a_claim_needs_one_truth_value(holds, recording, tmp_path, monkeypatch):
    if recording:
        monkeypatch.setenv("INTERESTKIT_CLAIMS", str(tmp_path / "claims"))
    with pytest.raises(WorkbookError, match=r"toy.odd needs one truth value, got \w+: compare two numbers, or end"):
        claim("toy.odd", holds, "something")
    assert not (tmp_path / "claims").exists()


def test_claims_are_recorded_instead_of_raised(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INTERESTKIT_CLAIMS", str(tmp_path / "claims"))
    claim("toy.holds", True, "yes")
    claim("toy.fails", np.False_, "das heißt nein · 否")
    claim("toy.holds", np.True_, "yes")
    lines = (tmp_path / "claims").read_text(encoding="utf-8").splitlines()
    assert [*map(json.loads, lines)] == [["toy.holds", True], ["toy.fails", False], ["toy.holds", True]]
    assert capsys.readouterr().out.splitlines()[:2] == ["✔ toy.holds: yes", "✘ toy.fails: das heißt nein · 否"]


# rng and seed ---------------------------------------------------------------------------------


def test_the_same_number_is_the_same_stream():
    assert rng(7) is not rng(7)
    assert rng(7).integers(10**12) == rng(7).integers(10**12) == rng(np.int64(7)).integers(10**12)
    assert len({int(rng(number).integers(10**12)) for number in range(50)}) == 50


def test_drawing_from_one_moves_no_other():
    before = rng(7).random(3)
    rng(7).random(100)
    np.random.default_rng().random(3)
    assert np.array_equal(rng(7).random(3), before)


def test_the_streams_are_those_of_every_machine():
    """What the stored outputs of all lessons rest on."""
    assert rng(7).integers(10**6, size=3).tolist() == [944904, 625095, 684179]


def test_a_family_turns_all_of_them(monkeypatch):
    first = rng(7).integers(10**12), seed(7)
    draws = {first[0]}
    for family in range(1, 20):
        monkeypatch.setenv("INTERESTKIT_SEED", str(family))
        assert rng(7).integers(10**12) == rng(7).integers(10**12)
        assert seed(7) == seed(7) and type(seed(7)) is int and 0 <= seed(7) < 2**31
        assert seed(7) != seed(8)
        draws |= {rng(7).integers(10**12), seed(7)}
    assert len(draws) == 1 + 2 * 19
    monkeypatch.setenv("INTERESTKIT_SEED", "0")
    assert (rng(7).integers(10**12), seed(7)) == first


@pytest.mark.parametrize("number", [0, 7, 2**31 - 1, np.int32(7), np.uint8(7)])
def test_a_seed_is_itself_in_the_family_of_the_stored_outputs(number):
    assert seed(number) == number and type(seed(number)) is int


@pytest.mark.parametrize("number", [-1, 2**31, 10**20, 1.0, "7", None, True, [1, 2], np.array([1]), np.nan])
@pytest.mark.parametrize("door", [rng, seed])
def test_what_is_no_seed_is_refused(door, number):
    with pytest.raises(WorkbookError, match="A seed is a whole number from 0 to 2147483647, got "):
        door(number)


@pytest.mark.parametrize("family", ["-1", "two", "", "1.5"])
def test_a_family_that_is_no_number_is_refused(family, monkeypatch):
    monkeypatch.setenv("INTERESTKIT_SEED", family)
    for door in (rng, seed):
        with pytest.raises(WorkbookError, match="INTERESTKIT_SEED is .*, and a whole number is needed"):
            door(7)


# A refusal --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "found"), [("asign", "assign"), ("update_", "update"), ("zzz", None), ("", None), ("Assign", "assign")]
)
def test_the_nearest_name(word, found):
    assert nearest(word, ["assign", "update"]) == found
    assert nearest(word, []) is None


def test_the_end_of_a_sentence():
    assert did_you_mean("asign", {"assign": 1, "update": 2}) == "did you mean assign?"
    assert did_you_mean("zzz", ["assign", "update"]) == "choose from assign, update."
    assert did_you_mean("zzz", []) == "choose from none yet."


SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("from interestkit import begin, claim, hint, rng")
for cell in {cells!r}:
    print("---")
    shell.run_cell(cell)
"""


def test_a_refusal_in_a_notebook_is_one_line(tmp_path):
    cells = [
        'claim("toy.fails", 1 > 2, "one is more than two")',
        'claim("toy.odd", [1], "a list")',
        "rng(-1)",
        'begin("99_nothing")',
        'hint("nothing")',
        "def deep():\n    rng(-1)\ndeep()",
    ]
    run = subprocess.run(
        [sys.executable, "-c", SHELL.format(cells=cells)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
    )
    assert run.stderr == ""
    said = [part.strip() for part in run.stdout.split("---\n")[1:]]
    assert len(said) == len(cells)
    for words in said:
        assert words.startswith("✘ ") and "\n" not in words and "Traceback" not in words and ".py" not in words
