"""`mlscore init`: what it writes works at once, what is there stays, and asking is optional."""

import subprocess
import sys
import tomllib

import pytest
import yaml


def test_a_new_project_gets_all_three_and_scores(mlscore, project):
    done = mlscore("init", "--yes", "--fail-under", "0")
    assert done.code == 0
    config = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert config["mlscore"] == {"name": project.name, "profile": "poc", "fail-under": 0}
    assert config["pytest"]["ini_options"]["mlscore"] is True
    workflow = yaml.safe_load((project / ".github/workflows/mlscore.yml").read_text(encoding="utf-8"))
    assert any("pytest --mlscore" in step.get("run", "") for step in workflow["jobs"]["readiness"]["steps"])
    report = mlscore("score", "-r", "json").data
    item = next(i for i in report["items"] if i["id"] == "data-1")
    assert item["verdict"] == "skipped"
    assert item["verified"] == 0


def test_a_schema_test_from_ones_own_data_passes_and_can_fail(mlscore, project, write):
    write("data/train.csv", "age,city,note\n31,Lima,\n40.5,Quito,x\n")
    assert mlscore("init", "--yes", "--data", "data/train.csv").code == 0
    item = next(i for i in mlscore("score", "-r", "json").data["items"] if i["id"] == "data-1")
    assert item["verdict"] == "verified"
    assert item["level"] == "automated"  # the job that init wrote is live
    write("data/train.csv", "age,city,note\n31,Lima,\n-4,Quito,x\n")
    item = next(i for i in mlscore("score", "-r", "json").data["items"] if i["id"] == "data-1")
    assert item["verdict"] == "failing"


def test_twice_changes_nothing(mlscore, project):
    mlscore("init", "--yes")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    again = mlscore("init", "--yes")
    assert again.code == 0
    assert again.out.count("kept ") == 3
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_comments_and_line_ends_of_pyproject_stay(mlscore, project):
    text = '# ours\r\n[project]\r\nname = "x"  # here\r\n'
    (project / "pyproject.toml").write_bytes(text.encode())
    mlscore("init", "--yes", "--ci", "none")
    after = (project / "pyproject.toml").read_bytes().decode()
    assert after.startswith(text)
    assert "\n" not in after.replace("\r\n", "")
    # The name that the file has already is the project's.
    assert tomllib.loads(after.replace("\r\n", "\n"))["tool"]["mlscore"] == {"profile": "poc"}
    assert mlscore("score", "--no-tests", "-r", "json").data["project"]["name"] == "x"
    (project / "pyproject.toml").write_bytes(text.encode())
    mlscore("init", "--yes", "--ci", "none", "--name", "y")
    assert mlscore("score", "--no-tests", "-r", "json").data["project"]["name"] == "y"


def test_pytest_configured_elsewhere_is_left_alone(mlscore, project, write):
    write("pytest.ini", "[pytest]\n")
    done = mlscore("init", "--yes")
    assert "add `mlscore = true` to your pytest configuration" in done.out
    assert "pytest" not in tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


@pytest.mark.parametrize(
    ("ci", "file"),
    [("github", ".github/workflows/mlscore.yml"), ("gitlab", ".gitlab-ci.yml"), ("azure", "azure-pipelines.yml")],
)
def test_every_ci_job_it_writes_is_live(mlscore, project, write, ci, file):
    write("data.csv", "a\n1\n2\n")
    mlscore("init", "--yes", "--ci", ci, "--data", "data.csv")
    item = next(i for i in mlscore("score", "-r", "json").data["items"] if i["id"] == "data-1")
    assert item["level"] == "automated"
    assert item["evidence"][0]["proofs"][0]["chain"][0]["path"] == file


@pytest.mark.parametrize(
    ("ci", "file"),
    [
        ("github", ".github/workflows/mlscore-services-churn-model.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("azure", "azure-pipelines.yml"),
    ],
)
def test_a_project_in_a_folder_of_its_repository_gets_a_job_that_is_live(mlscore, project, write, ci, file):
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    write("services/churn model/data.csv", "a\n1\n2\n")
    folder = "services/churn model"
    done = mlscore("init", folder, "--yes", "--ci", ci, "--data", f"{folder}/data.csv")
    assert f"wrote    {file} at the repository's top: a job that runs cd {folder} && pytest --mlscore" in done.out
    assert not (project / folder / file).exists()
    yaml.safe_load((project / file).read_text(encoding="utf-8"))
    item = next(i for i in mlscore("score", folder, "-r", "json").data["items"] if i["id"] == "data-1")
    assert item["level"] == "automated"
    assert item["evidence"][0]["proofs"][0]["chain"][0]["path"].endswith(file)
    assert "kept " in mlscore("init", folder, "--yes", "--ci", ci).out


def test_no_job_is_written_beside_a_ci_that_we_write_none_for(mlscore, project, write):
    write("Jenkinsfile", "pipeline {}\n")
    mlscore("init", "--yes")
    assert not (project / ".github").exists()


def test_the_ci_that_is_there_is_guessed_and_kept(mlscore, project, write):
    write(".gitlab-ci.yml", "build:\n  script: make\n")
    done = mlscore("init", "--yes")
    assert "kept     .gitlab-ci.yml" in done.out
    assert (project / ".gitlab-ci.yml").read_text(encoding="utf-8") == "build:\n  script: make\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--fail-under", "abc"], 'option --fail-under: should be a number, not "abc"'),
        (["--fail-under", "nan"], 'should be a number, not "nan"'),
        (["--fail-under", "8"], "option --fail-under: is 8, but 7 is the most"),
        (["--data", "none.csv"], "none.csv: there is no such file"),
        (["--data", "empty.csv"], "empty.csv: the file has no rows"),
        (["nowhere"], "there is no such folder"),
    ],
)
def test_bad_input_writes_nothing(mlscore, project, write, args, said):
    write("empty.csv", "")
    done = mlscore("init", "--yes", *args)
    assert done.code == 2
    assert said in done.err
    assert [p.name for p in project.iterdir()] == ["empty.csv"]


@pytest.mark.parametrize(("given", "written"), [("2", 2), ("2.50", 2.5), ("5/3", "5/3"), ("7", 7)])
def test_a_threshold_is_written_exactly(mlscore, project, given, written):
    assert mlscore("init", "--yes", "--fail-under", given).code == 0
    config = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mlscore"]
    assert config["fail-under"] == written
    assert mlscore("config", "show").code == 0


def test_what_was_written_before_a_failure_is_told_and_kept_the_next_time(mlscore, project, write):
    write("tests", "a file")
    done = mlscore("init", "--yes", "--ci", "none")
    assert (done.code, done.out) == (2, "wrote    pyproject.toml: [tool.mlscore] and mlscore = true for pytest\n")
    assert "a part of its path is a file" in done.err
    (project / "tests").unlink()
    again = mlscore("init", "--yes", "--ci", "none")
    assert again.code == 0
    assert again.out.startswith("kept     [tool.mlscore] in pyproject.toml")
    assert (project / "tests" / "test_readiness.py").is_file()


def test_a_broken_pyproject_is_named_and_kept(mlscore, project, write):
    write("pyproject.toml", "[tool\n")
    done = mlscore("init", "--yes")
    assert done.code == 2
    assert "mlscore: pyproject.toml:1: not valid TOML" in done.err
    assert (project / "pyproject.toml").read_text(encoding="utf-8") == "[tool\n"


def test_it_asks_a_person_at_a_terminal(project):
    pty = pytest.importorskip("pty")
    import os

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlscore", "init"], stdin=slave, stdout=slave, stderr=slave, cwd=project
    )
    os.close(slave)
    os.write(master, b"mi modelo\nstaging\nonline\nnone\n\n")
    assert process.wait(timeout=30) == 0
    os.close(master)
    config = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mlscore"]
    assert config == {"name": "mi modelo", "profile": "staging", "serving": "online"}
