"""The formats of reports: which tool writes each, which items it speaks to by default, and what it was tried with."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.checks.deepchecks.conditions import TABLE


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `items` are those it may be evidence for; `tried` the versions whose files the tests read."""

    id: str
    tool: str
    items: tuple[str, ...]
    tried: tuple[str, ...] = ()


_DATA = ("data-1", "monitor-2")
_QUALITY = ("infra-4", "monitor-7")

_ALL = (
    Format(
        "deepchecks", "deepchecks", tuple(dict.fromkeys(i for one in TABLE.values() for i in one.items)), ("0.19.1",)
    ),
    Format("evidently", "Evidently", (*_DATA, "monitor-3", *_QUALITY), ("0.4.40", "0.6.7", "0.7.23")),
    Format("great-expectations", "Great Expectations", _DATA, ("0.18.22", "1.24.1")),
    Format("pytest-benchmark", "pytest-benchmark", ("monitor-6", "data-3"), ("5.3.1",)),
    Format("coverage", "coverage.py", ("data-7",), ("7.17.3",)),
    Format("mlflow", "MLflow", _QUALITY, ("3.17.2",)),
    Format("sklearn", "scikit-learn", _QUALITY, ("1.9.1",)),
    Format("fairlearn", "fairlearn", ("model-7", "model-6"), ("0.15.0",)),
    Format("tfdv", "TFDV", (*_DATA, "monitor-3"), ("1.16.1",)),
    Format("tfma", "TFMA", ("infra-4", "model-6"), ("0.47.1",)),
    Format("tfx", "TFX", ("infra-4", "infra-6")),
    Format("metrics", "any", ("infra-4", "monitor-7", "model-6", "model-7", "monitor-6", "data-3")),
)
FORMATS = {one.id: one for one in _ALL}
ITEMS = tuple(dict.fromkeys(item for one in _ALL for item in one.items))
