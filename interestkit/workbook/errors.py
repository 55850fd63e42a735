"""One sentence instead of a traceback: what is wrong, and what to type next."""


class WorkbookError(Exception):
    """A refusal that a learner reads; its text is one sentence."""

    def _render_traceback_(self):
        """IPython prints these lines in place of a traceback into the kit."""
        return [f"✘ {self}"]


def nearest(word, words):
    """The most similar of `words`, or None if none is similar."""
    import difflib

    return next(iter(difflib.get_close_matches(str(word), list(words), n=1, cutoff=0.5)), None)


def did_you_mean(word, words):
    """The nearest of `words`, or all of them, as the end of a sentence."""
    near = nearest(word, words)
    return f"did you mean {near}?" if near else f"choose from {', '.join(words) or 'none yet'}."
