"""Where tests belong: every spelling of markers, tags, properties, names and files that suites use today."""

import timeit

import pytest

from mlscore.core.placement import EMPTY, METAMORPHIC, Conventions, Mark, place

pytestmark = pytest.mark.mlscore("honesty-3")

IDS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))


def placed(*marks, name="test_something", path="tests/test_things.py", docstring=None, properties=(), **conventions):
    return place(
        marks,
        docstring=docstring,
        name=name,
        path=path,
        conventions=Conventions(**conventions),
        rubric_ids=IDS,
        properties=properties,
    )


def placed_with_properties(properties, names=("ml_test_score",)):
    return place(
        [],
        docstring=None,
        name="test_x",
        path="tests/test_things.py",
        conventions=Conventions(properties=names),
        rubric_ids=IDS,
        properties=properties,
    )


# Our own marker


def test_own_marker_takes_several_ids_from_several_marks():
    placement = placed(Mark("mlscore", ("data-1", "data-7")), Mark("mlscore", ("monitor-2", "data-1")))
    assert placement.items == ("data-1", "data-7", "monitor-2")
    assert placement.problems == ()
    assert not placement.manual


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (
            Mark("mlscore"),
            '@pytest.mark.mlscore names no item; write for example @pytest.mark.mlscore("data-1")',
        ),
        (
            Mark("mlscore", (["data-1", "data-2"],)),
            "@pytest.mark.mlscore takes its ids one by one, not as a list; "
            'write @pytest.mark.mlscore("data-1", "data-2")',
        ),
        (
            Mark("mlscore", (1,)),
            '@pytest.mark.mlscore: an item\'s id is text, not 1; write @pytest.mark.mlscore("data-1")',
        ),
        (
            Mark("mlscore", ("dta-1",)),
            '@pytest.mark.mlscore("dta-1"): the rubric has no item "dta-1"; did you mean "data-1"?',
        ),
        (
            Mark("mlscore", ("data-9",)),
            '@pytest.mark.mlscore("data-9"): the rubric has no item "data-9"; did you mean "data-7"?',
        ),
        (
            Mark("mlscore", ("zzz",)),
            '@pytest.mark.mlscore("zzz"): the rubric has no item "zzz"; `mlscore rubric show` lists the ids',
        ),
        (
            Mark("mlscore", ("infra",)),
            '@pytest.mark.mlscore("infra"): "infra" is a section, not an item; its items are infra-1, infra-2, infra-3, '
            "infra-4, infra-5, infra-6, infra-7",
        ),
        (
            Mark("mlscore", (), {"item": "data-1"}),
            "@pytest.mark.mlscore does not read the keyword item; write the ids alone, for example "
            '@pytest.mark.mlscore("data-1")',
        ),
    ],
)
def test_own_marker_that_cannot_be_read_says_what_to_write(mark, sentence):
    placement = placed(mark)
    assert placement.items == ()
    assert placement.problems == (sentence,)


def test_a_wrong_argument_does_not_lose_the_right_ones():
    placement = placed(Mark("mlscore", ("data-1", ["data-2"], "monitor-2")))
    assert placement.items == ("data-1", "monitor-2")
    assert len(placement.problems) == 1


def test_an_argument_known_only_at_run_time_is_no_problem():
    assert placed(Mark("mlscore", (...,))).problems == ()


def test_own_marker_wins_over_everything_else():
    placement = placed(
        Mark("ml_test", ("FD-2",)),
        Mark("mlscore", ("infra-1",)),
        name="test_monitor_3_x",
        docstring="Data 4: tagged",
        path="tests/test_model.py",
        markers=("ml_test",),
        docstrings=True,
        names=True,
    )
    assert placement.items == ("infra-1",)


# Foreign item markers, each with its one line of configuration


@pytest.mark.parametrize(
    ("line", "marks", "item"),
    [
        ("ml_test_score(category_test)", [Mark("ml_test_score", (), {"category_test": "Data1"})], "data-1"),
        ("ml_test_score(category_test)", [Mark("ml_test_score", (), {"category_test": "Infra 4"})], "infra-4"),
        ("ml_test", [Mark("ml_test", ("FD-1",))], "data-1"),
        ("ml_test", [Mark("ml_test", ("ML-6",))], "model-6"),
        ("ml_test", [Mark("ml_test", ("INF-3",))], "infra-3"),
        ("ml_test", [Mark("ml_test", ("MON-6",))], "monitor-6"),
        ("model_test+model_{n}", [Mark("model_test"), Mark("model_5")], "model-5"),
        ("{section}_test+{section}_{n}", [Mark("model_5"), Mark("model_test")], "model-5"),
        ("{section}_test+{section}_{n}", [Mark("infrastructure_test"), Mark("infra_1")], "infra-1"),
        ("{section}_test+{section}_{n}", [Mark("monitoring_test"), Mark("monitor_6")], "monitor-6"),
        ("model_test+case_{n}", [Mark("model_test"), Mark("case_3")], "model-3"),
        ("{section}_{n}", [Mark("data_7")], "data-7"),
        ("rubric_{item}", [Mark("rubric_data_7")], "data-7"),
        ("smoke=data-1", [Mark("smoke")], "data-1"),
        ("integration=infra-3", [Mark("integration")], "infra-3"),
        ("check_{n}=monitor-{n}", [Mark("check_4")], "monitor-4"),
    ],
)
def test_each_foreign_marker_is_mapped_by_one_line(line, marks, item):
    placement = placed(*marks, markers=(line,))
    assert placement.items == (item,)
    assert placement.problems == ()
    assert line in placement.why


@pytest.mark.parametrize(
    ("marks", "line"),
    [
        ([Mark("ml_test_score", (), {"category_test": "Data1"})], "ml_test_score(category_test)"),
        ([Mark("ml_test", ("FD-1",))], "ml_test"),
        ([Mark("data_test"), Mark("data_1")], "data_test+data_{n}"),
        ([Mark("data_1")], "data_{n}"),
    ],
)
def test_without_configuration_a_foreign_marker_is_a_suggestion_that_names_the_line(marks, line):
    placement = placed(*marks)
    assert placement.items == ()
    assert placement.suggested == "data-1"
    assert placement.confidence > 0.5
    assert f'markers = ["{line}"]' in placement.why
    assert placed(*marks, markers=(line,)).items == ("data-1",)


@pytest.mark.parametrize(("status", "manual"), [("manual", True), ("automatic", False), ("Manual", True)])
def test_status_manual_earns_manual_at_most(status, manual):
    mark = Mark("ml_test_score", (), {"category_test": "Data1", "status": status})
    placement = placed(mark, markers=("ml_test_score(category_test; status=manual)",))
    assert placement.items == ("data-1",)
    assert placement.manual is manual


def test_one_manual_mark_of_two_makes_the_test_manual():
    marks = [Mark("m", ("data-1",), {"how": "auto"}), Mark("m", ("data-2",), {"how": "manual"})]
    placement = placed(*marks, markers=("m(; how=manual)",))
    assert placement.items == ("data-1", "data-2")
    assert placement.manual


def test_a_configured_marker_with_an_unknown_id_is_a_problem():
    assert placed(Mark("ml_test", ("FD-12",)), markers=("ml_test",)).problems == (
        '@pytest.mark.ml_test("FD-12"): the rubric has no item "FD-12"; `mlscore rubric show` lists the ids',
    )


def test_a_configured_marker_without_its_keyword_says_which_it_has():
    placement = placed(Mark("m", (), {"categorytest": "Data1"}), markers=("m(category_test)",))
    assert placement.problems == ('@pytest.mark.m has no category_test; did you mean "categorytest"?',)


def test_a_numbered_marker_beyond_the_rubric_is_a_problem():
    placement = placed(Mark("model_test"), Mark("model_9"), markers=("model_test+model_{n}",))
    assert placement.items == ()
    assert 'the rubric has no item "model_9"' in placement.problems[0]


def test_a_pair_about_two_sections_is_no_pair():
    assert placed(Mark("model_test"), Mark("data_1"), markers=("{section}_test+{section}_{n}",)).items == ()


def test_half_a_pair_is_no_pair():
    assert placed(Mark("model_5"), markers=("model_test+model_{n}",)).items == ()


def test_a_general_pattern_leaves_unrelated_markers_alone():
    placement = placed(Mark("python_3"), markers=("{section}_{n}",))
    assert placement.items == ()
    assert placement.problems == ()


def test_a_marker_of_a_section_by_configuration_earns_nothing():
    placement = placed(Mark("resilience"), markers=("resilience=infra",))
    assert placement.items == ()
    assert placement.section == "infra"


@pytest.mark.parametrize("prefix", ["QA", "Feature Quality"])
def test_configured_prefixes(prefix):
    mark = Mark("ml_test", (f"{prefix}-1",))
    assert placed(mark, markers=("ml_test",)).items == ()
    assert placed(mark, markers=("ml_test",), prefixes=((prefix, "data"),)).items == ("data-1",)


@pytest.mark.parametrize(
    "mark", [Mark("skipif", ("data-1",)), Mark("parametrize", ("data", ["data-1"])), Mark("order", (1,))]
)
def test_markers_of_pytest_and_its_plugins_claim_nothing(mark):
    assert placed(mark) is EMPTY


# Section markers, files and folders


@pytest.mark.parametrize(
    ("marker", "section"),
    [
        ("feature_data", "data"),
        ("data", "data"),
        ("features", "data"),
        ("model_dev", "model"),
        ("development", "model"),
        ("ml_infra", "infra"),
        ("infrastructure", "infra"),
        ("monitoring", "monitor"),
        ("metamorphic", METAMORPHIC),
        ("mutamorphic", METAMORPHIC),
    ],
)
def test_section_markers_place_and_earn_nothing(marker, section):
    placement = placed(Mark(marker))
    assert placement.items == ()
    assert placement.section == section
    assert marker in placement.why


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("tests/test_feature_data.py", "data"),
        ("tests/test_features_and_data.py", "data"),
        ("tests/test_data.py", "data"),
        ("tests/test_model_development.py", "model"),
        ("tests/test_model_dev.py", "model"),
        ("tests/test_model.py", "model"),
        ("tests/test_infrastructure.py", "infra"),
        ("tests/test_ml_infra.py", "infra"),
        ("tests/test_02_model_development.py", "model"),
        ("tests/test_03_ml_infra.py", "infra"),
        ("tests/test_monitoring.py", "monitor"),
        ("tests/test_metamorphic.py", METAMORPHIC),
        ("tests/test_mutamorphic.py", METAMORPHIC),
        ("tests/monitoring_test.py", "monitor"),
        # misspelt
        ("tests/test_infrastucture.py", "infra"),
        ("tests/test_monitering.py", "monitor"),
        ("tests/test_model_developement.py", "model"),
        ("tests/test_mutamorhpic.py", METAMORPHIC),
        ("tests/test_featrues_and_data.py", "data"),
        # folders
        ("tests/monitoring/test_latency.py", "monitor"),
        ("tests/feature_data/test_a.py", "data"),
        ("tests/ml_infrastructure/test_a.py", "infra"),
        ("tests/test_02_infrastructure/test_a.py", "infra"),
        ("tests/datos/test_a.py", "data"),
        # the file says more than the folder
        ("tests/data/test_monitoring.py", "monitor"),
    ],
)
def test_files_and_folders_place_and_earn_nothing(path, section):
    placement = placed(path=path)
    assert placement.items == ()
    assert placement.section == section


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_utils.py",
        "tests/test_data_loader.py",
        "tests/test_model_config.py",
        "tests/test_model_data.py",
        "tests/test_quality.py",
        "tests/test_dev.py",
        "tests/test_api.py",
        "model-training/tests/test_cli.py",
        "tests/test_02.py",
    ],
)
def test_other_files_belong_to_no_section(path):
    assert placed(path=path) is EMPTY


def test_what_is_only_in_a_section_gets_a_suggestion_from_its_words():
    placement = placed(path="tests/test_monitoring.py", name="test_prediction_latency[cpu]")
    assert (placement.items, placement.section, placement.suggested) == ((), "monitor", "monitor-6")
    assert 0 < placement.confidence < 0.5


def test_words_suggest_within_the_section_only():
    assert placed(path="tests/test_monitoring.py", name="test_schema").suggested is None


def test_the_first_line_of_the_docstring_suggests_too():
    placement = placed(Mark("model_dev"), name="test_it", docstring="Quality on every slice.\n\nMentions latency.")
    assert placement.suggested == "model-6"


def test_spanish_words_suggest():
    assert placed(path="tests/test_datos.py", name="test_sin_valores_nulos").suggested == "data-1"


# Names


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("test_data_1_schema", "data-1"),
        ("test_model_5_baseline", "model-5"),
        ("test_infra_3", "infra-3"),
        ("test_monitor_6_latency[fast]", "monitor-6"),
    ],
)
def test_numbered_names_count_only_when_configured(name, item):
    assert placed(name=name, names=True).items == (item,)
    unconfigured = placed(name=name)
    assert unconfigured.items == ()
    assert (unconfigured.suggested, unconfigured.confidence) == (None, 0.0)
    assert unconfigured.section == item.partition("-")[0]
    assert f"its name says {item}" in unconfigured.why
    assert "often just count the tests" in unconfigured.why


@pytest.mark.parametrize("name", ["test_data_12_x", "test_model_v2", "test_data1x", "test_database_1"])
def test_other_numbers_in_names_say_nothing(name):
    assert placed(name=name, names=True) is EMPTY


# Docstring tags


@pytest.mark.parametrize(
    ("docstring", "items"),
    [
        ("Data 3: no feature costs too much", ("data-3",)),
        ("INFRA 4: validated before serving", ("infra-4",)),
        ("Monitor 6: latency", ("monitor-6",)),
        ("!ML Test Score, Data 4: requirements", ("data-4",)),
        ("Missing values.\n    !ML Test Score, Data 4: requirements\n", ("data-4",)),
        ("Majority class.\n\n       Model 5", ("model-5",)),
        ("Does not exceed the limit. Monitor 6", ("monitor-6",)),
        ("Trains twice (Infra 1).", ("infra-1",)),
        ("Data 1: schema\nMonitor 2: the same at serving", ("data-1", "monitor-2")),
    ],
)
def test_docstring_tags(docstring, items):
    assert placed(docstring=docstring, docstrings=True).items == items
    unconfigured = placed(docstring=docstring)
    assert unconfigured.items == ()
    assert unconfigured.suggested == items[0]
    assert "docstrings = true" in unconfigured.why


@pytest.mark.parametrize(
    "docstring",
    ["The model 3 is better.", "Version 2: x", "In 2024: data", "Runs model 3", "Data of the last 3 days", "", None],
)
def test_prose_is_no_tag(docstring):
    assert placed(docstring=docstring, docstrings=True) is EMPTY


def test_a_tag_beyond_the_rubric_is_a_problem():
    placement = placed(docstring="Data 12: no such thing", docstrings=True)
    assert placement.problems == ('docstring: the rubric has no item "Data 12"; did you mean "data-2"?',)


# JUnit properties


def test_properties_count_only_when_named():
    properties = [("ml_test_score", "Data1"), ("owner", "team-data"), ("ml_test_score", "MON-6; infra 2")]
    assert placed(properties=properties) is EMPTY
    assert placed_with_properties(properties, names=("other",)) is EMPTY
    placement = placed_with_properties(properties)
    assert placement.items == ("data-1", "monitor-6", "infra-2")


def test_a_property_with_an_unknown_id_is_a_problem():
    placement = placed_with_properties([("ml_test_score", "dta-1")])
    assert placement.problems == ('property "ml_test_score": the rubric has no item "dta-1"; did you mean "data-1"?',)


# Speed: every collected test of everybody's suite passes here


def test_a_test_that_says_nothing_shares_one_placement():
    assert placed() is EMPTY
    assert placed(Mark("parametrize", ("x", [1])), docstring="Adds 2 numbers.") is EMPTY


def test_ten_thousand_silent_tests_are_placed_in_a_moment():
    marks, conventions = [Mark("parametrize", ("x", [1]))], Conventions()

    def one():
        place(
            marks,
            docstring=None,
            name="test_x[1]",
            path="tests/test_things.py",
            conventions=conventions,
            rubric_ids=IDS,
        )

    one()
    assert min(timeit.repeat(one, number=10_000, repeat=3)) < 0.2
