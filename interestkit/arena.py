"""A game: show one of some coupons in each of fifty rounds, against Thompson sampling.

Both players meet the same shopper in each round, and each sees the replies to its own coupons only. Not for a
claim: how a person plays cannot be compared. What the game shows stands in one, played by rules (`play_out`).
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Player:
    """What one player has seen.

    Attributes:
        name: as it stands in the table.
        clicks: (k,) clicks of each coupon.
        shown: (k,) how often the player showed it.
        arms: the coupons shown, in order.
    """

    name: str
    clicks: np.ndarray
    shown: np.ndarray
    arms: list = field(default_factory=list)

    def see(self, arm, click):
        """Remember one reply."""
        self.arms.append(int(arm))
        self.shown[arm] += 1
        self.clicks[arm] += click


class Arena:
    """The game's rules, without its buttons.

    Args:
        rates: (k,) click rates, at least two; the players do not know them.
        rng: NumPy generator: of the shoppers, and of Thompson sampling.
        rounds: how many are played.

    Attributes:
        you, rival: the two `Player`s.

    Raises:
        ValueError: for rates that are no probabilities, or fewer than two; or no rounds.
    """

    def __init__(self, rates, rng, rounds=50):
        rates = np.asarray(rates, dtype=float)
        if rates.ndim != 1 or len(rates) < 2 or not ((rates >= 0) & (rates <= 1)).all():
            raise ValueError(f"rates must be at least two numbers from 0 to 1, got {rates.tolist()}")
        if rounds < 1:
            raise ValueError(f"rounds must be at least 1, got {rounds}")
        self.rates, self.rounds, self._rng = rates, rounds, rng
        self._would_click = rng.random((rounds, len(rates))) < rates  # one shopper a round, the same for both
        self.you, self.rival = (
            Player(name, np.zeros(len(rates), int), np.zeros(len(rates), int)) for name in ("You", "Thompson sampling")
        )

    @property
    def round(self):
        """How many rounds have been played."""
        return len(self.you.arms)

    @property
    def over(self):
        """Have all rounds been played?"""
        return self.round == self.rounds

    def play(self, arm):
        """One round: you show `arm`, Thompson sampling what its draws say.

        Returns:
            whether your shopper clicked.

        Raises:
            ValueError: when the game is over, or there is no such coupon.
        """
        if self.over:
            raise ValueError(f"the {self.rounds} rounds are over: begin a new game")
        if not 0 <= arm < len(self.rates):
            raise ValueError(f"arm must lie between 0 and {len(self.rates) - 1}, got {arm}")
        replies = self._would_click[self.round]
        rival = self.rival
        answer = self._rng.beta(1 + rival.clicks, 1 + rival.shown - rival.clicks).argmax()
        rival.see(answer, replies[answer])
        self.you.see(arm, replies[arm])
        return bool(replies[arm])

    def regret(self, player):
        """(rounds so far,) regret of a player: the gaps of the coupons it showed, added up."""
        return (self.rates.max() - self.rates[np.array(player.arms, dtype=int)]).cumsum()


def play_out(arena, choose):
    """Play all rounds by a rule.

    Args:
        arena: a fresh `Arena`.
        choose: `(clicks, shown) -> arm`.

    Returns:
        yours, rival: (rounds,) regrets.
    """
    while not arena.over:
        arena.play(choose(arena.you.clicks.copy(), arena.you.shown.copy()))
    return arena.regret(arena.you), arena.regret(arena.rival)


def table(arena):
    """What you have seen; after the last round also what Thompson sampling saw, and the truth.

    Args:
        arena: an `Arena`.

    Returns:
        an HTML table.
    """
    heads = ["coupon", "you showed", "clicks"] + ["Thompson showed", "clicks", "true rate"] * arena.over
    rows = []
    for arm, rate in enumerate(arena.rates):
        cells = [chr(65 + arm), arena.you.shown[arm], arena.you.clicks[arm]]
        cells += [arena.rival.shown[arm], arena.rival.clicks[arm], f"{rate:.0%}"] * arena.over
        rows.append("".join(f"<td>{cell}</td>" for cell in cells))
    head = "".join(f"<th>{one}</th>" for one in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def verdict(arena):
    """How far the game is, or how it ended.

    Args:
        arena: an `Arena`.

    Returns:
        a sentence.
    """
    if not arena.over:
        return f"Round {arena.round + 1} of {arena.rounds}: which coupon do you show?"
    yours, rival = (arena.regret(player)[-1] for player in (arena.you, arena.rival))
    return f"After {arena.rounds} rounds your regret is {yours:.1f} clicks, that of Thompson sampling {rival:.1f}."


def curves(arena, width=420, height=180):
    """Both regrets so far: yours a full line, that of Thompson sampling a dashed one.

    Args:
        arena: an `Arena`.
        width, height: in pixels.

    Returns:
        an SVG picture.
    """
    lines = {}
    for player, look in ((arena.you, "#1a85ff"), (arena.rival, "#d55e00")):
        lines[player.name, look] = np.concatenate([[0.0], arena.regret(player)])
    top = max(1.0, *(line.max() for line in lines.values()))
    drawn = []
    for (name, color), line in lines.items():
        x = 10 + np.arange(len(line)) * (width - 200) / arena.rounds
        y = height - 10 - line * (height - 40) / top
        points = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x, y, strict=True))
        dash = "" if name == "You" else " stroke-dasharray='6 4'"
        drawn.append(f"<polyline points='{points}' fill='none' stroke='{color}' stroke-width='2'{dash}/>")
        at = 24 if name == "You" else 44
        drawn.append(f"<text x='{width - 180}' y='{at}' fill='{color}'>{name}: regret {line[-1]:.1f}</text>")
    label = "regret of both players by round"
    return f"<svg role='img' aria-label='{label}' width='{width}' height='{height}'>{''.join(drawn)}</svg>"


def buttons(rng, arms=4, rounds=50):
    """The game with a button for each coupon; each new game draws other rates, between 10 % and 80 %.

    Args:
        rng: NumPy generator of all chance.
        arms: how many coupons.
        rounds: of each game.

    Returns:
        an `ipywidgets.VBox`: a sentence, the coupons' buttons, the last reply, the table, the regrets (at the end),
        and a button for a new game. Its attribute `arena` is the game that is being played.
    """
    import ipywidgets as w

    said, reply, seen, end = w.HTML(), w.HTML(), w.HTML(), w.HTML()
    coupons = [w.Button(description=f"Coupon {chr(65 + arm)}", tooltip="show this one") for arm in range(arms)]
    again = w.Button(description="New game")
    box = w.VBox([said, w.HBox(coupons), reply, seen, end, again])

    def draw():
        said.value, seen.value = verdict(box.arena), table(box.arena)
        end.value = curves(box.arena) if box.arena.over else ""
        for button in coupons:
            button.disabled = box.arena.over

    def start(_=None):
        box.arena, reply.value = Arena(rng.uniform(0.1, 0.8, arms), rng, rounds), "Nothing shown yet."
        draw()

    def show(button):
        if box.arena.over:
            return
        arm = coupons.index(button)
        clicked = box.arena.play(arm)
        reply.value = f"{button.description}: {'a click' if clicked else 'no click'}."
        draw()

    for button in coupons:
        button.on_click(show)
    again.on_click(start)
    start()
    return box
