"""What a kind of model is asked to open, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlscore.predictors.shapes import Label, Task

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Spec:
    """What to open, as JSON can say it: it travels to the process in which the model runs.

    `name` is a path, or "module:function". `digests` are those of trusted files, empty where nothing is trusted.
    """

    kind: str
    name: str
    task: Task | None = None
    features: tuple[str, ...] = ()
    classes: tuple[Label, ...] = ()
    positive: Label | None = None
    threshold: float | None = None
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that answers. `answer` takes the rows, the features alone and in order, and returns whatever it returns.

    What the model does not know of itself is None or empty. `width` is how many features it takes, where their names are
    not recorded. `libraries` are the versions that made it, as far as it says. `model` is the object itself, where it is
    one that can be looked into.
    """

    answer: Callable[[pa.Table], object]
    task: Task | None = None
    features: tuple[str, ...] = ()
    classes: tuple[Label, ...] | None = None
    width: int | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    commit: str | None = None
    data_digest: str | None = None
    model: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that says which part is what; a kind may return one, or anything that `tidy` can read."""

    values: Any = None
    probabilities: Any = None
