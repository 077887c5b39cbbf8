"""What is said of predictions and of what makes them: tasks, predictions, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Label = str | int | float | bool


class Task(StrEnum):
    """What a model predicts.

    BINARY and MULTICLASS: one of a few labels a row. MULTILABEL: each of several labels or not. REGRESSION: a number.
    RANKING: a score whose order alone counts. TEXT: one text in, one of a few labels out.
    """

    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"
    RANKING = "ranking"
    TEXT = "text"

    @property
    def labels(self) -> bool:
        """Whether a row is given one label."""
        return self in (Task.BINARY, Task.MULTICLASS, Task.TEXT)

    @property
    def numbers(self) -> bool:
        """Whether a row is given a number."""
        return self in (Task.REGRESSION, Task.RANKING)


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a model answers to n rows.

    `values` are (n,) labels or numbers, or (n, labels) zeros and ones for MULTILABEL. `probabilities` are (n, k) in the
    order of `classes`, None where the model gives none; for MULTILABEL each column is a label's own.
    """

    values: npt.NDArray[Any]
    probabilities: npt.NDArray[np.float64] | None = None
    classes: tuple[Label, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a model comes from, as far as that is recorded.

    `format` is what the file is ("skops", "onnx", "callable" ...). `digest` is "sha256:…" of the file, or of a folder's
    names and files; None where there is neither. `libraries` are the versions that made it, `installed` those that
    answer for it now. `commit` is the git commit of the code that trained it, `data_digest` that of its training data.
    `size` is in bytes. `dirty` says whether the tree had uncommitted changes at training time, None where nobody wrote it
    down.
    """

    format: str
    digest: str | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    commit: str | None = None
    data_digest: str | None = None
    size: int | None = None
    installed: Mapping[str, str] = field(default_factory=dict)
    dirty: bool | None = None

    @property
    def differences(self) -> tuple[str, ...]:
        """A line for each library whose version is not the one that made the model: "scikit-learn 1.2.0, here 1.9.1".

        A library that is not installed answers for nothing, and is left out.
        """
        return tuple(
            f"{name} {version}, here {self.installed[name]}"
            for name, version in sorted(self.libraries.items())
            if not same_version(version, self.installed.get(name, version))
        )


def same_version(wanted: str, here: str) -> bool:
    """Whether a version is the wanted one. A build of it ("2.13.0+cpu") is, as for `==` (PEP 440)."""
    return here == wanted or ("+" not in wanted and here.partition("+")[0] == wanted)
