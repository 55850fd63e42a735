"""Rehearsing the interview in a terminal: a question, your answer, the workbook's, the points made, a rating.

Reviews are scheduled by FSRS, whose arithmetic is fixed by the rating and the time alone.
"""

import hashlib
import math
import sys
from datetime import UTC, datetime, timedelta

from interestkit.workbook import places, progress
from interestkit.workbook.errors import WorkbookError, did_you_mean
from interestkit.workbook.questions import LEVELS, all_questions

WEAK = 0.5  # a question is weak below this share of the points of a strong answer
UNKNOWN = 0.5  # what is taken for the share of a lesson not rehearsed yet
LISTED = 5  # lines of each list at the end


def _clock():
    return datetime.now(UTC)


def run(minutes=15, lessons=None, level=None, ask=input, say=print, now=_clock, record=None, folder=None):
    """Rehearse questions until the minutes are used, or the questions are.

    What is due comes first, the weakest first; then what is new, from the weakest lesson first.
    Each rating is stored at once, so that stopping at any point loses only the question in hand.

    Args:
        minutes: no question begins after so many.
        lessons: names of lessons, as `places.find_stem` takes them; all if None.
        level: `"junior"`, `"mid"` or `"senior"`; all if None.
        ask, say: how a line is read behind a prompt, and how one is written.
        now: the clock; it gives UTC datetimes.
        record: the learner's `Record`; this process's if None.
        folder: where the notebooks are.

    Returns:
        0, or 1 where there was no question to ask.

    Raises:
        WorkbookError: if there is no such lesson or level, or the minutes are none.
    """
    if not 0 < minutes < math.inf:
        raise WorkbookError(f"Practice takes a number of minutes above 0, got {minutes}: try 15.")
    if level is not None and level not in LEVELS:
        raise WorkbookError(f"There is no level {level!r}: {did_you_mean(str(level), LEVELS)}")
    record = progress.record() if record is None else record
    questions = _choose(lessons, level, folder)
    if not questions:
        say("There is no question to practise yet: choose other lessons, or another level.")
        return 1
    start, rehearsed = now(), []
    try:
        while now() - start < timedelta(minutes=minutes):
            question = draw(questions, record, now())
            if question is None:
                break
            rehearsed.append(_rehearse(question, record, ask, say, now))
    except (EOFError, KeyboardInterrupt):
        say(f"\nStopped; your ratings are saved (so far: {len(rehearsed)}), and the next practice goes on from there.")
        return 0
    _close(questions, rehearsed, record, say, now() - start, now())
    return 0


def _choose(lessons, level, folder):
    if isinstance(lessons, (str, int)):
        lessons = [lessons]
    stems = None if lessons is None else {places.find_stem(lesson, folder) for lesson in lessons}
    return [
        question
        for question in all_questions(folder)
        if (stems is None or question.theme in stems) and level in (None, question.level)
    ]


# Drawing and scheduling ---------------------------------------------------------------


def draw(questions, record, when):
    """The question to ask next, or None where nothing is due and nothing is new.

    Args:
        questions: those to draw from.
        record: the learner's `Record`.
        when: the time in UTC.
    """
    cards, strength = _cards(questions, record), _strengths(record)
    due = [question for question in questions if question.id in cards and cards[question.id].due <= when]
    if due:
        return min(due, key=lambda question: (strength.get(question.id, UNKNOWN), cards[question.id].due))
    new = [question for question in questions if question.id not in cards]
    lessons = {question.theme: _lesson_strength(question.theme, questions, strength) for question in new}
    return min(new, key=lambda question: (lessons[question.theme], LEVELS.index(question.level)), default=None)


def _cards(questions, record):
    """FSRS cards by question id, of those rehearsed before."""
    from fsrs import Card

    stored, cards = record.cards(), {}
    for question in questions:
        try:
            cards[question.id] = Card.from_dict(stored[question.id])
        except (KeyError, TypeError, ValueError):
            continue  # none, or one that cannot be read: the question is new
    return cards


def _strengths(record):
    """By question id, the share of the points made when last rehearsed; 0 if it was not recalled."""
    last = {review.question: review for review in record.reviews()}
    return {name: 0.0 if review.rating == 1 else review.made / max(review.points, 1) for name, review in last.items()}


def _lesson_strength(theme, questions, strength):
    known = [strength[question.id] for question in questions if question.theme == theme and question.id in strength]
    return sum(known) / len(known) if known else UNKNOWN


def card_id(question_id):
    """The number of a question's card: the same on every machine, below 2**52."""
    return int(hashlib.sha256(question_id.encode()).hexdigest()[:13], 16)


def _save(question, rating, made, seconds, record, when):
    """Schedule a question by its rating, and store the card and the review."""
    from fsrs import Card, Rating, Scheduler

    card = _cards([question], record).get(question.id) or Card(card_id=card_id(question.id), due=when)
    card, _ = Scheduler(enable_fuzzing=False).review_card(card, Rating(rating), when)
    points = len(question.strong)
    review = progress.Review(question.id, rating, made, points, seconds, when.isoformat(timespec="seconds"))
    record.save_card(question.id, card.to_dict(), review)
    return review


# Asking ---------------------------------------------------------------------------------


def _rehearse(question, record, ask, say, now):
    show = _renderer(say)
    say(f"\n{question.theme}, {question.level}, {question.minutes} minutes")
    show(f"### {question.title} · {question.title_zh}")
    say("Answer in writing and end with an empty line, or answer aloud and press Enter.")
    start = now()
    while ask("> ").strip():
        pass
    seconds = (now() - start).total_seconds()
    show(_answer(question))
    say("A strong answer:")
    for number, point in enumerate(question.strong, start=1):
        say(f"  {number}. {point}")
    made = _ask_points(len(question.strong), ask, say)
    rating = _ask_rating(ask, say)
    return _save(question, rating, made, seconds, record, now().astimezone(UTC))


def _answer(question):
    weak = "\n".join(f"- {point}" for point in question.weak)
    follow_ups = "\n".join(f"- {asked} ({answer})" for asked, answer in question.follow_ups)
    return (
        f"**In 30 seconds.** {question.short}\n\n**In full.** {question.full}\n\n"
        f"**A weak answer**\n\n{weak}\n\n**They may go on to ask**\n\n{follow_ups}\n"
    )


def _ask_points(points, ask, say):
    """How many of the points were made; asked until the answer can be read."""
    while True:
        words = ask("The points that you made, such as 1 3 (Enter for none): ").replace(",", " ").split()
        if all(word.isdecimal() and 1 <= int(word) <= points for word in words):
            return len({int(word) for word in words})
        say(f"Type numbers from 1 to {points} with spaces between, or nothing.")


def _ask_rating(ask, say):
    while True:
        word = ask("Your recall: 1 again, 2 hard, 3 good, 4 easy: ").strip()
        if word in ("1", "2", "3", "4"):
            return int(word)
        say("Type 1, 2, 3 or 4.")


def _renderer(say):
    """How Markdown is shown: rendered on a terminal, as it is elsewhere."""
    if say is not print or not sys.stdout.isatty():
        return say
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    return lambda text: console.print(Markdown(text))


# Closing ----------------------------------------------------------------------------------


def _close(questions, rehearsed, record, say, spent, when):
    """Say what was done, what is due when, and what is weak."""
    cards, strength = _cards(questions, record), _strengths(record)
    by_due = sorted((question for question in questions if question.id in cards), key=lambda q: cards[q.id].due)
    if rehearsed:
        made, points = sum(review.made for review in rehearsed), sum(review.points for review in rehearsed)
        minutes = spent.total_seconds() / 60
        say(f"\nRehearsed: {len(rehearsed)}. Points made: {made} of {points}. Minutes: {minutes:.0f}.")
    else:
        say("Nothing is due and nothing is new: come back when the next question is due, or choose other lessons.")
    say("Due next:")
    for question in by_due[:LISTED]:
        say(f"  {_until(cards[question.id].due - when)}: {question.title} ({question.theme})")
    weak = [question for question in by_due if strength.get(question.id, UNKNOWN) < WEAK]
    if not weak:
        say("Nothing that you have rehearsed is weak.")
        return
    say("Weak, to read again in its lesson:")
    for question in sorted(weak, key=lambda q: strength[q.id])[:LISTED]:
        say(f"  {strength[question.id]:.0%} of the points: {question.title} ({question.theme})")


def _until(wait):
    minutes = math.ceil(wait.total_seconds() / 60)
    if minutes <= 0:
        return "now"
    if minutes < 60:
        return f"in {minutes} min"
    if minutes < 48 * 60:
        return f"in {math.ceil(minutes / 60)} h"
    return f"in {math.ceil(minutes / 60 / 24)} days"
