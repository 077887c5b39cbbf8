"""Feast repositories: views, fields, sources, owners and services read as text; what needs running is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.policy.feast import read_feast
from mlscore.errors import InputError

ENTITIES = """
from feast import Entity
driver = Entity(name="driver", join_keys=["driver_id"])
"""

VIEWS = """
import os
from datetime import timedelta
from feast import FeatureView, FeatureService, Field as F, FileSource, PushSource, RequestSource
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float32, Int64
from entities import driver
import shared

raise SystemExit("nothing in it is run")

OWNER = "team-rides"
COMMON = [F(name="trips", dtype=Int64)]
trips_source = FileSource(name="trips_raw", path=os.environ["X"])
push = PushSource(name="trips_push", batch_source=trips_source)

stats = FeatureView(
    name="driver_stats",
    entities=[driver],
    ttl=timedelta(days=1),
    schema=[
        F(name="driver_id", dtype=Int64),
        F(name="conv_rate", dtype=Float32, tags={"pii": "false", "owner": "team-conversion"}),
        *COMMON,
        shared.rating,
    ],
    source=trips_source,
    owner=OWNER,
    tags={"stage": "gold"},
)
pushed = FeatureView(name="pushed", schema=COMMON + [F("extra", Int64)], source=push)

asked = RequestSource(name="request", schema=[])

@on_demand_feature_view(sources=[stats, asked], schema=[F(name="doubled", dtype=Float32)])
def doubled_view(inputs):
    return inputs

service = FeatureService(name="rides_v1", features=[stats[["conv_rate", "rating"]], doubled_view])
"""

SHARED = """
from feast import Field
from feast.types import Float32
rating = Field(name="rating", dtype=Float32)
"""


@pytest.fixture
def repository(write, tmp_path):
    def make(**files):
        for name, text in files.items():
            write(f"store/{name}.py", text)
        return tmp_path / "store"

    return make


@pytest.fixture
def whole(repository):
    return repository(entities=ENTITIES, views=VIEWS, shared=SHARED)


def test_views_are_read_without_running_anything(whole, tmp_path):
    found = read_feast(whole, tmp_path)
    assert found.not_judged == ()
    told = {(one.view, one.name): (one.owner, one.source) for one in found.features}
    assert told == {
        ("driver_stats", "conv_rate"): ("team-conversion", "trips_raw"),
        ("driver_stats", "trips"): ("team-rides", "trips_raw"),
        ("driver_stats", "rating"): ("team-rides", "trips_raw"),
        ("pushed", "trips"): (None, "trips_push"),
        ("pushed", "extra"): (None, "trips_push"),
        ("doubled_view", "doubled"): (None, "driver_stats, request"),
    }
    rate = found.features[0]
    assert dict(rate.tags) == {"stage": "gold", "pii": "false", "owner": "team-conversion"}
    path, _, line = rate.origin.partition(":")
    assert (path, "conv_rate" in VIEWS.split("\n")[int(line) - 1]) == ("store/views.py", True)


def test_a_service_chooses(whole, tmp_path):
    found = read_feast(whole, tmp_path, service="rides_v1")
    assert [one.name for one in found.features] == ["conv_rate", "rating", "doubled"]
    with pytest.raises(InputError, match=r'^store: there is no feature service "rides_v2"; did you mean "rides_v1"\?$'):
        read_feast(whole, tmp_path, service="rides_v2")


HEAD = "from feast import FeatureView, Field, FileSource, FeatureService\ns = FileSource(path='p')\n"


@pytest.mark.parametrize(
    ("text", "unjudged"),
    [
        (
            "v = FeatureView(name='v', schema=fields(), source=s)",
            'fields of the feature view "v", which are not a plain',
        ),
        ("v = FeatureView(name='v', source=s)", 'the fields of the feature view "v", which Feast infers'),
        ("v = FeatureView(name='v', schema=[Field(name=n) for n in 'ab'], source=s)", "which are not a plain list"),
        ("v = FeatureView(name='v', schema=[make('a')], source=s)", 'a field of the feature view "v"'),
        ("v = FeatureView(name='v', schema=[Field(name=f'{s}a')], source=s)", 'a field of the feature view "v"'),
        ("v = FeatureView(name='v', schema=[], source=make())", 'the source of the feature view "v"'),
        ("v = FeatureView(name='a' + 'b', schema=[], source=s)", "a feature view whose arguments are not plain"),
        ("v = FeatureView(**given)", "a feature view whose arguments are not plain"),
        ("for n in 'ab':\n    FeatureView(name=n, schema=[], source=s)", "a FeatureView made in a function, loop or"),
        ("if s:\n    v = FeatureView(name='v', schema=[], source=s)", "a FeatureView made in a function, loop or"),
        (
            "def f():\n    return FeatureView(name='v', schema=[], source=s)",
            "a FeatureView made in a function, loop or",
        ),
        (
            "L = []\nL.append(Field(name='a'))\nv = FeatureView(name='v', schema=L, source=s)",
            "which are not a plain list",
        ),
        (
            "L = [Field(name='a')]\nL += [Field(name='b')]\nv = FeatureView(name='v', schema=L, source=s)",
            "not a plain list",
        ),
        ("L = [Field(name='a')]\nL = []\nv = FeatureView(name='v', schema=L, source=s)", "not a plain list"),
        ("v = FeatureView(name='v', schema=[], source=s, tags=tags())", 'the tags of the feature view "v"'),
        (
            "a = P(batch_source=b)\nb = P(batch_source=a)\nv = FeatureView(name='v', schema=[], source=a)",
            "the source of",
        ),
        ("a = a[0]\nv = FeatureView(name='v', schema=[], source=a)", "the source of"),
        ("L = L + L\nv = FeatureView(name='v', schema=L, source=s)", "not a plain list"),
        ("L = L2\nL2 = L\nv = FeatureView(name='v', schema=L, source=s)", "not a plain list"),
    ],
)
def test_what_only_running_would_tell_is_named(repository, tmp_path, text, unjudged):
    found = read_feast(repository(a=HEAD + text), tmp_path)
    assert any(unjudged in line and line.startswith("store/a.py:") for line in found.not_judged), found


def test_a_file_that_is_not_python_is_named_and_the_rest_is_read(whole, write, tmp_path):
    write("store/broken.py", "def f(:\n")
    write("store/latin.py", "# caf\xe9".encode("latin-1"))
    found = read_feast(whole, tmp_path)
    assert len(found.features) == 6
    assert found.not_judged == (
        "store/broken.py:1: not Python that can be read",
        "store/latin.py: not UTF-8, or too large",
    )


def test_no_repository(repository, tmp_path):
    with pytest.raises(InputError, match="store: there is no such folder"):
        read_feast(tmp_path / "store", tmp_path)
    with pytest.raises(InputError, match="no file in it defines a feature view"):
        read_feast(repository(a="x = 1"), tmp_path)


def test_a_service_s_unknown_parts_are_named(repository, tmp_path):
    text = HEAD + (
        "v = FeatureView(name='v', schema=[Field(name='a')], source=s)\n"
        "f = FeatureService(name='f', features=[v[['a', 'z']], other, v[chosen]])\n"
        "g = FeatureService(name='g', features=make())\n"
    )
    folder = repository(a=text)
    found = read_feast(folder, tmp_path, service="f")
    assert [one.name for one in found.features] == ["a"]
    assert {line.partition(": ")[2] for line in found.not_judged} == {
        '"z", which "v" is not seen to have', "a feature view of the service", "a choice of features"
    }  # fmt: skip
    assert "the features of the service, which are not a plain list" in str(read_feast(folder, tmp_path, service="g"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(VIEWS)), st.text(max_size=5))
def test_cut_off_anywhere_it_is_read_or_named(tmp_path_factory, cut, more):
    folder = tmp_path_factory.mktemp("store")
    (folder / "views.py").write_text(VIEWS[:cut] + more + VIEWS[cut + 3 :], encoding="utf-8", errors="replace")
    try:
        found = read_feast(folder, folder)
    except InputError:
        return
    assert found.features or found.not_judged
