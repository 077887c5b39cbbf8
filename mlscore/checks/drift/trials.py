"""The tests of one run: the distance of each question's answers to the reference, and the steps between windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mlscore.checks.drift import clock, windows
from mlscore.checks.drift.calibrate import LEAST_WINDOWS, Distances, level_per_test, missing_noise, noise, threshold
from mlscore.checks.drift.report import Calibration, Trial
from mlscore.checks.drift.summary import ColumnSummary, Facet, Summary
from mlscore.checks.drift.windows import Cut, Floats
from mlscore.tables.shapes import Unit

# The least effects that matter: of the Jensen-Shannon distance (0.05 is a PSI of about 0.014), and of a rate.
FLOOR = 0.05
RATE_FLOOR = 0.005
# Of repeated values: they come in crowds, so that a few of these are soon half a per cent of the rows.
REPETITION_FLOOR = 0.02
# The same where no windows of the reference tell what is usual.
FLOOR_UNCALIBRATED = 0.1
RATE_FLOOR_UNCALIBRATED = 0.02
# How the false alarm rate is dealt out: distributions, steps; the rest is for rows and for the joint test.
OF_LEVELS, OF_STEPS, OF_ROWS, OF_JOINT = 0.6, 0.2, 0.1, 0.1
# A window spans at most this part of the reference, so that some fit side by side; longer current data varies less.
PART = 8
PARTS_OF_STEPS = 12
LONGEST_STEP = {Unit.HOUR.value: 24, Unit.DAY.value: 7}
MISSING = "difference of missing rates"
OUTSIDE = "difference of the rates of values outside the reference's range"
REPEATED = "difference of the rates of values that many rows of a day share"
RATES = (MISSING, OUTSIDE, REPEATED)
DISTANCE = "Jensen-Shannon distance"

# What the calendar moves from block to block anyway: no step in it is news.
CALENDAR = ("weekday", "day of month")

Measure = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class Track:
    """One test before its threshold is known: both sides' counts, in total and by block, as the measure wants them."""

    column: str
    aspect: str
    measure: str
    reference: Floats
    current: Floats
    reference_blocks: Floats
    current_blocks: Floats

    @property
    def of(self) -> Measure:
        """The measure as a function of arrays."""
        return windows.rate_difference if self.measure in RATES else windows.jensen_shannon

    @property
    def weights(self) -> Floats:
        """What deviations of the shares are multiplied by before they are squared, as the measure does."""
        total = float(self.reference.sum())
        shares = self.reference / total if total else np.ones(len(self.reference))
        if self.measure in RATES:
            return np.array([1.0, 0.0])
        return np.asarray(1 / np.sqrt(np.where(shares > 0, shares, 1.0)), dtype=np.float64)

    @property
    def effect(self) -> float:
        """The distance of the current data to the reference; 0 where a side is empty."""
        value = float(self.of(self.reference, self.current))
        return 0.0 if np.isnan(value) else value


def tracks(reference: ColumnSummary, current: ColumnSummary) -> list[Track]:
    """The tests of one column: the missing rate, then the answers to each question."""
    made = []
    for number, (facet, now) in enumerate(_pairs(reference, current)):
        totals = [np.array(side.coarsen(side.total), dtype=np.float64) for side in (facet, now)]
        blocks = [np.array(side.blocks, dtype=np.float64).reshape(-1, facet.coarse_size + 3) for side in (facet, now)]
        if number == 0:
            rates = [_missing(part) for part in (*totals, *blocks)]
            made.append(Track(reference.name, "missing", MISSING, *rates))
        if facet.aspect == "value" and len(facet.edges) > 1:
            beyond = [_outside(part) for part in (*totals, *blocks)]
            made.append(Track(reference.name, "outside", OUTSIDE, *beyond))
        if facet.aspect == "repetition":
            crowds = [part[..., [1, 0]] for part in (*totals, *blocks)]
            made.append(Track(reference.name, facet.aspect, REPEATED, *crowds))
        elif facet.coarse_size > 1 or (facet.coarse_size == 1 and not facet.ordered):
            made.append(Track(reference.name, facet.aspect, DISTANCE, *(part[..., :-2] for part in (*totals, *blocks))))
    return made


def _pairs(reference: ColumnSummary, current: ColumnSummary) -> list[tuple[Facet, Facet]]:
    found = {facet.aspect: facet for facet in current.facets}
    return [(facet, found[facet.aspect]) for facet in reference.facets if facet.aspect in found]


def _outside(counts: Floats) -> Floats:
    """The last axis as (below or above all that the reference's sample had, within)."""
    beyond = counts[..., 0] + counts[..., -4]
    return np.stack([beyond, counts[..., :-3].sum(axis=-1) - beyond], axis=-1)


def _missing(counts: Floats) -> Floats:
    """The last axis as (missing, present)."""
    missing = counts[..., -2:].sum(axis=-1)
    return np.stack([missing, counts[..., :-2].sum(axis=-1)], axis=-1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How windows are cut for this pair of tables.

    `length`: blocks of a window of the level tests, 0 without windows. `step`: blocks on each side of a step, 0 without
    steps. `span`: blocks that the current data spans. `follows`: the current data begins where the reference ends.
    """

    length: int
    step: int
    span: int
    follows: bool
    windows: int
    unit: str


def plan(reference: Summary, current: Summary) -> Plan:
    """How the reference is cut into windows that are like the current data."""
    blocks = len(reference.blocks)
    if reference.unit == "rows":
        span = max(1, round(current.rows / (reference.block_rows or 1)))
        follows = False
    elif not current.blocks:
        return Plan(0, 0, 0, False, 0, reference.unit)
    else:
        unit = Unit(reference.unit)
        first, last = (clock.number_of(current.blocks[end], Unit(current.unit)) for end in (0, -1))
        span = round((last - first + 1) * clock.SECONDS[Unit(current.unit)] / clock.SECONDS[unit]) or 1
        follows = bool(blocks) and current.unit == reference.unit
        follows = follows and first - clock.number_of(reference.blocks[-1], unit) in (0, 1)
    length = min(span, max(1, blocks // PART))
    fit = blocks // length
    if fit < LEAST_WINDOWS:
        length = fit = 0
    step = (
        min(span, blocks // PARTS_OF_STEPS, LONGEST_STEP.get(reference.unit, blocks))
        if current.unit == reference.unit
        else 0
    )
    return Plan(length, step, span, follows, fit, reference.unit)


def level_trials(
    found: list[Track], cut: Plan, rate: float, floor: float, seed: int
) -> tuple[list[Track], list[Trial], float]:
    """The tracks that can be tested, a trial of each at a rate over all of them, and the rate that each may spend."""
    distances: list[Floats | None] = []
    for number, track in enumerate(found):
        rows = float(track.current.sum())
        values = None
        if cut.length and track.reference_blocks.sum():
            window = Cut(cut.length, cut.step, max(1.0, rows))
            values = windows.level(track.reference_blocks, window, track.of, np.random.default_rng((seed, number)))
        distances.append(None if values is None or np.isnan(values).all() else values)
    # Without windows that show the calendar, what it moves cannot be told from drift.
    kept = [n for n, track in enumerate(found) if distances[n] is not None or track.aspect not in CALENDAR]
    found, distances = [found[n] for n in kept], [distances[n] for n in kept]
    usable = [values for values in distances if values is not None]
    share = rate * len(usable) / max(1, len(found))
    level = level_per_test(usable, cut.windows, share, seed) if usable else rate / max(1, len(found))
    rng = np.random.default_rng((seed, len(found)))
    known: dict[tuple[float, float, float], float] = {}
    trials = []
    for number, (track, values) in enumerate(zip(found, distances, strict=True)):
        calibrated = values is not None
        usual = None
        if values is not None:
            long, single, short = _distances(track, values, cut, number, seed)
            usual = threshold(long, single, level, short)
        least = _floor(track.measure, floor, calibrated=calibrated)
        chance = _noise(track, track.reference, float(track.current.sum()), level, least, rng, known)
        limit = min(1.0, max(least, chance, usual or 0.0))
        effect = track.effect
        trials.append(Trial(track.aspect, track.measure, effect, limit, least, chance, usual, drifted=effect > limit))
    return found, trials, level


def _distances(
    track: Track, values: Floats, cut: Plan, number: int, seed: int
) -> tuple[Distances, Distances | None, Distances | None]:
    """The distances of windows with their worth; of single blocks, and of short runs of them, where windows are longer."""
    long = Distances(values, windows.worth(track.reference_blocks, cut.length, track.weights), cut.length)
    if cut.length == 1:
        return long, None, None
    rng = np.random.default_rng((seed, number, 1))
    made = []
    for length in (1, min(LONGEST_STEP.get(cut.unit, 1), max(1, cut.length // 2))):
        rows = max(1.0, float(track.current.sum()) * length / max(cut.span, 1))
        shorter = windows.level(track.reference_blocks, Cut(length, cut.step, rows), track.of, rng)
        made.append(Distances(shorter, windows.worth(track.reference_blocks, length, track.weights), length))
    return long, made[0], made[1]


def with_steps(
    found: list[Track], trials: list[Trial], reference: Summary, current: Summary, cut: Plan, rate: float, seed: int
) -> list[Trial]:
    """The trials with the largest step of each, and drift where it is greater than usual.

    A step is the distance between neighbouring windows, at each block at which the later window is of current data.
    """
    blocks = len(reference.blocks)
    independent = blocks // (2 * cut.step) if cut.step else 0
    lead = cut.step if cut.follows else 0
    places = len(current.blocks) + lead - 2 * cut.step + 1 if cut.step else 0
    if independent < LEAST_WINDOWS or places < 1 or not found:
        return trials
    # Steps at places less than a window apart look at mostly the same blocks.
    level = rate / len(found) / max(1.0, places / cut.step)
    rng = np.random.default_rng((seed, 7))
    known: dict[tuple[float, float, float], float] = {}
    made = []
    for track, trial in zip(found, trials, strict=True):
        if track.aspect in CALENDAR or not track.reference_blocks.sum() or not track.current_blocks.sum():
            made.append(trial)
            continue
        size = max(1.0, float(track.current_blocks.sum()) / max(1, int((track.current_blocks.sum(axis=-1) > 0).sum())))
        before = windows.thinned(track.reference_blocks, size, rng)
        worth = windows.worth_of_steps(before, cut.step, track.weights)
        neighbours = Distances(windows.steps(before, cut.step, track.of), worth, cut.step)
        usual = threshold(neighbours, None, level, neighbours)
        series = np.concatenate([before[len(before) - lead :], track.current_blocks]) if lead else track.current_blocks
        steps = windows.steps(series, cut.step, track.of)
        if not len(steps) or np.isnan(steps).all():
            made.append(trial)
            continue
        at = int(np.nanargmax(steps))
        window = track.reference * (size * cut.step / max(1.0, float(track.reference.sum())))
        least = trial.floor
        limit = min(1.0, max(usual, least, _noise(track, window, size * cut.step, level, least, rng, known)))
        step = float(steps[at])
        made.append(
            replace(
                trial,
                step=step,
                usual_step=limit,
                since=current.blocks[at + cut.step - lead] if step > limit and not trial.drifted else trial.since,
                drifted=trial.drifted or step > limit,
            )
        )
    return made


def _floor(measure: str, floor: float, *, calibrated: bool) -> float:
    if measure == REPEATED:
        return REPETITION_FLOOR
    if measure in RATES:
        return RATE_FLOOR if calibrated else RATE_FLOOR_UNCALIBRATED
    return floor if calibrated else max(floor, FLOOR_UNCALIBRATED)


def _noise(
    track: Track,
    counts: Floats,
    rows: float,
    level: float,
    floor: float,
    rng: np.random.Generator,
    known: dict[tuple[float, float, float], float],
) -> float:
    """What chance alone gives so few rows; bounds that the floor covers anyway are not worked out."""
    if track.measure not in RATES:
        return noise(counts, rows, level, rng)
    missing, total = float(counts[0]), float(counts.sum())
    key = (round(missing, 3), round(total, 3), rows)
    if key not in known:
        known[key] = missing_noise(missing, total, rows, level, floor, rng)
    return known[key]


def calibration(reference: Summary, cut: Plan, tests: int, level: float) -> Calibration:
    """What the thresholds stand on, for the report."""
    return Calibration(reference.unit, len(reference.blocks), cut.length, cut.windows, tests, level, cut.follows)
