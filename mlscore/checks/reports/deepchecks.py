"""deepchecks' JSON: a suite's result (`SuiteResult.to_json`), or one check's, with the verdicts of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlscore.checks.deepchecks.conditions import TABLE, spoken
from mlscore.checks.reports.load import Document, clean
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import InputError

TRIED = ("0.19.1",)
ITEMS = tuple(dict.fromkeys(item for one in TABLE.values() for item in one.items))
_TYPES = ("SuiteResult", "CheckResult", "CheckFailure")
_VERDICTS = {"PASS": True, "FAIL": False, "WARN": False}
# A condition that met nothing to look at passes, and says so.
_NOTHING = ("No relevant", "Passed for 0 ")
_IRRELEVANT = ("Check is irrelevant", "Check is relevant only", "Dataset does not contain", "not supplied")


def recognises(document: Document) -> bool:
    """Whether it is what deepchecks writes."""
    record = document.record
    return record.get("type") in _TYPES and ("results" in record or "check" in record)


def read(document: Document) -> Report:
    """The verdicts of a suite's conditions. Raises InputError where it is none of deepchecks' results."""
    if not recognises(document):
        raise InputError("no result of deepchecks", where=document.name, hint="write result.to_json() into a file")
    return Report("deepchecks", findings=read_findings(document.record, document.name), format="deepchecks")


def read_findings(record: Mapping[str, Any], name: str = "deepchecks") -> tuple[Finding, ...]:
    """The verdicts of the conditions in a parsed result, with the items that each speaks to.

    A check that could not run, or whose condition came to an error or met nothing to look at, has no verdict. A check
    without a condition says nothing. Raises InputError at `name` where a part is not as deepchecks writes it.
    """
    results = record.get("results") if record.get("type") == "SuiteResult" else [record]
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise InputError("its results are no list of checks", where=name, hint="write it anew")
    return tuple(finding for one in results for finding in _of_check(one, name))


def _of_check(result: Mapping[str, Any], name: str) -> Iterator[Finding]:
    check = result.get("check")
    title = check.get("name") if isinstance(check, dict) else None
    if not isinstance(title, str):
        raise InputError("a result does not say of which check it is", where=name, hint="write it anew")
    known = spoken(title)
    items = known.items if known else ()
    # Of a check that looks at one table, the header says at which; its other words vary.
    title += " - " + str(result.get("header")).rpartition(" - ")[2] if " - " in str(result.get("header")) else ""
    title = clean(title)
    if result.get("type") == "CheckFailure":
        said = str(result.get("exception"))
        irrelevant = any(one in said for one in _IRRELEVANT)
        yield Finding(title, None, "irrelevant" if irrelevant else "error", clean(said), items=items)
        return
    conditions = result.get("conditions_results", [])
    if not isinstance(conditions, list) or not all(isinstance(one, dict) for one in conditions):
        raise InputError(f"the conditions of {title} are no list", where=name, hint="write it anew")
    for condition in conditions:
        status, detail = str(condition.get("Status")), str(condition.get("More Info") or "")
        passed = _VERDICTS.get(status)
        if passed and (detail.startswith(_NOTHING) or _looked_at_nothing(result.get("value"))):
            passed, status, detail = None, "irrelevant", "there was nothing to look at"
        if known and known.quotes:
            detail = detail.partition(": ")[0]
        yield Finding(
            f"{title}: {clean(condition.get('Condition'))}",
            passed,
            {"FAIL": "fail", "WARN": "warn", "PASS": ""}.get(status, status.lower()),
            clean(detail),
            items=items,
        )


def _looked_at_nothing(value: object) -> bool:
    return isinstance(value, dict) and value.get("columns") == {}
