"""What changed between two schemas, and whether it loosens or tightens what a table has to be."""

from datetime import date, datetime

import pytest

from mlscore.checks.schema import shapes
from mlscore.checks.schema.diff import Direction, diff_schemas
from mlscore.checks.schema.shapes import ColumnRules, Schema, Unmapped
from mlscore.checks.schema.text import diff_text
from mlscore.tables.shapes import Kind


def schema(*rules, **more):
    return Schema((ColumnRules("c", rules),), **more)


W, A = shapes.Within, shapes.Among


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        (W(0, 9), W(0, 10), "loosens"),
        (W(0, 9), W(1, 9), "tightens"),
        (W(0, 9), W(1, 10), "changes"),
        (W(0, 9), W(0), "loosens"),
        (W(0), W(0, 9), "tightens"),
        (W(0, 9), W(0, 9, high_open=True), "tightens"),
        (W(0, 9, low_open=True), W(0, 9), "loosens"),
        (W(0, 9), W(0.0, 9.0), "changes"),
        (W(0, 9), W("a", 9), "changes"),
        (W(date(2024, 1, 1)), W(datetime(2024, 1, 2)), "tightens"),
        (A(("a",)), A(("a", "b")), "loosens"),
        (A(("a", "b")), A(("b",)), "tightens"),
        (A(("a", "b")), A(("b", "c")), "changes"),
        (A(("a",), negated=True), A(("a", "b"), negated=True), "tightens"),
        (A(("a",), all_seen=True), A(("a", "b"), all_seen=True), "changes"),
        (A(("a",)), A(("a",), tolerated=0.1), "loosens"),
        (A(("a",)), A(("a", "b"), tolerated=0.1), "loosens"),
        (A(("a", "b")), A(("a",), tolerated=0.1), "changes"),
        (A(("a",)), A(("a",), warns=True), "loosens"),
        (A(("a",)), A(("a",), missing_breaks=True), "tightens"),
        (shapes.Sized(1, 5), shapes.Sized(1, 9), "loosens"),
        (shapes.Sized(1, 5), shapes.Sized(2, 5), "tightens"),
        (shapes.Present(), shapes.Present(tolerated=0.1), "loosens"),
        (shapes.Pattern("a"), shapes.Pattern("b"), "changes"),
        (shapes.OfKind((Kind.INTEGER,)), shapes.OfKind((Kind.INTEGER, Kind.NUMBER)), "loosens"),
        (shapes.OfKind((Kind.INTEGER,)), shapes.OfKind((Kind.TEXT,)), "changes"),
        (shapes.OfKind((Kind.INTEGER,), 64), shapes.OfKind((Kind.INTEGER,), 32), "tightens"),
        (shapes.OfKind((Kind.INTEGER,), 64), shapes.OfKind((Kind.INTEGER,)), "loosens"),
        (shapes.OfKind((Kind.INTEGER,)), shapes.OfKind((Kind.INTEGER,), coerced=True), "loosens"),
        (shapes.OfKind((Kind.INTEGER,)), shapes.OfKind((Kind.INTEGER,), signed=False), None),
        (shapes.Present(), None, "loosens"),
        (None, shapes.Unique(("c",)), "tightens"),
        (None, A(("a",), warns=True), "changes"),
    ],
)
def test_a_changed_rule(old, new, direction):
    changes = diff_schemas(schema(*([old] if old else [])), schema(*([new] if new else [])))
    assert [change.direction.value for change in changes] == ([direction] if direction else [])
    back = diff_schemas(schema(*([new] if new else [])), schema(*([old] if old else [])))
    opposite = {"loosens": "tightens", "tightens": "loosens"}
    assert [change.direction.value for change in back] == ([opposite.get(direction, direction)] if direction else [])


def test_the_same_is_no_change():
    rules = (W(0, 9, origin="a", reason="b"), A(("a", "b")))
    other = (A(("b", "a")), W(0, 9))
    assert [c.topic for c in diff_schemas(schema(*rules), schema(*other))] in ([], ["isin"])
    assert diff_schemas(schema(*rules), schema(*rules, source="x")) == ()
    assert diff_text(()) == "the schemas say the same\n"


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        (Schema(), Schema((ColumnRules("n"),)), Direction.TIGHTENS),
        (Schema(strict=True), Schema((ColumnRules("n", required=False),), strict=True), Direction.LOOSENS),
        (Schema(strict=True), Schema((ColumnRules("n"),), strict=True), Direction.CHANGES),
        (Schema((ColumnRules("n"),)), Schema(), Direction.LOOSENS),
        (Schema((ColumnRules("n"),), strict=True), Schema(strict=True), Direction.CHANGES),
        (Schema((ColumnRules("n", required=False),), strict=True), Schema(strict=True), Direction.TIGHTENS),
        (Schema((ColumnRules("n"),)), Schema((ColumnRules("n", required=False),)), Direction.LOOSENS),
        (Schema((ColumnRules("n"),)), Schema((ColumnRules("n", pattern=True),)), Direction.CHANGES),
        (Schema((ColumnRules("n"),)), Schema((ColumnRules("n", missing_values=("-",)),)), Direction.CHANGES),
        (Schema(), Schema(strict=True), Direction.TIGHTENS),
        (Schema(ordered=True), Schema(), Direction.LOOSENS),
        (Schema(rules=(shapes.RowCount(1, 9),)), Schema(rules=(shapes.RowCount(1, 5),)), Direction.TIGHTENS),
        (Schema(), Schema(unmapped=(Unmapped("a", "f", "code"),)), Direction.CHANGES),
    ],
)
def test_the_table_s_make_up(old, new, direction):
    assert [change.direction for change in diff_schemas(old, new)] == [direction]


def test_files_and_how_changes_read(tmp_path, snapshot):
    before = 'mlscore-schema = 1\n[[column]]\nname = "a"\nat-most = 9\none-of = [1, 2]\n[[column]]\nname = "b"\n'
    after = 'mlscore-schema = 1\n[table]\nstrict = true\n[[column]]\nname = "a"\nat-most = 5\n'
    after += "one-of = [1, 2, 3]\nmissing = 0.5\n"
    (tmp_path / "old.toml").write_text(before, encoding="utf-8")
    (tmp_path / "new.toml").write_text(after, encoding="utf-8")
    changes = diff_schemas("old.toml", "new.toml", root=tmp_path)
    assert diff_text(changes) == snapshot
    assert [change.to_json()["direction"] for change in changes] == [
        "tightens",
        "tightens",
        "loosens",
        "tightens",
        "changes",
    ]
