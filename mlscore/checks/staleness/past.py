"""Past models with their days: from a table in the configuration, or a folder whose names hold dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.staleness.losses import losses_of
from mlscore.errors import ConfigError
from mlscore.predictors.predictor import open_predictor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.checks.context import Context

    Numbers = npt.NDArray[np.float64]

_DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")


def dated_models(context: Context) -> dict[date, str]:
    """The models that the options `models` and `folder` name, by the day up to which they were trained.

    Raises ConfigError for what is no date, no model, or two models of one day.
    """
    found: dict[date, str] = {}
    given = context.options.get("models")
    for day, source in (given if isinstance(given, Mapping) else {}).items():
        if not isinstance(source, str) or not source.strip():
            raise ConfigError(
                f'"models" has no model for {day}', where=context.where, hint=f'write {{"{day}" = "path"}}'
            )
        try:
            found[date.fromisoformat(day)] = source
        except ValueError:
            raise ConfigError(
                f'"models" has "{day}", which is no date', where=context.where, hint='write {"2026-01-31" = "path"}'
            ) from None
    folder = context.text("folder")
    if folder is not None:
        for path in _listed(context.root / folder, folder, context.where):
            day = _dated(path.name, context.where)
            if day in found:
                raise ConfigError(f"there are two models of {day}", where=context.where, hint="take one of them away")
            found[day] = str(path)
    return found


def _listed(folder: Path, name: str, where: object | None) -> list[Path]:
    """The files and folders with a date in their names, notes beside them left out."""
    if not folder.is_dir():
        raise ConfigError(f'there is no folder "{name}" of past models', where=where, hint="mend the path")
    found = [
        path
        for path in sorted(folder.iterdir())
        if _DATE.search(path.name)
        and not path.name.startswith(".")
        and not path.name.endswith((".json", ".txt", ".md"))
    ]
    if not found:
        raise ConfigError(
            f'no name in "{name}" holds a date', where=where, hint="call the files such as flights-2026-01-31.skops"
        )
    return found


def _dated(name: str, where: object | None) -> date:
    match = _DATE.search(name)
    assert match is not None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise ConfigError(f'"{match[0]}" in "{name}" is no date', where=where, hint="rename the file") from None


class Past:
    """One past model, opened when its answers are asked for."""

    def __init__(self, context: Context, source: str, label: str, measure: str) -> None:
        self._context, self._source = context, source
        self._label, self._measure = label, measure

    def __call__(self, rows: Any) -> Numbers:
        """The losses of the rows. Raises what opening the model and predicting raise."""
        context = self._context
        settings = replace(context.model, source=self._source)
        with open_predictor(settings, context.root, where=context.where) as predictor:
            return losses_of(predictor, rows, self._label, self._measure)
