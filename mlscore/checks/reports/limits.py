"""Limits of metrics, as a project gives them: which metrics a name stands for, and whether they hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlscore.errors import ConfigError, did_you_mean

# Metrics that lie from 0 to 1, by their names before ":" and " "; a limit at the end of that range cannot fail.
_SHARES = re.compile(
    r"(?:\w*_)?(?:accuracy|precision|recall|f1|f1-score|auc|selection_rate|(?:line|branch|covered)-rate)(?:_score)?"
)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a metric has to be: at `least`, at `most`, or both."""

    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        words = [f"at least {self.least:.6g}"] if self.least is not None else []
        return " and ".join([*words, *([f"at most {self.most:.6g}"] if self.most is not None else [])])

    def holds(self, value: float) -> bool:
        """Whether a value is within; NaN is within nothing."""
        if math.isnan(value):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def can_fail(self, metric: str) -> bool:
        """Whether some value of the metric is outside."""
        base = re.split(r"[: ]", metric, maxsplit=1)[0]
        if " " in metric or _SHARES.fullmatch(base) is None:
            return True
        return (self.least is not None and self.least > 0) or (self.most is not None and self.most < 1)


def read_limits(given: object, where: object | None = None) -> dict[str, Limit]:
    """Limits from a configuration's table, `{accuracy = {least = 0.8}}`. Raises ConfigError for anything else."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ConfigError("limits are no table", where=where, hint="write metric = {least = …, most = …}")
    return {str(metric): _limit(str(metric), one, where) for metric, one in given.items()}


def _limit(metric: str, given: object, where: object | None) -> Limit:
    if isinstance(given, Limit):
        return given
    hint = f'write "{metric}" = {{least = …}}, {{most = …}} or both'
    if not isinstance(given, Mapping) or not given:
        raise ConfigError(f'the limit of "{metric}" says neither least nor most', where=where, hint=hint)
    for key, value in given.items():
        if key not in ("least", "most"):
            near = did_you_mean(str(key), ("least", "most"))
            raise ConfigError(f'the limit of "{metric}" has an unknown key "{key}"', where=where, hint=near or hint)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ConfigError(f'the limit of "{metric}": {key} is no number', where=where, hint=hint)
    limit = Limit(given.get("least"), given.get("most"))
    if limit.least is not None and limit.most is not None and limit.least > limit.most:
        raise ConfigError(f'the limit of "{metric}": least is above most', where=where, hint="exchange them")
    return limit


def named(pattern: str, names: Iterable[str]) -> list[str]:
    """The name itself where it is among them, else all that fit with `*` for anything. Nothing else is special.

    With a name go those that were told apart from it by a number: `recall (2)`.
    """
    names = list(names)
    if pattern in names:
        again = re.compile(re.escape(pattern) + r"( \(\d+\))?")
        return [name for name in names if again.fullmatch(name)]
    expression = re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern))), re.DOTALL)
    return [name for name in names if expression.fullmatch(name)]
