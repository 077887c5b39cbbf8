"""What TFX's components write as text: TFDV's anomalies, TFMA's validation and metrics, and the marks of a blessing."""

from __future__ import annotations

from collections.abc import Iterator

from mlscore.checks.base import Figure
from mlscore.checks.reports.load import Document, clean, number, put
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.checks.schema.pbtxt import Message, parse_pbtxt
from mlscore.errors import InputError

QUALITY = ("data-1", "monitor-2")
SKEW = ("monitor-3",)

_ANOMALIES = ("anomaly_info", "dataset_anomaly_info", "drift_skew_info", "anomaly_name_format", "data_missing")
_VALIDATION = ("validation_ok", "metric_validations_per_slice", "missing_thresholds", "validation_details")
_METRICS = ("metric_keys_and_values",)
_MARKS = {
    "BLESSED": ("model blessing", True, "infra-4"),
    "NOT_BLESSED": ("model blessing", False, "infra-4"),
    "INFRA_BLESSED": ("infra blessing", True, "infra-6"),
    "INFRA_NOT_BLESSED": ("infra blessing", False, "infra-6"),
}


def is_anomalies(document: Document) -> bool:
    """Whether it is TFDV's `Anomalies` as text."""
    return _names(document, _ANOMALIES)


def is_evaluation(document: Document) -> bool:
    """Whether it is TFMA's `ValidationResult` or `MetricsForSlice` as text."""
    return _names(document, (*_VALIDATION, *_METRICS))


def is_blessing(document: Document) -> bool:
    """Whether it is a folder in which Evaluator or InfraValidator left their mark."""
    return document.kind == "folder" and any((document.path / mark).is_file() for mark in _MARKS)


def read_anomalies(document: Document) -> Report:
    """A finding for each anomaly, each measured drift and skew, and each feature of the schema without an anomaly.

    Descriptions are left out, since they quote values. Raises InputError where it is something else.
    """
    message = _parsed(document, _ANOMALIES, "no anomalies of TFDV", "write them by tfdv.write_anomalies_text")
    findings: list[Finding] = []
    wrong: set[str] = set()
    for field in message.all("anomaly_info"):
        if isinstance(field.value, Message):
            feature = clean(_value(field.value, "key") or "?")
            reasons = list(_anomaly(_message(field.value, "value"), feature))
            # Drift and skew say nothing on whether the values are as the schema has them.
            wrong |= {feature for one in reasons if one.items != SKEW}
            findings += reasons
    for field in message.all("dataset_anomaly_info"):
        if isinstance(field.value, Message):
            findings += _anomaly(field.value, None)
    if str(_value(message, "data_missing")) == "true":
        findings.append(Finding("DATA_MISSING", False, severity="error", detail="there were no data", items=QUALITY))
    findings += _measured(message)
    for field in _message(message, "baseline").all("feature"):
        if isinstance(field.value, Message):
            feature = clean(_value(field.value, "name") or "?")
            if feature not in wrong:
                findings.append(Finding("no anomaly", True, column=feature, items=QUALITY))
    return Report("TFDV", findings=tuple(findings))


def _anomaly(info: Message, feature: str | None) -> Iterator[Finding]:
    severity = clean(_value(info, "severity") or "ERROR").lower()
    reasons = [field.value for field in info.all("reason") if isinstance(field.value, Message)]
    for reason in reasons or [info]:
        kind = clean(_value(reason, "type") or _value(reason, "short_description") or "anomaly")
        yield Finding(
            name=kind,
            passed=False,
            severity=severity,
            detail=clean(_value(reason, "short_description") or ""),
            column=feature,
            items=SKEW if kind.startswith("COMPARATOR") else QUALITY,
        )


def _measured(message: Message) -> Iterator[Finding]:
    for field in message.all("drift_skew_info"):
        if not isinstance(field.value, Message):
            continue
        steps = [clean(step.value) for step in _message(field.value, "path").all("step")]
        for part in ("drift_measurements", "skew_measurements"):
            for one in field.value.all(part):
                if isinstance(one.value, Message):
                    value, limit = number(_value(one.value, "value")), number(_value(one.value, "threshold"))
                    yield Finding(
                        name=f"{part.partition('_')[0]} {clean(_value(one.value, 'type') or '')}".strip(),
                        passed=None if value is None or limit is None else value <= limit,
                        severity="error",
                        column=".".join(steps) or None,
                        value=value,
                        limit=limit,
                        items=SKEW,
                    )


def read_evaluation(document: Document) -> Report:
    """The validation's verdict with each threshold that was missed, or the metrics of one slice.

    Raises InputError where it is something else, and where the metrics of several slices run into each other.
    """
    known = (*_VALIDATION, *_METRICS)
    message = _parsed(document, known, "no evaluation of TFMA", "write str(tfma.load_validation_result(…))")
    if any(True for _ in message.all("metric_keys_and_values")):
        return _slice(message, document.name)
    findings: list[Finding] = []
    for field in message.all("metric_validations_per_slice"):
        if isinstance(field.value, Message):
            shown = _slice_name(_message(field.value, "slice_key"))
            findings += [
                _missed(one.value, shown) for one in field.value.all("failures") if isinstance(one.value, Message)
            ]
    findings += [
        Finding("missing slice", False, detail="a slice with a threshold is not in the data")
        for name in ("missing_slices", "missing_cross_slices")
        for _ in message.all(name)
    ]
    ok = str(_value(message, "validation_ok")) == "true"
    unjudged = [
        why
        for flag, why in (
            ("missing_thresholds", "no threshold was given"),
            ("rubber_stamp", "there was no baseline, so that changes were not judged"),
        )
        if str(_value(message, flag)) == "true"
    ]
    verdict = None if ok and unjudged else ok
    findings.append(Finding("validation", verdict, severity="error", detail="; ".join(unjudged)))
    return Report("TFMA", findings=tuple(findings))


def _missed(failure: Message, slice_: str) -> Finding:
    bounds = [
        f"{word} {bound}"
        for kind in ("value_threshold", "change_threshold")
        for part, word in (
            ("lower_bound", "at least"),
            ("upper_bound", "at most"),
            ("absolute", "by"),
            ("relative", "by"),
        )
        if (bound := number(_double(_message(_message(failure, "metric_threshold"), kind), part))) is not None
    ]
    name = clean(_value(_message(failure, "metric_key"), "name") or "?")
    return Finding(
        name=name if not slice_ else f"{name}:{slice_}",
        passed=False,
        severity="error",
        value=_double(_message(failure, "metric_value"), "double_value"),
        limit=", ".join(bounds) or None,
    )


def _slice(message: Message, name: str) -> Report:
    if sum(1 for _ in message.all("slice_key")) > 1:
        raise InputError("the metrics of several slices run into each other", where=name, hint="write a file for each")
    shown = _slice_name(_message(message, "slice_key"))
    metrics: dict[str, float] = {}
    for field in message.all("metric_keys_and_values"):
        if isinstance(field.value, Message):
            metric = clean(_value(_message(field.value, "key"), "name") or "?")
            value = number(_double(_message(field.value, "value"), "double_value"))
            if value is not None:
                put(metrics, metric if not shown else f"{metric}:{shown}", value)
    return Report("TFMA", metrics=metrics)


def _slice_name(key: Message) -> str:
    """The slice as "airport=JFK, …"; nothing for the whole."""
    parts = []
    for field in key.all("single_slice_keys"):
        if isinstance(field.value, Message):
            value = next(
                (v for n in ("bytes_value", "int64_value", "float_value") if (v := _value(field.value, n)) is not None),
                "",
            )
            parts.append(f"{clean(_value(field.value, 'column') or '')}={clean(value)}")
    return ", ".join(parts)


def read_blessing(document: Document) -> Report:
    """What Evaluator or InfraValidator decided. Raises InputError where neither left a mark."""
    if not is_blessing(document):
        hint = f"name the folder in which one of {', '.join(_MARKS)} stands"
        raise InputError("no blessing of TFX", where=document.name, hint=hint)
    return Report(
        "TFX",
        findings=tuple(
            Finding(name, passed, severity="error", items=(item,))
            for mark, (name, passed, item) in _MARKS.items()
            if (document.path / mark).is_file()
        ),
    )


def _names(document: Document, names: tuple[str, ...]) -> bool:
    """Whether a text has one of the fields at the start of a line: before it is parsed, since any text may come here."""
    if document.kind != "text":
        return False
    starts = {line.split(None, 1)[0].rstrip(":{") for line in document.text.splitlines() if line[:1].isalpha()}
    return not starts.isdisjoint(names)


def _parsed(document: Document, names: tuple[str, ...], what: str, hint: str) -> Message:
    if not _names(document, names):
        raise InputError(what, where=document.name, hint=hint)
    return parse_pbtxt(document.text, document.name)


def _message(message: Message, name: str) -> Message:
    """A message within; an empty one where there is none."""
    field = message.last(name)
    return field.value if field is not None and isinstance(field.value, Message) else Message(())


def _value(message: Message, name: str) -> Figure:
    field = message.last(name)
    return None if field is None or isinstance(field.value, Message) else field.value


def _double(message: Message, name: str) -> float | None:
    """The number in `name { value: 0.5 }`, or in `name: 0.5`."""
    inner = _message(message, name)
    given = _value(inner, "value") if inner.fields else _value(message, name)
    if isinstance(given, str):
        try:
            return float(given)  # the words inf and nan
        except ValueError:
            return None
    return number(given)
