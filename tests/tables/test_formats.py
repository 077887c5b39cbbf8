"""The same rows in every form a source may have give the same table."""

import gzip
from datetime import UTC, date, datetime

import deltalake
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

from mlscore.errors import InputError
from mlscore.tables.shapes import WHOLE, Edges, Kind, RowBlocks

ROWS = pa.table(
    {
        "n": pa.array([1, 2, None, 4]),
        "x": pa.array([0.5, None, -1.25, 1e6]),
        "t": pa.array(["a", 'b"c', None, "d,e 🙂"]),
        "flag": pa.array([True, False, None, True]),
        "day": pa.array([date(2013, 1, 1), date(2013, 1, 2), None, date(2013, 1, 4)]),
        "at": pa.array([datetime(2013, 1, 1, 5), datetime(2013, 1, 1, 6), None, datetime(2013, 1, 1, 8)]),
    }
)
KINDS = [Kind.INTEGER, Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME]


def check(table):
    assert [c.name for c in table.columns] == ROWS.column_names
    assert [c.kind for c in table.columns] == KINDS
    profile = table.profile()
    assert [c.null for c in profile.columns] == [1] * 6
    assert (profile.column("x").minimum, profile.column("n").maximum) == (-1.25, 4)
    assert profile.column("at").maximum == "2013-01-01T08:00:00"
    assert {entry.value for entry in profile.column("t").top} == {"a", 'b"c', "d,e 🙂"}
    blocks = table.counts({"n": Edges((2.0,))}, RowBlocks(2))["n"]
    assert [(counts.bins, counts.null) for counts in blocks.values()] == [((2, 0), 0), ((0, 1), 1)]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl", "json"])
def test_files(opened, written, form):
    check(opened(written(ROWS, form)))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_packed_files(opened, written, tmp_path, form, packing):
    packed = tmp_path / f"packed.{form}.{packing}"
    plain = written(ROWS, form).read_bytes()
    packed.write_bytes(gzip.compress(plain) if packing == "gz" else pa.compress(plain, "zstd", asbytes=True))
    check(opened(packed))


def test_a_packed_csv_with_another_delimiter(opened, tmp_path):
    path = tmp_path / "packed.csv.zst"
    path.write_bytes(pa.compress(b"a;b\n1;2\n", "zstd", asbytes=True))
    assert [c.name for c in opened(path).columns] == ["a", "b"]


def test_a_path_as_text_and_as_a_file_url(opened, written):
    path = written(ROWS, name="with space")
    check(opened(str(path)))
    check(opened(path.as_uri()))


@pytest.mark.parametrize(
    "frame",
    [
        ROWS,
        pl.from_arrow(ROWS),
        pl.from_arrow(ROWS).lazy(),
        ROWS.to_pandas(types_mapper=pd.ArrowDtype),
        pa.dataset.dataset(ROWS),
        ROWS.to_batches()[0],
        {name: ROWS[name] for name in ROWS.column_names},
        lambda: ROWS,
    ],
    ids=["arrow", "polars", "lazy", "pandas", "dataset", "batch", "mapping", "function"],
)
def test_frames(opened, frame):
    check(opened(frame))


def test_a_generator_of_batches_is_read_once(opened):
    check(opened(pa.RecordBatchReader.from_batches(ROWS.schema, iter(ROWS.to_batches(max_chunksize=1)))))


def test_pandas_missing_values_are_null(opened):
    table = opened(pd.DataFrame({"x": [1.0, None, 3.0], "t": ["a", None, "c"]}, index=[5, 6, 7]))
    assert [(c.name, c.null, c.nan) for c in table.profile().columns] == [("x", 1, 0), ("t", 1, 0)]


def test_polars_nan_is_not_null(opened):
    column = opened(pl.DataFrame({"x": [1.0, None, float("nan")]})).profile().columns[0]
    assert (column.null, column.nan) == (1, 1)


def test_pandas_columns_without_text_names(opened):
    assert [c.name for c in opened(pd.DataFrame([[1, 2]])).columns] == ["0", "1"]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_globs_and_folders(opened, written, tmp_path, form):
    for number in range(4):
        written(ROWS.slice(number, 1), form, name=f"many/part {number}")
    check(opened(str(tmp_path / "many" / f"part ?.{form}")))
    check(opened(tmp_path / "many"))


def test_folders_with_hive_partitions(opened, tmp_path):
    for month in (1, 2):
        folder = tmp_path / "flights" / f"month={month}" / "carrier=AA"
        folder.mkdir(parents=True)
        pa.parquet.write_table(pa.table({"x": [month, 10]}), folder / "part.parquet")
    table = opened(tmp_path / "flights")
    assert {c.name: c.kind for c in table.columns} == {
        "x": Kind.INTEGER,
        "month": Kind.INTEGER,
        "carrier": Kind.TEXT,
    }
    assert table.counts({"month": Edges((1.0,))})["month"][WHOLE].bins == (2, 2)


def test_a_later_file_may_bring_a_column(opened, written, tmp_path):
    written(pa.table({"a": [1, 2]}), name="grown/1")
    written(pa.table({"b": ["x"], "a": [3]}), name="grown/2")
    profile = opened(tmp_path / "grown").profile()
    assert {c.name: (c.rows, c.null) for c in profile.columns} == {"a": (3, 0), "b": (3, 2)}


def test_a_file_whose_name_looks_like_a_glob(opened, written):
    check(opened(written(ROWS, name="odd [a-z]*")))


def test_delta_tables(opened, tmp_path):
    path = str(tmp_path / "delta")
    deltalake.write_deltalake(path, pa.table({"x": [1, 2], "part": ["a", "b"]}), partition_by=["part"])
    deltalake.write_deltalake(path, pa.table({"x": [30], "part": ["b"]}), mode="append")
    for given in (path, f"delta://{path}"):
        profile = opened(given).profile()
        assert profile.rows == 3
        assert profile.column("x").maximum == 30
        assert profile.column("part").distinct == 2
    deltalake.DeltaTable(path).delete("x = 30")
    assert opened(path).count() == 2


def test_csv_with_other_delimiters(opened, tmp_path):
    for sign, name in ((";", "a.csv"), ("\t", "b.tsv"), ("|", "c.csv")):
        path = tmp_path / name
        path.write_text(f'x{sign}"t,t"\n1{sign}a\n2{sign}b\n', encoding="utf-8")
        assert [c.name for c in opened(path).columns] == ["x", "t,t"]


def test_csv_types_are_told_by_all_rows(opened, tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("x\n" + "1\n" * 30_000 + "late text\n", encoding="utf-8")
    column = opened(path).profile().columns[0]
    assert (column.kind, column.rows, column.distinct) == (Kind.TEXT, 30_001, 2)


def test_a_csv_with_only_a_header(opened, tmp_path):
    path = tmp_path / "header.csv"
    path.write_text("a,b\n", encoding="utf-8")
    table = opened(path)
    assert ([c.name for c in table.columns], table.count()) == (["a", "b"], 0)


def test_a_mark_of_byte_order_is_no_part_of_a_name(opened, tmp_path):
    path = tmp_path / "bom.csv"
    path.write_bytes("n,x\n1,2\n".encode("utf-8-sig"))
    assert [c.name for c in opened(path).columns] == ["n", "x"]


def test_tables_of_different_forms_join(opened, written):
    files = opened(written(ROWS)).join(opened(written(ROWS, "csv")), "t")
    assert (files.matched, files.left_missing, files.differing) == (3, 1, 0)
    frames = opened(written(ROWS)).join(opened(pl.from_arrow(ROWS)), "t")
    assert (frames.matched, frames.right_missing, frames.differing) == (3, 1, 0)


def test_times_of_all_zones_are_binned_in_utc(opened):
    at = datetime(2013, 1, 1, 12, tzinfo=UTC)
    columns = {
        "naive": pa.array([at.replace(tzinfo=None)], pa.timestamp("us")),
        "madrid": pa.array([at], pa.timestamp("us", "Europe/Madrid")),
        "tokyo": pa.array([at], pa.timestamp("ns", "Asia/Tokyo")),
    }
    table = opened(pa.table(columns))
    edges = Edges((at.timestamp() - 1, at.timestamp(), at.timestamp() + 1))
    assert [c[WHOLE].bins for c in table.counts(dict.fromkeys(columns, edges)).values()] == [(0, 1, 0, 0)] * 3


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4,5\n", "a,b\n1,2\n3\n", 'a,b\n1,2\n"3,4\n5,6\n'])
def test_ragged_lines_are_refused(opened, tmp_path, text):
    path = tmp_path / "ragged.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"ragged\.csv") as caught:
        opened(path)
    assert "line 3" in str(caught.value) or "quote" in str(caught.value).lower()


def test_an_empty_csv_is_refused(opened, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="not even a header"):
        opened(path)
