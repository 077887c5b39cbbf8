"""The configuration's JSON Schema says what the loader does: the same keys, the same types, the same choices."""

import json
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlscore.core.codec import dumps
from mlscore.errors import ConfigError
from mlscore.project.config_schema import FILE, config_schema
from mlscore.project.keys import REPORT_TYPES, TABLES, TOP, Kind

VALIDATOR = Draft202012Validator(config_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_file_is_current():
    assert FILE.read_text(encoding="utf-8") == dumps(config_schema()), (
        "write it again: python -m mlscore.project.config_schema"
    )


def test_it_is_a_schema():
    Draft202012Validator.check_schema(config_schema())


def test_every_key_is_described():
    def described(schema):
        for name, inner in schema["properties"].items():
            assert len(inner["description"]) > 10, name
            yield name
            if "properties" in inner:
                yield from described(inner)
            elif "properties" in inner.get("items", {}):
                yield from described(inner["items"])

    assert sorted(described(config_schema())) == sorted(key.name for keys in TABLES.values() for key in keys)


def plain(value):
    """Parsed TOML as JSON sees it."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


# For each kind, values that a project may write, and values that it may not; ids and dates are always right, since the
# schema cannot know the rubric and the calendar.
ITEM = st.sampled_from(["data-1", "infra-4", "monitor-7"])
SCALAR = st.sampled_from([True, False, 0, 1, -1, 2.5, -0.5, "", " ", "x", "true", "2.5", "5/2", "1/0", "7", "two"])
ANY = (
    SCALAR
    | st.lists(SCALAR, max_size=2)
    | st.dictionaries(st.sampled_from(["item", "level", "data"]), SCALAR, max_size=2)
)
WORD = st.sampled_from(["x", "prøject", " a "])
RIGHT = {
    Kind.TEXT: WORD,
    Kind.FLAG: st.booleans(),
    Kind.COUNT: st.integers(1, 9),
    Kind.POINTS: st.sampled_from([0, 1, 7, 2.5, "5/2", " 1/3 ", "+7/3"]),
    Kind.TEXTS: st.lists(WORD, max_size=2),
    Kind.TEXT_OR_TEXTS: WORD | st.lists(WORD, max_size=2),
    Kind.REPORTS: st.sampled_from(["json", ["markdown:a b.md", "terminal"], []]),
    Kind.DATE: st.sampled_from([date(2026, 1, 2), "2026-01-02"]),
    Kind.SHARE: st.sampled_from([0, 1, 0.25]),
    Kind.LABEL: SCALAR,
    Kind.LABELS: st.lists(SCALAR, max_size=2),
    Kind.FLOORS: st.dictionaries(
        st.sampled_from(["data", "infra"]), st.sampled_from([0, 2.5, "5/2"]) | SCALAR, max_size=2
    ),
    Kind.PAIRS: st.dictionaries(st.sampled_from(["FD", "ML"]), st.sampled_from(["data", "model"]), max_size=2),
    Kind.MUST_HAVES: st.lists(
        ITEM | st.fixed_dictionaries({"item": ITEM}, optional={"level": st.just("manual")}), max_size=1
    ),
}
# What the loader reads as a name of something that must exist is kept right, or of a wrong type.
NAMED = {
    "item": ITEM,
    "rubric": st.just("ml-test-score"),
    "attestations": st.just("mlscore.toml.people"),
    "markers": st.lists(st.just("ml_test"), max_size=2),
    "link": st.just("https://example.org/"),
    "baseline": st.just("b.json"),
    "digest": st.just("sha256:" + "0a" * 32),
    "features": st.sampled_from([[], ["a"], ["a", "b"]]),
    "classes": st.sampled_from([[], [0, "yes"]]),
    "positive": st.sampled_from([0, "yes"]),
}
WRONG_TYPE = st.sampled_from([True, 3, 2.5])


@st.composite
def tables(draw, name):
    table = {}
    for key in TABLES[name]:
        if not key.required and draw(st.integers(0, 5)) > 0:
            continue
        if key.required and draw(st.integers(0, 9)) == 0:
            continue
        wrong = draw(st.integers(0, 5)) == 0
        if key.kind is Kind.TABLE:
            table[key.name] = draw(SCALAR if wrong else tables(key.name))
        elif key.kind is Kind.TABLES:
            table[key.name] = draw(SCALAR if wrong else st.lists(tables(key.name), max_size=2))
        elif key.name in NAMED:
            table[key.name] = draw(WRONG_TYPE if wrong else NAMED[key.name])
        elif key.kind is Kind.CHOICE:
            table[key.name] = draw(ANY if wrong else st.sampled_from(key.choices))
        elif key.kind is Kind.DATE:
            table[key.name] = draw(WRONG_TYPE if wrong else RIGHT[Kind.DATE])
        elif key.kind is Kind.PAIRS:
            table[key.name] = draw(WRONG_TYPE if wrong else RIGHT[Kind.PAIRS])
        else:
            table[key.name] = draw(ANY if wrong else RIGHT[key.kind])
    if draw(st.integers(0, 12)) == 0:
        table[draw(st.sampled_from(["colour", "fail-undr", "owner-"]))] = draw(SCALAR)
    return table


@given(tables(TOP))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_schema_and_loader_agree(write, load, configuration):
    import tomlkit

    write("mlscore.toml.people", "# nobody yet\n")
    text = "# a configuration\n" + tomlkit.dumps(configuration)
    write("mlscore.toml", text)
    fits = VALIDATOR.is_valid(plain(tomllib.loads(text, parse_float=Decimal)))
    said = None
    try:
        load()
    except ConfigError as error:
        said = str(error)
    # What only the loader can know: the rubric's sections, its prefixes and its maximum.
    beyond = said is not None and any(
        word in said for word in ("has no section", "begins with", "is the most", "has no item")
    )
    assert fits == (said is None) or (fits and beyond), said


@pytest.mark.parametrize("value", ["jsn", "json:", "", " json", "jsonx:a.json"])
def test_a_report_s_type_is_known_to_both(loaded, complaint, value):
    assert not VALIDATOR.is_valid({"report": [value]})
    assert not VALIDATOR.is_valid({"report": value})
    assert complaint(loaded, f'report = ["{value}"]\n').startswith("exit 2: mlscore.toml:1: ")


def test_the_report_types_are_those_of_the_reports():
    from mlscore.report import FORMATS

    assert tuple(FORMATS) == REPORT_TYPES


@pytest.mark.parametrize("value", ["2", "1e3", "-1", "1/0", "", "x", "٣"])
def test_a_number_as_text_follows_one_pattern(loaded, complaint, value):
    assert not VALIDATOR.is_valid({"fail-under": value})
    assert "fail-under" in complaint(loaded, f'fail-under = "{value}"\n')


def test_our_own_configurations_fit():
    top = Path(__file__).parents[2]
    found = 0
    for path in [top / "pyproject.toml", *top.glob("examples/*/pyproject.toml")]:
        ours = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("mlscore")
        if ours is not None:
            found += 1
            assert list(VALIDATOR.iter_errors(plain(ours))) == [], path
    assert found


def test_it_lies_beside_its_maker_and_ships_with_the_package():
    assert json.loads(FILE.read_text(encoding="utf-8"))["title"] == "mlscore"
    assert FILE.parent.name == "project"
