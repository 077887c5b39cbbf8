"""A feature function as it is written, called with a pandas frame whatever form of table it takes itself."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from mlscore.checks.feature_code.outputs import Output, read_output
from mlscore.errors import ConfigError, did_you_mean
from mlscore.tables.extras import need


class Form(StrEnum):
    """What a function takes: a frame, an array, all rows or one row as mappings, columns by their names."""

    AUTO = "auto"
    PANDAS = "pandas"
    POLARS = "polars"
    NUMPY = "numpy"
    ROWS = "rows"
    ROW = "row"
    COLUMNS = "columns"
    TRANSFORMER = "transformer"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature function: its name in reports, what is called, and in what form it takes a batch."""

    name: str
    call: Callable[..., Any]
    form: Form
    target: Any  # what was named: the function, or the transformer
    takes: tuple[str, ...] = ()  # columns, where it takes them by name or knows those it was fitted on

    @property
    def code(self) -> Any:
        """The plain function whose lines are the feature's code; None where there is none in Python."""
        target = self.target
        if hasattr(target, "transform"):
            inner = getattr(target, "func", None)
            target = inner if callable(inner) else type(target).transform
        while (
            isinstance(target, (staticmethod, classmethod))
            or hasattr(target, "__wrapped__")
            or hasattr(target, "__func__")
        ):
            target = getattr(target, "__wrapped__", None) or target.__func__
        if not hasattr(target, "__code__") and not inspect.isclass(target):
            target = getattr(target, "func", None) or vars(type(target)).get("__call__")  # partials, callable objects
        return target if hasattr(target, "__code__") else None

    def run(self, frame: Any, *, watched: bool = True) -> tuple[Output, str]:
        """The features of a frame, and in words what the function changed of its input (empty: nothing, or not `watched`).

        Raises whatever the function raises, BadReturnError for what are no features.
        """
        given, before = self._given(frame), None
        if watched and self.form is not Form.POLARS:
            before = _copy(given)
        output = read_output(self._called(given))
        return output, "" if before is None else _changed(before, given)

    def ready(self, frame: Any) -> Callable[[], Any]:
        """The bare call on a frame, to be made once: its input is made already, so that its time is the function's."""
        given = self._given(frame)

        def go() -> Any:
            made = self._called(given)
            return made.collect() if type(made).__name__ == "LazyFrame" else made

        return go

    def _called(self, given: Any) -> Any:
        if self.form is Form.ROW:
            return [self.call(row) for row in given]
        if self.form is Form.COLUMNS:
            return self.call(**given)
        return self.call(given)

    def _given(self, frame: Any) -> Any:
        """A batch in the function's form; nothing of it is shared with the frame."""
        match self.form:
            case Form.POLARS:
                return need("polars").from_pandas(frame)
            case Form.NUMPY:
                return frame.to_numpy(copy=True)
            case Form.ROWS | Form.ROW:
                return _records(frame)
            case Form.COLUMNS:
                return {name: frame[name].copy(deep=True) for name in self.takes}
            case _:
                return _copy(frame[list(self.takes)] if self.takes else frame)


def _records(frame: Any) -> list[dict[str, Any]]:
    """Rows as mappings of plain values; what is missing is None."""
    from mlscore.checks.feature_code.rules import absent

    columns = {str(name): frame[name].tolist() for name in frame.columns}
    return [
        {name: None if absent(values[place]) else values[place] for name, values in columns.items()}
        for place in range(len(frame))
    ]


def _copy(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: _copy(one) for name, one in given.items()}
    if not hasattr(given, "copy") or isinstance(given, list):
        return copy.deepcopy(given)
    copied = given.copy()
    if hasattr(given, "dtypes") and hasattr(given, "columns"):
        for place, dtype in enumerate(given.dtypes):
            # A frame's copy shares the lists and mappings in its cells.
            if str(dtype) == "object" and any(isinstance(v, (list, dict, set)) for v in given.iloc[:, place]):
                copied.isetitem(place, [copy.deepcopy(value) for value in given.iloc[:, place]])
    return copied


def _changed(before: Any, after: Any) -> str:
    """What differs, in words that hold no value."""
    if isinstance(before, dict):
        return next((f"the column {n!r} it was given" for n in before if _changed(before[n], after[n])), "")
    if hasattr(before, "columns") and hasattr(before, "dtypes"):
        if before.equals(after) and list(before.index) == list(after.index):
            return ""
        old, new = list(before.columns), list(after.columns)
        if old != new:
            added, gone = [n for n in new if n not in old], [n for n in old if n not in new]
            return (
                f"it adds the column {added[0]!r}"
                if added
                else f"it drops the column {gone[0]!r}"
                if gone
                else "columns change places"
            )
        if len(before) != len(after):
            return f"{len(before)} rows become {len(after)}"
        if list(before.index) != list(after.index):
            return "its index changes"
        for place, name in enumerate(old):
            one, two = before.iloc[:, place], after.iloc[:, place]
            if one.dtype != two.dtype:
                return f"the dtype of the column {name!r} changes"
            if not one.equals(two):
                return f"values of the column {name!r} change"
        return ""
    if hasattr(before, "equals"):
        return "" if before.equals(after) and before.dtype == after.dtype else "values change"
    if hasattr(before, "tobytes"):
        return "" if repr(before.tolist()) == repr(after.tolist()) else "values of the array change"
    return "" if repr(before) == repr(after) else "the rows change"


def load_feature(given: Any, form: Form, columns: Sequence[str]) -> Feature:
    """The feature that a text ("module:function"), a function or a transformer stands for; `columns` are the schema's.

    Raises ConfigError where it cannot be imported, called or told how to be called.
    """
    name = given if isinstance(given, str) else getattr(given, "__qualname__", type(given).__name__)
    target = load(given) if isinstance(given, str) else given
    if inspect.isclass(target):
        raise ConfigError(f"{name} is a class", hint="name a fitted transformer, or a function that returns one")
    if not hasattr(target, "transform") and callable(target) and not _required(target, name):
        made = target()
        if not hasattr(made, "transform"):
            raise ConfigError(
                f"{name} takes no batch", hint="a feature function takes one, or returns a fitted transformer"
            )
        target = made
    if hasattr(target, "transform"):
        known = getattr(target, "feature_names_in_", None)
        takes = () if known is None else tuple(map(str, known))
        return Feature(name, target.transform, Form.TRANSFORMER, target, takes)
    if not callable(target):
        raise ConfigError(
            f"{name} is a {type(target).__name__}, not a function", hint="name a function or a transformer"
        )
    if inspect.iscoroutinefunction(target):
        raise ConfigError(f"{name} is asynchronous", hint="name a plain function around it")
    required = _required(target, name)
    chosen = _form(target, required, columns) if form is Form.AUTO else form
    if chosen is Form.COLUMNS:
        missing = [one for one in required if one not in columns]
        if missing:
            near = did_you_mean(missing[0], list(columns)) or "it takes one batch, or columns by their names"
            raise ConfigError(f"{name} takes {missing[0]!r}, which is no column", hint=near)
    return Feature(name, target, chosen, target, required if chosen is Form.COLUMNS else ())


def load(text: str) -> Any:
    """What "package.module:name" stands for. Raises ConfigError."""
    module, colon, name = text.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ConfigError(f"{text!r} names no function", hint='write it as "package.module:function"')
    try:
        found: Any = import_module(module)
    except Exception as error:
        raise ConfigError(f"{module} cannot be imported: {type(error).__name__}: {error}", hint="mend it") from None
    except SystemExit:
        raise ConfigError(f"{module} cannot be imported: it ends the program (SystemExit)", hint="mend it") from None
    for part in name.split("."):
        if not hasattr(found, part):
            near = did_you_mean(part, [one for one in vars(found) if not one.startswith("_")])
            raise ConfigError(f"{module} has no {name!r}", hint=near or "mend the name")
        found = getattr(found, part)
    return found


def _required(target: Any, name: str) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # written in C: it says nothing
        return ("batch",)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    required = tuple(p.name for p in parameters if p.kind in kinds and p.default is p.empty)
    if not required and any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return ("batch",)
    if not required:
        optional = tuple(p.name for p in parameters if p.kind in kinds[:2])
        return optional[:1]
    return required


_ANNOTATED = {
    "polars.DataFrame": Form.POLARS, "pl.DataFrame": Form.POLARS, "polars.LazyFrame": Form.POLARS,
    "numpy.ndarray": Form.NUMPY, "np.ndarray": Form.NUMPY, "ndarray": Form.NUMPY, "NDArray": Form.NUMPY,
}  # fmt: skip


def _form(target: Any, required: Sequence[str], columns: Sequence[str]) -> Form:
    """The form that the annotation of the first parameter, or the names of all, tell; pandas where nothing does."""
    if len(required) > 1:
        return Form.COLUMNS
    note = inspect.signature(target).parameters.get(required[0]) if required else None
    text = "" if note is None or note.annotation is note.empty else _written(note.annotation)
    for start, form in _ANNOTATED.items():
        if text.startswith(start):
            return form
    if text.startswith(("list[dict", "Sequence[Mapping", "list[Mapping", "Sequence[dict", "Iterable[")):
        return Form.ROWS
    if text.startswith(("dict", "Mapping")):
        return Form.ROW
    if required and required[0] in columns and (not text or "Series" in text):
        return Form.COLUMNS
    return Form.PANDAS


def _written(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    for room in ("typing.", "collections.abc."):
        text = text.replace(room, "")
    for inside in ("polars.dataframe.frame.DataFrame", "polars.lazyframe.frame.LazyFrame"):
        text = text.replace(inside, "polars.DataFrame")
    return text
