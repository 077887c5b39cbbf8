"""Judging a search: whether what training uses is the best that was tried within noise, and not at the search's edge."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path

from mlscore.checks.tuning.noise import Noise
from mlscore.checks.tuning.read import read_trials
from mlscore.checks.tuning.shapes import Range, Scalar, Setting, Trials, TuningReport
from mlscore.checks.tuning.used import look_up, parsed, same
from mlscore.errors import InputError

EDGE = 0.05  # of a range that was searched by drawing numbers: so near to its end is at it
_FEW = 10  # different values up to which a parameter is taken for a grid's


def check_tuning(
    trials: Trials | Path,
    used: Mapping[str, Mapping[str, Scalar]],
    *,
    names: Mapping[str, str] | None = None,
    noise: float | None = None,
    tolerance: float = 0.0,
    ends: Collection[str] = (),
    alpha: float = 0.05,
) -> TuningReport:
    """Judge the hyperparameters in use by the trials of the search that should have found them.

    `used` says what is in use, by who says so: `{"the model": {"C": 1.0}, "params.yaml": {…}}`. `names` leads from the
    search's name of a parameter to that of the model. `noise` is the standard deviation of one trial's value, where it does
    not follow from folds or repeated trials; `tolerance` is by how much the parameters in use may be worse. `ends` are
    parameters whose range ends where it has to. `alpha` is the chance that a setting as good as all others is refused.

    Findings are: parameters in use that were not tried or are worse than the best beyond noise (Bonferroni over the
    settings), sources that disagree, and a best value at the edge of its range that no value further in is as good as.
    Raises InputError where no trial has a value.
    """
    search = read_trials(trials) if isinstance(trials, Path) else trials
    settings = settings_of(search)
    if not settings:
        raise InputError("no trial of the search has a value", hint="export the trials that ended")
    sign = 1.0 if search.greater else -1.0
    best = max(settings, key=lambda one: sign * one.value)
    known = Noise(settings, noise)
    searched = _searched(search, settings)
    findings: list[str] = []
    unknown: list[str] = []
    notes: list[str] = []
    found = _used(used, searched, names or {}, findings, unknown)
    chosen = None
    behind = p = None
    if found is not None:
        chosen = _chosen(found, settings, best, sign)
        if chosen is None:
            differing = ", ".join(f"{name} = {_show(value)}" for name, value in found.items())
            tried = ", ".join(f"{name} = {_show(best.params.get(name))}" for name in found)
            findings.append(f"training uses {differing}, which was not tried; the best of the search is {tried}")
    if chosen is not None:
        behind = sign * (best.value - chosen.value)
        p = _behind(chosen, settings, best, known, findings, sign, tolerance, alpha, search.metric)
    judged = chosen or best
    at_edge = _edges(judged, search, settings, searched, known, sign, ends, findings, notes)
    notes += _more_notes(search, settings, best, known, sign, alpha)
    return TuningReport(
        metric=search.metric,
        trials=len(search.trials),
        settings=len(settings),
        best=dict(best.params),
        best_value=best.value,
        used=found,
        used_value=None if chosen is None else chosen.value,
        behind=behind,
        p=p,
        noise=known.source,
        at_edge=at_edge,
        findings=tuple(findings),
        not_judged=tuple(unknown),
        notes=tuple(notes),
    )


def settings_of(search: Trials) -> tuple[Setting, ...]:
    """The trials by their parameters; those with the same parameters are repetitions."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for number, trial in enumerate(search.trials):
        key = tuple(sorted((name, repr(_number(value))) for name, value in trial.params.items()))
        groups.setdefault(key, []).append(number)
    return tuple(
        Setting(
            search.trials[some[0]].params,
            tuple(search.trials[one].value for one in some),
            search.trials[some[0]].folds if len(some) == 1 else (),
        )
        for some in groups.values()
    )


def _number(value: Scalar) -> Scalar:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _searched(search: Trials, settings: tuple[Setting, ...]) -> tuple[str, ...]:
    """The parameters that differ between trials, or had a range to differ in."""
    names = dict.fromkeys(name for one in settings for name in one.params)
    return tuple(
        name
        for name in names
        if name in search.ranges or len({repr(_number(one.params.get(name))) for one in settings}) > 1
    ) or tuple(names)


def _used(
    used: Mapping[str, Mapping[str, Scalar]],
    searched: tuple[str, ...],
    names: Mapping[str, str],
    findings: list[str],
    unknown: list[str],
) -> dict[str, Scalar] | None:
    """What is in use of the parameters that were searched; sources that disagree are findings."""
    found: dict[str, Scalar] = {}
    says: dict[str, str] = {}
    for source, told in used.items():
        for name in searched:
            key = look_up(names.get(name, name), told)
            if key is None:
                continue
            if name in found and not same(found[name], told[key]):
                findings.append(f"{source} has {name} = {_show(told[key])}, and {says[name]} has {_show(found[name])}")
            found.setdefault(name, told[key])
            says.setdefault(name, source)
    if not used:
        unknown.append("nothing says which parameters training uses")
        return None
    silent = [name for name in searched if name not in found]
    if silent:
        unknown.append(f"{' and '.join(used)} does not say {', '.join(silent)}, which the search tuned")
    return found or None


def _chosen(found: Mapping[str, Scalar], settings: tuple[Setting, ...], best: Setting, sign: float) -> Setting | None:
    """The setting that is in use; of several that fit what is known, the best."""
    fitting = [
        one for one in settings if all(name not in one.params or same(one.params[name], v) for name, v in found.items())
    ]
    return best if best in fitting else max(fitting, key=lambda one: sign * one.value, default=None)


def _behind(
    chosen: Setting,
    settings: tuple[Setting, ...],
    best: Setting,
    known: Noise,
    findings: list[str],
    sign: float,
    tolerance: float,
    alpha: float,
    metric: str,
) -> float | None:
    """The corrected probability for the setting that most certainly beats the chosen one."""
    least: float | None = None
    beaten: tuple[float, Setting] | None = None
    for one in settings:
        gap = sign * (one.value - chosen.value)
        if gap <= tolerance or one is chosen:
            continue
        p = known.p(one, chosen)
        p = None if p is None else min(1.0, p * (len(settings) - 1))
        least = p if least is None or (p is not None and p < least) else least
        if (p is None or p <= alpha) and (beaten is None or gap > beaten[0]):
            beaten = gap, one
    if beaten is not None:
        gap, one = beaten
        how = "beyond noise" if known.source else "and nothing says how noisy that is (set noise or tolerance)"
        findings.append(
            f"training uses the setting with {metric} {chosen.value:.6g}, {gap:.4g} worse than {_shown(one, chosen)} "
            f"with {one.value:.6g}, {how}"
        )
    return least


def _edges(
    judged: Setting,
    search: Trials,
    settings: tuple[Setting, ...],
    searched: tuple[str, ...],
    known: Noise,
    sign: float,
    ends: Collection[str],
    findings: list[str],
    notes: list[str],
) -> tuple[str, ...]:
    """The parameters whose value is at an end of what was searched, and better there than further in."""
    at_edge = []
    for name in searched:
        value = judged.params.get(name)
        numbers = sorted(
            {float(v) for one in settings if isinstance(v := one.params.get(name), (int, float)) and v == v
             and not isinstance(v, bool)}
        )  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, (int, float)) or name in ends:
            continue
        if len(numbers) < 2:
            notes.append(f"{name} was tried with one value alone")
            continue
        side = _side(float(value), numbers, search.ranges.get(name))
        if side is None:
            continue
        at_edge.append(name)
        inner = [one for one in settings if not _beside(one.params.get(name), numbers, search.ranges.get(name), side)]
        rival = max(inner, key=lambda one: sign * one.value, default=None)
        p = None if rival is None else known.p(judged, rival)
        where = f"{name} = {_show(value)} is at the {'lower' if side < 0 else 'upper'} end of what was tried"
        if rival is not None and (sign * (rival.value - judged.value) >= 0 or (p is not None and p > 0.05)):
            notes.append(f"{where}, but a value further in is as good within noise")
        else:
            findings.append(f"{where} ({numbers[0]:.6g} to {numbers[-1]:.6g}): better ones may lie beyond")
    return tuple(at_edge)


def _side(value: float, numbers: list[float], given: Range | None) -> int | None:
    low, high, log = numbers[0], numbers[-1], False
    if given is not None:
        low, high, log = given.low, given.high, given.log
    margin = 0.0 if given is None and len(numbers) <= _FEW else EDGE
    # Drawn on a logarithmic scale, if nobody says so: positive numbers over three orders of magnitude.
    if low > 0 and (log or (given is None and high / low >= 1000)):
        low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-300))
    room = margin * (high - low) + 1e-9 * (high - low)
    if value <= low + room:
        return -1
    return 1 if value >= high - room else None


def _beside(value: Scalar, numbers: list[float], given: Range | None, side: int) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and _side(float(value or 0.0), numbers, given) == side


def _more_notes(
    search: Trials, settings: tuple[Setting, ...], best: Setting, known: Noise, sign: float, alpha: float
) -> list[str]:
    notes = []
    if search.lost:
        notes.append(f"{search.lost} trials have no value: they failed, were pruned or still run")
    worst = min(settings, key=lambda one: sign * one.value)
    p = known.p(best, worst) if worst is not best else None
    if p is not None and p * (len(settings) - 1) > alpha:
        notes.append("no setting is worse than the best beyond noise: the search decides nothing")
    return notes


def _shown(one: Setting, beside: Setting) -> str:
    """The parameters of a setting that differ from another's."""
    names = [name for name in one.params if not same(one.params[name], beside.params.get(name))]
    return ", ".join(f"{name} = {_show(one.params[name])}" for name in names[:6]) or "another"


def _show(value: Scalar) -> str:
    value = parsed(value) if isinstance(value, str) else value
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:60]
