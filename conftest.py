"""What every test run shares: no network, one thread, a fresh learner, notebooks that cannot fail silently.

The environment set here is inherited by all that tests start: kernels, servers, child processes.
"""

import importlib.util
import os
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent / "tests"
sys.path.insert(0, str(TESTS))  # where tests find their helpers, and pytest the guard

pytest_plugins = ["notebook_guard"]
collect_ignore = ["desk", "build"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_folder = Path(tempfile.mkdtemp(prefix="interestkit-tests-"))
_log = _folder / "network.log"
_learners = count()


def _close_the_network():
    offline = TESTS / "offline"
    path = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != str(offline)]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(offline), *path])
    os.environ["INTERESTKIT_OFFLINE_LOG"] = str(_log)
    spec = importlib.util.spec_from_file_location("offline", offline / "sitecustomize.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    sys.addaudithook(hook.refuse)


def _new_learner():
    os.environ["INTERESTKIT_HOME"] = str(_folder / f"home-{next(_learners)}")


def _refused():
    return _log.read_text(encoding="utf-8").splitlines() if _log.exists() else []


os.environ.update(ONE_THREAD)
os.environ["INTERESTKIT_CACHE"] = str(_folder / "cache")  # embeddings are made here, not read from the user's cache
for _name in ("INTERESTKIT_SEED", "INTERESTKIT_CLAIMS"):  # left over, they would change what notebooks print
    os.environ.pop(_name, None)
_new_learner()
_close_the_network()


@pytest.fixture(autouse=True)
def fresh_and_offline():
    """Each test is a new learner, and fails if it reached for the network, caught or not."""
    _new_learner()
    before = len(_refused())
    yield
    reached = _refused()[before:]
    if reached:
        pytest.fail(f"this test reached for the network: {', '.join(reached)}", pytrace=False)


def pytest_unconfigure():
    shutil.rmtree(_folder, ignore_errors=True)
