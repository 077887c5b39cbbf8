"""Summaries add up, survive JSON, and are refused when they are something else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.drift import summary as summaries
from mlscore.errors import InputError, OutputError

few = settings(max_examples=8, deadline=None)
DAY = 86_400_000_000


def rows(seed, count, first=0, days=20):
    rng = np.random.default_rng(seed)
    at = (np.sort(rng.integers(first, first + days, count)) * DAY + rng.integers(0, DAY, count)).astype("int64")
    return pa.table(
        {
            "at": pa.array(at).cast(pa.timestamp("us")),
            "x": pa.array(rng.standard_normal(count), mask=rng.random(count) < 0.1),
            "kind": pa.array(rng.choice(["a", "b", "c", None], count), pa.string()),
            "note": [f"text {number} {'x' * (number % 7)}" for number in rng.integers(0, 10**6, count)],
            "flag": rng.random(count) < 0.3,
        }
    )


class Shown(summaries.Summary):
    """A summary that a failing property does not print in full."""

    __slots__ = ()

    def _repr_pretty_(self, printer, cycle):
        printer.text("Summary(...)")


@pytest.fixture(scope="module")
def like(summary_of):
    made = summary_of(rows(0, 3_000), time="at")
    return Shown(**{name: getattr(made, name) for name in made.__slots__})


@few
@given(seed=st.integers(1, 1_000), sizes=st.lists(st.integers(1, 300), min_size=3, max_size=3))
def test_windows_add_up_in_any_order(seed, sizes, like, summary_of):
    parts = [rows(seed + n, size, first=7 * n, days=9) for n, size in enumerate(sizes)]
    whole = summary_of(pa.concat_tables(parts), like=like)
    a, b, c = (summary_of(part, like=like) for part in parts)
    assert (a + b) + c == a + (b + c)
    together = a + b + c
    assert (together.rows, together.blocks, together.sizes) == (whole.rows, whole.blocks, whole.sizes)
    for one, two in zip(together.columns, whole.columns, strict=True):
        assert [(f.total, f.blocks) for f in one.facets] == [(f.total, f.blocks) for f in two.facets]
    back = b + a
    assert (back.sizes, back.columns) == ((a + b).sizes, (a + b).columns)
    assert sorted(back.sample.priorities) == sorted((a + b).sample.priorities)


@few
@given(seed=st.integers(1, 1_000), count=st.integers(0, 200))
def test_survives_json(seed, count, like, summary_of):
    made = summary_of(rows(seed, count), like=like)
    assert summaries.parse(summaries.dumps(made), where="here") == made


def test_a_reference_is_kilobytes_and_holds_no_row(summary_of, tmp_path):
    data = rows(1, 60_000, days=200)
    made = summary_of(data, time="at")
    file = tmp_path / "reference.json"
    summaries.save(made, file)
    assert file.stat().st_size < 400_000
    assert summaries.load(file) == made
    text = file.read_text(encoding="utf-8")
    assert not [note for note in data.column("note").to_pylist() if note in text]


def test_the_sample_of_two_windows_is_a_fair_one(summary_of, like):
    big, small = rows(5, 20_000), rows(6, 5_000)
    made = summary_of(big, like=like) + summary_of(small, like=like)
    assert len(made.sample.priorities) == summaries.SAMPLE_ROWS
    assert list(made.sample.priorities) == sorted(made.sample.priorities)
    alone = set(summary_of(big, like=like).sample.priorities)
    assert sum(priority in alone for priority in made.sample.priorities) == pytest.approx(4_000, abs=200)


def test_blocks_of_rows_follow_one_another(summary_of):
    reference = summary_of(rows(1, 1_000).drop_columns(["at"]))
    two = summary_of(rows(2, 500).drop_columns(["at"]), like=reference)
    assert (reference.unit, reference.block_rows) == ("rows", 50)
    made = reference + two
    assert made.blocks[-1] == "1450"
    assert made.sizes == (50,) * 30


def test_empty_blocks_between_are_blocks(summary_of):
    data = rows(1, 400, days=10)
    day = np.array(data.column("at").cast(pa.int64())) // DAY
    made = summary_of(data.filter(pa.array(day != 4)), time="at", columns=["x"])
    assert made.unit == "hour"
    assert made.sizes[4 * 24 : 5 * 24] == (0,) * 24


@pytest.mark.parametrize("change", ["columns", "bins", "blocks"])
def test_what_was_counted_otherwise_does_not_add_up(change, like, summary_of):
    other = {
        "columns": lambda: summary_of(rows(1, 100), time="at", columns=["x"]),
        "bins": lambda: summary_of(rows(1, 3_000), time="at"),
        "blocks": lambda: summary_of(rows(1, 3_000)),
    }[change]()
    with pytest.raises(ValueError, match=change):
        like + other


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.update(schema="mlscore.drift-summary/9"), "drift-summary/9"),
        (lambda data: data.pop("schema"), "not a drift summary"),
        (lambda data: data["columns"][1]["facets"][0]["edges"].pop(), "do not fit their bins"),
        (lambda data: data["columns"][1]["facets"][0]["blocks"].pop(), "every block"),
        (lambda data: data.pop("rows"), '"rows"'),
    ],
)
def test_a_file_that_is_no_summary_is_refused(change, said, like, tmp_path):
    data = json.loads(summaries.dumps(like))
    change(data)
    file = tmp_path / "reference.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        summaries.load(file)


def test_files_that_cannot_be_read_or_written(like, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        summaries.load(tmp_path / "none.json")
    with pytest.raises(OutputError, match="cannot be written"):
        summaries.save(like, Path(tmp_path / "no" / "folder.json"))
