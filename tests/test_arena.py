"""The game against Thompson sampling: its rules, its regrets, and its buttons."""

import numpy as np
import pytest

from interestkit.arena import Arena, buttons, curves, play_out, table, verdict

RATES = [0.2, 0.7, 0.5]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_regrets_are_the_gaps_added_up(rng):
    arena = Arena(RATES, rng, rounds=4)
    for arm in (0, 1, 2, 0):
        arena.play(arm)
    assert arena.regret(arena.you) == pytest.approx([0.5, 0.5, 0.7, 1.2])
    gap = 0.7 - np.array(RATES)
    assert arena.regret(arena.rival)[-1] == pytest.approx(gap @ arena.rival.shown)
    assert arena.you.shown.tolist() == [2, 1, 1] and arena.rival.shown.sum() == 4


def test_both_players_meet_the_same_shopper(rng):
    """Whoever shows what the other shows gets the same reply."""
    arena, same = Arena(RATES, rng, rounds=200), 0
    for _ in range(200):
        before = arena.you.clicks.sum(), arena.rival.clicks.sum()
        arena.play(1)
        if arena.rival.arms[-1] == 1:
            same += 1
            assert arena.you.clicks.sum() - before[0] == arena.rival.clicks.sum() - before[1]
    assert same > 50


def test_replies_have_the_rates(rng):
    arena = Arena(RATES, rng, rounds=4_000)
    play_out(arena, lambda clicks, shown: int(shown.argmin()))
    assert arena.you.clicks / arena.you.shown == pytest.approx(RATES, abs=0.05)
    assert arena.rival.shown.argmax() == 1 and arena.rival.shown[1] > 3_500


def test_the_rival_draws_from_its_own_posterior():
    """A rival that has seen a certain coupon and hopeless ones shows the certain one."""
    arena = Arena([0.0, 1.0, 0.0], np.random.default_rng(3), rounds=60)
    for _ in range(60):
        arena.play(0)
    assert arena.rival.arms[-20:] == [1] * 20 and arena.regret(arena.you)[-1] == 60


def test_a_game_ends(rng):
    arena = Arena(RATES, rng)
    yours, rival = play_out(arena, lambda clicks, shown: 0)
    assert arena.over and arena.round == 50 == len(yours) == len(rival)
    with pytest.raises(ValueError, match="50 rounds are over"):
        arena.play(0)


@pytest.mark.parametrize(
    ("rates", "rounds", "says"),
    [
        ([0.5], 50, "at least two"),
        ([0.5, 1.2], 50, "from 0 to 1"),
        ([0.5, np.nan], 50, "from 0 to 1"),
        (RATES, 0, "rounds"),
    ],
)
def test_what_cannot_be_played_is_refused(rates, rounds, says, rng):
    with pytest.raises(ValueError, match=says):
        Arena(rates, rng, rounds)


@pytest.mark.parametrize("arm", [-1, 3])
def test_there_is_no_such_coupon(arm, rng):
    with pytest.raises(ValueError, match="arm must lie between 0 and 2"):
        Arena(RATES, rng).play(arm)


def test_the_truth_is_told_at_the_end_only(rng):
    arena = Arena(RATES, rng, rounds=2)
    arena.play(0)
    assert "true rate" not in table(arena) and "Thompson" not in table(arena)
    assert verdict(arena) == "Round 2 of 2: which coupon do you show?"
    arena.play(2)
    assert "true rate" in table(arena) and "70%" in table(arena)
    assert verdict(arena).startswith("After 2 rounds your regret is 0.7 clicks, that of Thompson sampling ")


def test_the_picture_says_both_regrets(rng):
    arena = Arena(RATES, rng, rounds=3)
    play_out(arena, lambda clicks, shown: 0)
    text = curves(arena)
    assert "You: regret 1.5" in text and "Thompson sampling: regret " in text and text.count("<polyline") == 2
    assert "aria-label" in text and "stroke-dasharray" in text


def test_the_buttons_play(rng):
    box = buttons(rng, arms=3, rounds=5)
    said, coupons, reply, seen, end, again = box.children
    first = box.arena
    for _ in range(5):
        assert not end.value
        coupons.children[1].click()
    assert first.you.arms == [1] * 5 and first.over
    assert reply.value.startswith("Coupon B: ") and said.value == verdict(first)
    assert seen.value == table(first) and end.value == curves(first)
    assert all(button.disabled for button in coupons.children)
    coupons.children[0].click()  # the game is over: nothing happens
    assert first.round == 5
    again.click()
    assert box.arena is not first and box.arena.round == 0 and not end.value
    assert not any(button.disabled for button in coupons.children)
    coupons.children[2].click()
    assert box.arena.you.arms == [2]


def test_each_new_game_has_other_rates_and_fifty_rounds(rng):
    box = buttons(rng)
    first = box.arena
    box.children[-1].click()
    assert not np.array_equal(first.rates, box.arena.rates)
    assert box.arena.rounds == 50 and len(box.arena.rates) == 4
    assert ((box.arena.rates >= 0.1) & (box.arena.rates <= 0.8)).all()


def test_the_same_seed_gives_the_same_game():
    one, other = (Arena(RATES, np.random.default_rng(7)) for _ in range(2))

    def rule(clicks, shown):
        return int(shown.argmin())

    assert np.array_equal(play_out(one, rule), play_out(other, rule)) and one.rival.arms == other.rival.arms
