"""A schema's report as a person reads it in a terminal."""

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from mlscore.checks.schema import shapes
from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.power import FaultPower, Power
from mlscore.checks.schema.shapes import ColumnRules, Schema, Unmapped
from mlscore.checks.schema.text import power_lines, schema_text
from mlscore.tables.shapes import Kind


def test_a_report(snapshot):
    rules = (
        shapes.OfKind((Kind.INTEGER,), origin="s.toml:3"),
        shapes.Present(origin="s.toml:4"),
        shapes.Within(0, 120, tolerated=0.1, origin="s.toml:5"),
        shapes.Among((1, 2, 3, 4, 5, 6, 7), warns=True),
    )
    schema = Schema(
        (ColumnRules("age", rules), ColumnRules("mail", (shapes.Sized(1, 3),)), ColumnRules("day")),
        (shapes.RowCount(10),),
        strict=True,
        unmapped=(Unmapped("age", "expect_mean", "no rule on rows says this", "s.json expectations[2]"),),
        source="s.toml",
    )
    table = pa.table({"age": [1, 2, None, 200, 300], "mail": ["ana@x.es", "b", "c", "d", None], "more": [1] * 5})
    assert schema_text(check_schema(schema, table)) == snapshot


def test_a_sample_and_a_hollow_schema(snapshot):
    frame = pd.DataFrame({"a": range(200)})
    custom = pandera.Check(lambda values: values < 0, name="below zero")
    schema = pandera.DataFrameSchema({"a": pandera.Column(int, custom)})
    assert "; on a sample of 50 of 200 rows" in schema_text(check_schema(schema, frame, custom_rows=50))
    assert schema_text(check_schema(Schema(source="s.toml"), frame)) == snapshot


def test_many_broken_rules_are_cut():
    table = pa.table({f"c{n}": [-1] for n in range(40)})
    schema = Schema(tuple(ColumnRules(f"c{n}", (shapes.Within(0),)) for n in range(40)))
    assert "and 10 more broken rules" in schema_text(check_schema(schema, table))


def test_power():
    power = Power(
        2_000, 900, (FaultPower("nulls", 3, 3, ()), FaultPower("stale", 9, 1, tuple(f"stale:c{n}" for n in range(8))))
    )
    assert list(power_lines(power)) == [
        "power    4 of 12 (of 900 there are) faults caught (33%) in a sample of 2,000 rows",
        "missed   stale: 1 of 9 caught; not stale:c0, stale:c1, stale:c2, stale:c3, stale:c4 and 3 more",
    ]


def test_next_to_no_share_is_not_none():
    table = pa.table({"a": [-1] + [1] * 20_000})
    assert "1 of 20,001 (< 0.01%)" in schema_text(check_schema(Schema((ColumnRules("a", (shapes.Within(0),)),)), table))
