"""Slicing source text: the stub, the solved cell, the given cell, and what a piece of code needs."""

import ast
import builtins
import contextlib
import functools
import inspect
import linecache
import textwrap

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def text_of(thing):
    """The source of a function or class without its decorators, dedented.

    Raises:
        OSError, TypeError: if Python has no source for it.
        SyntaxError, StopIteration: if its source is no definition, as a lambda's.
    """
    source = textwrap.dedent(_source(thing))
    node = _definition(source)
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _source(thing):
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        if not inspect.isclass(thing):
            raise
    # A class typed in a notebook belongs to no file; its methods know their cell.
    for function in functions_behind(thing):
        lines = linecache.getlines(function.__code__.co_filename)
        for node in ast.walk(ast.parse("".join(lines))):
            if isinstance(node, ast.ClassDef) and node.name == thing.__name__:
                return "".join(lines[node.lineno - 1 : node.end_lineno])
    raise OSError("no source")


def functions_behind(thing):
    """The plain functions of a callable: what a decorator or partial wraps, the methods of a class."""
    if not inspect.isclass(thing):
        while isinstance(thing, functools.partial):
            thing = thing.func
        with contextlib.suppress(ValueError):  # it wraps itself
            thing = inspect.unwrap(thing)
        thing = getattr(thing, "__func__", thing)
        if inspect.isfunction(thing):
            return [thing]
        thing = type(thing)
    parts = (getattr(part, "__func__", getattr(part, "fget", part)) for part in vars(thing).values())
    return [part for part in parts if inspect.isfunction(part)]


def stub(thing):
    """The source with each body cut after its docstring and replaced by `...`."""
    return _cut(thing, lambda indent, body: [f"{indent}..."])


def solved(thing):
    """The source with each body between the usual solution markers."""
    return _cut(thing, lambda indent, body: [indent + BEGIN, *body, indent + END])


def released(source):
    """A solved cell's source with each marked solution replaced by `...`, as assignment tools release it."""
    lines, inside = [], False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            lines.append(line.replace(BEGIN, "..."))
            inside = True
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def given(functions):
    """The source of a given cell: the functions one after the other."""
    return "\n\n\n".join(text_of(function) for function in functions)


def _definition(source):
    return next(node for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef)))


def _functions(node):
    """A function itself, or the methods of a class."""
    return [node] if isinstance(node, ast.FunctionDef) else [n for n in node.body if isinstance(n, ast.FunctionDef)]


def _cut(thing, replace):
    source = text_of(thing)
    lines, node = source.splitlines(), _definition(source)
    for function in reversed(_functions(node)):
        first = function.body[0]
        if not ast.get_docstring(function):
            raise ValueError(f"{node.name}: {function.name} needs a docstring, after which its stub is cut")
        indent, end = " " * first.col_offset, function.end_lineno
        if first.lineno == function.lineno or function.body[1:] and function.body[1].lineno == first.end_lineno:
            raise ValueError(f"{node.name}: the docstring of {function.name} needs lines of its own")
        while end < len(lines) and lines[end].startswith(f"{indent}#"):  # a last comment belongs to the body
            end += 1
        lines[first.end_lineno : end] = replace(indent, lines[first.end_lineno : end])
    return "\n".join(lines)


def untouched(source):
    """Is this the shipped stub: nothing but docstrings and `...` (or `pass`) in every body?"""
    try:
        node = _definition(textwrap.dedent(source))
    except (SyntaxError, StopIteration):
        return False
    return all(_is_empty(statement) for function in _functions(node) for statement in function.body)


def _is_empty(statement):
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value is ... or isinstance(statement.value.value, str)
    return isinstance(statement, ast.Pass)


def same_code(first, second):
    """Do two sources say the same, apart from comments, layout and docstrings?"""
    try:
        return _skeleton(first) == _skeleton(second)
    except (SyntaxError, StopIteration):
        return False


def _skeleton(source):
    node = _definition(textwrap.dedent(source))
    for part in ast.walk(node):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            part.decorator_list = []
            if ast.get_docstring(part) is not None:
                part.body = part.body[1:]
    return ast.dump(node)


def _symbols(source):
    import symtable

    return symtable.symtable(source, "cell", "exec")


def free_names(source):
    """The global names that a piece of source uses and does not define."""
    top = _symbols(source)
    used, defined = set(), set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            at_top = table is top
            if at_top and (symbol.is_assigned() or symbol.is_imported()):
                defined.add(symbol.get_name())
            elif symbol.is_referenced() and (at_top or symbol.is_global()):
                used.add(symbol.get_name())
    return used - defined - set(dir(builtins))


def defined_names(source):
    """The global names that a cell defines."""
    top = _symbols(source)
    return {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
