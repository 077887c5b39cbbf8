"""Loading rubrics: which file is meant, how files extend each other, exact numbers, and files that cannot be read."""

import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlscore
from mlscore.core.rubric import Band, Level, Section
from mlscore.errors import RubricError
from mlscore.project import rubrics
from mlscore.project.rubrics import load_rubric, load_rubric_file, rubric_folder, shipped_rubrics

OWN = Path(__file__).parents[1] / "rubrics" / "own"
SOUND = (OWN / "sum.toml").read_text(encoding="utf-8")
HEAD = 'schema = "mlscore-rubric/1"\nid = "mine"\nversion = "1"\ntitle = "Mine"\n'
ITEM = """
question = "q?"
why = "w."
how = ["h."]
manual = "m."
automated = "a."
pitfall = "p."
"""
SHIPPED = load_rubric("ml-test-score", root=Path())


@pytest.fixture
def write(tmp_path):
    """Write a rubric file and load it from the project's root."""

    def run(text, name="rubric.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_rubric(name, root=tmp_path)

    return run


def refusal(call, *args, **kwargs):
    with pytest.raises(RubricError) as error:
        call(*args, **kwargs)
    return str(error.value)


# --- which file is meant ----------------------------------------------------------------------------------------------


def test_shipped_rubrics_are_found_by_id_from_anywhere(tmp_path):
    assert "ml-test-score" in shipped_rubrics()
    assert load_rubric("ml-test-score", root=tmp_path / "absent") == SHIPPED


def test_a_name_that_ends_in_toml_or_has_a_separator_is_a_file(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("ml-test-score.toml", "sub/rubric"):
        (tmp_path / name).write_text(SOUND, encoding="utf-8")
        assert load_rubric(name, root=tmp_path).id == "points-add-up"
    assert load_rubric(str(tmp_path / "sub" / "rubric"), root=Path()).id == "points-add-up"


def test_a_file_of_its_own_is_loaded_by_path():
    assert load_rubric_file(OWN / "sum.toml") == load_rubric("sum.toml", root=OWN)


def test_blanks_and_letters_beyond_ascii_in_a_path(write):
    assert write(SOUND, "our rubrics/Bewertung für später.toml").id == "points-add-up"
    assert refusal(write, "", "our rubrics/prüfung.toml").startswith("our rubrics/prüfung.toml: the file is empty")


def test_an_unknown_name_is_answered_with_the_nearest():
    assert refusal(load_rubric, "ml-testscore", root=Path()) == (
        'there is no rubric "ml-testscore"; did you mean "ml-test-score"?'
    )
    assert refusal(load_rubric, "zzz", root=Path()) == (
        'there is no rubric "zzz"; known are ml-test-score, ml-test-score-2016, '
        "and a file is named by its path, ending in .toml"
    )


def test_the_installed_packages_copy_comes_before_a_checkouts(monkeypatch, tmp_path):
    package = tmp_path / "mlscore"
    (package / "project").mkdir(parents=True)
    monkeypatch.setattr(rubrics, "__file__", str(package / "project" / "rubrics.py"))
    assert rubric_folder() == tmp_path / "rubrics"
    (package / "_rubrics").mkdir()
    assert rubric_folder() == package / "_rubrics"
    shutil.copy(OWN / "sum.toml", package / "_rubrics" / "points-add-up.toml")
    assert shipped_rubrics() == ("points-add-up",)
    assert load_rubric("points-add-up", root=Path()).title == "Points add up"


# --- files that cannot be read ----------------------------------------------------------------------------------------


def test_an_absent_file(tmp_path):
    assert refusal(load_rubric, "absent.toml", root=tmp_path).startswith("absent.toml: there is no such file")


def test_a_folder_instead_of_a_file(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    assert "folder.toml: a folder, where a file is wanted" in refusal(load_rubric, "folder.toml", root=tmp_path)


def test_a_loop_of_symbolic_links(tmp_path):
    (tmp_path / "a.toml").symlink_to("b.toml")
    (tmp_path / "b.toml").symlink_to("a.toml")
    assert refusal(load_rubric, "a.toml", root=tmp_path).startswith("a.toml: ")


def test_a_link_to_a_file_is_that_file(tmp_path):
    (tmp_path / "link.toml").symlink_to(OWN / "sum.toml")
    assert load_rubric("link.toml", root=tmp_path).id == "points-add-up"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "rubric.toml: the file is empty"),
        (b" \r\n\t\n", "rubric.toml: the file is empty"),
        (b"\xef\xbb\xbf", "rubric.toml: the file is empty"),
        (b"# nothing yet\n", 'rubric.toml: the key "schema" is missing'),
        (HEAD.encode("utf-16"), "rubric.toml: not UTF-8: byte 0xff on line 1"),
        ((HEAD + 'source = "Ärzte"\n').encode("latin-1"), "rubric.toml: not UTF-8: byte 0xc4 on line 5"),
        (b'{"schema": "mlscore-rubric/1"}', "rubric.toml:1: not valid TOML"),
        (b"schema: mlscore-rubric/1\n", "rubric.toml:1: not valid TOML"),
        (b'schema = "mlscore-rubric/1"\nid = "a\x00b"\n', "rubric.toml:2: not valid TOML"),
        (b"x = " + b"[" * 9000, "rubric.toml: not valid TOML"),
        (b"x = " + b"9" * 9000, "rubric.toml: a number is too long to be read"),
        (b"x = 1e99999999999999999999", "rubric.toml: a number is too long to be read"),
    ],
)
def test_bytes_that_are_no_rubric(write, raw, says):
    sentence = refusal(write, raw)
    place, _, what = says.partition(": ")
    assert sentence.startswith(f"{place}: ")
    assert what in sentence
    assert "; " in sentence, "what to do is missing"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_byte_order_mark_and_line_ends_make_no_difference(write, mark, end):
    raw = mark + SOUND.encode().replace(b"\n", end)
    assert write(raw) == load_rubric_file(OWN / "sum.toml")
    wrong = raw.replace(b'pitfall = "Any', b'pitfal = "Any')
    assert refusal(write, wrong).startswith('rubric.toml:61: the key "items.types.pitfal" is unknown')


@settings(max_examples=60, deadline=None)
@given(st.integers(0, SOUND.index(' has a card"')))
def test_a_file_cut_off_before_its_last_item_has_a_title_is_refused(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("cut") / "cut.toml"
    path.write_text(SOUND[:length], encoding="utf-8")
    assert "cut.toml" in refusal(load_rubric_file, path)


# --- exact numbers ----------------------------------------------------------------------------------------------------


def with_points(manual, automated="999999"):
    return SOUND.replace("points = 1\n", f"points = {manual}\n").replace("points = 3\n", f"points = {automated}\n")


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("0", "0"), ("1", "1"), ("0.5", "1/2"), ("0.1", "1/10"), ('"1/3"', "1/3"), ('"0.1"', "1/10"), ('"7"', "7"),
        ("1e-3", "1/1000"), ("1.5e2", "150"), ("0.30000000000", "3/10"), ("0.123456789012", "123456789012/1000000000000"),
        ("1_000", "1000"), ("0x10", "16"), ("-0.0", "0"), ("0.0e-99", "0"), ('"0/7"', "0"), ("999_999", "999999"),
    ],
)  # fmt: skip
def test_points_are_exact(write, written, points):
    level = write(with_points(written)).level("manual")
    assert level.points == Fraction(points)
    assert type(level.points) is Fraction


@pytest.mark.parametrize(
    "written",
    [
        "1_000_000",
        "999999.5",
        '"1000000"',
        '"1/"',
        '"1/0"',
        '"-1"',
        '" 1"',
        '"1e3"',
        '"٣"',
        '"1/1000000"',
        '""',
        "-inf",
        "[1]",
    ],
)
def test_points_out_of_range_or_form(write, written):
    assert 'rubric.toml:17: "levels.manual.points" should be a number from 0 to 999,999' in refusal(
        write, with_points(written)
    )


@settings(max_examples=60, deadline=None)
@given(st.decimals(0, 999_999, places=6, allow_nan=False, allow_infinity=False))
def test_any_decimal_is_kept_to_the_last_digit(tmp_path_factory, number):
    path = tmp_path_factory.mktemp("number") / "rubric.toml"
    path.write_text(with_points(f"{number:f}"), encoding="utf-8")
    assert load_rubric_file(path).level("manual").points == Fraction(f"{number:f}")


# --- what may be left out ---------------------------------------------------------------------------------------------


def test_what_is_left_out_has_a_default(write):
    rubric = write(
        HEAD
        + '[scoring]\nsection = "min"\ntotal = "sum"\n[levels]\nmanual.points = 1\nautomated.points = 1\n'
        + f'[sections.a]\ntitle = "A"\n[items.a-1]\nsection = "a"\ntitle = "t"{ITEM}'
    )
    assert rubric.levels == (
        Level("none", Fraction(0), "not practised"),
        Level("manual", Fraction(1), "by hand"),
        Level("automated", Fraction(1), "automatically"),
    )
    assert (rubric.source, rubric.language, rubric.bands) == ("", "en", ())
    assert rubric.sections == (Section("a", "A", Fraction(1), "automated"),)
    item = rubric.item("a-1")
    assert (item.references, item.weight, item.recipe) == ((), 1, "")


def test_texts_lose_the_blanks_around_them_and_recipes_the_empty_lines(write):
    rubric = write(
        SOUND.replace('"A linter with every rule switched off."', '"""\n  Two\nlines.  \n"""').replace(
            '"Any everywhere."', '"p."\nrecipe = """\n\n    indented  \n\nlast\n\n"""'
        )
    )
    assert rubric.item("lint").pitfall == "Two\nlines."
    assert rubric.item("types").recipe == "    indented\n\nlast"


# --- extends ----------------------------------------------------------------------------------------------------------


def test_a_bare_extension_is_the_base_under_another_name(write):
    rubric = write(HEAD + 'extends = "ml-test-score"\n')
    assert (rubric.id, rubric.version, rubric.title) == ("mine", "1", "Mine")
    assert rubric.items == SHIPPED.items
    assert rubric.bands == SHIPPED.bands
    assert (rubric.source, rubric.language) == (SHIPPED.source, SHIPPED.language)
    assert rubric.digest == SHIPPED.digest


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("section", '"model"', "model"), ("title", '"T"', "T"), ("question", '"Q?"', "Q?"), ("why", '"W."', "W."),
        ("how", '["One.", "Two."]', ("One.", "Two.")), ("manual", '"M."', "M."), ("automated", '"A."', "A."),
        ("pitfall", '"P."', "P."), ("references", "[]", ()), ("recipe", '"pass"', "pass"),
    ],
)  # fmt: skip
def test_any_field_of_an_item_can_be_overridden_alone(write, field, written, value):
    rubric = write(HEAD + f'extends = "ml-test-score"\n[items.data-3]\n{field} = {written}\n')
    before, after = SHIPPED.item("data-3"), rubric.item("data-3")
    changed = {name for name in type(before).__slots__ if getattr(before, name) != getattr(after, name)}
    assert changed == {field}
    assert getattr(after, field) == value
    assert {i.id: i for i in rubric.items if i.id != "data-3"} == {i.id: i for i in SHIPPED.items if i.id != "data-3"}


def test_items_and_sections_are_added(write):
    rubric = write(
        HEAD
        + 'extends = "ml-test-score"\n[sections.ethics]\ntitle = "Ethics"\n'
        + f'[items.ethics-1]\nsection = "ethics"\ntitle = "t"{ITEM}'
        + f'[items.data-8]\nsection = "data"\ntitle = "t"{ITEM}'
    )
    assert [s.id for s in rubric.sections] == ["data", "model", "infra", "monitor", "ethics"]
    ids = [item.id for item in rubric.items]
    assert ids[6:9] == ["data-7", "data-8", "model-1"], "an item stands with its section"
    assert ids[-1] == "ethics-1"
    assert len(ids) == 30


def test_items_are_dropped_and_a_section_goes_with_its_items(write):
    rubric = write(HEAD + 'extends = "ml-test-score"\ndrop = ["data-6", "monitor"]\n')
    assert [s.id for s in rubric.sections] == ["data", "model", "infra"]
    assert [i.id for i in rubric.items] == [i.id for i in SHIPPED.items if i.section != "monitor" and i.id != "data-6"]


def test_an_item_can_move_out_of_a_dropped_section(write):
    rubric = write(HEAD + 'extends = "ml-test-score"\ndrop = ["monitor"]\n[items.monitor-3]\nsection = "infra"\n')
    assert [i.id for i in rubric.items_of("infra")][-1] == "monitor-3"
    assert len(rubric.items) == 22


def test_an_item_written_for_a_dropped_section_is_refused(write):
    text = HEAD + 'extends = "ml-test-score"\ndrop = ["monitor"]\n[items.monitor-3]\ntitle = "t"\n'
    assert refusal(write, text) == (
        'rubric.toml:7: the item "monitor-3" is in the section "monitor", which is dropped here; '
        'give it another: section = "…"'
    )


def test_levels_and_rule_are_overridden_key_by_key(write):
    rubric = write(HEAD + 'extends = "ml-test-score"\n[scoring]\ntotal = "sum"\n[levels.manual]\npoints = "1/3"\n')
    assert (rubric.scoring.section, rubric.scoring.total) == ("sum", "sum")
    assert rubric.level("manual") == Level("manual", Fraction(1, 3), SHIPPED.level("manual").title)
    assert rubric.level("automated") == SHIPPED.level("automated")


def test_bands_are_replaced_whole(write):
    text = HEAD + 'extends = "ml-test-score"\n[[bands]]\nid = "all"\ntitle = "all"\nreading = "r."\nat-least = 0\n'
    assert write(text).bands == (Band("all", "all", "r.", at_least=Fraction(0)),)
    assert write(HEAD + 'extends = "ml-test-score"\nbands = []\n').bands == ()


def test_a_path_in_extends_is_relative_to_the_file_it_stands_in(write, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "base.toml").write_text(
        HEAD.replace("mine", "base") + 'extends = "ml-test-score"\ndrop = ["model"]\n', encoding="utf-8"
    )
    rubric = write(HEAD + 'extends = "../team/base.toml"\ndrop = ["data"]\n', "service/rubric.toml")
    assert [s.id for s in rubric.sections] == ["infra", "monitor"], "a grandchild drops as well"


def test_a_fault_in_the_base_is_placed_in_the_base(write, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "base.toml").write_text(SOUND.replace('question = "Does the team lint', "x = 1\n#"))
    text = HEAD + 'extends = "team/base.toml"\n'
    assert refusal(write, text).startswith('team/base.toml:45: the key "items.lint.x" is unknown')


def test_a_fault_of_the_whole_is_placed_where_its_value_stands(write, tmp_path):
    base = (OWN / "weighted-mean.toml").read_text(encoding="utf-8").replace("./sum.toml", "sum.toml")
    (tmp_path / "base.toml").write_text(base, encoding="utf-8")
    shutil.copy(OWN / "sum.toml", tmp_path)
    text = HEAD + 'extends = "base.toml"\n[scoring]\ntotal = "min"\n'
    assert refusal(write, text) == (
        'base.toml:14: "weight" has no effect: scoring.total is "min"; take it out, or let the rule be "weighted-mean"'
    )
    text = HEAD + 'extends = "base.toml"\n[levels.manual]\npoints = 7\n'
    assert refusal(write, text).startswith("rubric.toml:7: the level manual earns more")


def test_a_snippet_that_looks_like_a_table_does_not_draw_the_line_number(write):
    snippet = "recipe = '''\n[items.card]\npitfal = 1\n'''\n"
    wrong = SOUND.replace('pitfall = "A linter', snippet + 'pitfall = "A linter').replace(
        'pitfall = "A card', 'pitfal = "A card'
    )
    line = wrong.split("\n").index('pitfal = "A card that nobody updates."') + 1
    assert refusal(write, wrong).startswith(f'rubric.toml:{line}: the key "items.card.pitfal" is unknown')


def test_a_circle_is_named_link_by_link(write, tmp_path):
    for name, base in (("a", "sub/b.toml"), ("sub/b", "../c.toml"), ("c", "./sub/b.toml")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.toml").write_text(HEAD + f'extends = "{base}"\n', encoding="utf-8")
    assert refusal(load_rubric, "a.toml", root=tmp_path) == (
        'c.toml:5: "extends" goes in a circle: sub/b.toml -> c.toml -> sub/b.toml; let one of them extend nothing'
    )


def test_a_circle_through_a_link_is_a_circle(tmp_path):
    (tmp_path / "a.toml").write_text(HEAD + 'extends = "link.toml"\n', encoding="utf-8")
    (tmp_path / "link.toml").symlink_to("a.toml")
    assert '"extends" goes in a circle: a.toml -> link.toml' in refusal(load_rubric, "a.toml", root=tmp_path)


def test_the_line_of_extends_is_named_when_the_base_cannot_be_read(write, tmp_path):
    (tmp_path / "empty.toml").touch()
    text = HEAD + 'extends = "empty.toml"\n'
    assert refusal(write, text).startswith('rubric.toml:5: "extends" names "empty.toml", but the file is empty')


def test_a_base_that_drops_from_nothing_is_named_though_the_extension_drops_rightly(write, tmp_path):
    (tmp_path / "base.toml").write_text(SOUND.replace('language = "en"', 'drop = ["x"]'), encoding="utf-8")
    text = HEAD + 'extends = "base.toml"\ndrop = ["lint"]\n'
    assert refusal(write, text).startswith('base.toml:6: "drop" needs a rubric to drop from')


def test_what_a_base_drops_an_extension_cannot_drop_again(write, tmp_path):
    (tmp_path / "base.toml").write_text(HEAD + 'extends = "ml-test-score"\ndrop = ["data-1"]\n', encoding="utf-8")
    text = HEAD + 'extends = "base.toml"\ndrop = ["data-1"]\n'
    assert refusal(write, text).startswith(
        'rubric.toml:6: "drop" names "data-1", which the extended rubric does not have'
    )


# --- cost -------------------------------------------------------------------------------------------------------------


def test_loading_imports_nothing_heavy():
    code = (
        "import sys; from pathlib import Path; from mlscore.project.rubrics import load_rubric; "
        "load_rubric('ml-test-score', root=Path()); "
        "print(*sorted({'hashlib', 'json', 'difflib', 'yaml', 'tomlkit', 'rich', 'pytest', 'importlib.metadata'} "
        "& set(sys.modules)))"
    )
    root = Path(mlscore.__file__).parents[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, cwd=root, env=env
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_an_extending_rubric_needs_no_more_than_its_id(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\n', encoding="utf-8")
    own, base = load_rubric_file(path), load_rubric("ml-test-score", root=tmp_path)
    assert (own.id, own.version, own.title, own.digest) == ("own", base.version, base.title, base.digest)


def test_an_item_of_ones_own_needs_no_more_than_section_and_title(tmp_path):
    text = 'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\n'
    text += '[items.data-8]\nsection = "data"\ntitle = "Labels are checked twice"\n'
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    item = load_rubric_file(path).item("data-8")
    assert (item.title, item.question, item.how) == ("Labels are checked twice", "", ())


def test_another_ruler_may_not_go_by_a_shipped_rubrics_id(write, tmp_path):
    theirs = (rubric_folder() / "ml-test-score.toml").read_text(encoding="utf-8")
    with pytest.raises(RubricError) as caught:
        write(theirs.replace("points = 0.5", "points = 1", 1))
    assert str(caught.value).startswith("rubric.toml:")
    assert '"ml-test-score" is the id of a rubric that comes with mlscore, and this one measures otherwise' in str(
        caught.value
    )
    assert caught.value.hint == 'give it an id of its own, such as id = "my-ml-test-score"'
    assert 'id = "ml-test-score"' in theirs.splitlines()[caught.value.where.line - 1]
    # A copy measures alike, and so does a translation.
    assert write(theirs).id == "ml-test-score"
    assert write(theirs.replace('title = "', 'title = "Übersetzt: ')).id == "ml-test-score"
