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
    print(f"✔ {name}: {text}")


def _family():
    return int(os.environ.get("INTERESTKIT_SEED", "0"))


def rng(number):
    """A NumPy generator, the same for the same number."""
    return np.random.default_rng([number, _family()])


def seed(number):
    """An integer for libraries that want one (`random_state=seed(7)`), below 2**31."""
    return number if _family() == 0 else int(rng(number).integers(2**31))
