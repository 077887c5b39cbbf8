"""Item ids as people spell them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlscore.core.placement_ids import ALIASES, docstring_tags, item_id, plain, prefix_of, section_named

IDS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("data-1", "data-1"),
        ("Data1", "data-1"),
        ("Data 1", "data-1"),
        ("DATA_1", "data-1"),
        ("data-01", "data-1"),
        ("FD-1", "data-1"),
        ("Feature & Data 3", "data-3"),
        ("ML-6", "model-6"),
        ("Model6", "model-6"),
        ("model_5", "model-5"),
        ("model development 2", "model-2"),
        ("INF-3", "infra-3"),
        ("infra 4", "infra-4"),
        ("Infrastructure.7", "infra-7"),
        ("ML Infra 2", "infra-2"),
        ("MON-6", "monitor-6"),
        ("Monitor 6", "monitor-6"),
        ("monitoreo 2", "monitor-2"),
        ("Data 1: Feature expectations are captured", "data-1"),
        ("Infra-1 - Training", "infra-1"),
        ("  data-1  ", "data-1"),
    ],
)
def test_spellings(text, item):
    assert item_id(text, IDS) == item


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "data",
        "data-9",
        "data-0",
        "data 1.5",
        "data-1-2",
        "test_data_1",
        "v1",
        "python-3",
        "data-1234",
        "data-²",
        "x" * 5000,
    ],
)
def test_other_texts_mean_no_item(text):
    assert item_id(text, IDS) is None


def test_configured_prefixes_come_first():
    assert item_id("ML-6", IDS, (("ML", "infra"),)) == "infra-6"
    assert item_id("model-6", IDS, (("model", "infra"),)) == "infra-6"
    assert item_id("QA 2", IDS, (("qa", "data"),)) == "data-2"


def test_ids_of_another_rubric():
    ids = ("fairness-1", "fairness-2", "sign-off")
    assert item_id("Fairness2", ids) == "fairness-2"
    assert item_id("Sign off", ids) == "sign-off"
    assert item_id("Sign off: by the owner", ids) == "sign-off"
    assert item_id("data-1", ids) is None


_SPELT = [(section, word) for section, aliases in ALIASES.items() for word in (section, *aliases)]


@settings(max_examples=60)
@given(
    spelt=st.sampled_from(_SPELT),
    separator=st.sampled_from(["", "-", "_", " ", ".", "#", " - "[:2]]),
    number=st.integers(1, 7),
    zeros=st.integers(0, 1),
    upper=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_every_alias_in_every_form(spelt, separator, number, zeros, upper):
    section, word = spelt
    assert item_id(f"{upper(word)}{separator}{'0' * zeros}{number}", IDS) == f"{section}-{number}"


@settings(max_examples=80)
@given(st.text(max_size=30))
@example("١-data")
@example("data-٣")
def test_any_text_gives_an_id_of_the_rubric_or_none(text):
    assert item_id(text, IDS) in (None, *IDS)


def test_prefixes_and_plain_spellings():
    assert prefix_of("data-1") == "data"
    assert prefix_of("sign-off") == "sign-off"
    assert plain("Feature & Data_x-1") == "featuredatax1"
    assert section_named("FD", IDS) == "data"
    assert section_named("Infrastructure", IDS) == "infra"
    assert section_named("QA", IDS) is None
    assert section_named("QA", IDS, (("QA", "model"),)) == "model"


def test_tags_are_found_once_each_and_unknown_numbers_are_told():
    text = "Data 1: a\nData 1: again\nModel 12: too far\nChapter 3: other"
    assert docstring_tags(text, IDS) == (("data-1",), ("Model 12",))
