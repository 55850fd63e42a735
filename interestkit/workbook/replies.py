"""What each known wrong answer is told, kept in tests/replies/ so that no message changes unseen.

The files are there to be read, too: they are all that a learner on a wrong track gets to hear.
"""

import json

from interestkit.workbook import places
from interestkit.workbook.exercise import exercises_of
from interestkit.workbook.judge import judge


def path_of(stem):
    """The file of a lesson's replies."""
    return places.root() / "tests" / "replies" / f"{stem}.json"


def replies(stem):
    """The sentences by exercise, in the order of the misconceptions: `{"clusters.assign": ["✘ Not yet …"]}`."""
    return {one.id: [str(judge(one, known.answer)) for known in one.misconceptions] for one in exercises_of(stem)}


def write(stem):
    """Keep a lesson's replies."""
    path_of(stem).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(replies(stem), indent=1, ensure_ascii=False) + "\n"
    path_of(stem).write_text(text, encoding="utf-8")


def stale(stem):
    """A sentence for each exercise whose wrong answers are told something else than what is kept."""
    path = path_of(stem)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [
        f"What wrong answers to {name} are told is not as kept in tests/replies: read the change, then run make build."
        for name, sentences in replies(stem).items()
        if kept.get(name) != sentences
    ]
