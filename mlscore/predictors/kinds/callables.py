"""Functions of the project as models: `module:function`, one that makes a model, or an object that predicts."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlscore.errors import ConfigError, InputError, did_you_mean
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.estimators import open_estimator
from mlscore.predictors.shapes import Task

if TYPE_CHECKING:
    import pyarrow as pa


def open_model(spec: Spec) -> Opened:
    """The model that "module:function" names.

    A function that needs no argument makes the model: a function of rows, or an object that has `predict`. Any other
    function is the model itself: it is given a data frame of the features (for texts, a list of texts) and returns
    predictions. Raises ConfigError when there is no such function, and InputError when it fails.
    """
    found = _load(spec.name)
    if _makes(found):
        try:
            found = found()
        except (Exception, SystemExit) as error:
            raise InputError(f"{spec.name} failed: {type(error).__name__}: {error}") from error
    if hasattr(found, "predict"):
        return open_estimator(found, spec, spec.name)
    if not callable(found):
        raise ConfigError(
            f"{spec.name} is a {type(found).__name__}, which cannot be called",
            hint="name a function, or an object with predict",
        )

    def answer(rows: pa.Table) -> object:
        return found(rows.column(0).to_pylist() if spec.task is Task.TEXT else rows.to_pandas())

    return Opened(answer=answer)


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        found: Any = import_module(module)
    except ImportError as error:
        if error.name is not None and module.split(".")[0] == error.name.split(".")[0]:
            raise ConfigError(
                f"there is no module {error.name}", hint="its folder is the project's root, or src in it"
            ) from None
        raise ConfigError(f"{module} cannot be imported: {error}", hint="install what it needs") from None
    except (Exception, SystemExit) as error:
        raise InputError(f"{module} fails when it is imported: {type(error).__name__}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = did_you_mean(part, [one for one in dir(found) if not one.startswith("_")])
            raise ConfigError(f"{module} has no {attribute}", hint=near)
        found = getattr(found, part)
    return found


def _makes(found: Any) -> bool:
    """Whether it is to be called once, without an argument, for the model."""
    if not callable(found) or (hasattr(found, "predict") and not isinstance(found, type)):
        return False
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(
        one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters
    ) and not any(one.kind is one.VAR_POSITIONAL for one in parameters)
