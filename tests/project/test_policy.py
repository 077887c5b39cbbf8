"""The gate's policy: profiles, what replaces them, and rubrics of other scales."""

from fractions import Fraction

import pytest

from mlscore.core.policy import PROFILES, MustHave, Threshold
from mlscore.project.policy import highest_in, highest_total
from mlscore.project.rubrics import load_rubric

OWN = 'schema = "mlscore-rubric/1"\nid = "own"\nversion = "1"\ntitle = "Own"\nextends = "ml-test-score"\n'


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_gives_its_rules_with_itself_as_origin(loaded, name):
    gate = loaded(f'profile = "{name}"\n').gate
    rules = PROFILES[name]
    origin = f"profile {name}"
    assert gate.profile == name
    assert gate.fail_under == Threshold(rules.fail_under.least, origin=origin)
    assert gate.must_have == tuple(MustHave(m.item, m.level, origin) for m in rules.must_have)
    assert gate.must_have
    assert (gate.on, gate.partial, gate.strict, gate.floors) == ("verified", "skip", False, ())


def test_a_profile_s_rules_show_it_as_origin(loaded):
    origins = {s.key: s.origin for s in loaded('profile = "production"\n').settings}
    assert origins["profile"] == "mlscore.toml:1"
    assert origins["fail-under"] == origins["gate.must-have"] == "profile production"
    assert origins["gate.on"] == "default"


def test_a_key_of_one_s_own_replaces_the_profile_s(loaded):
    gate = loaded('profile = "production"\nfail-under = 1\n[gate]\nmust-have = ["infra-7"]\non = "practised"\n').gate
    assert gate.fail_under == Threshold(Fraction(1), origin="mlscore.toml:2")
    assert gate.must_have == (MustHave("infra-7", "manual", "mlscore.toml:4"),)
    assert (gate.profile, gate.on) == ("production", "practised")


def test_an_empty_list_takes_the_profile_s_must_haves_away(loaded):
    assert loaded('profile = "production"\n[gate]\nmust-have = []\n').gate.must_have == ()


def test_a_profile_keeps_its_share_of_another_scale(loaded):
    config = loaded('profile = "production"\nrubric = "ml-test-score-2016"\n')
    assert highest_total(config.rubric) == 14
    assert config.gate.fail_under.least == 5


def test_fail_under_is_held_to_the_rubric_s_own_maximum(loaded, complaint):
    assert loaded('fail-under = 14\nrubric = "ml-test-score-2016"\n').gate.fail_under.least == 14
    assert "14 is the most" in complaint(loaded, 'fail-under = 15\nrubric = "ml-test-score-2016"\n')


def test_a_profile_leaves_out_items_that_the_rubric_lacks(write, loaded):
    write("own.toml", OWN + 'drop = ["data-1"]\n')
    gate = loaded('profile = "poc"\nrubric = "own.toml"\n').gate
    assert [m.item for m in gate.must_have] == ["model-5"]


@pytest.mark.parametrize(
    ("scoring", "total", "section"),
    [
        ('section = "sum"\ntotal = "min"', 7, 7),
        ('section = "sum"\ntotal = "sum"', 28, 7),
        ('section = "mean"\ntotal = "mean"', 1, 1),
        ('section = "min"\ntotal = "sum"', 4, 1),
        ('section = "sum"\ntotal = "ladder"', 4, 7),
    ],
)
def test_the_maximum_follows_the_scoring_rule(write, root, scoring, total, section):
    write("own.toml", f"{OWN}[scoring]\n{scoring}\n")
    rubric = load_rubric("own.toml", root=root)
    assert (highest_total(rubric), highest_in(rubric, "data")) == (total, section)


def test_the_most_that_can_be_given_may_be_asked_for(loaded):
    gate = loaded("fail-under = 7\n[gate]\nfloors = {data = 7}\n").gate
    assert (gate.fail_under.least, gate.floors[0].least) == (7, 7)


def test_nested_options_carry_their_own_origin(load):
    gate = load(**{"gate.must-have": ["data-1"], "gate.floors": {"data": "1/2"}}).gate
    assert gate.must_have == (MustHave("data-1", "manual", "option --gate.must-have"),)
    assert gate.floors == (Threshold(Fraction(1, 2), "data", "option --gate.floors"),)
