"""Single values: exact numbers, dates, flags."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.errors import ConfigError
from mlscore.project.keys import Key, Kind
from mlscore.project.values import day, flag, nearest, parse, points, show, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, 2),
        (Decimal("2.50"), Fraction(5, 2)),
        (" 5/2 ", Fraction(5, 2)),
        ("1/3", Fraction(1, 3)),
        (0.1, Fraction(1, 10)),
        (Fraction(7, 3), Fraction(7, 3)),
        (Decimal("1E+1"), 10),
        (Decimal("1e-20"), Fraction(1, 10**20)),
    ],
)
def test_numbers_are_exact(value, expected):
    assert points("fail-under", value, "here") == expected


@pytest.mark.parametrize(
    ("value", "expected", "plain"),
    [("2", 2, "2"), ("2.5", Fraction(5, 2), "2.5"), ("+3", 3, "3"), (".5", Fraction(1, 2), "0.5"), ("2.", 2, "2")],
)
def test_a_number_in_quotes_is_one_for_an_option_alone(value, expected, plain):
    assert points("fail-under", value, "option --fail-under", loose=True) == expected
    with pytest.raises(ConfigError) as caught:
        points("fail-under", value, "mlscore.toml:3")
    assert str(caught.value) == (
        f'mlscore.toml:3: "fail-under" should be a number, not "{value}"; write fail-under = {plain}, without quotes'
    )


@pytest.mark.parametrize(
    "value",
    [
        True, None, "", "abc", "1e3", "1_000", "٣", "0x2", "1/0", "1/00", "nan", "inf", "-1", "-1/2", -1, Decimal("-0.1"),
        Decimal("nan"), Decimal("snan"), Decimal("inf"), Decimal("1e31"), Decimal("1e-9999999"), float("nan"), float("inf"),
        "1" * 31, [], {}, date(2026, 1, 1), "2.5 points", "1/2/3", "--1",
    ],
)  # fmt: skip
def test_what_is_no_number_from_0_is_refused(value):
    with pytest.raises(ConfigError, match="fail-under"):
        points("fail-under", value, "here", loose=True)


@given(st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=6))
def test_a_decimal_and_its_text_are_the_same_number(number):
    assert points("x", number, "") == points("x", f"{number:f}", "", loose=True) == Fraction(number)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_fraction_s_text_is_that_fraction(above, below):
    assert points("x", f"{above}/{below}", "") == Fraction(above, below)


@given(st.text(max_size=12) | st.floats() | st.integers() | st.booleans() | st.none())
def test_any_value_gives_an_exact_number_or_the_one_error(value):
    complaint, number = "", None
    try:
        number = points("x", value, "here")
    except ConfigError as error:
        complaint = str(error)
    assert (isinstance(number, Fraction) and number >= 0) or complaint.startswith('here: "x" should be ')


@given(st.dates())
def test_a_date_and_its_text_are_the_same_day(value):
    assert day("date", value.isoformat(), "") == day("date", value, "") == value


@pytest.mark.parametrize(
    "value", ["2026-2-3", "20260203", "2026-02-30", "2026-W01-1", "03.02.2026", " 2026-02-03", "", 20260203, None, True]
)
def test_what_is_no_date_is_refused(value):
    with pytest.raises(ConfigError, match='"date" should be a date'):
        day("date", value, "here")


def test_a_time_is_more_than_a_date():
    with pytest.raises(ConfigError, match="leave the time out: 2026-02-03"):
        day("date", datetime(2026, 2, 3, 4, tzinfo=UTC), "here")


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", " on "])
def test_a_flag_is_a_word_on_the_command_line_alone(word):
    assert flag("strict", word, "", loose=True) is True
    with pytest.raises(ConfigError, match="without quotes"):
        flag("strict", word, "")


@pytest.mark.parametrize("word", ["false", "0", "no", "Off"])
def test_a_flag_may_be_off(word):
    assert flag("strict", word, "", loose=True) is False


def test_a_text_says_something():
    assert text("name", "ñandú", "") == "ñandú"
    for value in ("", " \n", None, 3, "a\0"):
        with pytest.raises(ConfigError):
            text("name", value, "")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("prod", "production"),
        ("productions", "production"),
        ("stagin", "staging"),
        ("PoC", "poc"),
        ("p", None),
        ("x", None),
    ],
)
def test_the_nearest_word_is_named(word, meant):
    assert nearest(word, ("poc", "staging", "production")) == (f'did you mean "{meant}"?' if meant else None)


def test_a_table_is_no_simple_value():
    with pytest.raises(ValueError, match="no simple key"):
        parse(Key("gate", Kind.TABLE, ""), {}, "")


@given(st.recursive(st.text() | st.integers() | st.booleans() | st.dates() | st.decimals(), lambda v: st.lists(v)))
def test_a_value_is_shown_on_one_line_and_short(value):
    shown = show(value)
    assert len(shown.splitlines()) == 1
    assert isinstance(value, Decimal) or len(shown) <= 70
