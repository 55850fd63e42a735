"""A verdict: a number from 0 to 1, a sentence, a card."""

# state: (symbol, word, colour that reads on white and on black)
STATES = {
    "right": ("✔", "Right", "#1b8a5a"),
    "not started": ("◌", "Not started", "#808080"),
    "misconception": ("✘", "Not yet", "#c8641a"),
    "wrong": ("✘", "Not yet", "#c8641a"),
    "property": ("◐", "Nearly", "#b08900"),
    "error": ("✘", "It stopped", "#c8641a"),
    "time": ("✘", "It did not end", "#c8641a"),
    "type": ("✘", "Not yet", "#c8641a"),
    "refused": ("◌", "Nothing checked", "#808080"),
}

CARD = (
    '<div role="status" style="border-left:4px solid {colour};padding:6px 12px;margin:4px 0">'
    '<b style="color:{colour}">{symbol} {word}</b> · <code>{name}</code>'
    '<div style="margin-top:4px;white-space:pre-wrap">{text}</div></div>'
)


class Verdict(float):
    """What a check says: as a number its score, as a text its sentence, in a notebook a card.

    Attributes:
        state: a key of `STATES`.
        name: the exercise, or what was passed instead of one.
        text: what to tell the learner.
    """

    def __new__(cls, score, state, name, text):
        self = super().__new__(cls, score)
        self.state, self.name, self.text = state, name, text
        return self

    @property
    def sentence(self):
        """What is told, in one line: symbol, word, name and text."""
        symbol, word, _ = STATES[self.state]
        return f"{symbol} {word} · {self.name}: {self.text}"

    def __str__(self):
        return self.sentence

    def __reduce__(self):
        return Verdict, (float(self), self.state, self.name, self.text)

    def card(self):
        """The verdict as HTML."""
        from html import escape

        symbol, word, colour = STATES[self.state]
        text = escape(self.text)
        parts = text.split("`")
        if len(parts) % 2:  # every backtick has its partner
            text = "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
        return CARD.format(colour=colour, symbol=symbol, word=word, name=escape(self.name), text=text)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.card(), "text/markdown": self.sentence, "text/plain": float.__repr__(self)}
