"""Executable statements, and the one door to chance.

`INTERESTKIT_SEED=k` turns every seed into another family; `INTERESTKIT_CLAIMS=file`
makes `claim` record instead of raise. Together they measure how often a claim holds.
"""

import os

import numpy as np

from interestkit.workbook.errors import WorkbookError


def claim(name, holds, text):
    """State what the experiment above shows, and fail if it does not.

    Args:
        name: the claim's id, `"topic.what-it-says"`.
        holds: one truth value.
        text: the statement, in a sentence that reads alone.

    Raises:
        WorkbookError: if the statement does not hold, or `holds` is no single truth value.
    """
    if not isinstance(holds, (bool, np.bool_)):
        raise WorkbookError(
            f"The claim {name} needs one truth value, got {type(holds).__name__}: "
            "compare two numbers, or end with .all() or .any()."
        )
    record = os.environ.get("INTERESTKIT_CLAIMS")
    if record:
        import json

        with open(record, "a", encoding="utf-8") as file:
            file.write(json.dumps([name, bool(holds)]) + "\n")
    elif not holds:
        raise WorkbookError(f"The claim {name} does not hold here: {text}")
    print(f"{'✔' if holds else '✘'} {name}: {text}")


def rng(number):
    """A NumPy generator, the same for the same number.

    Raises:
        WorkbookError: if the number is not whole, or not from 0 to 2**31 - 1.
    """
    return np.random.default_rng([_whole(number), _family()])


def seed(number):
    """An integer for libraries that want one (`random_state=seed(7)`), below 2**31.

    Raises:
        WorkbookError: as `rng`.
    """
    return _whole(number) if _family() == 0 else int(rng(number).integers(2**31))


def _whole(number):
    if isinstance(number, (int, np.integer)) and not isinstance(number, bool) and 0 <= number < 2**31:
        return int(number)
    raise WorkbookError(f"A seed is a whole number from 0 to {2**31 - 1}, got {number!r}: write rng(7), or seed(7).")


def _family():
    family = os.environ.get("INTERESTKIT_SEED", "0")
    if family.isdecimal():
        return int(family)
    raise WorkbookError(f"INTERESTKIT_SEED is {family!r}, and a whole number is needed: type  unset INTERESTKIT_SEED")
