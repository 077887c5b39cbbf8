"""What may stand in front of pytest, beside look-alikes that do not run it."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

RUNS = [
    "pytest", "py.test", "./venv/bin/pytest", ".venv/Scripts/pytest.exe", "python -m pytest", "python3.12 -m pytest", "py -3 -m pytest",
    "python -W error -m pytest", "python -um pytest", ".venv/bin/python -m pytest", "$PYTHON -m pytest", "python -m py.test",
    "coverage run -m pytest", "coverage run --source src --branch -m pytest", "python -m coverage run -p -m pytest", "coverage run $(which pytest)/pytest",
    "uv run pytest", "uv run --group dev --with x==1 pytest", "uv run -m pytest", "uv run --python 3.12 -- pytest", "uv run python -m pytest", "uvx pytest", "uvx --with x pytest@8", "uv tool run pytest",
    "poetry run pytest", "poetry run python -m pytest", "poetry run coverage run -m pytest", "pipenv run pytest", "pdm run pytest", "pdm run -p . python -m pytest", "rye run pytest", "pixi run pytest", "pixi run -e test pytest",
    "hatch run pytest", "hatch run test:pytest", "hatch -e test run pytest", "hatch run +py=3.12 test:pytest", "hatch test", "pipx run pytest",
    "conda run -n env pytest", "conda run --no-capture-output --name env python -m pytest", "micromamba run -n env pytest",
    "env A=1 pytest", "env -i A=1 B=2 pytest", "A=1 B=2 pytest", "time pytest", "nice -n 5 pytest", "nohup pytest", "sudo -E -u me pytest", "timeout 600 pytest", "timeout -k 5 600s pytest", "stdbuf -oL pytest", "xvfb-run -a pytest", "xvfb-run --server-args='-screen 0 1024x768x24' -a python -m pytest", "travis_retry pytest", "travis_wait 30 pytest", "catchsegv pytest", "dbus-run-session -- pytest", "doppler run -- pytest", "mise exec -- pytest",
    "docker run img pytest", "docker run --rm -v $PWD:/app -w /app -e A=1 --name x img python -m pytest", "docker run -it --entrypoint pytest img", "docker exec box pytest", "docker compose run --rm -T web pytest", "docker compose -f x.yml exec web pytest", "docker-compose run web python -m pytest", "podman run img bash -c 'pytest'", "docker container run img pytest", "singularity exec img.sif pytest",
    "bash -c pytest", "bash -lc 'cd . && pytest'", "sh -c \"python -m pytest\"", "bash -euo pipefail -c 'pytest | cat'", "mlscore score", "mlscore score --fail-under 2",
]  # fmt: skip
DOES_NOT = [
    "pip install pytest", "python -m unittest", "python -m pip install pytest", "echo pytest", "which pytest", "command -v pytest", "python pytest_plugin.py", "python -c 'import pytest'",
    "coverage run -m unittest", "coverage report", "uv pip install pytest", "uv add pytest", "poetry add pytest", "poetry install --with pytest", "conda install pytest", "docker build -t pytest .", "docker run pytest", "docker pull pytest",
    "hatch test --show", "mlscore score --junit a.xml", "mlscore explain data-1", "mlscore score --help", "pytest-watch", "cat pytest.ini", "bash pytest.sh", "git commit -m pytest", "ls # pytest", ": pytest", "echo 'pytest'", "cat <<EOF\npytest\nEOF",
]  # fmt: skip


@pytest.mark.parametrize("command", RUNS)
def test_pytest_is_found_behind(follow, command):
    (lead,) = follow(command)
    assert lead.why_not is None
    assert lead.entry.startswith(command.split(" ", maxsplit=1)[0][:5]) or lead.entry


@pytest.mark.parametrize("command", DOES_NOT)
def test_no_pytest_behind(follow, command):
    assert follow(command) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("docker run -d img pytest", "detached"),
        ("docker run -itd img pytest", "detached"),
        ("docker compose run --detach web pytest", "detached"),
        ("find tests -name 'x*' | xargs pytest", "xargs"),
        ("ls | xargs -n 1 -P 4 pytest -q", "xargs"),
    ],
)
def test_found_but_not_counting(follow, command, why):
    (lead,) = follow(command)
    assert why in lead.why_not


@pytest.mark.parametrize(
    "command",
    [
        "uv run --directory sub pytest",
        "poetry -C sub run pytest",
        "conda run -n e --cwd sub pytest",
        "uv --directory sub run pytest",
    ],
)
def test_folders_of_wrappers(follow, command):
    (lead,) = follow(command, {"sub/test_a.py": ""})
    assert lead.selection.paths == ("sub",)


def test_environment_of_wrappers(follow):
    for command in (
        "env PYTEST_ADDOPTS='-m slow' pytest",
        "PYTEST_ADDOPTS='-m slow' pytest",
        "docker run -e PYTEST_ADDOPTS='-m slow' img pytest",
        "export PYTEST_ADDOPTS='-m slow'; pytest",
    ):
        (lead,) = follow(command)
        assert lead.selection.markexpr == "slow"


def test_layers_without_end_end(follow):
    assert follow("time " * 50 + "pytest") == []
