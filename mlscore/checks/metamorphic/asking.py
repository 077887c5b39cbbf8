"""Asking whatever predicts - a predictor, an estimator, a function - and telling its answers apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor

ROUNDING = 1e-6  # of a probability, or of the greatest number: what another order of adding up may make


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model answers: `scores` (n, k) are probabilities by class, or one number a row; None for labels alone."""

    labels: npt.NDArray[Any]
    scores: npt.NDArray[np.float64] | None
    classes: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, places: Any) -> Answers:
        """The answers to these rows."""
        return Answers(self.labels[places], None if self.scores is None else self.scores[places], self.classes)

    @property
    def numbers(self) -> bool:
        """Whether a row is given a number, and no class."""
        return self.scores is not None and self.classes is None

    @property
    def size(self) -> float:
        """What rounding is a share of: 1 for probabilities, the greatest magnitude of numbers."""
        if self.scores is None or not self.numbers:
            return 1.0
        return float(abs(self.scores).max()) or 1.0

    def shown(self, place: int, of: Any = None) -> str:
        """One answer in words: a number, a label, or the probability of a class."""
        if self.scores is None:
            return str(self.labels[place])
        if self.classes is None:
            return f"{self.scores[place, 0]:.6g}" if self.scores.shape[1] == 1 else str(self.labels[place])
        named = of if of in self.classes else self.classes[int(self.scores[place].argmax())]
        return f"{self.scores[place, self.classes.index(named)]:.6g} for {named}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that predicts, by a function of an Arrow table; `positive` is the class that counts, where there is one."""

    ask: Callable[[pa.Table], Answers]
    positive: Any = None
    features: tuple[str, ...] = ()


def asked(model: Any) -> Asked:
    """A Predictor, a fitted estimator or a function of a pandas frame, as something to ask.

    A function gives a label or number for each row, or probabilities: (n, k). Raises InputError for anything else; so does
    what is asked when an answer is missing or no number.
    """
    if hasattr(model, "provenance") and hasattr(model, "features"):
        found = _of_predictor(model)
    elif hasattr(model, "predict"):
        found = _of_estimator(model)
    elif callable(model):
        found = Asked(lambda rows: _of_array(model(rows.to_pandas())))
    else:
        kind = type(model).__name__
        raise InputError(f"a {kind} does not predict", hint="give a predictor, an estimator or a function")
    return replace(found, ask=lambda rows: _whole(found.ask(rows), rows.num_rows))


def _whole(answers: Answers, rows: int) -> Answers:
    """The answers, if there is one for each row, and all scores are numbers."""
    import numpy as np

    scores = answers.scores
    if len(answers) != rows or (scores is not None and len(scores) != rows):
        raise InputError(f"the model answers {len(answers):,} rows of {rows:,}", hint="give one answer a row")
    if scores is not None and not np.isfinite(scores).all():
        wrong = ~np.isfinite(scores).all(axis=1)
        first = int(np.argmax(wrong)) + 1
        raise InputError(
            f"the model answers {int(wrong.sum()):,} of {rows:,} rows with no number, the first is {first:,}"
        )
    return answers


def _of_predictor(model: Predictor) -> Asked:
    def ask(rows: pa.Table) -> Answers:
        import numpy as np

        made = model.predict(rows)
        if made.probabilities is not None:
            classes = made.classes or model.classes or tuple(range(np.asarray(made.probabilities).shape[1]))
            return Answers(made.values, np.asarray(made.probabilities, dtype=float), tuple(classes))
        if model.task.numbers:
            return Answers(made.values, np.asarray(made.values, dtype=float).reshape(len(made.values), -1))
        return Answers(_flat(made.values), None, model.classes)

    return Asked(ask, model.positive, model.features)


def _of_estimator(model: Any) -> Asked:
    classes = getattr(model, "classes_", None)
    known = None if classes is None or isinstance(classes, list) else tuple(classes.tolist())
    shares = getattr(model, "predict_proba", None) if known is not None else None

    def ask(rows: pa.Table) -> Answers:
        import numpy as np

        frame = rows.to_pandas()
        made = np.asarray(model.predict(frame))
        if shares is not None:
            return Answers(made, np.asarray(shares(frame), dtype=float), known)
        return Answers(_flat(made), None, known) if known is not None else _of_array(made)

    names = getattr(model, "feature_names_in_", None)
    positive = known[1] if known is not None and len(known) == 2 else None
    return Asked(ask, positive, () if names is None else tuple(map(str, names)))


def _of_array(given: Any) -> Answers:
    import numpy as np

    made = np.atleast_1d(np.asarray(given))
    if made.dtype.kind != "f":
        return Answers(_flat(made), None)
    if made.ndim == 2 and made.shape[1] > 1:
        return Answers(made.argmax(axis=1), made, tuple(range(made.shape[1])))
    return Answers(made, made.reshape(len(made), 1).astype(float))


def _flat(values: Any) -> Any:
    """Labels a row: of several labels one tuple."""
    import numpy as np

    if values.ndim == 1:
        return values
    made = np.empty(len(values), dtype=object)
    made[:] = [tuple(row) for row in values.tolist()]
    return made


def differ(one: Answers, other: Answers, tolerance: float, *, labels: bool = False) -> Any:
    """Which rows are answered otherwise: by label, or by more than the tolerance where there are scores."""
    import numpy as np

    if labels or one.scores is None or other.scores is None:
        return np.array([a != b for a, b in zip(one.labels.tolist(), other.labels.tolist(), strict=True)], dtype=bool)
    return ~np.isclose(one.scores, other.scores, rtol=0, atol=tolerance, equal_nan=True).all(axis=1)


def score_of(answers: Answers, of: Any) -> Any:
    """The number by which answers have an order: the number itself, or how far the class `of` is answered."""
    import numpy as np

    if answers.numbers and answers.scores is not None:
        return answers.scores[:, 0]
    if answers.scores is not None and answers.classes is not None and of in answers.classes:
        return answers.scores[:, answers.classes.index(of)]
    return np.array([label == of for label in answers.labels.tolist()], dtype=float)


def mirrored(answers: Answers, mirror: Mapping[Any, Any] | None) -> Answers:
    """The answers that the mirrored rows should get: numbers with another sign, classes exchanged."""
    import numpy as np

    if answers.numbers and answers.scores is not None:
        return Answers(-answers.labels, -answers.scores)
    known = answers.classes or tuple(dict.fromkeys(answers.labels.tolist()))
    other = mirror or dict(zip(known, reversed(known), strict=True))
    labels = np.array([other.get(label, label) for label in answers.labels.tolist()], dtype=answers.labels.dtype)
    scores = answers.scores
    if scores is not None and answers.classes is not None:
        scores = scores[:, [answers.classes.index(other.get(one, one)) for one in answers.classes]]
    return Answers(labels, scores, answers.classes)
