"""Train a candidate, judge it, and only if the gate has no objection store it and let it serve.

Run `python -m flights.train --registry runs`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sklearn
from sklearn.metrics import roc_auc_score

from flights import data, evaluate, features, gate, model, schema
from flights.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

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


def run(
    registry: Registry,
    flights: pd.DataFrame,
    weather: pd.DataFrame,
    airlines: pd.DataFrame,
    *,
    rows: int = ROWS,
    seed: int = SEED,
    limits: gate.Limits | None = None,
    parameters: dict[str, Any] | None = None,
) -> list[str]:
    """Train on `FIT_MONTHS`, judge on `GATE_MONTHS`; return the gate's objections (none: the model now serves).

    Raises `flights.schema.SchemaError` when the data do not meet their schema.
    """
    flights = data.in_months(flights, (*data.FIT_MONTHS, *data.GATE_MONTHS))
    schema.check(schema.schedule_problems(data.schedule(flights), airlines), "the schedule")
    schema.check(schema.problems(weather, schema.WEATHER), "the weather")
    fit_table, fit_late = labelled(data.in_months(flights, data.FIT_MONTHS), weather)
    gate_table, gate_late = labelled(data.in_months(flights, data.GATE_MONTHS), weather)
    schema.check(schema.problems(fit_table, schema.FEATURE_TABLE), "the feature table")
    fit_table, fit_late = sample(fit_table, fit_late, rows, seed)

    candidate = model.fit(fit_table, fit_late, seed=seed, parameters=parameters)
    evaluation = evaluate.report(gate_late, candidate.probability(gate_table), gate_table)
    simpler = {
        "the rate by hour": model.hour_rule(fit_table, fit_late),
        "a logistic regression on three features": model.simple_logistic(fit_table, fit_late),
    }
    simple = {name: float(roc_auc_score(gate_late, rule.probability(gate_table))) for name, rule in simpler.items()}
    current = registry.current()
    serving = None
    if current is not None:
        serving = evaluate.report(gate_late, registry.load(current)[0].probability(gate_table), gate_table)

    found = gate.objections(evaluation, simple, serving, limits)
    if not found:
        metadata = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "fit_months": list(data.FIT_MONTHS),
            "gate_months": list(data.GATE_MONTHS),
            "rows": len(fit_table),
            "seed": seed,
            "parameters": model.PARAMETERS if parameters is None else parameters,
            "features": list(candidate.features),
            "code_sha256": code_digest(),
            "scikit_learn": sklearn.__version__,
            "evaluation": evaluation,
            "simpler_models": simple,
        }
        registry.promote(registry.add(candidate, metadata), "passed the gate")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Train from the command line: exit code 0 when the model serves, 1 when the gate or the schema refuses."""
    parser = argparse.ArgumentParser(prog="python -m flights.train", description=__doc__.splitlines()[0])
    parser.add_argument("--registry", type=Path, required=True, help="folder of the model versions")
    parser.add_argument("--rows", type=int, default=ROWS, help="at most this many flights to train on")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(argv)
    registry = Registry(options.registry)
    tables = {name: data.load(name) for name in ("flights", "weather", "airlines")}
    try:
        found = run(registry, **tables, rows=options.rows, seed=options.seed)
    except schema.SchemaError as error:
        print(f"flights: {error}", file=sys.stderr)
        return 1
    if found:
        print("flights: the candidate was refused and not stored:", *found, sep="\n  ", file=sys.stderr)
        return 1
    version = registry.current()
    overall = registry.load(version)[1]["evaluation"]["overall"]
    print(f"version {version} serves: ROC AUC {overall['roc_auc']:.4f} on {overall['rows']} flights")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
