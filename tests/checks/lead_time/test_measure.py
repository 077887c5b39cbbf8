"""Lead times in real repositories: what begins, what reaches production and when, and what nobody can tell."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta

import pytest

from mlscore.checks.lead_time.measure import LeadTimes, Places, Production, measure_lead_times
from mlscore.errors import ConfigError, InputError

FIRST = date(2026, 1, 1)
SCHEMA = Places("features.toml")
TAGS = Production(("v*",))


def listed(*names):
    return f"features = {json.dumps(list(names))}\n"


def measure(repository, places=SCHEMA, production=TAGS, *, day=100, path=None, **given):
    today = FIRST + timedelta(days=day)
    return measure_lead_times(path or repository.path, places, production, today=today, **given)


def told(times):
    """Days by feature; those that wait in brackets."""
    return {one.name: [round(one.days, 1)] if one.waiting else round(one.days, 2) for one in times.features}


@pytest.fixture
def released(repository):
    """`a` took 10 days and `b` 25; `c` waits since day 40."""
    repository.commit(0, features_toml=listed("a"))
    repository.commit(5, features_toml=listed("a", "b"))
    repository.git("tag", "other", "HEAD")
    repository.git("checkout", "-q", "HEAD~1")
    repository.tag("v1", 10)
    repository.git("checkout", "-q", "main")
    repository.tag("v2", 30)
    repository.commit(40, features_toml=listed("a", "b", "c"))
    return repository


def test_from_the_first_version_of_the_schema_to_the_first_release(released):
    times = measure(released)
    assert told(times) == {"c": [60.5], "b": 25, "a": 10}
    assert [one.release for one in times.features] == [None, "tag v2", "tag v1"]
    assert (times.median, times.worst.name, times.least_median, times.not_judged) == (17.5, "c", 25, ())
    assert times.features[2].began.isoformat() == "2026-01-01T12:00:00+00:00"
    assert times.history == pytest.approx(100.5)


@pytest.mark.parametrize(
    ("limits", "failures"),
    [
        ({"median_limit": 30, "worst_limit": 61}, []),
        (
            {"median_limit": 17.5, "worst_limit": 61},
            ["the median: with those that wait it is 25.0 days at least, the limit 17.5"],
        ),
        ({"median_limit": 17}, ["the median is 17.5 days, the limit 17"]),
        ({"worst_limit": 24}, ["c has waited 60.5 days, the limit is 24", "b took 25.0 days, the limit is 24"]),
    ],
)
def test_limits(released, limits, failures):
    times = measure(released, **limits)
    assert (list(times.failures), times.passed, times.hollow) == (failures, not failures, None)


def test_hollow(released):
    assert measure(released).hollow == "no limit is set"
    assert (
        measure(released, median_limit=101).hollow
        == "the limit of 101 days is longer than the whole history of 100 days"
    )
    assert measure(released, median_limit=101, worst_limit=99).hollow is None
    assert LeadTimes((), median_limit=3).hollow == "no lead time could be measured"


def test_a_window_leaves_out_what_was_released_long_ago(released):
    assert told(measure(released, window=80)) == {"c": [60.5], "b": 25}


def test_a_remark_is_no_feature(repository):
    repository.commit(0, features_toml="# later: b\n" + listed("a"))
    repository.commit(20, features_toml=listed("a", "b"))
    repository.tag("v1", 25)
    assert told(measure(repository)) == {"a": 25, "b": 5}


def test_a_version_that_cannot_be_read_and_one_that_lost_the_feature(repository):
    repository.commit(0, features_toml=listed("a", "b"))
    repository.commit(2, features_toml=listed("a"))
    repository.tag("v1", 3)
    repository.commit(4, features_toml="features = [")
    repository.tag("v2", 5)
    repository.commit(6, features_toml=listed("a", "b"))
    repository.tag("v3", 7)
    assert told(measure(repository)) == {"b": 7, "a": 3}


def test_merges_squashes_and_branches(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.git("checkout", "-q", "-b", "work")
    repository.commit(3, features_toml=listed("a", "b"))
    repository.git("checkout", "-q", "-b", "squashed", "main")
    repository.commit(4, features_toml=listed("a", "c"))
    repository.git("checkout", "-q", "main")
    repository.commit(5, readme_md="x")
    repository.git("merge", "-q", "--no-ff", "work", "-m", "merge", day=8)
    repository.tag("v1", 10)
    # What a squash brings is not the branch's commit, but the branch is where the feature began.
    repository.commit(14, features_toml=listed("a", "b", "c"))
    repository.tag("v2", 16)
    assert told(measure(repository)) == {"c": 12, "a": 10, "b": 7}
    assert told(measure(repository, production=Production(branch="main"))) == {"c": 10, "b": 5, "a": 0}


def test_a_conflict_resolved_by_a_merge_may_add_a_feature(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.git("checkout", "-q", "-b", "work")
    repository.commit(3, features_toml=listed("a", "b"))
    repository.git("checkout", "-q", "main")
    repository.commit(4, features_toml=listed("a", "c"))
    subprocess.run(["git", "merge", "-q", "work"], cwd=repository.path, capture_output=True, check=False)
    repository.commit(6, features_toml=listed("a", "b", "c", "d"))
    repository.tag("v1", 10)
    assert told(measure(repository)) == {"a": 10, "b": 7, "c": 6, "d": 4}


def test_a_deployment_branch_counts_when_it_is_reached(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.git("branch", "production")
    repository.commit(4, features_toml=listed("a", "b"))
    repository.commit(6, features_toml=listed("a", "b", "c"))
    repository.git("checkout", "-q", "production")
    repository.git("merge", "-q", "--no-ff", "main~1", "-m", "deploy", day=9)
    repository.git("checkout", "-q", "main")
    times = measure(repository, production=Production(branch="production"), day=20)
    assert told(times) == {"c": [14.5], "b": 5, "a": 0}
    with pytest.raises(InputError, match=r'^git: there is no branch "producton"; did you mean "production"\?$'):
        measure(repository, production=Production(branch="producton"))


def test_the_first_production_that_is_reached_counts(released):
    times = measure(released, production=Production(("v*",), branch="main"))
    assert told(times) == {"a": 0, "b": 0, "c": 0}


def test_a_file_that_moved_keeps_its_history(repository):
    body = "".join(f"# {number}\n" for number in range(30))
    repository.commit(0, old__list_toml=body + listed("a"))
    repository.git("mv", "old/list.toml", "features.toml")
    repository.commit(8)
    repository.commit(9, features_toml=body + listed("a", "b"))
    repository.tag("v1", 10)
    assert told(measure(repository)) == {"a": 10, "b": 1}


def test_code_that_moved_keeps_its_history(repository):
    body = "".join(f"x{number} = 1\n" for number in range(30))
    repository.commit(0, old__f_py=body + "dep_delay = 1\n")
    repository.write(src__keep_py="")
    repository.git("mv", "old/f.py", "src/g.py")
    repository.commit(8)
    repository.tag("v1", 10)
    times = measure(repository, Places(code=("src",)), names=["dep_delay", "dep"])
    assert told(times) == {"dep_delay": 10}
    assert times.not_judged == ("dep: no commit names it",)


def test_a_feature_that_was_renamed_keeps_its_beginning(repository):
    repository.commit(0, features_toml=listed("old"))
    repository.commit(8, features_toml=listed("new"))
    repository.tag("v1", 10)
    assert told(measure(repository)) == {"new": 2}
    assert told(measure(repository, renamed={"new": ("old",)})) == {"new": 10}


def test_names_in_code_are_whole_words_wherever_they_stand(repository):
    repository.commit(0, src__a_py="x = df['dep_delay_lag']\n")
    repository.commit(2, src__a_py="x = df['dep_delay'] + df['a b']  # \xe9\n")
    repository.commit(3, src__b_py="y = df.other\n", other_py="dep_lag = 1\n")
    repository.tag("v1", 4)
    times = measure(repository, Places(code=("src",)), names=["dep_delay", "a b", "other", "dep_lag", "-e"])
    assert told(times) == {"dep_delay": 2, "a b": 2, "other": 1}
    assert times.not_judged == ("dep_lag: no commit names it", "-e: no commit names it")


def test_code_in_a_release_is_what_the_release_holds(repository):
    repository.commit(0, src__a_py="a\n")
    repository.tag("v1", 1)
    repository.commit(2, src__a_py="b\n")
    repository.tag("v2", 3)
    repository.commit(4, src__a_py="a b\n")
    repository.tag("v3", 5)
    assert told(measure(repository, Places(code=(".",)), names=["a", "b"])) == {"a": 1, "b": 1}


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_line_ends_change_nothing(repository, ends):
    def text(*lines):
        return ends.join((*lines, ""))

    repository.commit(0, features_csv=text("a,b", "1,2"), src__x_py=text("a", "b"))
    repository.commit(3, features_csv=text("a,b,c", "1,2,3"), src__x_py=text("a", "b", "c"))
    repository.tag("v1", 5)
    assert told(measure(repository, Places("features.csv"))) == {"a": 5, "b": 5, "c": 2}
    assert told(measure(repository, Places(code=("src",)), names="abc")) == {"a": 5, "b": 5, "c": 2}


def test_the_time_of_writing_counts_and_the_day_of_the_idea_before_it(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.commit(9, written=4, features_toml=listed("a", "b"))
    repository.tag("v1", 10)
    assert told(measure(repository)) == {"a": 10, "b": 6}
    ideas = {"a": date(2025, 12, 31), "b": date(2026, 2, 1)}
    assert told(measure(repository, proposed=ideas)) == {"a": 11.5, "b": 6}


def test_dates_out_of_order_are_unknown(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.commit(2, written=50, features_toml=listed("a", "b"))
    repository.commit(3, written=-15000, features_toml=listed("a", "b", "c"))
    repository.commit(4, written=500, features_toml=listed("a", "b", "c", "d"))
    repository.tag("v1", 10)
    repository.commit(11, features_toml=listed("a", "b", "c", "d", "e"))
    repository.tag("v2", 900)
    times = measure(repository)
    assert told(times) == {"a": 10}
    b, c, d, e = times.not_judged
    assert b.startswith("b: dates out of order: tag v1 holds it before its commit")
    assert c.startswith("c: its commit")
    assert c.endswith("is dated 1984-12-07, before the repository began")
    assert "which is still to come" in d
    assert e == "e: tag v2 is dated 2028-06-19, which is still to come"


def test_a_feature_begun_on_two_branches_began_with_the_earlier(repository):
    repository.commit(0, features_toml=listed("a"))
    repository.git("checkout", "-q", "-b", "early")
    repository.commit(2, features_toml=listed("a", "b"))
    repository.git("checkout", "-q", "main")
    repository.commit(5, features_toml=listed("a", "b"))
    repository.tag("v1", 10)
    assert told(measure(repository)) == {"a": 10, "b": 8}
    # A commit that builds on the first and is dated before it moves nothing.
    repository.commit(11, written=-1, features_toml=listed("b", "a"))
    assert told(measure(repository)) == {"a": 10, "b": 8}


def test_a_shallow_clone_says_what_it_cannot_know(released, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", released.path.as_uri(), str(clone)],
        check=True,
        capture_output=True,
    )
    times = measure(released, path=clone)
    assert told(times) == {}
    assert len(times.not_judged) == 3
    assert all(line.endswith("fetch the rest: git fetch --unshallow") for line in times.not_judged)
    assert times.hollow is not None
    subprocess.run(["git", "fetch", "-q", "--unshallow"], cwd=clone, check=True, capture_output=True)
    assert told(measure(released, path=clone)) == {"c": [60.5], "b": 25, "a": 10}


def test_a_project_in_a_folder_of_the_repository(repository):
    repository.commit(0, app__features_toml=listed("a"), features_toml=listed("z"))
    repository.commit(3, app__src__x_py="a")
    repository.tag("v1", 5)
    assert told(measure(repository, path=repository.path / "app")) == {"a": 5}
    assert told(measure(repository, Places(code=("src",)), path=repository.path / "app", names=["a"])) == {"a": 2}


MLFLOW = {
    "model_versions": [
        {"version": "1", "creation_timestamp": 0, "current_stage": "Production", "tags": []},
        {"version": "2", "creation_timestamp": 0, "current_stage": "None", "tags": []},
    ]
}


def registry(repository, *days, stage="Production"):
    head = repository.git("rev-parse", "HEAD")
    versions = [
        {
            "version": str(number),
            "creation_timestamp": (1767268800 + day * 86400) * 1000,
            "current_stage": stage,
            "tags": [{"key": "mlflow.source.git.commit", "value": head}],
        }
        for number, day in enumerate(days, 1)
    ]
    return json.dumps({"model_versions": versions})


def test_versions_in_a_registry_count(released):
    released.write(registry_json=registry(released, 50, 45))
    times = measure(released, production=Production(registry="registry.json"))
    assert told(times) == {"a": 45, "b": 40, "c": 5}
    assert times.features[0].release == "version 2"


def test_a_registry_in_toml_and_its_stages(released):
    head = released.git("rev-parse", "HEAD~1")
    text = '[[version]]\nname = "{}"\ndate = 2026-02-{}\ncommit = "{}"\nstage = "{}"\n'
    versions = [text.format("1", "01", head, "staging"), text.format("2", "05", head, "live")]
    versions.append(text.format("3", "09", "0123456789abcdef", "live"))
    released.write(registry_toml="".join(versions))
    times = measure(released, production=Production(registry="registry.toml", stages=("live",)))
    assert told(times) == {"c": [60.5], "a": 34.5, "b": 29.5}
    assert times.not_judged == ("registry.toml: version 3 is of the commit 0123456789ab, which is not here",)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("registry_json", "{", "registry.json: not valid JSON"),
        ("registry_json", "{}", 'it has no list "model_versions"'),
        ("registry_json", '[{"version": "1"}]', 'version 1 has no "creation_timestamp"'),
        ("registry_json", '[{"version": "1", "creation_timestamp": "soon"}]', 'no "creation_timestamp"'),
        ("registry_json", "[]", "it holds no version in production"),
        ("registry_json", b"\xff", "registry.json: not UTF-8"),
        ("registry_toml", "[[version]]\nname = '1'", '"date" is missing in [[version]]'),
        ("registry_toml", "[[version]]\nname = '1'\ndate = 2026-01-01", '"commit" is missing in [[version]]'),
        (
            "registry_toml",
            "[[versions]]\nname = '1'",
            'unknown key "versions" at the top level; did you mean "version"?',
        ),
    ],
)
def test_bad_registries_are_refused(released, name, text, error):
    released.write(**{name: text})
    with pytest.raises((InputError, ConfigError)) as raised:
        measure(released, production=Production(registry=name.replace("_", ".")))
    assert error in str(raised.value)


def test_a_version_without_a_commit_is_unknown(released):
    released.write(registry_json=json.dumps([{"version": "7", "creation_timestamp": "1767268800000"}]))
    times = measure(released, production=Production(registry="registry.json"))
    assert times.not_judged == ("registry.json: version 7 names no commit",)
    assert told(times) == {"a": [100.5], "b": [95.5], "c": [60.5]}


def test_what_cannot_be_asked(released, tmp_path_factory):
    with pytest.raises(InputError, match=r"^git: no tag matches w\*; there are other, v1, v2$"):
        measure(released, production=Production(("w*",)))
    with pytest.raises(InputError, match=r"^lost\.toml: it is not in the checked-out commit"):
        measure(released, Places("lost.toml"))
    released.commit(50, schema_py="x")
    with pytest.raises(ConfigError, match="not a schema whose features can be listed"):
        measure(released, Places("schema.py"))
    released.commit(51, features_toml="[")
    with pytest.raises(InputError, match="it cannot be read as what its ending says"):
        measure(released)
    released.commit(52, features_toml="")
    with pytest.raises(InputError, match="no feature is named"):
        measure(released)
    with pytest.raises(ConfigError, match="nothing says where features are named"):
        measure(released, Places())
    with pytest.raises(ConfigError, match="nothing says what production is"):
        measure(released, production=Production())
    with pytest.raises(InputError, match="lead times come from git: not a git repository"):
        measure(released, path=tmp_path_factory.mktemp("bare"))


def test_a_repository_without_commits_tags_or_git(repository, monkeypatch):
    with pytest.raises(InputError, match="the repository has no commit yet"):
        measure(repository)
    repository.commit(0, features_toml=listed("a"))
    with pytest.raises(InputError, match=r"no tag matches v.*git fetch --tags"):
        measure(repository)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="git is not installed"):
        measure(repository)


def test_settings_of_the_repository_change_nothing(released):
    for name, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("log.showRoot", "false"),
        ("diff.external", "false"), ("core.quotePath", "true"), ("log.follow", "true"), ("diff.renames", "false"),
        ("grep.lineNumber", "true"), ("format.pretty", "oneline"), ("log.date", "relative"),
    ):  # fmt: skip
        released.git("config", name, value)
    released.write(_gitattributes="*.toml -diff\n")
    assert told(measure(released)) == {"c": [60.5], "b": 25, "a": 10}
