"""scikit-learn's own checks of estimators, on those of the project's: which fail, which are skipped and why."""

from __future__ import annotations

import inspect
import sysconfig
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mlscore.checks.model_spec.shapes import Aspect, Tried
from mlscore.predictors.worker import told

_LIBRARIES = tuple(str(Path(sysconfig.get_paths()[name])) for name in ("purelib", "platlib", "stdlib"))
_DEPTH = 6


def conventions(model: Any, request: Mapping[str, Any]) -> Tried:
    """Run the checks that scikit-learn has for an estimator's kind on each estimator of the project's within the model."""
    parts = list(_parts(model, 0))
    try:
        base = import_module("sklearn.base").BaseEstimator
    except ImportError:
        return Tried(Aspect.ESTIMATOR, False, unknown=("scikit-learn is not installed",) if parts else ())
    estimators = [one for one in parts if isinstance(one, base)]
    own: dict[type, Any] = {type(one): one for one in estimators if not _of_library(type(one))}
    if not own:
        if estimators:
            return Tried(Aspect.ESTIMATOR, False, notes=("each estimator is a library's, which tests its own",))
        return Tried(Aspect.ESTIMATOR, False)
    found: list[str] = []
    notes: list[str] = []
    unknown: list[str] = []
    ran = 0
    for kind, one in own.items():
        skipped: dict[str, str] = {}
        failed, passed = 0, 0
        for name, check, estimator in _checks(one):
            reason = request["off"].get(name)
            if reason is not None:
                skipped[name] = reason
                continue
            state, why = _run(check, estimator)
            if state == "skipped":
                skipped[name] = why
            elif state == "failed":
                failed += 1
                found.append(f"{kind.__name__} fails {name}: {why}")
            else:
                passed += 1
        ran += passed + failed
        notes.append(f"{kind.__name__}: {passed + failed} checks of scikit-learn's apply, {failed} fail")
        notes += [f"{kind.__name__}: {name} is skipped: {why}" for name, why in skipped.items()]
    if not ran:
        unknown.append("no check of scikit-learn's applies")
    # Some checks run several times, on other data.
    found = list(dict.fromkeys(found))
    return Tried(Aspect.ESTIMATOR, ran > 0, tuple(found), tuple(unknown), tuple(notes), {"estimator checks": ran})


def _parts(model: Any, depth: int) -> Iterator[Any]:
    """The estimator and those among its parameters, steps and branches."""
    if depth > _DEPTH:
        return
    if isinstance(model, (list, tuple)):
        for one in model:
            yield from _parts(one, depth + 1)
        return
    if not hasattr(model, "get_params") or isinstance(model, type):
        return
    yield model
    for one in model.get_params(deep=False).values():
        yield from _parts(one, depth + 1)


def _of_library(kind: type) -> bool:
    try:
        return inspect.getfile(kind).startswith(_LIBRARIES)
    except (TypeError, OSError):
        return True


def _checks(model: Any) -> Iterator[tuple[str, Any, Any]]:
    """The checks that scikit-learn makes for the estimator: name, check, and the estimator it is for."""
    estimator_checks = import_module("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        generator = getattr(estimator_checks, "estimator_checks_generator", None)
        pairs = generator(model) if generator else estimator_checks.check_estimator(model, generate_only=True)
        for estimator, check in pairs:
            plain = check
            while hasattr(plain, "func"):
                plain = plain.func
            yield plain.__name__, check, estimator


def _run(check: Any, estimator: Any) -> tuple[str, str]:
    """How a check ends: passed, failed or skipped; and why."""
    from unittest import SkipTest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(estimator)
        except SkipTest as error:
            return "skipped", told(error).removeprefix("SkipTest: ")
        except (Exception, SystemExit) as error:
            return "failed", told(error)
    return "passed", ""
