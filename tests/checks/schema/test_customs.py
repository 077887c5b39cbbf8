"""Checks that are code, on every row: in batches where no row needs the others, at once where it does, else unknown."""

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest

from mlscore.checks.schema import customs
from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.text import schema_text
from mlscore.tables.shapes import TableOptions

C = pa.Check
ROWS = 2_500


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Batches that a test can afford."""
    monkeypatch.setattr(customs, "BATCH", 1_000)
    monkeypatch.setattr(customs, "_TRIED", 200)


def told(schema, frame, **more):
    """Violations, rows seen and what is said of them, by rule; and what is unknown."""
    report = check_schema(schema, frame, custom_rows=None, examples=0, **more)
    found = {r.id: (r.violations, r.checked, r.judged) for r in report.rules if "pandera" in r.note}
    return found, {u.rule: u.reason for u in report.unknown}


def of(*checks, **more):
    return pa.DataFrameSchema({"a": pa.Column(None, list(checks), nullable=True)}, **more)


def frame(**changed):
    """Numbers from 0 on; `changed` places hold other ones."""
    values = np.arange(ROWS, dtype=float)
    for place, value in changed.items():
        values[int(place[1:])] = value
    return pd.DataFrame({"a": values, "g": np.where(values % 2, "x", "y")})


def test_a_value_at_the_very_end_is_found():
    checks = (
        C(lambda value: value >= 0, element_wise=True, name="each"),
        C(lambda values: values >= 0, name="vectorised"),
    )
    sampled = check_schema(of(*checks), frame(_2499=-1), custom_rows=100)
    assert {r.judged for r in sampled.rules if r.sampled} == {"a sample of 100 of 2,500 rows"}
    assert "sampled  2 rules that are code saw a sample of 100 of 2,500 rows" in schema_text(sampled)
    found, unknown = told(of(*checks), frame(_2499=-1))
    assert found == dict.fromkeys(["a: each", "a: vectorised"], (1, ROWS, "all rows, in 3 batches"))
    assert unknown == {}


def test_functions_of_the_whole_column_see_it_at_once():
    def below_mean(values):
        return values < values.mean() * 3

    def unlike_the_one_before(values):
        return values.diff().fillna(1) > 0

    checks = (
        C(lambda values: ~values.duplicated(keep=False), name="unique"),
        C(below_mean, name="mean"),
        C(unlike_the_one_before, name="rising"),
        C(lambda values: values.sum() < 1_000, name="sum"),
        C(lambda values: values.max() < 5_000, name="max"),
    )
    held = frame(_2400=3, _1500=9_000)
    found, unknown = told(of(*checks), held)
    assert unknown == {}
    assert found == {
        "a: unique": (2, ROWS, "all rows"),
        "a: mean": (1, ROWS, "all rows"),
        "a: rising": (2, ROWS, "all rows"),
        "a: sum": (1, 1, "all rows"),
        "a: max": (1, 1, "all rows"),
    }


def test_a_function_that_passes_on_batches_and_not_on_the_whole_is_not_passed():
    # Every batch of it has a small sum; only that the function gives one answer to all says that batches will not do.
    found, _ = told(of(C(lambda values: values.sum() < 2_000, name="sum")), pd.DataFrame({"a": [1.0] * ROWS}))
    assert found == {"a: sum": (1, 1, "all rows")}


def test_groups_hypothesis_tests_and_rules_on_the_table():
    checks = (
        C(lambda groups: groups["x"].mean() < groups["y"].mean(), groupby="g", name="groups"),
        pa.Hypothesis.one_sample_ttest(popmean=0),
    )
    schema = pa.DataFrameSchema(
        {"a": pa.Column(None, list(checks), nullable=True), "g": pa.Column(str)},
        checks=[
            C(lambda held: held["a"] >= 0, name="by row"),
            C(lambda row: row["a"] >= 0, element_wise=True, name="each row"),
            C(lambda held: held["a"].iloc[-1] > held["a"].iloc[0], name="ends"),
        ],
    )
    found, unknown = told(schema, frame(_2400=-1))
    assert unknown == {}
    assert found == {
        "a: groups": (1, 1, "all rows"),
        "a: one_sample_ttest": (1, 1, "all rows"),
        "by row": (1, ROWS, "all rows, in 3 batches"),
        "each row": (1, ROWS, "all rows, in 3 batches"),
        "ends": (0, 1, "all rows"),
    }


def test_what_does_not_fit_into_the_memory_limit_is_unknown_and_not_passed():
    long = pd.DataFrame({"a": np.arange(200_000.0)})
    checks = (C(lambda values: ~values.duplicated(), name="unique"), C(lambda values: values >= 0, name="by row"))
    found, unknown = told(of(*checks), long, options=TableOptions(memory_mb=1))
    assert found == {"a: by row": (0, 200_000, "all rows, in 200 batches")}
    assert unknown == {
        "unique": "it judges rows beside each other, and all 200,000 at once take some 2 MB, "
        "more than the limit of 1 MB"
    }


def test_a_function_that_fails_in_a_later_batch_is_unknown():
    def fails(values):
        if (values > 2_000).any():
            raise ValueError("too far")
        return values >= 0

    found, unknown = told(of(C(fails, name="fails"), C(lambda values: values >= 0, name="fine")), frame())
    assert list(found) == ["a: fine"]
    assert "too far" in unknown["fails"]


def test_a_function_that_changes_its_mind_is_given_all_rows():
    def fickle(values):
        return values >= 0 if values.max() < 1_500 else bool((values >= 0).all())

    found, unknown = told(of(C(fickle, name="fickle")), frame(_5=-1))
    assert (found, unknown) == ({"a: fickle": (1, 1, "all rows")}, {})


def test_functions_of_polars_schemas_on_all_rows():
    schema = pp.DataFrameSchema(
        {
            "a": pp.Column(
                pl.Float64,
                [
                    pp.Check(lambda data: data.lazyframe.select(pl.col(data.key) >= 0), name="by row"),
                    pp.Check(lambda data: data.lazyframe.select(pl.col(data.key).is_unique()), name="unique"),
                    pp.Check(lambda data: data.lazyframe.select(pl.col(data.key).sum() < 10), name="sum"),
                    pp.Check(lambda value: value >= 0, element_wise=True, name="each"),
                ],
            )
        }
    )
    found, unknown = told(schema, pl.from_pandas(frame(_2400=-3, _2100=7)))
    assert unknown == {}
    assert found == {
        "a: by row": (1, ROWS, "all rows, in 3 batches"),
        "a: unique": (2, ROWS, "all rows"),
        "a: sum": (1, 1, "all rows"),
        "a: each": (1, ROWS, "all rows, in 3 batches"),
    }


def test_a_table_of_one_batch_and_one_without_rows():
    check = C(lambda values: ~values.duplicated(), name="unique")
    assert told(of(check), pd.DataFrame({"a": [1.0, 1.0]}))[0] == {"a: unique": (1, 2, "all rows")}
    assert told(of(check), pd.DataFrame({"a": pd.Series([], dtype=float)}))[0] == {"a: unique": (0, 0, "all rows")}


def test_the_configured_check_and_the_command_take_all_rows(run, write, tmp_path, monkeypatch, capsys):
    from mlscore.cli import run as command
    from mlscore.project.config import DataSettings

    monkeypatch.setattr(customs, "CUSTOM_ROWS", 50)
    write(
        "schemas_of_code.py",
        "import pandera.pandas as pa\n"
        "S = pa.DataFrameSchema({'a': pa.Column(None, pa.Check(lambda v: v >= 0, element_wise=True, name='each'))})\n",
    )
    frame(_2499=-1)[["a"]].to_csv(tmp_path / "a.csv", index=False)
    given = {"schema": "schemas_of_code:S", "power": False, "data": DataSettings(sources={"train": "a.csv"})}
    assert [value.value for value in run("schema", **given).values if value.name == "judged on a sample"] == [1]
    result = run("schema", **{"all-rows": True}, **given)
    assert not result.passed
    assert "judged on a sample" not in [value.name for value in result.values]
    assert "a: each: 1 of 2,500 (0.04%); run by pandera on each value by itself; on all rows, in 3 batches" in str(
        result.findings
    )
    monkeypatch.chdir(tmp_path)
    assert command(["data", "schema", "check", "schemas_of_code:S", "a.csv", "--all-rows"]) == 1
    assert "on all rows, in 3 batches" in capsys.readouterr().out
