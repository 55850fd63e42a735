"""The door to TensorFlow: quiet, on one thread, repeatable, and a sentence where it is missing."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from interestkit import networks
from interestkit.workbook import places

TRAINS = """
import numpy as np
from interestkit import networks

def trained():
    networks.fresh(3)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
    network.compile("adam", "mse")
    network.fit(points, points[:, :1], epochs=2, batch_size=8, verbose=0)
    return network.predict(points, verbose=0)

points = np.arange(64.0).reshape(32, 2) / 64
keras = networks.load(3)
import tensorflow
print(keras.__version__.split(".")[0], tensorflow.config.threading.get_intra_op_parallelism_threads(),
      tensorflow.config.threading.get_inter_op_parallelism_threads())
first, again = trained(), trained()
for _ in range(6):  # TensorFlow would advise against so many functions on standard error
    again = trained()
print(first.shape, np.array_equal(first, again), networks.load(4) is keras)
"""


def child(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=places.root(),
        env={**os.environ, **environment},
    )


def test_it_is_quiet_and_repeats_itself():
    run = child(TRAINS)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert run.stdout.split("\n")[:2] == ["3 1 1", "(32, 1) True True"]


def test_standard_error_is_given_back():
    code = "import sys\nfrom interestkit import networks\nnetworks.load(1)\nprint('still here', file=sys.stderr)"
    assert child(code).stderr == "still here\n"


def test_it_works_without_a_standard_error():
    code = "import os\nos.close(2)\nfrom interestkit import networks\nprint(networks.load(1).__name__)"
    assert child(code).stdout == "keras\n"


def test_another_backend_is_one_sentence(monkeypatch):
    modules = {
        "tensorflow": SimpleNamespace(),
        "keras": SimpleNamespace(backend=SimpleNamespace(backend=lambda: "torch")),
    }
    monkeypatch.setattr(networks.importlib, "import_module", modules.get)
    with pytest.raises(networks.MissingNetworks, match="Keras runs on torch here; take KERAS_BACKEND out"):
        networks.load(1)


def test_what_is_missing_is_one_sentence(monkeypatch):
    monkeypatch.setattr(networks, "available", lambda: False)
    with pytest.raises(networks.MissingNetworks, match="make env") as refusal:
        networks.load(1)
    assert refusal.value._render_traceback_() == [f"✘ {refusal.value}"]


def test_it_is_looked_for_without_loading_it():
    run = child(
        "import sys\nfrom interestkit import networks\nprint(networks.available(), 'tensorflow' in sys.modules)"
    )
    assert run.stdout == "True False\n"


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0"):
        networks.fresh(seed)
