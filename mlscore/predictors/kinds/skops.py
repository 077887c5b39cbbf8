"""scikit-learn models in skops files: read without running code, and refused where they hold types nobody vouches for."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.estimators import open_estimator

_SHOWN = 8


def open_model(spec: Spec) -> Opened:
    """The model of a skops file.

    Raises UsageError when skops is missing, or for types that skops does not trust, which are listed; InputError when the
    file is damaged or does not load here.
    """
    io = _skops()
    path = Path(spec.name)
    data = path.read_bytes()
    schema = _schema(data, path)
    try:
        untrusted = io.get_untrusted_types(data=data)
    except Exception as error:
        raise damaged(path, error) from None
    if untrusted and f"sha256:{hashlib.sha256(data).hexdigest()}" not in spec.digests:
        raise UsageError(refusal(path, untrusted), hint=_how_to_trust(data))
    try:
        model = io.loads(data, trusted=untrusted)
    except Exception as error:
        raise damaged(path, error) from None
    opened = open_estimator(model, spec, path.name)
    made_by = _made_by(schema)
    return replace(opened, libraries=made_by, packages=(*opened.packages, "skops"))


def _skops() -> Any:
    """skops, which walks through all of scikit-learn, without what that would bring of other libraries.

    Where PyTorch is installed, the walk imports it: a second or two in each process, for nothing.
    """
    from mlscore.predictors.extras import need

    passed_over = [f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "dask", "cupy")]
    passed_over = [name for name in passed_over if name not in sys.modules]
    # A module that is None cannot be imported, which the walk passes over.
    sys.modules.update(dict.fromkeys(passed_over))  # type: ignore[arg-type]
    try:
        return need("skops.io", "model")
    finally:
        for name in passed_over:
            sys.modules.pop(name, None)


def refusal(path: Path, untrusted: list[str]) -> str:
    """The sentence that lists what a file holds of types that are not trusted."""
    shown = ", ".join(untrusted[:_SHOWN])
    more = f" and {len(untrusted) - _SHOWN} more" if len(untrusted) > _SHOWN else ""
    return f"{path.name} holds types that skops does not trust: {shown}{more}"


def damaged(path: Path, error: Exception) -> InputError:
    """The error about a file that does not load."""
    words = " ".join(str(error).split())[:200]
    return InputError(
        f"{path.name} cannot be loaded ({type(error).__name__}: {words})",
        hint="write it again, with the versions that are installed here",
    )


def _how_to_trust(data: bytes) -> str:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return f'look at what these do; then add trusted = true and digest = "{digest}" to [tool.mlscore.model]'


def _schema(data: bytes, path: Path) -> Any:
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return json.loads(archive.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        words = "it was cut off" if isinstance(error, (zipfile.BadZipFile, EOFError)) else "it holds no schema of skops"
        raise InputError(f"{path.name} is no whole skops file: {words}", hint="write it again") from None


def _made_by(schema: Any) -> dict[str, str]:
    """The versions that a skops file records: its own, and scikit-learn's beside the estimators."""
    found: dict[str, str] = {}
    if isinstance(schema, dict) and isinstance(schema.get("_skops_version"), str):
        found["skops"] = schema["_skops_version"]
    pending: list[Any] = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            version = node.get("_sklearn_version")
            if isinstance(version, dict) and isinstance(version.get("content"), str):
                text = version["content"]
                found["scikit-learn"] = json.loads(text) if text.startswith('"') else text
                return found
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found
