"""Rules on a notebook's code: plain Python, chance through one door, checks and claims as agreed."""

import ast
import re

from notebook_rules import mark, rule

DOORS = {"rng", "seed"}  # interestkit's, the only ones to chance
MAKERS = {"default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64", "Random"}
SETTERS = {"set_seed", "set_random_seed", "manual_seed"}
KEYWORDS = {"random_state", "seed", "random_seed", "rng"}


def tree(cell):
    """The syntax tree of a code cell; an empty one where it is no Python."""
    try:
        return compile(cell.source, cell.get("id", ""), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return ast.parse("")


def calls(node, name=None):
    """Calls in a tree, of a plain name if one is given."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    return [call for call in found if name is None or isinstance(call.func, ast.Name) and call.func.id == name]


def called(call):
    """The last name of what is called: `normal` of `np.random.normal(…)`."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


@rule
def code_is_plain_python(lesson):
    """No magics, no shell lines, no questions to IPython."""
    for cell in lesson.code:
        try:
            compile(cell.source, "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            yield cell, f"is no plain Python in line {error.lineno} (a magic or a shell line?)"
        if calls(tree(cell), "get_ipython"):
            yield cell, "calls get_ipython()"


@rule
def nothing_is_left_out(lesson):
    """`...` stands for missing code in stubs and bets only; `x[..., 0]` is indexing."""
    for cell in lesson.code:
        if mark(cell).get("bet") or mark(cell).get("role") == "stub" and not lesson.is_solution:
            continue
        root = tree(cell)
        indexing = {
            id(part) for sub in ast.walk(root) if isinstance(sub, ast.Subscript) for part in ast.walk(sub.slice)
        }
        for part in ast.walk(root):
            if isinstance(part, ast.Constant) and part.value is ... and id(part) not in indexing:
                yield cell, f"has ... in line {part.lineno}, and is neither a stub nor a bet"


# --- chance ---


def _through_a_door(call):
    inside = [part for argument in [*call.args, *(k.value for k in call.keywords)] for part in calls(argument)]
    return any(_is_door(part) for part in inside)


def _is_door(call):
    owner = getattr(call.func, "value", None)
    return called(call) in DOORS and (owner is None or isinstance(owner, ast.Name) and owner.id == "interestkit")


def _is_literal(node):
    return not any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node))


def _owner(call):
    """`np.random` of `np.random.normal(…)`."""
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _chance_in_a_call(call):
    name, owner = called(call), _owner(call)
    if name in MAKERS | SETTERS:
        if not _through_a_door(call):
            yield f"{name}(…) has a seed of its own: use rng(number), or {name}(seed(number))"
    elif name in DOORS and not _is_door(call):
        if not _through_a_door(call):
            yield f"{owner}.{name}(…) is another door to chance: use interestkit's rng(number) or seed(number)"
    elif _is_door(call):
        if len(call.args) != 1 or call.keywords:
            yield f"{name}(…) takes one number"
    elif owner in ("np.random", "numpy.random", "random") and name != "Generator":
        yield f"{owner}.{name}(…) draws from a generator that no one seeded: use rng(number)"
    for keyword in call.keywords:
        if keyword.arg in KEYWORDS and _is_literal(keyword.value):
            yield f"{keyword.arg}={ast.unparse(keyword.value)} is a literal seed: use {keyword.arg}=seed(number)"


def _bound_outside_functions(node):
    """Names that a cell binds for later cells."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            yield part.name
        elif isinstance(part, (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)):
            continue
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.ImportFrom) and part.module == "interestkit":
            continue
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in part.names)
        else:
            yield from _bound_outside_functions(part)


@rule
def chance_has_one_door(lesson):
    """rng(7) and seed(7) of interestkit, so that `make seeds` can turn every seed."""
    for cell in lesson.code:
        root = tree(cell)
        for call in calls(root):
            for problem in _chance_in_a_call(call):
                yield cell, problem
        for name in sorted(DOORS & set(_bound_outside_functions(root))):
            yield cell, f"binds {name} anew, so that later cells lose interestkit's {name}(number)"
        for part in ast.walk(root):
            if isinstance(part, ast.ImportFrom) and part.module == "random":
                yield cell, "imports from random, which no one seeded: use rng(number)"


# --- checks, claims, begin ---


@rule
def checks_stand_alone_after_their_stubs(lesson):
    """A check cell is exactly `check(name)`; the stub that defines the name is the cell before it."""
    pairs = list(zip([None, *lesson.cells], [*lesson.cells, None], strict=True))
    for before, cell in pairs:
        if before is not None and mark(before).get("role") == "stub" and not _checks(cell, before):
            yield before, "is a stub without its check in the next cell"
        if cell is None or cell.cell_type != "code":
            continue
        if mark(cell).get("role") != "check":
            if calls(tree(cell), "check"):
                yield cell, "calls check and is not marked as a check cell"
            continue
        exact = re.fullmatch(r"check\((\w+)\)", cell.source)
        if not exact:
            yield cell, "is a check cell and not exactly check(name)"
        if before is None or not _checks(cell, before):
            yield cell, "is a check without its stub in the cell before"
        elif exact and exact[1] not in set(_bound_outside_functions(tree(before))):
            yield cell, f"checks {exact[1]}, which the stub before it does not define"


@rule
def a_learners_function_stays_theirs(lesson):
    """No later cell binds the name of an exercise: check(name) would then be given something else."""
    names = {}
    for cell in lesson.code:
        bound = set(_bound_outside_functions(tree(cell)))
        for name in sorted(bound & set(names)):
            yield cell, f"binds {name} anew, which is the learner's function of {names[name]}"
        if mark(cell).get("role") == "stub":
            names |= dict.fromkeys(bound, mark(cell).get("exercise"))


def _checks(cell, stub):
    one, other = (mark(part) if part is not None else {} for part in (cell, stub))
    return (one.get("role"), other.get("role")) == ("check", "stub") and one.get("exercise") == other.get("exercise")


@rule
def claims_are_named(lesson):
    """A claim's id is a literal, so that questions and seed records can name it."""
    for cell in lesson.code:
        for call in calls(tree(cell), "claim"):
            id = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if not isinstance(id, str) or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", id):
                yield cell, 'makes a claim without a plain name like "topic.what-it-says"'


@rule
def begins_with_its_own_stem(lesson):
    """The first code cell, and no other, calls begin with the file's stem; it is marked as set-up."""
    first = lesson.code[0] if lesson.code else None
    stems = [ast.unparse(call)[len("begin(") : -1] for call in (calls(tree(first), "begin") if first else ())]
    if stems != [repr(lesson.stem)]:
        yield first, f'does not call begin("{lesson.stem}") in its first code cell'
    if first and not mark(first).get("setup"):
        yield first, 'is the set-up cell and not marked {"setup": true}'
    for cell in lesson.code[1:]:
        if calls(tree(cell), "begin"):
            yield cell, "calls begin again"
