"""Drift: false alarms on clean resamples, and detection of every fault of the catalogue at its stated size.

`python -m benchmarks detection --write` puts the tables into docs/data/detection.md. It takes half an hour: `python -m
benchmarks.detection --keep FILE [--write]` does the same, and goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import exp
from pathlib import Path
from typing import Any

# Small matrices: to wake a second thread for them takes longer than they do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from benchmarks import drift
from benchmarks.__main__ import with_table
from benchmarks.detection_data import HARD, MAIN, Data
from benchmarks.measure import environment
from mlscore.checks.drift.detect import compare
from mlscore.checks.drift.joint import joint_drift
from mlscore.checks.drift.report import Cause, DriftReport
from mlscore.checks.drift.summarise import summarise
from mlscore.checks.drift.summary import Summary
from mlscore.checks.drift.trials import OF_JOINT
from mlscore.checks.intervals import share as share_of
from mlscore.errors import InputError
from mlscore.faults import Case, Fault, catalogue, every_fault
from mlscore.faults import fault as sized
from mlscore.tables.shapes import TableOptions
from mlscore.tables.table import open_table

DOCS = Path(__file__).parents[1] / "docs" / "data" / "detection.md"
START, END = "<!-- detection:start -->", "<!-- detection:end -->"
FALSE_ALARMS = 0.01
DETECTION = 0.95
BOTH = "both"
# Clean resamples of each of the main data; of them with every fault; clean ones of each hard kind.
RUNS, TRIES, HARD_RUNS = 200, 20, 10
WITH_FAULTS = 40  # seeds below are those of resamples with faults
# Faults that keep every column's own distribution.
OF_PAIRS = ("shuffled", "lagged-join")
ALONE = ", column that goes with no other"
WEAK = ", column that goes weakly with others"
AT_END = ", the first or the last"
# What nothing, or next to nothing, can tell by distributions and pairs: shown, and not held against the limit.
BEYOND = (ALONE, WEAK, AT_END)
# The size at which drift is to find what it can miss at the fault's default size; of all others that is the default.
STATED: dict[str, dict[str, float]] = {
    "nulls": {"share": 0.25},
    "noise": {"size": 1.5},
    "outliers": {"share": 0.05},
    "lagged-join": {"lag": 100},
}
# Fixed limits that are in wide use, for any column: scipy's, Evidently's, a script of one's own.
RULES = (
    "KS test, p < 0.05",
    "KS test, p < 0.05 over all columns (Bonferroni)",
    "PSI > 0.1",
    "PSI > 0.25",
    "Jensen-Shannon distance > 0.1",
)


# --- Runs ------------------------------------------------------------------------------------------------------------


def summary(table: pa.Table, like: Summary | None = None, time: str | None = None) -> Summary:
    """A table's summary by the embedded engine."""
    with open_table(table, options=TableOptions(threads=1)) as opened:
        return summarise(opened, like=like, time=time, source="memory", seed=0 if like is None else 1)


def reasons(report: DriftReport) -> Iterator[str]:
    """What alarmed, one word each."""
    yield from (f"{column.aspect} of {column.name}" for column in report.columns if column.drifted)
    yield from (trial.aspect for trial in report.rows_drift if trial.drifted)
    if report.joint is not None and report.joint.drifted:
        yield "pairs"


def judged(reference: Summary, current: Summary) -> tuple[list[str], DriftReport]:
    """What alarms, as `compare` says; the joint test, which takes longest, runs only where nothing else has told."""
    report = compare(reference, current, false_alarms=FALSE_ALARMS, joint=False)
    found = list(reasons(report))
    if not found:
        length = report.calibration.window or None
        pairs = joint_drift(reference, current, length=length, rate=OF_JOINT * FALSE_ALARMS)
        found = ["pairs"] if not isinstance(pairs, str) and pairs.drifted else []
    return found, report


def by_rules(report: DriftReport, reference: Summary, current: Summary) -> list[str]:
    """The rules of thumb by which any column would alarm, from the same bins; see RULES."""
    found = set()
    for column in report.columns:
        if column.cause in (Cause.LOST, Cause.TYPE):
            return list(RULES)
        if column.figures is None or column.name == reference.time:
            continue  # that time goes on is no news
        both = reference.rows * current.rows / (reference.rows + current.rows)
        chance = min(1.0, 2 * exp(-2 * both * (column.figures.kolmogorov_smirnov or 0.0) ** 2))
        tests = {
            "KS test, p < 0.05": chance < 0.05,
            "KS test, p < 0.05 over all columns (Bonferroni)": chance < 0.05 / len(report.columns),
            "PSI > 0.1": (column.figures.population_stability or 0.0) > 0.1,
            "PSI > 0.25": (column.figures.population_stability or 0.0) > 0.25,
            "Jensen-Shannon distance > 0.1": column.figures.jensen_shannon > 0.1,
        }
        found |= {rule for rule, hit in tests.items() if hit}
    return [rule for rule in RULES if rule in found]


# Other tools on two tables of 5 million rows, 14 numeric and 6 categorical columns, 3 of which have drifted (all found
# them); of the other 17, columns that alarm by the tool's own rule. Measured once, each in an environment of its own.
PEERS = (
    ("whylogs 1.6.4, p-values", "15"),
    ("nannyml 0.13.1, chunks beyond three standard deviations", "1 by most chunks, 7 by any"),
    ("TFDV 1.16.1, divergence above 0.03, set by hand", "4"),
    ("scipy, p < 0.05", "2"),
    ("alibi-detect 0.13, p < 0.05 a feature", "1"),
    ("deepchecks, all rows or its sample of 100,000", "0"),
    ("Evidently 0.7.23, distance of 0.1 or more, on 500,000 rows", "0"),
)
PEERS_DATA, PEERS_ROWS = "the tables of the peers", 1_000_000


@dataclass(frozen=True)
class Trial:
    """One run: a clean resample (no fault), or one with a fault in some columns; what alarmed, and which rules of thumb."""

    data: str
    seed: int
    fault: str
    columns: str
    alarms: list[str]
    rules: list[str]


def beside_peers(rows: int) -> Trial:
    """This check and the hand-written script on the tables of the peers: columns that alarm without a drift, and misses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", drift._make(rows)], cwd=folder, check=True, env=environment())
        ours, hand = (drift._said(script, folder) for script in (drift.OURS, drift.HAND))
    alarms, rules = (sorted(set(said["found"]) ^ set(drift.DRIFTED)) for said in (ours, hand))
    return Trial(PEERS_DATA, rows, "", "", alarms + ["pairs"] * bool(ours["joint"]), rules)


def trials(data: Data, seed: int, *, faults: bool) -> Iterator[Trial]:
    """One resample of a kind of data as it is, and with each fault; the reference is summarised once for all of them."""
    before, now = data.make(seed)
    reference = summary(before, time=data.time)
    current = summary(now, reference)
    alarms, report = judged(reference, current)
    yield Trial(data.name, seed, "", "", alarms, by_rules(report, reference, current))
    if not faults:
        return
    for name, case in cases(now, data, seed):
        faulty = case.apply(now).table
        if data.time is not None and data.time not in faulty.schema.names:
            continue  # a lost time column is an error, not a drift
        current = summary(faulty, reference)
        alarms, report = judged(reference, current)
        yield Trial(data.name, seed, name, "+".join(case.columns), alarms, by_rules(report, reference, current))


def cases(table: pa.Table, data: Data, seed: int) -> Iterator[tuple[str, Case]]:
    """One case of each fault, its columns drawn at random among those it can be put into at the size stated."""
    rng = np.random.default_rng(seed)
    head = table.slice(0, 500)
    for fault, size in sizes():
        choices = list(every_fault(head, label=data.label, time=data.time, faults=[fault], seed=seed))
        choices = [case for case in choices if _meant(case, data)]
        done = set()
        for place in rng.permutation(len(choices)):
            case = choices[place]
            name = fault.id + size
            if fault.id in OF_PAIRS:
                first = case.columns[0]
                name += ALONE if first in data.alone else WEAK if first in data.weak else ""
            if name in done:
                continue
            try:
                injected = case.apply(table)
            except InputError:
                continue
            if fault.id == "lost-day" and _at_end(table, injected.rows, case.columns[0]):
                name += AT_END
            # Not where a column has little that the fault could change: two digits less of numbers of two digits.
            wanted = getattr(fault, "share", 0.0)
            if name not in done and len(injected.rows) >= wanted * table.num_rows / 2:
                done |= {name, fault.id} if fault.id == "lost-day" else {name}
                yield name, case


def sizes() -> Iterator[tuple[Fault, str]]:
    """Each fault at its default size, and at the one stated for drift where that is another, in words."""
    for fault in catalogue():
        yield fault, ""
        if fault.id in STATED:
            yield sized(fault.id, **STATED[fault.id]), _size(fault.id)


def _size(name: str) -> str:
    return "".join(f", {key} {value:g}" for key, value in STATED[name].items())


def _at_end(table: pa.Table, rows: np.ndarray, time: str) -> bool:
    """Whether the day that is lost is the first or the last there was."""
    day = table.column(time).cast(pa.date32()).cast(pa.int32()).to_numpy()
    return bool({day[rows].min(), day[rows].max()} & {day.min(), day.max()})


def _meant(case: Case, data: Data) -> bool:
    """Whether drift detection can be asked for it: a lost time column is an error, and a day is lost by the time column."""
    if case.fault.id == "lost-column":
        return case.columns != (data.time,)
    return case.fault.id != "lost-day" or case.columns == (data.time,)


def measure(quick: bool, keep: Path | None = None) -> list[Trial]:
    """All trials, those of `keep` first; what is new is added to that file resample by resample."""
    runs, tries, hard = (2, 1, 1) if quick else (RUNS, TRIES, HARD_RUNS)
    found: list[Trial] = []
    if keep is not None and keep.exists():
        found = [Trial(**json.loads(line)) for line in keep.read_text(encoding="utf-8").splitlines()]
    done = {(trial.data, trial.seed) for trial in found}
    # In turn, so that a run that is stopped tells of both.
    each = (runs - tries) // tries
    seeds = [s for n in range(tries) for s in (n, *range(WITH_FAULTS + n * each, WITH_FAULTS + (n + 1) * each))]
    plan = [(data, seed, seed < tries) for seed in seeds for data in MAIN]
    chosen = HARD[:1] if quick else HARD
    plan += [(data, seed, False) for seed in range(hard) for data in chosen if seed < (data.most or hard)]
    for number, (data, seed, faults) in enumerate(plan):
        if (data.name, seed) in done:
            continue
        new = list(trials(data, seed, faults=faults))
        found += new
        _add(keep, new)
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{len(plan)} resamples", end="", file=sys.stderr)
    if not quick and not any(trial.data == PEERS_DATA for trial in found):
        found.append(beside_peers(PEERS_ROWS))
        _add(keep, found[-1:])
    return found


def _add(keep: Path | None, new: Sequence[Trial]) -> None:
    if keep is not None:
        with keep.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(trial)) + "\n" for trial in new)


# --- Tables ----------------------------------------------------------------------------------------------------------


def clean_rows(found: Sequence[Trial]) -> list[dict[str, Any]]:
    """False alarms of each kind of clean data."""
    rows = []
    for data in (*MAIN, *HARD):
        of = [trial for trial in found if trial.data == data.name and not trial.fault]
        if not of:
            continue
        alarms = sum(bool(trial.alarms) for trial in of)
        why = Counter(reason for trial in of for reason in trial.alarms).most_common(4)
        rate = share_of(alarms, len(of))
        rows.append(
            {"data": data.name, "runs": len(of), "alarms": alarms, "low": rate.low, "high": rate.high, "why": why}
        )
        if data is MAIN[-1]:
            runs, alarms = (sum(row[what] for row in rows) for what in ("runs", "alarms"))
            rate = share_of(alarms, runs)
            rows.append({"data": BOTH, "runs": runs, "alarms": alarms, "low": rate.low, "high": rate.high, "why": []})
    return rows


def fault_rows(found: Sequence[Trial], data: Data) -> list[dict[str, Any]]:
    """Detection of each fault in a kind of data."""
    rows = []
    for fault in [each.id + size + more for each, size in sizes() for more in ("", *BEYOND)]:
        of = [trial for trial in found if trial.data == data.name and trial.fault == fault]
        if not of and (fault.endswith(BEYOND) or not any(t.fault for t in found)):
            continue
        missed = Counter(trial.columns or "rows" for trial in of if not trial.alarms)
        tried = Counter(trial.columns or "rows" for trial in of)
        hits = sum(bool(trial.alarms) for trial in of)
        rate = share_of(hits, len(of))
        named = [(name, count, tried[name]) for name, count in missed.most_common(5)]
        stated = not fault.endswith(BEYOND) and fault not in STATED
        row = {"fault": fault, "runs": len(of), "hits": hits, "low": rate.low, "high": rate.high, "missed": named}
        rows.append({**row, "stated": stated})
    return rows


def rule_rows(found: Sequence[Trial]) -> list[dict[str, Any]]:
    """False alarms and detection by rules of thumb on the same data, and by this check."""
    rows = []
    for rule in ("", *RULES):
        row: dict[str, Any] = {"rule": rule or "this check"}
        for data in MAIN:
            of = [trial for trial in found if trial.data == data.name]
            hit = [bool(trial.alarms) if not rule else rule in trial.rules for trial in of]
            for what, chosen in (("clean", False), ("faults", True)):
                picked = [seen for seen, trial in zip(hit, of, strict=True) if bool(trial.fault) is chosen]
                row[f"{what}, {data.name}"] = (sum(picked), len(picked))
        rows.append(row)
    return rows


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: false alarms a run, and faults detected at 95 % or more."""
    found = measure(quick)
    cleans = clean_rows(found)
    rows = []
    for row in cleans[: len(MAIN) + 1]:
        share = 100 * row["alarms"] / row["runs"]
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
        of = [row for row in fault_rows(found, data) if row["runs"] and row["stated"]]
        missed = [row["fault"] for row in of if row["hits"] < DETECTION * row["runs"]]
        rows.append(
            {
                "what": f"faults that drift detects in 95 % of runs or more, {data.name}",
                "figure": len(of) - len(missed),
                "unit": "",
                "limit": len(of),
                "sign": "≥",
                "met": not missed,
                "detail": f"missed: {'; '.join(missed)}" if missed else "none missed",
            }
        )
    faults = {data.name: fault_rows(found, data) for data in MAIN}
    page = {"path": "docs/data/detection.md", "section": "detection", "text": tables(found)}
    return {"rows": rows, "clean": cleans, "faults": faults, "rules": rule_rows(found), "page": page}


def _interval(row: dict[str, Any]) -> str:
    return f"{100 * row['low']:.1f}–{100 * row['high']:.1f} %"


def tables(found: Sequence[Trial]) -> str:
    """The tables as Markdown."""
    lines = ["| clean data | runs | alarms | rate, 95 % interval | what alarmed |", "|---|---|---|---|---|"]
    for row in clean_rows(found):
        why = ", ".join(f"{name} ({count})" for name, count in row["why"])
        rate = f"{100 * row['alarms'] / row['runs']:.1f} %, {_interval(row)}"
        lines.append(f"| {row['data']} | {row['runs']} | {row['alarms']} | {rate} | {why} |")
    for data in MAIN:
        lines += ["", f"| fault in {data.name} | runs | detected, 95 % interval | missed in |", "|---|---|---|---|"]
        for row in fault_rows(found, data):
            if not row["runs"]:
                lines.append(f"| {row['fault']} | 0 | does not apply | |")
                continue
            missed = ", ".join(f"{name} ({count} of {tried})" for name, count, tried in row["missed"])
            share = f"{100 * row['hits'] / row['runs']:.0f} %"
            share = share if row["hits"] >= DETECTION * row["runs"] or not row["stated"] else f"**{share}**"
            lines.append(f"| {row['fault']} | {row['runs']} | {share}, {_interval(row)} | {missed} |")
    heads = [f"{what}, {data.name}" for what in ("clean", "faults") for data in MAIN]
    names = {head: ("false alarms" if head.startswith("clean") else "runs with a fault that alarm") for head in heads}
    lines += ["", f"| rule | {' | '.join(names[head] + ',' + head.partition(',')[2] for head in heads)} |"]
    lines.append("|---|" + "---|" * len(heads))
    for row in rule_rows(found):
        cells = [f"{100 * hits / runs:.1f} %" if runs else "" for hits, runs in (row[head] for head in heads)]
        lines.append(f"| {row['rule']} | {' | '.join(cells)} |")
    for trial in [each for each in found if each.data == PEERS_DATA]:
        lines += ["", "| tool | alarms among 17 columns that did not drift |", "|---|---|"]
        lines += [f"| {tool} | {alarms} |" for tool, alarms in PEERS]
        lines.append(f"| a script on DuckDB, distance above 0.1 | {len(trial.rules)} |")
        lines.append(f"| **this check**, {trial.seed:,} rows | {len(trial.alarms)} |")
    return "\n".join(lines)


def main() -> int:
    """Measure and print; with --write into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few runs: shows that it works, not the figures")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {DOCS.name}")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep each resample's outcome, and go on from there")
    given = parser.parse_args()
    text = tables(measure(given.quick, given.keep))
    print(text)
    if given.write:
        DOCS.write_text(with_table(DOCS.read_text(encoding="utf-8"), text, START, END), encoding="utf-8")
    print(f"{time.process_time():.0f} s of processor time", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
