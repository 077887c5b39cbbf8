"""Telling reports, made by the real core from synthetic evidence and a small fixed rubric."""

from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest

from mlscore.core.advise import advise
from mlscore.core.attestation import Attestation, Waiver, WaiverReason, attestation_evidence, expiry_diagnostics
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import (
    Diagnostic,
    Evidence,
    Location,
    Outcome,
    Proof,
    ProofKind,
    Severity,
    Source,
    SourceKind,
    Value,
)
from mlscore.core.gate import judge
from mlscore.core.policy import GatePolicy, MustHave, Threshold
from mlscore.core.report import SCHEMA, ProjectFacts, Report, RubricRef, RunFacts, Tool, Unplaced
from mlscore.core.rubric import Band, Item, Level, Rubric, Scoring, Section
from mlscore.core.score import score, score_diagnostics

TODAY = date(2026, 6, 1)
WORKFLOW = Proof(
    ProofKind.WORKFLOW,
    "GitHub Actions runs it on push",
    (Location(".github/workflows/ci.yml", 31), Location("Makefile", 12)),
)

TITLES = {
    "data": (
        "A schema states what features may look like",
        "Every feature earns its place",
        "No feature costs more than it gives",
        "Features keep to the rules set for them",
        "Personal data stays protected in the pipeline",
        "A new feature is in production within days",
        "The code that makes features is tested",
    ),
    "model": (
        "Model code is reviewed before it counts",
        "Offline gains show online",
        "Hyperparameters were searched, not guessed",
        "What an old model costs is known",
        "A simpler model was tried and is worse",
        "Quality holds on every slice that matters",
        "Groups of people are treated alike",
    ),
    "infra": (
        "Training twice gives the same model",
        "Model code has unit tests",
        "The whole pipeline runs in a test",
        "A model is judged before it serves",
        "One prediction can be followed step by step",
        "A new model sees a little traffic first",
        "The last model can come back at once",
    ),
    "monitor": (
        "A changed dependency raises its hand",
        "Inputs keep their invariants in training and serving",
        "Training and serving compute the same",
        "The age of the model is watched",
        "NaN and infinity are caught",
        "Speed and memory are watched",
        "The quality of predictions is watched",
    ),
}
SECTIONS = {
    "data": "Features and data",
    "model": "Model development",
    "infra": "Infrastructure",
    "monitor": "Monitoring",
}
BANDS = (
    ("0", "Research", "More research than product.", None, "0"),
    ("1", "Serious holes", "Something is tested, but serious holes must be expected.", "0", "1"),
    ("2", "First steps", "The first steps to production are made; more is needed.", "1", "2"),
    ("3", "Reasonably tested", "Tests cover a fair part; more of them could run by themselves.", "2", "3"),
    ("4", "Strong", "Automated tests and monitoring hold up what must not fail.", "3", "5"),
    ("5", "Exceptional", "Hardly anything could break unseen.", "5", None),
)


def make_items(titles):
    return tuple(
        Item(
            id=f"{section}-{number}",
            section=section,
            title=title,
            question=f"Does it hold that: {title}?",
            why="Faults here are found late, and by users.",
            how=("Write down what you expect.", "Compare it with what you see, on every run."),
            manual="Someone does it by hand and tells the team the result.",
            automated="CI runs it on every change.",
            pitfall="A test that only checks that the file exists.",
            references=("Breck et al. 2017, section II",),
            recipe=f'@pytest.mark.mlscore("{section}-{number}")\ndef test_it(frame):\n    assert frame["x"].min() > 0\n',
        )
        for section, of in titles.items()
        for number, title in enumerate(of, 1)
    )


def make_rubric(**changes):
    levels = (
        Level("none", Fraction(0), "not done"),
        Level("manual", Fraction(1, 2), "done by hand"),
        Level("automated", Fraction(1), "runs by itself"),
    )
    bands = tuple(
        Band(f"band-{name}", title, reading, above=above and Fraction(above), at_most=most and Fraction(most))
        for name, title, reading, above, most in BANDS
    )
    sections = tuple(Section(name, title) for name, title in SECTIONS.items())
    base = Rubric(
        "ml-test-score",
        "1",
        "ML Test Score",
        "",
        "en",
        levels,
        bands,
        Scoring("sum", "min"),
        sections,
        make_items(TITLES),
    )
    return replace(base, **changes)


def workshop():
    """The 2016 scale: 0, 1 and 2 points, and no band for 11."""
    levels = tuple(Level(name, Fraction(points), name) for points, name in enumerate(("none", "manual", "automated")))
    ranges = (("0", None), ("1", "2"), ("3", "4"), ("5", "6"), ("7", "10"), ("12", None))
    bands = tuple(
        Band(
            f"band-{low}",
            title,
            reading,
            at_least=Fraction(low),
            at_most=Fraction(high or low) if low != "12" else None,
        )
        for (low, high), (_, title, reading, _, _) in zip(ranges, BANDS, strict=True)
    )
    return make_rubric(id="ml-test-score-2016", title="ML Test Score (2016)", levels=levels, bands=bands)


def ladder():
    """Three stages, one after the other."""
    stages = {"data": "1 By hand", "infra": "2 Pipeline", "monitor": "3 Watched"}
    sections = tuple(Section(name, title) for name, title in stages.items())
    items = make_items({name: TITLES[name][:3] for name in stages})
    return make_rubric(
        id="team-ladder", title="Our ladder", bands=(), scoring=Scoring("sum", "ladder"), sections=sections, items=items
    )


def thirds():
    """A mean of thirds: a total that no decimal says exactly."""
    levels = (Level("none", Fraction(0), ""), Level("manual", Fraction(1, 3), ""), Level("automated", Fraction(1), ""))
    sections = (Section("data", "Data"), Section("model", "Model"), Section("infra", "Infra"))
    items = make_items({name: TITLES[name][:3] for name in ("data", "model", "infra")})
    return make_rubric(
        id="thirds",
        title="Thirds",
        levels=levels,
        bands=(),
        scoring=Scoring("sum", "mean"),
        sections=sections,
        items=items,
    )


def case_of(item, name=None, outcome=Outcome.PASSED, summary="", *, proofs=(WORKFLOW,), missing=(), values=(), line=41):
    section = item.partition("-")[0]
    path = f"tests/{section}/test_{section}.py"
    return Evidence(
        item,
        Source(SourceKind.TEST, f"{path}::{name or 'test_' + item.replace('-', '_')}"),
        outcome,
        summary,
        Location(path, line),
        values,
        "2026-06-01T08:00:00Z",
        proofs,
        missing,
    )


def statement(item, owner="team-data", *, days=100, what="compared by hand", found=True, line=20):
    made = TODAY - timedelta(days=60)
    return Attestation(
        item,
        owner,
        made,
        what,
        f"docs/{item}.md",
        TODAY + timedelta(days=days),
        found,
        Location("pyproject.toml", line),
    )


def make_report(
    evidence=(),
    *,
    rubric=None,
    statements=(),
    waivers=(),
    policy=None,
    run=None,
    diagnostics=(),
    unplaced=(),
    name="flights",
):
    """The pure line, from evidence to report."""
    rubric = rubric or make_rubric()
    evidence = [*evidence, *(attestation_evidence(a, TODAY) for a in statements)]
    items = evaluate(rubric, evidence, waivers=waivers, today=TODAY)
    result = score(rubric, items)
    run = run or RunFacts("pytest", "GitHub Actions", tests=61, marked=len(evidence))
    told = (
        *diagnostics,
        *expiry_diagnostics(tuple(statements), tuple(waivers), TODAY),
        *score_diagnostics(rubric, result),
    )
    return Report(
        schema=SCHEMA,
        tool=Tool("mlscore", "0.1.0"),
        project=ProjectFacts(name, "3f2c1ab90d4e5f60718293a4b5c6d7e8f9012345", "main", False, "batch"),
        rubric=RubricRef(rubric.id, rubric.version, rubric.digest, rubric.title),
        generated_at="2026-06-01T08:05:00Z",
        run=run,
        score=result,
        items=items,
        gate=judge(policy or GatePolicy(), rubric, result, items, run, told),
        next=advise(rubric, items, result),
        unplaced=tuple(unplaced),
        diagnostics=told,
    )


def all_items(rubric=None):
    return [case_of(item.id) for item in (rubric or make_rubric()).items]


def good():
    policy = GatePolicy(profile="production", fail_under=Threshold(Fraction(5, 2), origin="pyproject.toml:12"))
    return make_report(all_items(), policy=policy)


FAILING = (
    case_of("data-1", "test_feature_ranges"),
    case_of("data-2", "test_ablation_keeps_every_feature"),
    case_of("data-7", "TestFeatures::test_hour_of_day[2013-01-01 00:00]"),
    case_of("data-7", "TestFeatures::test_distance"),
    case_of("model-3", "test_search_is_not_at_its_edge", proofs=(), missing=("no live CI workflow runs it",)),
    case_of("model-5", "test_beats_the_mean", values=(Value("rmse", 38.2, "minutes", 40.5), Value("rows", 336776))),
    case_of("model-6", "test_each_carrier", Outcome.FAILED, "AssertionError: carrier OO: rmse 71.4 > 60"),
    case_of("infra-1", "test_two_trainings_agree"),
    case_of("infra-2", "test_one_step_lowers_the_loss"),
    case_of("infra-3", "test_pipeline_from_end_to_end"),
    case_of("infra-4", "test_the_gate_refuses_a_bad_model"),
    case_of("infra-7", "test_rollback", Outcome.SKIPPED, "needs a registry"),
    case_of("monitor-2", "test_serving_checks_the_schema"),
    case_of("monitor-3", "test_served_rows_recomputed", Outcome.ERROR, "fixture 'served' failed: FileNotFoundError"),
    case_of("monitor-5", "test_no_nan", Outcome.HOLLOW, "0 <= share <= 1 holds for every share", line=77),
)
STATEMENTS = (
    statement("data-5", "team-privacy", what="the deletion drill"),
    statement("model-1", "ml-platform", days=12, line=28),
    statement("model-4", "ml-platform", days=-31, line=36),
    statement("monitor-4", "on-call", days=170, line=44),
)


def failing():
    policy = GatePolicy(
        profile="production",
        fail_under=Threshold(Fraction(5, 2), origin="pyproject.toml:12"),
        floors=(Threshold(Fraction(2), "infra", "pyproject.toml:13"),),
        must_have=(MustHave("model-6", origin="pyproject.toml:14"), MustHave("infra-7", origin="pyproject.toml:14")),
    )
    waiver = Waiver("infra-6", WaiverReason.PLANNED, "after the move", "ml-platform", TODAY, date(2026, 9, 1))
    hollow = Diagnostic(
        Severity.WARNING,
        "hollow",
        "tests/monitor/test_monitor.py::test_no_nan: 0 <= share <= 1 holds for every share",
        Location("tests/monitor/test_monitor.py", 77),
        "assert on a result that a fault would change, or answer the finding with a reason",
    )
    unplaced = Unplaced(
        "tests/test_data.py::test_shape", "data", "data-1", "the file's name", Location("tests/test_data.py", 3)
    )
    return make_report(
        FAILING, statements=STATEMENTS, waivers=(waiver,), policy=policy, diagnostics=(hollow,), unplaced=(unplaced,)
    )


def partial():
    run = RunFacts(
        "pytest",
        None,
        tests=12,
        marked=3,
        partial=("-k schema",),
        unreached=("infra-3", "infra-4", "monitor-2", "monitor-3"),
    )
    left = [
        replace(e, outcome=Outcome.NOT_RUN, summary="deselected") if e.item in run.unreached else e
        for e in FAILING[:13]
    ]
    return make_report(left, run=run, policy=GatePolicy(fail_under=Threshold(Fraction(2))))


def broken():
    run = RunFacts("pytest", "GitLab CI", tests=40, marked=12, errors=("tests/monitor/test_monitor.py",))
    error = Diagnostic(
        Severity.ERROR,
        "collection-error",
        "tests/monitor/test_monitor.py could not be collected: its tests are unknown and the score is not valid",
        Location("tests/monitor/test_monitor.py"),
    )
    return make_report(FAILING[:12], run=run, diagnostics=(error,))


def hollow():
    told = [
        Diagnostic(
            Severity.WARNING,
            "hollow",
            f"tests/data/test_data.py::test_{n}: no assertion",
            Location("tests/data/test_data.py", n),
        )
        for n in range(1, 8)
    ]
    found = [case_of(f"data-{n}", f"test_{n}", Outcome.HOLLOW, "no assertion", line=n) for n in range(1, 8)]
    return make_report(found, diagnostics=told, policy=GatePolicy(strict=True))


def waived():
    waivers = tuple(
        Waiver(
            f"monitor-{n}",
            WaiverReason.NOT_APPLICABLE,
            "a batch job without traffic",
            "ml-platform",
            TODAY,
            date(2026, 6, 20),
        )
        for n in range(1, 8)
    )
    rest = [e for e in all_items() if not e.item.startswith("monitor")]
    return make_report(rest, waivers=waivers, policy=GatePolicy(fail_under=Threshold(Fraction(1))))


def workshop_eleven():
    rubric = workshop()
    found = all_items(rubric)
    less = [replace(e, proofs=()) if e.item in ("data-1", "data-2", "data-3") else e for e in found]
    return make_report(less, rubric=rubric)


def ladder_one():
    rubric = ladder()
    return make_report([e for e in all_items(rubric) if e.item != "infra-2"], rubric=rubric)


def thirds_seven():
    rubric = thirds()
    manual = ("data-1", "data-2", "data-3")
    return make_report([replace(e, proofs=()) if e.item in manual else e for e in all_items(rubric)], rubric=rubric)


def empty():
    return make_report(run=RunFacts("pytest", None), name="new")


REPORTS = {
    "good": good,
    "failing": failing,
    "partial": partial,
    "broken": broken,
    "hollow": hollow,
    "waived": waived,
    "workshop-eleven": workshop_eleven,
    "ladder": ladder_one,
    "thirds": thirds_seven,
    "empty": empty,
}


def rewritten(value, change):
    """The value with every text in it changed, at any depth; words of the tool's own (enums) stay."""
    if is_dataclass(value):
        return replace(value, **{f.name: rewritten(getattr(value, f.name), change) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(rewritten(one, change) for one in value)
    return change(value) if type(value) is str else value


HOSTILE = (
    "\x1b[31m", "\x1b]0;x\x07", "\x1b[", "\x07", "\x00", "\u202e", "\u200f", "\udcff", "\ufffe", "|", "\\|", "`", "```",
    "<b>", "</details>", "<script>", "<!-- mlscore:end -->", "<!-- mlscore -->", "&amp;", "](http://a.example)", "![x](y)",
    "**", "_", "~~", "$x$", "@team", "#1", "::error::x", "##[group]", "%0A", "\n", "\r\n", "\u2028", "\t", "é", "表", "😀",
    "\u0301", "]]>", '"', "'", "x" * 200,
)  # fmt: skip


@pytest.fixture(scope="session")
def make():
    """What the reports are made of."""
    return SimpleNamespace(
        report=make_report,
        rubric=make_rubric,
        case=case_of,
        statement=statement,
        all_items=all_items,
        rewritten=rewritten,
        hostile=HOSTILE,
        ladder=ladder,
        proof=WORKFLOW,
    )


@pytest.fixture(params=HOSTILE, ids=ascii)
def hostile_report(request, reports):
    """The failing report with one hostile text in every place that text can have."""
    return rewritten(reports["failing"], lambda text: f"{text}{request.param}{text}")


@pytest.fixture(scope="session")
def reports():
    """Every telling report by its name."""
    return {name: make() for name, make in REPORTS.items()}


@pytest.fixture(params=list(REPORTS))
def report(request, reports):
    """Each telling report in turn."""
    return reports[request.param]
