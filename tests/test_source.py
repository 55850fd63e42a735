"""The source of what a learner wrote, whether it is still the stub, whether it is ours, and which names it needs."""

import functools

import pytest
from toys import typed

from interestkit.workbook import source

# text_of --------------------------------------------------------------------------------------

PLAIN = "def answer(x):\n    return x + 1"
WRAPPED = """\
import functools
def twice(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args)
    return inner
@twice
@twice
def answer(x):
    return x + 1
"""
METHOD = "class Box:\n    def add(self, x):\n        return x + 1\nanswer = Box().add"
CLASS = "class answer:\n    '''A class.'''\n    def add(self, x):\n        return x + 1"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (PLAIN, PLAIN),
        (f"# before\n\n{PLAIN}\n# after\n\nx = 1\n", PLAIN),
        (WRAPPED, PLAIN),
        (METHOD, "def add(self, x):\n    return x + 1"),
        (CLASS, CLASS),
        (f"import functools\n@functools.total_ordering\n{CLASS}\n    def __lt__(self, other):\n        return 1", None),
        ("def make():\n    def answer(x):\n        return x + 1\n    return answer\nanswer = make()", PLAIN),
        ("def answer(x): return '''\n  a text\n'''", "def answer(x): return '''\n  a text\n'''"),
    ],
)
def test_text_of_a_definition(code, text):
    seen = source.text_of(typed(code))
    assert seen == text if text else seen.startswith("class answer") and "@" not in seen


def test_a_class_in_a_cell_with_others_is_the_one_of_its_name():
    answer = typed(
        "class other:\n    def add(self):\n        ...\n\nclass answer:\n    def add(self):\n        return 1"
    )
    assert source.text_of(answer) == "class answer:\n    def add(self):\n        return 1"


@pytest.mark.parametrize(
    "thing",
    [
        len,
        print,
        int,
        3,
        None,
        "text",
        functools.partial(int, 2),
        typed("answer = lambda x: x"),
        typed("class answer:\n    size = 3"),
        eval("lambda x: x"),
    ],
)
def test_what_has_no_definition_says_so(thing):
    with pytest.raises((OSError, TypeError, StopIteration, SyntaxError)):
        source.text_of(thing)


def test_functions_behind_a_callable():
    def plain():
        """A function."""

    @functools.wraps(plain)
    def wrapper():
        """Another."""

    class Thing:
        size = 3

        def method(self):
            """A method."""

        @property
        def seen(self):
            """A property."""

        @staticmethod
        def still():
            """A static method."""

        @classmethod
        def all(cls):
            """A class method."""

        def __call__(self):
            """A call."""

    names = lambda thing: [one.__name__ for one in source.functions_behind(thing)]  # noqa: E731
    assert source.functions_behind(plain) == source.functions_behind(wrapper) == [plain]
    assert source.functions_behind(functools.partial(functools.partial(wrapper, 1), 2)) == [plain]
    assert names(Thing) == names(Thing()) == ["method", "seen", "still", "all", "__call__"]
    assert names(Thing().method) == ["method"] and names(Thing.all) == ["all"] and names(Thing.still) == ["still"]
    assert names(len) == names(3) == names(None) == names(int) == []
    plain.__wrapped__ = plain  # a circle
    assert source.functions_behind(plain) == [plain]


# untouched ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    ...",
        "def f(x): ...",
        'def f(x):\n    """Doc."""\n    ...',
        'def f(x):\n    """Doc."""',
        'def f(x):\n    """Doc."""\n    # TO BE DONE\n    ...',
        "def f(x):\n    pass",
        "@decorated\ndef f(x):\n    ...",
        "    def f(x):\n        ...",
        'class C:\n    """Doc."""\n    size = 3\n\n    def f(self):\n        ...\n\n    def g(self):\n        pass',
    ],
)
def test_a_stub_is_untouched(code):
    assert source.untouched(code)


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return 0",  # L3
        "def f(x):\n    return None",
        "def f(x):\n    return",
        "def f(x):\n    return ...",
        "def f(x):\n    0",
        "def f(x):\n    raise NotImplementedError",
        "def f(x):\n    ...\n    return x",
        "def f(x):\n    def g():\n        ...",
        "class C:\n    def f(self):\n        ...\n    def g(self):\n        return 1",
        "x = 1",
        "lambda x: ...",
        "",
        "def f(x)",
    ],
)
def test_an_attempt_is_not(code):
    assert not source.untouched(code)


# same_code ------------------------------------------------------------------------------------

CODE = 'def f(x):\n    """Doc."""\n    y = x + 1  # one more\n    return y'


@pytest.mark.parametrize(
    "other",
    [
        CODE,
        "def f(x):\n    y = x + 1\n    return y",
        'def f(x):\n    """Another."""\n\n    y = (x +\n        1)\n    return y  # done',
        "@cached\ndef f(x):\n  y = x+1; return y",
    ],
)
def test_comments_layout_docstrings_and_decorators_make_no_other_code(other):
    assert source.same_code(CODE, other)


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x + 1",
        "def f(x):\n    y = x + 2\n    return y",
        "def f(z):\n    y = z + 1\n    return y",
        "def g(x):\n    y = x + 1\n    return y",
        "def f(x, k=1):\n    y = x + 1\n    return y",
        "class f:\n    y = 1",
        "y = 1",
        "def f(x)",
        "",
    ],
)
def test_other_code(other):
    assert not source.same_code(CODE, other)


def test_two_texts_that_define_nothing_are_not_the_same_code():
    assert not source.same_code("", "") and not source.same_code("x = 1", "x = 1")


def test_docstrings_inside_are_no_code_either():
    first = 'class C:\n    """One."""\n    def f(self):\n        """Two."""\n        return 1'
    second = "class C:\n    def f(self):\n        return 1"
    assert source.same_code(first, second)


# names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("x = y", {"y"}),
        ("x = 1\ndef f():\n    return x", set()),
        ("def f(a, b=c):\n    return a + np.sum(b)", {"c", "np"}),
        ("import numpy as np\nnp.sum(x)", {"x"}),
        ("from a import b\nb(len(c))", {"c"}),
        ("for i in r:\n    print(i)", {"r"}),
        ("class A(B):\n    c = D\n    def f(self):\n        return self.c + E", {"B", "D", "E"}),
        ("@decorated\ndef f(x: kind) -> other:\n    return f'{x} {y}'", {"decorated", "kind", "other", "y"}),
        ("[a * k for a in b if a > c]", {"k", "b", "c"}),
        ("def f():\n    x = 1\n    def g():\n        return x + z\n    return g", {"z"}),
        ("def f():\n    global t\n    t = t + 1", {"t"}),
        ("f = lambda x: x + y", {"y"}),
        ("with a as b:\n    b()", {"a"}),
        ("try:\n    f()\nexcept E as e:\n    print(e)", {"f", "E"}),
        ("(x := 1)\nx", set()),
        ("print(sorted([1]), __name__)", set()),
    ],
)
def test_free_names(code, free):
    assert source.free_names(code) == free


def test_defined_names():
    code = "import numpy as np\nfrom a import b as c\nx = y = 1\ndef f():\n    z = 1\nclass A:\n    w = 1\nprint(q)"
    assert source.defined_names(code) == {"np", "c", "x", "y", "f", "A"}
