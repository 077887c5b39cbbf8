"""The columns that a fitted scikit-learn model reads: what its transformers take, not what they were offered."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mlscore.checks.policy.features import Feature, FeatureList
from mlscore.checks.spec import shown
from mlscore.errors import InputError, UsageError

ENDINGS = (".joblib", ".pkl", ".pickle")
# Where estimators that wrap another keep it, fitted.
_INNER = ("best_estimator_", "regressor_", "estimator_", "calibrated_classifiers_")


def load_pipeline(path: Path, root: Path, *, trust: bool) -> object:
    """The object in a joblib or pickle file. Loading it runs what is in it, so nothing is loaded without `trust`.

    Raises UsageError without trust or joblib, InputError when the file cannot be loaded.
    """
    name = shown(path, root)
    if not trust:
        raise UsageError(
            "a fitted pipeline's file is code, and loading it runs it",
            where=name,
            hint='say trust = true if you made it, or name a function that returns it: pipeline = "module:callable"',
        )
    from mlscore.tables.extras import need

    joblib = need("joblib", extra="model")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions: what is read here is names alone
            return joblib.load(path)
    except FileNotFoundError:
        raise InputError("there is no such file", where=name, hint="fit and save the pipeline first") from None
    except Exception as error:
        # Whatever the file's code raises: it is the file that is wrong.
        what = f"it cannot be loaded: {type(error).__name__}: {error}"
        raise InputError(what, where=name, hint="save it anew with the installed versions") from None


def pipeline_features(fitted: object, where: str) -> FeatureList:
    """The columns that a fitted estimator takes, by name; a list of names is taken as it is.

    Raises InputError when it holds no names: it is not fitted, or was fitted on an array.
    """
    if isinstance(fitted, (list, tuple)) and all(isinstance(one, str) for one in fitted):
        return _made(fitted, where, ())
    unknown: list[str] = []
    names = _columns(fitted, None, unknown)
    if names is None:
        raise InputError(
            f"the {type(fitted).__name__} does not tell the names of its columns",
            where=where,
            hint="fit it on a frame with named columns, or return a list of names",
        )
    return _made(names, where, unknown)


def _made(names: Iterable[str], where: str, unknown: Sequence[str]) -> FeatureList:
    unique = dict.fromkeys(names)
    return FeatureList(tuple(Feature(name, origin=where) for name in unique), tuple(unknown))


def _columns(model: Any, offered: list[str] | None, unknown: list[str]) -> list[str] | None:
    """The names that reach the model and are used by it; None when it does not know."""
    own = getattr(model, "feature_names_in_", None)
    if own is not None:
        offered = [str(name) for name in own]
    if hasattr(model, "transformers"):
        return _of_transformers(model, offered, unknown)
    steps = getattr(model, "steps", None)
    if isinstance(steps, list) and steps:
        first = next((step for _, step in steps if step is not None and step != "passthrough"), None)
        return _columns(first, offered, unknown) if first is not None else offered
    united = getattr(model, "transformer_list", None)
    if isinstance(united, list):
        parts = [_columns(part, offered, unknown) for _, part in united if part != "drop"]
        known = [part for part in parts if part is not None]
        return list(dict.fromkeys(name for part in known for name in part)) if len(known) == len(parts) else offered
    for attribute in _INNER:
        inner = getattr(model, attribute, None)
        if isinstance(inner, list) and inner:
            inner = getattr(inner[0], "estimator", None)
        if inner is not None:
            return _columns(inner, offered, unknown)
    return offered


def _of_transformers(model: Any, offered: list[str] | None, unknown: list[str]) -> list[str]:
    fitted = getattr(model, "transformers_", None)
    if fitted is None:
        unknown.append("a ColumnTransformer that is not fitted: the columns it names are taken")
    used: list[str] = []
    for name, part, columns in fitted if fitted is not None else model.transformers:
        chosen = _chosen(columns, offered)
        if chosen is None:
            unknown.append(f'the columns of the transformer "{name}"')
            continue
        if not (isinstance(part, str) and part == "drop"):
            used += chosen
    if fitted is None and model.remainder != "drop":
        unknown.append("the columns that it passes on as its remainder")
    return used


def _chosen(columns: Any, offered: list[str] | None) -> list[str] | None:
    """What a transformer's columns mean: names, positions, a slice or a mask; None when it cannot be told."""
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice):
        return _sliced(columns, offered)
    if callable(columns):
        return None
    try:
        listed = list(columns)
    except TypeError:
        listed = [columns]
    if all(isinstance(one, str) for one in listed):
        return [str(one) for one in listed]
    if offered is None:
        return None
    if all(isinstance(one, bool) or type(one).__name__ in ("bool", "bool_") for one in listed):
        return [name for name, taken in zip(offered, listed, strict=False) if taken]
    try:
        return [offered[int(one)] for one in listed]
    except (ValueError, TypeError, IndexError):
        return None


def _sliced(columns: slice, offered: list[str] | None) -> list[str] | None:
    if offered is None:
        return None
    if not isinstance(columns.start, str) and not isinstance(columns.stop, str):
        return offered[columns]
    # By names, as in pandas, both ends belong to it.
    try:
        start = 0 if columns.start is None else offered.index(columns.start)
        stop = len(offered) if columns.stop is None else offered.index(columns.stop) + 1
    except ValueError:
        return None
    return offered[start : stop : columns.step]
