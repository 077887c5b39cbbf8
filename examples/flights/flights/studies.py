"""The studies behind decisions taken by people: tuning, the cost of features, and what the age of a model costs.

Run `python -m flights.studies tuning|cost|staleness --output docs/tuning.md`; each takes one to three minutes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from flights import data, features, model, train

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TRIALS = 24
TRIALS_FILE = Path(__file__).parents[1] / "docs" / "tuning-trials.json"
SPACE: dict[str, tuple[Any, ...]] = {
    "learning_rate": (0.03, 0.05, 0.08, 0.12),
    "max_iter": (60, 120, 200),
    "max_leaf_nodes": (7, 15, 31),
    "min_samples_leaf": (50, 200, 400, 800),
    "l2_regularization": (0.0, 5.0, 20.0),
    "max_features": (0.3, 0.5, 1.0),
}
TUNING_WINDOWS = (((1, 2, 3), (4,)), ((1, 2, 3, 4), (5,)), ((1, 2, 3, 4, 5), (6,)))
COST_WINDOWS = tuple((tuple(range(1, last + 1)), (last + 1, last + 2)) for last in (4, 6, 8, 10))
FEWEST_MONTHS = 3
"""Training data of the oldest model in the staleness study: January up to March."""


class Year:
    """All flights of the year with features, labels and months, and rows by months."""

    def __init__(self) -> None:
        flights = data.load("flights")
        self.flights, self.weather = flights, data.load("weather")
        self.table, self.late = train.labelled(flights, self.weather)
        self._month = self.table.index.str[5:7].astype(int)

    def rows(self, months: Iterable[int]) -> tuple[pd.DataFrame, pd.Series]:
        """Return features and labels of the given months."""
        chosen = self._month.isin(list(months))
        return self.table[chosen], self.late[chosen]

    def fit(self, months: Iterable[int], parameters: dict[str, Any] | None = None) -> model.DelayModel:
        """Train as `flights.train` does, on other months."""
        return model.fit(
            *train.sample(*self.rows(months), train.ROWS, train.SEED), seed=train.SEED, parameters=parameters
        )


def search(year: Year) -> list[dict[str, Any]]:
    """Try `TRIALS` random points of `SPACE`, each in every window; all windows lie within the training months."""
    generator = random.Random(train.SEED)
    trials = []
    for point in generator.sample(list(itertools.product(*SPACE.values())), TRIALS):
        parameters = dict(zip(SPACE, point, strict=True))
        losses, areas = [], []
        for past, ahead in TUNING_WINDOWS:
            table, late = year.rows(ahead)
            probability = year.fit(past, parameters).probability(table)
            losses.append(float(log_loss(late, probability)))
            areas.append(float(roc_auc_score(late, probability)))
        trials.append({"parameters": parameters, "losses": losses, "areas": areas})
    return trials


def stored(trials: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the trials in the columns of scikit-learn's `cv_results_`, whose scores are better when greater."""
    columns: dict[str, list[Any]] = {f"param_{name}": [one["parameters"][name] for one in trials] for name in SPACE}
    for number in range(len(TUNING_WINDOWS)):
        columns[f"split{number}_test_neg_log_loss"] = [-one["losses"][number] for one in trials]
    columns["mean_test_neg_log_loss"] = [-fmean(one["losses"]) for one in trials]
    return columns


def tuning(year: Year) -> Iterator[str]:
    """Search, write the trials to `TRIALS_FILE`, and tell about them, the best first."""
    trials = search(year)
    TRIALS_FILE.write_text(json.dumps(stored(trials), indent=1) + "\n", encoding="utf-8")
    trials.sort(key=lambda one: fmean(one["losses"]))
    yield "# Tuning\n"
    yield (
        f"{TRIALS} points drawn at random (seed {train.SEED}) from a grid of {math.prod(map(len, SPACE.values()))}."
        f" Each was trained on at most {train.ROWS} flights of the months before, and judged on the month after, for"
        " April, May and June: neither the gate's months nor the served ones took part. The figures are means over"
        " the three months; the trial with the lowest log loss is what `flights/model.py` uses. All figures of each"
        f" month are in [{TRIALS_FILE.name}]({TRIALS_FILE.name}).\n"
    )
    yield "| log loss | ROC AUC | " + " | ".join(SPACE) + " |"
    yield "|---" * (2 + len(SPACE)) + "|"
    for one in trials:
        values = " | ".join(str(one["parameters"][name]) for name in SPACE)
        yield f"| {fmean(one['losses']):.4f} | {fmean(one['areas']):.4f} | {values} |"
    yield f"\nChosen:\n\n```json\n{json.dumps(trials[0]['parameters'])}\n```"


def _mean_auc(year: Year, columns: Sequence[str], extra: pd.DataFrame | None = None) -> float:
    areas = []
    for past, ahead in COST_WINDOWS:
        (table, late), (next_table, next_late) = year.rows(past), year.rows(ahead)
        if extra is not None:
            table, next_table = table.join(extra), next_table.join(extra)
        fitted = model.fit(*train.sample(table[[*columns]], late, train.ROWS, train.SEED), seed=train.SEED)
        areas.append(roc_auc_score(next_late, fitted.probability(next_table)))
    return sum(areas) / len(areas)


def _seconds(build: Any) -> float:
    times = []
    for _ in range(3):
        start = perf_counter()
        build()
        times.append(perf_counter() - start)
    return min(times)


def planes(year: Year) -> pd.DataFrame:
    """Return two candidate features of the aircraft: its seats, and its age in years."""
    register = data.load("planes").set_index("tailnum")
    joined = year.flights[["tailnum"]].join(register[["seats", "year"]], on="tailnum")
    return pd.DataFrame({"seats": joined["seats"], "plane_age": 2013 - joined["year"]})


def duration(year: Year) -> pd.DataFrame:
    """Return a candidate feature: minutes from departure to arrival as the two local clocks show them."""
    departure = year.flights["hour"] * 60 + year.flights["minute"]
    arrival = year.flights["sched_arr_time"] // 100 * 60 + year.flights["sched_arr_time"] % 100
    return ((arrival - departure) % (24 * 60)).to_frame("planned_minutes")


def weekday(year: Year) -> pd.DataFrame:
    """Return a candidate feature: the day of the week, Monday as 0."""
    dates = pd.to_datetime(year.flights[["year", "month", "day"]])
    return dates.dt.day_of_week.to_frame("weekday")


CANDIDATES = {
    "aircraft": (planes, "the register of aircraft and the tail number planned"),
    "planned duration": (duration, "the schedule"),
    "day of the week": (weekday, "the schedule"),
}


def cost(year: Year) -> Iterator[str]:
    """Set what each group of features costs against the quality it brings."""
    columns = features.FEATURES
    whole = _mean_auc(year, columns)
    flights, weather = data.schedule(year.flights), year.weather
    builders = {
        "airline and route": (lambda: flights[["carrier", "dest"]].copy(), "the schedule"),
        "time of day": (lambda: features.clock(flights), "the schedule"),
        "traffic": (lambda: features.congestion(flights), "the schedule, as whole days of all airlines"),
        "weather": (lambda: features.weather_known(flights, weather), "hourly observations at three airports"),
    }
    yield "# What features cost and bring\n"
    yield (
        "*Gain* is the ROC AUC lost when a kept group is left out, or won when a candidate is put in: the mean of four"
        " models, trained on January up to April, June, August and October and judged on the two months after each."
        f" *Seconds* is the time to compute the group for all {len(flights)} flights of the year on one core (best of"
        " three), *MB* its size in memory. The windows reach into the served months, so the gains are a little"
        " optimistic.\n"
    )
    yield "| group | features | gain | seconds | MB | depends on | decision |"
    yield "|---|---|---|---|---|---|---|"
    for group, names in features.GROUPS.items():
        build, source = builders[group]
        gain = whole - _mean_auc(year, [name for name in columns if name not in names])
        size = year.table[list(names)].memory_usage(index=False, deep=True).sum() / 1e6
        yield f"| {group} | {len(names)} | {gain:+.4f} | {_seconds(build):.2f} | {size:.1f} | {source} | kept |"
    for group, (candidate, source) in CANDIDATES.items():
        extra = candidate(year)
        size, seconds = (
            extra.memory_usage(index=False, deep=True).sum() / 1e6,
            _seconds(lambda make=candidate: make(year)),
        )
        gain = _mean_auc(year, [*columns, *extra], extra.set_axis(data.flight_ids(year.flights))) - whole
        yield f"| {group} | {extra.shape[1]} | {gain:+.4f} | {seconds:.2f} | {size:.1f} | {source} | left out |"
    yield "\n## Each feature left out\n"
    yield "| feature | gain |"
    yield "|---|---|"
    for name in columns:
        yield f"| {name} | {whole - _mean_auc(year, [other for other in columns if other != name]):+.4f} |"
    yield f"\nROC AUC with all {len(columns)} features: {whole:.4f}."


def staleness(year: Year) -> Iterator[str]:
    """Judge models of every age on the same months, so that the season does not pass for age."""
    area: dict[tuple[int, int], float] = {}
    loss: dict[tuple[int, int], float] = {}
    for last in range(FEWEST_MONTHS, 12):
        fitted = year.fit(range(1, last + 1))
        for month in range(last + 1, 13):
            table, late = year.rows([month])
            probability = fitted.probability(table)
            area[month, month - last - 1] = roc_auc_score(late, probability)
            loss[month, month - last - 1] = log_loss(late, probability)
    judged = range(FEWEST_MONTHS + 1, 13)
    ages = sorted({age for _, age in area})
    yield "# What the age of a model costs\n"
    yield (
        f"Each model is trained on {train.ROWS} flights drawn from all months up to its last one, as in service. Its"
        " *age* is the number of whole months between that last month and the month it is judged on; age 0 is a model"
        " retrained each month. A month is a fair judge only of models that it judges side by side, so the last table"
        " compares every model with the fresh one *on the same month*.\n"
    )
    for title, figures in (("ROC AUC", area), ("Log loss", loss)):
        yield f"## {title}\n"
        yield "| month judged | " + " | ".join(f"age {age}" for age in ages) + " |"
        yield "|---" * (1 + len(ages)) + "|"
        for month in judged:
            cells = [f"{figures[month, age]:.4f}" if (month, age) in figures else "" for age in ages]
            yield f"| 2013-{month:02} | " + " | ".join(cells) + " |"
        yield ""
    yield "## Against the fresh model of the same month\n"
    yield "| age in months | months compared | ROC AUC, mean change | log loss, mean change |"
    yield "|---|---|---|---|"
    for age in ages:
        months = [month for month in judged if (month, age) in area]
        change = [sum(f[month, age] - f[month, 0] for month in months) / len(months) for f in (area, loss)]
        yield f"| {age} | {len(months)} | {change[0]:+.4f} | {change[1]:+.4f} |"


STUDIES = {"tuning": tuning, "cost": cost, "staleness": staleness}
MARK = "<!-- written by flights.studies: figures above, our reading below -->"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a study and write its figures; what people wrote below the mark of an existing file is kept."""
    parser = argparse.ArgumentParser(prog="python -m flights.studies", description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--output", type=Path, required=True, help="the Markdown file to write")
    options = parser.parse_args(argv)
    figures = "\n".join(STUDIES[options.study](Year()))
    old = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    reading = old.partition(MARK)[2] or "\n"
    options.output.write_text(f"{figures}\n\n{MARK}{reading}", encoding="utf-8")
    print(f"{options.study} written to {options.output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
