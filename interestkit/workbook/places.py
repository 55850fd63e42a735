"""Where things are: the checkout, its folders, the learner's data."""

import os
import re
from pathlib import Path

from interestkit.workbook.errors import WorkbookError, did_you_mean

STEM = re.compile(r"\d\d_[a-z0-9_]+")


def root():
    """The checkout that this kit belongs to."""
    return Path(__file__).resolve().parents[2]


def notebooks():
    """The folder of the lessons."""
    return root() / "notebooks"


def solutions():
    """The folder of the lessons with every exercise solved."""
    return root() / "solutions"


def desk():
    """The learner's copies; `INTERESTKIT_DESK` names another folder for them."""
    return Path(os.environ.get("INTERESTKIT_DESK") or root() / "desk")


def lesson_stems(folder=None):
    """Stems of the lessons that exist, in order: `["00_start_here", …]`."""
    found = (path.stem for path in Path(folder or notebooks()).glob("*.ipynb"))
    return sorted(stem for stem in found if STEM.fullmatch(stem))


def module_of(stem):
    """The name of a lesson's module in `interestkit.exercises`: its stem without the number."""
    return stem[3:]


def find_stem(lesson, folder=None):
    """The stem that `2`, `02`, `interest_clusters` or `desk/02_interest_clusters.ipynb` means.

    Raises:
        WorkbookError: if no lesson is meant; it names the nearest.
    """
    stems = lesson_stems(folder)
    word = Path(str(lesson).strip()).name.removesuffix(".ipynb")
    number = word.zfill(2) if word.isdecimal() else None
    for stem in stems:
        if word in (stem, module_of(stem)) or number == stem[:2]:
            return stem
    raise WorkbookError(f"There is no lesson {word!r}: {did_you_mean(word, stems)}")


def home():
    """The learner's data folder: `INTERESTKIT_HOME`, or the platform's place for user data."""
    if os.environ.get("INTERESTKIT_HOME"):
        folder = Path(os.environ["INTERESTKIT_HOME"])
    else:
        from platformdirs import user_data_path

        folder = user_data_path("interestkit", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
