"""How far two versions are apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.upstream.versions import Step, normal, step


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2.2.3", "3.0.0", (Step.MAJOR, True)),
        ("3.0.0", "2.2.3", (Step.MAJOR, False)),
        ("2.2.3", "2.3.0", (Step.MINOR, True)),
        ("2.2.3", "2.2.4", (Step.PATCH, True)),
        ("2.2.3", "2.2.3.1", (Step.PATCH, True)),
        ("2.2", "2.2.0", None),
        ("0.24.1", "0.25.0", (Step.MAJOR, True)),
        ("0.24.1", "0.24.2", (Step.PATCH, True)),
        ("1!1.0", "2.0", (Step.MAJOR, False)),
        ("2.0rc1", "2.0", (Step.PATCH, True)),
        ("2.0+cpu", "2.0+cu121", (Step.PATCH, True)),
        ("2024.1", "2025.1", (Step.MAJOR, True)),
        ("9e", "9f", (Step.PATCH, True)),
        ("2024a", "2025b", (Step.MAJOR, True)),
        ("main", "other", (Step.SOURCE, True)),
    ],
)
def test_steps(before, after, expected):
    assert step(before, after) == expected


VERSIONS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda ns: ".".join(map(str, ns)))


@settings(max_examples=60, deadline=None)
@given(VERSIONS, VERSIONS)
def test_back_is_as_far_as_there(one, other):
    there, back = step(one, other), step(other, one)
    assert (there is None) == (back is None)
    if there and back:
        assert (there[0], there[1]) == (back[0], not back[1])


def test_names_are_compared_as_registries_do():
    assert {normal(name) for name in ("Scikit_Learn", "scikit.learn", "scikit--learn")} == {"scikit-learn"}
