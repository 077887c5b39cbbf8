"""What follows from the losses by age: the age that is too great, findings, and what could not be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlscore.checks.staleness.curve import at_age, crossing, decay_of, monotone, points_of
from mlscore.checks.staleness.picture import lines
from mlscore.checks.staleness.shapes import StalenessReport, Window

Losses = list[tuple[Window, dict[float, Any]]]  # of each window's rows, by the age of the model in days
_TEXT = {"refit": "refits", "command": "trainings by the command", "models": "past models"}


class Verdict:
    """What follows from the losses."""

    def __init__(
        self,
        report: StalenessReport,
        windows: Losses,
        most_loss: float | None,
        most_increase: float | None,
        alpha: float,
        unknown: Sequence[str],
    ) -> None:
        self._report = report
        self._windows = [window for window, _ in windows]
        self._losses = [by_age for _, by_age in windows]
        self._alpha, self._unknown = alpha, list(unknown)
        self._points = points_of(self._losses, alpha)
        self._ages = [point.age for point in self._points]
        self._curve = monotone([point.worse.value for point in self._points])
        self._low = monotone([point.worse.low for point in self._points])
        self._high = monotone([point.worse.high for point in self._points])
        loss = self._points[0].loss
        allowed = [most_loss - loss] if most_loss is not None else []
        allowed += [most_increase * loss] if most_increase is not None else []
        self._allowed = min(allowed, default=None)

    def report(self) -> StalenessReport:
        """The report with its verdict."""
        import numpy as np

        decay, p = decay_of(self._losses, self._alpha)
        youngest = [window.loss for window in self._windows]
        season = float(np.std(youngest, ddof=1)) if len(youngest) > 1 else None
        limits: list[float | None] = [None, None, None]
        if self._allowed is not None:
            limits = [crossing(self._ages, values, self._allowed) for values in (self._curve, self._high, self._low)]
        report = replace(
            self._report,
            windows=tuple(self._windows),
            points=self._points,
            loss=self._points[0].loss,
            decay=decay,
            p=p,
            season=season,
            allowed=self._allowed,
            limit_days=limits[0],
            limit_low=limits[1],
            limit_high=limits[2],
            studied_days=self._ages[-1],
            not_judged=tuple(self._unknown),
        )
        findings = self._findings(report, p)
        hollow = None if findings else self._hollow(report, p)
        return replace(report, findings=tuple(findings), hollow=hollow, notes=tuple(self._notes(report)))

    def _findings(self, report: StalenessReport, p: float) -> list[str]:
        allowed, oldest = self._allowed, report.max_age_days
        if allowed is None or oldest is None or report.loss is None:
            return []
        if allowed < 0:
            return [
                f"even the youngest models' {report.measure} is {report.loss:.4g}, beyond the limit of "
                f"{report.loss + allowed:.4g}"
            ]
        if report.limit_days is None or oldest <= report.limit_days:
            return []
        certain = report.limit_high is not None and oldest > report.limit_high
        if p > self._alpha and not certain:
            return []
        return [
            f"models are too old after {days(report)}, and may become {oldest:g} days: the {report.measure} is then more "
            f"than {allowed:.4g} greater than the youngest models' {report.loss:.4g}"
        ]

    def _hollow(self, report: StalenessReport, p: float) -> str | None:
        allowed, oldest = self._allowed, report.max_age_days
        if all(_same(by_age, age) for by_age in self._losses for age in self._ages[1:]):
            return "models of every age are wrong in the same rows by as much: they may be one and the same model"
        if allowed is None:
            return "there is no limit to the loss: add most-loss or most-increase"
        if oldest is None:
            found = "" if report.limit_days is None else f" (by this curve not above {report.limit_days:.4g} days)"
            return f"nothing says how old a model may become: add max-age{found}"
        if oldest > self._ages[-1]:
            return f"models were {self._ages[-1]:.4g} days old at most, and may become {oldest:g} days"
        if at_age(self._ages, self._high, oldest) <= allowed or p <= self._alpha:
            return None
        return (
            f"no decay could be measured: at {oldest:g} days the increase is {self._at(oldest)}, {allowed:.4g} is the "
            f"limit, and {len(self._windows)} windows of {sum(w.rows for w in self._windows):,} rows do not tell; more "
            "windows or rows are missing"
        )

    def _at(self, age: float) -> str:
        value, low, high = (at_age(self._ages, values, age) for values in (self._curve, self._low, self._high))
        return f"{value:.4g} ({low:.4g} to {high:.4g})"

    def _notes(self, report: StalenessReport) -> list[str]:
        first, last = self._windows[-1].begins, self._windows[0].ends
        count = len(self._windows)
        said = [f"{_TEXT.get(report.by, report.by)} judged on {count} window{'s' * (count > 1)} from {first} to {last}"]
        said += lines(report)
        if report.season is not None:
            said.append(
                f"between windows the youngest models' {report.measure} varies by {report.season:.4g} (season, not age)"
            )
        if report.limit_days is not None:
            said.append(f"the limit is exceeded after {days(report)}")
        elif self._allowed is not None:
            till = self._ages[-1] if report.limit_low is None else report.limit_low
            said.append(f"the limit is not exceeded at any age there was, for certain not up to {till:.4g} days")
        return said


def _same(by_age: Mapping[float, Any], age: float) -> bool:
    import numpy as np

    return bool(np.array_equal(by_age[age], by_age[min(by_age)]))


def days(report: StalenessReport) -> str:
    """The age at which the limit is exceeded with its interval, in words."""
    low = 0.0 if report.limit_low is None else report.limit_low
    high = f"more than {report.studied_days:.4g}" if report.limit_high is None else f"{report.limit_high:.4g}"
    return f"{report.limit_days:.4g} days ({low:.4g} to {high})"
