"""Practice in a terminal, with scripted answers and a clock that only the script moves."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tiny import notebook, text

from interestkit.workbook import places, practice
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.practice import card_id, draw, run
from interestkit.workbook.progress import Record
from interestkit.workbook.questions import all_questions

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLUSTERS, BANDITS = "02_interest_clusters", "11_explore_exploit"


def cell(name, level="junior", points=3):
    strong = "\n".join(f"- point {number} of {name}" for number in range(1, points + 1))
    source = (
        f"### What about {name}? · 问题\n\n<details><summary>Answer</summary>\n\n"
        f"**In 30 seconds.** Short of {name}.\n\n**In full.** Full of {name}, not more.\n\n"
        f"**A strong answer**\n\n{strong}\n\n**A weak answer**\n\n- weak of {name}\n\n"
        f"**They may go on to ask**\n\n- And {name} again? (Answer to {name}.)\n\n</details>"
    )
    return text(source, name, question=f"q.{name}", level=level, kind="concept", claims=["q.claim"])


@pytest.fixture
def folder(tmp_path):
    """Notebooks of two lessons with two questions each."""
    made = tmp_path / "notebooks"
    made.mkdir()
    for stem, names in {CLUSTERS: ["means", "seeds"], BANDITS: ["regret", "draws"]}.items():
        cells = [cell(name, "mid" if name == "draws" else "junior") for name in names]
        (made / f"{stem}.ipynb").write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return made


class Session:
    """A learner at the keyboard: a script of lines, an exception where one stands, and a clock."""

    def __init__(self, folder, record):
        self.folder, self.record, self.now = folder, record, MONDAY
        self.said, self.prompts = [], []

    def run(self, *script, every=timedelta(0), **options):
        lines = iter(script)

        def ask(prompt):
            self.prompts.append(prompt)
            self.now += every
            line = next(lines, EOFError)
            if isinstance(line, str):
                return line
            raise line

        self.said, self.prompts = [], []
        options = {"minutes": 15, **options}
        code = run(
            ask=ask, say=self.said.append, now=lambda: self.now, record=self.record, folder=self.folder, **options
        )
        self.left = list(lines)
        return code

    @property
    def asked(self):
        """The headings shown, by the question's short name."""
        return [line.split()[3].rstrip("?") for line in self.said if line.startswith("### ")]

    @property
    def text(self):
        return "\n".join(self.said)


@pytest.fixture
def session(folder, tmp_path):
    return Session(folder, Record(tmp_path / "progress.sqlite"))


def answered(points, rating):
    """Aloud, these points made, this rating."""
    return ["", points, rating]


def due(session, name):
    return datetime.fromisoformat(session.record.card(f"q.{name}")["due"])


# One question -------------------------------------------------------------------------


def test_a_question_is_asked_revealed_ticked_and_rated(session):
    code = session.run("I would say", "two lines", "", "1 3", "3", every=timedelta(seconds=20), lessons=[CLUSTERS])
    assert code == 0
    said = session.text
    assert session.asked[0] == "means"
    assert f"{CLUSTERS}, junior, 2 minutes" in said
    for part in (
        "Short of means.",
        "Full of means, not more.",
        "- weak of means",
        "- And means again? (Answer to means.)",
    ):
        assert part in said
    assert "  1. point 1 of means\n  2. point 2 of means\n  3. point 3 of means" in said
    (review,) = session.record.reviews()
    assert review == ("q.means", 3, 2, 3, 60.0, "2026-11-23T09:01:40+00:00")


def test_the_answer_is_not_shown_before_the_learner_has_answered(session):
    session.run()
    assert session.asked == ["means"]
    assert "Short of means" not in session.text
    assert "point 1" not in session.text


def test_bad_input_is_asked_again(session):
    script = ["", "1 4", "one", "-1", "1,1 2", "0", "good", "", "4"]
    session.run(*script, lessons=[CLUSTERS], minutes=1, every=timedelta(seconds=10))
    (review,) = session.record.reviews()
    assert (review.made, review.rating) == (2, 4)
    assert session.text.count("Type numbers from 1 to 3") == 3
    assert session.text.count("Type 1, 2, 3 or 4.") == 3


def test_no_points_made_is_an_answer(session):
    session.run(*answered("", "1"), lessons=[CLUSTERS])
    assert session.record.reviews()[0].made == 0


# Scheduling ---------------------------------------------------------------------------


def test_again_comes_back_before_hard_good_and_easy(session):
    script = [*answered("", "4"), *answered("", "3"), *answered("", "2"), *answered("", "1")]
    session.run(*script)
    rated = dict(zip(session.asked, "4321", strict=True))
    order = sorted(rated, key=lambda name: due(session, name))
    assert [rated[name] for name in order] == ["1", "2", "3", "4"]
    assert due(session, order[0]) == MONDAY + timedelta(minutes=1)
    assert due(session, order[-1]) > MONDAY + timedelta(days=5)


def test_the_schedule_survives_a_restart(session, folder, tmp_path):
    session.run(*answered("1", "3"), *answered("1", "4"), lessons=[CLUSTERS])
    later = Session(folder, Record(tmp_path / "progress.sqlite"))
    assert (due(later, "means"), due(later, "seeds")) == (due(session, "means"), due(session, "seeds"))
    later.run(lessons=[CLUSTERS])
    assert later.asked == []  # nothing is due yet
    later.now = due(session, "means")
    later.run(*answered("1", "3"), lessons=[CLUSTERS])
    assert later.asked == ["means"]
    assert due(later, "means") > later.now + timedelta(days=1)


def test_the_schedule_is_reproducible(session, folder, tmp_path):
    other = Session(folder, Record(tmp_path / "other.sqlite"))
    for one in (session, other):
        for _ in range(3):
            one.run(*answered("1 2", "3"), lessons=[CLUSTERS], minutes=1, every=timedelta(minutes=1))
            one.now = due(one, "means")
    assert session.record.cards() == other.record.cards()


def test_card_ids_are_the_same_on_every_machine(session):
    assert card_id("q.means") == 3881819078213359 != card_id("q.seeds")
    session.run(*answered("1", "3"), lessons=[CLUSTERS])
    assert session.record.card("q.means")["card_id"] == card_id("q.means")


def test_a_card_that_cannot_be_read_makes_its_question_new(session):
    for card in ({}, {"due": 3}, [1], {"card_id": 1, "state": 9, "due": "soon"}):
        session.record.save_card("q.means", card)
        session.run(*answered("1", "3"), lessons=[CLUSTERS])
        assert session.asked[0] == "means"
        assert due(session, "means") == session.now + timedelta(minutes=10)


# Drawing ------------------------------------------------------------------------------


def test_what_is_due_comes_before_what_is_new_and_the_weakest_first(session):
    session.run(*answered("1 2 3", "3"), *answered("1", "3"), *answered("1 2", "3"))
    assert session.asked[:3] == ["means", "regret", "draws"]
    session.now += timedelta(hours=1)
    session.run(*answered("", "3") * 4)
    assert session.asked == ["regret", "draws", "means", "seeds"]


def test_what_was_not_recalled_is_weaker_than_any_share_of_points(session):
    session.run(*answered("1", "3"), *answered("1 2 3", "1"), lessons=[CLUSTERS])
    session.now += timedelta(hours=1)
    session.run(lessons=[CLUSTERS])
    assert session.asked == ["seeds"]


def test_of_two_equally_weak_questions_the_one_due_for_longer_comes_first(session):
    session.run(*answered("1", "3"), *answered("1", "2"), lessons=[CLUSTERS])
    assert due(session, "seeds") < due(session, "means")
    session.now += timedelta(hours=1)
    session.run(lessons=[CLUSTERS])
    assert session.asked == ["seeds"]


def test_new_questions_come_from_the_weakest_lesson_and_the_lower_level_first(session):
    questions = all_questions(session.folder)
    session.run(lessons=[BANDITS])
    assert session.asked == ["regret"]  # junior before mid
    session.run(*answered("", "3"), lessons=[BANDITS])
    assert draw(questions, session.record, session.now).theme == BANDITS  # nothing made there: weaker than unknown
    session.record.save_card("q.regret", session.record.card("q.regret"), ("q.regret", 3, 3, 3, 1.0, "now"))
    assert draw(questions, session.record, session.now).theme == CLUSTERS


def test_lessons_and_level_choose(session):
    session.run(*answered("", "3") * 3, lessons=["11", "02"], level="junior")
    assert session.asked == ["means", "seeds", "regret"]
    session.run(lessons="explore_exploit", level="mid")
    assert session.asked == ["draws"]


# Ending -------------------------------------------------------------------------------


def test_no_question_begins_when_the_time_is_up(session):
    assert session.run(*answered("1", "3") * 4, minutes=5, every=timedelta(minutes=1)) == 0
    assert session.asked == ["means", "seeds"]  # the second began after 3 of 5 minutes and ended after 6
    assert len(session.left) == 6
    assert "Rehearsed: 2. Points made: 2 of 6. Minutes: 6." in session.text


def test_what_is_due_again_within_the_session_is_asked_again(session):
    session.run(*answered("", "1"), *answered("1", "4"), minutes=3, every=timedelta(seconds=30), lessons=[CLUSTERS])
    assert session.asked == ["means", "seeds"]
    session.run(*answered("1", "4"), minutes=3, every=timedelta(seconds=30), lessons=[CLUSTERS])
    assert session.asked == ["means"]


def test_the_end_says_what_was_done_what_is_due_and_what_is_weak(session):
    session.run(*answered("1 2 3", "3"), *answered("1", "1"), lessons=[CLUSTERS])
    end = session.said[session.said.index("\nRehearsed: 2. Points made: 4 of 6. Minutes: 0.") :]
    assert end[1:] == [
        "Due next:",
        f"  in 1 min: What about seeds? ({CLUSTERS})",
        f"  in 10 min: What about means? ({CLUSTERS})",
        "Weak, to read again in its lesson:",
        f"  0% of the points: What about seeds? ({CLUSTERS})",
    ]


def test_nothing_weak_is_said_too(session):
    session.run(*answered("1 2 3", "4"), *answered("1 2 3", "4"), lessons=[CLUSTERS])
    assert session.said[-1] == "Nothing that you have rehearsed is weak."
    assert "  in 8 days: What about means? (02_interest_clusters)" in session.said


def test_when_nothing_is_due_it_says_when_to_come_back(session):
    session.run(*answered("1", "4") * 2, lessons=[CLUSTERS])
    assert session.run(lessons=[CLUSTERS]) == 0
    assert session.said[0].startswith("Nothing is due")
    assert session.prompts == []
    assert any(line.startswith("  in 8 days: ") for line in session.said)


@pytest.mark.parametrize("stop", [EOFError, KeyboardInterrupt])
@pytest.mark.parametrize("at", range(4))
def test_stopping_anywhere_keeps_what_was_rated(session, stop, at):
    script = [*answered("1", "3"), *["half an answer", "", "1"][:at]]
    assert session.run(*script, stop) == 0
    assert [review.question for review in session.record.reviews()] == ["q.means"]
    assert list(session.record.cards()) == ["q.means"]
    assert session.said[-1].strip() == (
        "Stopped; your ratings are saved (so far: 1), and the next practice goes on from there."
    )


# Nothing to ask -----------------------------------------------------------------------


def test_no_questions_is_one_sentence(session, tmp_path):
    assert session.run(level="senior") == 1
    assert len(session.said) == 1
    (tmp_path / "empty").mkdir()
    session.folder = tmp_path / "empty"
    assert session.run() == 1
    assert session.said == ["There is no question to practise yet: choose other lessons, or another level."]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lessons": ["interest_clutsers"]}, "did you mean 02_interest_clusters?"),
        ({"level": "middle"}, "no level 'middle'"),
        ({"minutes": 0}, "above 0, got 0"),
        ({"minutes": float("nan")}, "above 0, got nan"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(session, options, says):
    with pytest.raises(WorkbookError) as refused:
        session.run(**options)
    assert says in str(refused.value)
    assert session.said == []


# In a terminal ------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from interestkit.workbook import practice
print("exit", practice.run(folder=Path(sys.argv[1]), lessons=["02"]))
"""


def test_it_runs_with_the_real_clock_keyboard_and_record(folder, tmp_path):
    environment = {**os.environ, "INTERESTKIT_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        input="aloud\n\n1 2\n3\n",
        capture_output=True,
        text=True,
        env=environment,
        cwd=places.root(),
    )
    assert done.stderr == ""
    assert "### What about means? · 问题" in done.stdout  # no terminal: Markdown as it is
    assert "\nStopped; your ratings are saved (so far: 1)" in done.stdout
    assert done.stdout.endswith("exit 0\n")
    assert Record(tmp_path / "home" / "progress.sqlite").reviews()[0].made == 2


def test_markdown_is_rendered_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    practice._renderer(print)("**In full.** With 6 points.")
    out = capsys.readouterr().out
    assert "\033[1mIn full.\033[0m With 6 points." in out
    assert "**" not in out


def test_importing_it_loads_no_scheduler():
    program = (
        "import sys, interestkit.workbook.practice; print({'fsrs', 'rich', 'numpy', 'nbformat'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=places.root())
    assert done.stdout == "set()\n"
