"""Configuration proposed from a suite's own conventions: lines that read what the suite says, or nothing."""

import tomllib

import pytest

from mlscore.core.placement import Conventions, parse_conventions
from mlscore.probes.suite.propose import propose

HEAD = "import pytest\n"


@pytest.fixture
def proposal(suite_of, rubric_ids):
    def of(source, **conventions):
        suite = suite_of({"tests/test_a.py": HEAD + source})
        found = propose(suite, conventions=Conventions(**conventions), rubric_ids=rubric_ids)
        parse_conventions(found.conventions.markers, rubric_ids=rubric_ids)
        return found

    return of


def test_plain_suites_need_no_configuration(proposal):
    found = proposal("@pytest.mark.slow\ndef test_a(): pass\n@pytest.mark.feature_data\ndef test_b(): pass\n")
    assert found.is_empty
    assert found.lines() == ()


def test_a_marker_with_an_argument(proposal):
    found = proposal(
        "@pytest.mark.ml_test('FD-1')\ndef test_a(): pass\n@pytest.mark.ml_test('MON-6')\ndef test_b(): pass\n"
    )
    assert found.lines() == ("[tool.mlscore.conventions]", 'markers = ["ml_test"]')
    assert found.by_markers == 2


def test_a_marker_with_keywords_of_which_one_says_how_it_is_run(proposal):
    found = proposal(
        "@pytest.mark.ml_test_score(category_test='Data1', status='automatic')\ndef test_a(): pass\n"
        "@pytest.mark.ml_test_score(category_test='Infra 2', status='manual')\ndef test_b(): pass\n"
    )
    assert found.conventions.markers == ("ml_test_score(category_test; status=manual)",)


def test_pairs_of_several_sections_become_one_line(proposal):
    found = proposal(
        "@pytest.mark.model_test\n@pytest.mark.model_5\ndef test_a(): pass\n"
        "@pytest.mark.infrastructure_test\n@pytest.mark.infra_1\ndef test_b(): pass\n"
    )
    assert found.conventions.markers == ("{section}_test+{section}_{n}",)


def test_a_pair_of_one_section_stays_as_it_is(proposal):
    found = proposal("@pytest.mark.model_test\n@pytest.mark.model_5\ndef test_a(): pass\n")
    assert found.conventions.markers == ("model_test+model_{n}",)


def test_a_line_that_would_not_read_every_such_test_is_not_proposed(proposal):
    found = proposal(
        "@pytest.mark.check('data-1')\ndef test_a(): pass\n@pytest.mark.check('speed')\ndef test_b(): pass\n"
    )
    assert found.is_empty
    assert found.unread == ('"check" would not read 1 of 2 tests',)


def test_docstring_tags_when_they_are_a_habit(proposal):
    one = 'def test_a():\n    """Data 1: schema"""\n'
    assert proposal(one).is_empty
    found = proposal(one + 'def test_b():\n    """INFRA 4: gate"""\n')
    assert found.lines() == ("[tool.mlscore.conventions]", "docstrings = true")
    assert found.by_docstrings == 2


def test_what_is_configured_is_not_proposed_again_and_is_kept(proposal):
    source = "@pytest.mark.ml_test('FD-1')\ndef test_a(): pass\n@pytest.mark.other('FD-2')\ndef test_b(): pass\n"
    found = proposal(source, markers=("ml_test",))
    assert found.conventions.markers == ("ml_test", "other")
    assert found.by_markers == 1


def test_the_lines_are_toml(proposal):
    found = proposal("@pytest.mark.ml_test('FD-1')\ndef test_a(): pass\n")
    assert tomllib.loads("\n".join(found.lines(table="conventions"))) == {"conventions": {"markers": ["ml_test"]}}
