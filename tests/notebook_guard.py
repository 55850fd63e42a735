"""nbval 0.11 with its holes closed: a pytest plugin that the root conftest loads.

nbval lets failures through. Its three classes are replaced by subclasses in which

- a cell whose kernel reports an error without an error output (an unknown magic) fails;
- a cell that was never run fails, where nbval would run it and compare nothing;
- a dead kernel is noticed within a second, where nbval waits for the cell's time limit;
- history is kept, so that a trailing semicolon, `_` and `Out` do what they do in JupyterLab;
- a cell that ran out of time fails even if it swallowed the interrupt, and so does every later
  one, where nbval marks them as expected failures;
- a cell tagged as raising fails once it raises no more, compared or not;
- a cell that writes to stderr fails, whatever its tags;
- a cell that reaches for the network fails, even if it swallowed the refusal.

Each notebook file runs as a fresh learner in a fresh kernel: a data folder and an IPython folder
of its own. Image data inside HTML is not compared (the pictures' text is).
"""

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from queue import Empty

import nbval.kernel
import nbval.plugin
import pytest

MENDED = "0.11.0"  # the release whose classes are replaced below
NBVAL_CELL_TIMEOUT, NBVAL_STARTUP_TIMEOUT = 2000, 60  # nbval's defaults, in seconds
CELL_TIMEOUT, STARTUP_TIMEOUT, OUTPUT_TIMEOUT = 120, 120, 30
IMAGE_DATA = r"data:image/[a-z.+-]+;base64,[A-Za-z0-9+/=\s]+"


class KernelDied(RuntimeError):
    """The kernel's process is gone."""


class Kernel(nbval.kernel.RunningKernel):
    """A kernel that keeps history, remembers its last reply, and is missed when it dies."""

    reply = None  # content of the last message on the shell channel

    def get_message(self, stream, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1.0 if end is None else min(1.0, max(0.0, end - time.monotonic()))
            try:
                message = super().get_message(stream, timeout=left)
            except Empty:
                if not self.is_alive():
                    raise KernelDied("the kernel died while this cell ran") from None
                if end is not None and time.monotonic() >= end:
                    raise
            else:
                if stream == "shell":
                    self.reply = message["content"]
                return message

    def execute_cell_input(self, cell_input, allow_stdin=None):
        self.reply = None
        return self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


class Cell(nbval.plugin.IPyNbCell):
    """A code cell; where nbval would look away, it fails."""

    def __init__(self, **options):
        super().__init__(**options)
        self.output_timeout = OUTPUT_TIMEOUT

    def setup(self):
        """Nothing is expected to fail."""

    def runtest(self):
        if self.parent.timed_out:
            self.raise_cell_error("not run: an earlier cell of this notebook ran out of time")
        if self.cell.execution_count is None and self.cell.source.strip():
            self.raise_cell_error("never run: it has no count and no output to compare; type  make build")
        try:
            super().runtest()
        except KernelDied as death:
            self.raise_cell_error(str(death))
        finally:
            reached = self.parent.new_refusals()
        if self.parent.timed_out:
            self.raise_cell_error("ran out of time, and went on after the interrupt")
        if reached:
            self.raise_cell_error(f"reached for the network: {reached}")
        self.check_reply()

    def check_reply(self):
        """What the kernel said of the cell must fit what it sent and how the cell is tagged."""
        reply = self.parent.kernel.reply or {}
        raised = any(output.output_type == "error" for output in self.test_outputs)
        if reply.get("status") == "error" and not raised:
            self.raise_cell_error(f"failed without an error output: {reply.get('ename')}: {reply.get('evalue')}")
        if self.options["check_exception"] and not raised:
            self.raise_cell_error("is tagged raises-exception and raised nothing")
        stderr = "".join(o.text for o in self.test_outputs if o.output_type == "stream" and o.name == "stderr")
        if stderr:
            self.raise_cell_error(f"wrote to stderr: {stderr.strip()[:500]}")


class File(nbval.plugin.IPyNbFile):
    """A notebook, run by a learner who never was here before."""

    learner = None

    def collect(self):
        for cell in super().collect():
            yield Cell.from_parent(self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options)

    def setup(self):
        self.learner = Path(tempfile.mkdtemp(prefix="interestkit-learner-"))
        self.log = self.learner / "network.log"
        self.reported = 0
        self.skip_compare += ("stderr",)  # its text names the kernel's process; any of it fails in Cell
        with kernel_environment(self.learner, self.log):
            super().setup()
        self.sanitize_patterns[IMAGE_DATA] = "data:image"

    def new_refusals(self):
        """What was refused since the last call, as text."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        new, self.reported = lines[self.reported :], len(lines)
        return ", ".join(new)

    def teardown(self):
        try:
            super().teardown()
            late = self.new_refusals()
        finally:
            shutil.rmtree(self.learner, ignore_errors=True)
        if late:
            pytest.fail(f"{self.path.name} reached for the network after its cells had run: {late}", pytrace=False)


@contextmanager
def kernel_environment(learner, log):
    """The environment that a kernel inherits; the caller's is back afterwards."""
    before = dict(os.environ)
    os.environ.update(
        INTERESTKIT_HOME=str(learner / "home"),
        INTERESTKIT_OFFLINE_LOG=str(log),
        IPYTHONDIR=str(learner / "ipython"),  # neither start-up files nor settings of the developer
    )
    os.environ.pop("MPLBACKEND", None)  # pictures appear inline, as in JupyterLab
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # under it a kernel drops what native code prints
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def settle(option):
    """Make plain `--nbval`, from any folder, the right call.

    Args:
        option: pytest's options; what nbval and xdist have by default is replaced, the rest stays.

    Raises:
        pytest.UsageError: if nbval is another release than the one mended here.
    """
    if not option.nbval:
        return
    if version("nbval") != MENDED:
        raise pytest.UsageError(
            f"tests/notebook_guard.py closes the holes of nbval {MENDED}, and this is {version('nbval')}: "
            f"type  pip install nbval=={MENDED}"
        )
    if not option.nbval_kernel_name:
        option.nbval_current_env = True
    if option.nbval_cell_timeout == NBVAL_CELL_TIMEOUT:
        option.nbval_cell_timeout = CELL_TIMEOUT
    if option.nbval_kernel_startup_timeout == NBVAL_STARTUP_TIMEOUT:
        option.nbval_kernel_startup_timeout = STARTUP_TIMEOUT
    if getattr(option, "dist", "no") not in ("no", "loadfile", "loadscope"):
        option.dist = "loadfile"  # the other ways of xdist share a notebook's cells among kernels


def pytest_configure(config):
    settle(config.option)
    nbval.plugin.RunningKernel = Kernel


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collectors = yield
    return [
        File.from_parent(parent, path=file_path) if isinstance(found, nbval.plugin.IPyNbFile) else found
        for found in collectors
    ]
