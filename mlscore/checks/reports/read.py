"""Reading a report: which tool wrote it is told from what it holds, or named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mlscore.checks.reports import (
    benchmarks,
    coverage_files,
    deepchecks,
    evidently,
    expectations,
    fairlearn_frames,
    mlflow_runs,
    tfx,
)
from mlscore.checks.reports import plain_metrics as plain
from mlscore.checks.reports.catalogue import FORMATS, Format
from mlscore.checks.reports.load import Document, load_document
from mlscore.checks.reports.shapes import Report
from mlscore.errors import InputError, UsageError, did_you_mean


def _read_deepchecks(document: Document) -> Report:
    """A suite's conditions; those of checks that are not in the table of what each speaks to are not known."""
    report = deepchecks.read(document)
    return replace(report, findings=tuple(replace(one, known=bool(one.items)) for one in report.findings))


# The most particular first: the last takes any object of numbers.
_READERS: tuple[tuple[str, Callable[[Document], bool], Callable[[Document], Report]], ...] = (
    ("deepchecks", deepchecks.recognises, _read_deepchecks),
    ("evidently", evidently.recognises, evidently.read),
    ("great-expectations", expectations.recognises, expectations.read),
    ("pytest-benchmark", benchmarks.recognises, benchmarks.read),
    ("coverage", coverage_files.is_xml, coverage_files.read_xml),
    ("coverage", coverage_files.is_json, coverage_files.read_json),
    ("mlflow", mlflow_runs.recognises, mlflow_runs.read),
    ("mlflow", plain.is_mlflow_metrics, plain.read_mlflow_metrics),
    ("sklearn", plain.is_classification_report, plain.read_classification_report),
    ("fairlearn", fairlearn_frames.recognises, fairlearn_frames.read),
    ("tfdv", tfx.is_anomalies, tfx.read_anomalies),
    ("tfma", tfx.is_evaluation, tfx.read_evaluation),
    ("tfx", tfx.is_blessing, tfx.read_blessing),
    ("metrics", plain.is_plain, plain.read_plain),
)
# Object of numbers that a named format takes, though nothing in it says whose they are.
_ALSO = (("sklearn", plain.is_plain, plain.read_plain), ("mlflow", plain.is_plain, plain.read_mlflow_metrics))


def read_report(path: Path | str, format: str | None = None, *, name: str | None = None) -> Report:  # noqa: A002
    """What a report says: its findings, metrics, tool, version and date.

    `format` is one of `mlscore.checks.reports.catalogue.FORMATS`; by default it is told from the content. `name` is the
    file's for messages. The file is read and never run, up to 64 MB of it.

    Raises InputError when the file cannot be read, is no report, or one of another format, and UsageError for an unknown
    format.
    """
    path = Path(path)
    name = name or path.name
    if format is not None and format not in FORMATS:
        near = did_you_mean(format, tuple(FORMATS))
        known = f"known are {', '.join(FORMATS)}"
        raise UsageError(f'there is no format "{format}"', hint=f"{near} ({known})" if near else known)
    document = load_document(path, name)
    found = _of(document, format)
    known_as = FORMATS[found[0]]
    try:
        report = found[1](document)
    except UsageError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError) as error:
        raise InputError(
            f"it looks like a report of {known_as.tool}, but a part is not what it should be ({_said(error)})",
            where=name,
            hint=f"write it by {_versions(known_as)}" if known_as.tried else "write it anew",
        ) from None
    return replace(report, format=known_as.id, items=known_as.items, untried=_untried(report, known_as))


def _of(document: Document, format: str | None) -> tuple[str, Callable[[Document], Report]]:  # noqa: A002
    fitting = [(id_, read) for id_, recognises, read in _READERS if recognises(document)]
    if format is None:
        if not fitting:
            raise InputError("no report of a known format", where=document.name, hint=f"known are {', '.join(FORMATS)}")
        return fitting[0]
    fitting += [(id_, read) for id_, recognises, read in _ALSO if id_ == format and recognises(document)]
    for one in fitting:
        if one[0] == format:
            return one
    tool = FORMATS[format].tool
    other = f"; it is one of {FORMATS[fitting[0][0]].tool}" if fitting and fitting[0][0] != "metrics" else ""
    raise InputError(f"no report of {tool}{other}", where=document.name, hint="mend the path, or the format's name")


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:60]}"


def _versions(of: Format) -> str:
    return f"{of.tool} {' or '.join(of.tried)}"


def _untried(report: Report, of: Format) -> str | None:
    """Which versions were tried, where the report's is beyond them: a later release, or minor release before 1.0."""
    if report.version is None or not of.tried or report.tool != of.tool:
        return None
    version = _release(report.version)
    tried = [release for one in of.tried if (release := _release(one)) is not None]
    return None if version is None or version <= max(tried) else _versions(of)


def _release(version: str) -> tuple[int, int] | None:
    """What a form may change with: the major release, and the minor one before 1.0."""
    match = re.match(r"(\d{1,6})(?:\.(\d{1,6}))?", version)
    if match is None:
        return None
    major, minor = int(match[1]), int(match[2] or 0)
    return (major, minor if major == 0 else 0)
