"""The check of feature code as a plain function: functions, a schema or real rows, to a report per function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.checks.context import importable
from mlscore.checks.feature_code.coverage import Place, judge, location, read_coverage
from mlscore.checks.feature_code.examine import Examined, examine, pools
from mlscore.checks.feature_code.forms import Feature, Form, load_feature
from mlscore.checks.feature_code.marked import Marked, find_marked
from mlscore.checks.feature_code.planning import Order, make_plan
from mlscore.checks.feature_code.processes import compare_apart, examine_apart, with_fresh
from mlscore.checks.feature_code.report import FeatureCodeReport, FunctionReport, Property
from mlscore.checks.feature_code.serving import FORMATS
from mlscore.errors import UsageError, did_you_mean
from mlscore.tables.extras import need

Switched = Mapping[str, str | Mapping[str, str]]
ITEM = "data-7"


def check_feature_code(
    functions: str | Callable[..., Any] | Sequence[str | Callable[..., Any]],
    *,
    schema: object | None = None,
    rows: object | None = None,
    off: Switched | None = None,
    examples: int = 100,
    real: int = 200,
    seconds: float = 30.0,
    tolerance: float = 1e-6,
    serving: Sequence[str] = ("json",),
    reader: str | Callable[[Any], Any] | None = None,
    form: str = "auto",
    coverage: str | None = None,
    root: Path | str = ".",
    item: str = ITEM,
    seed: int = 0,
) -> FeatureCodeReport:
    """Try feature functions on generated batches and real rows, property by property (see `Property`).

    `functions` are "module:function" texts, which run in a process of their own, or functions and fitted transformers,
    which run in this one. `schema` is a pandera schema, or a "module:SCHEMA" text; without it one is inferred from `rows`,
    which are whatever `open_table` takes (at most `real` of them are drawn).
    `off` switches properties off with a reason: {"alone": "a rolling mean"}, or of one function {"module:function":
    {"alone": "…"}}. `examples` batches are generated for each function, within `seconds`; the same `seed` gives the same.
    `tolerance` is relative. `serving` are formats ("json", "json-raw", "parquet"), `reader` makes what the function is
    given while serving from JSON records. `form` is what functions take ("auto" goes by annotations).
    `coverage` is a file of coverage data, by default `.coverage` or `coverage.json` in `root`, where the project is.

    Raises ConfigError where a function or schema cannot be loaded, UsageError where nothing can be generated or an argument
    is wrong, InputError where rows or coverage data cannot be read.
    """
    given = (
        [functions]
        if isinstance(functions, str) or callable(functions) or hasattr(functions, "transform")
        else functions
    )
    listed: list[Any] = list(given)
    _check(listed, examples, real, seconds, tolerance, serving, form)
    names = [_name(one) for one in listed]
    switched = [_off(off or {}, name, names) for name in names]
    root = Path(root)
    frame = None if rows is None else real_frame(rows, real, seed)
    order = Order(schema, frame, examples, seconds, seed, tolerance, tuple(serving), reader)
    texts = [one for one in (*listed, schema, reader) if one is not None]
    data = read_coverage(coverage, root)
    marked = find_marked(root, item) if data is not None else Marked(item)
    if all(isinstance(one, str) for one in texts):
        answer = examine_apart(listed, form, order, switched, root)
        done, rules, notes = answer.examined, answer.rules, answer.notes
    else:
        with importable(root):
            plan, notes = make_plan(order)
            rules = plan.rules
            features = [load_feature(one, Form(form), [rule.name for rule in rules]) for one in listed]
            drawn = pools(plan)
            done = [
                (examine(feature, plan, away, drawn), location(feature))
                for feature, away in zip(features, switched, strict=True)
            ]
            listed = [_importable(feature, one) for feature, one in zip(features, listed, strict=True)]
    reports = _fresh(done, listed, switched, form, rules, order, root)
    judged = [
        replace(report, coverage=judge(place if isinstance(place, Place) else None, data, marked))
        for report, (_, place) in zip(reports, done, strict=True)
    ]
    return FeatureCodeReport(tuple(judged), seed, tuple(notes))


def _fresh(
    done: Sequence[tuple[Examined, Any]],
    named: Sequence[str | None],
    switched: Sequence[Mapping[Property, str]],
    form: str,
    rules: Any,
    order: Order,
    root: Path,
) -> list[FunctionReport]:
    """The reports, with what a fresh process says of functions that it can import and that did not fail already."""
    reports = [examined.report for examined, _ in done]
    asked = []
    for number, ((examined, _), text, away) in enumerate(zip(done, named, switched, strict=True)):
        if Property.FRESH in away or examined.report.violation(Property.RUNS):
            continue  # switched off, or it did not come to features here
        if text is None:
            reports[number] = with_fresh(reports[number], "it cannot be imported by name")
        elif examined.probes:
            asked.append((number, text))
        elif not any(examined.report.violation(of) for of in (Property.DETERMINISTIC, Property.ROWS)):
            reports[number] = with_fresh(reports[number], "no batch gave features")
    if asked:
        from mlscore.checks.feature_code.look import Settings

        settings = Settings(order.tolerance, order.seconds)
        found = compare_apart(
            [text for _, text in asked], form, rules, settings, [done[number][0].probes for number, _ in asked], root
        )
        for (number, _), one in zip(asked, found, strict=True):
            reports[number] = with_fresh(reports[number], one)
    return reports


def _importable(feature: Feature, given: Any) -> str | None:
    """The text by which another process finds a function; None for what has no name in a module."""
    if isinstance(given, str):
        return given
    module, name = getattr(given, "__module__", None), getattr(given, "__qualname__", "")
    if not module or module == "__main__" or not name or "<" in name or feature.form is Form.TRANSFORMER:
        return None
    return f"{module}:{name}"


def _name(given: Any) -> str:
    return given if isinstance(given, str) else getattr(given, "__qualname__", type(given).__name__)


def _off(given: Switched, name: str, names: Sequence[str]) -> dict[Property, str]:
    """The properties that are off for a function, with reasons. Raises UsageError for unknown words and missing reasons."""
    known = [of.value for of in Property]
    found: dict[Property, str] = {}
    for word, reason in given.items():
        if isinstance(reason, Mapping):
            if word not in names:
                near = did_you_mean(word, list(names)) or f"the functions are {', '.join(names[:5])}"
                raise UsageError(f"off names {word!r}, which is none of the functions", hint=near)
            if word == name:
                found |= _off(reason, name, names)
            continue
        if word not in known:
            near = did_you_mean(word, known) or f"the properties are {', '.join(known)}"
            raise UsageError(f"off names {word!r}, which is no property", hint=near)
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"{word!r} is switched off without a reason", hint=f'write off = {{ {word} = "why" }}')
        found.setdefault(Property(word), reason.strip())
    return found


def _check(
    functions: Sequence[Any],
    examples: int,
    real: int,
    seconds: float,
    tolerance: float,
    serving: Sequence[str],
    form: str,
) -> None:
    """Raises UsageError for the first argument that cannot be."""
    if not functions:
        raise UsageError("no feature function is named", hint='name some: "package.module:function"')
    for name, value in (("examples", examples), ("real", real), ("seconds", seconds)):
        if not value > 0:
            raise UsageError(f"{name} is {value}, and should be greater than 0")
    if not tolerance >= 0:
        raise UsageError(f"the tolerance is {tolerance}, and should be a number from 0")
    for format_ in serving:
        if format_ not in FORMATS:
            hint = did_you_mean(format_, FORMATS) or f"the formats are {', '.join(FORMATS)}"
            raise UsageError(f"{format_!r} is no serving format", hint=hint)
    if form not in [one.value for one in Form]:
        raise UsageError(f"{form!r} is no form of input", hint=f"the forms are {', '.join(one.value for one in Form)}")


def real_frame(rows: object, most: int, seed: int) -> Any:
    """At most so many real rows as a pandas frame; a pandas frame keeps its dtypes."""
    pandas = need("pandas")
    if isinstance(rows, pandas.DataFrame):
        drawn = rows if len(rows) <= most else rows.sample(most, random_state=seed)
        return drawn.reset_index(drop=True)
    from mlscore.tables.table import Table, open_table

    if isinstance(rows, Table):
        return rows.sample(most, seed).to_pandas()
    with open_table(rows) as table:
        return table.sample(most, seed).to_pandas()
