"""Measuring functions: each kind of dear one shows as such, and one that cannot be measured says why."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.cost.measure import measure, peak, timing
from mlscore.checks.cost.worker import measure_apart
from mlscore.checks.feature_code.forms import Form, load_feature
from mlscore.errors import ConfigError, UsageError


@pytest.fixture(scope="module")
def apart(functions, raw):
    """All functions of the project, measured in one process and those after one that died in another."""
    names = ["clock", "wind", "slow", "hungry", "broken", "endless", "batched", "fewer", "running", "dying", "chatty"]
    texts = [f"cost_features:{name}" for name in names]
    found = measure_apart(texts, "auto", raw, 200, 0.7, ["clock", "hungry", "slow"], functions)
    assert [one.function for one in found] == texts
    return dict(zip(names, found, strict=True))


def test_a_cheap_function(apart):
    clock = apart["clock"]
    assert clock.features == ("clock",)
    assert clock.trouble is None
    assert 0 < clock.row.median.low <= clock.row.median.value <= clock.row.p95.value < 50
    assert clock.row.p95.low <= clock.row.p95.value <= clock.row.p95.high
    assert clock.row.calls >= 4
    assert (clock.rows, clock.missing) == (200, (0,))
    assert clock.memory < 5


def test_columns_are_features_and_holes_are_counted(apart, raw):
    assert apart["wind"].features == ("speed", "calm")
    assert apart["wind"].missing == (0, int((raw["gust"][:200] <= 1).sum()))


def test_a_slow_function_is_slow_by_every_round(apart):
    assert apart["slow"].row.median.low >= 20
    assert apart["slow"].batch.p95.low >= 20
    assert apart["slow"].features == ("slow",)  # its column is called like one of the input


def test_memory_is_that_of_a_batch(apart):
    assert 32 <= apart["hungry"].memory < 50  # 200 rows of 20,000 numbers of 8 bytes
    assert apart["clock"].memory < 1


def test_memory_that_python_does_not_count():
    """What a library asks the system for shows in the process alone."""
    import mmap

    def outside():
        held = mmap.mmap(-1, 40_000_000)
        held.write(b"x" * 40_000_000)
        held.close()

    assert peak(outside) > 35e6


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("broken", "it raises KeyError: 'gust2'"),
        ("endless", "one row did not return within 2 s"),
        ("batched", "a batch did not return within 2 s"),
        ("fewer", "it makes 1 rows of 200"),
        ("running", "it returns a generator, whose features cannot be read twice"),
        ("dying", "its process ended with code 3"),
    ],
)
def test_what_cannot_be_measured_says_why(apart, name, trouble):
    one = apart[name]
    assert one.trouble == trouble
    assert (one.row, one.batch, one.memory) == (None, None, None)
    if name in ("endless", "batched"):
        assert 0 < one.beyond <= 2
    else:
        assert one.beyond is None
    assert one.beyond_row == (name == "endless")


def test_what_prints_and_writes_is_measured_all_the_same(apart, capfd):
    """The first file that is written in a fresh process is written, and the call ends."""
    assert apart["chatty"].trouble is None
    assert capfd.readouterr().out == ""


def test_one_process_does_for_all_that_return(functions, raw):
    began = time.monotonic()
    (one,) = measure_apart(["cost_features:clock"], "auto", raw, 10, 0.2, (), functions)
    assert one.trouble is None
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cost_features:clocks", "cost_features has no 'clocks'; did you mean \"clock\"?"),
        ("cost_feature:clock", "cost_feature cannot be imported"),
        ("clock", "'clock' names no function"),
    ],
)
def test_functions_that_are_not_there(functions, raw, text, said):
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        measure_apart([text], "auto", raw, 10, 0.2, (), functions)


def test_a_module_that_ends_its_process(functions, raw):
    (functions / "deadly.py").write_text("import os\nos._exit(5)\n", encoding="utf-8")
    with pytest.raises(UsageError, match="the process that imports deadly:f ended"):
        measure_apart(["deadly:f"], "auto", raw, 10, 0.2, (), functions)


@pytest.mark.parametrize("form", ["pandas", "polars", "numpy", "rows", "row"])
def test_forms(form, raw):
    def twice(given):
        if form == "polars":
            return given.lazy().select("hour")
        if form == "row":
            return {"hour": given["hour"]}
        return given[:, :1] if form == "numpy" else [row["hour"] for row in given] if form == "rows" else given["hour"]

    feature = load_feature(twice, Form(form), list(raw.columns))
    feature.ready(raw)()  # what the first call imports takes its time
    found = measure(feature, raw, 50, 0.3)
    assert found.trouble is None
    assert found.row.median.value > 0
    assert found.rows == 50


def test_what_it_is_given_is_not_measured(raw):
    """Rows as mappings are dear to make; a function that does nothing with them is not."""
    wide = pd.DataFrame(np.zeros((300, 400)), columns=[str(number) for number in range(400)])

    def nothing(rows: list[dict]):
        return [0.0] * len(rows)

    found = measure(load_feature(nothing, Form.AUTO, list(wide.columns)), wide, 300, 0.3)
    assert found.batch.median.low < 0.5


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the system does not tell")
def test_what_waits_for_other_programs_is_not_dear(raw):
    """Three programs at once on each processor: the time of each call is what it would be alone."""
    code = "import time; end = time.monotonic() + 30\nwhile time.monotonic() < end: pass"
    others = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2 * (os.cpu_count() or 1))]

    def busy(rows):
        end = time.thread_time() + 0.003
        while time.thread_time() < end:
            pass
        return rows["hour"]

    try:
        found = measure(load_feature(busy, Form.AUTO, list(raw.columns)), raw, 50, 1.0)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert 3 <= found.row.median.value < 4.5


def test_timing_by_round():
    found = timing([[0.001, 0.001], [0.003, 0.003], [0.002, 0.002]])
    assert (found.median.low, found.median.value, found.median.high) == pytest.approx((1, 2, 3))
    assert (found.p95.low, found.p95.value, found.p95.high) == pytest.approx((1, 3, 3))
    assert found.calls == 6
    both = found + found
    assert (both.median.low, both.p95.high, both.calls) == (pytest.approx(2), pytest.approx(6), 6)
