"""Functions under pytest-benchmark, one of them failing: `pytest benchmarked.py --benchmark-json=FILE`."""

from __future__ import annotations


def test_sorting(benchmark):
    assert benchmark.pedantic(sorted, args=(list(range(1000, 0, -1)),), rounds=50)[0] == 1


def test_summing(benchmark):
    assert benchmark.pedantic(sum, args=(range(1000),), rounds=50) == 499_500


def test_that_fails(benchmark):
    assert benchmark.pedantic(sum, args=(range(10),), rounds=20) == 0
