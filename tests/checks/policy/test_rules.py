"""Policies and feature lists: what is read, what is refused with one sentence."""

from __future__ import annotations

from datetime import date

import pytest

from mlscore.checks.policy.features import Feature, enriched, read_feature_list
from mlscore.checks.policy.rules import Match, read_policy
from mlscore.errors import ConfigError

POLICY = """
require = ["owner", "source"]

[[banned]]
feature = "*_name"
reason = "names of people"

[[banned]]
tag = "pii=true"
reason = "personal"

[[deprecated]]
feature = "dist"
date = 2026-06-01
replacement = "dist_km"

[[restricted]]
source = "bureau*"
purposes = ["credit"]

[protected]
attributes = ["gender"]
threshold = 0.4

[[exception]]
feature = "town"
rule = "proxy"
reason = "asked for by law"
owner = "team-risk"
expires = 2026-12-31
"""


def test_a_policy_is_read_whole(write, tmp_path):
    policy = read_policy(write("policy.toml", POLICY), tmp_path)
    assert (policy.rules, policy.required, policy.protected, policy.threshold) == (
        7,
        ("owner", "source"),
        ("gender",),
        0.4,
    )
    assert policy.deprecated[0].on == date(2026, 6, 1)
    assert policy.restricted[0].purposes == ("credit",)
    assert policy.exceptions[0].rule == "proxy"


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(feature="GENDER"), True),
        (Match(feature="view__g*"), True),
        (Match(feature="gende"), False),
        (Match(source="crm.*"), True),
        (Match(source="crm"), False),
        (Match(tag="pii=true"), True),
        (Match(tag="pii=*"), True),
        (Match(feature="gender", tag="pii=false"), False),
    ],
)
def test_a_match_is_by_name_source_and_tag(match, fits):
    assert match.fits(Feature("gender", view="view", source="CRM.people", tags={"pii": "true"})) is fits


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("requires = ['owner']", 'policy.toml:1: unknown key "requires" at the top level; did you mean "require"?'),
        ("require = ['team']", 'policy.toml:1: "team" cannot be required; known are owner and source'),
        ("require = 3", '"require" should be a text or a list of texts, not 3'),
        (
            "[[banned]]\nreason = 'x'",
            "policy.toml:1: the rule does not say what it is about; add feature, source or tag",
        ),
        ("[[banned]]\nfeature = 'x'", 'policy.toml:1: "reason" is missing in [[banned]]; add reason'),
        ("[[banned]]\nfeature = 'x'\nreasn = 'x'", '"reason" is missing'),
        (
            "[[banned]]\nfeature = 'x'\nreason = 'x'\nresaon = 'y'",
            'policy.toml:4: unknown key "resaon" in [[banned]]; did',
        ),
        ("banned = ['x']", '"banned" should be tables, each under [[banned]], not a list; write [[banned]]'),
        ("[[deprecated]]\nfeature = 'x'\nreplacement = 'y'", '"date" is missing in [[deprecated]]; add date = …'),
        ("[[deprecated]]\nfeature = 'x'\nreplacement = 'y'\ndate = 'soon'", "should be a date such as 2026-11-16"),
        ("[[restricted]]\nfeature = 'x'", '"purposes" is missing in [[restricted]]'),
        ("[protected]\nthreshold = 0.2", "[protected] names no attributes"),
        ("[protected]\nattributes = ['a']\nthreshold = 2", '"threshold" should be a number from 0 to 1, not 2'),
        ("[protected]\nattributes = ['a']\nthreshold = nan", '"threshold" should be a number, not nan'),
        (
            "[[exception]]\nfeature = 'a'\nrule = 'proxi'\nexpires = 2026-01-01",
            'does not know "proxi"; did you mean "proxy"?',
        ),
        ("[[exception]]\nfeature = 'a'\nexpires = 2026-01-01", '"rule" is missing in [[exception]]'),
        ("[[exception]]\nfeature = 'a'\nrule = 'proxy'", '"expires" is missing in [[exception]]'),
        ("require = ['owner'", "policy.toml:1: not valid TOML: unclosed array"),
        (b"require = ['\xff']", "policy.toml: not UTF-8: byte 0xff on line 1; save the file as UTF-8"),
    ],
)
def test_bad_policies_are_refused_in_one_sentence(write, tmp_path, text, error):
    with pytest.raises(ConfigError) as raised:
        read_policy(write("policy.toml", text), tmp_path)
    assert error in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_no_policy_file(tmp_path):
    with pytest.raises(ConfigError, match=r"^policy\.toml: there is no such file; check the path$"):
        read_policy(tmp_path / "policy.toml", tmp_path)


LIST = """
features = ["a", "b"]

[[feature]]
name = "c"
owner = "team-data"
source = "crm.people"
purposes = []
proposed = 2026-02-03
tags = {pii = "true"}
"""


def test_a_feature_list_is_read(write, tmp_path):
    found = read_feature_list(write("features.toml", LIST), tmp_path).features
    assert [one.name for one in found] == ["a", "b", "c"]
    c = found[2]
    assert (c.owner, c.source, c.purposes, c.proposed, c.tags) == (
        "team-data", "crm.people", (), date(2026, 2, 3), {"pii": "true"}
    )  # fmt: skip
    assert (found[0].purposes, found[2].origin) == (None, "features.toml:4")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("features = ['a', 'a']", 'the feature "a" is listed twice'),
        ("[[feature]]\nowner = 'x'", '"name" is missing in [[feature]]'),
        ("[[feature]]\nname = 'x'\nowners = 'x'", 'unknown key "owners" in [[feature]]; did you mean "owner"?'),
        ("[[feature]]\nname = 'x'\ntags = {a = 1}", '"a" should be a text, not 1'),
        ("[[feature]]\nname = 'x'\ntags = 'a'", '"tags" should be a table'),
        ("[[feature]]\nname = 3", '"name" should be a text, not 3'),
        ("[[feature", "not valid TOML"),
    ],
)
def test_bad_lists_are_refused(write, tmp_path, text, error):
    with pytest.raises(ConfigError) as raised:
        read_feature_list(write("features.toml", text), tmp_path)
    assert error in str(raised.value)


def test_what_others_know_is_lent_and_never_overrules():
    used = [Feature("a", owner="team-a"), Feature("view__b"), Feature("c")]
    other = [Feature("a", owner="team-x", source="s"), Feature("b", view="view", owner="team-b", purposes=("x",))]
    a, b, c = enriched(used, other)
    assert (a.owner, a.source, b.owner, b.purposes) == ("team-a", "s", "team-b", ("x",))
    assert c == Feature("c")
