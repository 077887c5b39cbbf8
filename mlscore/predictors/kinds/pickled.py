"""Pickles and joblib files, which run code when they are loaded: only those whose digest the project has named."""

from __future__ import annotations

import hashlib
import io
import pickle
import pickletools
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.estimators import open_estimator


def open_model(spec: Spec) -> Opened:
    """The model of a pickle or joblib file.

    The bytes whose digest is compared are those that are unpickled. Raises UsageError, before any is unpickled, unless
    their digest is among the trusted ones; InputError when they do not load, or hold no model.
    """
    path = Path(spec.name)
    data = path.read_bytes()
    check_trust(f"sha256:{hashlib.sha256(data).hexdigest()}", spec.digests, path.name)
    try:
        model = unpickled(data)
    except (Exception, SystemExit) as error:
        raise _damaged(path, data, error) from None
    opened = open_estimator(model, spec, path.name)
    made_by = {} if (version := sklearn_version(data)) is None else {"scikit-learn": version}
    return replace(opened, libraries=made_by, packages=(*opened.packages, "joblib"))


def check_trust(digest: str, trusted: tuple[str, ...], name: str) -> None:
    """Raise UsageError unless what has this digest is trusted."""
    if digest in trusted:
        return
    if not trusted:
        raise UsageError(
            f"{name} is a pickle: loading it runs whatever code it holds",
            hint="save the model with skops; or, when you know who made this file, add trusted = true and "
            f'digest = "{digest}" to [tool.mlscore.model]',
        )
    raise UsageError(
        f"{name} is not the file that is trusted: its digest is {digest}",
        hint="find out who changed it; when it is meant to be, name its digest",
    )


def unpickled(data: bytes) -> Any:
    """What a trusted pickle holds, joblib's compressed ones too."""
    try:
        import joblib  # type: ignore[import-untyped]  # it carries no types
    except ImportError:
        return pickle.loads(data)
    return joblib.load(io.BytesIO(data))


def sklearn_version(data: bytes) -> str | None:
    """The version of scikit-learn that wrote a pickle, read without loading it; None where it does not say."""
    named = False
    try:
        for _, argument, _ in pickletools.genops(data):
            if isinstance(argument, str):
                if named:
                    return argument
                named = argument == "_sklearn_version"
    except Exception:
        # Arrays that joblib writes between the operations, compression, a file that was cut off.
        return None
    return None


def _damaged(path: Path, data: bytes, error: BaseException) -> InputError:
    if isinstance(error, ModuleNotFoundError):
        return InputError(f"{path.name} needs {error.name}, which is not installed", hint=f"pip install {error.name}")
    if isinstance(error, (EOFError, pickle.UnpicklingError)):
        return InputError(f"{path.name} is no whole pickle: it may have been cut off", hint="write it again")
    words = " ".join(str(error).split())[:200]
    version = sklearn_version(data)
    by = f"; scikit-learn {version} wrote it" if version else ""
    return InputError(
        f"{path.name} cannot be loaded ({type(error).__name__}: {words}{by})",
        hint="load it with the versions that wrote it, or write it again with those installed here",
    )
