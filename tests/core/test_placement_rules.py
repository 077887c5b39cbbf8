"""The one-line mapping of foreign markers: what it reads, and what it says to a line it cannot read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.core.evidence import Location
from mlscore.core.placement import parse_conventions
from mlscore.core.placement_rules import rules_of
from mlscore.errors import EXIT_USAGE, ConfigError

IDS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))

WRONG = [
    "",
    "ml test",
    "ml_test[0]",
    "ml_test(category_test",
    "ml_test()",
    "ml_test(a b)",
    "ml_test(status=manual)",
    "ml_test(a; status)",
    "ml_test(a; =manual)",
    "@pytest.mark.ml_test",
    "model_{num}",
    "model_{n}_{n}",
    "{}",
    "model_{n",
    "a+b",
    "a+b+c_{n}",
    "a+",
    "a_{n}(keyword)",
    "a+b(keyword)",
    "smoke=",
    "smoke=dta-1",
    "smoke=data-{n}",
    "smoke=data-9",
]


def test_each_wrong_line_says_what_to_write(snapshot):
    sentences = []
    for line in WRONG:
        with pytest.raises(ConfigError) as caught:
            parse_conventions([line], rubric_ids=IDS, where=Location("pyproject.toml", 12))
        assert caught.value.exit_code == EXIT_USAGE
        sentences.append(str(caught.value))
    assert all(s.startswith("pyproject.toml:12: the marker line ") for s in sentences)
    assert "\n".join(sentences) == snapshot


def test_right_lines_are_read():
    lines = (
        "ml_test",
        "m(category)",
        "m(category; status=manual)",
        "m(; status=manual)",
        "a+b_{n}",
        "x=data-1",
        "y=Infra",
    )
    rules = parse_conventions(lines, rubric_ids=IDS)
    assert [r.keyword for r in rules] == [None, "category", "category", None, None, None, None]
    assert [r.manual for r in rules] == [None, None, ("status", "manual"), ("status", "manual"), None, None, None]
    assert [r.target for r in rules] == [None] * 5 + ["data-1", "infra"]
    assert [len(r.names) for r in rules] == [1, 1, 1, 1, 2, 1, 1]


def test_without_ids_a_target_is_not_checked():
    assert parse_conventions(["x=anything-1"])[0].target == "anything-1"


def test_prefixes_hold_for_targets_too():
    assert parse_conventions(["x=QA-1"], rubric_ids=IDS, prefixes=(("QA", "data"),))[0].target == "QA-1"


def test_rules_are_read_once():
    assert rules_of(("ml_test",)) is rules_of(("ml_test",))


@settings(max_examples=100)
@given(st.text(alphabet="ab_{}n+=(); 1-", max_size=14))
def test_any_line_is_read_or_refused_with_a_reason(line):
    said = None
    try:
        source = parse_conventions([line], rubric_ids=IDS)[0].source
    except ConfigError as error:
        source, said = line, str(error)
    assert source == line
    assert said is None or f'"{line}"' in said
