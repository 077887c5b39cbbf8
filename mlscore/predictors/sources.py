"""Telling what a source names: which kind of model, by what the file holds and not by what it is called."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import ConfigError, InputError, did_you_mean

PICKLED = "pickled"
SKOPS = "skops"
CALLABLE = "callables"
MLFLOW = "mlflow"
ONNX = "onnx"
XGBOOST = "xgboost"
LIGHTGBM = "lightgbm"
CATBOOST = "catboost"
_CALLABLE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_CHUNK = 1 << 20
_PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".sav", ".dill")
# What joblib compresses with: zlib, gzip, bz2, xz, lzma, lz4.
_COMPRESSED = (
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x5d\x00\x00",
    b"\x04\x22\x4d\x18",
)
_THROUGH_CODE = {
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".ckpt": "PyTorch",
    ".keras": "Keras",
    ".h5": "Keras",
    ".hdf5": "Keras",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model's kind, its name for the process that opens it, and its path where it has one."""

    kind: str
    name: str
    path: Path | None = None


def find(source: str, root: Path, where: object | None = None) -> Found:
    """What a source names. Raises InputError when it is not there, and ConfigError when no kind reads it."""
    if _CALLABLE.fullmatch(source):
        return Found(CALLABLE, source)
    path = Path(os.path.normpath(root / source))
    if not path.exists():
        raise InputError(f'there is no model "{source}"', where=where, hint=_near(path, root))
    if (path / "MLmodel").is_file():
        return Found(MLFLOW, str(path), path)
    if path.is_dir():
        raise ConfigError(f'"{source}" is a folder without an MLmodel', where=where, hint="name the model's file")
    return Found(kind_of_file(path, source, where), str(path), path)


def kind_of_file(path: Path, source: str, where: object | None) -> str:
    """The kind of a model's file. Raises InputError when it cannot be read, and ConfigError when no kind reads it."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise InputError(f'"{source}" cannot be read: {(error.strerror or "").lower()}', where=where) from None
    if not head:
        raise InputError(f'the model "{source}" is empty', where=where, hint="write it again")
    suffix = path.suffix.lower()
    if suffix in _THROUGH_CODE:
        raise ConfigError(
            f'a {_THROUGH_CODE[suffix]} model is opened by a function of yours, and "{source}" is a file',
            where=where,
            hint='write source = "package.module:function" (the page "Predictors" shows how)',
        )
    # A pickle is one under any name: what runs code when it is loaded must not pass for something else.
    if head[:1] == b"\x80" or suffix in _PICKLE_NAMES or head.startswith(_COMPRESSED):
        return PICKLED
    if head.startswith(b"PK\x03\x04") and suffix != ".zip":
        return SKOPS
    if native := _native(head, suffix):
        return native
    if suffix == ".skops":
        raise InputError(f'"{source}" is no skops file, or a part of one', where=where, hint="write it again")
    raise ConfigError(
        f'no kind of model is known that "{source}" could be',
        where=where,
        hint="skops, joblib, pickle, ONNX, XGBoost, LightGBM, CatBoost and MLflow are; else give a function or a command",
    )


def _native(head: bytes, suffix: str) -> str | None:
    """The library whose own format a file is in."""
    if head.startswith(b"CBM1") or (head.lstrip().startswith(b"{") and b'"features_info"' in head):
        return CATBOOST
    if head.startswith((b"tree\n", b"tree\r\n")):
        return LIGHTGBM
    if head.startswith((b'{"learner"', b"{L\0\0\0\0\0\0\0\x07learner")) or b'"learner"' in head[:200]:
        return XGBOOST
    # A protocol buffer has no magic: an ONNX file begins with its format's version.
    return ONNX if suffix == ".onnx" or (suffix == ".ort" and head[4:8] == b"ORTM") else None


def _near(path: Path, root: Path) -> str | None:
    try:
        names = [one.name for one in path.parent.iterdir()]
    except OSError:
        folder = os.path.relpath(path.parent, root)
        return f'there is no folder "{folder}" either; train first, or mend the path'
    near = did_you_mean(path.name, names)
    return near or "train first, or mend the path"


def digest_of(path: Path) -> str:
    """`sha256:…` of a file; of a folder, that of the sorted names and digests of its files."""
    if path.is_dir():
        whole = hashlib.sha256()
        for file in sorted(one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts):
            whole.update(f"{file.relative_to(path).as_posix()}\0{digest_of(file)}\n".encode())
        return f"sha256:{whole.hexdigest()}"
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return f"sha256:{found.hexdigest()}"


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files of a folder."""
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size
