"""The command line: `python -m interestkit …`."""

import json
from typing import Annotated

import typer

from interestkit.workbook.errors import WorkbookError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Interest Workbook.", rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="A list for programs.")]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def main():
    """Run a command; a refusal is one sentence and exit status 1."""
    try:
        return app(standalone_mode=False) or 0
    except WorkbookError as problem:
        typer.echo(f"✘ {problem}", err=True)
        return 1
    except typer.Abort:
        return 130
    except Exception as problem:
        if not hasattr(problem, "format_message"):
            raise
        typer.echo(f"✘ {problem.format_message()} Type  python -m interestkit --help", err=True)
        return 2


@app.command(context_settings=PASS_ON)
def lab(context: typer.Context):
    """Lay the desk and open JupyterLab on it; further arguments go to JupyterLab."""
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
    """Write stub cells, derive solutions/, run both folders and store the outputs."""
    from interestkit.workbook import build, places

    stems = [places.find_stem(lesson) for lesson in lessons or []] or places.lesson_stems()
    if not check:
        return build.build(stems, say=typer.echo)
    complaints = [complaint for stem in stems for complaint in build.stale(stem)]
    typer.echo("\n".join(complaints) or "Everything derived is as its sources say.")
    return 1 if complaints else 0


@app.command()
def seeds(lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to measure; all unless given.")] = None):
    """Run each lesson under twenty families of seeds and store how often each claim holds."""
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

    table = Table(*(rows[0] if rows else ["none yet"]))
    for row in rows:
        table.add_row(*(", ".join(value) if isinstance(value, list) else str(value) for value in row.values()))
    Console().print(table)


@app.command()
def progress():
    """How far you are: exercises solved in each lesson."""
    from interestkit.workbook.exercise import all_exercises
    from interestkit.workbook.progress import record

    for stem, lesson in all_exercises().items():
        solved = record().solved(stem)
        typer.echo(f"{stem}: {sum(one.id in solved for one in lesson)} of {len(lesson)} exercises solved")


@app.command()
def reset(lesson: str):
    """Set your copy of a lesson aside and lay a fresh one."""
    from interestkit.workbook import desk

    typer.echo(desk.reset(lesson))


@app.command()
def practice(
    minutes: Annotated[int, typer.Option(min=1, help="How long.")] = 15,
    lesson: Annotated[list[str] | None, typer.Option(help="Only these lessons; may be given several times.")] = None,
    level: Annotated[str | None, typer.Option(help="Only junior, mid or senior.")] = None,
):
    """Rehearse interview questions: answer, reveal, tick the points you made, rate your recall."""
    from interestkit.workbook import places, practice

    lessons = [places.find_stem(one) for one in lesson or []] or None
    return practice.run(minutes=minutes, lessons=lessons, level=level)
