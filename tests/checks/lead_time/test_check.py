"""The check `feature-lead-time` as it is configured."""

from __future__ import annotations

from datetime import date

import pytest

from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError

TODAY = date(2026, 2, 1)


@pytest.fixture
def check(repository, run):
    repository.commit(0, features_toml='[[feature]]\nname = "a"\n')
    repository.tag("v1", 10)
    repository.commit(20, features_toml='[[feature]]\nname = "a"\n[[feature]]\nname = "b"\nproposed = 2026-01-11\n')

    def call(**options):
        return run("feature-lead-time", today=TODAY, **{"schema": "features.toml", "tags": "v*", **options})

    return call


def test_limits_are_kept(check):
    result = check(median=15, worst=20)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED, "1 feature in production: median 10.0 days, worst 11.5 (b); 1 waiting"
    )  # fmt: skip
    assert [(one.name, one.value, one.threshold) for one in result.values] == [
        ("median", 10.0, 15), ("worst", 11.5, 20), ("waiting", 1, None)
    ]  # fmt: skip
    assert result.findings[0].startswith("b: not in production, 12 days old (since 2026-01-21, ")


def test_a_limit_that_is_broken_is_named(check):
    result = check(worst=11)
    assert (result.outcome, result.findings[0]) == (Outcome.FAILED, "b has waited 11.5 days, the limit is 11")


def test_the_list_says_when_a_feature_was_thought_of(check):
    result = check(worst=20, list="features.toml")
    assert (result.outcome, result.findings[0]) == (Outcome.FAILED, "b has waited 22.0 days, the limit is 20")
    assert result.details["features"][0]["began"] == "2026-01-11T00:00:00+00:00"


def test_without_a_limit_it_is_hollow(check):
    assert check().outcome is Outcome.HOLLOW


def test_mistakes_are_one_sentence(check):
    with pytest.raises(ConfigError, match="nothing says what production is"):
        check(tags=[], median=3)
    with pytest.raises(ConfigError, match=r'"renamed" has no earlier name for "b"; write renamed = '):
        check(renamed={"b": 3})
    assert check(renamed={"b": "old"}, median=15).passed
