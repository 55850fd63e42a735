"""Where things are: stems, the names a learner may give a lesson, the data folder."""

from pathlib import Path

import pytest

from interestkit.workbook import places
from interestkit.workbook.errors import WorkbookError

STEMS = ["00_start_here", "02_interest_clusters", "11_explore_exploit"]
OTHERS = [
    "02_interest_clusters.edition-1a2b3c4.ipynb",
    "02_interest_clusters.aside-20261125T000000Z.ipynb",
    "02_interest_clusters-copy1.ipynb",
    "3_short.ipynb",
    "Untitled.ipynb",
    "12_notes.txt",
]


@pytest.fixture
def folder(tmp_path):
    for name in [*(f"{stem}.ipynb" for stem in reversed(STEMS)), *OTHERS]:
        (tmp_path / name).write_text("{}")
    return tmp_path


def test_the_checkout_is_this_one():
    assert places.root() == Path(__file__).resolve().parents[1]
    assert (places.notebooks(), places.solutions()) == (places.root() / "notebooks", places.root() / "solutions")


def test_stems_are_the_lessons_in_order_and_no_copies(folder):
    assert places.lesson_stems(folder) == STEMS
    assert places.lesson_stems(folder / "nowhere") == []


@pytest.mark.parametrize(
    "lesson",
    [
        "2", "02", 2, " 2 ", "interest_clusters", "02_interest_clusters", "02_interest_clusters.ipynb",
        "interest_clusters.ipynb", "desk/02_interest_clusters.ipynb", Path("notebooks/02_interest_clusters.ipynb"),
    ],
)  # fmt: skip
def test_a_lesson_has_many_names(folder, lesson):
    assert places.find_stem(lesson, folder) == "02_interest_clusters"


def test_numbers_are_whole_numbers(folder):
    assert places.find_stem("0", folder) == "00_start_here"
    assert places.find_stem("11", folder) == "11_explore_exploit"


@pytest.mark.parametrize(
    "lesson", ["", ".", "1", "3", "-2", "2.0", "²", "٢", "002", "9" * 5000, "nothing like it", "*"]
)
def test_an_unknown_lesson_lists_what_there_is(folder, lesson):
    with pytest.raises(WorkbookError, match=f"There is no lesson .*: choose from {', '.join(STEMS)}.$"):
        places.find_stem(lesson, folder)


@pytest.mark.parametrize("lesson", ["interest_cluster", "02_interests_clusters", "2_interest_clusters", "clusters"])
def test_an_unknown_lesson_names_the_nearest(folder, lesson):
    with pytest.raises(WorkbookError, match=f"There is no lesson {lesson!r}: did you mean 02_interest_clusters\\?$"):
        places.find_stem(lesson, folder)


def test_no_lessons_at_all(tmp_path):
    with pytest.raises(WorkbookError, match="There is no lesson '2'"):
        places.find_stem("2", tmp_path)


def test_module_of_a_stem():
    assert places.module_of("02_interest_clusters") == "interest_clusters"


def test_the_desk_is_in_the_checkout_or_where_the_learner_says(monkeypatch, tmp_path):
    monkeypatch.delenv("INTERESTKIT_DESK", raising=False)
    assert places.desk() == places.root() / "desk"
    monkeypatch.setenv("INTERESTKIT_DESK", str(tmp_path))
    assert places.desk() == tmp_path


def test_the_data_folder_is_made_on_demand(monkeypatch, tmp_path):
    monkeypatch.setenv("INTERESTKIT_HOME", str(tmp_path / "a" / "b"))
    assert places.home() == tmp_path / "a" / "b" and places.home().is_dir()
    monkeypatch.delenv("INTERESTKIT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places.home().is_relative_to(tmp_path) and places.home().name == "interestkit" and places.home().is_dir()
