"""Train a candidate, judge it, and only if the gate has no objection store it and let it serve.

Run `python -m flights.train --registry runs`. With `--release models/flights.skops` the model that serves is also written
to that file, with a note beside it on what it was made of; that needs mlscore.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sklearn
from sklearn.metrics import roc_auc_score

from flights import data, evaluate, features, gate, model, schema
from flights.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from flights.model import DelayModel

SEED = 13
ROWS = 80_000


def labelled(flights: pd.DataFrame, weather: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return the feature table and labels of all flights that arrived.

    The features are built before cancelled flights are dropped: they were on the schedule too, and the traffic they
    add must be counted as it is in serving, when nobody knows yet that they will be cancelled.
    """
    table = features.build(flights, weather)
    late = data.late(flights).dropna().astype(int)
    return table.loc[late.index], late


def sample(table: pd.DataFrame, late: pd.Series, rows: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return at most `rows` rows, chosen by the seed."""
    chosen = table.sample(min(rows, len(table)), random_state=seed)
    return chosen, late.loc[chosen.index]


def code_digest() -> str:
    """Return the SHA-256 of this package's source, so that a served model names the code that made it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Rows:
    """Features and labels of the flights to learn from, and of those on which the gate judges."""

    fit: pd.DataFrame
    fit_late: pd.Series
    gate: pd.DataFrame
    gate_late: pd.Series


def prepare(
    flights: pd.DataFrame,
    weather: pd.DataFrame,
    airlines: pd.DataFrame,
    *,
    rows: int = ROWS,
    seed: int = SEED,
    months: Iterable[int] = data.FIT_MONTHS,
) -> Rows:
    """Return at most `rows` flights of `months` to learn from, and all of `GATE_MONTHS`.

    Raises `flights.schema.SchemaError` when the data do not meet their schema.
    """
    flights = data.in_months(flights, (*data.FIT_MONTHS, *data.GATE_MONTHS))
    schema.check(schema.schedule_problems(data.schedule(flights), airlines), "the schedule")
    schema.check(schema.problems(weather, schema.WEATHER), "the weather")
    fit_table, fit_late = labelled(data.in_months(flights, months), weather)
    schema.check(schema.problems(fit_table, schema.FEATURE_TABLE), "the feature table")
    gate_rows = labelled(data.in_months(flights, data.GATE_MONTHS), weather)
    return Rows(*sample(fit_table, fit_late, rows, seed), *gate_rows)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says of a candidate: its objections, and the figures behind them."""

    objections: list[str]
    evaluation: dict[str, Any]
    simple: dict[str, float]


def judge(
    candidate: DelayModel, rows: Rows, serving: DelayModel | None, limits: gate.Limits | None = None
) -> Judgement:
    """Judge a candidate beside the simpler models and the one that serves (None for the first)."""

    def figures(one: DelayModel) -> dict[str, Any]:
        return evaluate.report(rows.gate_late, one.probability(rows.gate), rows.gate)

    evaluation = figures(candidate)
    simpler = {
        "the rate by hour": model.hour_rule(rows.fit, rows.fit_late),
        "a logistic regression on three features": model.simple_logistic(rows.fit, rows.fit_late),
    }
    simple = {name: float(roc_auc_score(rows.gate_late, rule.probability(rows.gate))) for name, rule in simpler.items()}
    found = gate.objections(evaluation, simple, None if serving is None else figures(serving), limits)
    return Judgement(found, evaluation, simple)


def run(
    registry: Registry,
    flights: pd.DataFrame,
    weather: pd.DataFrame,
    airlines: pd.DataFrame,
    *,
    rows: int = ROWS,
    seed: int = SEED,
    months: Sequence[int] = data.FIT_MONTHS,
    limits: gate.Limits | None = None,
    parameters: dict[str, Any] | None = None,
) -> list[str]:
    """Train on `months`, judge on `GATE_MONTHS`; return the gate's objections (none: the model now serves).

    Raises `flights.schema.SchemaError` when the data do not meet their schema.
    """
    prepared = prepare(flights, weather, airlines, rows=rows, seed=seed, months=months)
    candidate = model.fit(prepared.fit, prepared.fit_late, seed=seed, parameters=parameters)
    current = registry.current()
    judgement = judge(candidate, prepared, None if current is None else registry.load(current)[0], limits)
    if not judgement.objections:
        metadata = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "fit_months": list(months),
            "gate_months": list(data.GATE_MONTHS),
            "rows": len(prepared.fit),
            "seed": seed,
            "parameters": model.PARAMETERS if parameters is None else parameters,
            "features": list(candidate.features),
            "code_sha256": code_digest(),
            "scikit_learn": sklearn.__version__,
            "evaluation": judgement.evaluation,
            "simpler_models": judgement.simple,
        }
        registry.promote(registry.add(candidate, metadata), "passed the gate")
    return judgement.objections


def release(registry: Registry, path: Path) -> None:
    """Write the model that serves to a file, with a note beside it: commit, digest of the data, versions."""
    from mlscore.predictors.provenance import write_note

    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(registry.load(registry.current())[0], path)
    raw = [data.path_of("flights"), data.path_of("weather")]
    write_note(path, root=Path(__file__).parents[1], data=raw, libraries=("scikit-learn", "skops", "numpy", "pandas"))


def main(argv: Sequence[str] | None = None) -> int:
    """Train from the command line: exit code 0 when the model serves, 1 when the gate or the schema refuses."""
    parser = argparse.ArgumentParser(prog="python -m flights.train", description=__doc__.splitlines()[0])
    parser.add_argument("--registry", type=Path, required=True, help="folder of the model versions")
    parser.add_argument("--rows", type=int, default=ROWS, help="at most this many flights to train on")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--until", type=int, choices=data.FIT_MONTHS, default=data.FIT_MONTHS[-1],
                        help="the last month to train on")  # fmt: skip
    parser.add_argument("--release", type=Path, help="also write the model to this skops file")
    options = parser.parse_args(argv)
    registry = Registry(options.registry)
    tables = {name: data.load(name) for name in ("flights", "weather", "airlines")}
    months = [month for month in data.FIT_MONTHS if month <= options.until]
    try:
        found = run(registry, **tables, rows=options.rows, seed=options.seed, months=months)
    except schema.SchemaError as error:
        print(f"flights: {error}", file=sys.stderr)
        return 1
    if found:
        print("flights: the candidate was refused and not stored:", *found, sep="\n  ", file=sys.stderr)
        return 1
    version = registry.current()
    overall = registry.load(version)[1]["evaluation"]["overall"]
    print(f"version {version} serves: ROC AUC {overall['roc_auc']:.4f} on {overall['rows']} flights")
    if options.release:
        release(registry, options.release)
        digest = hashlib.sha256(options.release.read_bytes()).hexdigest()
        print(f"{options.release} written; digest for pyproject.toml: sha256:{digest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
