"""Served examples held against recomputed ones: what is counted, what must not pass, and what each fault is called."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from mlscore.checks.skew.exact import check_skew
from mlscore.checks.skew.report import Cause, SkewReport, Verdict
from mlscore.checks.skew.results import exact_result
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evidence import Outcome
from mlscore.errors import InputError, MlscoreError, UsageError
from mlscore.faults import fault
from mlscore.tables.shapes import Kind, Tolerance

FAULTS = [
    ("nulls", {}, "price", Cause.MISSING, None),
    ("nulls", {}, "city", Cause.MISSING, None),
    ("default-value", {"value": -1}, "age", Cause.CONSTANT, -1),
    ("default-value", {"value": "N/A"}, "city", Cause.CONSTANT, '"N/A"'),
    ("default-value", {"value": False}, "member", Cause.CONSTANT, False),
    ("default-value", {"value": datetime(1970, 1, 1)}, "at", Cause.CONSTANT, "1970-01-01T00:00:00"),
    ("constant", {}, "ratio", Cause.CONSTANT, None),
    ("unit-change", {"unit": "miles-to-kilometres"}, "price", Cause.SCALE, 1.609344),
    ("unit-change", {"unit": "miles-to-kilometres"}, "age", Cause.SCALE, 1.609344),
    ("unit-change", {"unit": "celsius-to-fahrenheit"}, "ratio", Cause.LINEAR, 1.8),
    ("unit-change", {"unit": "celsius-to-fahrenheit"}, "age", Cause.LINEAR, 1.8),
    ("unit-change", {"unit": "seconds-to-milliseconds"}, "age", Cause.SCALE, 1000),
    ("sign-flip", {}, "ratio", Cause.SIGN, -1),
    ("scale", {"factor": 12.5}, "price", Cause.SCALE, 12.5),
    ("clipped-range", {}, "price", Cause.CLIPPED, None),
    ("inverted-flag", {}, "member", Cause.INVERTED, None),
    ("decimal-comma", {}, "price", Cause.DECIMAL_COMMA, None),
    ("numbers-as-text", {}, "ratio", Cause.TYPE, None),
    ("integer-cast", {}, "price", Cause.WHOLE, 0),
    ("precision-loss", {}, "ratio", Cause.ROUNDING, 2),
    ("changed-case", {}, "city", Cause.CASE, None),
    ("truncated-text", {}, "city", Cause.CUT_TEXT, None),
    ("mojibake", {}, "city", Cause.ENCODING, None),
    ("padding", {}, "city", Cause.SPACES, None),
    ("time-zone-shift", {}, "at", Cause.ZONE, 7200),
    ("day-month-swap", {}, "at", Cause.DAY_MONTH, None),
    ("lost-time-of-day", {}, "at", Cause.CUT_TIME, 86400),
    ("swapped-columns", {}, ("price", "ratio"), Cause.SWAPPED, None),
    ("lagged-join", {}, "price", Cause.LAG, 1),
    ("lagged-join", {"lag": 3}, "ratio", Cause.LAG, 3),
    ("lagged-join", {"time": "at", "entity": "city"}, "price", Cause.LAG, 1),
    ("stale", {"time": "at", "entity": "city"}, "price", Cause.STALE, None),
]


@pytest.mark.parametrize(
    ("name", "settings", "columns", "cause", "figure"), FAULTS, ids=lambda value: str(value) if value else "-"
)
def test_a_fault_is_counted_and_called_by_its_name(clean, name, settings, columns, cause, figure):
    injected = fault(name, **settings).apply(clean, columns=columns)
    report = check_skew(injected.table, clean, id="id", time="at")
    assert report.verdict is Verdict.SKEWED
    assert set(report.found) == set(injected.columns)
    for column in (report.column(one) for one in injected.columns):
        likely = column.likely[0]
        assert (likely.cause, likely.share >= 0.85) == (cause, True)
        if figure is not None:
            assert likely.figure == (pytest.approx(figure, rel=0.01) if isinstance(figure, float) else figure)
        if not column.type_differs:
            # All rows that a fault changed are counted, save for changes below the tolerance.
            assert column.skewed == report.examples.skewed == pytest.approx(len(injected.rows), rel=0.02)
            assert column.share == column.skewed / clean.num_rows
    assert exact_result(report).outcome is Outcome.FAILED


@pytest.mark.parametrize("name", ["noise", "shuffled", "label-leak"])
@pytest.mark.parametrize("column", ["price", "age"])
def test_no_cause_is_made_up(clean, name, column):
    settings = {"label": "member"} if name == "label-leak" else {}
    report = check_skew(fault(name, **settings).apply(clean, columns=column).table, clean, id="id", time="at")
    assert report.found == (column,)
    assert report.column(column).likely == ()
    assert "no known cause fits" in exact_result(report).findings[0]


def test_what_agrees_passes_whatever_its_order(clean):
    served = clean.take(np.random.default_rng(0).permutation(clean.num_rows))
    report = check_skew(served, clean, id="id")
    result = exact_result(report)
    assert (report.verdict, report.found, report.hollow) == (Verdict.SAME, (), None)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "6 features of 800 examples are as the training code computes them"
    assert result.unknown == ()


def test_the_report_survives_json(clean, put):
    report = check_skew(put("price", np.asarray(clean["price"]) + 5), clean, id="id")
    written = dumps(report)
    assert decode(SkewReport, loads(written, where="here"), where="here") == report
    (price,) = [one for one in json.loads(written)["columns"] if one["name"] == "price"]
    assert (price["skewed"], price["share"], price["likely"][0]["cause"]) == (800, 1.0, "constant offset")
    assert price["likely"][0]["figure"] == pytest.approx(5)
    assert json.loads(written)["examples"]["skewed"] == 800


# ---- tolerances


def test_single_precision_is_within_the_default_and_has_a_name_beyond_it(clean, put):
    served = put("ratio", np.asarray(clean["ratio"]).astype(np.float32))
    assert check_skew(served, clean, id="id").verdict is Verdict.SAME
    report = check_skew(served, clean, id="id", tolerance={"ratio": 0})
    assert report.found == ("ratio",)
    assert (report.column("ratio").likely[0].cause, report.column("ratio").likely[0].figure) == (Cause.FLOAT32, 32)


@pytest.mark.parametrize(
    ("tolerance", "found"),
    [
        (None, {"price", "age", "at"}),
        (0.5, {"at"}),
        ({"price": 0.5}, {"age", "at"}),
        ({"price": Tolerance(absolute=0.3)}, {"age", "at"}),
        ({"number": 0.5, "integer": Tolerance(absolute=2), "datetime": 4}, set()),
        ({"number": 0.5, "price": 0}, {"price", "age", "at"}),
        (Tolerance(absolute=3), set()),
    ],
)
def test_a_tolerance_per_column_and_kind(clean, put, tolerance, found):
    served = clean.to_pandas()
    served["price"] += 0.25
    served["age"] += 1
    served["at"] += pd.Timedelta(seconds=3)
    served.loc[served.price < 1, "price"] += 0
    report = check_skew(served, clean, id="id", tolerance=tolerance)
    # Where a price is nearly nothing a quarter more is more than half of it.
    assert {name for name in report.found if report.column(name).share > 0.05} == found


@pytest.mark.parametrize(
    ("tolerance", "told"),
    [
        ({"prize": 1}, "a tolerance is given for 'prize'.*did you mean \"price\""),
        ({"price": -1}, "the tolerance of 'price' is -1"),
        (float("nan"), "the tolerance is nan"),
        ({"price": "much"}, "the tolerance of 'price' is 'much'"),
    ],
)
def test_a_tolerance_that_cannot_be(clean, tolerance, told):
    with pytest.raises(UsageError, match=told):
        check_skew(clean, clean.slice(0), id="id", tolerance=tolerance)


def test_a_limit_is_a_share_of_examples(clean, put):
    values = np.asarray(clean["price"]).copy()
    values[:8] += 1
    assert check_skew(put("price", values), clean, id="id", limit=0.01).verdict is Verdict.SAME
    report = check_skew(put("price", values), clean, id="id", limit=0.009)
    assert (report.found, report.examples.share) == (("price",), 0.01)


# ---- missing values


@pytest.mark.parametrize(("swap", "default"), [(False, 0.0), (True, 0.0), (False, -1.0), (False, 9999.0)])
def test_a_default_for_missing_values_is_named(clean, put, swap, default):
    values = [None if number % 4 == 0 else value for number, value in enumerate(clean["price"].to_pylist())]
    missing = put("price", values)
    filled = put("price", [default if value is None else value for value in values])
    served, recomputed = (missing, filled) if swap else (filled, missing)
    column = check_skew(served, recomputed, id="id").column("price")
    likely = column.likely[0]
    assert (column.skewed, likely.cause, likely.figure) == (200, Cause.DEFAULT, default)
    assert likely.says.startswith(f"{'recomputed' if swap else 'served'} is {default:g} where")


def test_missing_agrees_with_missing_and_nan_is_told_from_null(clean, put):
    values = clean["price"].to_pylist()
    nulls, nans = [None, None, *values[2:]], [float("nan"), float("nan"), *values[2:]]
    assert check_skew(put("price", nulls), put("price", nulls), id="id").verdict is Verdict.SAME
    assert check_skew(put("price", nans), put("price", nans), id="id").verdict is Verdict.SAME
    column = check_skew(put("price", nans), put("price", nulls), id="id").column("price")
    assert (column.skewed, column.likely[0].cause) == (2, Cause.NAN)


def test_two_causes_in_one_feature(clean, put):
    values = clean["price"].to_pylist()
    served = [None if n % 4 == 0 else value * 100 if n % 4 == 1 else value for n, value in enumerate(values)]
    likely = check_skew(put("price", served), clean, id="id").column("price").likely
    assert {one.cause: one.share for one in likely} == {Cause.MISSING: 0.5, Cause.SCALE: 0.5}


def test_infinities_are_values(clean, put):
    values = clean["ratio"].to_pylist()
    infinite = put("ratio", [float("inf"), *values[1:]])
    assert check_skew(infinite, infinite, id="id").verdict is Verdict.SAME
    assert check_skew(infinite, clean, id="id", tolerance=0.5).column("ratio").skewed == 1


# ---- ids


def test_a_join_that_matches_nothing_does_not_pass(clean, put):
    report = check_skew(clean, put("id", np.arange(800) + 10_000), id="id")
    result = exact_result(report)
    assert (report.verdict, report.examples.matched) == (Verdict.UNMATCHED, 0)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "0 of 800 served examples met a recomputed one: too few to compare"
    assert "800 only served, 800 only recomputed" in result.findings[0]


@pytest.mark.parametrize(("kept", "least", "verdict"), [
    (760, 0.95, Verdict.SAME), (759, 0.95, Verdict.UNMATCHED), (759, 0.9, Verdict.SAME), (0, 0, Verdict.UNMATCHED),
])  # fmt: skip
def test_the_least_share_of_matched_examples(clean, kept, least, verdict):
    report = check_skew(clean, clean.slice(0, kept), id="id", least_matched=least)
    assert (report.verdict, report.examples.matched, report.examples.served_only) == (verdict, kept, 800 - kept)
    if verdict is Verdict.SAME:
        assert f"{800 - kept} only served" in exact_result(report).unknown[0]


def test_more_recomputed_than_served_is_no_fault(clean):
    report = check_skew(clean.slice(0, 50), clean, id="id")
    assert (report.verdict, report.examples.recomputed_only) == (Verdict.SAME, 750)
    assert exact_result(report).unknown == ()


def test_ids_that_stand_twice_or_are_missing_are_counted_and_not_compared(clean, put):
    ids = clean["id"].to_pylist()
    served = put("id", [None, None, 2, 2, *ids[4:]])
    recomputed = put("id", [*ids[:797], 796, None, 799])
    examples = check_skew(served, recomputed, id="id", least_matched=0.9).examples
    assert (examples.served_missing, examples.recomputed_missing) == (2, 1)
    assert (examples.served_duplicated, examples.recomputed_duplicated) == (1, 1)
    assert (examples.served_only, examples.recomputed_only) == (2, 3)
    assert examples.matched == 793


def test_a_table_of_duplicated_ids_does_not_pass(clean):
    served = pa.concat_tables([clean, clean])
    report = check_skew(served, clean, id="id")
    assert (report.verdict, report.examples.served_duplicated) == (Verdict.UNMATCHED, 800)
    assert "800 served more than once" in exact_result(report).findings[0]


def test_ids_of_two_types(clean, put):
    texts = put("id", [str(one) for one in range(800)])
    report = check_skew(texts, clean, id="id")
    assert report.verdict is Verdict.SAME
    assert report.notes[0] == "the id 'id' is text where served, integer where recomputed: compared as text"
    padded = check_skew(put("id", [f"{one:05}" for one in range(800)]), clean, id="id")
    assert padded.verdict is Verdict.UNMATCHED
    assert "compared as text" in exact_result(padded).findings[1]


def test_an_id_of_several_columns(clean):
    report = check_skew(clean, clean.slice(0), id=["city", "at"])
    assert (report.id, report.verdict, report.examples.matched) == (("city", "at"), Verdict.SAME, 800)


# ---- types


def test_whole_numbers_and_floats_are_compared_by_value(clean, put):
    report = check_skew(put("age", np.asarray(clean["age"]).astype(float)), clean, id="id")
    assert (report.verdict, report.column("age").type_differs) == (Verdict.SAME, False)
    assert "'age' is number where served, integer where recomputed: values are compared" in report.notes


def test_text_for_a_number_is_skew_though_it_reads_the_same(clean, put):
    report = check_skew(put("age", [str(one) for one in clean["age"].to_pylist()]), clean, id="id")
    column = report.column("age")
    assert (report.verdict, column.skewed, column.found) == (Verdict.SKEWED, 0, True)
    assert exact_result(report).findings == ("age: served is text, recomputed integer",)
    assert (column.served_kind, column.recomputed_kind) == (Kind.TEXT, Kind.INTEGER)


def test_flags_written_as_numbers(clean, put):
    likely = (
        check_skew(put("member", np.asarray(clean["member"]).astype(int)), clean, id="id").column("member").likely[0]
    )
    assert (likely.cause, likely.share) == (Cause.TYPE, 1.0)
    assert likely.says == "served is integer, recomputed boolean, of the same value"


def test_a_column_of_nothing_has_no_type(clean, put):
    served = put("age", pa.nulls(800))
    column = check_skew(served, clean, id="id").column("age")
    assert (column.type_differs, column.skewed, column.likely[0].cause) == (False, 800, Cause.MISSING)


def test_nothing_to_recompute_has_no_type_either(clean, put):
    column = check_skew(clean, put("age", pa.nulls(800)), id="id").column("age")
    assert (column.type_differs, column.skewed, column.likely[0].cause) == (False, 800, Cause.MISSING)


def test_local_time_with_daylight_saving(clean, put):
    utc = pd.date_range("2024-03-20", periods=800, freq="h")
    recomputed = put("at", utc.to_numpy())
    local = put("at", utc.tz_localize("UTC").tz_convert("Europe/Madrid").tz_localize(None).to_numpy())
    likely = check_skew(local, recomputed, id="id").column("at").likely[0]
    assert (likely.cause, likely.share) == (Cause.DAYLIGHT, 1.0)
    assert "+1 h or +2 h" in likely.says or "+2 h or +1 h" in likely.says


def test_a_zone_on_one_side_alone_is_noted(clean, put):
    aware = put("at", pa.array(clean["at"].to_pylist(), pa.timestamp("us", tz="Europe/Madrid")))
    report = check_skew(aware, clean, id="id")
    assert any("'at' has a time zone on one side alone" in note for note in report.notes)


def test_binary_and_nested_features_are_compared(clean):
    both = clean.append_column("raw", pa.array([b"a"] * 800)).append_column("list", pa.array([[1, 2]] * 800))
    other = clean.append_column("raw", pa.array([b"b"] * 800)).append_column("list", pa.array([[1, 3]] * 800))
    assert check_skew(both, both.slice(0), id="id").verdict is Verdict.SAME
    assert set(check_skew(both, other, id="id").found) == {"raw", "list"}


# ---- what must not pass, and what is not judged


def test_a_table_against_itself_is_hollow(clean, tmp_path):
    for served in (clean, str(tmp_path / "a.parquet")):
        pyarrow.parquet.write_table(clean, tmp_path / "a.parquet")
        result = exact_result(check_skew(served, served, id="id"))
        assert result.outcome is Outcome.HOLLOW
        assert result.hollow == "served and recomputed are the same table: it cannot differ from itself"


def test_nothing_in_common_is_hollow(clean):
    result = exact_result(check_skew(clean.select(["id", "age"]), clean.select(["id", "city"]), id="id"))
    assert (result.outcome, result.hollow) == (Outcome.HOLLOW, "no feature is on both sides: nothing is compared")
    assert result.unknown == ("served but not recomputed: age", "recomputed but not served: city")


def test_features_missing_everywhere_are_hollow():
    table = pa.table({"id": [1, 2], "x": pa.nulls(2, pa.float64())})
    assert exact_result(check_skew(table, table.slice(0), id="id")).outcome is Outcome.HOLLOW


@pytest.mark.parametrize("served", [0, 800])
def test_an_empty_table_does_not_pass(clean, served):
    report = check_skew(clean.slice(0, served), clean.slice(0, 800 - served), id="id")
    assert (report.verdict, exact_result(report).outcome) == (Verdict.UNMATCHED, Outcome.FAILED)


def test_one_example(clean):
    assert check_skew(clean.slice(0, 1), clean, id="id").verdict is Verdict.SAME
    served = clean.slice(0, 1).set_column(2, "age", pa.array([1]))
    assert check_skew(served, clean, id="id").found == ("age",)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"id": "idd"}, "there is no column 'idd'; did you mean \"id\""),
        ({"id": ()}, "the examples need an id"),
        ({"id": "id", "columns": ["prize"]}, "there is no column 'prize'; did you mean \"price\""),
        ({"id": "id", "ignore": ["prize"]}, "there is no column 'prize'"),
        ({"id": "id", "least_matched": 95}, "least_matched is 95, and should be a share"),
        ({"id": "id", "limit": -0.1}, "limit is -0.1, and should be a share"),
    ],
)
def test_a_wrong_call_is_one_sentence(clean, arguments, told):
    with pytest.raises((InputError, UsageError)) as raised:
        check_skew(clean, clean.slice(0), **arguments)
    assert told in str(raised.value)


def test_columns_are_chosen_and_left_out(clean, put):
    served = put("price", np.asarray(clean["price"]) + 1)
    assert check_skew(served, clean, id="id", ignore=["price"]).verdict is Verdict.SAME
    assert check_skew(served, clean, id="id", columns=["age"]).verdict is Verdict.SAME
    assert check_skew(served, clean, id="id", columns=["price"]).found == ("price",)


NAMES = ['a "quoted" one', "with.dots", "with spaces", "😀", "select", "Twin", "twin", "x'; DROP TABLE y; --"]


def test_names_of_any_kind(clean):
    recomputed = pa.table({"the id": range(20), **{name: np.arange(20.0) for name in NAMES}})
    served = pa.table({"the id": range(20), **{name: np.arange(20.0) + 2 for name in NAMES}})
    report = check_skew(served, recomputed, id="the id")
    assert set(report.found) == set(NAMES)
    assert {report.column(name).likely[0].cause for name in NAMES} == {Cause.OFFSET}


def test_sources_of_every_kind_agree(clean, put, tmp_path):
    served = put("price", np.asarray(clean["price"]) * 100)
    pyarrow.parquet.write_table(served, tmp_path / "served.parquet")
    pyarrow.csv.write_csv(served, tmp_path / "served.csv")
    sources = [
        served,
        served.to_pandas(),
        pl.from_arrow(served),
        tmp_path / "served.parquet",
        str(tmp_path / "served.csv"),
    ]
    for source in sources:
        report = check_skew(source, clean, id="id")
        assert (report.found, report.column("price").likely[0].cause) == (("price",), Cause.SCALE)


@pytest.mark.parametrize("content", [b"PAR1 not really", b""])
def test_a_source_that_cannot_be_read(clean, tmp_path, content):
    (tmp_path / "served.parquet").write_bytes(content)
    with pytest.raises(MlscoreError, match=r"served\.parquet"):
        check_skew(tmp_path / "served.parquet", clean, id="id")


def test_a_source_that_is_no_table(clean):
    with pytest.raises(InputError, match="a object is no table"):
        check_skew(object(), clean, id="id")


def test_texts_and_ids_are_not_shown(clean, put):
    served = put("city", ["ana.perez@example.org", *clean["city"].to_pylist()[1:]])
    report = check_skew(served, clean, id="id")
    text = dumps(report) + "\n".join(exact_result(report).findings)
    assert "example.org" not in text
    assert report.column("city").pairs[0].served == "aaa.aaaaa@aaaaaaa.aaa"


def test_many_rows_are_looked_at_by_a_run_of_neighbours():
    rows = 20_000
    values = np.random.default_rng(1).normal(size=rows)
    recomputed = pa.table({"id": range(rows), "x": values})
    served = pa.table({"id": range(rows), "x": np.roll(values, 1)})
    likely = check_skew(served, recomputed, id="id").column("x").likely[0]
    assert (likely.cause, likely.figure) == (Cause.LAG, 1)


def test_a_few_skewed_rows_of_many_are_found():
    rows = 50_000
    values = np.random.default_rng(1).normal(size=rows)
    skewed = values.copy()
    skewed[[7, 40_000]] = [0, 0]
    report = check_skew(pa.table({"id": range(rows), "x": skewed}), pa.table({"id": range(rows), "x": values}), id="id")
    assert (report.column("x").skewed, report.examples.share) == (2, 2 / rows)


def test_of_hundreds_of_skewed_features_those_that_differ_most_are_explained():
    rows = list(range(20))
    served = {"id": rows} | {f"f{number}": [row + 1.0 for row in rows] for number in range(210)}
    least = {f"f{number}": [9.0, *(row + 1.0 for row in rows[1:])] for number in range(10)}
    trained = {"id": rows} | {f"f{number}": [2 * (row + 1.0) for row in rows] for number in range(210)} | least
    report = check_skew(pa.table(served), pa.table(trained), id="id")
    assert (len(report.found), report.examples.skewed) == (210, 20)
    assert [column.name for column in report.columns if not column.likely] == [f"f{number}" for number in range(10)]
    assert "why was not looked for" in " ".join(exact_result(report).findings)
