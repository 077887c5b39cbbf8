"""The process in which a model runs: it opens the model, answers batches of rows, and keeps what the model prints apart."""

from __future__ import annotations

import os
import sys
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import IO, Any

from mlscore.errors import MlscoreError
from mlscore.predictors.channel import pack_prediction, read_frame, unpack_rows, write_frame
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.shapes import Task
from mlscore.predictors.tidy import Expected, MisanswerError, label_array, plain, tidy

LONGEST = 300  # characters of a model's own message that are passed on
_MOMENT = 0.3  # seconds in which a copy that the model forked comes back, if it does
_FORKS: list[None] = []  # one for each copy that was made since the last answer


def main() -> None:
    """Answer requests from standard input on standard output until the input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever the model prints goes where its complaints go, and what it reads is empty.
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False, buffering=1)  # noqa: SIM115
    _serve(requests, answers)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    own = os.getpid()
    came_back, tell = os.pipe()
    os.set_blocking(came_back, False)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_parent=lambda: _FORKS.append(None))
    opened: Opened | None = None
    while (frame := read_frame(requests)) is not None:
        header, parts = frame
        reply: Mapping[str, Any]
        sent: list[bytes] = []
        try:
            if header["do"] == "open":
                opened, reply = _open(header)
            elif header["do"] == "inside":
                assert opened is not None
                reply = {"inside": _look(opened, header)}
            else:
                assert opened is not None
                rows = unpack_rows(parts[0])
                reply, sent = _answer(opened, rows, header)
        except MlscoreError as error:
            reply = {"refused": [type(error).__name__, error.what, error.hint]}
        except MisanswerError as error:
            reply = {"misanswer": [error.what, error.row, error.hint]}
        except MemoryError:
            reply = {"raised": "MemoryError"}
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            reply = {"raised": told(error)}
        if os.getpid() != own:
            # The model forked, and the copy came back here: two processes would answer one request.
            os.write(tell, b"x")
            os._exit(0)
        if _forked(came_back):
            reply, sent = {"misanswer": ["it forked, and the copy returned as well", None, _FORK]}, []
        write_frame(answers, reply, sent)


_FORK = "let the copy end by os._exit, or use multiprocessing"


def _forked(came_back: int) -> bool:
    """Whether a copy of this process came back; one that has just been made is given a moment."""
    until = time.monotonic() + (_MOMENT if _FORKS else 0.0)
    _FORKS.clear()
    while True:
        try:
            return bool(os.read(came_back, 1))
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)


def told(error: BaseException) -> str:
    """An exception in one short line."""
    words = " ".join(str(error).split())
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _open(header: Mapping[str, Any]) -> tuple[Opened, Mapping[str, Any]]:
    sys.path[:0] = [folder for folder in header["path"] if folder not in sys.path]
    spec = read_spec(header["spec"])
    pyarrow = need("pyarrow", "model")
    need("pandas", "model")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            opened = opener(spec.kind)(spec)
        except (Exception, SystemExit) as error:
            if not isinstance(error, MlscoreError):
                traceback.print_exc()
            raise
    # What turns rows into frames is imported now: the first batch's time is the model's.
    pyarrow.table({"warm": [0]}).to_pandas()
    recorded = {**versions_from(warned), **opened.libraries}
    return opened, {
        "task": opened.task,
        "features": opened.features,
        "width": opened.width,
        "classes": opened.classes,
        "made": {
            "libraries": recorded,
            "installed": installed((*recorded, *opened.packages, *header["also"])),
            "commit": opened.commit,
            "data_digest": opened.data_digest,
        },
    }


def opener(kind: str) -> Any:
    """The function that opens a kind of model."""
    return import_module(f"mlscore.predictors.kinds.{kind}").open_model


def read_spec(given: Mapping[str, Any]) -> Spec:
    """The Spec that JSON carried."""
    task = given["task"]
    lists = {name: tuple(given[name]) for name in ("features", "classes", "digests")}
    return Spec(**{**given, **lists, "task": None if task is None else Task(task)})


def versions_from(warned: list[warnings.WarningMessage]) -> dict[str, str]:
    """The version that made a model, from scikit-learn's warning that it is another than the one at hand."""
    for one in warned:
        version = getattr(one.message, "original_sklearn_version", None)
        if version is not None:
            return {"scikit-learn": str(version)}
    return {}


def installed(packages: tuple[str, ...]) -> dict[str, str]:
    """The installed versions of distributions; those that are not there are left out."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _look(opened: Opened, header: Mapping[str, Any]) -> Any:
    """What a function of ours says of the model object; None where there is no such object."""
    if opened.model is None:
        return None
    module, _, name = header["function"].partition(":")
    return getattr(import_module(module), name)(opened.model, header["request"])


def _answer(opened: Opened, rows: Any, header: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[bytes]]:
    try:
        raw = opened.answer(rows)
    except (Exception, SystemExit) as error:
        if not isinstance(error, (MisanswerError, MlscoreError)):
            traceback.print_exc()
        raise
    named = None if header["classes"] is None else tuple(header["classes"])
    # Labels may be configured for a model that only knows their numbers.
    own = opened.classes if named is not None and opened.classes else named
    renamed = named is not None and own is not None and own != named
    positive = header["positive"]
    if named is not None and own is not None and positive in named:
        positive = own[named.index(positive)]
    expected = Expected(
        rows=rows.num_rows,
        task=Task(header["task"]),
        classes=own,
        positive=positive,
        threshold=header["threshold"],
        finite=header["finite"],
    )
    found = tidy(raw, expected)
    if renamed and named is not None and own is not None:
        names = dict(zip(own, named, strict=True))
        if expected.task is not Task.MULTILABEL:
            found = replace(found, values=label_array([names[plain(one)] for one in found.values]))
        found = replace(found, classes=named)
    return pack_prediction(found)
