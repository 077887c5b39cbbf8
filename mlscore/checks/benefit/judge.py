"""Judging what each feature, or group of features, does for a model: left out and fitted anew, or permuted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlscore.checks.benefit.alone import by_chance, coded, scale, skill
from mlscore.checks.benefit.answers import Truth, answers_of, constant, truth_of
from mlscore.checks.benefit.groups import declared, group
from mlscore.checks.benefit.permute import FIRST, REPEATS, Unit, permute
from mlscore.checks.benefit.refit import Refitted, refit
from mlscore.checks.benefit.shapes import Alone, Benefit, BenefitReport, Method, Verdict
from mlscore.checks.labelled import labelled_rows, told, unknown_classes
from mlscore.checks.simpler.metrics import Metric, figure, gain
from mlscore.errors import InputError
from mlscore.tables.shapes import Kind, TableOptions

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor

MOST_ROWS = 50_000
LEAST_ROWS = 100
REFIT_SECONDS = 10.0  # for all fits together
ALONE_ROWS = 10_000  # on which each feature is tried alone
ORDER = (Verdict.NONE, Verdict.UNDECIDED, Verdict.BENEFICIAL, Verdict.NOISE)


def check_benefit(
    predictor: Predictor,
    validation: object,
    *,
    label: str,
    train: object | None = None,
    refit_seconds: float = REFIT_SECONDS,
    features: Sequence[str] | None = None,
    metric: Metric | str | None = None,
    groups: Sequence[Sequence[str]] | None = None,
    together: float = 0.7,
    noise: Sequence[str] = (),
    worth: float = 0.01,
    leak: float = 0.95,
    allowed: Sequence[str] = (),
    most_rows: int = MOST_ROWS,
    first: int = FIRST,
    repeats: int = REPEATS,
    alpha: float = 0.05,
    seed: int = 0,
    options: TableOptions | None = None,
) -> BenefitReport:
    """Take each feature, or group of features that go together, from the model, and see by how much it gets worse.

    `validation` is a Table or whatever one is opened from: labelled rows that the model was not trained on, at most
    `most_rows` of them. With `train`, as many rows that it was trained on, an estimator is fitted anew without each group
    (`groups`, else features whose association is at least `together`), where the first fit tells that all of them together
    take `refit_seconds` or less. Else the model is permuted: each group on `first` rows and then on twice as many; what is
    open when all rows are used is permuted `repeats` times. Either way a group is decided where the interval of its gain
    lies above 0 and above that of the columns of `noise`, or below `worth`, a share of what the model is better than a
    constant. `alpha` is the probability of any wrong verdict.

    A feature, other than the `allowed` ones, is a leakage suspect where it alone surely has a skill of at least `leak`:
    0 is a constant's, 1 is always right (of two classes 2 AUC - 1, else the share of a constant's loss that it saves).

    Raises InputError where columns are missing, hardly any row has a label, or the model cannot answer.
    """
    from mlscore.tables.table import Table, open_table

    with ExitStack() as stack:
        table = (
            validation
            if isinstance(validation, Table)
            else stack.enter_context(open_table(validation, options=options))
        )
        kinds = {column.name: column.kind for column in table.columns}
        if label not in kinds:
            raise InputError(f"there is no column {label!r}, the label", where=str(table.source))
        chosen = tuple(features or predictor.features or [name for name in kinds if name != label])
        needed = list(dict.fromkeys([*(predictor.features or chosen), *chosen, label]))
        table.engine.scope.chosen(needed)
        for name in noise:
            if name not in chosen:
                raise InputError(f'the noise column "{name}" is no feature of the model', hint="train with it")
        total = table.count()
        drawn = table.sample(most_rows, seed, needed)
        known = None
        if train is not None:
            trained = train if isinstance(train, Table) else stack.enter_context(open_table(train, options=options))
            there = {column.name for column in trained.columns}
            known = trained.sample(most_rows, seed, [name for name in needed if name in there])
    kept, unknown = labelled_rows(drawn, label, "validation", LEAST_ROWS)
    rows = _mixed(kept, seed)
    if total > most_rows:
        unknown.append(f"{total - most_rows:,} of {total:,} validation rows, which were not drawn")
    labels = rows.column(label).combine_chunks()
    if label not in (predictor.features or chosen):
        rows = rows.drop_columns([label])
    made = predictor.predict(rows)
    truth = truth_of(labels, made, predictor, metric)
    if predictor.task.labels:
        unknown += told(unknown_classes(labels, made.classes or predictor.classes), rows.num_rows)
    base, by = answers_of(made, truth, truth.values), scale(truth)
    judged = [name for name in chosen if name not in noise]
    if by == 0 or (truth.metric is Metric.AUC and len(set(truth.values.tolist())) < 2):
        hollow = "every validation row has the same label, so that no feature can tell it"
        return BenefitReport(truth.metric.value, 0.0, 0.0, 0.0, (), (), rows.num_rows, rows.num_rows,
                             not_judged=tuple(unknown), hollow=hollow)  # fmt: skip
    alone, chance, lacking = _alone(truth, rows, kinds, judged, leak, allowed, alpha, seed)
    over = gain(truth.metric, truth.values, base, constant(truth), alpha)
    units: list[Unit] = []
    predicted = 0
    anew: Refitted | str | None = None
    least = worth * max(0.0, over.value)
    if over.value > 0:
        found, more = (declared(groups, judged), []) if groups is not None else group(rows, kinds, judged, together)
        if known is not None and (found or noise):
            known, fewer = (
                labelled_rows(known, label, "train", LEAST_ROWS) if label in known.column_names else (known, [])
            )
            unknown += fewer
            anew = refit(
                predictor, known, rows, truth, base, found, noise,
                label=label, worth=worth, budget=refit_seconds, alpha=alpha / 2, seed=seed,
            )  # fmt: skip
        open_ = [unit.features for unit in anew.units if _open(unit)] if isinstance(anew, Refitted) else found
        if open_ or not isinstance(anew, Refitted):
            # What fits leave open, for they have a chance of their own, the model that is there may tell.
            units, predicted = permute(
                predictor, rows, truth, base, open_, noise, least, _whole(truth, by),
                alpha=alpha if open_ is found else alpha / 2, seed=seed, start=first, repeats=repeats,
            )  # fmt: skip
        if isinstance(anew, Refitted):
            permuted = {unit.features: unit for unit in units}
            units = [permuted.get(unit.features, unit) if _open(unit) else unit for unit in anew.units]
            least = max(least, anew.worth)
        lacking += more
    ordered = sorted(units, key=lambda unit: (ORDER.index(unit.verdict), -unit.gain.value))
    useless = over.value <= 0
    return BenefitReport(
        metric=truth.metric.value,
        figure=figure(truth.metric, truth.values, base),
        constant=figure(truth.metric, truth.values, constant(truth)),
        worth=least,
        benefits=tuple(
            Benefit(" + ".join(unit.features), unit.features, unit.gain, unit.verdict, unit.rows) for unit in ordered
        ),
        alone=alone,
        rows=rows.num_rows,
        predicted=rows.num_rows + predicted,
        noise=max((unit.gain for unit in units if unit.noise), key=lambda one: one.high, default=None),
        chance=chance,
        useless=useless,
        not_judged=(*unknown, *lacking, *_undecided(ordered)),
        hollow=_hollow(ordered, judged),
        method=Method.LEFT_OUT if isinstance(anew, Refitted) else Method.PERMUTED,
        fits=anew.fits if isinstance(anew, Refitted) else 0,
        why=anew if isinstance(anew, str) else None,
    )


def _open(unit: Unit) -> bool:
    return unit.verdict is Verdict.UNDECIDED


def _whole(truth: Truth, by: float) -> float:
    """The most that the metric of one row in all can change it by, times their number."""
    if truth.metric is Metric.AUC:
        share = float(truth.values.mean())
        return 1 / min(share, 1 - share)
    return 1.0 if truth.metric is Metric.ERROR else by


def _undecided(units: Sequence[Unit]) -> list[str]:
    return [
        f"{' + '.join(unit.features)}: gain {unit.gain} on {unit.rows:,} rows is not told from none"
        for unit in units
        if unit.verdict is Verdict.UNDECIDED
    ]


def _hollow(units: Sequence[Unit], judged: Sequence[str]) -> str | None:
    """Why benefit is not shown: the yardstick is broken, or nothing was decided."""
    lucky = [unit.features[0] for unit in units if unit.noise and unit.gain.low > 0]
    if lucky:
        return f"the noise column {lucky[0]} is of benefit, as if the model had been trained on these rows"
    if not judged:
        return "the model has no feature but the noise"
    of_features = [unit for unit in units if not unit.noise]
    undecided = [unit for unit in of_features if unit.verdict is Verdict.UNDECIDED]
    if undecided and 2 * len(undecided) >= len(of_features):
        return f"{undecided[0].rows:,} rows do not decide on {len(undecided)} of {len(of_features)} features or groups"
    return None


def _mixed(rows: pa.Table, seed: int) -> pa.Table:
    """The rows in an order that tells nothing."""
    import numpy as np
    import pyarrow as pa

    return rows.take(pa.array(np.random.default_rng(seed).permutation(rows.num_rows))).combine_chunks()


def _alone(
    truth: Truth,
    rows: pa.Table,
    kinds: Mapping[str, Kind],
    features: Sequence[str],
    leak: float,
    allowed: Sequence[str],
    alpha: float,
    seed: int,
) -> tuple[tuple[Alone, ...], float | None, list[str]]:
    """Each feature alone, the best first; the best of what they are when dealt out anew; and what could not be judged."""
    import numpy as np

    truth, rows = replace(truth, values=truth.values[:ALONE_ROWS]), rows.slice(0, ALONE_ROWS)
    found: list[Alone] = []
    dealt: list[float] = []
    lacking: list[str] = []
    order: Any = np.random.default_rng(seed).permutation(len(truth.values))
    for name in features:
        made = coded(name, kinds[name], rows.column(name))
        if made is None:
            lacking.append(f"{name}: whether it leaks the label, for it holds {kinds[name].value} values")
            continue
        codes, numbers = made
        own = skill(truth, codes, numbers, alpha / len(features), seed)
        found.append(Alone(name, own, own.low >= leak and name not in allowed))
        dealt.append(by_chance(truth, codes, numbers, order, seed))
    found.sort(key=lambda one: -one.skill.value)
    return tuple(found), max(dealt, default=None), lacking
