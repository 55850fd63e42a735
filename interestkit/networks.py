"""One door to TensorFlow and Keras: loaded once, quietly, on one thread, with the same numbers in each run.

Not for speed: one thread and deterministic operations make a large network slower. And not for the same
last digits everywhere: another processor, or oneDNN switched off, rounds float32 in another order.
"""

import importlib
import importlib.util
import os
from contextlib import contextmanager


class MissingNetworks(Exception):
    """TensorFlow or Keras cannot be loaded; its text is one sentence with the line to type."""

    def _render_traceback_(self):
        """IPython prints these lines in place of a traceback into the kit."""
        return [f"✘ {self}"]


def available():
    """Whether TensorFlow and Keras are installed, found without loading them.

    Returns:
        True or False.
    """
    return all(importlib.util.find_spec(name) is not None for name in ("tensorflow", "keras"))


@contextmanager
def _silence():
    """Nothing reaches the process's standard error: TensorFlow's native log begins before any setting of ours."""
    try:
        kept = os.dup(2)
    except OSError:  # this process has no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def load(seed):
    """Keras on TensorFlow, ready to draw from `seed`. The first call takes three to ten seconds.

    TensorFlow is held to one thread and to deterministic operations. Its advice on speed and on
    retracing is left out; what Keras warns of still comes through `warnings`.

    Args:
        seed: a whole number of at least 0, for the weights, the shuffling and the dropout that follow.

    Returns:
        The module `keras`.

    Raises:
        MissingNetworks: if TensorFlow or Keras is not installed, or Keras was loaded for another backend.
        ValueError: for a seed that is no such number.
    """
    if not available():
        raise MissingNetworks("TensorFlow is not installed here; type  make env  in the folder of the workbook.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _silence():
        tensorflow = importlib.import_module("tensorflow")
        keras = importlib.import_module("keras")
        if keras.backend.backend() != "tensorflow":
            raise MissingNetworks(
                f"Keras runs on {keras.backend.backend()} here; take KERAS_BACKEND out of the environment, "
                "restart the kernel and run the notebook again."
            )
        tensorflow.get_logger().setLevel("ERROR")
        tensorflow.config.experimental.enable_op_determinism()
        try:
            tensorflow.config.threading.set_intra_op_parallelism_threads(1)
            tensorflow.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:  # somebody computed with TensorFlow before: its threads are fixed by now
            pass
        tensorflow.zeros(1)  # the processor's features are logged at the first operation
    fresh(seed)
    return keras


def fresh(seed):
    """Forget the networks built so far, and begin to draw from `seed` again.

    Called before a network is built, it makes that network the same whatever was trained before it.
    The global generators of `random` and NumPy are seeded too: Keras draws from them.

    Args:
        seed: a whole number of at least 0.

    Raises:
        ValueError: for a seed that is no such number.
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or seed < 0:
        raise ValueError(f"seed must be a whole number of at least 0, got {seed!r}")
    keras = importlib.import_module("keras")
    keras.backend.clear_session()
    keras.utils.set_random_seed(int(seed) % 2**32)
