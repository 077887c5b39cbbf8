"""mlscore's own TOML form: what is written reads back to the same schema; every mistake is told with its line."""

import re
from datetime import date, datetime
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mlscore.checks.schema import shapes
from mlscore.checks.schema.diff import diff_schemas
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Schema
from mlscore.checks.schema.toml_form import read_toml, write_toml
from mlscore.errors import InputError
from mlscore.tables.conditions import Operator, Place
from mlscore.tables.shapes import Kind

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False), st.just(0.1))
LITERALS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.dates(date(1000, 1, 1)), st.datetimes(datetime(1000, 1, 1)))
COLUMN = 'mlscore-schema = 1\n[[column]]\nname = "a"\n'
SHARES = st.sampled_from([0.0, 0.001, 0.25, 1.0])


def distinct(values):
    return st.lists(values, min_size=1, max_size=4, unique_by=repr).map(lambda v: tuple(dict.fromkeys(v)))


@st.composite
def columns(draw, name):
    rules = [
        shapes.OfKind(tuple(draw(st.lists(st.sampled_from(Kind), min_size=1, max_size=2, unique=True)))),
        shapes.Present(tolerated=draw(SHARES)),
        shapes.Unique((name,), missing_equal=True),
        shapes.Finite(nan=False, tolerated=draw(SHARES)),
        shapes.Within(
            draw(LITERALS),
            draw(st.none() | LITERALS),
            low_open=draw(st.booleans()),
            high_open=False,
            tolerated=draw(SHARES),
        ),
        shapes.Equal(draw(LITERALS)),
        shapes.Equal(draw(LITERALS), negated=True),
        shapes.Among(draw(distinct(LITERALS)), tolerated=draw(SHARES), warns=draw(st.booleans())),
        shapes.Among(draw(distinct(LITERALS)), negated=True),
        shapes.Among(draw(distinct(LITERALS)), all_seen=True),
        *(shapes.Pattern(draw(TEXTS), anchor) for anchor in Anchor),
        shapes.Pattern(draw(TEXTS), Anchor.ANYWHERE, negated=True),
        shapes.Affix(draw(TEXTS), Place.START),
        shapes.Affix(draw(TEXTS), Place.END),
        shapes.Sized(draw(st.none() | st.integers(0, 5)), draw(st.integers(5, 9))),
        shapes.Parsed(Kind.DATE),
    ]
    kept = [rule for rule in rules if draw(st.booleans())]
    return ColumnRules(
        name,
        tuple(kept),
        required=draw(st.booleans()),
        pattern=draw(st.booleans()),
        missing_values=tuple(draw(st.lists(TEXTS, max_size=2))),
    )


@st.composite
def schemas(draw):
    names = draw(st.lists(TEXTS, max_size=3, unique=True))
    rules = [
        shapes.Unique(("a", "b"), missing_equal=True),
        shapes.RowCount(draw(st.none() | st.integers(0, 5)), draw(st.integers(5, 9))),
        shapes.Related("a b", draw(st.sampled_from(Operator)), "c"),
    ]
    return Schema(
        tuple(draw(columns(name)) for name in names),
        tuple(rule for rule in rules if draw(st.booleans())),
        strict=draw(st.booleans()),
        ordered=draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None)
@given(schemas())
def test_what_is_written_reads_back(schema):
    text = write_toml(schema)
    assert "not written" not in text
    assert diff_schemas(schema, read_toml(text, "s.toml")) == ()


def test_reasons_are_comments_and_never_break_out_of_them():
    reason = "first\nsecond\r\nname = 'x'\u2028\x00"
    column = ColumnRules("a", (shapes.Present(reason=reason),), reason=reason)
    schema = read_toml(write_toml(Schema((column,)), title="One\nTwo"), "s.toml")
    assert [column.name for column in schema.columns] == ["a"]


def test_what_the_form_cannot_say_stands_there_as_a_comment():
    column = ColumnRules(
        "a",
        (
            shapes.OfKind((Kind.INTEGER,), 8, signed=False),
            shapes.Within(0, 1),
            shapes.Within(high=7, high_open=True),
            shapes.Finite(infinite=False),
            shapes.Pattern("a", Anchor.WHOLE, negated=True),
        ),
    )
    text = write_toml(Schema((column,), unmapped=(shapes.Unmapped("a", "f", "code"),)))
    assert [line for line in text.splitlines() if line.startswith("# not")] == [
        "# not written: dtype(integer, unsigned 8 bits)",
        "# not written: less_than(7)",
        "# not written: not_nan",
        "# not written: not_str_fullmatches('a')",
        "# not judged: a: f: code",
    ]


def test_origins_and_widths():
    text = COLUMN + 'type = "integer"\nbits = 32\nmissing = 0\n[[column]]\nname = "b"\ntype = "uint8"\n'
    a, b = read_toml(text, "s.toml").columns
    assert [(rule.text, rule.origin) for rule in a.rules] == [
        ("dtype(integer, 32 bits)", "s.toml:4"),
        ("not_null", "s.toml:6"),
    ]
    assert b.rules[0].text == "dtype(integer, unsigned 8 bits)"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x = ", "s.toml:1: not valid TOML"),
        ('[table]\nstrict = "no', "s.toml:2: not valid TOML"),
        ("strict = true", "s.toml: no schema of mlscore's; its first line should be mlscore-schema = 1"),
        ("mlscore-schema = 2", "s.toml:1: a schema of version 2; this mlscore reads version 1"),
        ("mlscore-schema = true", "s.toml:1: a schema of version True"),
        ("mlscore-schema = 1\ncolumns = []", "s.toml:2: unknown key 'columns'; did you mean \"column\"?"),
        (
            "mlscore-schema = 1\ncolumn = 3",
            "s.toml:2: columns stand in tables of their own; write each under [[column]]",
        ),
        ("mlscore-schema = 1\ntable = 3", 's.toml:2: "table" should be a table; write [table]'),
        ("mlscore-schema = 1\n[table]\nstrickt = true", "s.toml:3: unknown key 'strickt'; did you mean \"strict\"?"),
        ("mlscore-schema = 1\n[table]\nstrict = 1", "s.toml:3: 'strict' is true or false, not 1; mend it"),
        ("mlscore-schema = 1\n[table]\nrows = 5", "s.toml:3: 'rows' is [least, most] or { at-least = … }, not 5"),
        ("mlscore-schema = 1\n[table]\nrows = [1, -1]", "s.toml:3: 'rows' wants whole numbers from 0, not -1"),
        ("mlscore-schema = 1\n[table]\nunique = 5", 's.toml:3: "unique" wants a list of lists of columns'),
        (
            'mlscore-schema = 1\n[table]\ncompare = ["a"]',
            "s.toml:3: 'a' compares no two columns; write \"start <= end\"",
        ),
        ("mlscore-schema = 1\n[[column]]\ntype = 'text'", "s.toml:2: 'name' is missing"),
        ("mlscore-schema = 1\n[[column]]\nname = 3", "s.toml:3: 'name' should be a text, not 3"),
        (COLUMN + '[[column]]\nname = "a"', "s.toml:5: the column 'a' is there twice; join the two"),
        (COLUMN + "at-leats = 1", "s.toml:4: unknown key 'at-leats'; did you mean \"at-least\"?"),
        (COLUMN + 'type = "intger"', "s.toml:4: unknown type 'intger'; did you mean \"integer\"?"),
        (COLUMN + "type = 3", "s.toml:4: 'type' wants a list of texts, not 3"),
        (COLUMN + 'type = ["integer", "x"]', "s.toml:4: unknown type 'x'; types are"),
        (COLUMN + 'type = "integer"\nbits = "8"', "s.toml:5: 'bits' is a whole number, not '8'"),
        (COLUMN + "missing = 2", "s.toml:4: 'missing' is a share from 0 to 1, not 2"),
        (COLUMN + "missing = true", "s.toml:4: 'missing' is a share from 0 to 1, not True"),
        (COLUMN + "at-least = 1\nmore-than = 2", 's.toml:5: "at-least" and "more-than" both; keep one of the two'),
        (COLUMN + "at-least = [1]", "s.toml:4: 'at-least' wants a text, a number, a date or true or false, not [1]"),
        (COLUMN + "at-least = nan", "s.toml:4: 'at-least' cannot be NaN"),
        (COLUMN + "one-of = 3", "s.toml:4: 'one-of' wants a list, not 3"),
        (COLUMN + "pattern = 3", "s.toml:4: 'pattern' should be a text, not 3"),
        (COLUMN + 'reads-as = "uuid"', "s.toml:4: 'reads-as' cannot be 'uuid'; integer, number"),
        (COLUMN + "unique = 1", "s.toml:4: 'unique' is true or false, not 1"),
        (COLUMN + "tolerated = 2\nat-least = 1", "s.toml:4: 'tolerated' is a share from 0 to 1, not 2"),
        (COLUMN + "tolerated = { at-last = 0.1 }", "s.toml:4: no rule is called 'at-last'; did you mean \"at-least\"?"),
        (COLUMN + 'warns = ["at-last"]', "s.toml:4: no rule is called 'at-last'; did you mean"),
        (COLUMN + "missing-values = 3", "s.toml:4: 'missing-values' wants a list of texts, not 3"),
    ],
)
def test_each_error_is_one_sentence_that_says_where(text, error):
    with pytest.raises(InputError) as caught:
        read_toml(text, "s.toml")
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


def test_the_page_shows_a_schema_that_is_read():
    page = Path(__file__).parents[3] / "docs" / "data" / "schema.md"
    blocks = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (shown,) = [block for block in blocks if block.startswith("mlscore-schema")]
    schema = read_toml(shown, "s.toml")
    told = [(rule.text, rule.tolerated, rule.warns) for rule in schema.column("age").rules]
    assert told == [
        ("dtype(integer)", 0.0, False),
        ("not_null", 0.02, False),
        ("greater_than_or_equal_to(0)", 0.0, True),
        ("less_than_or_equal_to(120)", 0.001, False),
    ]
    assert len(schema.column("code").rules) == 6
    assert [rule.text for rule in schema.rules] == ["unique(trip, leg)", "row_count(1000, None)", "pickup <= dropoff"]
