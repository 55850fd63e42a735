"""No message to a learner changes unseen."""

import pytest

from interestkit.workbook import places, replies

STEMS = places.lesson_stems()


@pytest.mark.parametrize("stem", STEMS)
def test_wrong_answers_are_told_what_is_kept(stem):
    assert replies.stale(stem) == []


def test_one_changed_character_is_seen(tmp_path, monkeypatch):
    told = {"toy.add": ["✘ Not yet · add: You subtracted."]}
    monkeypatch.setattr(replies, "path_of", lambda stem: tmp_path / f"{stem}.json")
    monkeypatch.setattr(replies, "replies", lambda stem: told)
    assert len(replies.stale("99_toy")) == 1
    replies.write("99_toy")
    assert replies.stale("99_toy") == []
    told["toy.add"] = ["✘ Not yet · add: You subtracted!"]
    assert replies.stale("99_toy") == [
        "What wrong answers to toy.add are told is not as kept in tests/replies: read the change, then run make build."
    ]
