"""What training uses against the search: not tried, worse beyond noise, at the edge, and what is not known."""

import random

import pytest
from scipy import stats

from mlscore.checks import check_tuning
from mlscore.checks.tuning.noise import Noise, _tail
from mlscore.checks.tuning.shapes import Range, Setting, Trial, Trials
from mlscore.errors import InputError


def uses(c):
    return {"the model": {"clf__C": c}}


def test_the_best_that_was_tried(search):
    report = check_tuning(search(), uses(10.0))
    assert report.passed
    assert report.hollow is None
    assert (report.settings, report.behind, report.noise, report.at_edge) == (4, 0, "folds", ())


def test_a_worse_one(search):
    report = check_tuning(search(), uses(0.1))
    assert "training uses the setting with score 0.7" in report.findings[0]
    assert report.findings[0].endswith("worse than C = 10 with 0.9, beyond noise")
    assert report.p < 0.01
    assert check_tuning(search(), uses(0.1), tolerance=0.3).findings == ()


def test_worse_within_noise(search):
    report = check_tuning(search(wobble=0.03), uses(1.0))
    assert report.passed
    assert report.behind == pytest.approx(0.05, abs=0.01)
    assert report.p > 0.05


def test_one_that_was_not_tried(search):
    report = check_tuning(search(), uses(7.0))
    assert report.findings == ("training uses C = 7, which was not tried; the best of the search is C = 10",)


def test_sources_that_disagree(search):
    report = check_tuning(search(), {"params.yaml": {"model.C": "10"}, "the model": {"clf__C": 1.0}})
    assert report.findings == ("the model has C = 1, and params.yaml has 10",)


def test_names_that_differ(search):
    told = {"the model": {"penalty": 10}}
    assert "does not say C" in check_tuning(search(), told).hollow
    assert check_tuning(search(), told, names={"C": "penalty"}).hollow is None


def test_nothing_that_says_what_is_used(search):
    report = check_tuning(search(), {})
    assert report.passed
    assert report.hollow == "nothing says which parameters training uses"


def test_the_best_at_the_edge(search):
    report = check_tuning(search(xs=(0.01, 0.1, 1.0)), uses(1.0))
    assert report.findings == ("C = 1 is at the upper end of what was tried (0.01 to 1): better ones may lie beyond",)
    assert check_tuning(search(xs=(10.0, 100.0, 1000.0)), uses(10.0)).at_edge == ("C",)
    assert check_tuning(search(xs=(0.01, 0.1, 1.0)), uses(1.0), ends=("C",)).passed


def test_an_edge_on_a_plateau_is_a_note(search):
    report = check_tuning(search(score=lambda x: 0.9 + 1e-6 * x), uses(100.0))
    assert report.passed
    assert report.at_edge == ("C",)
    assert "as good within noise" in report.notes[0]
    assert "the search decides nothing" in report.notes[-1]


def drawn(xs, score, spread=None):
    trials = tuple(Trial(str(n), {"lr": x}, score(x)) for n, x in enumerate(xs))
    return Trials(trials, "loss", False, {} if spread is None else {"lr": spread})


def test_the_edge_of_a_range_that_was_drawn_from():
    xs = [10 ** (-4 + 4 * n / 30) for n in range(31)]
    log = Range(1e-4, 1.0, True)
    falling = drawn([x for x in xs if x < 0.9], lambda x: 1 - x, log)
    best = min(falling.trials, key=lambda one: one.value).params["lr"]
    assert best < 1
    assert "upper end" in check_tuning(falling, {"m": {"lr": best}}).findings[0]
    # Near zero on a linear scale, and in the middle of a logarithmic one.
    middle = drawn(xs, lambda x: abs(x - xs[15]), log)
    assert check_tuning(middle, {"m": {"lr": xs[15]}}).passed
    assert check_tuning(drawn(xs, lambda x: abs(x - xs[15])), {"m": {"lr": xs[15]}}).passed


def test_repeated_trials_tell_the_noise():
    def repeated(gap):
        return Trials(
            tuple(
                Trial(f"{x}{seed}", {"lr": x}, value + 0.01 * seed)
                for x, value in ((0.1, 0.5), (0.2, 0.5 - gap), (0.3, 0.6))
                for seed in (-1, 0, 1)
            ),
            "loss",
            False,
        )

    assert check_tuning(repeated(0.005), {"m": {"lr": 0.1}}, ends=["lr"]).passed
    report = check_tuning(repeated(0.05), {"m": {"lr": 0.1}}, ends=["lr"])
    assert report.noise == "repeated trials"
    assert "0.05 worse than lr = 0.2" in report.findings[0]


def test_noise_that_is_told_or_not_known():
    trials = drawn((0.1, 0.2, 0.3), lambda x: abs(x - 0.2))
    used = {"m": {"lr": 0.1}}
    assert "nothing says how noisy" in check_tuning(trials, used, ends=["lr"]).findings[0]
    assert check_tuning(trials, used, ends=["lr"], noise=0.1).passed
    assert not check_tuning(trials, used, ends=["lr"], noise=0.01).passed


def test_one_setting_is_no_search(search):
    assert check_tuning(search(xs=(1.0,)), uses(1.0)).hollow == "one setting alone was tried, which is no search"
    with pytest.raises(InputError, match="no trial of the search has a value"):
        check_tuning(Trials((), "loss", False), {})


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 40])
@pytest.mark.parametrize("t", [0.3, 1.0, 2.5, 8.0])
def test_students_tail(t, freedom):
    assert _tail(t, 1.0, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-6)


def test_the_corrected_test_on_folds():
    one, other = (Setting({}, (sum(f) / 4,), f) for f in ((0.9, 0.8, 0.7, 0.95), (0.85, 0.79, 0.69, 0.9)))
    steps = [a - b for a, b in zip(one.folds, other.folds, strict=True)]
    t = (sum(steps) / 4) / ((stats.tvar(steps) * (1 / 4 + 1 / 3)) ** 0.5)
    assert Noise([one, other], None).p(one, other) == pytest.approx(stats.t.sf(t, 3))


def simulated(seed, better, settings=12, folds=5):
    """A search over settings that are as good as each other, but for the last, which is better by so many deviations."""
    draw = random.Random(seed)
    trials = []
    for number in range(settings):
        gain = better if number == settings - 1 else 0.0
        own = tuple(gain + draw.gauss(0, 1) for _ in range(folds))
        trials.append(Trial(str(number), {"kind": f"k{number}"}, sum(own) / folds, own))
    return Trials(tuple(trials), "score", True)


def alarms(better, runs=400, **more):
    found = 0
    for seed in range(runs):
        report = check_tuning(simulated(seed, better, **more), {"m": {"kind": "k0"}})
        found += not report.passed
    return found / runs


def test_how_often_it_is_wrong():
    """The figures that the page gives: equals are refused in fewer than `alpha`, far worse ones nearly always."""
    assert alarms(0.0) <= 0.05
    assert alarms(3.0, folds=10) >= 0.75
    assert alarms(6.0, folds=10) >= 0.99
