"""`python -m interestkit lab`: which JupyterLab opens, on what, and what it leaves alone."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from browser import LAB, free_port, serving

from interestkit.workbook import desk, lab, places
from interestkit.workbook.errors import WorkbookError


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A learner whose desk and data folder are below `tmp_path`."""
    monkeypatch.setenv("INTERESTKIT_DESK", str(tmp_path / "desk"))
    monkeypatch.setenv("INTERESTKIT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A home folder with another Jupyter in it, whose every part would spoil the workbook's."""
    home, share = tmp_path / "user", tmp_path / "user/.local/share/jupyter"
    rogue = {"argv": ["/bin/false"], "display_name": "Rogue", "language": "python"}
    extra = tmp_path / "extra"
    for place in (share, extra, home / ".ipython"):
        (place / "kernels/python3").mkdir(parents=True)
        (place / "kernels/python3/kernel.json").write_text(json.dumps(rogue))
    for config in (home / ".jupyter", extra / "config"):
        config.mkdir(parents=True)
        (config / "jupyter_server_config.json").write_text('{"ServerApp": {"port": 1, "base_url": "/rogue"}}')
    settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"theme": "JupyterLab Dark"}')
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_PATH", str(extra))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(extra / "config"))
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(settings.parents[1]))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return home


class TestCommand:
    def test_it_is_the_jupyterlab_of_this_python(self, tmp_path):
        assert lab.command([], tmp_path)[:3] == [sys.executable, "-m", "jupyterlab"]

    def test_it_opens_the_first_lesson(self, tmp_path):
        (tmp_path / "00_start_here.ipynb").touch()
        line = lab.command([], tmp_path)
        assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in line
        assert f"--ServerApp.root_dir={tmp_path}" in line

    def test_without_a_first_lesson_it_opens_the_desk(self, tmp_path):
        assert "--LabApp.default_url=/lab" in lab.command([], tmp_path)

    def test_further_arguments_come_last_and_win(self, tmp_path):
        assert lab.command(["--no-browser", "--port", "8899"], tmp_path)[-3:] == ["--no-browser", "--port", "8899"]

    @pytest.mark.parametrize("user, allowed", [(0, True), (1000, False)])
    def test_root_is_allowed_only_to_root(self, tmp_path, monkeypatch, user, allowed):
        monkeypatch.setattr(lab.os, "geteuid", lambda: user)
        assert ("--allow-root" in lab.command([], tmp_path)) == allowed

    @pytest.mark.parametrize("release, wsl", [("6.1.0-42-amd64", False), ("5.15.153.1-microsoft-standard-WSL2", True)])
    def test_on_wsl_the_browser_gets_an_address_and_no_file(self, tmp_path, monkeypatch, release, wsl):
        monkeypatch.setattr(lab.os, "uname", lambda: os.uname_result(["Linux", "here", release, "#1", "x86_64"]))
        assert ("--ServerApp.use_redirect_file=False" in lab.command([], tmp_path)) == wsl

    @pytest.mark.parametrize("can", [True, False])
    def test_kernels_are_talked_to_in_cipher_where_that_can_be(self, tmp_path, monkeypatch, can):
        monkeypatch.setattr("zmq.has", lambda feature: can)
        assert ("--KernelManager.transport_encryption=auto" in lab.command([], tmp_path)) == can


class TestEnvironment:
    def test_its_folders_are_in_the_learners_data_folder(self, own):
        env, home = lab.environment(), own / "home"
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
            assert Path(env[name]).is_relative_to(home)

    def test_kernels_find_desk_and_data_wherever_they_run(self, own, monkeypatch):
        monkeypatch.chdir(own)
        monkeypatch.setenv("INTERESTKIT_DESK", "desk")
        monkeypatch.setenv("INTERESTKIT_HOME", "home")
        env = lab.environment()
        assert env["INTERESTKIT_DESK"] == str(own / "desk") and env["INTERESTKIT_HOME"] == str(own / "home")

    def test_python_in_a_terminal_is_this_python(self, own):
        assert lab.environment()["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)

    def test_what_would_lead_elsewhere_is_left_out(self, own, monkeypatch):
        for name in ("JUPYTER_NO_CONFIG", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_DIR"):
            monkeypatch.setenv(name, "1")
        assert not {"JUPYTER_NO_CONFIG", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_DIR"} & {
            *lab.environment()
        }

    def test_the_rest_is_passed_on(self, own, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        assert lab.environment()["OMP_NUM_THREADS"] == "3"

    def test_no_other_kernel_can_be_python3(self, own, elsewhere):
        ask = "from jupyter_client.kernelspec import get_kernel_spec; print(get_kernel_spec('python3').resource_dir)"
        found = subprocess.run([sys.executable, "-c", ask], env=lab.environment(), capture_output=True, text=True)
        assert Path(found.stdout.strip()) == Path(sys.prefix, "share/jupyter/kernels/python3"), found.stderr


class TestSettings:
    def read(self, name):
        return json.loads((lab.SETTINGS / name).read_text(encoding="utf-8"))

    def test_every_setting_and_plugin_exists_in_this_jupyterlab(self):
        schemas = Path(sys.prefix, "share/jupyter/lab/schemas")
        overrides = self.read("labconfig/default_setting_overrides.json")
        assert overrides
        for plugin, values in overrides.items():
            package, _, name = plugin.partition(":")
            known = json.loads((schemas / package / f"{name}.json").read_text(encoding="utf-8"))["properties"]
            assert values.keys() <= known.keys(), plugin
        for plugin in self.read("labconfig/page_config.json")["disabledExtensions"]:
            assert (schemas / plugin.partition(":")[0] / "package.json.orig").exists(), plugin

    def test_every_option_exists_in_this_jupyterlab(self):
        from jupyter_server.serverapp import ServerApp
        from jupyterlab.labapp import LabApp

        for name, app in ("jupyter_server_config.json", ServerApp), ("jupyter_lab_config.json", LabApp):
            (options,) = self.read(name).values()
            assert options and options.keys() <= app.class_traits(config=True).keys()

    def test_each_reason_is_written_down(self):
        readme = (lab.SETTINGS / "README.md").read_text(encoding="utf-8")
        names = [*next(iter(self.read("jupyter_lab_config.json").values()))]
        names += next(iter(self.read("jupyter_server_config.json").values()))["jpserver_extensions"]
        for values in self.read("labconfig/default_setting_overrides.json").values():
            names += values
        names += next(iter(self.read("jupyter_server_config.json").values()))["logging_config"]["filters"]
        assert [name for name in names if name not in readme] == []


# A process of its own: to set logging up anew takes the handlers away from whoever has set it up before.
TERMINAL = """
import json, pydoc, sys
from jupyter_server.serverapp import ServerApp
from tornado.log import gen_log

app = ServerApp(log_level="WARN")
with open(sys.argv[1], encoding="utf-8") as file:
    app.logging_config = json.load(file)["ServerApp"]["logging_config"]
app.init_logging()
for log in (app.log, gen_log):
    for name in sys.argv[2:]:
        try:
            raise pydoc.locate(name)()
        except Exception:
            log.error("Uncaught exception in ZMQStream callback", exc_info=True)
"""


class TestTerminal:
    def said(self, *errors):
        """What the server's log shows of these errors, raised and logged by the server and by its libraries."""
        line = [sys.executable, "-c", TERMINAL, lab.SETTINGS / "jupyter_server_config.json", *errors]
        done = subprocess.run(line, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def test_a_page_that_was_left_is_no_error(self):
        assert self.said("tornado.websocket.WebSocketClosedError", "tornado.iostream.StreamClosedError") == ""

    def test_any_other_error_is_shown(self):
        said = self.said("builtins.OSError", "tornado.websocket.WebSocketClosedError", "builtins.KeyError")
        assert said.count("Traceback") == said.count("ZMQStream callback") == 4
        assert "OSError" in said and "KeyError" in said
        assert "Closed" not in said


class TestRun:
    @pytest.fixture
    def started(self, own, monkeypatch):
        """What `run` would become: the arguments of the last call of `execve`."""
        calls = []
        monkeypatch.setattr(lab.os, "execve", lambda *call: calls.append(call))
        monkeypatch.setattr(lab.subprocess, "call", lambda *call, **env: 0)
        return calls

    def test_it_lays_the_desk_says_so_and_becomes_jupyterlab(self, own, started, capsys):
        lab.run(["--port", "8899"])
        assert "New on your desk: " in capsys.readouterr().out
        assert (own / "desk/00_start_here.ipynb").exists()
        ((program, line, env),) = started
        assert program == sys.executable and line[-2:] == ["--port", "8899"]
        assert env["JUPYTER_CONFIG_PATH"] == str(lab.SETTINGS)

    def test_it_says_what_to_do_with_and_without_a_browser(self, started, capsys):
        lab.run([])
        assert "opens in your browser" in capsys.readouterr().out
        lab.run(["--no-browser"])
        assert "Open one of the addresses below" in capsys.readouterr().out

    def test_what_was_laid_is_trusted_and_what_the_learner_made_is_not(self, own, started):
        import nbformat
        from nbformat.sign import NotebookNotary

        lab.run([])
        paths = [own / "desk" / f"{stem}.ipynb" for stem in places.lesson_stems()]
        mine = own / "desk/mine.ipynb"
        mine.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        lab.run([])
        notary = NotebookNotary(data_dir=lab.environment()["JUPYTER_DATA_DIR"])
        trusted = [notary.check_signature(nbformat.read(path, as_version=4)) for path in [*paths, mine]]
        assert trusted == [True] * len(paths) + [False]

    def test_without_jupyterlab_it_says_what_to_type(self, started, monkeypatch):
        monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(WorkbookError, match="make env"):
            lab.run([])
        assert not started

    def test_a_desk_that_cannot_be_written_is_one_sentence(self, own):
        (own / "desk").write_text("mine")
        ended = subprocess.run(LAB, capture_output=True, text=True)
        assert ended.returncode == 1 and ended.stdout == ""
        assert ended.stderr.startswith("✘ Your desk ") and ended.stderr.count("\n") == 1


def get(address, path):
    base, token = address.partition("/lab")[0], address.rpartition("token=")[2]
    request = urllib.request.Request(base + path, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def test_jupyterlab_serves_the_desk_and_nothing_of_another_jupyter(own, elsewhere):
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    port = free_port()
    with serving([*LAB, "--no-browser", "--port", str(port)], {**os.environ}) as (address, printed):
        assert address.startswith(f"http://localhost:{port}/lab/tree/00_start_here.ipynb?token=")
        names = [file["name"] for file in json.loads(get(address, "/api/contents"))["content"]]
        assert sorted(names) == [f"{stem}.ipynb" for stem in places.lesson_stems()]
        kernels = json.loads(get(address, "/api/kernelspecs"))
        assert kernels["default"] == "python3"
        assert kernels["kernelspecs"]["python3"]["spec"]["display_name"] == "Python 3 (ipykernel)"
        page = get(address, "/lab")
        assert '"@jupyterlab/apputils-extension:announcements"' in page
        assert json.loads(get(address, "/lab/api/settings/@jupyterlab/apputils-extension:notification"))["schema"][
            "properties"
        ]["fetchNews"]["default"] == "false"
        themes = json.loads(get(address, "/lab/api/settings/@jupyterlab/apputils-extension:themes"))
        assert themes["settings"] == {}
    worries = [line for line in printed if line.startswith(("[W", "[E")) or "Warning" in line]
    assert worries == []
    assert before == {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}


def test_a_second_start_keeps_what_the_learner_wrote(own):
    desk.lay()
    first = own / "desk/00_start_here.ipynb"
    notebook = json.loads(first.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = "mine"
    first.write_text(json.dumps(notebook), encoding="utf-8")
    before = first.read_bytes()
    with serving([*LAB, "--no-browser", f"--port={free_port()}"], {**os.environ}) as (address, printed):
        assert printed[0] == "Your desk is as you left it."
        assert json.loads(get(address, "/api/contents/00_start_here.ipynb"))["content"]["cells"][0]["source"] == "mine"
    assert first.read_bytes() == before
