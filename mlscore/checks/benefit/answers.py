"""A model's answers beside the labels, as numbers that a metric can be computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.checks.predicted import like_one
from mlscore.checks.simpler.metrics import LEAST, Answers, Metric
from mlscore.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Prediction

    Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The labels as numbers: of classes their place in `names`, of two classes 1 for the positive one."""

    values: Numbers
    metric: Metric
    names: tuple[str, ...] = ()
    kind: Any = None
    positive: int = 0  # the positive class's place among the model's


def truth_of(labels: Any, made: Prediction, predictor: Predictor, metric: Metric | str | None) -> Truth:
    """The labels and the metric, chosen by what the model answers where none is given.

    AUC of two classes with probabilities, else the error, of numbers the absolute error. Raises InputError where the metric
    does not fit, or the model answers with several labels a row.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if made.values.ndim != 1:
        raise InputError("the model gives several labels a row, which are not judged together")
    numeric = predictor.task.numbers
    classes = made.classes or predictor.classes
    two = classes is not None and len(classes) == 2 and made.probabilities is not None
    chosen = Metric.ABSOLUTE if numeric else Metric.AUC if two else Metric.ERROR
    if metric is not None:
        try:
            chosen = Metric(metric)
        except ValueError:
            hint = f"one of {', '.join(one.value for one in Metric)}"
            raise InputError(f'"{metric}" is no metric', hint=hint) from None
    if chosen.numeric != numeric:
        raise InputError(f'"{chosen}" does not fit a model that predicts {"numbers" if numeric else "classes"}')
    if numeric:
        try:
            values = pc.cast(labels, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise InputError(f"the label holds {labels.type} values, not numbers") from None
        return Truth(np.asarray(values, dtype=float), chosen)
    if chosen is Metric.AUC and not two:
        raise InputError("the AUC needs two classes and their probabilities", hint="measure the error")
    if chosen is Metric.LOG and (made.probabilities is None or not classes):
        raise InputError("the log loss needs probabilities, which the model does not give", hint="measure the error")
    kind = labels.type.value_type if pa.types.is_dictionary(labels.type) else labels.type
    told = [str(value) for value in labels.to_pylist()]
    names = [str(like_one(name, kind)) for name in classes or ()]
    at = 0
    if len(names) == 2:
        at = 1 if predictor.positive is None or classes is None else classes.index(predictor.positive)
        names = [names[1 - at], names[at]]
    elif not names:
        names = sorted(set(told))
    places = {name: number for number, name in enumerate(names)}
    for name in told:  # classes that the model does not know
        places.setdefault(name, len(places))
    if chosen is Metric.AUC and len(places) > 2:
        raise InputError(f"the AUC is of two classes, and the label has {len(places)}", hint="measure the error")
    return Truth(np.array([places[name] for name in told], dtype=float), chosen, tuple(places), kind, at)


def answers_of(made: Prediction, truth: Truth, labels: Numbers) -> Answers:
    """The model's answers to the rows of these labels, no more of them made than the metric needs."""
    import numpy as np

    n = len(labels)
    if truth.metric.numeric:
        return Answers(np.asarray(made.values, dtype=float))
    shares = made.probabilities
    if truth.metric is Metric.AUC:
        assert shares is not None
        return Answers(np.zeros(n), None, np.asarray(shares[:, truth.positive], dtype=float))
    if truth.metric is Metric.LOG:
        assert shares is not None
        at = labels.astype(int)
        if shares.shape[1] == 2:
            at = np.where(at == 1, truth.positive, np.where(at == 0, 1 - truth.positive, at))
        known = at < shares.shape[1]
        of_label = np.where(known, shares[np.arange(n), np.where(known, at, 0)], 0.0)
        return Answers(np.zeros(n), np.maximum(of_label, LEAST))
    values, inverse = np.unique(made.values, return_inverse=True)
    places = {name: number for number, name in enumerate(truth.names)}
    codes = np.array([places.get(str(like_one(value, truth.kind)), -1) for value in values.tolist()], dtype=float)
    return Answers(codes[inverse])


def joined(parts: list[Answers]) -> Answers:
    """Answers to one piece of the rows after another."""
    import numpy as np

    def all_of(name: str) -> Any:
        held = [getattr(one, name) for one in parts]
        return None if held[0] is None else np.concatenate(held)

    return Answers(all_of("values"), all_of("of_label"), all_of("score"))


def first(said: Answers, rows: slice) -> Answers:
    """Some of the answers."""
    return Answers(
        said.values[rows],
        None if said.of_label is None else said.of_label[rows],
        None if said.score is None else said.score[rows],
    )


def differing(a: Answers, b: Answers) -> int:
    """How many rows are answered otherwise."""
    import numpy as np

    apart = a.values != b.values
    if a.of_label is not None and b.of_label is not None:
        apart |= a.of_label != b.of_label
    if a.score is not None and b.score is not None:
        apart |= a.score != b.score
    return int(np.count_nonzero(apart))


def constant(truth: Truth) -> Answers:
    """The best answer that looks at no feature."""
    import numpy as np

    values, n = truth.values, len(truth.values)
    if truth.metric.numeric:
        middle = np.median(values) if truth.metric is Metric.ABSOLUTE else values.mean()
        return Answers(np.full(n, float(middle)))
    sizes = np.bincount(values.astype(int))
    return Answers(np.full(n, float(sizes.argmax())), sizes[values.astype(int)] / n, np.zeros(n))
