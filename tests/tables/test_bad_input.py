"""Data that no one wishes for: an honest answer, or an error that says what, where and what to do."""

import math
import os
import traceback
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.errors import InputError, UsageError
from mlscore.tables.conditions import Compare, Holds, Matches, Missing, Not, OneOf, Operator, Repeated
from mlscore.tables.engines.duckdb_errors import explained
from mlscore.tables.shapes import WHOLE, Categories, Edges, Kind, RowBlocks, TableOptions, TimeBlocks, Unit
from mlscore.tables.sources import read_source
from mlscore.tables.table import open_table

AWKWARD = [
    'double "quotes"',
    "it's",
    "a.b.c",
    " leading and trailing ",
    "🙂 emoji",
    "select",
    "",
    "*",
    "x; DROP TABLE t; --",
    "x') OR 1=1 --",
    "back\\slash",
    "back`tick",
    "new\nline",
    "tab\t",
    "$1",
    "?",
    "{}",
    "%s",
    "file_row_number",
    "file_index",
    "filename",
    "mlscore row",
    "mlscore block",
    "x <= 1",
    "v0",
    "f0",
    "word",
    "n" * 300,
]


@pytest.mark.parametrize("form", ["parquet", "frame", "polars"])
def test_names_of_any_kind(opened, written, form):
    names = [name for name in AWKWARD if name] + (["a_1", "a", "A", "Ä", "ä"])
    data = pa.table({name: [number, number + 1, None] for number, name in enumerate(names)})
    given_ = {"parquet": lambda: written(data), "frame": lambda: data, "polars": lambda: pl.from_arrow(data).lazy()}
    table = opened(given_[form]())
    assert [c.name for c in table.columns] == names
    profile = table.profile()
    assert [(c.minimum, c.maximum, c.null) for c in profile.columns] == [(n, n + 1, 1) for n in range(len(names))]
    edges = table.edges(names, 2)
    for blocks in (None, RowBlocks(2)):
        counts = table.counts({name: Edges((float(n),)) for n, name in enumerate(names)}, blocks)
        assert [next(iter(counts[name].values())).bins for name in names] == [(1, 1)] * len(names)
    assert len(edges) == len(names)
    assert table.violations(
        {name: Compare(name, Operator.GREATER, n) for n, name in enumerate(names)}
    ) == dict.fromkeys(names, 1)
    assert table.violations({name: Repeated((name,)) for name in names}) == dict.fromkeys(names, 0)
    assert list(table.rows_where(Missing(names[0]), 1)[0]) == names
    assert table.sample(3).column_names == names
    assert table.join(table, names[1], [names[0]]).matched == 2
    assert table.join(table, names[1], [names[1]]).differing == 0


@pytest.mark.parametrize("form", ["parquet", "frame"])
def test_a_column_named_as_rows_are_numbered(opened, written, form):
    data = pa.table({"mlscore row": ["a", "b"] * 50, "Mlscore Row_": [7] * 100, "n": list(range(100))})
    table = opened(written(data) if form == "parquet" else data)
    found = table.counts({"n": Edges((49.5,)), "mlscore row": Categories(("a",))}, RowBlocks(50))
    assert {block: of.bins for block, of in found["n"].items()} == {"0": (50, 0), "1": (0, 50)}
    assert [of.bins for of in found["mlscore row"].values()] == [(25,), (25,)]
    assert table.sample(10).num_rows == 10


def test_names_of_any_kind_in_csv(opened, tmp_path):
    names = ["a", "A", "a_1", "it's", "select", "a.b", "🙂", 'q"q', "semi;colon"]
    path = tmp_path / "names.csv"
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    path.write_text(f"{header}\n{','.join('1' for _ in names)}\n", encoding="utf-8")
    assert [c.name for c in opened(path).columns] == names


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]),
        lambda folder: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        lambda folder: _written(folder / "x.csv", "a,a\n1,2\n"),
    ],
)
def test_two_columns_of_one_name_are_refused(opened, tmp_path, make):
    with pytest.raises(InputError, match=r"two columns are named 'a'|[Dd]uplicate"):
        opened(make(tmp_path))


def _written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_without_columns(opened):
    with pytest.raises(InputError, match="no columns"):
        opened(pa.table({}))


@pytest.mark.parametrize("text", [name for name in AWKWARD if name] + ["'; DROP TABLE x; --", "\\'; --", "''", "\x01"])
def test_literals_of_any_kind(opened, text):
    table = opened(pa.table({"t": [text, "other", None]}))
    asked = {
        "equal": Compare("t", Operator.EQUAL, text),
        "one of": OneOf("t", (text, "none")),
        "holds": Holds("t", text),
    }
    assert table.violations(asked) == dict.fromkeys(asked, 1)
    assert table.counts({"t": Categories((text, "other"))})["t"][WHOLE].bins == (1, 1)
    many = Categories((text, *(f"no {n}" for n in range(60))))
    assert table.counts({"t": many})["t"][WHOLE].bins[0] == 1
    assert table.top(["t"], 5)["t"].values == tuple(sorted([text, "other"]))
    assert {entry.value for entry in table.profile().columns[0].top} == {
        text if len(text) < 201 else text[:199] + "…",
        "other",
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), text=st.text())
def test_any_name_and_any_literal(opened, name, text):
    table = opened(pa.table({name: pa.array(["x", None])}))
    condition = Compare(name, Operator.EQUAL, text)
    if "\0" in text:
        with pytest.raises(InputError, match="null character"):
            table.violations({"a": condition})
    else:
        assert table.violations({"a": condition, "b": Holds(name, text)}) == {"a": text == "x", "b": text in ("x", "")}


def test_texts_that_sql_cannot_hold(opened):
    table = opened(pa.table({"t": ["x"]}))
    for text in ("a\0b", "\ud800"):
        with pytest.raises(InputError, match="cannot be compared with"):
            table.violations({"x": Compare("t", Operator.EQUAL, text)})


def test_a_name_with_a_null_character_is_refused(opened):
    with pytest.raises(InputError):
        opened(pa.table({"a\0b": [1]})).profile()


def test_extreme_numbers(opened):
    data = {
        "huge": pa.array([2**63 - 1, -(2**63), 0]),
        "unsigned": pa.array([2**64 - 1, 0, 1], pa.uint64()),
        "small": pa.array([-128, 127, 0], pa.int8()),
        "single": pa.array([0.1, 0.1, 3e38], pa.float32()),
        "decimal": pa.array([Decimal("9" * 38), Decimal("-1"), Decimal("0")], pa.decimal128(38, 0)),
        "limits": pa.array([1.7976931348623157e308, -1.7976931348623157e308, 5e-324]),
        "infinite": pa.array([math.inf, -math.inf, math.nan]),
    }
    table = opened(pa.table(data))
    profile = table.profile()
    assert (profile.column("huge").maximum, profile.column("huge").minimum) == (2**63 - 1, -(2**63))
    assert profile.column("unsigned").maximum == 2**64 - 1
    assert profile.column("single").top[0].count == 2
    assert profile.column("decimal").maximum == pytest.approx(1e38)
    assert profile.column("limits").deviation is None
    infinite = profile.column("infinite")
    assert (infinite.nan, infinite.infinite, infinite.minimum, infinite.mean, infinite.quantiles) == (
        1,
        2,
        None,
        None,
        (),
    )
    assert sum(infinite.histogram) == 2
    edges = Edges((-1e300, 0.0, 1e300))
    counts = table.counts(dict.fromkeys(data, edges))
    assert [(c[WHOLE].bins, c[WHOLE].nan) for c in counts.values()] == [
        ((0, 2, 1, 0), 0),
        ((0, 1, 2, 0), 0),
        ((0, 2, 1, 0), 0),
        ((0, 0, 3, 0), 0),
        ((0, 2, 1, 0), 0),
        ((1, 0, 1, 1), 0),
        ((1, 0, 0, 1), 1),
    ]


def test_types_beyond_the_usual(opened):
    data = {
        "duration": pa.array([1, None], pa.duration("s")),
        "time": pa.array([1, None], pa.time64("us")),
        "struct": pa.array([{"a": 1}, None]),
        "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        "fixed": pa.array([b"ab", None], pa.binary(2)),
        "words": pa.array(["x", None]).dictionary_encode(),
        "nothing": pa.nulls(2),
        "old": pa.array([-62135596800, 253402300799], pa.timestamp("s")),
    }
    table = opened(pa.table(data))
    kinds = {c.name: c.kind for c in table.columns}
    assert kinds == {
        "duration": Kind.OTHER,
        "time": Kind.OTHER,
        "struct": Kind.NESTED,
        "map": Kind.NESTED,
        "fixed": Kind.BINARY,
        "words": Kind.TEXT,
        "nothing": kinds["nothing"],
        "old": Kind.DATETIME,
    }
    profile = table.profile()
    assert [c.null for c in profile.columns] == [1, 1, 1, 1, 1, 1, 2, 0]
    assert profile.column("old").minimum == "0001-01-01T00:00:00"
    assert profile.column("time").top[0].count == 1
    far = table.counts({"old": Edges((-1e300, 0.0, 1e300))})["old"][WHOLE]
    assert far.bins == (0, 1, 1, 0)
    assert table.rows_where(Not(Missing("struct")), 1)[0]["struct"] == "{'a': 1}"


def test_five_thousand_columns(opened, written):
    width = 5_000
    data = pa.table({f"c{n}": [float(n), None] if n % 2 else ["a", "b"] for n in range(width)})
    table = opened(written(data))
    profile = table.profile([f"c{n}" for n in range(width - 220, width)], bins=5, top=2)
    assert len(profile.columns) == 220
    assert profile.column("c4999").minimum == 4_999
    assert [entry.value for entry in profile.column("c4998").top] == ["a", "b"]
    assert table.violations({c.name: Missing(c.name) for c in table.columns})["c4999"] == 1


def test_a_corrupt_footer(opened, written):
    path = written(pa.table({"x": list(range(1_000))}))
    whole = path.read_bytes()
    for damaged in (whole[:-6], whole[:50], b"", b"not Parquet at all", whole[:-30] + b"\xff" * 22 + whole[-8:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"data\.parquet: it is not a whole Parquet file; write it again"):
            opened(path).profile()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_text_in_another_encoding(opened, tmp_path, form):
    text = {"csv": "id,name\n1,ni\xf1o\n2,a\n", "jsonl": '{"id": 1, "name": "ni\xf1o"}\n'}[form]
    path = tmp_path / f"latin.{form}"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=rf"latin\.{form}: it holds text that is not UTF-8; save it as UTF-8"):
        opened(path)


def test_corrupt_pages(opened, written):
    path = written(pa.table({"x": np.random.default_rng(0).random(100_000)}))
    whole = bytearray(path.read_bytes())
    whole[2_000:300_000] = bytes(298_000)
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"data\.parquet"):
        opened(path).profile()


def test_a_source_that_vanishes(opened, written, tmp_path):
    for number in range(3):
        written(pa.table({"x": list(range(10))}), name=f"many/{number}")
    table = opened(tmp_path / "many")
    assert table.count() == 30
    (tmp_path / "many" / "1.parquet").unlink()
    with pytest.raises(InputError, match="it cannot be read any more: a file is gone"):
        table.profile()
    alone = opened(tmp_path / "many" / "0.parquet")
    (tmp_path / "many" / "0.parquet").unlink()
    with pytest.raises(InputError, match="it cannot be read any more: a file is gone"):
        alone.profile()


def test_a_column_of_another_type_in_a_later_file(opened, written, tmp_path):
    written(pa.table({"x": [1, 2]}), name="types/1")
    written(pa.table({"x": ["a"]}), name="types/2")
    column = opened(tmp_path / "types").profile().columns[0]
    assert (column.kind, column.rows) == (Kind.TEXT, 3)


@pytest.fixture
def powerless():
    """Root may read everything, so that a test run by root goes on as nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_no_permission(tmp_path, written, form, request):
    path = written(pa.table({"x": [1]}), form)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    path.chmod(0)
    request.getfixturevalue("powerless")
    with pytest.raises(InputError, match="not permitted"):
        open_table(path)


def test_no_permission_to_look_into_a_folder(tmp_path, written, request):
    path = written(pa.table({"x": [1]}), name="closed/a")
    path.parent.chmod(0)
    request.getfixturevalue("powerless")
    for given_ in (path, path.parent, f"{path.parent}/*.parquet"):
        with pytest.raises(InputError, match=r"not permitted|no file is there|no data files"):
            open_table(given_)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_refused_read_is_told_as_that(form):
    source = read_source(f"somewhere/data.{form}x/*.{form}")
    refused = duckdb.IOException(f'IO Error: Cannot open file "data.{form}": Permission denied')
    assert "not permitted" in str(explained(refused, source, TableOptions()))


def test_json_that_is_none(opened, tmp_path):
    with pytest.raises(
        InputError, match=r"bad\.jsonl: line 3 is no whole JSON \(unexpected end of data\); write one JSON"
    ):
        opened(_written(tmp_path / "bad.jsonl", '{"a": 1}\n{"a": \n'))


def test_a_quotation_mark_that_is_not_closed(opened, tmp_path):
    with pytest.raises(InputError, match=r"bad\.csv: no form of CSV fits it: a quotation mark is not closed"):
        opened(_written(tmp_path / "bad.csv", 'a,b\n1,"x\n2,y\n3,z\n'))


def test_an_error_shows_no_row(opened, tmp_path):
    rows = "x,mail\n" + "1,a\n" * 30_000 + "2,b,maria@example.org\n"
    with pytest.raises(InputError, match="line 30002 has 3 fields, the header has 2") as caught:
        opened(_written(tmp_path / "people.csv", rows))
    assert "maria" not in "".join(traceback.format_exception(caught.value))


def test_a_pandas_column_of_mixed_types(opened):
    with pytest.raises(InputError, match="give each column one type"):
        opened(pd.DataFrame({"x": pd.Series([1, "a", 2.5], dtype=object)}))


def test_a_failing_lazy_frame(opened):
    lazy = pl.LazyFrame({"x": ["a"]}).select(pl.col("x").cast(pl.Int64))
    with pytest.raises(InputError, match="cannot be had"):
        opened(lazy)


def test_a_pattern_the_engine_does_not_know(opened):
    table = opened(pa.table({"t": ["a"]}))
    with pytest.raises(InputError, match="DuckDB cannot read this"):
        table.violations({"x": Matches("t", "(?=a)a")})


def test_a_figure_that_cannot_be_asked_for(opened):
    table = opened(pa.table({"x": [1], "at": pa.array([0], pa.timestamp("s"))}))
    with pytest.raises(UsageError):
        table.profile(bins=0)
    with pytest.raises(UsageError):
        table.edges(["x"], 0)
    with pytest.raises(ValueError, match="strictly"):
        Edges((1.0, 1.0))
    with pytest.raises(ValueError, match="at least one row"):
        RowBlocks(0)
    assert table.counts({}, TimeBlocks("at", Unit.DAY)) == {}
    assert table.violations({}) == {}
