"""The learner's desk: what is laid, what is brought up to date, and that nothing of theirs is ever lost."""

import errno
import json
import os

import pytest

from interestkit.workbook import desk
from interestkit.workbook.errors import WorkbookError

STEM = "02_interest_clusters"
STUB = "def assign(points, centers):\n    ...\n"


def markdown(source, id="title"):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source}


def code(source, id="assign-stub", outputs=(), count=None):
    return {
        "cell_type": "code",
        "execution_count": count,
        "id": id,
        "metadata": {"interestkit": {"exercise": "clusters.assign"}},
        "outputs": list(outputs),
        "source": source,
    }


def stream(text):
    return {"name": "stdout", "output_type": "stream", "text": text}


@pytest.fixture
def shop(tmp_path):
    """Two lessons, with outputs as the repository stores them, and an empty place for a desk."""
    publish(tmp_path, "00_start_here", [markdown("# Start here · 你好"), code("1 + 1", "sum", [stream("2\n")], 1)])
    publish(tmp_path, STEM, [markdown("# Clusters"), code(STUB), code("print('ε')", "end", [stream("ε\n")], 3)])
    return tmp_path


def publish(shop, stem, cells, metadata=None):
    """Write a lesson as an edition of the workbook brings it."""
    (shop / "notebooks").mkdir(exist_ok=True)
    spec = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata or spec, "nbformat": 4, "nbformat_minor": 5}
    (shop / "notebooks" / f"{stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def publish_second_edition(shop):
    publish(shop, STEM, [markdown("# Clusters, second edition"), code(STUB)])


def lay(shop):
    return desk.lay(shop / "notebooks", shop / "desk")


def reset(shop, lesson=STEM):
    return desk.reset(lesson, shop / "notebooks", shop / "desk")


def path_of(shop, stem=STEM):
    return shop / "desk" / f"{stem}.ipynb"


def copy_of(shop, stem=STEM):
    return json.loads(path_of(shop, stem).read_text(encoding="utf-8"))


def save(shop, notebook, stem=STEM):
    """Save a copy as JupyterLab does: other key order, other spacing, sources as lists of lines."""
    for cell in notebook["cells"]:
        if isinstance(cell["source"], str):
            cell["source"] = cell["source"].splitlines(keepends=True)
    path_of(shop, stem).write_text(json.dumps(notebook, sort_keys=True, indent=1), encoding="utf-8")


def write_in(shop, source, at=1):
    notebook = copy_of(shop)
    notebook["cells"][at]["source"] = source
    save(shop, notebook)
    return path_of(shop).read_bytes()


def files(shop):
    return sorted(path.name for path in (shop / "desk").iterdir())


def everything(shop):
    return {path.name: path.read_bytes() for path in (shop / "desk").iterdir() if path.is_file()}


class TestLaying:
    def test_every_lesson_is_laid(self, shop):
        report = lay(shop)
        assert files(shop) == ["00_start_here.ipynb", "02_interest_clusters.ipynb"]
        assert report.laid == ["00_start_here", STEM]
        assert str(report) == "New on your desk: 00_start_here, 02_interest_clusters."

    def test_a_learner_sees_no_output_before_their_own(self, shop):
        lay(shop)
        for cell in copy_of(shop)["cells"][1:]:
            assert cell["outputs"] == [] and cell["execution_count"] is None

    def test_all_else_is_the_lesson(self, shop):
        lay(shop)
        lesson = json.loads((shop / "notebooks" / f"{STEM}.ipynb").read_text(encoding="utf-8"))
        mine = copy_of(shop)
        assert [c["source"] for c in mine["cells"]] == [c["source"] for c in lesson["cells"]]
        assert [c["id"] for c in mine["cells"]] == [c["id"] for c in lesson["cells"]]
        assert mine["cells"][1]["metadata"] == lesson["cells"][1]["metadata"]
        assert mine["metadata"].pop("interestkit").keys() == {"edition", "content"}
        assert mine["metadata"].pop("language_info") != lesson["metadata"].pop("language_info")
        assert mine["metadata"] == lesson["metadata"]

    def test_the_copy_says_of_its_language_what_the_kernel_will_say(self, shop):
        from ipykernel.ipkernel import IPythonKernel

        lay(shop)
        assert copy_of(shop)["metadata"]["language_info"] == IPythonKernel.language_info

    def test_another_python_is_no_new_edition(self, shop, monkeypatch):
        lay(shop)
        monkeypatch.setitem(desk.THIS_PYTHON, "version", "3.99.0")
        assert lay(shop).same == ["00_start_here", STEM]

    def test_the_file_is_as_jupyter_writes_it(self, shop):
        lay(shop)
        text = path_of(shop).read_text(encoding="utf-8")
        assert text.startswith('{\n "cells"') and text.endswith("}\n") and "ε" in text

    def test_the_lessons_stay_as_they_are(self, shop):
        before = (shop / "notebooks" / f"{STEM}.ipynb").read_bytes()
        lay(shop)
        assert (shop / "notebooks" / f"{STEM}.ipynb").read_bytes() == before

    def test_state_and_timing_of_other_runs_are_outputs_too(self, shop):
        cell = code("1")
        cell["metadata"]["execution"] = {"iopub.status.idle": "2026-01-01"}
        publish(shop, STEM, [cell], {"widgets": {"state": {}}})
        lay(shop)
        assert "execution" not in copy_of(shop)["cells"][0]["metadata"]
        assert "widgets" not in copy_of(shop)["metadata"]

    def test_other_notebooks_are_no_lessons(self, shop):
        for name in (f"{STEM}.edition-abcdef0.ipynb", "scratch.ipynb", ".02_hidden.ipynb"):
            (shop / "notebooks" / name).write_text("{}")
        report = lay(shop)
        assert report.laid == ["00_start_here", STEM] and not report.notes

    def test_many_lessons_take_one_line(self, shop):
        for n in range(3, 8):
            publish(shop, f"0{n}_more", [markdown("# More")])
        assert str(lay(shop)) == "New on your desk: 7 lessons, 00_start_here to 07_more."

    def test_a_copy_thrown_away_is_laid_again(self, shop):
        lay(shop)
        path_of(shop).unlink()
        assert lay(shop).laid == [STEM]


class TestLayingAgain:
    def test_nothing_new_changes_nothing(self, shop):
        lay(shop)
        before = everything(shop)
        report = lay(shop)
        assert everything(shop) == before
        assert report.same == ["00_start_here", STEM]
        assert str(report) == "Your desk is as you left it."

    def test_outputs_survive_until_there_is_a_new_edition(self, shop):
        lay(shop)
        notebook = copy_of(shop)
        notebook["cells"][1].update(outputs=[stream("mine\n")], execution_count=7)
        save(shop, notebook)
        before = path_of(shop).read_bytes()
        assert lay(shop).same == ["00_start_here", STEM]
        assert path_of(shop).read_bytes() == before

    def test_an_untouched_copy_is_brought_up_to_date(self, shop):
        lay(shop)
        publish_second_edition(shop)
        report = lay(shop)
        assert report.refreshed == [STEM] and files(shop) == ["00_start_here.ipynb", "02_interest_clusters.ipynb"]
        assert copy_of(shop)["cells"][0]["source"] == "# Clusters, second edition"
        assert str(report) == "Brought up to date on your desk: 02_interest_clusters."

    def test_a_change_of_metadata_alone_is_brought_up_to_date(self, shop):
        lay(shop)
        publish(shop, STEM, [markdown("# Clusters", "heading"), code(STUB), code("print('ε')", "end")])
        assert lay(shop).refreshed == [STEM]
        assert copy_of(shop)["cells"][0]["id"] == "heading"

    def test_new_outputs_in_the_repository_are_no_new_edition(self, shop):
        lay(shop)
        publish(shop, STEM, [markdown("# Clusters"), code(STUB), code("print('ε')", "end", [stream("other")], 9)])
        assert lay(shop).same == ["00_start_here", STEM]

    @pytest.mark.parametrize("run", ["outputs", "trusted", "collapsed", "language", "empty cell", "line ends"])
    def test_what_jupyterlab_writes_by_itself_is_no_touch(self, shop, run):
        lay(shop)
        notebook = copy_of(shop)
        cell = notebook["cells"][1]
        if run == "outputs":
            cell.update(outputs=[stream("mine\n")], execution_count=7)
        elif run == "trusted":
            cell["metadata"]["trusted"] = True
        elif run == "collapsed":
            cell["metadata"].update(collapsed=True, execution={"iopub.execute_input": "2026-01-01"})
        elif run == "language":
            notebook["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
        elif run == "empty cell":  # Shift+Enter in the last cell adds one
            notebook["cells"].append(code("", "0c7f"))
        elif run == "line ends":
            cell["source"] = cell["source"].replace("\n", "\r\n")
        save(shop, notebook)
        publish_second_edition(shop)
        assert lay(shop).refreshed == [STEM]


class TestWhatTheLearnerTouched:
    @pytest.mark.parametrize("touch", ["answer", "note", "new cell", "cell gone", "order", "kind"])
    def test_it_is_kept_to_the_byte_and_the_new_edition_lies_beside_it(self, shop, touch):
        lay(shop)
        notebook = copy_of(shop)
        cells = notebook["cells"]
        if touch == "answer":
            cells[1]["source"] = STUB.replace("...", "return 0")
        elif touch == "note":
            cells[0]["source"] += "\n\nAsk Mei about this."
        elif touch == "new cell":
            cells.insert(1, code("x = 1", "mine"))
        elif touch == "cell gone":
            del cells[2]
        elif touch == "order":
            cells.reverse()
        elif touch == "kind":
            cells[1]["cell_type"] = "raw"
        save(shop, notebook)
        before = path_of(shop).read_bytes()

        quiet = lay(shop)
        assert quiet.kept == [STEM] and not quiet.notes and len(files(shop)) == 2

        publish_second_edition(shop)
        report = lay(shop)
        assert path_of(shop).read_bytes() == before
        name = report.beside[STEM]
        assert name in files(shop) and name.startswith(f"{STEM}.edition-") and len(name) == len(STEM) + 22
        beside = json.loads((shop / "desk" / name).read_text(encoding="utf-8"))
        assert beside["cells"][0]["source"] == "# Clusters, second edition"
        assert str(report) == (
            "You have worked in 02_interest_clusters, so it is kept; "
            f"its newer edition lies beside it as {name}."
        )

    def test_it_is_said_once(self, shop):
        lay(shop)
        write_in(shop, "return 1")
        publish_second_edition(shop)
        lay(shop)
        before = everything(shop)
        report = lay(shop)
        assert not report.notes and everything(shop) == before

    def test_an_edition_copy_is_the_learners_too(self, shop):
        lay(shop)
        write_in(shop, "return 1")
        publish_second_edition(shop)
        beside = shop / "desk" / lay(shop).beside[STEM]
        beside.write_text("worked in, and damaged")
        lay(shop)
        assert beside.read_text() == "worked in, and damaged"
        publish(shop, STEM, [markdown("# Third")])
        third = lay(shop).beside[STEM]
        assert beside.read_text() == "worked in, and damaged" and third != beside.name

    def test_an_answer_that_the_new_edition_has_taken_over_needs_no_second_copy(self, shop):
        lay(shop)
        mine = "def assign(points, centers):\n    return 1\n"
        write_in(shop, mine)
        publish(shop, STEM, [markdown("# Clusters"), code(mine), code("print('ε')", "end")])
        assert not lay(shop).beside

    @pytest.mark.parametrize(
        "damage",
        [
            b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"cells": 3}', b'{"cells": [1]}', b"<<<<<<< HEAD\n",
            b'{"cells": [{"cell_type": "code"}]}', b'{"cells": [], "metadata": {"interestkit": 5}}',
            b'{"cells": [{"cell_type": "code", "source": [1]}]}', b"[" * 100_000,
        ],
    )  # fmt: skip
    def test_a_damaged_copy_is_kept_and_a_fresh_one_lies_beside_it(self, shop, damage):
        lay(shop)
        path_of(shop).write_bytes(damage)
        report = lay(shop)
        assert path_of(shop).read_bytes() == damage
        name = report.beside[STEM]
        assert str(report) == (
            "Your 02_interest_clusters.ipynb cannot be read: it is kept, "
            f"and a fresh copy lies beside it as {name}."
        )
        assert not lay(shop).notes

    def test_a_folder_or_a_dead_link_with_a_lessons_name_is_kept(self, shop):
        (shop / "desk" / "00_start_here.ipynb").mkdir(parents=True)
        path_of(shop).symlink_to("nowhere")
        report = lay(shop)
        assert report.kept == ["00_start_here", STEM]
        assert (shop / "desk" / "00_start_here.ipynb").is_dir() and path_of(shop).is_symlink()

    def test_a_notebook_brought_from_elsewhere_is_kept(self, shop):
        (shop / "desk").mkdir()
        other = {"cells": [code("x = 1")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path_of(shop).write_text(json.dumps(other))
        report = lay(shop)
        assert report.kept == [STEM] and json.loads(path_of(shop).read_text()) == other and report.beside

    def test_files_of_their_own_and_lessons_that_are_gone_are_left_alone(self, shop):
        lay(shop)
        mine = {"notes.md": b"mine", "99_mine.ipynb": b"{}", f"{STEM}.aside-20260101T000000Z.ipynb": b"old"}
        for name, content in mine.items():
            (shop / "desk" / name).write_bytes(content)
        (shop / "notebooks" / "00_start_here.ipynb").unlink()
        before = everything(shop)
        lay(shop)
        assert everything(shop) == before


class TestReset:
    def test_the_copy_is_set_aside_and_a_fresh_one_laid(self, shop):
        lay(shop)
        mine = write_in(shop, "return 1")
        sentence = reset(shop)
        (aside,) = (name for name in files(shop) if ".aside-" in name)
        assert (shop / "desk" / aside).read_bytes() == mine
        assert copy_of(shop)["cells"][1]["source"] == STUB
        assert sentence == f"A fresh {STEM} lies on your desk; your copy is kept beside it as {aside}."
        assert lay(shop).same == ["00_start_here", STEM]

    def test_twice_in_one_second_keeps_both(self, shop, monkeypatch):
        lay(shop)
        kept = []
        for answer in ("one", "two", "three"):
            kept.append(write_in(shop, answer))
            monkeypatch.setattr(desk, "datetime", Noon)
            reset(shop)
        asides = [name for name in files(shop) if ".aside-" in name]
        assert asides == [f"{STEM}.aside-20261101T120000Z{n}.ipynb" for n in ("-2", "-3", "")]
        assert sorted((shop / "desk" / name).read_bytes() for name in asides) == sorted(kept)

    def test_without_a_copy_it_lays_one(self, shop):
        assert reset(shop) == f"A fresh {STEM} lies on your desk; there was no copy to set aside."
        assert files(shop) == [f"{STEM}.ipynb"]

    def test_a_damaged_copy_can_be_reset(self, shop):
        lay(shop)
        path_of(shop).write_bytes(b"{")
        reset(shop)
        assert copy_of(shop)["cells"][1]["source"] == STUB
        assert b"{" in everything(shop).values()

    @pytest.mark.parametrize("word", [2, "2", "02", "interest_clusters", STEM, f"{STEM}.ipynb", f"desk/{STEM}.ipynb"])
    def test_a_lesson_has_several_names(self, shop, word):
        assert STEM in reset(shop, word)

    @pytest.mark.parametrize("word", ["interest_cluster", "9", "", "02_interest_cluster.ipynb", "²"])
    def test_an_unknown_lesson_is_one_sentence_and_changes_nothing(self, shop, word):
        lay(shop)
        before = everything(shop)
        with pytest.raises(WorkbookError) as refusal:
            reset(shop, word)
        assert STEM in str(refusal.value) and "\n" not in str(refusal.value)
        assert everything(shop) == before


class Noon:
    @staticmethod
    def now(zone):
        from datetime import datetime

        return datetime(2026, 11, 1, 12, tzinfo=zone)


class TestTrouble:
    def test_a_full_disk_leaves_the_old_file(self, shop, monkeypatch):
        lay(shop)
        before = everything(shop)
        publish_second_edition(shop)

        def full(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(desk.os, "fsync", full)
        with pytest.raises(WorkbookError, match="No space left on device.*INTERESTKIT_DESK"):
            lay(shop)
        assert everything(shop) == before

    def test_a_file_where_the_desk_should_be_is_one_sentence(self, shop):
        (shop / "desk").write_text("mine")
        with pytest.raises(WorkbookError, match="cannot be written"):
            lay(shop)
        assert (shop / "desk").read_text() == "mine"

    def test_a_damaged_lesson_does_not_keep_the_others_from_the_desk(self, shop):
        (shop / "notebooks" / f"{STEM}.ipynb").write_text("<<<<<<< HEAD")
        report = lay(shop)
        assert report.laid == ["00_start_here"] and files(shop) == ["00_start_here.ipynb"]
        assert f"type  git checkout notebooks/{STEM}.ipynb" in str(report)

    def test_a_damaged_lesson_leaves_the_copy_where_it_is(self, shop):
        lay(shop)
        mine = write_in(shop, "return 1")
        (shop / "notebooks" / f"{STEM}.ipynb").write_text("{")
        with pytest.raises(WorkbookError, match="cannot be read"):
            reset(shop)
        assert path_of(shop).read_bytes() == mine

    def test_a_desk_on_the_lessons_themselves_changes_none(self, shop):
        before = (shop / "notebooks" / f"{STEM}.ipynb").read_bytes()
        report = desk.lay(shop / "notebooks", shop / "notebooks")
        assert report.kept and not report.beside
        assert (shop / "notebooks" / f"{STEM}.ipynb").read_bytes() == before

    def test_the_desk_of_this_checkout_can_be_moved(self, tmp_path, monkeypatch):
        monkeypatch.setenv("INTERESTKIT_DESK", str(tmp_path / "elsewhere"))
        report = desk.lay()
        assert report.desk == tmp_path / "elsewhere" and "00_start_here" in report.laid
        assert report.written() == sorted((tmp_path / "elsewhere").iterdir())
