"""Says nothing of the machine in pytest-benchmark's JSON; a conftest.py there."""

from __future__ import annotations


def pytest_benchmark_update_machine_info(config, machine_info):
    """Keep none of it."""
    machine_info.clear()
