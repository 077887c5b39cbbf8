"""pytest-benchmark's JSON: how long each benchmark took."""

from __future__ import annotations

from mlscore.checks.reports.load import Document, clean, moment, number, put
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import InputError

_STATS = ("min", "max", "mean", "median", "stddev", "iqr", "ops", "rounds")


def recognises(document: Document) -> bool:
    """Whether it is what `--benchmark-json` wrote."""
    record = document.record
    return isinstance(record.get("benchmarks"), list) and ("commit_info" in record or "machine_info" in record)


def read(document: Document) -> Report:
    """`median:test_sorting` and the like: seconds, `ops` a second. A dirty tree is noted.

    The file does not say whether a test passed; a benchmark with an error is a finding where it is told. Raises
    InputError where it is something else.
    """
    record = document.record
    if not recognises(document):
        raise InputError("no benchmarks", where=document.name, hint="write them by pytest --benchmark-json=FILE")
    metrics: dict[str, float] = {}
    findings = []
    for one in record["benchmarks"]:
        name = clean(one["name"])
        # Equal names of two files are told apart by the file.
        if f"median:{name}" in metrics:
            name = clean(one.get("fullname", name))
        stats = one.get("stats")
        for key in _STATS:
            value = number(stats.get(key)) if isinstance(stats, dict) else None
            if value is not None:
                put(metrics, f"{key}:{name}", value)
        if one.get("has_error") or not isinstance(stats, dict):
            findings.append(Finding(name, False, detail="the benchmark ended with an error"))
    commit = record.get("commit_info")
    told = commit if isinstance(commit, dict) else {}
    about = {"commit": clean(told["id"])} if told.get("id") not in (None, "unversioned") else {}
    return Report(
        "pytest-benchmark",
        version=None if record.get("version") is None else clean(record["version"]),
        made=moment(record.get("datetime")),
        findings=tuple(findings),
        metrics=metrics,
        about=about,
        notes=("it was measured in a tree with changes that were not committed",) if told.get("dirty") is True else (),
    )
