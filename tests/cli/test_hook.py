"""`mlscore hook`: each thing it stops a commit for, next to the same project in which all is well."""

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.mlscore("doors-3")

TODAY = datetime.now(UTC).date()

SOUND = """
import pytest
from project.data import load

@pytest.mark.mlscore("data-1")
def test_ages_are_plausible():
    assert all(0 <= row["age"] <= 120 for row in load())
"""

HOLLOW = """
import pytest
from project.data import load

@pytest.mark.mlscore("data-1")
def test_ages_are_plausible():
    load()
    assert True
"""


def attestation(**changes):
    entry = {
        "item": '"infra-7"',
        "owner": '"ml-platform"',
        "date": str(TODAY - timedelta(days=100)),
        "what": '"Rolled back."',
        "link": '"docs/drill.md"',
        "expires": str(TODAY + timedelta(days=80)),
        **changes,
    }
    return "[[attestation]]\n" + "".join(f"{key} = {value}\n" for key, value in entry.items())


@pytest.fixture
def sound(write):
    """A project in which the hook finds nothing."""
    write("mlscore.toml", 'name = "demo"\n')
    write("docs/drill.md", "# Drill\n")
    write("mlscore.attestations.toml", attestation())
    write("conftest.py", "")
    write("project/__init__.py", "")
    write("project/data.py", "def load():\n    return [{'age': 31}, {'age': 40}]\n")
    write("tests/test_data.py", SOUND)
    write("tests/test_plain.py", "def test_nothing_marked():\n    pass\n")


def test_all_well_is_silent(mlscore, sound):
    done = mlscore("hook")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert mlscore("hook", "-r", "json").data == {"passed": True, "diagnostics": []}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mlscore.toml", 'nam = "demo"\n', 'did you mean "name"?'),
        ("mlscore.toml", 'rubric = "own.toml"\n', "own.toml"),
        ("mlscore.attestations.toml", attestation(item='"infra-8"'), "infra-8"),
    ],
)
def test_a_wrong_configuration_is_exit_code_2(mlscore, sound, write, name, text, said):
    write(name, text)
    done = mlscore("hook")
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "mlscore.attestations.toml",
            attestation(expires=str(TODAY - timedelta(days=1))),
            "error: mlscore.attestations.toml:1: the attestation of infra-7 expired on",
        ),
        (
            "mlscore.attestations.toml",
            attestation(link='"docs/gone.md"'),
            "the attestation of infra-7 links to docs/gone.md, which does not exist",
        ),
        (
            "mlscore.toml",
            '[[answer]]\ntest = "tests/test_gone.py::test_x"\nreason = "It was sound."\n',
            "the answer for tests/test_gone.py::test_x names a file that does not exist",
        ),
        ("tests/test_data.py", HOLLOW, "error: tests/test_data.py:8: tests/test_data.py::test_ages_are_plausible"),
    ],
)
def test_what_stops_a_commit(mlscore, sound, write, name, text, said):
    write(name, text)
    done = mlscore("hook")
    assert done.code == 1
    assert said in done.out


def test_what_will_expire_soon_is_a_warning(mlscore, sound, write):
    write("mlscore.attestations.toml", attestation(expires=str(TODAY + timedelta(days=30))))
    done = mlscore("hook")
    assert done.code == 0
    assert done.out.startswith("warning: mlscore.attestations.toml:1: the attestation of infra-7 expires on")


def test_hollow_tests_are_looked_for_in_the_commits_files(mlscore, sound, write):
    write("tests/test_data.py", HOLLOW)
    assert mlscore("hook", "tests/test_plain.py").code == 0
    assert mlscore("hook", "tests/test_data.py").code == 1


def test_files_outside_the_project_are_no_files_of_it(mlscore, sound, write, tmp_path_factory):
    write("tests/test_data.py", HOLLOW)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "tests" / "test_data.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text(HOLLOW, encoding="utf-8")
    # With files of the commit, but none of the project's, no test is looked at; without any file all are.
    done = mlscore("hook", str(elsewhere))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert mlscore("hook", str(elsewhere), "tests/test_data.py").code == 1
    assert mlscore("hook").code == 1


@pytest.mark.parametrize(
    ("before", "code", "helps"),
    [
        ('@pytest.mark.skip(reason="later")', 1, "; take the skip out, or the mark: a skipped test earns nothing"),
        ("@pytest.mark.xfail", 0, "; it keeps its points; write strict=True, or take the xfail out"),
    ],
)
def test_what_helps_fits_what_was_found(mlscore, sound, write, before, code, helps):
    write("tests/test_data.py", SOUND.replace("@pytest", f"{before}\n@pytest", 1))
    done = mlscore("hook")
    assert done.code == code
    assert done.out.rstrip().endswith(helps)
    assert "assert on a result" not in done.out


def test_an_answered_finding_passes(mlscore, sound, write):
    write("tests/test_data.py", HOLLOW)
    answer = (
        '[[answer]]\ntest = "tests/test_data.py::test_ages_are_plausible"\nreason = "load() raises on a bad row."\n'
    )
    write("mlscore.toml", answer)
    assert mlscore("hook").code == 0


def test_below_the_baseline(mlscore, sound, write, project):
    assert mlscore("baseline", "write").code == 0
    assert mlscore("hook").code == 0
    write("tests/test_data.py", SOUND.replace("data-1", "model-2"))
    done = mlscore("hook")
    assert done.code == 1
    assert "data-1 has no marked test any more: its score falls below the committed baseline" in done.out
    write("tests/test_data.py", SOUND)
    write("mlscore.attestations.toml", "# nothing is attested\n")
    done = mlscore("hook")
    assert done.code == 1
    assert "infra-7 has no attestation that holds any more" in done.out


def test_an_attestation_that_has_expired_is_missed(mlscore, sound, write):
    assert mlscore("baseline", "write").code == 0
    write("mlscore.attestations.toml", attestation(expires=str(TODAY)))
    assert "infra-7 has no attestation" not in mlscore("hook").out
    write("mlscore.attestations.toml", attestation(expires=str(TODAY - timedelta(days=1))))
    done = mlscore("hook")
    assert done.code == 1
    assert "infra-7 has no attestation that holds any more" in done.out


WORKFLOW = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: pytest{rest}\n"


@pytest.mark.parametrize("after", [None, " || true", " tests/test_plain.py"])
def test_a_workflow_that_is_gone_is_below_the_baseline(mlscore, sound, write, project, after):
    path = write(".github/workflows/ci.yml", WORKFLOW.format(rest=""))
    assert mlscore("baseline", "write").code == 0
    assert mlscore("hook").code == 0
    path.unlink() if after is None else write(".github/workflows/ci.yml", WORKFLOW.format(rest=after))
    done = mlscore("hook")
    assert done.code == 1
    assert "data-1 has no live CI workflow that runs its tests any more: its score falls below" in done.out
    assert mlscore("score").code == 1


def test_a_test_beside_an_attestation_is_missed(mlscore, sound, write, project):
    write(".github/workflows/ci.yml", WORKFLOW.format(rest=""))
    write("mlscore.attestations.toml", attestation() + attestation(item='"data-1"'))
    assert mlscore("baseline", "write").code == 0
    (project / "tests" / "test_data.py").unlink()
    done = mlscore("hook")
    assert done.code == 1
    assert "data-1 has no marked test any more" in done.out
    assert mlscore("score").code == 1


def test_a_waived_item_is_not_asked_for(mlscore, sound, write, project):
    assert mlscore("baseline", "write").code == 0
    write("tests/test_data.py", "def test_nothing_marked():\n    pass\n")
    assert mlscore("hook").code == 1
    arguments = ("--reason", "planned", "--note", "it comes back", "--author", "team-data")
    assert mlscore("waive", "data-1", *arguments).code == 0
    assert mlscore("hook").code == 0
    assert mlscore("score").code == 0


def test_what_is_gained_makes_up_for_what_is_lost_as_the_ratchet_has_it(mlscore, sound, write):
    assert mlscore("baseline", "write").code == 0
    write("tests/test_data.py", SOUND.replace("data-1", "data-2"))
    assert mlscore("hook").code == 0
    assert mlscore("score").code == 0
    write("tests/test_data.py", SOUND.replace("data-1", "model-2"))
    assert mlscore("hook").code == 1


CHECK = 'name = "demo"\n\n[[check]]\nuse = "toy"\nitem = "data-5"\n'


def test_a_check_that_is_gone_is_below_the_baseline(mlscore, sound, write, toy):
    write("mlscore.toml", CHECK)
    # From pytest's run: the baseline holds what passed.
    assert mlscore("baseline", "write").code == 0
    assert mlscore("hook").code == 0
    write("mlscore.toml", 'name = "demo"\n')
    done = mlscore("hook")
    assert done.code == 1
    assert "data-5 has no configured check any more: its score falls below the committed baseline" in done.out


def test_a_check_that_is_configured_wrongly_is_refused(mlscore, sound, write, toy):
    write("mlscore.toml", CHECK + 'say = "nothing"\n')
    done = mlscore("hook")
    assert done.code == 2
    assert 'mlscore.toml:6: "say" does not know "nothing"' in done.err


def test_a_changed_ruler_is_a_warning(mlscore, sound, write, project):
    write(
        "own.toml", 'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\nversion = "1"\ntitle = "Own"\n'
    )
    write("mlscore.toml", 'rubric = "own.toml"\n')
    assert mlscore("baseline", "write").code == 0
    with (project / "own.toml").open("a", encoding="utf-8") as file:
        file.write('drop = ["data-6"]\n')
    done = mlscore("hook")
    assert done.code == 0
    assert "the ruler changed since the baseline" in done.out
