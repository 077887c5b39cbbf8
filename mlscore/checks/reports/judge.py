"""Judging reports: by their own verdicts, by limits of their metrics, by their age, and by what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mlscore.checks.reports.limits import Limit, named, read_limits
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import ConfigError, did_you_mean

ABOUT = ("model", "model digest", "data", "data digest", "suite", "commit")
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Held:
    """A metric beside its limit. `report` is the file's name."""

    report: str
    metric: str
    value: float
    limit: Limit

    @property
    def ok(self) -> bool:
        """Whether the limit holds."""
        return self.limit.holds(self.value)


@dataclass(frozen=True, slots=True)
class Judged:
    """Reports and what became of them.

    `counted` are the rules with a verdict that counts, `passed_rules` how many of these passed; `held` the metrics with
    limits. `findings` are what is wrong, worst first.
    """

    reports: Mapping[str, Report]
    counted: int
    passed_rules: int
    held: tuple[Held, ...]
    findings: tuple[str, ...]
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check_report(
    report: Report | Mapping[str, Report],
    *,
    item: str | None = None,
    limits: Mapping[str, object] | None = None,
    rules: Sequence[str] = (),
    allow_warnings: bool = False,
    most_age: int | None = None,
    today: date | None = None,
    written: Mapping[str, date] | None = None,
    about: Mapping[str, Sequence[str]] | None = None,
    told: Mapping[str, Sequence[str]] | None = None,
) -> Judged:
    """Judge a report, or several by their files' names.

    A rule with a bad verdict is a finding. `rules` names those that count (`*` for anything), by default all that speak to
    `item`. `limits` says for a metric `{"least": 0.8}`, `{"most": 0.1}` or both; a metric that is no number does not hold.
    With `allow_warnings`, rules that the tool itself calls warnings are told and do not fail.

    A report older than `most_age` days is a finding, as is one from after `today` (today by default); `written` says when
    files were last written, for reports without a date: they are no younger. `about` says what a report has to be about
    (keys of `ABOUT`, with the values that are right): another model, data, suite or commit is a finding. `told` is the same
    for what is compared only where the report says it.

    Raises ConfigError for limits that are none, and for metrics and rules that no report has.
    """
    reports = {"": report} if isinstance(report, Report) else dict(report)
    limit_of = read_limits(limits)
    today = today or date.today()
    _known_names(reports, limit_of, rules, about or {})
    findings: list[str] = []
    bad: list[tuple[bool, str]] = []
    unknown: list[str] = []
    notes: list[str] = []
    held: list[Held] = []
    counted = passed = 0
    for name, one in reports.items():
        before = f"{name}: " if len(reports) > 1 else ""
        told_by, open_ = _other(one, about or {}, told or {})
        findings += [before + text for text in told_by]
        unknown += [before + text for text in open_]
        old, open_ = _age(one, most_age, today, (written or {}).get(name))
        findings += [before + text for text in old]
        unknown += [before + text for text in open_]
        if one.untried is not None:
            unknown.append(
                f"{before}whether {one.tool} {one.version} means the same by what it writes: tried were {one.untried}"
            )
        chosen, left = _chosen(one, item, rules)
        notes += [before + text for text in (*one.notes, *left)]
        for rule in chosen:
            if rule.passed is None:
                unknown.append(f"{before}{rule.title}: {rule.detail or 'without a verdict'}")
            elif rule.passed and not rule.known and not rules:
                unknown.append(f"{before}{rule.title}: this rule of {one.tool} is not known here; name it in rules")
            else:
                warning = rule.severity in ("warning", "warn", "info")
                allowed = not rule.passed and warning and allow_warnings
                counted += not allowed
                passed += rule.passed
                if allowed:
                    notes.append(f"{before}{_failed(rule)}")
                elif not rule.passed:
                    bad.append((warning, f"{before}{_failed(rule)}"))
        for metric, limit in limit_of.items():
            held += [Held(name, full, one.metrics[full], limit) for full in named(metric, one.metrics)]
    exceeded = [
        f"{f'{one.report}: ' if len(reports) > 1 else ''}{one.metric} is {one.value:.6g}, and has to be {one.limit}"
        for one in held
        if not one.ok
    ]
    findings += [text for warning, text in bad if not warning]
    findings += exceeded
    findings += [text for warning, text in bad if warning]
    return Judged(
        reports=reports,
        counted=counted,
        passed_rules=passed,
        held=tuple(held),
        findings=tuple(findings),
        not_judged=tuple(unknown),
        notes=tuple(dict.fromkeys(notes)),
        hollow=_hollow(reports, counted, held),
    )


def _known_names(
    reports: Mapping[str, Report], limits: Iterable[str], rules: Iterable[str], about: Iterable[str]
) -> None:
    metrics = list(dict.fromkeys(name for one in reports.values() for name in one.metrics))
    titles = list(dict.fromkeys(text for one in reports.values() for f in one.findings for text in (f.title, f.name)))
    for what, given, names in (("metric", limits, metrics), ("rule", rules, titles)):
        for pattern in given:
            if not named(pattern, names):
                listed = f"there are {', '.join(names[:_MOST_NAMES])}" if names else f"it holds no {what}s at all"
                near = did_you_mean(pattern, names)
                raise ConfigError(
                    f'the report has no {what} "{pattern}"', hint=f"{near} ({listed})" if near else listed
                )
    for key in about:
        if key not in ABOUT:
            raise ConfigError(f'"{key}" is nothing a report is about', hint=f"known are {', '.join(ABOUT)}")


def _chosen(report: Report, item: str | None, rules: Sequence[str]) -> tuple[list[Finding], list[str]]:
    """The rules that count, and word of those that speak to other items."""
    if rules:
        titles = {text for one in report.findings for text in (one.title, one.name)}
        wanted = {text for pattern in rules for text in named(pattern, titles)}
        return [one for one in report.findings if wanted & {one.title, one.name}], []
    if item is None:
        return list(report.findings), []
    ours = [one for one in report.findings if not one.items or item in one.items]
    left = list(dict.fromkeys(one.title for one in report.findings if one.items and item not in one.items))
    if not left:
        return ours, []
    more = f" and {len(left) - _MOST_NAMES} more" if len(left) > _MOST_NAMES else ""
    return ours, [f"left out, since they speak to other items: {', '.join(left[:_MOST_NAMES])}{more}"]


def _failed(rule: Finding) -> str:
    text = f"{rule.title} failed" if rule.severity not in ("warning", "warn", "info") else f"{rule.title} warns"
    if rule.value is not None:
        text += f": {rule.value:.6g}" if isinstance(rule.value, float) else f": {rule.value}"
    if rule.limit is not None:
        limit = f"{rule.limit:.6g}" if isinstance(rule.limit, float) else rule.limit
        text += f" ({limit})" if rule.value is not None else f": {limit}"
    return f"{text}; {rule.detail}" if rule.detail else text


def _age(report: Report, most: int | None, today: date, written: date | None) -> tuple[list[str], list[str]]:
    """Too old, or from the future; and what cannot be told."""
    if report.made is not None:
        made = report.made.date()
        days = (today - made).days
        if days < -1:  # a day may be that of another time zone
            return [f"the report says that it was made on {made}, after today"], []
        if most is not None and days > most:
            return [f"the report is {days} days old, of {made}, and {most} are the most allowed"], []
        return [], []
    if most is None:
        return [], []
    if written is not None and (today - written).days > most:
        return [
            f"the report's file was last written {(today - written).days} days ago, and {most} are the most allowed"
        ], []
    return [], ["how old the report is: it does not say when it was made"]


def _other(
    report: Report, about: Mapping[str, Sequence[str]], told: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    found, open_ = [], []
    for given, needed in ((about, True), (told, False)):
        for key, right in given.items():
            says = report.about.get(key)
            if says is None:
                if needed:
                    open_.append(f"what {key} the report is about: it does not say")
            elif not any(_same(key, says, one) for one in right):
                found.append(f'the report is about the {key} "{says}", not "{" or ".join(right)}"')
    return found, open_


def _same(key: str, says: str, right: str) -> bool:
    if key.endswith("digest"):
        return says.lower().removeprefix("sha256:") == right.lower().removeprefix("sha256:")
    if key == "commit":
        short, long = sorted((says.lower(), right.lower()), key=len)
        return len(short) >= 7 and long.startswith(short)
    return says == right


def _hollow(reports: Mapping[str, Report], counted: int, held: Sequence[Held]) -> str | None:
    if counted:
        return None
    if held:
        if any(one.limit.can_fail(one.metric) for one in held):
            return None
        return f"no value of {held[0].metric} could be outside of its limit"
    if not any(one.findings for one in reports.values()):
        if any(one.metrics for one in reports.values()):
            return "the report holds no verdict, and no limit is given for its metrics"
        return "the report holds no tests"
    return "no rule of the report has a verdict that counts here, and no limit is given"
