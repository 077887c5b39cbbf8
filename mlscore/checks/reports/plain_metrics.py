"""Metrics as JSON without a tool's name: scikit-learn's `classification_report`, MLflow's `evaluate`, plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlscore.checks.reports.load import Document, clean, moment, number, put
from mlscore.checks.reports.shapes import Report
from mlscore.errors import InputError

_OF_CLASS = {"precision", "recall", "f1-score", "support"}
# Metrics that MLflow's default evaluators write and nobody else calls so.
_OF_MLFLOW = {
    "example_count",
    "accuracy_score",
    "f1_score",
    "mean_squared_error",
    "root_mean_squared_error",
    "r2_score",
}
_ABOUT = {
    "model": ("model", "model_name", "model_uri", "model_id"),
    "model digest": ("model_digest", "model_sha256"),
    "data": ("data", "dataset", "data_name", "dataset_name"),
    "data digest": ("data_digest", "dataset_digest", "data_sha256"),
    "commit": ("commit", "git_commit"),
}
_MADE = ("made", "date", "datetime", "time", "timestamp", "created", "created_at")


def is_classification_report(document: Document) -> bool:
    """Whether it is what `classification_report(..., output_dict=True)` returns."""
    record = document.record
    return any(isinstance(one, dict) and set(one) >= _OF_CLASS for one in record.values()) and (
        "macro avg" in record or "weighted avg" in record
    )


def read_classification_report(document: Document) -> Report:
    """Its metrics, `recall:late` for the class "late". Raises InputError where it is something else."""
    if not is_classification_report(document):
        raise InputError(
            "no classification report", where=document.name, hint="write classification_report(…, output_dict=True)"
        )
    metrics: dict[str, float] = {}
    for key, one in document.record.items():
        if isinstance(one, dict):
            for metric, value in one.items():
                _add(metrics, f"{clean(metric)}:{clean(key)}", value)
        else:
            _add(metrics, clean(key), one)
    return Report("scikit-learn", metrics=metrics, made=_made(document.record), about=_about(document.record))


def is_mlflow_metrics(document: Document) -> bool:
    """Whether it is the metrics of MLflow's `evaluate`: `EvaluationResult.metrics`, or what `save` wrote of them."""
    return is_plain(document) and "example_count" in document.record and len(_OF_MLFLOW & set(document.record)) > 1


def read_mlflow_metrics(document: Document) -> Report:
    """The metrics by name. Raises InputError where there are none."""
    return _numbers(document, "MLflow")


def is_plain(document: Document) -> bool:
    """Whether it is an object of numbers, beside which texts may say what they are of."""
    values = list(document.record.values())
    return any(number(one) is not None for one in values) and not any(isinstance(one, (dict, list)) for one in values)


def read_plain(document: Document) -> Report:
    """The metrics by name; texts under known keys say what was judged and when. Raises InputError where there are none."""
    return _numbers(document, "scikit-learn" if "sklearn_version" in document.record else "metrics")


def _numbers(document: Document, tool: str) -> Report:
    record = document.record
    if not is_plain(document):
        raise InputError("no object of metrics", where=document.name, hint='write {"metric": number, …}')
    metrics: dict[str, float] = {}
    for key, value in record.items():
        if key not in _MADE:
            _add(metrics, clean(key), value)
    version = next((one for key, one in record.items() if key in ("sklearn_version", "mlflow_version")), None)
    return Report(
        tool,
        version=None if version is None else clean(version),
        made=_made(record),
        metrics=metrics,
        about=_about(record),
    )


def _add(metrics: dict[str, float], name: str, value: object) -> None:
    found = number(value)
    if found is not None:
        put(metrics, name, found)


def _made(record: Mapping[str, Any]) -> Any:
    return next((time for key in _MADE if (time := moment(record.get(key))) is not None), None)


def _about(record: Mapping[str, Any]) -> dict[str, str]:
    def told() -> Iterator[tuple[str, str]]:
        for what, keys in _ABOUT.items():
            for key in keys:
                if isinstance(record.get(key), str):
                    yield what, clean(record[key])
                    break

    return dict(told())
