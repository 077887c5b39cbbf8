"""Running the check `report`: its files, what the configuration says of the model, and what it says in the end."""

from __future__ import annotations

import glob
import math
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.base import CheckResult
from mlscore.checks.reports.catalogue import ITEMS
from mlscore.checks.reports.judge import ABOUT, Judged, check_report
from mlscore.checks.reports.limits import read_limits
from mlscore.checks.reports.read import read_report
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.checks.text import MOST_FINDINGS
from mlscore.core.evidence import Value
from mlscore.errors import ConfigError, InputError, did_you_mean

if TYPE_CHECKING:
    from mlscore.checks.context import Context

_MOST_FILES = 1000
_MOST_VALUES = 12


def run_report(context: Context) -> CheckResult:
    """Read the configured reports and judge them. Raises ConfigError and InputError."""
    limits = read_limits(context.options.get("limits"), context.where)
    about = _about(context)
    files = _files(context)
    reports = {name: read_report(path, context.text("format"), name=name) for name, path in files.items()}
    _fits(reports, context)
    if context.options.get("newest") and len(reports) > 1:
        reports = _newest(reports, context)
    age = context.number("most-age")
    try:
        judged = check_report(
            reports,
            item=context.item if context.item in ITEMS else None,
            limits=limits,
            rules=context.texts("rules"),
            allow_warnings=context.options.get("allow-warnings") is True,
            most_age=None if age is None else int(age),
            today=context.today,
            written={name: _written(files[name]) for name in reports},
            about=about,
            told=_told(context, reports),
        )
    except ConfigError as error:
        raise ConfigError(error.what, where=error.where or context.where, hint=error.hint) from None
    return as_result(judged)


def _files(context: Context) -> dict[str, Path]:
    """The reports by their names, sorted. Raises ConfigError where there are none, or too many."""
    given = context.text("file")
    assert given is not None
    if (context.root / given).exists():
        return {given: context.root / given}
    if not any(letter in given for letter in "*?["):
        raise ConfigError(f'there is no report "{given}"', where=context.where, hint="write it first, or mend the path")
    # pathlib refuses absolute patterns.
    found = sorted(glob.glob(given, root_dir=context.root, recursive=True))  # noqa: PTH207
    if not found:
        raise ConfigError(f'no report fits "{given}"', where=context.where, hint="write one first, or mend the pattern")
    if len(found) > _MOST_FILES:
        raise ConfigError(
            f'{len(found):,} files fit "{given}", and {_MOST_FILES:,} are the most',
            where=context.where,
            hint="name fewer",
        )
    return {Path(name).as_posix(): context.root / name for name in found}


def _written(path: Path) -> date:
    """When a file was last written; of a folder, the newest file in it."""
    paths = [Path(folder, name) for folder, _, names in os.walk(path) for name in names] or [path]
    return datetime.fromtimestamp(max(one.stat().st_mtime for one in paths), UTC).date()


def _fits(reports: Mapping[str, Report], context: Context) -> None:
    """Raise ConfigError where a report's format says nothing on the item."""
    for name, report in reports.items():
        # Of a rubric of one's own only its author knows what its items mean.
        if context.item in ITEMS and context.item not in report.items:
            raise ConfigError(
                f"a report of {report.tool} ({report.format}) says nothing on {context.item}",
                where=context.where,
                hint=f'name one of its items: item = "{report.items[0]}" ({name} is for {", ".join(report.items)})',
            )


def _newest(reports: Mapping[str, Report], context: Context) -> dict[str, Report]:
    undated = [name for name, report in reports.items() if report.made is None]
    if undated:
        raise InputError(
            "the report does not say when it was made, so that the newest cannot be told",
            where=undated[0],
            hint="name one file, or leave newest out",
        )
    name = max(reports, key=lambda one: (reports[one].made or datetime.min.replace(tzinfo=UTC), one))
    return {name: reports[name]}


def _about(context: Context) -> dict[str, tuple[str, ...]]:
    given = context.options.get("about")
    found: dict[str, tuple[str, ...]] = {}
    for key, value in given.items() if isinstance(given, Mapping) else ():
        what = str(key).replace("-", " ")
        if what not in ABOUT:
            keys = tuple(one.replace(" ", "-") for one in ABOUT)
            near = did_you_mean(str(key), keys)
            listed = f"known are {', '.join(keys)}"
            raise ConfigError(
                f'"about" has an unknown key "{key}"',
                where=context.where,
                hint=f"{near} ({listed})" if near else listed,
            )
        if not isinstance(value, str) or not value:
            raise ConfigError(f'"about": {key} is no text', where=context.where, hint=f'write {key} = "…"')
        found[what] = (value,)
    return found


def _told(context: Context, reports: Mapping[str, Report]) -> dict[str, tuple[str, ...]]:
    """What the configuration says of the model, as far as a report says it too."""
    source = context.model.source
    found: dict[str, tuple[str, ...]] = {}
    if any("model digest" in report.about for report in reports.values()):
        digests = list(context.model.digest)
        if isinstance(source, str) and (context.root / source).is_file():
            from mlscore.predictors.sources import digest_of

            digests.append(digest_of(context.root / source))
        if digests:
            found["model digest"] = tuple(dict.fromkeys(digests))
    says = {report.about["model"] for report in reports.values() if "model" in report.about}
    # A registry's name is compared with a registry's name alone: a file may be called otherwise.
    if isinstance(source, str) and source.startswith("models:/") and any(one.startswith("models:/") for one in says):
        found["model"] = (source,)
    return found


def as_result(judged: Judged) -> CheckResult:
    """The result of a check: the rules that passed, metrics with their limits, the report's date, its tool's version."""
    values = []
    if judged.counted:
        values.append(Value("rules passed", judged.passed_rules, f"of {judged.counted}"))
    worst = sorted(judged.held, key=lambda one: one.ok)[:_MOST_VALUES]
    values += [
        Value(one.metric, one.value if math.isfinite(one.value) else str(one.value), None, str(one.limit))
        for one in worst
    ]
    made = [report.made for report in judged.reports.values() if report.made is not None]
    if made:
        values.append(Value("made", min(made).date().isoformat()))
    versions = list(dict.fromkeys(f"{r.tool} {r.version}" for r in judged.reports.values() if r.version is not None))
    if versions:
        values.append(Value("written by", ", ".join(versions[:3])))
    return CheckResult(
        passed=judged.passed,
        summary=judged.findings[0] if judged.findings else _summary(judged),
        values=tuple(values),
        findings=judged.findings,
        unknown=judged.not_judged,
        notes=judged.notes,
        hollow=judged.hollow if judged.passed else None,
        details={"reports": [_details(name, report) for name, report in judged.reports.items()]},
    )


def _summary(judged: Judged) -> str:
    tools = " and ".join(dict.fromkeys(report.tool for report in judged.reports.values()))
    said = [f"{judged.passed_rules} of {judged.counted} rules of {tools} passed"] if judged.counted else []
    if judged.held:
        said.append(f"{len(judged.held)} metric{'s' if len(judged.held) > 1 else ''} within limits")
    return ", ".join(said) or f"a report of {tools}"


def _details(name: str, report: Report) -> dict[str, Any]:
    return {
        "file": name,
        "format": report.format,
        "tool": report.tool,
        "version": report.version,
        "made": None if report.made is None else report.made.isoformat(),
        "about": dict(report.about),
        "findings": [_finding(one) for one in report.findings if one.passed is not True][: 5 * MOST_FINDINGS],
        "passed": sum(one.passed is True for one in report.findings),
    }


def _finding(one: Finding) -> dict[str, Any]:
    value = str(one.value) if isinstance(one.value, float) and not math.isfinite(one.value) else one.value
    return {"rule": one.title, "passed": one.passed, "severity": one.severity, "value": value, "limit": one.limit}
