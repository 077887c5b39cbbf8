"""Comparing two artefacts: their bytes, what the models in them have learned, and what they predict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.reproducible.shapes import Difference
from mlscore.checks.reproducible.training import Trained

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Prediction

DUMP = f"{__name__}:dump"
_FILE = "parameters.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What is in an artefact: parameters by path, predictions; None where the model does not show them."""

    parameters: Mapping[str, npt.NDArray[Any]] | None
    prediction: Prediction | None


def dump(model: Any, request: Mapping[str, Any]) -> int:
    """Write a model's parameters to a file, in the model's own process; how many arrays there are."""
    import numpy as np

    from mlscore.predictors.parameters import parameters_of

    found = parameters_of(model)
    plain = {path: array.astype(str) if array.dtype == object else array for path, array in found.items()}
    numbered: dict[str, Any] = {str(number): array for number, array in enumerate(plain.values())}
    with Path(request["to"]).open("wb") as file:
        np.savez(file, **numbered)
    Path(request["to"] + ".names").write_text("\n".join(plain), encoding="utf-8")
    return len(found)


def contents(trained: Trained, opener: Callable[[Trained], Predictor], rows: Any) -> Contents:
    """What an artefact holds; `rows` are those to predict, None for none."""
    import numpy as np

    with opener(trained) as predictor:
        file = trained.path.parent / _FILE
        parameters = None
        if predictor.inside(DUMP, {"to": str(file)}):
            names = Path(f"{file}.names").read_text(encoding="utf-8").split("\n")
            with np.load(file, allow_pickle=False) as held:
                parameters = {name: held[str(number)] for number, name in enumerate(names)}
        prediction = None if rows is None else predictor.predict(rows, finite=False)
    return Contents(parameters, prediction)


def differences(one: Contents, other: Contents, tolerance: float) -> list[Difference]:
    """How two models differ by more than `tolerance`, relative to the greater of two numbers."""
    found = []
    if one.parameters is not None and other.parameters is not None:
        said = _of_parameters(one.parameters, other.parameters, tolerance)
        if said is not None:
            found.append(Difference("parameters", said))
    if one.prediction is not None and other.prediction is not None:
        said = _of_predictions(one.prediction, other.prediction, tolerance)
        if said is not None:
            found.append(Difference("predictions", said))
    return found


def _of_parameters(
    one: Mapping[str, npt.NDArray[Any]], other: Mapping[str, npt.NDArray[Any]], tolerance: float
) -> str | None:
    worst: tuple[float, str] | None = None
    count = 0
    for path in dict.fromkeys((*one, *other)):
        if path not in one or path not in other:
            return f"one has {path}, the other has not"
        a, b = one[path], other[path]
        if a.shape != b.shape:
            return f"{path} has the shape {a.shape} in one and {b.shape} in the other"
        apart = _apart(a, b)
        if apart > tolerance:
            count += 1
            worst = max(worst or (0.0, path), (apart, path))
    if worst is None:
        return None
    more = f", and {count - 1:,} more" if count > 1 else ""
    return f"{worst[1]} differs by {_share(worst[0])}{more}, of {len(one):,} arrays"


def _of_predictions(one: Prediction, other: Prediction, tolerance: float) -> str | None:
    import numpy as np

    a, b = one.values, other.values
    if a.shape != b.shape:
        return f"{a.shape} and {b.shape} of them"
    rows = np.asarray(a != b) if a.dtype.kind != "f" else _relative(a, b) > tolerance
    differ = int(rows.reshape(len(a), -1).any(axis=1).sum())
    if differ:
        return f"{differ:,} of {len(a):,} predictions differ"
    if one.probabilities is not None and other.probabilities is not None:
        apart = _apart(one.probabilities, other.probabilities)
        if apart > tolerance:
            return f"probabilities of {len(a):,} rows differ by {_share(apart)} at the most"
    return None


def _apart(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """The greatest relative difference; 1 for texts that differ."""
    import numpy as np

    if a.dtype.kind not in "iufb" or b.dtype.kind not in "iufb":
        return float(not np.array_equal(a, b))
    return float(_relative(a, b).max(initial=0.0))


def _relative(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    import numpy as np

    a, b = a.astype(float), b.astype(float)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        apart = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isfinite(apart), apart, np.inf))


def _share(apart: float) -> str:
    return f"{apart:.2%}" if 1e-4 < apart < 100 else f"{apart:.1e} of itself"
