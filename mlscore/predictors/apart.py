"""A predictor whose model runs in a process of its own: asked in batches, and on a failure searched for the row."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore import errors
from mlscore.errors import InputError
from mlscore.predictors.batches import Batched, Progress
from mlscore.predictors.channel import pack_rows, unpack_prediction
from mlscore.predictors.kinds.base import Spec
from mlscore.predictors.mlflow_folder import read_folder
from mlscore.predictors.mlflow_registry import SCHEMES, bring
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.process import EndedError, Talk, search_path
from mlscore.predictors.provenance import provenance_of
from mlscore.predictors.search import BatchError
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.predictors.sources import CALLABLE, MLFLOW, PICKLED, Found, find
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa

_FORMATS = {CALLABLE: "callable", PICKLED: "pickle"}
START = 120.0  # seconds for importing what a model needs, and loading it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model runs: which Python, with which folders on its path, and whether with our own packages.

    `temporary` is a folder that goes with the model.
    """

    python: str = sys.executable
    folders: tuple[str, ...] = ()
    ours: bool = True
    temporary: tempfile.TemporaryDirectory[str] | None = None


def open_apart(
    settings: ModelSettings,
    root: Path,
    *,
    where: object | None = None,
    progress: Progress | None = None,
) -> Predictor:
    """The predictor of a model that a Python process opens. Raises as `open_predictor` does."""
    assert isinstance(settings.source, str)
    if settings.source.startswith(SCHEMES):
        kept = tempfile.TemporaryDirectory(prefix="mlscore-", ignore_cleanup_errors=True)
        try:
            brought = bring(settings.source, Path(kept.name), root, where)
            noted = Provenance("", commit=brought.commit, data_digest=brought.data_digest)
            place = Place(temporary=kept)
            return _opened(
                settings, Found(MLFLOW, str(brought.folder), brought.folder), root, where, progress, place, noted
            )
        except BaseException:
            kept.cleanup()
            raise
    return _opened(settings, find(settings.source, root, where), root, where, progress, Place(), None)


def _opened(
    settings: ModelSettings,
    found: Found,
    root: Path,
    where: object | None,
    progress: Progress | None,
    place: Place,
    noted: Provenance | None,
) -> Apart:
    spec = Spec(
        kind=found.kind,
        name=found.name,
        task=None if settings.task is None else Task(settings.task),
        features=settings.features,
        classes=settings.classes,
        positive=settings.positive,
        threshold=settings.threshold,
        digests=settings.digest if settings.trusted else (),
    )
    form = _FORMATS.get(found.kind, found.kind)
    if found.kind == MLFLOW and found.path is not None:
        folder = read_folder(found.path, settings, where)
        spec = replace(spec, kind=folder.kind, name=str(folder.path), digests=folder.digests)
        place = replace(
            place, python=folder.python or sys.executable, folders=folder.folders, ours=folder.python is None
        )
        kept = folder.made
        noted = kept if noted is None else replace(noted, libraries=kept.libraries, commit=noted.commit or kept.commit)
    name = settings.source if isinstance(settings.source, str) else found.name
    model = Apart(name, spec, settings, root, where, progress, place)
    try:
        model.begin(form, found.path, noted)
    except BaseException:
        model.close()
        raise
    return model


class Apart(Batched):
    """A model in another Python process."""

    def __init__(
        self,
        name: str,
        spec: Spec,
        settings: ModelSettings,
        root: Path,
        where: object | None,
        progress: Progress | None,
        place: Place,
    ) -> None:
        super().__init__(name, settings, root, where, progress)
        self._spec = spec
        self._place = place
        self._talk: Talk | None = None
        self._also: tuple[str, ...] = ()
        self._said = ""

    @property
    def said(self) -> str:
        """The end of what the model's code has printed."""
        return self._said if self._talk is None else self._talk.said

    def begin(self, form: str, path: Path | None, noted: Provenance | None) -> None:
        """Open the model, and learn what it says of itself, beside what who keeps it has noted."""
        self._also = () if noted is None else tuple(noted.libraries)
        told = self._start()
        classes = told["classes"]
        self._know(told["task"], tuple(told["features"]), told["width"], None if classes is None else tuple(classes))
        self.provenance = provenance_of(form, path, Provenance("", **told["made"]), noted)

    def inside(self, function: str, request: Mapping[str, Any], *, limit: float | None = None) -> Any:
        """See Predictor."""
        if self._talk is None:
            self._start()
        assert self._talk is not None
        try:
            told, _ = self._talk.ask(
                {"do": "inside", "function": function, "request": dict(request)}, limit=limit or self._settings.timeout
            )
        except EndedError as error:
            self._stop()
            raise InputError(f"the model {self._name} {error.what}", where=self._where, hint=error.hint) from None
        if "refused" in told:
            kind, what, hint = told["refused"]
            raise getattr(errors, kind)(what, where=self._where, hint=hint)
        if "inside" not in told:
            raise InputError(f"the model {self._name} cannot be looked into ({told.get('raised')})", where=self._where)
        return told["inside"]

    def close(self) -> None:
        """End the model's process, and remove what was brought for it."""
        self._stop()
        if self._place.temporary is not None:
            self._place.temporary.cleanup()

    def _stop(self) -> None:
        if self._talk is not None:
            self._said = self._talk.said
            self._talk.close()
            self._talk = None

    def _start(self) -> dict[str, Any]:
        self._talk = Talk(root=self._root, memory_mb=self._settings.memory_mb, python=self._place.python)
        try:
            told, _ = self._talk.ask(
                {
                    "do": "open",
                    "path": [*self._place.folders, *search_path(self._root, ours=self._place.ours)],
                    "spec": asdict(self._spec),
                    "also": self._also,
                },
                limit=max(START, self._settings.timeout),
            )
        except EndedError as error:
            raise InputError(
                f"the process that opens {self._name} {error.what}", where=self._where, hint=error.hint
            ) from None
        if "refused" in told:
            kind, what, hint = told["refused"]
            raise getattr(errors, kind)(what, where=self._where, hint=hint)
        if "raised" in told:
            raise InputError(f"{self._name} cannot be opened ({told['raised']})", where=self._where)
        return told

    def _ask(self, rows: pa.Table, finite: bool, limit: float) -> Prediction:
        """One batch. Raises BatchError."""
        if self._talk is None:
            self._start()
        assert self._talk is not None
        request = {
            "do": "predict",
            "task": self.task,
            "classes": self.classes,
            "positive": self._settings.positive,
            "threshold": self._settings.threshold,
            "finite": finite,
        }
        try:
            header, parts = self._talk.ask(request, [pack_rows(rows)], limit=limit)
        except EndedError as error:
            self._stop()
            raise BatchError(error.what, error.hint, ended=True, hung=error.hung, memory=error.memory) from None
        if "misanswer" in header:
            what, row, hint = header["misanswer"]
            raise BatchError(what, hint, row=row)
        if "refused" in header:
            _, what, hint = header["refused"]
            raise BatchError(what, hint, row=None, whole=True)
        if "raised" in header:
            raise BatchError(f"raised {header['raised']}", None, search=True)
        return unpack_prediction(header, parts)
