"""Planted decay is measured and held against the age that is allowed; none is found where there is none."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks import check_staleness, read_staleness, write_staleness
from mlscore.checks.staleness import as_result
from mlscore.checks.staleness.picture import markdown
from mlscore.checks.staleness.shapes import StalenessReport, Window
from mlscore.checks.staleness.verdict import Verdict
from mlscore.core.codec import decode, dumps, loads
from mlscore.errors import InputError, OutputError


@pytest.fixture(scope="module")
def drifting(make_world):
    return make_world(rate=0.01)


@pytest.fixture(scope="module")
def steady(make_world):
    return make_world()


@pytest.fixture
def judge(refit):
    def call(rows, **more):
        return check_staleness(rows, time="day", refit=refit, **more)

    return call


def test_models_that_may_become_too_old_fail(judge, drifting):
    # Labels are wrong in a tenth of rows, so that a day costs 0.8 * 0.01 / pi; 0.07 more is exceeded after 27 days.
    loss = judge(drifting, most_loss=1.0, max_age=60).loss
    report = judge(drifting, most_loss=loss + 0.07, max_age=60)
    assert not report.passed
    assert report.limit_low < 0.07 * np.pi / 0.008 < report.limit_high
    assert report.limit_days == pytest.approx(27.5, rel=0.25)
    assert report.findings[0].startswith("models are too old after 31.66 days (24.68 to 42.23)")
    assert "and may become 60 days: the error is then more than 0.07 greater" in report.findings[0]
    result = as_result(report)
    assert result.outcome == "failed"
    assert decode(StalenessReport, loads(dumps(result.details), where="it"), where="it").limit_days == report.limit_days
    increases = [point.worse.value for point in report.points]
    assert increases[-1] == pytest.approx(0.008 * 72 / np.pi, rel=0.2)
    assert report.points[-1].worse.low > 0


def test_models_that_are_young_enough_pass(judge, drifting):
    report = judge(drifting, most_increase=0.2, max_age=10)
    assert report.passed
    assert report.hollow is None
    assert as_result(report).outcome == "passed"
    report = judge(drifting, most_increase=0.2, max_age=20, step=12)
    assert report.passed
    assert report.limit_days > 20
    assert as_result(report).summary.startswith("models are too old after ")


def test_without_decay_nothing_is_found(judge, steady):
    report = judge(steady, most_increase=0.2, max_age=60)
    assert report.passed
    assert report.hollow is None
    assert report.limit_days is None
    assert as_result(report).summary == "models stay within the limit up to 72 days, and may become 60"
    assert any(note.endswith("for certain not up to 72 days") for note in report.notes)


def test_a_fall_at_once(judge, make_world):
    rows = make_world(jump=280)
    report = judge(rows, most_increase=0.5, max_age=40, train=10, step=10, ages=6, origins=5)
    assert not report.passed
    assert report.limit_high is None or report.limit_high > report.limit_days
    # A rule that is another after every step: already the youngest step is too old.
    rows = make_world(rate=0.1)
    report = judge(rows, most_increase=0.5, max_age=15, train=6, step=10)
    assert not report.passed
    assert report.limit_days < 10


def test_few_rows_tell_nothing(judge, make_world):
    report = judge(make_world(rows=1_500), most_increase=0.01, max_age=60)
    assert report.passed
    assert report.hollow.startswith("no decay could be measured: at 60 days the increase is ")
    assert "5 windows of " in report.hollow
    assert as_result(report).outcome == "hollow"


def test_too_few_windows_say_what_is_missing(judge, make_world):
    report = judge(make_world(days=60, rows=2_000), most_increase=0.2, max_age=60)
    assert report.passed
    assert report.hollow.startswith("too few windows: the rows span 60 days, and 2 windows and 6 ages of 12 days each")
    assert report.points == ()
    assert as_result(report).summary == report.hollow


def test_without_a_limit_or_an_age_it_is_hollow(judge, drifting):
    report = judge(drifting)
    assert report.hollow == "there is no limit to the loss: add most-loss or most-increase"
    assert len(report.points) == 7
    report = judge(drifting, most_increase=0.2)
    assert report.hollow.startswith("nothing says how old a model may become: add max-age (by this curve not above ")
    report = judge(drifting, most_increase=3, max_age=1_000, step=10)
    assert report.hollow == "models were 60 days old at most, and may become 1000 days"


def test_the_youngest_may_be_too_bad_already(judge, drifting):
    report = judge(drifting, most_loss=0.05, max_age=30)
    assert not report.passed
    assert report.limit_days == 0
    assert report.findings[0].startswith("even the youngest models' error is 0.4001")
    assert report.findings[0].endswith("beyond the limit of 0.05")


def test_the_stricter_limit_counts(judge, drifting):
    report = judge(drifting, most_loss=0.9, most_increase=0.1, max_age=60)
    assert report.allowed == pytest.approx(0.1 * report.loss)
    assert not report.passed


def test_season_is_told_from_age(judge, make_world):
    report = judge(make_world(season=0.4, rows=20_000), most_increase=0.2, max_age=60)
    assert report.passed
    assert report.season > 0.02
    assert abs(report.points[-1].worse.value) < 0.02
    assert any("(season, not age)" in note for note in report.notes)


def test_false_alarms_are_few(judge, make_world):
    reports = [judge(make_world(seed=seed, rows=1_500), most_increase=0.1, max_age=60) for seed in range(40)]
    assert sum(not report.passed for report in reports) <= 3


def test_models_that_are_one_and_the_same(drifting):
    def train(rows, since, until, windows):
        return [np.asarray(one["late"]).astype(float) for one in windows]

    report = check_staleness(drifting, time="day", refit=train, most_increase=0.2, max_age=30)
    assert report.passed
    assert "one and the same model" in report.hollow


def test_trainings_that_fail_are_told(drifting, refit):
    calls = []

    def some(rows, since, until, windows):
        calls.append((since, until))
        if len(calls) == 11:
            raise InputError("the training has one class alone")
        return refit(rows, since, until, windows)

    report = check_staleness(drifting, time="day", refit=some, most_increase=0.2, max_age=60)
    assert not report.passed
    assert len(report.windows) == 4
    assert "the training has one class alone" in report.not_judged[0]
    assert "1 of 7 models are missing" in report.not_judged[1]
    assert len({until - since for since, until in calls}) == 1  # each is trained on as many days

    def none(rows, since, until, windows):
        raise InputError("there is no memory")

    with pytest.raises(InputError, match="there is no memory"):
        check_staleness(drifting, time="day", refit=none, most_increase=0.2, max_age=60)


FIRST = date(2026, 1, 1)


def test_past_models_on_the_newest_window(drifting, past):
    models = {FIRST + timedelta(days=until): past(drifting, until) for until in (290, 270, 250, 230, 210)}
    report = check_staleness(drifting, time="day", models=models, most_increase=0.3, max_age=60)
    assert not report.passed
    assert [point.age for point in report.points] == [0, 20, 40, 60, 80]
    assert report.windows[0].begins == "2026-10-18"
    assert report.not_judged == ("whether age or season makes the difference: past models were judged on one window",)
    assert check_staleness(drifting, time="day", models=models, most_increase=0.3, max_age=3).passed
    # A model that has seen days of the window is left out.
    report = check_staleness(drifting, time="day", models=models, step=40, most_increase=0.3, max_age=60)
    assert report.not_judged[0].startswith("the model of 2026-10-18: it was trained on days of the window")
    assert len(report.points) == 4


def test_past_models_that_do_not_suffice(drifting, past):
    one = past(drifting, 290)
    report = check_staleness(drifting, time="day", models={FIRST: one})
    assert report.hollow.startswith("there is 1 past model, and at least two")
    late = {FIRST + timedelta(days=days): one for days in (400, 300)}
    assert "too few rows that are newer than the models" in check_staleness(drifting, time="day", models=late).hollow

    def broken(rows):
        raise InputError("the model does not load")

    models = {FIRST + timedelta(days=250): broken, FIRST + timedelta(days=290): one}
    with pytest.raises(InputError, match="does not load"):
        check_staleness(drifting, time="day", models=models)
    models[FIRST + timedelta(days=270)] = past(drifting, 270)
    report = check_staleness(drifting, time="day", models=models, most_increase=0.2, max_age=10)
    assert report.not_judged[0] == "the model of 2026-09-08: the model does not load"
    assert len(report.points) == 2


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"max_age": 0}, "max_age = 0 is not above 0"),
        ({"most_increase": -0.1}, "most_increase = -0.1 is not above 0"),
        ({"most_loss": -1}, "no loss is below 0"),
        ({"alpha": 2}, "no chance of a false alarm"),
        ({"refit": None}, "nothing says which models to judge"),
    ],
)
def test_bad_limits_are_one_sentence(refit, steady, more, why):
    with pytest.raises(InputError, match=why):
        check_staleness(steady, time="day", **({"refit": refit} | more))


def test_rows_without_time(refit, steady):
    rows = steady.set_column(3, "day", pa.array([None] * steady.num_rows, pa.timestamp("us")))
    with pytest.raises(InputError, match='no row has a time "day"'):
        check_staleness(rows, time="day", refit=refit)
    moments = steady["day"].to_pylist()
    some = steady.set_column(3, "day", pa.array([None, *moments[1:]], pa.timestamp("us")))
    assert check_staleness(some, time="day", refit=refit).not_judged == ("1 rows without a time",)


def test_the_curve_is_drawn(judge, drifting):
    report = judge(drifting, most_increase=0.2, max_age=60)
    first, *_, last = [note for note in report.notes if "█" in note]
    assert first.endswith("at 0 days: the youngest")
    assert first.startswith("█" * 12)
    assert last.startswith("█" * 24 + " 0.")
    assert last.endswith("more, beyond the limit")
    assert first.count("█") + first.count("░") == 24 > first.count("█")
    table = markdown(report).splitlines()
    assert table[0] == "| age in days | error | | increase |"
    assert len(table) == 9
    assert table[2].startswith("| 0 | 0.")


def test_the_file_is_written_and_read(judge, drifting, tmp_path):
    report = judge(drifting, most_increase=0.2, max_age=60)
    path = tmp_path / "monitoring" / "staleness.json"
    write_staleness(report, path)
    found = read_staleness(path)
    assert found.limit_days == report.limit_days
    assert (found.limit_low, found.limit_high, found.studied_days) == (report.limit_low, report.limit_high, 72)
    assert found.judged_on == report.windows[0].ends
    write_staleness(judge(drifting, max_age=60), path)
    assert read_staleness(path).limit_days is None
    assert [one.name for one in path.parent.iterdir()] == ["staleness.json"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("[]", "it holds no ageing of models"),
        ('{"kind": "mlscore staleness", "version": 9}', "it is of version 9, 1 is known"),
        (
            '{"kind": "mlscore staleness", "version": 1, "limit_days": "ten"}',
            "\"limit_days\" is 'ten', which is no age",
        ),
    ],
)
def test_a_file_that_is_none(judge, drifting, tmp_path, text, why):
    path = tmp_path / "staleness.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_staleness(path)
    with pytest.raises(OutputError, match="another kind of file, which is not written over"):
        write_staleness(StalenessReport("error", "refit"), path)
    assert path.read_text(encoding="utf-8") == text


def test_one_age_that_is_surely_too_old_needs_no_decay_over_all_ages():
    losses = []
    for season in (-3.0, 0.0, 3.0):
        by_age = {float(age): np.full(50, 1.0 + season * (0 < age < 60)) for age in range(0, 61, 10)}
        losses.append((Window("2026-01-01", "2026-01-31", 50, 1.0), by_age | {60.0: np.full(50, 1.5 + season / 100)}))
    report = Verdict(StalenessReport("error", "refits", max_age_days=60.0), losses, None, 0.2, 0.05, ()).report()
    assert report.p > 0.05
    assert report.limit_high < 60
    assert report.findings[0].startswith("models are too old after ")
