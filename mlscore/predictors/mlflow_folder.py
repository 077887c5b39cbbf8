"""A folder with an MLmodel: which file of it to open, how far it must be trusted, and in which environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.predictors.environments import differing, environment, pins
from mlscore.predictors.shapes import Provenance
from mlscore.predictors.sources import PICKLED, SKOPS, digest_of, kind_of_file
from mlscore.project.config import ModelSettings

PYFUNC = "mlflow_models"
# Flavours whose models are files that we read, and the key that names the file.
_NATIVE = {
    "sklearn": "pickled_model",
    "xgboost": "data",
    "lightgbm": "data",
    "catboost": "data",
    "onnx": "data",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """How to open a folder: the kind and path of what is opened, the digests that are trusted, and where it runs.

    `python` is None where our own serves. `folders` are to be on the path of modules.
    """

    kind: str
    path: Path
    digests: tuple[str, ...]
    features: tuple[str, ...]
    python: str | None
    folders: tuple[str, ...]
    made: Provenance


def read_folder(folder: Path, settings: ModelSettings, where: object | None) -> Folder:
    """How to open a model of MLflow.

    A file that no code runs from is read as it is. What is pickled, or Python, is opened only when the folder's digest
    is trusted. A trusted folder whose requirements are not what is installed here gets an environment of its own.

    Raises InputError when the folder is no whole model, and UsageError when it is not trusted and has to be.
    """
    said = _mlmodel(folder, where)
    flavours = said["flavors"]
    digest = digest_of(folder)
    trusted = settings.trusted and digest in settings.digest
    kind, path = _what(folder, flavours, where)
    if kind in (PICKLED, PYFUNC) and not trusted:
        raise _untrusted(folder, path, digest, settings, where)
    requirements = _requirements(folder)
    other = differing([line for line in requirements if not _is_mlflow(line)]) if trusted else ()
    python = None
    if other:
        python = environment(_needed(requirements, kind), where)
    digests = settings.digest if settings.trusted else ()
    return Folder(
        kind=kind,
        path=path,
        digests=(*digests, digest_of(path)) if trusted else digests,
        features=_signature(said),
        python=python,
        folders=_code(folder, flavours) if trusted else (),
        made=Provenance("mlflow", libraries=pins(requirements), commit=_commit(folder, said)),
    )


def _mlmodel(folder: Path, where: object | None) -> Mapping[str, Any]:
    import yaml

    file = folder / "MLmodel"
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("flavors"), dict):
        raise InputError(f"the MLmodel of {folder.name} cannot be read", where=where, hint="save the model again")
    return said


def _what(folder: Path, flavours: Mapping[str, Any], where: object | None) -> tuple[str, Path]:
    for flavour, key in _NATIVE.items():
        about = flavours.get(flavour)
        if not isinstance(about, dict) or not isinstance(about.get(key), str):
            continue
        path = folder / about[key]
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"the MLmodel of {folder.name} names a file outside its folder", where=where)
        if path.is_file():
            return kind_of_file(path, f"{folder.name}/{about[key]}", where), path
        if not path.exists():
            raise InputError(
                f"{folder.name} lacks {about[key]}, which its MLmodel names", where=where, hint="save it again"
            )
    if "python_function" not in flavours:
        raise InputError(
            f"{folder.name} has no flavour that predicts rows: {', '.join(flavours)}",
            where=where,
            hint="save it with a python_function, or open it by a function of yours",
        )
    return PYFUNC, folder


def _untrusted(folder: Path, path: Path, digest: str, settings: ModelSettings, where: object | None) -> UsageError:
    what = "Python code" if path == folder else f"a pickle ({path.name})"
    if settings.trusted and settings.digest:
        return UsageError(
            f"{folder.name} is not the folder that is trusted: its digest is {digest}",
            where=where,
            hint="find out who changed it; when it is meant to be, name its digest",
        )
    return UsageError(
        f"{folder.name} holds {what}: loading it runs whatever code it holds",
        where=where,
        hint="when you know who made it, add trusted = true and "
        f'digest = "{digest}" to [tool.mlscore.model]; or save it in a format that runs no code',
    )


def _requirements(folder: Path) -> tuple[str, ...]:
    try:
        text = (folder / "requirements.txt").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ()
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _is_mlflow(line: str) -> bool:
    return line.startswith("mlflow") and line[6:7] in ("", "=", ">", "<", "~", "[", " ", "!")


def _needed(requirements: tuple[str, ...], kind: str) -> list[str]:
    """What to install: for a file that we read ourselves MLflow is not needed, for others its small part suffices."""
    own = [line for line in requirements if not _is_mlflow(line)]
    if kind == SKOPS:
        return own if any(line.startswith("skops") for line in own) else [*own, "skops"]
    if kind == PYFUNC:
        wanted = next((line[6:].strip() for line in requirements if _is_mlflow(line)), "")
        return [*own, f"mlflow-skinny{wanted if wanted[:1] in '=<>~!' else ''}"]
    return own


def _signature(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the columns that the model's signature takes."""
    signature = said.get("signature")
    try:
        inputs = json.loads(signature["inputs"]) if isinstance(signature, dict) else []
        return tuple(str(one["name"]) for one in inputs)
    except (KeyError, TypeError, ValueError):
        return ()


def _code(folder: Path, flavours: Mapping[str, Any]) -> tuple[str, ...]:
    about = flavours.get("python_function")
    code = about.get("code") if isinstance(about, dict) else None
    return (str(folder / code),) if isinstance(code, str) else ()


def _commit(folder: Path, said: Mapping[str, Any]) -> str | None:
    """The commit that MLflow noted: in the model's metadata, or in its run's tags where these are files beside it."""
    notes = said.get("metadata")
    noted = notes.get("commit") or notes.get("git_commit") if isinstance(notes, dict) else None
    if isinstance(noted, str):
        return noted
    for parent in list(folder.parents)[:3]:
        tag = parent / "tags" / "mlflow.source.git.commit"
        if tag.is_file():
            return tag.read_text(encoding="utf-8").strip() or None
    return None
