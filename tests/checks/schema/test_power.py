"""The power of a schema: which faults of the catalogue it notices in the data."""

import pyarrow as pa
import pytest

from mlscore.checks.schema import shapes
from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.infer import infer_schema
from mlscore.checks.schema.plan import make_plan
from mlscore.checks.schema.power import _Bench, measure_power
from mlscore.checks.schema.shapes import ColumnRules, Schema
from mlscore.errors import InputError
from mlscore.faults import every_fault, fault
from mlscore.tables.shapes import Kind
from mlscore.tables.table import open_table


def power(schema, table, **more):
    with open_table(table) as opened:
        return measure_power(schema, opened, **more)


def test_a_proposed_schema_notices_what_a_schema_can(trips):
    found = power(infer_schema(trips), trips, faults=[fault("nulls", share=0.5), fault("sign-flip"), fault("shuffled")])
    told = {one.fault: (one.tried, one.caught) for one in found.faults}
    assert told["nulls"] == (7, 7)
    assert told["sign-flip"][0] == told["sign-flip"][1] > 0
    assert told["shuffled"] == (7, 0)
    assert found.blind == ("shuffled",)
    assert found.caught == sum(caught for _, caught in told.values())
    assert found.share == found.caught / found.tried
    assert [one.missed[0] for one in found.faults if one.fault == "shuffled"] == ["shuffled:id"]


def test_a_schema_that_accepts_everything_catches_nothing_and_is_hollow(trips):
    loose = Schema(
        tuple(ColumnRules(name, (shapes.Sized(0, 9_999),), required=False) for name in ("city", "code")), source="s"
    )
    report = check_schema(loose, trips, power=True)
    assert report.passed
    assert report.power.caught == 0
    assert report.hollow == f"the schema catches none of {report.power.tried} faults put into the data"
    assert report.to_json()["power"]["share"] == 0


def test_rules_that_only_warn_notice_nothing(trips):
    warning = Schema((ColumnRules("price", (shapes.Within(0, 100, warns=True),)),))
    assert power(warning, trips, faults=[fault("sign-flip")]).caught == 0
    failing = Schema((ColumnRules("price", (shapes.Within(0, 100),)),))
    assert power(failing, trips, faults=[fault("sign-flip")]).caught == 1


def test_a_rule_that_was_broken_before_notices_by_more_breaches():
    table = pa.table({"x": [-1.0] + [5.0] * 99})
    schema = Schema((ColumnRules("x", (shapes.Within(0, 9),)),))
    assert power(schema, table, faults=[fault("sign-flip")]).caught == 1
    broken = Schema((ColumnRules("x", (shapes.OfKind((Kind.TEXT,)),)),))
    assert power(broken, table, faults=[fault("sign-flip")]).caught == 0


def test_limits_on_rows_are_judged_as_shares_of_the_table():
    table = pa.table({"x": list(range(5_000)), "g": ["a", "b"] * 2_500})
    schema = Schema((ColumnRules("x"),), (shapes.RowCount(4_900, 5_100),))
    found = power(schema, table, rows=1_000, faults=[fault("duplicated-rows", share=0.2), fault("lost-slice")])
    assert found.rows == 1_000
    assert all(one.caught == one.tried > 0 for one in found.faults)
    loose = Schema((ColumnRules("x"),), (shapes.RowCount(100, 50_000),))
    assert power(loose, table, rows=1_000, faults=[fault("lost-slice")]).caught == 0


def test_faulty_tables_judged_together_are_judged_as_each_alone(trips):
    schema = infer_schema(trips)
    bench = _Bench(schema, trips)
    cases = every_fault(trips, time="at", entity="id")[::3]
    together = dict(bench.tried(cases))
    assert {case: bench._alone(case.apply(trips).table) for case in cases} == together
    assert 0 < sum(together.values()) < len(cases)


def test_few_cases_are_spread_over_the_kinds_of_fault(trips):
    whole = power(infer_schema(trips), trips)
    few = power(infer_schema(trips), trips, cases=40)
    assert (few.tried, few.of) == (40, whole.tried)
    assert {one.fault for one in few.faults} == {one.fault for one in whole.faults}


def test_the_same_seed_gives_the_same_figures(trips):
    schema = infer_schema(trips)
    once, again = (power(schema, trips, rows=100, cases=60, seed=3) for _ in range(2))
    assert once == again


def test_columns_that_have_the_names_the_bench_uses():
    table = pa.table({"hour 0": [1, 2, 3], "x": [1.0, 2.0, 3.0]})
    assert power(Schema((ColumnRules("x", (shapes.Within(0, 9),)),)), table, faults=[fault("sign-flip")]).tried == 2


def test_an_empty_table_has_no_power():
    with pytest.raises(InputError, match="no rows"):
        power(Schema((ColumnRules("x"),)), pa.table({"x": pa.array([], pa.int64())}))


def test_a_pattern_the_engine_does_not_know_is_left_out_of_the_power(trips):
    rules = (shapes.Pattern("(?=A)A"), shapes.Pattern("[A-Z]{2}[0-9]{3}", shapes.Anchor.WHOLE))
    schema = Schema((ColumnRules("code", rules),))
    assert power(schema, trips, faults=[fault("changed-case")]).caught > 0
    with open_table(trips) as table:
        assert len(make_plan(schema, table.columns).tasks) == 3


def test_what_is_tolerated_is_not_noticed(trips):
    schema = Schema((ColumnRules("price", (shapes.Within(0, 100),)),))
    flip = [fault("sign-flip", share=0.2)]
    assert power(schema, trips, faults=flip).caught == 1
    assert power(schema, trips, faults=flip, tolerated=0.25).caught == 0
