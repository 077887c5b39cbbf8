"""The one interface of whatever predicts, and the function that opens it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mlscore.errors import ConfigError
from mlscore.predictors.shapes import Label, Prediction, Provenance, Task
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa


class Predictor(ABC):
    """Something that predicts. It is closed when it is no longer needed, best by `with`.

    `features` are the columns it needs, in its own order; rows may hold others, in any order. `classes` are the labels in
    the order of its probabilities, None for numbers or where nobody knows them.
    """

    task: Task
    features: tuple[str, ...]
    classes: tuple[Label, ...] | None
    provenance: Provenance

    @abstractmethod
    def predict(self, rows: pa.Table, *, finite: bool = True) -> Prediction:
        """What the model answers to each row. NaN and infinities are refused, but with `finite=False` returned.

        Raises InputError when columns are missing, and when the model raises, hangs, crashes or answers wrongly: the
        message says on which row, counted from 1, where it is one row's fault.
        """

    def inside(self, function: str, request: Mapping[str, Any], *, limit: float | None = None) -> Any:
        """What "mlscore.module:function" says of the model object and the request, within `limit` seconds.

        It runs in the model's process, and request and answer are JSON. None where there is no object that can be looked
        into, such as behind a command. Raises InputError as `predict` does.
        """
        return None

    @property
    def positive(self) -> Label | None:
        """The label that counts as positive; None where there are not two classes."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Give back what the model holds: its process above all."""

    def __enter__(self) -> Predictor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_predictor(
    settings: ModelSettings,
    root: Path,
    *,
    where: object | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Predictor:
    """The predictor that `settings.source` names; paths and modules are the project's at `root`.

    `where` is the source's place in the configuration, for errors; `progress` is told after each batch how many rows of
    how many are done. Raises ConfigError and InputError when there is no such model, or when it does not load, and
    UsageError with the command that installs what is missing.
    """
    if settings.source is None:
        raise ConfigError("no model is configured", where=where, hint='add source = "…" to [tool.mlscore.model]')
    if isinstance(settings.source, tuple):
        from mlscore.predictors.kinds.commands import open_command

        return open_command(settings, root, where=where, progress=progress)
    from mlscore.predictors.apart import open_apart

    return open_apart(settings, root, where=where, progress=progress)
