"""Which features a version of a schema file names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.lead_time.names import ENDINGS, names_in

PANDERA = """
schema_type: dataframe
columns:
  age: {dtype: int64}
  town: {dtype: str}
"""


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("f.toml", 'features = ["a"]\n[[feature]]\nname = "b"\nowner = "x"\n', {"a", "b"}),
        ("f.toml", '[[table]]\nname = "orders"\n[[table.column]]\nname = "a"\n', {"a"}),
        ("f.yaml", PANDERA, {"age", "town"}),
        ("f.yml", "models:\n- name: m\n  columns:\n  - name: a\n  - name: b\n", {"a", "b"}),
        ("f.json", json.dumps({"fields": [{"name": "a", "type": "string"}]}), {"a"}),
        ("f.json", json.dumps({"properties": {"a": {}, "b": {}}}), {"a", "b"}),
        ("f.json", json.dumps({"resources": [{"name": "r", "schema": {"fields": [{"name": "a"}]}}]}), {"a"}),
        ("f.json", '["a", "b"]', {"a", "b"}),
        ("F.CSV", 'a,"b c",\r\n1,2,3\r\n', {"a", "b c"}),
        ("f.csv", "", set()),
        ("f.toml", "", set()),
        ("f.toml", 'features = ["a', None),
        ("f.json", '{"fields": [', None),
        ("f.json", "3", None),
        ("f.yaml", "a: [", None),
        ("f.yaml", "!!python/object/apply:os.getcwd []", None),
        ("f.py", "a = 1", None),
    ],
)
def test_names(path, text, names):
    assert names_in(path, text) == names


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ENDINGS), st.text(max_size=80))
def test_no_text_breaks_it(ending, text):
    found = names_in("f" + ending, text)
    assert found is None or all(isinstance(name, str) for name in found)
