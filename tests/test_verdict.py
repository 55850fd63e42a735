"""A verdict as a number, a sentence and a card; and the words for values and inputs."""

import copy
import html.parser
import pickle
import re

import numpy as np
import pytest
import toys

from interestkit.exercises.explore_exploit import Stream
from interestkit.workbook.compare import labels, plain, unordered, values
from interestkit.workbook.verdict import STATES, Verdict
from interestkit.workbook.wording import first_difference, input_of, short, show, show_both, size

A = np.array


def one(state="wrong", score=0.25, text="You returned 1, expected 2."):
    return Verdict(score, state, "assign", text)


# Verdict --------------------------------------------------------------------------------------


def test_a_verdict_is_its_score():
    verdict = one()
    assert verdict == 0.25 and verdict < 1 and sum([verdict, verdict]) == 0.5 and isinstance(verdict, float)
    assert max(one(score=0.5), one(score=1)) == 1


def test_a_verdict_is_its_sentence():
    verdict = one()
    assert str(verdict) == f"{verdict}" == verdict.sentence == "✘ Not yet · assign: You returned 1, expected 2."
    assert (verdict.state, verdict.name, verdict.text) == ("wrong", "assign", "You returned 1, expected 2.")


def test_a_notebook_shows_one_result_in_three_forms():
    verdict = one()
    bundle = verdict._repr_mimebundle_()
    assert bundle == {"text/plain": "0.25", "text/markdown": verdict.sentence, "text/html": verdict.card()}
    assert repr(verdict) == "0.25"


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_symbol_word_and_colour(state):
    symbol, word, colour = STATES[state]
    verdict = one(state)
    assert verdict.sentence.startswith(f"{symbol} {word} · assign: ")
    assert symbol in verdict.card() and word in verdict.card() and colour in verdict.card()


def test_states_are_told_apart_without_colour():
    said = {state: STATES[state][:2] for state in STATES}
    for state in ("right", "not started", "property", "error", "time", "refused"):
        assert [*said.values()].count(said[state]) == 1


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
def test_a_card_reads_on_light_and_dark(state, background):
    """3:1 as WCAG 2.1 asks of large and bold text."""
    dark, light = sorted([luminance(STATES[state][2]), luminance(background)])
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_card_is_announced_and_escapes_what_a_learner_wrote():
    said = '<b>5 < 6 & "x" \'</div><script>alert(1)</script>\n  indented {braces}'
    card = Verdict(0, "wrong", "<i>", said).card()

    class Parser(html.parser.HTMLParser):
        tags, data = [], ""

        def handle_starttag(self, tag, attrs):
            self.tags.append(tag)

        def handle_data(self, data):
            self.data += data

    parser = Parser()
    parser.feed(card)
    assert parser.tags == ["div", "b", "code", "div"]
    assert said in parser.data and "<i>" in parser.data
    assert 'role="status"' in card and "pre-wrap" in card


@pytest.mark.parametrize("again", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_verdict_survives_copying(again):
    verdict = one("misconception")
    other = again(verdict)
    other = pickle.loads(other) if isinstance(other, bytes) else other
    assert type(other) is Verdict and other == verdict and other.__dict__ == verdict.__dict__


# Words for values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (0.25, "0.25"),
        (1 / 3, "0.3333"),
        (12345.678, "12346"),
        (1e-9, "1e-09"),
        (2.5e20, "2.5e+20"),
        (-0.0, "-0"),
        (np.nan, "nan"),
        (10**40, "1" + "0" * 40),
        (2**400, "a whole number of 401 bits"),
        (True, "True"),
        (None, "None"),
        ("a", "'a'"),
        (1j, "1j"),
        (A([0.0, 1.0]), "[0, 1]"),
        (A([1 / 3, 2e-17, 1000.5]), "[0.3333, 2e-17, 1000]"),
        (A([[1, 20], [3, 4]]), "[[1, 20], [3, 4]]"),
        (A([True, False]), "[True, False]"),
        (A(["a", "bc"]), "['a', 'bc']"),
        (A([]), "[]"),
        (np.zeros((0, 3)), "[]"),
        (np.float32(1 / 3), "0.3333"),
        ([1 / 3, "a"], "[0.3333, 'a']"),
        ((1,), "(1,)"),
        ((), "()"),
        ({"a": A([1 / 3]), 2: [0.5]}, "{'a': [0.3333], 2: [0.5]}"),
        ({}, "{}"),
        ({2, 1}, "{1, 2}"),
        (set(), "set()"),
        (range(3), "an object of type range"),
        ([{"a": abs}], "[{'a': an object of type builtin_function_or_method}]"),
    ],
    ids=str,
)
def test_a_value_in_words(value, text):
    assert show(plain(value)) == text


@pytest.mark.parametrize(
    ("first", "second"), [(1.0, 1.0001), (1.0, 1 + 1e-6), (0.3, 0.1 + 0.2), (A([1.0, 2.0]), A([1.0, 2.00001]))]
)
def test_two_values_that_differ_look_different(first, second):
    one, other = show_both(first, second)
    assert one != other and len(one) <= 40


def test_two_values_are_shown_with_no_more_digits_than_needed():
    assert show_both(1 / 3, 2 / 3) == ("0.3333", "0.6667")
    assert show_both(A([0.0]), A([1e-7])) == ("[0]", "[1e-07]")


def test_brackets_alone_make_no_difference():
    assert show_both((1.5, 2.3333), A([1.5, 7 / 3])) == ("(1.5, 2.3333)", "[1.5, 2.3333333]")
    assert show_both((1.5, 1 / 3), A([1.5, 1 / 3])) == ("(1.5, 0.3333)", "[1.5, 0.3333]")


@pytest.mark.parametrize(
    ("value", "count"), [(3, 1), ("abc", 1), (A([[1, 2], [3, 4]]), 4), ([1, [2, 3]], 3), ({"a": [1, 2]}, 2), (set(), 0)]
)
def test_the_size_of_a_value(value, count):
    assert size(plain(value)) == count


def test_a_long_text_is_cut():
    assert short("abcdef", 6) == "abcdef" and short("abcdefg", 6) == "abcde…"


def test_an_input_is_told_as_it_would_be_typed():
    assert input_of(toys.scale, (A([[1.0, 2.5]]), 2)) == "rows = [[1, 2.5]], k = 2"
    assert input_of(toys.draw, (A([0.5, 0.5]),)) == "shares = [0.5, 0.5]"
    assert input_of(toys.scale, (np.zeros((40, 6)), 2)) == "rows = an array of shape (40, 6) of float64, k = 2"
    assert input_of(toys.scale, (np.ones((4, 6)), 2)).startswith("rows = [[1, 1, 1, 1, 1, 1], [1,")
    assert input_of(toys.scale, (np.ones((5, 5)), 2)).startswith("rows = an array of shape (5, 5)")
    assert input_of(toys.scale, (np.full((4, 6), -1 / 3), 2)) == "rows = an array of shape (4, 6) of float64, k = 2"
    assert input_of(toys.mean, (["word" * 9] * 9,)) == "numbers = a list of length 9"
    assert input_of(toys.mean, (Stream([1, 2]),)) == "numbers = Stream([1, 2])"
    assert input_of(toys.mean, (Stream(range(90)),)) == "numbers = an object of type Stream"
    assert input_of(toys.mean, (iter([1]),)) == "numbers = an object of type list_iterator"
    assert input_of(toys.Counter, toys.Counter.inputs(0)[0]).startswith("this: two counters, of which")


@pytest.mark.parametrize("toy", [toy for toy in toys.ALL if toy.kind != "input"], ids=lambda toy: toy.name)
def test_no_input_takes_more_than_a_few_lines(toy):
    for case in toy.inputs(0):
        assert len(input_of(toy, case)) < 120 * max(1, len(toy.parameters))


@pytest.mark.parametrize(
    ("expected", "got", "sentence"),
    [
        (A([1, 2, 3]), A([1, 5, 6]), "At index [1] you have 5, expected 2."),
        (A([1.0, 2.0]), [1.0, 2.00001], "At index [1] you have 2.00001, expected 2."),
        (A([[1, 2], [3, 4]]), A([[1, 2], [3, 5]]), "At index [1, 1] you have 5, expected 4."),
        (A(["a", "b"]), ["a", "c"], "At index [1] you have 'c', expected 'b'."),
        (A([True, False]), A([True, True]), "At index [1] you have True, expected False."),
        ([1, [2, 3]], (1, [2, 4]), "At index [1][1] you have 4, expected 3."),
        ((A([1, 2]), 7), [A([1, 2]), 8], "At index [1] you have 8, expected 7."),
        ({"a": 1, "b": A([[2.5]])}, {"a": 1, "b": A([[3.0]])}, "At index ['b'][0, 0] you have 3, expected 2.5."),
    ],
)
def test_where_two_values_differ_first(expected, got, sentence):
    assert first_difference(values(), plain(expected), plain(got)) == sentence


@pytest.mark.parametrize("same", [labels(), unordered()])
def test_where_places_mean_nothing_none_is_named(same):
    said = first_difference(same, A([0, 0, 1]), A([0, 1, 1]))
    assert said == "You returned an array of shape (3,) of int64 with other content than expected."


def test_no_template_is_glued_and_every_field_is_filled():
    from interestkit.workbook import judge

    templates = [text for name, text in vars(judge).items() if name.isupper() and isinstance(text, str)]
    templates = [text for text in templates if text not in (judge.MUTATES, judge.IGNORES_RNG)]  # no sentences
    assert len(templates) > 20
    for text in templates:
        assert re.match(r"[A-Z{]", text)
        assert text.endswith((".", "?", "{where}", "{printed}", "{text}")), text


def test_a_card_shows_what_stands_in_backticks_as_code():
    card = Verdict(0, "wrong", "f", "Use `a < b`, not `c`.").card()
    assert "Use <code>a &lt; b</code>, not <code>c</code>." in card
    assert "an odd ` stays" in Verdict(0, "wrong", "f", "an odd ` stays").card()
