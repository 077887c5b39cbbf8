"""Evidently's JSON: reports with tests (0.7), and test suites and reports before 0.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlscore.checks.base import Figure
from mlscore.checks.reports.load import Document, clean, moment, number, put
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import InputError

DRIFT = ("monitor-3",)
QUALITY = ("data-1", "monitor-2")
PERFORMANCE = ("infra-4", "monitor-7")

# Groups of tests before 0.7.
_GROUPS = {
    "data_drift": DRIFT,
    "data_integrity": QUALITY,
    "data_quality": QUALITY,
    "classification": PERFORMANCE,
    "regression": PERFORMANCE,
    "recsys": PERFORMANCE,
}
# Metrics from 0.7, by what they are about.
_METRICS = {
    **dict.fromkeys(("ValueDrift", "DriftedColumnsCount", "EmbeddingsDrift"), DRIFT),
    **dict.fromkeys(
        (
            *("AlmostConstantColumnsCount", "AlmostDuplicatedColumnsCount", "CategoryCount", "ColumnCount"),
            *("ColumnCorrelationMatrix", "ConstantColumnsCount", "CorrelationMatrix", "DatasetMissingValueCount"),
            *("DuplicatedColumnsCount", "DuplicatedRowCount", "EmptyColumnsCount", "EmptyRowsCount"),
            *("InListValueCount", "InRangeValueCount", "MaxValue", "MeanValue", "MedianValue", "MinValue"),
            *("MissingValueCount", "OutListValueCount", "OutRangeValueCount", "QuantileValue", "RowCount", "StdValue"),
            *("SumValue", "UniqueValueCount"),
        ),
        QUALITY,
    ),
    **dict.fromkeys(
        (
            *("Accuracy", "F1ByLabel", "F1Score", "FNR", "FPR", "LogLoss", "Precision", "PrecisionByLabel", "Recall"),
            *("RecallByLabel", "RocAuc", "RocAucByLabel", "TNR", "TPR", "AbsMaxError", "MAE", "MAPE", "MeanError"),
            *("R2Score", "RMSE", "FBetaTopK", "HitRate", "MAP", "MRR", "NDCG", "PrecisionTopK", "RecallTopK"),
        ),
        PERFORMANCE,
    ),
}
_VERDICTS = {"SUCCESS": True, "FAIL": False, "WARNING": False}
# Verdicts that metrics before 0.7 hold themselves.
_DETECTED = ("drift_detected", "dataset_drift")


def recognises(document: Document) -> bool:
    """Whether it is a report or test suite of Evidently."""
    record = document.record
    return _is_new(record) or _is_suite(record) or _is_old_report(record) or _is_snapshot(record)


def read(document: Document) -> Report:
    """The tests as findings, the numbers of metrics by name. Raises InputError for a snapshot, and where no part fits."""
    record = document.record
    if _is_snapshot(record):
        raise InputError(
            "a snapshot of Evidently, which keeps no verdicts", where=document.name, hint="write report.json() instead"
        )
    if _is_new(record):
        return _read_new(record)
    if not (_is_suite(record) or _is_old_report(record)):
        raise InputError("no report of Evidently", where=document.name, hint="write report.json()")
    return _read_old(record)


def _is_new(record: Mapping[str, Any]) -> bool:
    metrics = record.get("metrics")
    return (
        isinstance(metrics, list)
        and isinstance(record.get("tests"), list)
        and all(isinstance(one, dict) and ("metric_name" in one or "metric_id" in one) for one in metrics)
        and all(isinstance(one, dict) and "status" in one for one in record["tests"])
    )


def _is_suite(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("tests"), list) and "summary" in record and "metrics" not in record


def _is_old_report(record: Mapping[str, Any]) -> bool:
    metrics = record.get("metrics")
    return (
        isinstance(metrics, list)
        and "tests" not in record
        and all(isinstance(one, dict) and "metric" in one for one in metrics)
    )


def _is_snapshot(record: Mapping[str, Any]) -> bool:
    return "suite" in record and "metrics_ids" in record


def _read_new(record: Mapping[str, Any]) -> Report:
    metrics: dict[str, float] = {}
    values: dict[str, Figure] = {}
    for one in record["metrics"]:
        name = clean(one.get("metric_name") or one.get("metric_id"))
        for path, found in _numbers(one.get("value"), name):
            put(metrics, path, found)
        values[str(one.get("id"))] = _value(one.get("value"))
    findings = []
    for test in record["tests"]:
        config = test.get("metric_config") or {}
        params = config.get("params") or {}
        kind = str(params.get("type", "")).rpartition(":")[2]
        own = test.get("test_config") or {}
        bound = (test.get("bound_test") or {}).get("test") or {}
        column = params.get("column")
        findings.append(
            Finding(
                name=clean(test.get("name") or test.get("id")),
                passed=_VERDICTS.get(str(test["status"])),
                severity="warning" if test["status"] == "WARNING" or bound.get("is_critical") is False else "fail",
                detail="" if test["status"] in _VERDICTS else f"status {clean(test['status'])}",
                column=None if column is None else clean(column),
                value=values.get(str(config.get("metric_id"))),
                limit=_plain(own.get("threshold", own.get("expected", params.get("threshold")))),
                items=_METRICS.get(kind, ()),
                known=kind in _METRICS,
            )
        )
    return Report("Evidently", findings=tuple(findings), metrics=metrics, notes=(_UNDATED,))


_UNDATED = "Evidently writes neither its version nor a date into this form"


def _read_old(record: Mapping[str, Any]) -> Report:
    metrics: dict[str, float] = {}
    findings: list[Finding] = []
    for one in record.get("metrics", ()):
        result = one.get("result") if isinstance(one.get("result"), dict) else {}
        column = result.get("column_name")
        name = clean(one["metric"]) + ("" if column is None else f":{clean(column)}")
        kept = {key: value for key, value in result.items() if not str(key).startswith("reference")}
        for path, found in _numbers(kept, name):
            put(metrics, path, found)
        for key in _DETECTED:
            if isinstance(result.get(key), bool):
                findings.append(
                    Finding(
                        name=name,
                        passed=not result[key],
                        severity="fail",
                        detail="drift" if result[key] else "",
                        column=None if column is None else clean(column),
                        value=_plain(result.get("drift_score", result.get("share_of_drifted_columns"))),
                        limit=_plain(result.get("stattest_threshold", result.get("drift_share"))),
                        items=DRIFT,
                    )
                )
    findings += [_old_test(test) for test in record.get("tests", ())]
    version = record.get("version")
    return Report(
        "Evidently",
        version=None if version is None else clean(version),
        made=moment(record.get("timestamp")),
        findings=tuple(findings),
        metrics=metrics,
    )


def _old_test(test: Mapping[str, Any]) -> Finding:
    given = test.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    condition = parameters.get("condition")
    bounds = condition if isinstance(condition, dict) else {}
    column = parameters.get("column_name")
    status = str(test.get("status"))
    group = str(test.get("group"))
    limit = ", ".join(f"{clean(key)} {clean(one)}" for key, one in bounds.items() if number(one) is not None)
    return Finding(
        name=clean(test["name"]),
        passed=_VERDICTS.get(status),
        severity="warning" if status == "WARNING" else "fail",
        detail="" if status in _VERDICTS else f"status {clean(status)}",
        column=None if column is None else clean(column),
        value=_plain(parameters.get("value", parameters.get("score"))),
        limit=limit or _plain(parameters.get("threshold")),
        items=_GROUPS.get(group, ()),
        known=group in _GROUPS,
    )


def _numbers(value: object, name: str) -> Iterator[tuple[str, float]]:
    """Numbers under a value, named by their path; what is in lists is a drawing, and left out."""
    found = number(value)
    if found is not None:
        yield name, found
    elif isinstance(value, dict):
        for key, one in value.items():
            if key != "reference":
                yield from _numbers(one, f"{name}.{clean(key)}")


def _value(value: object) -> Figure:
    if isinstance(value, dict):
        return _plain(value.get("count"))
    return _plain(value)


def _plain(value: object) -> Figure:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
