"""Features against policies: each rule broken and kept, exceptions, proxies in a table, and what is not judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mlscore.checks.policy.features import Feature
from mlscore.checks.policy.judge import check_features
from mlscore.checks.policy.proxies import find_proxies
from mlscore.checks.policy.rules import Banned, Deprecated, Excepted, Match, Policy, Restricted
from mlscore.tables import open_table

TODAY = date(2026, 11, 1)
FEATURES = (
    Feature("age_days", owner="team-a", source="crm.people"),
    Feature("income", owner="team-a", source="bureau.scores", purposes=("credit",)),
    Feature("town"),
)


def judge(policy, features=FEATURES, **given):
    return check_features(features, policy, today=TODAY, **given)


def broken(result):
    return [(one.feature, one.rule) for one in result.violations]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(banned=(Banned(Match(feature="town"), "it names people"),)), [("town", "banned")]),
        (Policy(banned=(Banned(Match(source="bureau.*"), "withdrawn"),)), [("income", "banned")]),
        (Policy(deprecated=(Deprecated(Match(feature="town"), TODAY, "city"),)), [("town", "deprecated")]),
        (Policy(deprecated=(Deprecated(Match(feature="town"), date(2026, 11, 2), "city"),)), []),
        (Policy(required=("owner", "source")), [("town", "required"), ("town", "required")]),
        (Policy(protected=("TOWN",)), [("town", "protected")]),
        (Policy(restricted=(Restricted(Match(feature="town"), ("fraud",)),)), [("town", "purpose")]),
        (Policy(restricted=(Restricted(Match(feature="town"), ("credit", "fraud")),)), []),
    ],
)
def test_each_rule_names_what_breaks_it(policy, expected):
    result = judge(policy, purpose="credit")
    assert broken(result) == expected
    assert result.passed == (not expected)
    assert result.hollow is None


def test_a_feature_s_own_purposes_count_and_the_purpose_must_be_stated():
    policy = Policy(banned=(Banned(Match(feature="x"), "x"),))
    (violation,) = judge(policy).violations
    assert violation.message == "allowed for credit; the model's is not stated"
    (violation,) = judge(policy, purpose="marketing").violations
    assert violation.message == "allowed for credit; not for marketing"


def test_what_will_be_deprecated_is_told():
    policy = Policy(deprecated=(Deprecated(Match(feature="town"), date(2027, 1, 1), "city"),))
    assert judge(policy, purpose="credit").notes == ('town: deprecated from 2027-01-01 on; use "city" instead',)


def test_exceptions_hold_until_their_day():
    ban = Policy(banned=(Banned(Match(feature="town"), "why"),))
    granted = Excepted("town", "banned", "asked for by law", "team-risk", TODAY)
    result = judge(replace(ban, exceptions=(granted,)), purpose="credit")
    assert (result.passed, "excepted until 2026-11-01 (granted by team-risk" in result.notes[0]) == (True, True)
    result = judge(replace(ban, exceptions=(replace(granted, expires=date(2026, 10, 31)),)), purpose="credit")
    assert (broken(result), "has expired on 2026-10-31" in result.notes[0]) == ([("town", "banned")], True)
    result = judge(replace(ban, exceptions=(replace(granted, rule="proxy"),)), purpose="credit")
    assert (broken(result), "is not needed; remove it" in result.notes[0]) == ([("town", "banned")], True)


def test_hollow_policies_and_lists():
    assert judge(Policy()).hollow == "the policy bans nothing and requires nothing"
    exceptions = (Excepted("a", "banned", "b", "c", TODAY),)
    assert judge(Policy(exceptions=exceptions)).hollow == "the policy bans nothing and requires nothing"
    assert judge(Policy(required=("owner",)), ()).hollow == "there is no feature to judge"


def test_rules_on_sources_do_not_see_features_without_one():
    unseen = judge(Policy(banned=(Banned(Match(source="x"), "y"),)), purpose="credit").not_judged
    assert unseen == ("town: its source is not stated, so rules on sources do not see it",)


@pytest.fixture
def people():
    """`people(rows)`: towns tell the group, income a little, noise not at all."""

    def make(rows, seed=3):
        random = np.random.default_rng(seed)
        group = random.integers(0, 2, rows)
        town = np.where(random.random(rows) < 0.92, group, 1 - group) + 2 * random.integers(0, 4, rows)
        return open_table(
            {
                "group": [f"g{value}" for value in group],
                "town": [f"t{value}" for value in town],
                "income": (random.normal(size=rows) + 0.1 * group).tolist(),
                "noise": random.normal(size=rows).tolist(),
                "height": (random.normal(size=rows) + 1.7 * group).tolist(),
                "flat": [1] * rows,
                "raw": [b"x"] * rows,
            }
        )

    return make


PROTECT = Policy(protected=("group",), threshold=0.3)


def features(*names):
    return tuple(Feature(name) for name in names)


def test_a_proxy_is_found_with_its_figure(people):
    with people(5000) as table:
        result = judge(PROTECT, features("noise", "income", "town"), table=table)
    (violation,) = result.violations
    assert (violation.feature, violation.rule) == ("town", "proxy")
    assert violation.message.startswith("tells group: Cramér's V 0.8")
    assert violation.figure == pytest.approx(0.84, abs=0.05)
    assert [one.feature for one in result.associations] == ["town", "income", "noise"]
    assert result.rows == 5000


def test_without_the_fault_nothing_alarms(people):
    with people(5000) as table:
        assert judge(PROTECT, features("noise", "income"), table=table).passed


def test_a_small_sample_does_not_alarm_and_says_that_it_cannot_tell(people):
    policy = replace(PROTECT, threshold=0.5)
    with people(24) as table:
        result = judge(policy, features("noise", "height"), table=table)
    assert result.passed
    (line,) = result.not_judged
    assert line.startswith("height as a proxy of group: AUC ")
    assert line.endswith("(24 rows), too few rows to say")
    with people(500) as table:
        assert broken(judge(policy, features("noise", "height"), table=table)) == [("height", "proxy")]


def test_the_sample_is_what_is_asked_for(people):
    with people(5000) as table:
        found = find_proxies(table, features("town"), ["group"], sample=500)
    assert found.rows == 500


def test_of_a_wide_table_fewer_rows_are_drawn(people, monkeypatch):
    monkeypatch.setattr("mlscore.checks.policy.proxies.CELLS", 6000)
    with people(5000) as table:
        assert find_proxies(table, features("town", "noise"), ["group"]).rows == 2000
        assert find_proxies(table, features("town"), ["group"]).rows == 3000


def test_what_cannot_be_judged_is_named(people):
    with people(100) as table:
        found = find_proxies(table, features("gone", "flat", "raw", "group", "noise"), ["group", "origin"])
    assert found.not_judged == (
        'proxies of "origin": the table has no such column',
        '"gone" as a proxy: the table has no such column',
        '"raw" as a proxy: binary values are not compared',
        '"flat" as a proxy of "group": "flat" never varies',
    )
    assert [one.feature for one in found.associations] == ["noise"]


def test_no_rows_and_no_table(people):
    with people(3) as table:
        assert judge(PROTECT, features("noise"), table=table).not_judged == (
            "proxies: 3 rows are too few, 10 the least",
        )
    with people(10) as table:
        unjudged = judge(PROTECT, features("noise"), table=table).not_judged
    assert not any("too few, 10 the least" in line for line in unjudged)
    assert '"group": 100% of its values have fewer than 10 rows each, which count as one category' in unjudged
    assert judge(PROTECT, features("noise")).not_judged == ("proxies of group: no table is given",)


def test_a_column_may_bear_its_view_s_name():
    table = open_table({"stats__rate": [1, 2] * 20, "group": ["a", "b"] * 20})
    with table:
        result = judge(PROTECT, (Feature("rate", view="stats"),), table=table)
    assert broken(result) == [("rate", "proxy")]
    assert "AUC 1.00, effect" in result.violations[0].message
