"""Great Expectations' validation results: of one validation, of a checkpoint, and a checkpoint's description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlscore.checks.base import Figure
from mlscore.checks.reports.load import Document, clean, moment
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import InputError

# What the tool ships itself; others are a project's own, and what they mean is not known.
_COLUMN = """
distinct_values_to_be_in_set distinct_values_to_contain_set distinct_values_to_equal_set kl_divergence_to_be_less_than
max_to_be_between mean_to_be_between median_to_be_between min_to_be_between most_common_value_to_be_in_set
pair_values_a_to_be_greater_than_b pair_values_to_be_equal pair_values_to_be_in_set
proportion_of_non_null_values_to_be_between proportion_of_unique_values_to_be_between quantile_values_to_be_between
stdev_to_be_between sum_to_be_between to_exist type_to_be unique_value_count_to_be_between
value_lengths_to_be_between value_lengths_to_equal value_z_scores_to_be_less_than
"""
_VALUES = """
be_between be_dateutil_parseable be_decreasing be_in_set be_in_type_list be_increasing be_json_parseable be_null
be_of_type be_unique match_json_schema match_like_pattern match_like_pattern_list match_regex match_regex_list
match_strftime_format not_be_in_set not_be_null not_be_outliers not_match_like_pattern not_match_like_pattern_list
not_match_regex not_match_regex_list
"""
_TABLE = """
column_count_to_be_between column_count_to_equal columns_to_match_ordered_list columns_to_match_set
row_count_to_be_between row_count_to_equal row_count_to_equal_other_table
"""
KNOWN = frozenset(
    (
        *(f"expect_column_{name}" for name in _COLUMN.split()),
        *(f"expect_column_values_to_{name}" for name in _VALUES.split()),
        *(f"expect_table_{name}" for name in _TABLE.split()),
        *("expect_compound_columns_to_be_unique", "expect_multicolumn_sum_to_equal"),
        *("expect_multicolumn_values_to_be_equal", "expect_multicolumn_values_to_be_unique"),
        *("expect_select_column_values_to_be_unique_within_record", "expect_query_results_to_match_comparison"),
        *("unexpected_rows_expectation",),
    )
)


def recognises(document: Document) -> bool:
    """Whether it is a validation's or a checkpoint's result."""
    record = document.record
    return _is_validation(record) or "run_results" in record or "validation_results" in record


def read(document: Document) -> Report:
    """Each expectation as a finding. Raises InputError where no validation's result is in it."""
    record = document.record
    validations = list(_validations(record))
    if not validations and not recognises(document):
        raise InputError(
            "no validation result of Great Expectations", where=document.name, hint="write result.to_json_dict()"
        )
    findings: list[Finding] = []
    for one in validations:
        findings += _findings(one)
    if record.get("success") is False and not any(one.passed is False for one in findings):
        findings.append(Finding("success", False, detail="the report as a whole is not successful"))
    metas = [one["meta"] for one in validations if isinstance(one.get("meta"), dict)]
    version = next((meta["great_expectations_version"] for meta in metas if "great_expectations_version" in meta), None)
    # Of several validations the oldest says how old the report is.
    times = [time for meta in metas if (time := _made(meta)) is not None]
    return Report(
        "Great Expectations",
        version=None if version is None else clean(version),
        made=min(times, default=None),
        findings=tuple(findings),
        about=_about(validations),
        notes=() if metas else ("a checkpoint's description says neither the version nor a date",),
    )


def _is_validation(record: Mapping[str, Any]) -> bool:
    meta, results = record.get("meta"), record.get("results")
    if not isinstance(results, list):
        return False
    if isinstance(meta, dict) and "great_expectations_version" in meta:
        return True
    return bool(results) and all(isinstance(one, dict) and "expectation_config" in one for one in results)


def _validations(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if _is_validation(record):
        yield record
    runs = record.get("run_results")
    if isinstance(runs, dict):
        for one in runs.values():
            # 0.18 keeps actions' results beside it, 1.x has the result alone.
            yield one.get("validation_result", one)
    described = record.get("validation_results")
    if isinstance(described, list):
        yield from described


def _findings(validation: Mapping[str, Any]) -> Iterator[Finding]:
    listed = validation.get("results", validation.get("expectations"))
    results = listed if isinstance(listed, list) else []
    passed = 0
    for one in results:
        found = _finding(one)
        passed += found.passed is True
        yield found
    statistics = validation.get("statistics")
    told = statistics.get("successful_expectations") if isinstance(statistics, dict) else None
    if isinstance(told, int) and told > passed:
        # Written with only_return_failures.
        yield Finding(f"{told - passed} expectations that are not listed", True)


def _finding(one: Mapping[str, Any]) -> Finding:
    config = one.get("expectation_config") or one
    name = clean(config.get("type") or config.get("expectation_type") or "?")
    given = config.get("kwargs")
    kwargs = given if isinstance(given, dict) else {}
    raised = _raised(one.get("exception_info"))
    success = one.get("success")
    seen = one.get("result")
    column = kwargs.get("column")
    bounds = {key: kwargs[key] for key in ("min_value", "max_value", "mostly", "value") if key in kwargs}
    shown = ", ".join(f"{key} {one}" for key, one in bounds.items() if isinstance(one, (int, float)))
    return Finding(
        name=name,
        passed=success if isinstance(success, bool) and raised is None else None,
        severity=clean(config.get("severity") or "critical"),
        detail="" if raised is None else f"it raised: {raised}",
        column=None if column is None else clean(column),
        value=_observed(seen if isinstance(seen, dict) else {}),
        limit=shown or None,
        known=name in KNOWN,
    )


def _raised(info: object) -> str | None:
    """What an expectation raised, in 0.18 and by metric in 1.x; None where it did not."""
    if not isinstance(info, dict):
        return None
    for one in (info, *info.values()):
        if isinstance(one, dict) and one.get("raised_exception") is True:
            return clean(one.get("exception_message") or "an exception")
    return None


def _observed(result: Mapping[str, Any]) -> Figure:
    """A number alone: texts and lists may be values of the data."""
    for key in ("observed_value", "unexpected_count"):
        value = result.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None


def _made(meta: Mapping[str, Any]) -> Any:
    run = meta.get("run_id")
    return moment(meta.get("validation_time")) or moment(run.get("run_time") if isinstance(run, dict) else None)


def _about(validations: list[Mapping[str, Any]]) -> dict[str, str]:
    """The suite, and the data with their fingerprint, where all validations agree on them."""
    told: dict[str, list[Any]] = {"suite": [], "data": [], "data digest": []}
    for one in validations:
        meta = one["meta"] if isinstance(one.get("meta"), dict) else {}
        told["suite"].append(one.get("suite_name") or meta.get("expectation_suite_name"))
        batch, markers = meta.get("active_batch_definition"), meta.get("batch_markers")
        told["data"].append(batch.get("data_asset_name") if isinstance(batch, dict) else None)
        told["data digest"].append(markers.get("pandas_data_fingerprint") if isinstance(markers, dict) else None)
    return {key: clean(values[0]) for key, values in told.items() if values and values[0] and len(set(values)) == 1}
