"""The command line: `python -m interestkit …`."""

import contextlib
import json
import sys
from typing import Annotated

import typer

from interestkit.workbook.errors import WorkbookError

app = typer.Typer(
    help="The Interest Workbook.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    suggest_commands=False,  # Click suggests already
)
AsJson = Annotated[bool, typer.Option("--json", help="A list for programs.")]
COLUMNS = ("id", "theme", "level", "minutes", "kind")  # of a table; for programs there is more
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def main():
    """Run the command that the shell passes on; a refusal is one sentence.

    Returns:
        the exit status: 0, 1 for a refusal, 2 for a line that is not understood, 130 after Ctrl+C.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # a terminal without ✘ shows ?
    try:
        return app(sys.argv[1:] or ["--help"], standalone_mode=False) or 0
    except WorkbookError as problem:
        typer.echo(f"✘ {problem}", err=True)
        return 1
    except typer.Abort:
        return 130
    except Exception as problem:
        if not hasattr(problem, "format_message"):
            raise
        sentence = problem.format_message()
        stop = "" if sentence.endswith((".", "?", "?)")) else "."
        typer.echo(f"✘ {sentence}{stop} Type  python -m interestkit --help", err=True)
        return 2


@app.command(context_settings=PASS_ON)
def lab(context: typer.Context):
    """Lay the desk and open JupyterLab on it.

    Further arguments go to JupyterLab.
    """
    from interestkit.workbook import lab

    return lab.run(context.args)


@app.command()
def doctor():
    """Is this machine ready? Says what to type where it is not."""
    from interestkit.workbook import doctor

    return doctor.run()


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to build; all unless given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale.")] = False,
):
    """Write stubs, derive solutions/, run both folders.

    The outputs are stored in the notebooks.
    """
    from interestkit.workbook import build, places, replies

    stems = [places.find_stem(lesson) for lesson in lessons or []] or places.lesson_stems()
    if not check:
        for stem in stems:
            replies.write(stem)
        return build.build(stems, say=typer.echo)
    complaints = [complaint for stem in stems for complaint in build.stale(stem) + replies.stale(stem)]
    typer.echo("\n".join(complaints) or "Everything derived is as its sources say.")
    return 1 if complaints else 0


@app.command()
def seeds(lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to measure; all unless given.")] = None):
    """Count how often each claim holds under other seeds.

    Each lesson runs under twenty families of seeds.
    """
    from interestkit.workbook import places, seeds

    return seeds.main([places.find_stem(lesson) for lesson in lessons or []] or places.lesson_stems())


@app.command()
def exercises(as_json: AsJson = False):
    """All exercises."""
    from interestkit.workbook.exercise import all_exercises

    every = [one for lesson in all_exercises().values() for one in lesson]
    _print([_row(one, len(one.alternatives), len(one.misconceptions), len(one.hints)) for one in every], as_json)


@app.command()
def questions(as_json: AsJson = False):
    """All interview questions."""
    from interestkit.workbook.questions import all_questions

    _print([_row(one) for one in all_questions()], as_json)


def _row(one, alternatives=0, misconceptions=0, hints=0):
    return {
        "id": one.id,
        "theme": one.theme,
        "level": one.level,
        "minutes": one.minutes,
        "kind": one.kind,
        "claims": list(one.claims),
        "alternatives": alternatives,
        "misconceptions": misconceptions,
        "hints": hints,
    }


def _print(rows, as_json):
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    if not rows:
        return typer.echo("There are none yet.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[name]) for name in COLUMNS))
    Console(markup=False, highlight=False).print(table)


@app.command()
def progress():
    """How far you are: exercises solved in each lesson."""
    from interestkit.workbook.exercise import all_exercises
    from interestkit.workbook.progress import record

    for stem, lesson in all_exercises().items():
        solved = record().solved(stem)
        typer.echo(f"{stem}: {sum(one.id in solved for one in lesson)} of {len(lesson)} exercises solved")


@app.command()
def reset(lesson: Annotated[str, typer.Argument(hidden=True)]):
    """Set your copy of a lesson aside and lay a fresh one.

    LESSON is the number or the name: 2, or 02_interest_clusters.
    """
    from interestkit.workbook import desk

    typer.echo(desk.reset(lesson))


@app.command()
def practice(
    minutes: Annotated[int, typer.Option(show_default=False, help="How long; 15 unless given.")] = 15,
    lesson: Annotated[list[str] | None, typer.Option(help="Only these lessons; may be given several times.")] = None,
    level: Annotated[str | None, typer.Option(help="Only junior, mid or senior.")] = None,
):
    """Rehearse interview questions.

    Answer, reveal, tick the points you made, rate your recall.
    """
    from interestkit.workbook import places, practice

    lessons = [places.find_stem(one) for one in lesson or []] or None
    return practice.run(minutes=minutes, lessons=lessons, level=level)
