"""`python -m interestkit lab`: JupyterLab on the learner's desk, quiet and offline.

JupyterLab keeps its own folders inside the learner's data folder, so that no settings, kernels,
extensions or start-up files of another JupyterLab on this machine meet those of the workbook. What
differs from JupyterLab's defaults stands in `lab_settings/`, with the reasons in `lab_settings/README.md`.
"""

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

from interestkit.workbook import desk, places
from interestkit.workbook.errors import WorkbookError

SETTINGS = Path(__file__).with_name("lab_settings")
FIRST = "00_start_here.ipynb"


def run(args=()):
    """Lay the desk, say what changed on it, and become JupyterLab.

    Args:
        args: further arguments for JupyterLab; they win over ours.

    Returns:
        JupyterLab's exit code, where the system cannot put it in the place of this process.

    Raises:
        WorkbookError: if JupyterLab is missing, or the desk cannot be written.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkbookError("JupyterLab is not installed in this environment: type  make env")
    report = desk.lay()
    print(report)
    if "--no-browser" in args:
        print("Open one of the addresses below in your browser. To stop, press Ctrl+C here twice.", flush=True)
    else:
        print("JupyterLab opens in your browser. To stop it, press Ctrl+C here twice.", flush=True)
    line, env = command(args, report.desk), environment()
    _trust(report.written(), env["JUPYTER_DATA_DIR"])
    if os.name == "posix":
        os.execve(line[0], line, env)
    return subprocess.call(line, env=env)


class PageLeft(logging.Filter):
    """Keeps out of the terminal what a kernel tried to tell a page that has just been closed or reloaded."""

    def filter(self, record):
        """Is this record worth a line?"""
        from tornado.iostream import StreamClosedError
        from tornado.websocket import WebSocketClosedError

        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (StreamClosedError, WebSocketClosedError))


def command(args, folder):
    """The command line that opens JupyterLab on `folder`: a list of words."""
    folder = Path(folder).resolve()
    url = f"/lab/tree/{FIRST}" if (folder / FIRST).exists() else "/lab"
    ours = [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={url}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        ours.append("--allow-root")  # in a container; JupyterLab would refuse to start
    if hasattr(os, "uname") and "microsoft" in os.uname().release.lower():
        ours.append("--ServerApp.use_redirect_file=False")  # WSL: a browser of Windows cannot read our files
    if _can_encrypt():
        ours.append("--KernelManager.transport_encryption=auto")  # a kernel warns of talking in the clear
    return [sys.executable, "-m", "jupyterlab", *ours, *args]


def environment():
    """The environment variables of JupyterLab: its folders are ours, its kernel is this Python."""
    home = places.home().resolve()
    own = home / "jupyter"
    theirs = {"JUPYTER_NO_CONFIG", "JUPYTER_PLATFORM_DIRS", "JUPYTER_RUNTIME_DIR"}
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in theirs and not name.startswith("JUPYTERLAB_")
    }
    return env | {
        "INTERESTKIT_DESK": str(places.desk().resolve()),  # kernels run in another folder than this process
        "INTERESTKIT_HOME": str(home),
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),  # what the learner sets, and the tabs left open
        "JUPYTER_CONFIG_PATH": str(SETTINGS),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter")),  # first: no other kernel is named python3
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }


def _can_encrypt():
    """Can this Jupyter encrypt its talk with kernels? One that cannot would refuse to start a kernel."""
    import zmq
    from jupyter_client.manager import KernelManager

    return zmq.has("curve") and "transport_encryption" in KernelManager.class_trait_names(config=True)


def _trust(paths, data_dir):
    """Sign notebooks as JupyterLab does, so that it does not warn of what the workbook itself laid.

    Args:
        paths: notebooks without outputs: there is nothing in them to distrust.
        data_dir: JupyterLab's data folder, which holds the signatures.
    """
    if not paths:
        return
    import nbformat
    from nbformat.sign import NotebookNotary

    Path(data_dir).mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=data_dir)
    for path in paths:
        notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()
