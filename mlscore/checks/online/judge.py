"""Judging whether the offline metric tells what the online one will say: the rank correlation over model versions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlscore.checks.online.rank import (
    chances,
    effective,
    interval_of_rho,
    interval_of_tau,
    kendall,
    needed,
    partial,
    spearman,
)
from mlscore.checks.online.shapes import AgreementReport, Better, Pairs
from mlscore.errors import InputError

if TYPE_CHECKING:
    from mlscore.checks.intervals import Interval

FEWEST = 5  # of four pairs in perfect order chance makes one in 24, which is no verdict
PLANNED = 0.5  # the tau that is planned for where the pairs do not tell one
MOST = 2_000
_SHOWN = 200


def check_online(
    pairs: object,
    *,
    offline: str = "offline",
    online: str = "online",
    version: str | None = None,
    date: str | None = None,
    weight: str | None = None,
    offline_better: Better | str = Better.HIGHER,
    online_better: Better | str = Better.HIGHER,
    least: float = 0.3,
    alpha: float = 0.05,
    seed: int = 0,
) -> AgreementReport:
    """Judge by model versions whether what is better offline is better online.

    `pairs` are Pairs, or whatever `read_pairs` takes with the columns or metrics `offline`, `online`, `version`, `date`
    and `weight`: a path, rows, a frame, or a function without arguments that returns one of these. `offline_better` and
    `online_better` say which values of the metric are better.

    Kendall's tau-b decides. It is a finding when tau is negative beyond chance, and when its interval at 1 - `alpha` lies
    below `least`. It is agreement when tau reaches `least` and is positive beyond chance: by a permutation test at
    `alpha` / 2. All else is hollow, and says how many pairs are missing; fewer than five are no
    verdict, whatever their order. The methods and their sources are those of `mlscore.checks.online.rank`.

    Raises InputError where the pairs cannot be read, or there are more than 2,000 versions, UsageError without numpy.
    """
    if not -1 < least < 1:
        raise InputError(f"least = {least:g} is no rank correlation to ask for", hint="write one above -1 and below 1")
    if not 0 < alpha < 1:
        raise InputError(f"{alpha:g} is no chance of a false alarm", hint="write one above 0 and below 1")
    signs = [_sign(offline_better, "offline_better"), _sign(online_better, "online_better")]
    if not isinstance(pairs, Pairs):
        from mlscore.checks.online.read import read_pairs

        pairs = read_pairs(pairs, offline=offline, online=online, version=version, date=date, weight=weight)
    if len(pairs.pairs) > MOST:
        raise InputError(
            f"there are {len(pairs.pairs):,} model versions, {MOST:,} the most",
            hint="give one row for each model that was tried online, not one for each user or prediction",
        )
    return _Judge(pairs, signs, least, alpha, seed).report()


def _sign(given: Better | str, name: str) -> float:
    try:
        return 1.0 if Better(given) is Better.HIGHER else -1.0
    except ValueError:
        raise InputError(f'{name} is "{given}"', hint='write "higher" or "lower"') from None


class _Judge:
    def __init__(self, pairs: Pairs, signs: list[float], least: float, alpha: float, seed: int) -> None:
        from mlscore.tables.extras import need

        np: Any = need("numpy")
        self._given = pairs
        self._least, self._alpha, self._seed = least, alpha, seed
        self._raw = [np.array([getattr(one, name) for one in pairs.pairs]) for name in ("offline", "online")]
        self._a, self._b = (sign * values for sign, values in zip(signs, self._raw, strict=True))
        weights = np.array([one.weight for one in pairs.pairs], dtype=float)
        self._weights = None if len(set(weights.tolist())) < 2 else weights
        self._count = len(pairs.pairs)
        self._size = float(self._count) if self._weights is None else effective(weights)

    def report(self) -> AgreementReport:
        tau, rho = self._estimates()
        enough = tau is not None and self._count >= FEWEST and self._size >= FEWEST
        positive = negative = None
        findings: list[str] = []
        decided = False
        if tau is not None and enough:
            positive, negative = chances(self._a, self._b, self._weights, self._seed)
            findings = self._findings(tau, negative)
            decided = bool(findings) or (tau.value >= self._least and positive <= self._alpha / 2)
        planned = total = missing = None
        if not decided:
            planned = tau.value if tau is not None and enough else max(self._least, PLANNED)
            total = needed(planned, self._least, self._alpha)
            missing = None if total is None else max(1, math.ceil(total - self._size))
        trend = None if tau is None else self._trend(tau.value)
        return AgreementReport(
            offline=self._given.offline,
            online=self._given.online,
            pairs=self._count,
            effective=self._size,
            kendall=tau,
            spearman=rho,
            positive=positive,
            negative=negative,
            least=self._least,
            planned=planned,
            needed=total,
            missing=missing,
            trend=trend,
            examples=self._given.pairs[:_SHOWN],
            findings=tuple(findings),
            not_judged=tuple(self._unknown(tau, trend)),
            notes=tuple(self._notes(tau, decided)),
            hollow=None if decided else self._hollow(tau, enough, planned, total, missing),
        )

    def _estimates(self) -> tuple[Interval | None, Interval | None]:
        if self._count < 2:
            return None, None
        tau, rho = (f(self._a, self._b, self._weights) for f in (kendall, spearman))
        if math.isnan(tau) or math.isnan(rho):
            return None, None
        return interval_of_tau(tau, self._size, self._alpha), interval_of_rho(rho, self._size, self._alpha)

    def _findings(self, tau: Interval, negative: float) -> list[str]:
        if tau.value < 0 and negative <= self._alpha / 2:
            return [
                f"models that are better by {self._given.offline} are worse by {self._given.online}: tau {tau} over "
                f"{self._count} pairs, by chance with a probability of {negative:.2g}"
            ]
        if tau.high < self._least:
            return [
                f"{self._given.offline} hardly tells {self._given.online}: tau {tau} over {self._count} pairs, "
                f"{self._least:g} is the limit"
            ]
        return []

    def _trend(self, tau: float) -> float | None:
        """Tau without the days; None where these are not all known, or do not vary."""
        import numpy as np

        known = [one.day for one in self._given.pairs if one.day is not None]
        if len(known) < max(FEWEST, self._count):
            return None
        days = np.array(known, dtype=float)
        found = partial(tau, kendall(self._a, days, self._weights), kendall(self._b, days, self._weights))
        return None if math.isnan(found) else found

    def _unknown(self, tau: Interval | None, trend: float | None) -> list[str]:
        said = [f"{count:,} model versions: {why}" for why, count in self._given.lost.items()]
        if tau is not None and trend is not None and tau.value >= self._least > trend:
            said.append(
                f"whether there is more than a common trend: without what both share with the day, tau is {trend:.2g}"
            )
        return said

    def _notes(self, tau: Interval | None, decided: bool) -> list[str]:
        said = []
        if self._weights is not None:
            said.append(f"the weights make {self._count} pairs worth {self._size:.3g} of equal weight")
        if decided and tau is not None and tau.low < self._least <= tau.value:
            said.append(f"that tau is above 0 is shown; that it is {self._least:g} is not, it may be {tau.low:.2g}")
        return said

    def _hollow(
        self, tau: Interval | None, enough: bool, planned: float | None, total: int | None, missing: int | None
    ) -> str:
        more = (
            f"a verdict would take more than 10,000 pairs where tau is {planned:.2g}, so near the limit"
            if total is None or missing is None
            else f"{missing:,} more are missing for a verdict (power 80 % where tau is {planned:.2g}: {total:,} pairs)"
        )
        if self._count < FEWEST:
            return f"{self._count} pairs of an offline and an online figure are too few for any verdict; {more}"
        for values, name, advice in zip(
            self._raw,
            (self._given.offline, self._given.online),
            ("try models that differ more, such as degraded variants", "measure it on more users, or try worse models"),
            strict=True,
        ):
            if len(set(values.tolist())) == 1:
                return f"{name} does not vary: it is {values[0]:g} for all {self._count} models; {advice}"
        if not enough or tau is None:
            return f"the weights leave {self._size:.2g} pairs' worth, too few for any verdict; {more}"
        return f"{self._count} pairs do not tell agreement from chance: tau {tau}, {self._least:g} is the limit; {more}"
