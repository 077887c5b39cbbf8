"""The ladder: models that anybody would try first, each fitted on the training rows and timed while it answers."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.checks.simpler.encode import Encoder
from mlscore.checks.simpler.metrics import Answers, Metric, figure
from mlscore.tables.extras import need

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]
    Make = Callable[[], Any]

LEAVES, DEPTH = 16, 3
CONSTANT, ONE, LINEAR, BAYES, TREE = "constant", "one feature", "linear", "naive Bayes", "small tree"
RUNGS = (CONSTANT, ONE, LINEAR, BAYES, TREE)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Training and validation rows with their labels; classes are numbered from 0, and 1 is the positive of two."""

    train: pa.Table
    rows: pa.Table
    features: tuple[str, ...]
    known: Numbers
    truth: Numbers
    classes: int
    metric: Metric
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A simpler model's answers to the validation rows; `seconds` for one row, columns made ready included."""

    name: str
    says: str
    answers: Answers
    seconds: float


def climb(problem: Problem, rungs: Sequence[str] = RUNGS) -> Iterator[Fitted]:
    """Fit each rung and let it answer. Raises UsageError where scikit-learn is missing."""
    need("sklearn", "model")
    encoder = Encoder(problem.features)
    matrix = encoder.fit(problem.train)
    start = time.perf_counter()
    asked = encoder.encode(problem.rows)
    encoding = (time.perf_counter() - start) / max(1, len(problem.truth))
    for rung in rungs if problem.classes != 1 else (CONSTANT,):  # nothing can be learnt of one class
        if rung == CONSTANT:
            yield _constant(problem)
        elif rung == ONE:
            yield _one(problem, encoder, matrix, asked, encoding)
        elif rung != BAYES or problem.classes:
            make, says = _made(rung, problem)
            yield _fitted(rung, says, make, problem, matrix, asked, encoding)


def _constant(problem: Problem) -> Fitted:
    import numpy as np

    n = len(problem.truth)
    if not problem.classes:
        value = float(np.median(problem.known) if problem.metric is Metric.ABSOLUTE else problem.known.mean())
        return Fitted(CONSTANT, f"always {value:.4g}", Answers(np.full(n, value)), 0.0)
    shares = np.bincount(problem.known.astype(int), minlength=problem.classes) / len(problem.known)
    return Fitted(CONSTANT, "always the most frequent class", _classified(problem, np.tile(shares, (n, 1))), 0.0)


def _one(problem: Problem, encoder: Encoder, matrix: Any, asked: Any, encoding: float) -> Fitted:
    """The one feature that a tree of depth 3 does best with, chosen within the training rows."""
    import numpy as np

    random = np.random.default_rng(problem.seed)
    held = random.random(len(problem.known)) < 0.3
    make, _ = _made(ONE, problem)
    inner = Problem(
        problem.train,
        problem.rows,
        problem.features,
        problem.known[~held],
        problem.known[held],
        problem.classes,
        problem.metric,
        problem.seed,
    )
    best, chosen = None, problem.features[0]
    for name in problem.features:
        low, high = encoder.spans[name]
        if high == low or held.all() or not held.any():
            continue
        tried = _fitted(ONE, name, make, inner, matrix[~held, low:high], matrix[held, low:high], 0.0)
        found = figure(problem.metric, inner.truth, tried.answers)
        found = -found if problem.metric.higher else found
        if best is None or found < best:
            best, chosen = found, name
    low, high = encoder.spans[chosen]
    share = encoding * (high - low) / matrix.shape[1]
    return _fitted(
        ONE, f"a tree on {chosen} alone", make, problem, matrix[:, low:high], asked[:, low:high], share
    )  # fmt: skip


def _made(rung: str, problem: Problem) -> tuple[Make, str]:
    tree = need("sklearn.tree", "model")
    leaf = max(5, len(problem.known) // 200)
    kind = tree.DecisionTreeClassifier if problem.classes else tree.DecisionTreeRegressor
    if rung == ONE:
        return lambda: kind(max_depth=DEPTH, min_samples_leaf=leaf, random_state=problem.seed), ""
    if rung == TREE:
        says = f"a tree of {LEAVES} leaves"
        return lambda: kind(max_leaf_nodes=LEAVES, min_samples_leaf=leaf, random_state=problem.seed), says
    if rung == BAYES:
        bayes = need("sklearn.naive_bayes", "model")
        return lambda: bayes.GaussianNB(), "naive Bayes"
    linear = need("sklearn.linear_model", "model")
    if problem.classes:
        return lambda: linear.LogisticRegression(max_iter=300), "logistic regression"
    return lambda: linear.Ridge(), "ridge regression"


def _fitted(
    name: str, says: str, make: Make, problem: Problem, matrix: Any, asked: Any, encoding: float
) -> Fitted:  # fmt: skip
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a first attempt has not converged is nobody's concern
        model = make().fit(matrix, problem.known.astype(int) if problem.classes else problem.known)
        start = time.perf_counter()
        said = model.predict_proba(asked) if problem.classes else model.predict(asked)
        seconds = encoding + (time.perf_counter() - start) / max(1, len(asked))
    if not problem.classes:
        return Fitted(name, says, Answers(np.asarray(said, dtype=float)), seconds)
    shares = np.zeros((len(asked), problem.classes))
    shares[:, model.classes_] = said
    return Fitted(name, says, _classified(problem, shares), seconds)


def _classified(problem: Problem, shares: Any) -> Answers:
    """Answers about classes from the probabilities of all of them."""
    import numpy as np

    known = (problem.truth >= 0) & (problem.truth < problem.classes)
    at = np.where(known, problem.truth, 0).astype(int)
    of_label = np.where(known, shares[np.arange(len(at)), at], 0.0)
    score = shares[:, 1] if problem.classes == 2 else None
    return Answers(shares.argmax(axis=1).astype(float), of_label, score)
