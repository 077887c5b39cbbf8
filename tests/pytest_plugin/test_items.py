"""Reading a collected item: its short way for tests that say nothing is `place`'s own verdict."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.core.placement import EMPTY, Conventions, place
from mlscore.pytest_plugin.items import ItemReader, Ruler, says_something

IDS = ("data-1", "data-2", "model-1", "infra-1", "monitor-1")


def item(path, name, docstring, parent=None):
    """As much of a pytest item as is read."""
    function = SimpleNamespace(__doc__=docstring)
    parent = parent or SimpleNamespace(listchain=list)
    return SimpleNamespace(
        nodeid=f"{path}::{name}",
        name=name,
        originalname=None,
        obj=function,
        parent=parent,
        own_markers=[],
        location=(path, 3, name),
    )


@given(
    path=st.sampled_from(
        ["test_a.py", "tests/data/test_a.py", "tests/test_model.py", "infra/x/test_b.py", "monitoring/test_c.py"]
    ),
    name=st.sampled_from(["test_1", "test_data_1", "test_model_9", "test_infra2", "test_of_data", "monitor_1"]),
    docstring=st.sampled_from([None, "", "About nothing.", "Covers data-1.", "[model-1] x", "ML Test Score: infra-1"]),
    names=st.booleans(),
    docstrings=st.booleans(),
)
def test_an_unmarked_test_means_what_place_says(path, name, docstring, names, docstrings):
    conventions = Conventions(names=names, docstrings=docstrings)
    expected = place(
        (), docstring=docstring, name=name, path=path, conventions=conventions, rubric_ids=IDS, properties=()
    )

    case, _ = ItemReader(Ruler(conventions, IDS)).read(item(path, name, docstring))

    assert (case.placement if case else EMPTY) == (expected if says_something(expected) else EMPTY)


@pytest.mark.parametrize("first", ["tests/data/test_a.py", "test_a.py"])
def test_the_file_of_one_test_is_not_taken_for_the_next_ones(first):
    reader = ItemReader(Ruler(Conventions(), IDS))
    cases = {
        path: reader.read(item(path, "test_x", None))[0]
        for path in (first, "test_b.py", "tests/data/test_c.py", "test_d.py")
    }
    assert [path for path, case in cases.items() if case] == [path for path in cases if "data" in path]
