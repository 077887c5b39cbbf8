"""Saving a model and loading it again: by the project's own functions, as a state_dict, by skops, or by joblib."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from mlscore.checks.feature_code.forms import load as find
from mlscore.checks.model_spec.subject import networks
from mlscore.predictors.worker import told


class WillNotSaveError(Exception):
    """The model cannot be saved or loaded; the message says why."""


def reloaded(model: Any, fresh: Callable[[], Any], save: str | None, load: str | None, folder: Path) -> tuple[Any, str]:
    """The model after saving and loading, and by what; `fresh` builds one that the weights of a network are put into.

    Raises WillNotSaveError.
    """
    path = folder / "model"
    if save is not None and load is not None:
        return _own(model, save, load, path)
    parts = networks(model)
    if parts:
        return _states(parts, fresh, path)
    return _whole(model, path)


def _own(model: Any, save: str, load: str, path: Path) -> tuple[Any, str]:
    writer, reader = find(save), find(load)
    try:
        writer(model, str(path))
    except (Exception, SystemExit) as error:
        raise WillNotSaveError(f"{save} raises {told(error)}") from None
    written = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    if not written:
        raise WillNotSaveError(f"{save} writes nothing to the path it is given")
    try:
        return reader(str(path)), f"{save} and {load}"
    except (Exception, SystemExit) as error:
        raise WillNotSaveError(f"{load} raises {told(error)}") from None


def _states(parts: list[tuple[str, Any]], fresh: Callable[[], Any], path: Path) -> tuple[Any, str]:
    """A new build into which the saved weights of each network are loaded; no code is run by the file."""
    torch = import_module("torch")
    torch.save({name: one.state_dict() for name, one in parts}, path)
    kept = torch.load(path, weights_only=True)
    other = fresh()
    for name, one in networks(other):
        try:
            one.load_state_dict(kept[name])
        except (KeyError, RuntimeError) as error:
            raise WillNotSaveError(f"its state_dict does not fit a new build: {told(error)}") from None
    return other, "state_dict"


def _whole(model: Any, path: Path) -> tuple[Any, str]:
    """The object itself: by skops where that can hold it, else by joblib. What it holds has just been made here."""
    try:
        skops = import_module("skops.io")
        skops.dump(model, path)
        return skops.load(path, trusted=skops.get_untrusted_types(file=path)), "skops"
    except Exception:
        # Of the objects that skops cannot hold there are many, and it says so by many kinds of errors.
        try:
            joblib = import_module("joblib")
            joblib.dump(model, path)
            return joblib.load(path), "joblib"
        except Exception as error:
            raise WillNotSaveError(f"neither skops nor joblib can save and load it: {told(error)}") from None
