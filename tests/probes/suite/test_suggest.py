"""What is said of one test: from its content, its section, and what the suite claims of it."""

import pytest

from mlscore.core.placement import METAMORPHIC, Conventions
from mlscore.probes.suite.suggest import LEAST, suggest

HEAD = """
import time
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score
from shop.data import load_data
from shop.features import bucket
from shop.model import load_model, train_model
"""


@pytest.mark.parametrize(
    ("body", "item"),
    [
        ("df = pd.read_csv('d.csv')\n    assert df['a'].notna().all()", "data-1"),
        ("df = pd.read_csv('d.csv')\n    if df['a'].isna().any():\n        raise AssertionError('gaps')", "data-1"),
        ("df = pd.read_csv('d.csv')\n    assert df['a'].apply(lambda v: v in (0, 1)).all()", "data-1"),
        ("assert bucket(3) == 'small'", "data-7"),
        ("m = load_model()\n    X, y = load_data()\n    assert accuracy_score(y, m.predict(X)) > 0.8", "infra-4"),
        (
            "m = load_model()\n    X, y = load_data()\n    acc = accuracy_score(y, m.predict(X))\n"
            "    if acc < 0.8:\n        pytest.fail('too low')",
            "infra-4",
        ),
        (
            "X, y = load_data()\n    base = DummyClassifier().fit(X, y)\n"
            "    assert load_model().score(X, y) > base.score(X, y)",
            "model-5",
        ),
        (
            "X, y = load_data()\n    a, b = train_model(X, y, seed=1), train_model(X, y, seed=1)\n"
            "    assert np.array_equal(a.predict(X), b.predict(X))",
            "infra-1",
        ),
        ("t = time.time()\n    load_model().predict([[1]])\n    assert time.time() - t < 0.1", "monitor-6"),
        ("t = time.time()\n    bucket(3)\n    assert time.time() - t < 0.1", "data-3"),
        ("assert np.isfinite(load_model().predict([[1]])).all()", "monitor-5"),
        # and what only looks like it
        ("m = load_model()\n    X, y = load_data()\n    assert 0 <= accuracy_score(y, m.predict(X)) <= 1", None),
        ("with pytest.raises(ValueError):\n        train_model(None, None)", None),
        ("assert load_model() is not None", None),
        ("out = bucket(pd.DataFrame({'a': [1]}))\n    assert list(out.columns) == ['a']", None),
        ("pass", None),
    ],
)
def test_content_speaks(suggestion, body, item):
    said = suggestion(f"{HEAD}\ndef test_it():\n    {body}\n")
    assert said.item == item
    assert (said.confidence >= LEAST) is (item is not None)
    assert said.why
    assert not said.placed


def test_helpers_and_fixtures_speak_for_a_test(suggestion):
    source = HEAD + (
        "@pytest.fixture\ndef orders():\n    return pd.read_parquet('o.parquet')\n"
        "def check(frame):\n    assert frame['price'].between(0, 10).all()\n"
        "def test_it(orders):\n    assert orders['price'].between(0, 10).all()\n"
    )
    assert suggestion(source).item == "data-1"


def test_fixtures_of_conftest_are_seen(suite_of, rubric_ids):
    suite = suite_of(
        {
            "tests/conftest.py": "import pandas as pd, pytest\n"
            "@pytest.fixture\ndef orders():\n    return pd.read_csv('o.csv')\n",
            "tests/unit/test_it.py": "def test_it(orders):\n    assert orders['a'].isin([1]).all()\n",
        }
    )
    (said,) = suggest(suite, conventions=Conventions(), rubric_ids=rubric_ids)
    assert said.item == "data-1"


MOCKED = HEAD + (
    "from unittest.mock import MagicMock\n"
    "def test_it():\n    model = MagicMock()\n    X, y = load_data()\n"
    "    assert accuracy_score(y, model.predict(X)) > 0.8\n"
)


def test_a_mocked_model_shows_nothing(suggestion):
    assert suggestion(MOCKED).item is None
    assert suggestion(MOCKED.replace("MagicMock()", "load_model()")).item == "infra-4"


def test_the_section_weighs_in(suggestion):
    source = (
        HEAD + "def test_it():\n    X, y = load_data()\n    assert accuracy_score(y, load_model().predict(X)) > 0.8\n"
    )
    alone = suggestion(source)
    agreeing = suggestion(source, path="tests/test_infrastructure.py")
    differing = suggestion(source, path="tests/test_features.py")
    assert {s.item for s in (alone, agreeing, differing)} == {"infra-4"}
    assert agreeing.confidence > alone.confidence > differing.confidence


def test_a_test_in_a_section_without_signs_gets_what_its_words_say(suggestion):
    source = "def test_feature_skew(tables):\n    assert compare(tables) < 3\n"
    said = suggestion(source, path="tests/test_monitoring.py")
    assert (said.section, said.item) == ("monitor", "monitor-3")
    assert LEAST <= said.confidence < 0.6
    assert suggestion(source.replace("_feature_skew", "_helpers"), path="tests/test_monitoring.py").item is None


def test_metamorphic_tests_stand_in_their_section_and_mean_no_item(suggestion):
    source = (
        HEAD + "def test_synonyms():\n    m = load_model()\n    assert m.predict(['good']) == m.predict(['fine'])\n"
    )
    said = suggestion(source, path="tests/test_mutamorphic.py")
    assert (said.section, said.item) == (METAMORPHIC, None)


def test_a_number_in_a_name_is_not_trusted(suggestion):
    said = suggestion("def test_data_3_loads():\n    assert load() == 1\n")
    assert (said.section, said.item) == ("data", None)
    assert "often just count the tests" in said.why


CLAIM = HEAD + "@pytest.mark.ml_test('{0}')\ndef test_it():\n    assert bucket(3) == 'small'\n"


def test_a_claim_that_the_content_bears_out_is_surer_than_one_it_does_not(suggestion):
    borne_out, contradicted = suggestion(CLAIM.format("FD-7")), suggestion(CLAIM.format("FD-1"))
    assert (borne_out.item, contradicted.item) == ("data-7", "data-1")
    assert borne_out.confidence > 0.9 > 0.7 > contradicted.confidence
    assert "which is data-7" in contradicted.why


def test_configured_claims_and_own_marks_are_placed(suggestion):
    said = suggestion(CLAIM.format("FD-7"), markers=("ml_test",))
    assert (said.item, said.placed, said.confidence) == ("data-7", True, 1.0)
    said = suggestion("import pytest\n@pytest.mark.mlscore('data-1', 'monitor-2')\ndef test_it(): pass\n")
    assert (said.items, said.placed) == (("data-1", "monitor-2"), True)


def test_a_mark_that_cannot_be_read_is_told(suggestion):
    said = suggestion("import pytest\n@pytest.mark.mlscore('dta-1')\ndef test_it(): pass\n")
    assert (said.item, said.placed) == (None, True)
    assert 'did you mean "data-1"?' in said.problems[0]


def test_items_the_rubric_has_not_are_not_suggested(suite_of):
    suite = suite_of({"tests/test_it.py": HEAD + "def test_it():\n    assert bucket(3) == 'small'\n"})
    (said,) = suggest(suite, conventions=Conventions(), rubric_ids=("data-1",))
    assert said.item is None


def test_suggestions_are_the_same_at_every_run(suite_of, rubric_ids):
    suite = suite_of({"tests/test_it.py": HEAD + "def test_it():\n    assert bucket(3) == 'small'\n"})
    assert suggest(suite, conventions=Conventions(), rubric_ids=rubric_ids) == suggest(
        suite, conventions=Conventions(), rubric_ids=rubric_ids
    )


SERVED = HEAD + (
    "from shop.app import client\n"
    "def test_it():\n    reply = client.post('/predict', json={{'a': 1}})\n    assert reply.json()['prediction'] > 3\n"
    "@pytest.fixture{autouse}\n"
    "def quiet(monkeypatch):\n    monkeypatch.setattr('shop.app.{what}', lambda: None)\n"
)


@pytest.mark.parametrize(
    ("autouse", "what", "item"),
    [
        ("(autouse=True)", "load_model", None),
        ("(autouse=True)", "send_metrics", "infra-6"),
        ("(autouse=False)", "load_model", "infra-6"),
        ("", "load_model", "infra-6"),
    ],
)
def test_a_model_replaced_around_every_test_shows_nothing(suggestion, autouse, what, item):
    assert suggestion(SERVED.format(autouse=autouse, what=what)).item == item


def test_an_aside_about_determinism_is_no_claim(suggestion):
    body = (
        "    X, y = load_data()\n    model = train_model(X, y)\n    before = model.predict(X)\n"
        "    after = np.load('kept.npy')\n    assert np.array_equal(before, after)\n"
    )
    aside = suggestion(HEAD + "def test_it():\n    # keeps the test fast and deterministic\n" + body)
    said = suggestion(HEAD + "def test_training_is_deterministic():\n" + body)
    assert (aside.item, said.item) == (None, "infra-1")
