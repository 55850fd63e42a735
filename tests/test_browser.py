"""A learner's first quarter of an hour, in a real Chromium on the server of `make lab`."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import browser
import pytest
from browser import open_lab, why_not

from interestkit.exercises import interest_clusters
from interestkit.workbook import source
from interestkit.workbook.exercise import exercises_of

FAILED = Path(__file__).resolve().parents[1] / "build" / "browser-failed.png"


def need_browser():
    """Skip where no browser can be driven; fail where `INTERESTKIT_REQUIRE_BROWSER=1` says there must be one."""
    reason = why_not()
    if reason and os.environ.get("INTERESTKIT_REQUIRE_BROWSER") == "1":
        pytest.fail(f"INTERESTKIT_REQUIRE_BROWSER=1, and {reason}")
    if reason:
        pytest.skip(f"the browser test did not run: {reason}")


def typed(answer, name):
    """What a learner would type to give this answer of an exercise."""
    return source.text_of(answer).replace("def _(", f"def {name}(", 1)


def test_from_the_first_page_to_a_solved_exercise(tmp_path):
    need_browser()
    with open_lab(tmp_path) as learner:
        try:
            start(learner)
            solve(learner)
        except BaseException:
            FAILED.parent.mkdir(exist_ok=True)
            learner.page.screenshot(path=FAILED)
            print(f"The page at that moment: {FAILED}", *learner.printed, *learner.complaints, sep="\n")
            raise


def start(learner):
    """The first page: a notebook with its kernel, and nothing in the way."""
    learner.start()
    assert learner.tabs() == ["00_start_here.ipynb"]
    assert learner.kernel() == "Python 3 (ipykernel)"
    assert learner.dialogs() == []
    assert learner.unsaved() == []
    assert {urlsplit(address).hostname for address in learner.asked if address.startswith("http")} == {"localhost"}


def solve(learner):
    """Run the lesson, answer wrongly, then rightly, and see how far one is."""
    assign = interest_clusters.assign
    known = next(known for known in assign.misconceptions if "argmax" in known.message)
    named = known.message.replace("`", "")  # on the card, what stands in backticks is set as code
    total = len(exercises_of("02_interest_clusters"))

    learner.open("02_interest_clusters.ipynb")
    stub = learner.place(exercise=assign.id, role="stub")
    check = learner.place(exercise=assign.id, role="check")
    progress = learner.sources().index("progress()")
    learner.run_all()
    assert f"0 of {total}" in learner.below(progress)
    assert "Not started" in learner.below(check)

    learner.write(stub, typed(known.answer, "assign"))
    learner.run(stub)
    card = learner.run(check)
    assert "Not yet" in card and named in card
    assert f"0 of {total}" in learner.run(progress)

    learner.write(stub, typed(assign.alternatives[0], "assign"))
    learner.run(stub)
    card = learner.run(check)
    assert "Right" in card and named not in card
    assert f"1 of {total}" in learner.run(progress)

    learner.save()
    assert typed(assign.alternatives[0], "assign") in learner.sources()
    assert learner.dialogs() == []
    assert [line for line in learner.printed if line.startswith(("[W", "[E")) or "Warning" in line] == []


class TestWhereThereIsNoBrowser:
    @pytest.fixture(autouse=True)
    def no_browser(self, monkeypatch):
        monkeypatch.setattr(browser, "CHROMIUM", None)

    def test_it_is_skipped_with_the_reason(self, monkeypatch):
        monkeypatch.delenv("INTERESTKIT_REQUIRE_BROWSER", raising=False)
        with pytest.raises(pytest.skip.Exception, match="did not run: no Chromium was found"):
            need_browser()

    def test_it_fails_where_one_is_required(self, monkeypatch):
        monkeypatch.setenv("INTERESTKIT_REQUIRE_BROWSER", "1")
        with pytest.raises(pytest.fail.Exception, match="no Chromium was found"):
            need_browser()
