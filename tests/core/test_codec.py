"""JSON in and out: exact numbers, growth of shapes, and an error for every misfit."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import pytest

from mlscore.core.codec import decode, dumps, encode, loads
from mlscore.errors import InputError


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    name: str
    count: int = 1


@dataclass(frozen=True)
class Whole:
    points: Fraction
    colour: Colour
    parts: tuple[Part, ...] = ()
    note: str | None = None
    table: dict[str, int] | None = None
    figure: int | float | str | bool | None = None
    ready: bool = False
    share: float = 0.0


def read(text):
    return decode(Whole, loads(text, where="report.json"), where="report.json")


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (Fraction(5, 2), "2.5"),
        (Fraction(7), "7"),
        (Fraction(1, 3), '"1/3"'),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(1, 10), "0.1"),
        (Fraction(10**30), str(10**30)),
        (Fraction(1, 2**60), f'"1/{2**60}"'),
    ],
)
def test_fractions_are_numbers_where_a_short_decimal_is_exact(points, text):
    whole = Whole(points, Colour.RED)
    assert f'"points": {text},' in dumps(whole)
    assert read(dumps(whole)) == whole


def test_everything_comes_back():
    whole = Whole(Fraction(1), Colour.BLUE, (Part("a"), Part("b", 2)), "ñ – 漢", {"x": 1}, 0.25, True, 0.5)
    assert read(dumps(whole)) == whole


def test_a_nan_figure_is_text_because_json_has_none():
    assert encode(float("nan")) == "nan"
    assert encode(float("-inf")) == "-inf"


def test_unknown_keys_are_ignored_and_defaults_fill_in():
    assert read('{"points": 1, "colour": "red", "later": {"more": []}}') == Whole(Fraction(1), Colour.RED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "report.json: the file is empty"),
        (" \n", "the file is empty"),
        ('{"points": 1,\n"colour": ', "report.json:2: the JSON ends too early; write the file again"),
        ('{"points": 1,\n"colour": "re', "report.json:2: the JSON ends too early"),
        ('{"points": 1,\n"colour" "red"}', "report.json:2: not valid JSON from column 10 on"),
        ('{"points": 1' + "0" * 5000 + "}", "a number is too long to be read"),
        ('{"points": 1e999999999, "colour": "red"}', 'not "1E+999999999"'),
        ('{"points": "1e999999999", "colour": "red"}', 'not "1e999999999"'),
        ("[]", "$ should be an object"),
        ('{"points": 1}', '$ has no "colour"'),
        ('{"points": true, "colour": "red"}', '$.points should be a number, or a fraction such as "7/3", not true'),
        ('{"points": "1/0", "colour": "red"}', "$.points should be a number"),
        ('{"points": "x", "colour": "red"}', "$.points should be a number"),
        ('{"points": 1, "colour": "green"}', '$.colour should be one of "red", "blue", not "green"'),
        ('{"points": 1, "colour": "red", "parts": {}}', "$.parts should be a list"),
        ('{"points": 1, "colour": "red", "parts": [{"name": 1}]}', "$.parts[0].name should be a text, not 1"),
        ('{"points": 1, "colour": "red", "parts": [{"name": "a", "count": true}]}', "should be an integer"),
        ('{"points": 1, "colour": "red", "note": 3}', "$.note should be a text"),
        ('{"points": 1, "colour": "red", "table": []}', "$.table should be an object"),
        ('{"points": 1, "colour": "red", "figure": []}', "$.figure should be a number, a text or a truth value"),
        ('{"points": NaN, "colour": "red"}', "NaN is not a JSON number"),
        ('{"points": null, "colour": "red"}', "$.points should be a number"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_every_misfit_names_file_and_place(text, said):
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("report.json:")


def test_a_long_misfit_is_cut():
    with pytest.raises(InputError) as caught:
        read('{"points": 1, "colour": "red", "parts": "' + "x" * 500 + '"}')
    assert len(str(caught.value)) < 200


def test_dumps_is_stable():
    whole = Whole(Fraction(1), Colour.BLUE, (Part("a"),))
    assert dumps(whole) == dumps(whole)
    assert dumps(whole).endswith("}\n")
