"""Looking at one batch: which properties a function violates on it, and how that shows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlscore.checks.feature_code.batches import Batch
from mlscore.checks.feature_code.forms import Feature, Form
from mlscore.checks.feature_code.guard import BlockedError, Seen, TimeLimitError, bounds
from mlscore.checks.feature_code.outputs import BadReturnError, Difference, Output, brief, difference
from mlscore.checks.feature_code.report import Property
from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.checks.feature_code.serving import through

MOST_ALONE = 2  # rows of a generated batch that are tried alone
BATCH, ALONE = "in the batch", "alone"
# Where one of these is violated the others compare what cannot be compared.
_ALL = frozenset(Property)
_NEEDS_SAME = (Property.ORDER, Property.ALONE, Property.INDEX, Property.SERVING, Property.FRESH)
_LABELLED = (Form.PANDAS, Form.COLUMNS, Form.TRANSFORMER)


@dataclass(frozen=True, slots=True)
class Settings:
    """How functions are looked at: tolerance (relative), seconds for one call, formats, and the server's own reader."""

    tolerance: float = 1e-6
    limit: float = 30.0
    formats: tuple[str, ...] = ("json",)
    reader: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """How a violation shows. `says` holds no value; `values` may hold some of the batch."""

    says: str
    values: str = ""

    def text(self, *, masked: bool) -> str:
        """The finding for a person; without values where they may be real ones."""
        return self.says if masked or not self.values else f"{self.says}: {self.values}"


class _CallError(Exception):
    """The function did not return features."""

    def __init__(self, property_: Property, finding: Finding) -> None:
        super().__init__(finding.says)
        self.property = property_
        self.finding = finding


@dataclass(slots=True)
class Look:
    """What is found of one function, batch by batch."""

    feature: Feature
    rules: tuple[ColumnRule, ...]
    settings: Settings
    off: frozenset[Property] = frozenset()
    seen: Seen = field(default_factory=Seen)
    calls: int = 0
    signature: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    judged: dict[Property, int] = field(default_factory=dict)
    firsts: dict[str, Any] = field(default_factory=dict)
    varied: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)

    def batch(
        self, batch: Batch, wanted: frozenset[Property] = _ALL, alone: int = MOST_ALONE
    ) -> dict[Property, Finding]:
        """The properties, of those wanted and not switched off, that the function violates on a batch."""
        wanted = wanted - self.off
        frame = batch.frame(self.rules)
        self._judge(Property.RUNS)
        if Property.SELF_CONTAINED in wanted:
            self._judge(Property.SELF_CONTAINED)
        try:
            output, changed = self._run(frame, watched=Property.UNMUTATED in wanted)
        except _CallError as error:
            return self._only({error.property: error.finding}, wanted)
        found: dict[Property, Finding] = {}
        outside = list(self.seen.outside)
        if outside:
            found[Property.SELF_CONTAINED] = Finding(f"it asks {outside[0]}")
        if Property.UNMUTATED in wanted:
            self._judge(Property.UNMUTATED)
        if changed:
            found[Property.UNMUTATED] = Finding(changed)
        self._judge(Property.ROWS)
        if output.rows != batch.rows:
            found[Property.ROWS] = Finding(f"{_rows(batch.rows)} in, {_rows(output.rows)} out")
            return self._only(found, wanted)
        self._gaps(batch, output, found)
        self._dtypes(output, found)
        self._remember(frame, output)
        if wanted & {Property.DETERMINISTIC, *_NEEDS_SAME}:
            self._again(batch, frame, output, wanted, found, alone)
        return self._only(found, wanted)

    def output(self, frame: Any) -> Output | None:
        """The features of a frame, None where there are none."""
        try:
            return self._run(frame)[0]
        except _CallError:
            return None

    def constant(self) -> list[tuple[str, str]]:
        """Features that were the same for every row so far, with their value."""
        return [(name, brief(value)) for name, value in self.firsts.items() if name not in self.varied]

    def _judge(self, of: Property) -> None:
        if of not in self.off:
            self.judged[of] = self.judged.get(of, 0) + 1

    def _only(self, found: Mapping[Property, Finding], wanted: frozenset[Property]) -> dict[Property, Finding]:
        return {of: finding for of, finding in found.items() if of in wanted}

    def _run(self, frame: Any, *, watched: bool = False) -> tuple[Output, str]:
        """One call. Raises _CallError."""
        self.calls += 1
        try:
            with bounds(self.settings.limit, self.seen, outside=Property.SELF_CONTAINED in self.off):
                return self.feature.run(frame, watched=watched)
        except BadReturnError as error:
            raise _CallError(Property.RUNS, Finding(str(error))) from None
        except TimeLimitError:
            says = f"it did not return within {self.settings.limit:g} s"
            raise _CallError(Property.RUNS, Finding(says)) from None
        except BlockedError:
            says = f"it asks {next(iter(self.seen.outside), 'for something outside')}"
            raise _CallError(Property.SELF_CONTAINED, Finding(says)) from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise _CallError(Property.RUNS, _raised(error)) from None

    def _gaps(self, batch: Batch, output: Output, found: dict[Property, Finding]) -> None:
        """New nulls and new infinities, in rows where every input has a value, and a finite one."""
        complete, finite = [], []
        for place in range(batch.rows):
            row = [values[place] for values in batch.columns.values()]
            if not any(absent(value) for value in row):
                complete.append(place)
            if not any(_infinite(value) for value in row):
                finite.append(place)
        if complete:
            self._judge(Property.NULLS)
        if finite:
            self._judge(Property.INFINITIES)
        for name, column in zip(output.names, output.columns, strict=True):
            if any(absent(column[place]) for place in complete):
                found.setdefault(Property.NULLS, Finding(f"{name!r} is null where no input is"))
            if any(_infinite(column[place]) for place in finite):
                found.setdefault(Property.INFINITIES, Finding(f"{name!r} is infinite where every input is finite"))

    def _dtypes(self, output: Output, found: dict[Property, Finding]) -> None:
        mine = (output.names, output.dtypes)
        if self.signature is None:
            if output.rows:
                self.signature = mine
            return
        self._judge(Property.DTYPES)
        names, dtypes = self.signature
        if names != output.names:
            lost = [name for name in names if name not in output.names]
            new = [name for name in output.names if name not in names]
            what = f"lacks {lost[0]!r}" if lost else f"has {new[0]!r}" if new else "has them in another order"
            found[Property.DTYPES] = Finding(f"its columns are not those of other batches: it {what}")
            return
        for name, usual, now in zip(names, dtypes, output.dtypes, strict=True):
            # What rows of plain Python values hold says nothing where there is no value.
            if usual != now and not (self.feature.form in (Form.ROWS, Form.ROW) and "nothing" in (usual, now)):
                if usual.startswith("category") and now.startswith("category"):
                    finding = Finding(f"{name!r} has other categories than in other batches")
                else:
                    finding = Finding(f"{name!r} is {_short(now)}, and {_short(usual)} in other batches")
                found.setdefault(Property.DTYPES, finding)

    def _remember(self, frame: Any, output: Output) -> None:
        """What the features were, to tell those that never change."""
        if len(self.rows) < 1000:
            self.rows |= {repr(row) for row in frame.head(20).itertuples(index=False, name=None)}
        for name, column in zip(output.names, output.columns, strict=True):
            if name in self.varied or not column:
                continue
            first = self.firsts.setdefault(name, column[0])
            if any(not _alike(value, first) for value in column):
                self.varied.add(name)

    # ---- the same rows once more

    def _again(
        self,
        batch: Batch,
        frame: Any,
        output: Output,
        wanted: frozenset[Property],
        found: dict[Property, Finding],
        alone: int,
    ) -> None:
        if Property.DETERMINISTIC in wanted or Property.DETERMINISTIC in self.off:
            self._judge(Property.DETERMINISTIC)
            apart = self._compare(output, frame, ("the first time", "the second time"))
            if apart is not None:
                found[Property.DETERMINISTIC] = apart
                return
        if Property.ORDER in wanted and batch.rows > 1:
            self._judge(Property.ORDER)
            for places in _orders(batch.rows):
                shuffled = frame.iloc[list(places)].reset_index(drop=True)
                apart = self._compare(output, shuffled, ("in this order", "in another order"), places)
                if apart is not None:
                    found[Property.ORDER] = apart
                    break
        if Property.ALONE in wanted and batch.rows > 1:
            self._judge(Property.ALONE)
            for place in _spread(batch.rows, alone):
                single = frame.iloc[[place]].reset_index(drop=True)
                apart = self._compare(output, single, (BATCH, ALONE), (place,))
                if apart is not None:
                    found[Property.ALONE] = apart
                    break
        if Property.INDEX in wanted and self.feature.form in _LABELLED:
            self._labels(frame, output, found)
        if Property.SERVING in wanted and not any(map(_infinite, _cells(batch))):
            self._served(frame, output, found)

    def _compare(
        self, output: Output, frame: Any, words: tuple[str, str], places: Sequence[int] | None = None
    ) -> Finding | None:
        """How the features of a frame differ from those of the batch's rows at `places`."""
        try:
            other, _ = self._run(frame)
        except _CallError as error:
            return Finding(f"it fails {words[1]}: {error.finding.says}", error.finding.values)
        apart = difference(output, other, self.settings.tolerance, words, places)
        return None if apart is None else _finding(apart)

    def _labels(self, frame: Any, output: Output, found: dict[Property, Finding]) -> None:
        self._judge(Property.INDEX)
        labelled = frame.copy()
        labels = [7 * (len(frame) - place) + 3 for place in range(len(frame))]
        labelled.index = labels
        try:
            other, _ = self._run(labelled)
        except _CallError as error:
            found[Property.INDEX] = Finding(f"it fails with other labels: {error.finding.says}", error.finding.values)
            return
        apart = difference(output, other, self.settings.tolerance, ("by default labels", "by other labels"))
        if apart is not None:
            found[Property.INDEX] = _finding(apart)
        elif other.index is not None and other.index not in (labels, list(range(len(frame))), output.index):
            found[Property.INDEX] = Finding(
                "its features have neither the labels of the input, nor plain ones, nor ids of their own"
            )

    def _served(self, frame: Any, output: Output, found: dict[Property, Finding]) -> None:
        self._judge(Property.SERVING)
        for format_ in self.settings.formats:
            word = f"served as {format_}" if self.settings.reader is None else "as the server reads it"
            for places in (range(len(frame)), (0,)):
                rows = frame.iloc[list(places)]
                try:
                    served = through(format_, rows, self.rules, self.settings.reader)
                except Exception as error:
                    found[Property.SERVING] = Finding(
                        f"the rows cannot be {word}: {type(error).__name__}", str(error)[:200]
                    )
                    return
                # A row that is served alone is compared with itself alone: what other rows do is another property.
                given = output if len(places) == len(frame) else self.output(rows.reset_index(drop=True))
                if given is None:
                    continue
                apart = self._compare(given, served, ("as given", word))
                if apart is not None:
                    found[Property.SERVING] = apart
                    return


def _finding(apart: Difference) -> Finding:
    return Finding(apart.says, apart.values)


def _raised(error: BaseException) -> Finding:
    name = type(error).__name__
    if isinstance(error, SystemExit):
        return Finding("it ends the program (SystemExit)")
    if isinstance(error, FileNotFoundError) and error.filename:
        from pathlib import Path

        return Finding(f"it needs the file {Path(str(error.filename)).name}, which is not there (FileNotFoundError)")
    if isinstance(error, (ModuleNotFoundError, AttributeError, NameError)) or name == "NotFittedError":
        return Finding(f"it raises {name}: {str(error).splitlines()[0][:160] if str(error) else ''}".rstrip(": "))
    lines = str(error).strip().splitlines()
    return Finding(f"it raises {name}", lines[0][:160] if lines else "")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _short(dtype: str) -> str:
    return dtype.partition(" of ")[0]


def _infinite(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _alike(value: Any, first: Any) -> bool:
    if absent(value) or absent(first):
        return absent(value) and absent(first)
    try:
        return bool(value == first)
    except (TypeError, ValueError):
        return str(value) == str(first)


def _cells(batch: Batch) -> list[Any]:
    return [value for values in batch.columns.values() for value in values]


def _orders(rows: int) -> list[tuple[int, ...]]:
    """The rows backwards, and once shuffled."""
    backwards = tuple(reversed(range(rows)))
    shuffled = list(range(rows))
    random.Random(rows).shuffle(shuffled)
    return (
        [backwards] if rows < 3 or tuple(shuffled) in (backwards, tuple(range(rows))) else [backwards, tuple(shuffled)]
    )


def _spread(rows: int, most: int) -> list[int]:
    """At most so many rows, the first and the last among them."""
    if rows <= most:
        return list(range(rows))
    return sorted({round(step * (rows - 1) / max(1, most - 1)) for step in range(most)})
