"""Every claim of every lesson holds under other seeds, and the record of it is fresh."""

import json

import nbformat
import pytest
import tiny

import interestkit
from interestkit.workbook import places, seeds
from interestkit.workbook.errors import WorkbookError

DRAW = interestkit.rng(7).integers(10**9)  # in the family of the stored outputs
SETUP = "import os\nfrom interestkit import claim, rng, seed\nfamily = int(os.environ.get('INTERESTKIT_SEED', '0'))"
CLAIMS = f"""\
claim("tiny.always", True, "this holds")
claim("tiny.nineteen", family != 7, "this holds in all but one")
claim("tiny.eighteen", family > 2, "this holds in all but two")
claim("tiny.twice", family > 3, "the first time")
claim("tiny.twice", family != 9, "the second time")
if family > 4:
    claim("tiny.sometimes-made", True, "made in sixteen families")
claim("tiny.rng-turns", rng(7).integers(10**9) != {DRAW}, "not the draw of the stored outputs")
claim("tiny.seed-turns", seed(7) != 7, "not the seed of the stored outputs")
claim("tiny.fresh", not os.path.exists(os.environ["INTERESTKIT_HOME"]), "a new learner")
"""


@pytest.mark.parametrize("stem", places.lesson_stems())
def test_claims_hold_under_other_seeds(stem):
    assert seeds.problems(stem) == []


def write(folder, *cells):
    nbformat.write(tiny.notebook(*cells), folder / "01_tiny.ipynb")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A tiny lesson and its record, measured for good."""
    root = tmp_path_factory.mktemp("seeds")
    (root / "notebooks").mkdir()
    write(root / "notebooks", SETUP, CLAIMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "notebooks", lambda: root / "notebooks")
        patch.setattr(seeds, "records", lambda: root / "seeds")
        seeds.run(["01_tiny"])
    return root


@pytest.fixture
def house(measured, tmp_path, monkeypatch):
    """A copy of it that a test may change: (notebook folder, record, function that writes the record)."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "seeds").mkdir()
    source = measured / "notebooks" / "01_tiny.ipynb"
    (tmp_path / "notebooks" / "01_tiny.ipynb").write_bytes(source.read_bytes())
    record = json.loads((measured / "seeds" / "01_tiny.json").read_text())
    monkeypatch.setattr(places, "notebooks", lambda: tmp_path / "notebooks")
    monkeypatch.setattr(places, "lesson_stems", lambda: ["01_tiny"])
    monkeypatch.setattr(seeds, "records", lambda: tmp_path / "seeds")

    def save(record):
        (tmp_path / "seeds" / "01_tiny.json").write_text(json.dumps(record))

    return tmp_path / "notebooks", record, save


def all_hold(record):
    return {**record, "claims": dict.fromkeys(record["claims"], 20)}


def test_what_is_recorded(measured):
    text = (measured / "seeds" / "01_tiny.json").read_text()
    record = json.loads(text)
    assert record["families"] == 20
    assert record["claims"] == {
        "tiny.always": 20,
        "tiny.eighteen": 18,
        "tiny.fresh": 20,
        "tiny.nineteen": 19,
        "tiny.rng-turns": 20,
        "tiny.seed-turns": 20,
        "tiny.sometimes-made": 16,
        "tiny.twice": 16,
    }
    assert list(record["claims"]) == sorted(record["claims"])
    assert text == json.dumps(record, indent=1) + "\n"


def test_too_few_families_fail(house):
    _, record, save = house
    save(record)
    found = seeds.problems("01_tiny")
    assert [word for line in found for word in line.split() if word.startswith("tiny.")] == [
        "tiny.eighteen",
        "tiny.sometimes-made",
        "tiny.twice",
    ]
    assert found[0] == "the claim tiny.eighteen of 01_tiny holds in 18 of 20 families of seeds; 19 are needed"
    save({**record, "claims": dict.fromkeys(record["claims"], 19)})
    assert seeds.problems("01_tiny") == []


@pytest.mark.parametrize(
    "cells, is_stale",
    [
        ([SETUP, CLAIMS], False),
        ([tiny.text("# Prose may change"), SETUP, tiny.code(CLAIMS, "so may outputs\n")], False),
        ([SETUP, CLAIMS + "\nx = 1"], True),
        ([SETUP, CLAIMS, "x = 1"], True),
        ([SETUP + "\n" + CLAIMS], True),
    ],
)
def test_a_changed_code_cell_makes_it_stale(house, cells, is_stale):
    folder, record, save = house
    save(all_hold(record))
    write(folder, *cells)
    found = seeds.problems("01_tiny")
    assert bool(found) == is_stale
    assert all("stale" in line and "make seeds ARGS=01_tiny" in line for line in found)


def test_a_record_must_be_there_whole_and_of_all_claims(house):
    _, record, save = house
    assert "never run" in seeds.problems("01_tiny")[0]
    save(all_hold({**record, "families": 5}))
    assert "under 5 families of seeds instead of 20" in seeds.problems("01_tiny")[0]
    save({**all_hold(record), "claims": {"tiny.always": 20}})
    assert "makes the claim tiny.eighteen, which no family" in seeds.problems("01_tiny")[0]
    for garbage in ({}, [], "x", {**record, "claims": None}):
        save(garbage)
        assert len(seeds.problems("01_tiny")) == 1
    (seeds.records() / "01_tiny.json").write_text("{")
    assert "cannot be read" in seeds.problems("01_tiny")[0]


def test_a_failing_cell_is_named(tmp_path):
    write(tmp_path, SETUP, tiny.code("print(1)\nassert family != 3, 'three is unlucky'", id="unlucky"))
    with pytest.raises(
        WorkbookError, match="01_tiny stopped under seed family 3 in cell unlucky: AssertionError: three"
    ):
        seeds.measure(tmp_path / "01_tiny.ipynb", 3)


def test_an_expected_error_does_not_stop_it_and_a_killed_process_does(tmp_path):
    write(tmp_path, SETUP, tiny.code("1 / 0", tags=["raises-exception"]), "claim('tiny.after', True, 'it went on')")
    assert seeds.measure(tmp_path / "01_tiny.ipynb", 1) == {"tiny.after": True}
    write(tmp_path, "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(WorkbookError, match="its process was killed"):
        seeds.measure(tmp_path / "01_tiny.ipynb", 1)


def test_an_endless_lesson_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(seeds, "SECONDS", 2)
    write(tmp_path, "while True: pass")
    with pytest.raises(WorkbookError, match="more than 2 s under seed family 4"):
        seeds.measure(tmp_path / "01_tiny.ipynb", 4)


def test_the_table(house, monkeypatch, capsys):
    _, record, _ = house
    monkeypatch.setattr(seeds, "tally", lambda path, families: record)
    monkeypatch.setattr(places, "find_stem", lambda stem: "01_tiny")
    assert seeds.main(["1"]) == 1
    out = capsys.readouterr().out
    assert "✘ 18/20  tiny.eighteen" in out and "✔ 19/20  tiny.nineteen" in out
    monkeypatch.setattr(seeds, "tally", lambda path, families: all_hold(record))
    assert seeds.main([]) == 0
    assert json.loads((seeds.records() / "01_tiny.json").read_text()) == all_hold(record)


def test_no_lessons_and_an_unknown_lesson(monkeypatch, capsys):
    with pytest.raises(WorkbookError):
        seeds.main(["99_nowhere"])
    monkeypatch.setattr(places, "lesson_stems", lambda: [])
    assert seeds.main([]) == 0
    assert "no lesson" in capsys.readouterr().out
