"""Judging relations between a model's answers to rows and to the same rows changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mlscore.checks.feature_code.batches import Batch
from mlscore.checks.intervals import share
from mlscore.checks.metamorphic.asking import Answers, Asked, asked, differ
from mlscore.checks.metamorphic.changes import Change
from mlscore.checks.metamorphic.relations import Relation, RowOrder
from mlscore.checks.metamorphic.rows import Trying, changed, rows_of
from mlscore.checks.metamorphic.shapes import MetamorphicReport, Pair, RelationReport
from mlscore.checks.metamorphic.smallest import smallest_batch, smallest_pair
from mlscore.errors import InputError, UsageError

ORDERS = 4  # the reverse, and shuffled ones


def check_metamorphic(
    model: Any,
    rows: Any,
    relations: Sequence[Relation] | Relation,
    *,
    schema: Any = None,
    generated: int = 200,
    seconds: float = 5.0,
    seed: int = 0,
    positive: Any = None,
) -> MetamorphicReport:
    """Ask a model the rows, and the rows changed, and judge whether its answers keep the relations.

    `model` is a Predictor, a fitted estimator, or a function of a pandas frame that gives a label, a number or
    probabilities for each row. `rows` are real ones: an Arrow table, or what a pandas frame is made from; beside them about
    `generated` rows are drawn by hypothesis from `schema` (one of pandera's, or "module:SCHEMA"; by default from what
    the real rows hold). The smallest pair of rows that breaks a relation is looked for during `seconds`.
    `positive` is the class whose probability is the score of a Direction; by default the model's own.

    Raises InputError for an unknown column, for a relation that the columns or the model's answers make impossible, and
    where the model does not answer the real rows; UsageError when no relation is given.
    """
    given = (relations,) if isinstance(relations, Relation) else tuple(relations)
    if not given:
        raise UsageError("no relation is given", hint="give an Invariance, a Direction, a Symmetry or a RowOrder")
    trying = rows_of(rows, schema, generated, seed)
    named = _named(given)
    for one in named:
        one.check(trying.rules)
    changes = [one.changes(trying.rules, trying.drawn) for one in named]
    return _Judge(asked(model), trying, positive, seconds, seed).all(named, changes)


def _named(relations: Sequence[Relation]) -> list[Relation]:
    """The relations, each with a name: its own, or what it says."""
    return [one if one.name else replace(one, name=one.says) for one in relations]


class _Judge:
    """A model and the rows it is asked, with its answers to the unchanged ones."""

    def __init__(self, model: Asked, trying: Trying, positive: Any, seconds: float, seed: int) -> None:
        self._model = model
        self._trying = trying
        self._positive = model.positive if positive is None else positive
        self._seconds = seconds
        self._seed = seed
        self._unknown: list[str] = []
        self._before = self._ask(trying.real)
        self._generated: Answers | None = None
        if trying.generated is not None:
            try:
                self._generated = self._ask(trying.generated)
            except InputError as error:
                self._unknown.append(f"generated rows: the model does not answer them ({error.what})")

    def _ask(self, batch: Batch) -> Answers:
        return self._model.ask(self._trying.table(batch))

    def all(self, relations: Sequence[Relation], changes: Sequence[Sequence[Change]]) -> MetamorphicReport:
        """Every relation judged, if the model answers the same rows alike."""
        before, generated = self._before, self._generated
        for one in relations:
            one.fits(before, self._positive)
        rounding = Relation().limit(before)
        restless = float(differ(before, self._ask(self._trying.real), rounding).mean())
        constant = _alike(before) and (generated is None or _alike(generated))
        judged = []
        if not restless:
            judged = [self._judged(one, ways) for one, ways in zip(relations, changes, strict=True)]
        return MetamorphicReport(
            rows=len(before),
            generated=0 if generated is None else len(generated),
            relations=tuple(judged),
            restless=restless,
            constant=constant,
            unknown=(*self._unknown, *(f"{one.name}: {line}" for one in judged for line in one.unknown)),
            notes=self._trying.notes,
        )

    def _judged(self, relation: Relation, ways: Sequence[Change]) -> RelationReport:
        trying, trouble = self._trying, None
        unknown: list[str] = []
        touched: set[int] = set()
        broken: set[int] = set()
        made, made_broken = 0, 0
        example: tuple[Batch, int, Change | None] | None = None
        try:
            touched, broken, first = self._tried(relation, ways, trying.real, self._before)
            example = None if first is None else (trying.real, *first)
        except InputError as error:
            trouble = error.what
        if trying.generated is not None and self._generated is not None and trouble is None:
            try:
                some, wrong, first = self._tried(relation, ways, trying.generated, self._generated)
                made, made_broken = len(some), len(wrong)
                # What was generated can be shown as it is; real values are masked.
                example = example if first is None else (trying.generated, *first)
            except InputError as error:
                unknown.append(f"generated rows: the model does not answer them changed ({error.what})")
        pair = None if example is None else self._pair(relation, *example)
        found_share = share(len(broken), len(touched)) if touched else None
        if relation.most > 0 and found_share is not None and found_share.low <= relation.most < found_share.value:
            unknown.append(f"{found_share.value:.2%} of the rows break it, which chance alone may explain")
        return RelationReport(
            name=relation.name,
            says=relation.says,
            changed=len(touched),
            broken=len(broken),
            share=found_share,
            most=relation.most,
            generated=made,
            generated_broken=made_broken,
            pair=pair,
            trouble=trouble,
            unknown=tuple(unknown),
            hollow=self._hollow(relation, len(touched) + made),
        )

    def _tried(
        self, relation: Relation, ways: Sequence[Change], batch: Batch, before: Answers
    ) -> tuple[set[int], set[int], tuple[int, Change | None] | None]:
        """The rows that were changed, those that break the relation, and the first of these with its change."""
        limit = relation.limit(self._before)
        if isinstance(relation, RowOrder):
            return self._shuffled(relation, batch, before, limit)
        touched: set[int] = set()
        broken: set[int] = set()
        first: tuple[int, Change | None] | None = None
        for way in ways:
            other, places = changed(batch, way)
            if not places:
                continue
            touched.update(places)
            wrong = relation.breaks(before, self._ask(other), limit, self._positive)
            found = [place for place in places if wrong[place]]
            broken.update(found)
            if found and first is None:
                first = found[0], way
        return touched, broken, first

    def _shuffled(
        self, relation: Relation, batch: Batch, before: Answers, limit: float
    ) -> tuple[set[int], set[int], tuple[int, Change | None] | None]:
        broken: set[int] = set()
        for number in range(ORDERS if batch.rows > 2 else min(1, batch.rows - 1)):
            order = _order(batch.rows, number, self._seed)
            back = sorted(range(batch.rows), key=order.__getitem__)
            after = self._ask(batch.take(order)).take(back)
            broken.update(place for place, wrong in enumerate(relation.breaks(before, after, limit, None)) if wrong)
        return set(range(batch.rows)) if batch.rows > 1 else set(), broken, (min(broken), None) if broken else None

    def _pair(self, relation: Relation, batch: Batch, place: int, way: Change | None) -> Pair | None:
        """The smallest pair that breaks it. None where the model refuses smaller ones."""
        limit, rules = relation.limit(self._before), tuple(self._trying.rules.values())
        features = self._model.features
        if features:
            rules = tuple(rule for rule in rules if rule.name in features or rule.name in relation.columns)

        def broken(one: Batch, other: Batch) -> tuple[bool, str, str]:
            before, after = self._ask(one), self._ask(other)
            if way is None:
                after = after.take(list(range(len(after)))[::-1])
            wrong = relation.breaks(before, after, limit, self._positive)
            at = int(wrong.argmax())
            of = relation.shown(self._positive)
            return bool(wrong.any()), before.shown(at, of), after.shown(at, of)

        if way is None:
            return smallest_batch(batch, rules, broken, self._seconds)
        return smallest_pair(batch, place, way, rules, self._trying.drawn, broken, self._seconds)

    def _hollow(self, relation: Relation, rows: int) -> str | None:
        if not rows:
            return "no row was changed"
        given = self._model.features
        if given and relation.columns and not set(relation.columns) & set(given):
            return f"the model is not given {' and '.join(relation.columns)}"
        return None


def _order(rows: int, number: int, seed: int) -> list[int]:
    """An order of rows: the reverse first, then shuffled ones."""
    order = list(range(rows))[::-1]
    if number:
        random.Random(f"{seed} {number}").shuffle(order)
    return order


def _alike(answers: Answers) -> bool:
    if answers.scores is not None:
        return bool((answers.scores == answers.scores[:1]).all())
    return len(set(answers.labels.tolist())) == 1
