"""Any rubric written as TOML is read back the same; any damage to one is refused in words, by the schema's standard."""

import copy
import json
import tomllib
from fractions import Fraction
from pathlib import Path

import jsonschema
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.core.rubric import SECTION_RULES, TOTAL_RULES, Band, Item, Level, Rubric, Scoring, Section
from mlscore.errors import RubricError
from mlscore.project.rubrics import load_rubric_file, rubric_folder

SOUND = tomllib.loads((Path(__file__).parent / "own" / "sum.toml").read_text(encoding="utf-8"))
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((rubric_folder() / "rubric.schema.json").read_text(encoding="utf-8"))
)

ids = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,3})?", fullmatch=True)
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
lists = st.lists(words, max_size=3).map(tuple)
numbers = st.builds(Fraction, st.integers(0, 999_999), st.integers(1, 999)) | st.decimals(
    0, 1000, places=3, allow_nan=False, allow_infinity=False
).map(Fraction)
weights = numbers.filter(bool)


@st.composite
def bands(draw):
    edges = sorted(draw(st.sets(numbers, max_size=4)))
    names = draw(st.lists(ids, min_size=len(edges), max_size=len(edges), unique=True))
    made = []
    for place, (name, edge) in enumerate(zip(names, edges, strict=True)):
        lower = {"above": edges[place - 1]} if place else draw(st.sampled_from([{}, {"at_least": Fraction(0)}]))
        made.append(Band(name, draw(words), draw(words), at_most=edge, **lower))
    return tuple(band for band in made if draw(st.booleans()))


@st.composite
def rubrics(draw):
    scoring = Scoring(draw(st.sampled_from(SECTION_RULES)), draw(st.sampled_from(TOTAL_RULES)))
    names = draw(st.lists(ids, min_size=2, max_size=8, unique=True))
    split = draw(st.integers(1, len(names) // 2))
    sections = tuple(
        Section(
            name,
            draw(words),
            draw(weights) if scoring.total == "weighted-mean" else Fraction(1),
            draw(st.sampled_from(["manual", "automated"])) if scoring.total == "ladder" else "automated",
        )
        for name in names[:split]
    )
    items = []
    for place, name in enumerate(names[split:]):
        # The first items fill the sections one each, so that none is empty.
        section = names[place] if place < split else draw(st.sampled_from(names[:split]))
        weight = draw(weights) if scoring.section == "weighted-mean" else Fraction(1)
        how = draw(lists.filter(bool))
        texts = [draw(words) for _ in range(6)]
        items.append(
            Item(name, section, *texts[:3], how, *texts[3:], references=draw(lists), weight=weight, recipe=draw(words))
        )
    items.sort(key=lambda item: names.index(item.section))
    points = sorted([draw(numbers), draw(weights)])
    levels = (
        Level("none", Fraction(0), draw(words)),
        Level("manual", points[0], draw(words)),
        Level("automated", points[1], draw(words)),
    )
    return Rubric(
        draw(ids), draw(words), draw(words), draw(words), draw(st.sampled_from(["en", "de", "pt-BR"])),
        levels, draw(bands()), scoring, sections, tuple(items),
    )  # fmt: skip


def number(value):
    """A number as a person may write it: an integer, a decimal when a short one is exact, else a fraction."""
    if value.denominator == 1:
        return int(value)
    if 1000 % value.denominator == 0:
        return tomlkit.items.Float(
            float(value), tomlkit.items.Trivia(), f"{value.numerator * 1000 // value.denominator / 1000:.3f}"
        )
    return str(value)


def document(rubric):
    def entry(value, *but):
        made = {}
        for name in value.__slots__:
            field = getattr(value, name)
            if name in but or field is None:
                continue
            plain = list(field) if isinstance(field, tuple) else number(field) if isinstance(field, Fraction) else field
            made[name.replace("_", "-")] = plain
        return made

    return {
        "schema": "mlscore-rubric/1",
        **{key: getattr(rubric, key) for key in ("id", "version", "title", "source", "language")},
        "scoring": entry(rubric.scoring),
        "levels": {level.id: entry(level, "id") for level in rubric.levels},
        "bands": [entry(band) for band in rubric.bands],
        "sections": {section.id: entry(section, "id") for section in rubric.sections},
        "items": {item.id: entry(item, "id") for item in rubric.items},
    }


@settings(max_examples=60, deadline=None)
@given(rubrics())
def test_a_rubric_written_and_read_is_the_same(tmp_path_factory, rubric):
    path = tmp_path_factory.mktemp("generated") / "rubric.toml"
    text = tomlkit.dumps(document(rubric))
    path.write_text(text, encoding="utf-8", newline="\n")
    read = load_rubric_file(path)
    assert read == rubric
    assert read.digest == rubric.digest
    SCHEMA.validate(tomllib.loads(text))


scalars = st.booleans() | st.integers(-5, 10**7) | st.floats(-10, 10**7) | st.text(max_size=6) | st.dates()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places(data, path=()):
    """The path of every value in nested tables and lists."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(places(SOUND), key=str)),
    st.sampled_from(["replace", "remove", "add"]),
    st.text(max_size=6),
    values,
)
def test_what_the_schema_refuses_the_loader_refuses_in_words(tmp_path_factory, place, how, key, value):
    data = copy.deepcopy(SOUND)
    table = data
    for part in place[:-1]:
        table = table[part]
    if how == "remove":
        del table[place[-1]]
    elif how == "replace":
        table[place[-1]] = value
    elif isinstance(table, dict):
        table[key] = value
    text = tomlkit.dumps(data)
    path = tmp_path_factory.mktemp("damaged") / "rubric.toml"
    path.write_text(text, encoding="utf-8", newline="\n")
    try:
        load_rubric_file(path)
        refused = None
    except RubricError as error:
        refused = str(error)
    if not SCHEMA.is_valid(tomllib.loads(text)):
        assert refused is not None
    assert refused is None or refused.startswith(path.as_posix())
